//! The places of a show, as adopted.

use axum::{extract::State, response::Response};
use projections::views::SeatingView;

use super::{NoParams, hot::SeenHot};
use crate::{
    answer::Conditions,
    app::QuerySide,
    extract::{Needs, Params, Position, ShowName},
    openapi::PublicProblems,
    permissions::may,
    problem::Problem,
};

/// The places
///
/// Sections with their rows of seats, or their capacity. Changes, and its tag, only when the seating does.
#[utoipa::path(
    get,
    path = "/shows/{show}/seating",
    tag = "Shows",
    security((), ("bearer" = []), ("session" = [])),
    params(("show" = String, Path, description = "Its id or slug")),
    responses((status = OK, body = SeatingView), PublicProblems)
)]
pub(super) async fn get_seating(
    State(app): State<QuerySide>,
    needs: Needs<may::GetSeating>,
    ShowName(name): ShowName,
    position: Position,
    params: Params<NoParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let seen = SeenHot::find(&app, &needs.caller, &name, position).await?;
    params.get()?;
    let seating = seen.state.seating(seen.audience()).await?;
    Ok(conditions.kept(seen.state.position(), seen.caching(), &seating).await)
}
