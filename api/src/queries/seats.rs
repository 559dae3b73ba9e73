//! Which seats are not free.

use axum::{extract::State, response::Response};
use identity::{Caller, Link};
use projections::{queries::Mine, views::SeatsView};

use super::hot::SeenHot;
use crate::{
    answer::{Conditions, For},
    app::QuerySide,
    extract::{AsOf, Needs, Params, Position, ShowName},
    openapi::PastProblems,
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
    params(("show" = String, Path, description = "Its id or slug"), AsOf),
    responses((status = OK, body = SeatsView), PastProblems)
)]
pub(super) async fn get_seats(
    State(app): State<QuerySide>,
    needs: Needs<may::GetSeats>,
    ShowName(name): ShowName,
    position: Position,
    params: Params<AsOf>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let seen = SeenHot::find(&app, &needs.caller, &name, position).await?;
    if let Some(moment) = params.get()?.moment()? {
        let past = seen.past(&app, moment).await?;
        return conditions.json(past.stand.position, For::Caller, &past.seats());
    }
    let mine = match needs.caller {
        Caller::Link(Link::Hold(hold)) => Mine::Hold(hold),
        Caller::Link(Link::Order(order)) => Mine::Order(order),
        Caller::Anonymous | Caller::Staff(_) => {
            let (position, seats) = seen.state.seats(seen.audience()).await?;
            return Ok(conditions.kept(position, seen.caching(), &seats).await);
        }
    };
    let (position, seats) = seen.state.seats_of(mine, seen.audience()).await?;
    Ok(conditions.answer(Some(position), For::Caller, "application/json", seats))
}
