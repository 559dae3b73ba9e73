//! What the organization has settled.

use axum::{extract::State, response::Response};
use projections::views::SettingsView;

use super::NoParams;
use crate::{
    answer::{Conditions, For},
    app::QuerySide,
    extract::{Needs, Params, Position},
    openapi::StaffProblems,
    permissions::may,
    problem::Problem,
};

/// The settings
///
/// What new shows and ticket types begin with, how long people are known, and what visitors may see and have open. Their
/// history is `GET /history?type=SettingsChanged`.
#[utoipa::path(
    get,
    path = "/settings",
    tag = "Organization",
    responses((status = OK, body = SettingsView), StaffProblems)
)]
pub(super) async fn get_settings(
    State(app): State<QuerySide>,
    needs: Needs<may::GetSettings>,
    _: Position,
    params: Params<NoParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    params.get()?;
    let staff = needs.caller.staff().ok_or_else(Problem::not_found)?;
    let settings = app.queries.settings(staff.organization).await?;
    let view = settings.body.ok_or_else(Problem::not_found)?;
    conditions.json(settings.position, For::Caller, &view)
}
