//! Which seats are not free.

use axum::{extract::State, response::Response};
use identity::{Caller, Link};
use projections::{queries::Mine, views::SeatsView};

use super::{NoParams, SeenShow};
use crate::{
    answer::{Conditions, For},
    app::App,
    extract::{Needs, Params, Position, ShowName},
    openapi::PublicProblems,
    permissions::may,
    problem::Problem,
};

/// Which seats are not free
///
/// To the public they are `taken`; staff see whether they are held, sold or blocked. With the secret of a hold or an order,
/// `mine` are its own.
#[utoipa::path(
    get,
    path = "/shows/{show}/seats",
    tag = "Shows",
    security((), ("bearer" = []), ("session" = [])),
    params(("show" = String, Path, description = "Its id or slug")),
    responses((status = OK, body = SeatsView), PublicProblems)
)]
pub(super) async fn get_seats(
    State(app): State<App>,
    needs: Needs<may::GetSeats>,
    ShowName(name): ShowName,
    position: Position,
    params: Params<NoParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let seen = SeenShow::find(&app, &needs.caller, &name, position).await?;
    params.get()?;
    let mine = match needs.caller {
        Caller::Link(Link::Hold(hold)) => Some(Mine::Hold(hold)),
        Caller::Link(Link::Order(order)) => Some(Mine::Order(order)),
        Caller::Anonymous | Caller::Staff(_) => None,
    };
    let caching = if mine.is_some() { For::Caller } else { seen.caching() };
    let seats = app.queries.seats(seen.organization, seen.id, mine, seen.audience()).await?;
    conditions.json(seats.position, caching, &seats.body)
}
