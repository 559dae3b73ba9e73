//! Holds: HoldPlaces, ChangeHold, ExtendHold, ReleaseHold.

use axum::{extract::State, http::StatusCode, response::Response};
use chrono::{DateTime, Utc};
use commands::{
    change_hold::ChangeHold, desk::Resource, extend_hold::ExtendHold, hold_places::HoldPlaces,
    release_hold::ReleaseHold,
};
use domain::{
    ShowEvent,
    events::HoldItem,
    ids::{HoldId, ItemId, ShowId},
    money::Currency,
};
use identity::{Caller, Link};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    answer::{answer, event, gone, seat},
    items::{self, ItemBody},
    open_holds::{self, Wanted, persons},
    sales::EmptyBody,
    submit::{Asked, Request},
};
use crate::{
    app::CommandSide,
    client_address::ClientAddress,
    extract::{Needs, PathIds, ShowPath},
    money::Money,
    openapi::CommandProblems,
    permissions::may,
    problem::Problem,
};

/// What somebody wants to be kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HoldPlacesBody {
    /// Tickets of one type each.
    items: Vec<ItemBody>,
}

/// What changes of a hold, all or nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeHoldBody {
    /// What it shall keep as well.
    #[serde(default)]
    add: Option<Vec<ItemBody>>,
    /// Items, by their ids, that it shall keep no longer.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Uuid>>)]
    remove: Option<Vec<ItemId>>,
}

/// Places that are kept.
#[derive(Debug, Serialize, ToSchema)]
struct HoldAnswer {
    /// The hold.
    id: Uuid,
    /// Opens it: a bearer token for whoever asked.
    secret: String,
    /// When it ends by itself.
    expires_at: DateTime<Utc>,
    /// What it keeps.
    items: Vec<HoldItemAnswer>,
    /// The sum of the prices.
    total: Money,
}

/// What one future ticket takes.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
struct HoldItemAnswer {
    /// Its id, which the order's line keeps.
    id: Uuid,
    /// What is bought.
    ticket_type: Uuid,
    /// Its seat; null where people stand.
    #[schema(example = "Block A-3-12")]
    seat: Option<String>,
    /// The seat's category.
    category: Option<String>,
    /// What it costs, tax included; fixed from here on.
    price: Money,
}

/// What changed of a hold. Its end stays, and items that are named nowhere here stay as they were.
#[derive(Debug, Serialize, ToSchema)]
struct HoldChangedAnswer {
    /// The hold.
    id: Uuid,
    /// What it keeps as well.
    added: Vec<HoldItemAnswer>,
    /// Items that it keeps no longer.
    removed: Vec<Uuid>,
    /// The sum of its prices now; null where nothing changed.
    total: Option<Money>,
}

/// A hold that ends later.
#[derive(Debug, Serialize, ToSchema)]
struct HoldExtendedAnswer {
    /// When it ends now.
    expires_at: DateTime<Utc>,
}

fn item(item: &HoldItem, currency: Currency) -> HoldItemAnswer {
    HoldItemAnswer {
        id: item.id.0,
        ticket_type: item.ticket_type.0,
        seat: seat(&item.places),
        category: item.category.as_ref().map(ToString::to_string),
        price: Money::new(item.price, currency),
    }
}

