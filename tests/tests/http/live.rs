//! The live stream: server-sent events that another window hears, resumable where it broke off.

use std::time::Duration;

use black_box::{Show, shared};
use futures::StreamExt;
use serde_json::{Value, json};

/// Reads messages until one is wanted.
///
/// # Panics
/// When none comes within 20 s.
async fn hear(response: reqwest::Response, wanted: impl Fn(&Value) -> bool) -> (u64, Value) {
    let mut chunks = response.bytes_stream();
    let mut text = String::new();
    let listen = async {
        loop {
            while let Some(end) = text.find("\n\n") {
                let message: String = text.drain(..end + 2).collect();
                let field = |name: &str| -> String {
                    message
                        .lines()
                        .filter_map(|line| line.strip_prefix(name).and_then(|rest| rest.strip_prefix(':')))
                        .map(str::trim_start)
                        .collect()
                };
                if let Ok(data) = serde_json::from_str::<Value>(&field("data"))
                    && wanted(&data)
                {
                    return (field("id").parse().expect("an id that is a position"), data);
                }
            }
            let chunk = chunks.next().await.expect("the stream goes on").expect("a chunk");
            text.push_str(&String::from_utf8_lossy(&chunk));
        }
    };
    tokio::time::timeout(Duration::from_secs(20), listen).await.expect("the message within 20 s")
}

#[tokio::test]
async fn a_sale_is_heard_by_whoever_listens() {
    let (show, seat) = Show::seated(&shared(), "Live", 1, 5, json!({})).await;
    let listening = show.anyone.get(&show.path("/live")).stream().await;
    assert_eq!(listening.status(), 200);
    assert!(
        listening.headers()["content-type"].to_str().expect("a type").starts_with("text/event-stream"),
        "{:?}",
        listening.headers()
    );
    let heard = tokio::spawn(hear(listening, |data| data["seats"].get("Stalls-1-3").is_some()));
    let sold = show.sell(json!([{ "ticket_type": seat, "seats": ["Stalls-1-3"] }])).await;
    let (position, data) = heard.await.expect("the message");
    assert_eq!(data["seats"]["Stalls-1-3"], "taken");
    assert!(position >= sold.position());
    assert!(data["availability"].is_object(), "whole as its GET: {data}");
    assert_eq!(data["attendance"], Value::Null, "not for the public");
}

#[tokio::test]
async fn a_listener_goes_on_where_it_broke_off() {
    let (show, seat) = Show::seated(&shared(), "Resumed", 1, 5, json!({})).await;
    let first = show.sell(json!([{ "ticket_type": seat, "seats": ["Stalls-1-1"] }])).await;
    let missed = show.sell(json!([{ "ticket_type": seat, "seats": ["Stalls-1-2"] }])).await;
    let resumed =
        show.anyone.get(&show.path("/live")).header("last-event-id", &first.position().to_string()).stream().await;
    let (position, data) = hear(resumed, |data| data["seats"].get("Stalls-1-2").is_some()).await;
    assert!(position >= missed.position());
    assert!(data["seats"].get("Stalls-1-1").is_none(), "what was heard before is not told again: {data}");
}

#[tokio::test]
async fn staff_hear_who_is_let_in() {
    let (show, floor) = Show::standing(&shared(), "Live door", 10, json!({})).await;
    let ticket = show.sell_one(&floor).await;
    let listening = show.staff.get(&show.path("/live")).stream().await;
    let heard = tokio::spawn(hear(listening, |data| data["attendance"]["admitted"] == 1));
    show.check_in(json!({ "ticket": ticket["id"] })).await;
    let (_, data) = heard.await.expect("the message");
    assert_eq!(data["attendance"]["inside"], 1, "{data}");
}
