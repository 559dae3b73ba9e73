//! The door: CheckIn, one by one and in batches, and UndoCheckIn.
//!
//! A scan is one fact of its show, known by its own id whoever sends it and however often: the first recorded fact is
//! answered again. A refusal is an answer like any other. What a device decided alone is recorded as what happened.

mod answer;
pub(super) mod batch;
mod guessing;
mod say;
pub(super) mod scan;
mod scene;
mod shown;
pub(super) mod undo;

use axum::{extract::State, http::StatusCode, response::Response};
use domain::FieldError;

pub(crate) use self::guessing::register_metrics;

use self::{
    answer::{CheckInAnswer, answered},
    guessing::Guesses,
    scan::ScanBody,
    scene::Scene,
};
use super::{
    answer::answer as respond,
    submit::{Asked, Request},
};
use crate::{
    app::CommandSide,
    client_address::ClientAddress,
    extract::{Needs, ShowPath},
    openapi::CommandProblems,
    permissions::may,
    problem::Problem,
};

/// Look at a ticket
///
/// By its short code, its token or its id. Whoever may come in is admitted, everybody else refused, and both are
/// recorded; where the door's `codes` is `confirm`, a short code records nothing and answers `confirm`. `scan` stands in
/// for `Idempotency-Key`.
#[utoipa::path(
    post, path = "/shows/{show}/check-ins", tag = "Door", request_body = ScanBody,
    params(("show" = Uuid, Path, description = "The show's id.")),
    responses(
        (status = 200, description = "They are admitted or refused, or to be looked at first.", body = CheckInAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn check_in(
    State(app): State<CommandSide>,
    needs: Needs<may::CheckIn>,
    ShowPath(show): ShowPath,
    client: ClientAddress,
    asked: Asked,
) -> Result<Response, Problem> {
    let guesses = Guesses::of(&app, show, &needs.caller, client);
    let request = Request::new(&app, needs.caller, show, asked)?;
    let body: ScanBody = request.body(None).await?;
    let alone = match body.device {
        None => Ok(()),
        Some(_) => Err(vec![FieldError::at("/device", "is for batches, where one device sends for others")]),
    };
    request.valid(alone, None).await?;
    let presented = request.valid(body.presented(), None).await?;
    let look = request.judged(guesses.look(&presented, body.is_offline()), None).await?;
    let shown = shown::shown(&app, request.organization(), show, presented).await;
    let mut typed = request.typed();
    let command = body.into_command(shown, &*app.ids, &mut typed);
    let outcome = request.submit_scan(command, typed.into_entries()).await?;
    let told = guesses.judge(look, &outcome);
    let scene = Scene::of(&app, show, std::slice::from_ref(&outcome)).await;
    Ok(respond(StatusCode::OK, &outcome, answered(&outcome, &scene)?.told(told)))
}
