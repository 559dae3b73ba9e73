//! Sellers: sell from hold to tickets in one command, void tickets, give money back, count people at the door by hand.

use rand::Rng as _;
use rand::rngs::StdRng;
use reqwest::Method;
use serde_json::json;

use super::asking::Asking;
use super::request::id;
use super::shows::{Shop, issued, request};
use crate::journal::mark;

/// One thing that a seller does. `None` when the run was given up meanwhile.
pub async fn act(asking: &Asking, shop: &Shop, rng: &mut StdRng) -> Option<()> {
    match rng.random_range(0..10) {
        0 | 1 => void(asking, shop, rng).await,
        2 => refund(asking, shop, rng).await,
        3 if rng.random_bool(0.3) => cancel(asking, shop, rng).await,
        4 if rng.random_bool(0.3) => count(asking, shop, rng).await,
        _ => sell(asking, shop, rng).await,
    }
}

async fn sell(asking: &Asking, shop: &Shop, rng: &mut StdRng) -> Option<()> {
    let number = asking.number();
    let body = json!({
        "items": shop.items(rng),
        "customer": { "name": mark(number), "email": "somebody@example.org" },
        "payment": { "method": "cash" },
    });
    let sale = request("IssueTicket", Method::POST, shop.path("/tickets"), body);
    let facts = |body: &serde_json::Value| {
        let mut facts = issued(body)?;
        facts.push(("OrderPlaced", id(body, "/order")?));
        Some(facts)
    };
    let answer = asking.ask(rng, number, sale, facts).await?;
    if let Some(order) = id(&answer.body, "/order") {
        shop.note_sold(order, &answer.body);
    }
    Some(())
}

async fn void(asking: &Asking, shop: &Shop, rng: &mut StdRng) -> Option<()> {
    let Some(sold) = shop.any_sold(rng) else { return Some(()) };
    let number = asking.number();
    let mut body = json!({ "reason": mark(number) });
    if rng.random_bool(0.3) {
        body["holder_has_left"] = true.into();
    }
    let void = request("VoidTicket", Method::POST, shop.path(&format!("/tickets/{}/void", sold.ticket)), body);
    asking.ask(rng, number, void, |_| Some(vec![("TicketVoided", sold.ticket)])).await.map(drop)
}

/// Voids a ticket and gives some of its money back.
async fn refund(asking: &Asking, shop: &Shop, rng: &mut StdRng) -> Option<()> {
    let Some(sold) = shop.any_sold(rng) else { return Some(()) };
    let number = asking.number();
    let body = json!({ "amount": 1000, "method": "cash", "tickets": [sold.ticket], "reason": mark(number) });
    let refund = request("RefundOrder", Method::POST, shop.path(&format!("/orders/{}/refunds", sold.order)), body);
    let facts =
        |body: &serde_json::Value| Some(vec![("TicketVoided", sold.ticket), ("RefundRecorded", id(body, "/id")?)]);
    asking.ask(rng, number, refund, facts).await.map(drop)
}

/// Cancels a whole order, with its tickets.
async fn cancel(asking: &Asking, shop: &Shop, rng: &mut StdRng) -> Option<()> {
    let Some(sold) = shop.any_sold(rng) else { return Some(()) };
    let number = asking.number();
    let body = json!({ "reason": mark(number) });
    let cancel = request("CancelOrder", Method::POST, shop.path(&format!("/orders/{}/cancel", sold.order)), body);
    asking.ask(rng, number, cancel, |_| Some(vec![("OrderCancelled", sold.order)])).await.map(drop)
}

async fn count(asking: &Asking, shop: &Shop, rng: &mut StdRng) -> Option<()> {
    let number = asking.number();
    let direction = if rng.random_bool(0.5) { "in" } else { "out" };
    let body = json!({ "area": "main", "direction": direction, "persons": 1, "reason": mark(number) });
    let count = request("CountPersons", Method::POST, shop.path("/counts"), body);
    asking.ask(rng, number, count, |body| Some(vec![("PersonsCounted", id(body, "/id")?)])).await.map(drop)
}
