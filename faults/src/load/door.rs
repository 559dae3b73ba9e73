//! The door: scans by code, token and ticket, in and out; the same ticket at several doors at once; what a device decided alone,
//! sent later in batches; a scan that is taken back.

use rand::Rng as _;
use rand::rngs::StdRng;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::asking::Asking;
use super::request::id;
use super::shows::{Shop, Sold, request};
use crate::journal::{Fact, mark};
use crate::random;

/// One thing that the door does. `None` when the run was given up meanwhile.
pub async fn act(asking: &Asking, shop: &Shop, rng: &mut StdRng, sequence: &mut i64) -> Option<()> {
    let Some(sold) = shop.any_sold(rng) else { return Some(()) };
    match rng.random_range(0..12) {
        0 => batch(asking, shop, rng, sequence).await,
        1 => rush(asking, shop, rng, &sold).await,
        2 => match look(asking, shop, rng, &sold).await? {
            Some(scan) => undo(asking, shop, rng, scan).await,
            None => Some(()),
        },
        _ => look(asking, shop, rng, &sold).await.map(drop),
    }
}

/// A look at a ticket, and its scan where somebody was admitted (or let out). `None` outside when the run was given up.
async fn look(asking: &Asking, shop: &Shop, rng: &mut StdRng, sold: &Sold) -> Option<Option<Uuid>> {
    let (scan, mut body) = scan(shop, rng, sold);
    if rng.random_bool(0.25) {
        body["direction"] = "out".into();
    }
    let number = asking.number();
    let look = request("CheckIn", Method::POST, shop.path("/check-ins"), body.clone());
    let answer = asking.ask(rng, number, look, |answer| fact(answer, &body)).await?;
    Some((answer.body["result"] == "admitted").then_some(scan))
}

/// One ticket at three doors in the same moment.
async fn rush(asking: &Asking, shop: &Shop, rng: &mut StdRng, sold: &Sold) -> Option<()> {
    let mut sources = [rng.random(), rng.random(), rng.random()].map(|seed| random::source(seed, 0));
    let looks = sources.iter_mut().map(|source| look(asking, shop, source, sold));
    futures::future::join_all(looks).await.into_iter().collect::<Option<Vec<_>>>().map(drop)
}

/// What a device decided without the network: the ticket is let in whatever the server would say.
async fn batch(asking: &Asking, shop: &Shop, rng: &mut StdRng, sequence: &mut i64) -> Option<()> {
    let mut scans = Vec::new();
    for _ in 0..rng.random_range(2..12) {
        let Some(sold) = shop.any_sold(rng) else { break };
        let (_, mut body) = scan(shop, rng, &sold);
        if rng.random_bool(0.5) {
            *sequence += 1;
            let admitted = rng.random_bool(0.8);
            let (result, reason) = if admitted { ("admitted", None) } else { ("refused", Some("unknown_code")) };
            body["scanned_at"] = "2026-01-01T12:00:00Z".into();
            body["offline"] = json!({ "result": result, "reason": reason, "list_position": 1, "sequence": *sequence });
        }
        scans.push(body);
    }
    if scans.is_empty() {
        return Some(());
    }
    let numbers: Vec<u64> = scans.iter().map(|_| asking.number()).collect();
    let sent = json!({ "scans": scans });
    let batch = request("CheckIn (batch)", Method::POST, shop.path("/check-ins/batch"), sent);
    asking.ask_batch(rng, &numbers, batch, |answer| fact(answer, &Value::Null)).await.map(drop)
}

async fn undo(asking: &Asking, shop: &Shop, rng: &mut StdRng, scan: Uuid) -> Option<()> {
    let number = asking.number();
    let body = json!({ "reason": mark(number) });
    let undo = request("UndoCheckIn", Method::POST, shop.path(&format!("/check-ins/{scan}/undo")), body);
    asking.ask(rng, number, undo, |_| Some(vec![("CheckInUndone", scan)])).await.map(drop)
}

fn scan(shop: &Shop, rng: &mut StdRng, sold: &Sold) -> (Uuid, Value) {
    let scan = random::uuid(rng);
    let area = shop.areas[rng.random_range(0..shop.areas.len())];
    let mut body = json!({ "scan": scan, "area": area });
    match rng.random_range(0..3) {
        0 => body["short_code"] = sold.code.as_str().into(),
        1 => body["token"] = sold.token.as_str().into(),
        _ => body["ticket"] = sold.ticket.to_string().into(),
    }
    (scan, body)
}

/// What an answer promises: the scan stands in the log as admitted (in or out) or as refused.
fn fact(answer: &Value, asked: &Value) -> Option<Vec<Fact>> {
    let scan = id(answer, "/scan")?;
    let kind = match answer["result"].as_str()? {
        "admitted" if asked["direction"] == "out" => "CheckedOut",
        "admitted" => "CheckedIn",
        "refused" => "CheckInRefused",
        _ => return None,
    };
    Some(vec![(kind, scan)])
}
