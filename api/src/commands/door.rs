//! The door's rules: SetDoor.

use axum::{extract::State, response::Response};
use commands::set_door::SetDoor;
use domain::{
    door::{Area, CodeRule, DoorRules, Gate, HolderRule, Per, Reentry},
    ids::TicketTypeId,
    place::SectionName,
    text::DoorName,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    answer::{DoneAnswer, done},
    submit::{Asked, Request},
};
use crate::{
    app::CommandSide,
    extract::{Needs, ShowPath},
    openapi::CommandProblems,
    permissions::may,
    problem::Problem,
};

/// The rules of a show's door, as a whole: what is left out has its default.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetDoorBody {
    /// Where tickets admit to; by default one area, `main`, with re-entry after an exit, counted over the show.
    #[serde(default)]
    areas: Option<Vec<AreaBody>>,
    /// Where tickets are looked at; by default none.
    #[serde(default)]
    gates: Option<Vec<GateBody>>,
    /// How long before `doors_at` people are let in, in seconds; by default 0.
    #[serde(default)]
    #[schema(maximum = 604_800)]
    opens_before_seconds: Option<u32>,
    /// What a short code does: `admit` (the default), `confirm` (show the ticket first) or `off`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "admit")]
    codes: Option<CodeRule>,
    /// How much of the holder's name the door sees: `none`, `initials` (the default) or `full`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "initials")]
    holder: Option<HolderRule>,
}

/// Where tickets admit to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AreaBody {
    /// Its name, unique in the show.
    #[schema(value_type = String, min_length = 1, max_length = 60, example = "main")]
    name: DoorName,
    /// The most people inside at once; by default no limit.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1_000_000)]
    limit: Option<u32>,
    /// Whether people may come back: `never`, `after_exit` (the default) or `always`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "after_exit")]
    reentry: Option<Reentry>,
    /// Over what entries are counted: the `show` (the default) or each `day`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "show")]
    per: Option<Per>,
}

/// Where tickets are looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GateBody {
    /// Its name, unique in the show.
    #[schema(value_type = String, min_length = 1, max_length = 60, example = "North")]
    name: DoorName,
    /// The area it leads to.
    #[schema(value_type = String, example = "main")]
    area: DoorName,
    /// The sections it serves; by default all.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, example = json!(null))]
    sections: Option<Vec<SectionName>>,
    /// The ticket types it serves; by default all.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Uuid>>, example = json!(null))]
    ticket_types: Option<Vec<TicketTypeId>>,
}

impl From<AreaBody> for Area {
    fn from(body: AreaBody) -> Self {
        Self {
            name: body.name,
            limit: body.limit,
            reentry: body.reentry.unwrap_or(Reentry::AfterExit),
            per: body.per.unwrap_or(Per::Show),
        }
    }
}

impl From<GateBody> for Gate {
    fn from(body: GateBody) -> Self {
        Self { name: body.name, area: body.area, sections: body.sections, ticket_types: body.ticket_types }
    }
}

impl From<SetDoorBody> for DoorRules {
    fn from(body: SetDoorBody) -> Self {
        let default = Self::default();
        Self {
            areas: body.areas.map_or(default.areas, |areas| areas.into_iter().map(Area::from).collect()),
            gates: body.gates.map_or(default.gates, |gates| gates.into_iter().map(Gate::from).collect()),
            opens_before_seconds: body.opens_before_seconds.unwrap_or(default.opens_before_seconds),
            codes: body.codes.unwrap_or(default.codes),
            holder: body.holder.unwrap_or(default.holder),
        }
    }
}

/// Give the door its rules
///
/// Areas, gates, re-entry, what a short code does and how much of a name is shown; as a whole.
#[utoipa::path(
    put, path = "/shows/{show}/door", tag = "Planning", request_body = SetDoorBody,
    params(("show" = Uuid, Path, description = "The show's id.")),
    responses(
        (status = 200, description = "It is set, or was so already.", body = DoneAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn set_door(
    State(app): State<CommandSide>,
    needs: Needs<may::SetDoor>,
    ShowPath(show): ShowPath,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = Request::new(&app, needs.caller, show, asked)?;
    let body: SetDoorBody = request.body(None).await?;
    Ok(done(&request.submit(SetDoor { rules: body.into() }, Vec::new()).await?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_left_out_has_its_default() {
        let body: SetDoorBody = serde_json::from_value(json!({})).unwrap();
        assert_eq!(DoorRules::from(body), DoorRules::default());
        let body = json!({ "areas": [{ "name": "pool", "reentry": "always" }], "codes": "confirm" });
        let rules = DoorRules::from(serde_json::from_value::<SetDoorBody>(body).unwrap());
        assert_eq!((rules.areas[0].reentry, rules.areas[0].per), (Reentry::Always, Per::Show));
        assert_eq!((rules.codes, rules.holder), (CodeRule::Confirm, HolderRule::Initials));
    }

    #[test]
    fn what_is_wrong_is_named_where_it_is() {
        for (body, path) in [
            (json!({ "areas": [{ "name": "" }] }), "areas[0].name"),
            (json!({ "gates": [{ "name": "North", "area": "main", "section": [] }] }), "gates[0].section"),
            (json!({ "opens_before_seconds": -1 }), "opens_before_seconds"),
            (json!({ "holder": "some" }), "holder"),
        ] {
            let error = serde_path_to_error::deserialize::<_, SetDoorBody>(body).unwrap_err();
            assert_eq!(error.path().to_string(), path);
        }
    }
}
