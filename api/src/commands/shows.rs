//! Planning a show: ScheduleShow, ReviseShow, RescheduleShow.

use axum::{extract::State, http::StatusCode, response::Response};
use commands::{
    Change, nested_change::VenueChange, reschedule_show::RescheduleShow, revise_show::ReviseShow,
    schedule_show::ScheduleShow,
};
use domain::{
    codes::CodeLength,
    events::{Schedule, Venue},
    ids::ShowId,
    money::Currency,
    organization::Settings,
    text::{Address, Description, Name},
    time::{Time, Zone},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    answer::{DoneAnswer, answer, done, event},
    coordinates::{Latitude, Longitude},
    merge_patch,
    moment::{Moment, SalesBody, SalesPatch},
    submit::{Asked, Request},
};
use crate::{
    app::CommandSide,
    extract::{Needs, ShowPath},
    openapi::CommandProblems,
    permissions::may,
    problem::Problem,
};

/// A show to be planned.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ScheduleShowBody {
    /// What visitors call it.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "Spring Cup")]
    name: Name,
    /// What it says of itself; may be empty, and have several lines.
    #[schema(value_type = String, max_length = 20_000, example = "The final, with live music.")]
    description: Description,
    /// Where.
    venue: VenueBody,
    /// The IANA time zone of its clock and calendar; by default that of the organization's settings.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Europe/Berlin")]
    timezone: Option<Zone>,
    /// When people are let in; by default nobody is too early.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    doors_at: Option<Moment>,
    /// When it starts.
    #[schema(value_type = String, format = DateTime, example = "2041-05-04T18:00:00Z")]
    starts_at: Moment,
    /// When it ends.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Moment>,
    /// ISO 4217; the currency of all its money; by default that of the organization's settings.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "EUR")]
    currency: Option<Currency>,
    /// When it is sold.
    #[serde(default)]
    sales: Option<SalesBody>,
    /// How long a hold lasts, in seconds; by default as the organization's settings say (900).
    #[serde(default)]
    hold_seconds: Option<u32>,
    /// How long an order waits for its payment, in seconds; by default as the organization's settings say (86,400).
    #[serde(default)]
    pay_within_seconds: Option<u32>,
    /// How many digits its short codes have; left out: as the organization's settings say; null: as few as leave nine codes
    /// in ten unused.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<u8>, minimum = 3, maximum = 8)]
    code_length: Change<CodeLength>,
}

/// Where a show takes place.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VenueBody {
    /// What people call it.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "Riethsporthalle")]
    name: Name,
    /// Its postal address; may be empty, and have several lines.
    #[schema(value_type = String, max_length = 1000, example = "Essener Straße 20, 99089 Erfurt")]
    address: Address,
    /// North of the equator, in degrees.
    #[serde(default)]
    #[schema(value_type = Option<f64>, minimum = -90, maximum = 90)]
    latitude: Option<Latitude>,
    /// East of Greenwich, in degrees.
    #[serde(default)]
    #[schema(value_type = Option<f64>, minimum = -180, maximum = 180)]
    longitude: Option<Longitude>,
}

impl From<VenueBody> for Venue {
    fn from(body: VenueBody) -> Self {
        Self {
            name: body.name,
            address: body.address,
            latitude_e7: body.latitude.map(|latitude| latitude.0),
            longitude_e7: body.longitude.map(|longitude| longitude.0),
        }
    }
}

/// What changes of a venue.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VenuePatch {
    /// What people call it; not null.
    #[serde(default, deserialize_with = "merge_patch::value")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    name: Option<Name>,
    /// Its postal address; not null.
    #[serde(default, deserialize_with = "merge_patch::value")]
    #[schema(value_type = Option<String>, max_length = 1000)]
    address: Option<Address>,
    /// North of the equator, in degrees; null: unknown.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<f64>, minimum = -90, maximum = 90)]
    latitude: Change<Latitude>,
    /// East of Greenwich, in degrees; null: unknown.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<f64>, minimum = -180, maximum = 180)]
    longitude: Change<Longitude>,
}

impl From<VenuePatch> for VenueChange {
    fn from(patch: VenuePatch) -> Self {
        Self {
            name: patch.name,
            address: patch.address,
            latitude_e7: merge_patch::map(patch.latitude, |latitude| latitude.0),
            longitude_e7: merge_patch::map(patch.longitude, |longitude| longitude.0),
        }
    }
}

