//! The figures of a show's door.

use axum::{extract::State, response::Response};
use projections::views::AttendanceView;

use super::SeenShow;
use crate::{
    answer::{Conditions, For},
    app::QuerySide,
    extract::{AsOf, Needs, Params, Position, ShowName},
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
    params(("show" = String, Path, description = "Its id or slug"), AsOf),
    responses((status = OK, body = AttendanceView), StaffProblems)
)]
pub(super) async fn get_attendance(
    State(app): State<QuerySide>,
    needs: Needs<may::GetAttendance>,
    ShowName(name): ShowName,
    position: Position,
    params: Params<AsOf>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let seen = SeenShow::find_own(&app, &needs.caller, &name, position).await?;
    if let Some(moment) = params.get()?.moment()? {
        let past = seen.past(&app, moment).await?;
        return conditions.json(past.stand.position, For::Caller, &past.attendance());
    }
    let figures = app.queries.attendance(seen.organization, seen.id).await?;
    let view = figures.body.ok_or_else(Problem::not_found)?;
    conditions.json(figures.position, For::Caller, &view)
}
