//! Forgetting somebody: ErasePerson.

use axum::{extract::State, http::StatusCode, response::Response};
use commands::organization::erase_person::ErasePerson;
use domain::ids::{PersonId, TextId};
use projections::QueryError;

use super::{Asked, DoneAnswer, OrganizationRequest, organization_answer, people::ReasonBody, typed};
use crate::{
    app::CommandSide,
    extract::{Needs, PathIds},
    openapi::CommandProblems,
    permissions::may,
    problem::Problem,
};

/// Erase a person
///
/// Their name and addresses, and what was typed about them, are gone; the history keeps an id that says nothing. A member is
/// removed first: 409 `still_a_member`.
#[utoipa::path(
    post, path = "/people/{person}/erase", tag = "Privacy", request_body = ReasonBody,
    params(("person" = Uuid, Path, description = "The person's id, as in the history.")),
    responses(
        (status = 200, description = "They are erased.", body = DoneAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn erase_person(
    State(app): State<CommandSide>,
    needs: Needs<may::ErasePerson>,
    PathIds(person): PathIds<PersonId>,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = OrganizationRequest::new(&app, needs.caller, asked)?;
    let known = app.vault.of_person(request.organization().0, person.0).await;
    let (row, texts) = known.map_err(QueryError::from)?;
    let known = row.is_some() || !texts.is_empty();
    let reason = match request.body::<ReasonBody>() {
        Ok(body) => body.reason,
        Err(problem) => return Err(if known { problem } else { Problem::not_found() }),
    };
    let text = TextId(app.ids.next());
    let vault = vec![typed(text.0, "erasure_reason", reason)];
    let command = ErasePerson { person, known, reason: Some(text) };
    let outcome = request.submit(command, vault, Vec::new()).await?;
    Ok(organization_answer(StatusCode::OK, &outcome, DoneAnswer::default()))
}