/// What changes of a show; what is left out stays, null sets back to the default.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReviseShowBody {
    /// Its name; not null.
    #[serde(default, deserialize_with = "merge_patch::value")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    name: Option<Name>,
    /// What it says of itself; null: nothing.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<String>, max_length = 20_000)]
    description: Change<Description>,
    /// Where; not null.
    #[serde(default, deserialize_with = "merge_patch::value")]
    #[schema(value_type = Option<VenuePatch>)]
    venue: Option<VenuePatch>,
    /// When it is sold; null: from publication to its end.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<SalesPatch>)]
    sales: Change<SalesPatch>,
    /// How long a hold lasts, in seconds; null: as the organization's settings say.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<u32>)]
    hold_seconds: Change<u32>,
    /// How long an order waits for its payment, in seconds; null: as the organization's settings say.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<u32>)]
    pay_within_seconds: Change<u32>,
}

/// When a show takes place, as a whole.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RescheduleShowBody {
    /// When it starts.
    #[schema(value_type = String, format = DateTime)]
    starts_at: Moment,
    /// When people are let in; left out: nobody is too early.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    doors_at: Option<Moment>,
    /// When it ends.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Moment>,
}

/// A show that was planned.
#[derive(Debug, Serialize, ToSchema)]
struct ShowScheduledAnswer {
    /// Its id, which commands take.
    id: Uuid,
    /// The readable part of its address.
    #[schema(example = "spring-cup-k7q2m")]
    slug: String,
}

impl ScheduleShowBody {
    /// The command; what is not said, the organization has settled.
    fn into_command(self, show: ShowId, settings: &Settings) -> ScheduleShow {
        ScheduleShow {
            show,
            name: self.name,
            description: self.description,
            venue: self.venue.into(),
            timezone: self.timezone.unwrap_or(settings.timezone),
            schedule: schedule(self.starts_at, self.doors_at, self.ends_at),
            currency: self.currency.unwrap_or(settings.currency),
            sales: self.sales.unwrap_or_default().into(),
            hold_seconds: self.hold_seconds.unwrap_or(settings.hold_seconds),
            pay_within_seconds: self.pay_within_seconds.unwrap_or(settings.pay_within_seconds),
            code_length: self.code_length.apply_optional(settings.code_length),
            door: settings.door.rules(),
        }
    }
}

fn schedule(starts_at: Moment, doors_at: Option<Moment>, ends_at: Option<Moment>) -> Schedule {
    Schedule { starts_at: starts_at.into(), doors_at: doors_at.map(Time::from), ends_at: ends_at.map(Time::from) }
}

