//! How much of a show is left.

use axum::{extract::State, response::Response};
use projections::views::AvailabilityView;

use super::hot::SeenHot;
use crate::{
    answer::{Conditions, For},
    app::QuerySide,
    extract::{AsOf, Needs, Params, Position, ShowName},
    openapi::PastProblems,
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
    params(("show" = String, Path, description = "Its id or slug"), AsOf),
    responses((status = OK, body = AvailabilityView), PastProblems)
)]
pub(super) async fn get_availability(
    State(app): State<QuerySide>,
    needs: Needs<may::GetAvailability>,
    ShowName(name): ShowName,
    position: Position,
    params: Params<AsOf>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let seen = SeenHot::find(&app, &needs.caller, &name, position).await?;
    if let Some(moment) = params.get()?.moment()? {
        let past = seen.past(&app, moment).await?;
        return conditions.json(past.stand.position, For::Caller, &past.availability());
    }
    let left = seen.state.availability(app.clock.now(), seen.audience())?.ok_or_else(Problem::not_found)?;
    Ok(conditions.kept(seen.state.position(), seen.caching(), &left).await)
}
