//! Counts of people without tickets: CountPersons.

use axum::{extract::State, response::Response};
use commands::count_persons::{CountPersons, HeadCount};
use domain::{
    ValueError,
    door::Direction,
    text::{DoorName, Reason},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    answer::{CreatedAnswer, created, event},
    submit::{Asked, Request},
};
use crate::{
    app::CommandSide,
    extract::{Needs, ShowPath},
    openapi::CommandProblems,
    permissions::may,
    problem::Problem,
};

/// People without a ticket: crew, press, a school class at the side door.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CountPersonsBody {
    /// Where.
    #[schema(value_type = String, example = "main")]
    area: DoorName,
    /// Which way they go: `in` or `out`.
    #[schema(value_type = String, example = "in")]
    direction: Direction,
    /// How many.
    #[schema(value_type = u32, minimum = 1, maximum = 10_000, example = 4)]
    persons: PersonsField,
    /// Why; kept in the vault.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 1000)]
    reason: Option<Reason>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "u32")]
struct PersonsField(HeadCount);

impl TryFrom<u32> for PersonsField {
    type Error = ValueError;

    fn try_from(n: u32) -> Result<Self, ValueError> {
        HeadCount::try_from(n).map(Self)
    }
}

/// Count people without a ticket
///
/// They count for how many are inside, and for nothing else.
#[utoipa::path(
    post, path = "/shows/{show}/counts", tag = "Door", request_body = CountPersonsBody,
    params(("show" = Uuid, Path, description = "The show's id.")),
    responses(
        (status = 201, description = "They are counted.", body = CreatedAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn count_persons(
    State(app): State<CommandSide>,
    needs: Needs<may::CountPersons>,
    ShowPath(show): ShowPath,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = Request::new(&app, needs.caller, show, asked)?;
    let body: CountPersonsBody = request.body(None).await?;
    let mut typed = request.typed();
    let reason = body.reason.map(|reason| typed.text("count_reason", reason, None));
    let command = CountPersons { area: body.area, direction: body.direction, persons: body.persons.0, reason };
    let outcome = request.submit(command, typed.into_entries()).await?;
    Ok(created(&outcome, event!(&outcome, PersonsCounted)?.count.0))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_wrong_is_named_where_it_is() {
        for (field, value) in [("area", json!("")), ("direction", json!("up")), ("persons", json!(0))] {
            let mut body = json!({ "area": "main", "direction": "in", "persons": 1 });
            body[field] = value;
            let error = serde_path_to_error::deserialize::<_, CountPersonsBody>(body).unwrap_err();
            assert_eq!(error.path().to_string(), field);
        }
    }
}
