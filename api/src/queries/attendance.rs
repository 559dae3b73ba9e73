//! The figures of a show's door.

use axum::{extract::State, response::Response};
use projections::views::AttendanceView;

use super::{NoParams, SeenShow};
use crate::{
    answer::{Conditions, For},
    app::App,
    extract::{Needs, Params, Position, ShowName},
    openapi::StaffProblems,
    permissions::may,
    problem::Problem,
};

/// Who is in
///
/// Persons admitted, inside and departed, refusals and overrides: in all, by area, gate, minute and ticket type.
#[utoipa::path(
    get,
    path = "/shows/{show}/attendance",
    tag = "Door",
    params(("show" = String, Path, description = "Its id or slug")),
    responses((status = OK, body = AttendanceView), StaffProblems)
)]
pub(super) async fn get_attendance(
    State(app): State<App>,
    needs: Needs<may::GetAttendance>,
    ShowName(name): ShowName,
    position: Position,
    params: Params<NoParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let seen = SeenShow::find_own(&app, &needs.caller, &name, position).await?;
    params.get()?;
    let figures = app.queries.attendance(seen.organization, seen.id).await?;
    let view = figures.body.ok_or_else(Problem::not_found)?;
    conditions.json(figures.position, For::Caller, &view)
}
