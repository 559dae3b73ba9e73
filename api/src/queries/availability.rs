//! How much of a show is left.

use axum::{extract::State, response::Response};
use projections::views::AvailabilityView;

use super::{NoParams, SeenShow};
use crate::{
    answer::Conditions,
    app::App,
    extract::{Needs, Params, Position, ShowName},
    openapi::PublicProblems,
    permissions::may,
    problem::Problem,
};

/// What is left
///
/// By ticket type and section, as a level: `plenty`, `few` or `none`. Staff also see numbers; to others they are null.
#[utoipa::path(
    get,
    path = "/shows/{show}/availability",
    tag = "Shows",
    security((), ("bearer" = []), ("session" = [])),
    params(("show" = String, Path, description = "Its id or slug")),
    responses((status = OK, body = AvailabilityView), PublicProblems)
)]
pub(super) async fn get_availability(
    State(app): State<App>,
    needs: Needs<may::GetAvailability>,
    ShowName(name): ShowName,
    position: Position,
    params: Params<NoParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let seen = SeenShow::find(&app, &needs.caller, &name, position).await?;
    params.get()?;
    let left = app.queries.availability(seen.organization, seen.id, app.clock.now(), seen.audience()).await?;
    let view = left.body.ok_or_else(Problem::not_found)?;
    conditions.json(left.position, seen.caching(), &view)
}
