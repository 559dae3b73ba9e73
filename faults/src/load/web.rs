//! Buyers on the web: a hold without credentials, an order with the hold's secret, its payment (taken down by a seller), often in
//! two parts. Some give the hold up, some forget it, some never pay.

use std::time::Duration;

use rand::Rng as _;
use rand::rngs::StdRng;
use reqwest::Method;
use serde_json::json;

use super::asking::Asking;
use super::request::{Answer, Request, id};
use super::shows::{Shop, issued, request};
use crate::journal::mark;

/// One purchase, as far as it gets. `None` when the run was given up meanwhile.
pub async fn act(asking: &Asking, shop: &Shop, rng: &mut StdRng) -> Option<()> {
    let number = asking.number();
    let body = json!({ "items": shop.items(rng) });
    let hold = Request { bearer: None, ..request("HoldPlaces", Method::POST, shop.path("/holds"), body) };
    let held = asking.ask(rng, number, hold, |body| Some(vec![("HoldPlaced", id(body, "/id")?)])).await?;
    let (Some(hold), Some(secret)) = (id(&held.body, "/id"), held.body["secret"].as_str()) else { return Some(()) };
    match rng.random_range(0..10) {
        0 => {
            let path = shop.path(&format!("/holds/{hold}"));
            let release = Request {
                what: "ReleaseHold",
                method: Method::DELETE,
                path,
                bearer: Some(secret.to_owned()),
                body: None,
            };
            let number = asking.number();
            asking.ask(rng, number, release, |_| Some(vec![("HoldReleased", hold)])).await.map(drop)
        }
        1 => Some(()),
        _ => {
            tokio::time::sleep(Duration::from_millis(rng.random_range(0..200))).await;
            let ordered = order(asking, shop, rng, &held).await?;
            if rng.random_bool(0.9) { pay(asking, shop, rng, &ordered).await } else { Some(()) }
        }
    }
}

async fn order(asking: &Asking, shop: &Shop, rng: &mut StdRng, held: &Answer) -> Option<Answer> {
    let number = asking.number();
    let body = json!({
        "hold": held.body["id"], "customer": { "name": mark(number), "email": "somebody@example.org" },
    });
    let order = Request {
        bearer: held.body["secret"].as_str().map(str::to_owned),
        ..request("PlaceOrder", Method::POST, shop.path("/orders"), body)
    };
    let facts = |body: &serde_json::Value| Some(vec![("OrderPlaced", id(body, "/id")?)]);
    asking.ask(rng, number, order, facts).await
}

async fn pay(asking: &Asking, shop: &Shop, rng: &mut StdRng, ordered: &Answer) -> Option<()> {
    let Some(order) = id(&ordered.body, "/id") else { return Some(()) };
    let Some(due) = ordered.body.pointer("/due/amount").and_then(serde_json::Value::as_i64) else { return Some(()) };
    let first = if rng.random_bool(0.3) { due / 2 } else { due };
    for amount in [first, due - first].into_iter().filter(|amount| *amount > 0) {
        let number = asking.number();
        let body = json!({ "method": "card_terminal", "amount": amount, "reference": mark(number) });
        let pay = request("RecordPayment", Method::POST, shop.path(&format!("/orders/{order}/payments")), body);
        // The answer names the tickets; the payment is found by what it typed.
        let answer = asking.ask(rng, number, pay, issued).await?;
        if !answer.accepted {
            break;
        }
        shop.note_sold(order, &answer.body);
    }
    Some(())
}
