//! UndoCheckIn: an admission or exit is taken back.

use axum::{extract::State, response::Response};
use commands::{desk::Resource, undo_check_in::UndoCheckIn};
use domain::ids::{ScanId, ShowId};

use crate::{
    app::CommandSide,
    commands::{
        answer::{DoneAnswer, done},
        people::ReasonBody,
        submit::{Asked, Request},
    },
    extract::{Needs, PathIds},
    openapi::CommandProblems,
    permissions::may,
    problem::Problem,
};

/// Take a check-in back
///
/// The device that made it may within 15 minutes, a manager always. The scan stays in the history.
#[utoipa::path(
    post, path = "/shows/{show}/check-ins/{scan}/undo", tag = "Door", request_body = ReasonBody,
    params(
        ("show" = Uuid, Path, description = "The show's id."),
        ("scan" = Uuid, Path, description = "The scan's id."),
    ),
    responses(
        (status = 200, description = "It is taken back.", body = DoneAnswer),
        CommandProblems,
    ),
)]
pub(crate) async fn undo_check_in(
    State(app): State<CommandSide>,
    needs: Needs<may::UndoCheckIn>,
    PathIds((show, scan)): PathIds<(ShowId, ScanId)>,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = Request::new(&app, needs.caller, show, asked)?;
    let body: ReasonBody = request.body(Some(Resource::Scan(scan))).await?;
    let mut typed = request.typed();
    let reason = typed.text("undo_reason", body.reason, None);
    Ok(done(&request.submit(UndoCheckIn { scan, reason: Some(reason) }, typed.into_entries()).await?))
}
