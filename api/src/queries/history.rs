//! The history: what happened, event by event, up to what the read side has reached.

use axum::{extract::State, response::Response};
use identity::{Caller, Need};
use projections::queries::{HistoryFilter, HistoryItem, List};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::{NoParams, changes::After, page};
use crate::{
    answer::{Conditions, For},
    app::QuerySide,
    extract::{Cursor, Limit, Moment, Needs, Params, PathIds, Position, SearchText},
    openapi::StaffProblems,
    permissions::may,
    problem::Problem,
};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct HistoryParams {
    /// Of this show's stream alone, by its id.
    show: Option<Uuid>,
    /// Of this stream: a show's or an organization's id.
    stream: Option<Uuid>,
    /// Of this type, such as `TicketIssued`.
    #[serde(rename = "type")]
    #[param(rename = "type", value_type = Option<String>)]
    event_type: Option<SearchText>,
    /// Of this actor.
    #[param(value_type = Option<String>)]
    actor: Option<SearchText>,
    /// Of this device.
    device: Option<Uuid>,
    /// That name this person.
    person: Option<Uuid>,
    /// That follow from one request.
    correlation: Option<Uuid>,
    /// Behind this position.
    #[param(value_type = Option<i64>, minimum = 0)]
    after: Option<After>,
    /// Before this position.
    #[param(value_type = Option<i64>, minimum = 0)]
    before: Option<After>,
    /// Recorded then or later.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Moment>,
    /// Recorded before.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Moment>,
    /// At most so many items.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50)]
    limit: Limit,
    /// The `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
}

/// The history
///
/// Events of the caller's organization, ascending by position; for a key that is bound to shows, of those. Short codes of valid tickets are masked for all but managers.
#[utoipa::path(
    get,
    path = "/history",
    tag = "History",
    params(HistoryParams),
    responses((status = OK, body = List<HistoryItem>), StaffProblems)
)]
pub(super) async fn list_history(
    State(app): State<QuerySide>,
    needs: Needs<may::ListHistory>,
    _: Position,
    params: Params<HistoryParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let params = params.get()?;
    let reader = Reader::of(&needs.caller)?;
    let page = page(params.limit, params.cursor);
    let filter = HistoryFilter {
        show: params.show,
        stream: params.stream,
        event_type: params.event_type.map(|text| text.0),
        actor: params.actor.map(|text| text.0),
        device: params.device,
        person: params.person,
        correlation: params.correlation,
        after: params.after.map(|after| after.0),
        before: params.before.map(|before| before.0),
        from: params.from.map(|from| from.0),
        to: params.to.map(|to| to.0),
        reach: reader.reach,
    };
    let events = app.queries.history(reader.organization, &filter, reader.unmask, &page).await?;
    conditions.json(events.position, For::Caller, &events.body)
}

/// An event
///
/// By its position in the log.
#[utoipa::path(
    get,
    path = "/history/{position}",
    tag = "History",
    params(("position" = i64, Path, description = "Its number in the log, from 1")),
    responses((status = OK, body = HistoryItem), StaffProblems)
)]
pub(super) async fn get_history_event(
    State(app): State<QuerySide>,
    needs: Needs<may::GetHistoryEvent>,
    PathIds(number): PathIds<i64>,
    _: Position,
    params: Params<NoParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let reader = Reader::of(&needs.caller)?;
    let reach = reader.reach.as_deref();
    let event = app.queries.history_event(reader.organization, number, reach, reader.unmask).await?;
    let item = event.body.ok_or_else(Problem::not_found)?;
    params.get()?;
    conditions.json(event.position, For::Caller, &item)
}

/// What somebody may read.
pub(super) struct Reader {
    /// Whose history.
    pub(super) organization: Uuid,
    /// The shows that their credential is bound to.
    pub(super) reach: Option<Vec<Uuid>>,
    /// Whether with live codes.
    pub(super) unmask: bool,
}

impl Reader {
    /// The caller as one.
    pub(super) fn of(caller: &Caller) -> Result<Self, Problem> {
        let staff = caller.staff().ok_or_else(Problem::not_found)?;
        Ok(Self {
            organization: staff.organization,
            reach: staff.shows.clone(),
            unmask: Need::Manager.allows(staff.role),
        })
    }
}