/// Plan a show
///
/// It is a draft, and visitors see nothing of it, until it is published.
#[utoipa::path(
    post, path = "/shows", tag = "Planning", request_body = ScheduleShowBody,
    responses(
        (status = 201, description = "It is planned.", body = ShowScheduledAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn schedule_show(
    State(app): State<CommandSide>,
    needs: Needs<may::ScheduleShow>,
    asked: Asked,
) -> Result<Response, Problem> {
    asked.without_parameters()?;
    let key = asked.key(&needs.caller)?;
    let body: ScheduleShowBody = asked.body()?;
    let show = match key {
        // The same request again has to reach the same stream, whatever became of the first.
        Some(key) => stream_of(asked.identity(&app, &needs.caller, Some(key)).0),
        None => ShowId(app.ids.next()),
    };
    let request = Request::new(&app, needs.caller, show, asked)?;
    let command = body.into_command(show, &request.settings().await?);
    let outcome = request.submit(command, Vec::new()).await?;
    let scheduled = event!(&outcome, ShowScheduled)?;
    let body = ShowScheduledAnswer { id: scheduled.show.0, slug: scheduled.slug.as_str().to_owned() };
    Ok(answer(StatusCode::CREATED, &outcome, body))
}

/// The show that a command with this id makes: the same bits, as a version 7.
fn stream_of(command: Uuid) -> ShowId {
    ShowId(uuid::Builder::from_bytes(command.into_bytes()).with_version(uuid::Version::SortRand).into_uuid())
}

/// Change what a show says of itself
///
/// A JSON merge patch (RFC 7396).
#[utoipa::path(
    patch, path = "/shows/{show}", tag = "Planning", request_body = ReviseShowBody,
    params(("show" = Uuid, Path, description = "The show's id.")),
    responses(
        (status = 200, description = "It is changed, or was so already.", body = DoneAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn revise_show(
    State(app): State<CommandSide>,
    needs: Needs<may::ReviseShow>,
    ShowPath(show): ShowPath,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = Request::new(&app, needs.caller, show, asked)?;
    let body: ReviseShowBody = request.body(None).await?;
    let sets_back = body.hold_seconds == Change::Clear || body.pay_within_seconds == Change::Clear;
    let settings = if sets_back { Some(request.settings().await?) } else { None };
    let settled = |change, of: fn(&Settings) -> u32| match (change, &settings) {
        (Change::Clear, Some(settings)) => Change::Set(of(settings)),
        (change, _) => change,
    };
    let command = ReviseShow {
        name: body.name,
        description: body.description,
        venue: body.venue.map(Into::into),
        sales: merge_patch::map(body.sales, Into::into),
        hold_seconds: settled(body.hold_seconds, |settings| settings.hold_seconds),
        pay_within_seconds: settled(body.pay_within_seconds, |settings| settings.pay_within_seconds),
    };
    Ok(done(&request.submit(command, Vec::new()).await?))
}

/// Let a show take place at another time
///
/// Its tickets stay valid. The schedule is set as a whole: what is left out is no more.
#[utoipa::path(
    post, path = "/shows/{show}/reschedule", tag = "Planning", request_body = RescheduleShowBody,
    params(("show" = Uuid, Path, description = "The show's id.")),
    responses(
        (status = 200, description = "It is rescheduled.", body = DoneAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn reschedule_show(
    State(app): State<CommandSide>,
    needs: Needs<may::RescheduleShow>,
    ShowPath(show): ShowPath,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = Request::new(&app, needs.caller, show, asked)?;
    let body: RescheduleShowBody = request.body(None).await?;
    let command = RescheduleShow { schedule: schedule(body.starts_at, body.doors_at, body.ends_at) };
    Ok(done(&request.submit(command, Vec::new()).await?))
}

#[cfg(test)]
#[expect(clippy::needless_pass_by_value, reason = "`json!` makes values")]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn wrong(more: Value) -> String {
        let mut body = json!({
            "name": "Cup", "description": "", "venue": { "name": "Hall", "address": "" },
            "timezone": "Europe/Berlin", "starts_at": "2041-05-04T20:00:00+02:00", "currency": "EUR",
        });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_path_to_error::deserialize::<_, ScheduleShowBody>(body)
            .map_or_else(|error| error.path().to_string(), |_| "nothing".to_owned())
    }

    #[test]
    fn what_is_wrong_is_named_where_it_is() {
        for (more, path) in [
            (json!({}), "nothing"),
            (json!({ "doors_at": null, "sales": null, "code_length": null }), "nothing"),
            (json!({ "name": "" }), "name"),
            (json!({ "timezone": "Europe/Nowhere" }), "timezone"),
            (json!({ "starts_at": "tomorrow" }), "starts_at"),
            (json!({ "code_length": 9 }), "code_length"),
            (json!({ "hold_seconds": -1 }), "hold_seconds"),
            (json!({ "sales": { "opens": "2041-05-04T18:00:00Z" } }), "sales.opens"),
            (json!({ "venue": { "name": "Hall", "address": "", "latitude": 91 } }), "venue.latitude"),
            (json!({ "pay_within_second": 60 }), "pay_within_second"),
        ] {
            assert_eq!(wrong(more.clone()), path, "{more}");
        }
    }

    #[test]
    fn null_clears_what_has_a_default_and_is_wrong_elsewhere() {
        let body: ReviseShowBody = serde_json::from_value(json!({ "hold_seconds": null, "sales": {} })).unwrap();
        assert_eq!((body.hold_seconds, body.sales), (Change::Clear, Change::Set(SalesPatch::default())));
        assert_eq!((body.name, body.description), (None, Change::Keep));
        for field in ["name", "venue"] {
            assert!(serde_json::from_value::<ReviseShowBody>(json!({ field: null })).is_err(), "{field}");
        }
    }

    #[test]
    fn a_command_makes_the_same_show_each_time() {
        let command = Uuid::new_v8([0xab; 16]);
        let show = stream_of(command);
        assert_eq!(show, stream_of(command));
        assert_eq!(show.0.get_version_num(), 7);
    }
}