/// Keep places for a few minutes
///
/// Anybody may, at today's prices. A `quantity` of a seated type takes the best adjoining seats.
#[utoipa::path(
    post, path = "/shows/{show}/holds", tag = "Selling", request_body = HoldPlacesBody,
    params(("show" = Uuid, Path, description = "The show's id.")),
    responses(
        (status = 201, description = "They are kept.", body = HoldAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn hold_places(
    State(app): State<CommandSide>,
    needs: Needs<may::HoldPlaces>,
    ShowPath(show): ShowPath,
    client: ClientAddress,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = Request::of_anybody(&app, needs.caller, show, asked).await?;
    let body: HoldPlacesBody = request.body(None).await?;
    may_sell_from_blocks(&request, &body.items)?;
    let items = request.valid(items::requests(body.items, "/items"), None).await?;
    let room = open_holds::room(&app, &request, client, Wanted::Hold(&items)).await?;
    let outcome = request.submit(HoldPlaces { items }, Vec::new()).await?;
    let placed = event!(&outcome, HoldPlaced)?;
    if let Some(room) = room {
        room.placed(placed.hold, persons(&placed.items));
    }
    let body = HoldAnswer {
        id: placed.hold.0,
        secret: app.links.issue(Link::Hold(placed.hold.0)),
        expires_at: placed.expires_at,
        items: placed.items.iter().map(|kept| item(kept, outcome.currency)).collect(),
        total: Money::new(placed.total, outcome.currency),
    };
    Ok(answer(StatusCode::CREATED, &outcome, body))
}

/// Change what a hold keeps
///
/// Adds places and takes others out, all or nothing. For whoever has its secret, and staff.
#[utoipa::path(
    patch, path = "/shows/{show}/holds/{hold}", tag = "Selling", request_body = ChangeHoldBody,
    params(
        ("show" = Uuid, Path, description = "The show's id."),
        ("hold" = Uuid, Path, description = "The hold's id."),
    ),
    responses(
        (status = 200, description = "It is changed.", body = HoldChangedAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn change_hold(
    State(app): State<CommandSide>,
    needs: Needs<may::ChangeHold>,
    PathIds((show, hold)): PathIds<(ShowId, HoldId)>,
    client: ClientAddress,
    asked: Asked,
) -> Result<Response, Problem> {
    opens(&needs.caller, hold)?;
    let request = Request::new(&app, needs.caller, show, asked)?;
    let named = Some(Resource::Hold(hold));
    let body: ChangeHoldBody = request.body(named).await?;
    let add = body.add.unwrap_or_default();
    may_sell_from_blocks(&request, &add)?;
    let add = request.valid(items::requests(add, "/add"), named).await?;
    let more = request.judged(open_holds::room(&app, &request, client, Wanted::More(&add)).await, named).await?;
    let outcome = request.submit(ChangeHold { hold, add, remove: body.remove.unwrap_or_default() }, Vec::new()).await?;
    let changed = outcome.events.iter().find_map(|event| match event {
        ShowEvent::HoldChanged(event) => Some(event),
        _ => None,
    });
    if let (Some(more), Some(changed)) = (more, changed) {
        more.added(hold, persons(&changed.added));
    }
    let body = HoldChangedAnswer {
        id: hold.0,
        added: changed.map_or(&[][..], |changed| &changed.added).iter().map(|i| item(i, outcome.currency)).collect(),
        removed: changed.map_or(&[][..], |changed| &changed.removed).iter().map(|i| i.id.0).collect(),
        total: changed.map(|changed| Money::new(changed.total, outcome.currency)),
    };
    Ok(answer(StatusCode::OK, &outcome, body))
}

/// Keep a hold's places longer
///
/// Once, by as long as a hold lasts. For whoever has its secret, and staff.
#[utoipa::path(
    post, path = "/shows/{show}/holds/{hold}/extend", tag = "Selling", request_body = Option<EmptyBody>,
    params(
        ("show" = Uuid, Path, description = "The show's id."),
        ("hold" = Uuid, Path, description = "The hold's id."),
    ),
    responses(
        (status = 200, description = "It ends later.", body = HoldExtendedAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn extend_hold(
    State(app): State<CommandSide>,
    needs: Needs<may::ExtendHold>,
    PathIds((show, hold)): PathIds<(ShowId, HoldId)>,
    asked: Asked,
) -> Result<Response, Problem> {
    opens(&needs.caller, hold)?;
    let request = Request::new(&app, needs.caller, show, asked)?;
    let EmptyBody {} = request.body_or_default(Some(Resource::Hold(hold))).await?;
    let outcome = request.submit(ExtendHold { hold }, Vec::new()).await?;
    let body = HoldExtendedAnswer { expires_at: event!(&outcome, HoldExtended)?.expires_at };
    Ok(answer(StatusCode::OK, &outcome, body))
}

/// Give a hold's places back
///
/// Before it runs out. For whoever has its secret, and staff.
#[utoipa::path(
    delete, path = "/shows/{show}/holds/{hold}", tag = "Selling",
    params(
        ("show" = Uuid, Path, description = "The show's id."),
        ("hold" = Uuid, Path, description = "The hold's id."),
    ),
    responses(
        (status = 204, description = "They are free, or were so already."),
        CommandProblems,
    ),
)]
pub(super) async fn release_hold(
    State(app): State<CommandSide>,
    needs: Needs<may::ReleaseHold>,
    PathIds((show, hold)): PathIds<(ShowId, HoldId)>,
    asked: Asked,
) -> Result<Response, Problem> {
    opens(&needs.caller, hold)?;
    let request = Request::new(&app, needs.caller, show, asked)?;
    let EmptyBody {} = request.body_or_default(Some(Resource::Hold(hold))).await?;
    Ok(gone(&request.submit(ReleaseHold { hold }, Vec::new()).await?))
}

/// Whoever comes with a secret has to have this hold's.
pub(super) fn opens(caller: &Caller, hold: HoldId) -> Result<(), Problem> {
    if caller.staff().is_some() || caller.opens(Link::Hold(hold.0)) { Ok(()) } else { Err(another()) }
}

/// To whoever has the secret of something else.
pub(super) fn another() -> Problem {
    Problem::forbidden("This secret opens another hold or order; use the one that came with this hold.")
}

/// Blocked places are for staff to sell.
pub(super) fn may_sell_from_blocks(request: &Request<'_>, items: &[ItemBody]) -> Result<(), Problem> {
    if request.is_staff() || !items::from_a_block(items) {
        Ok(())
    } else {
        Err(Problem::forbidden("Only staff sell places out of a block; leave from_block out."))
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        ids::TicketTypeId,
        money::Amount,
        place::{Place, SeatAddress, SectionName},
    };
    use serde_json::json;

    use super::*;

    #[test]
    fn an_item_shows_its_seat_its_category_and_its_price() {
        let places = vec![Place::seat(
            SectionName::try_from("Stalls".to_owned()).unwrap(),
            SeatAddress::try_from("Stalls-1-2".to_owned()).unwrap(),
        )];
        let kept = HoldItem {
            id: ItemId(Uuid::from_u128(1)),
            ticket_type: TicketTypeId(Uuid::from_u128(2)),
            places,
            category: Some("Gold".try_into().unwrap()),
            persons: 1,
            price: Amount(4_000),
            tax: Amount(0),
            block: None,
        };
        let shown = serde_json::to_value(item(&kept, Currency::try_from("EUR".to_owned()).unwrap())).unwrap();
        let expected = json!({
            "id": Uuid::from_u128(1), "ticket_type": Uuid::from_u128(2), "seat": "Stalls-1-2", "category": "Gold",
            "price": { "amount": 4_000, "currency": "EUR" },
        });
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_secret_opens_its_own_hold_alone() {
        let hold = HoldId(Uuid::from_u128(1));
        assert!(opens(&Caller::Link(Link::Hold(hold.0)), hold).is_ok());
        for other in [Link::Hold(Uuid::from_u128(2)), Link::Order(hold.0)] {
            assert_eq!(opens(&Caller::Link(other), hold).unwrap_err().code(), "forbidden");
        }
    }
}
