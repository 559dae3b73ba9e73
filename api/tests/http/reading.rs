//! Queries that have seen what was commanded, and who sees what of it.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use futures::StreamExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::world::{ADMIN, World, request};

#[tokio::test]
async fn every_query_answers_with_position_and_tag_and_is_304_when_nothing_changed() -> anyhow::Result<()> {
    let world = World::new().await?;
    let bearer = format!("Bearer {ADMIN}");
    let (show, ticket_type) = world.show("Spring cup").await;
    let sold = world.sell(&show, &ticket_type, "Stalls-Left-1-1").await;
    let (order, ticket, position) = (sold.text_of("/order"), sold.text_of("/tickets/0/id"), sold.position());
    let mut paths: Vec<String> =
        ["", "/availability", "/seating", "/seats", "/attendance", "/door-list", "/orders", "/tickets"]
            .iter()
            .map(|rest| format!("/api/v1/shows/{show}{rest}"))
            .collect();
    paths.push(format!("/api/v1/orders/{order}"));
    paths.extend(["", "/pdf", "/qr.png", "/calendar.ics"].map(|rest| format!("/api/v1/tickets/{ticket}{rest}")));
    paths.extend(["", "/1"].map(|rest| format!("/api/v1/history{rest}")));
    paths.push(format!("/api/v1/shows/{show}/changes?after=0"));
    for path in paths {
        let first = world.seen(&path, &position).await;
        assert_eq!(first.status, StatusCode::OK, "{path} {first:?}");
        assert!(first.number() >= sold.number(), "{path}");
        assert!(first.header("cache-control").starts_with("private"), "{path}");
        let again = world.get(&path, &[("authorization", &bearer), ("if-none-match", first.header("etag"))]).await;
        assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""), "{path}");
        let unknown = format!("{path}{}colour=red", if path.contains('?') { '&' } else { '?' });
        world.seen(&unknown, &position).await.is(422, "invalid");
    }
    world.seen("/api/v1/shows", "99999999").await.is(422, "invalid");
    world.seen("/api/v1/shows", "tomorrow").await.is(422, "invalid");
    Ok(())
}

#[tokio::test]
async fn the_public_sees_what_is_published_and_a_link_what_it_opens() -> anyhow::Result<()> {
    let world = World::new().await?;
    let draft = json!({
        "name": "Draft", "description": "", "venue": { "name": "Hall", "address": "" }, "timezone": "Europe/Berlin",
        "starts_at": "2041-05-04T18:00:00Z", "currency": "EUR",
    });
    let draft = world.command(Method::POST, "/api/v1/shows", draft).await;
    let position = draft.position();
    let path = format!("/api/v1/shows/{}", draft.text_of("/id"));
    world.get(&path, &[("turnout-position", &position)]).await.is(404, "not_found");
    assert_eq!(
        world.seen(&format!("/api/v1/shows/{}", draft.text_of("/slug")), &position).await.json["status"],
        "draft"
    );

    let (show, ticket_type) = world.show("Spring cup").await;
    let hold = json!({ "items": [{ "ticket_type": ticket_type, "seats": ["Stalls-Left-2-3"] }] }).to_string();
    let headers = [("content-type", "application/json")];
    let holds = format!("/api/v1/shows/{show}/holds");
    let held = world.send(request(Method::POST, &holds, &headers, Body::from(hold))).await;
    assert_eq!(held.status, StatusCode::CREATED, "{held:?}");
    let position = held.position();
    let link = format!("Bearer {}", held.text_of("/secret"));
    let seats = format!("/api/v1/shows/{show}/seats");
    let mine = world.get(&seats, &[("authorization", &link), ("turnout-position", &position)]).await;
    assert_eq!(mine.json, json!({ "seats": { "Stalls-Left-2-3": "taken" }, "mine": ["Stalls-Left-2-3"] }));
    assert!(mine.header("cache-control").starts_with("private"));
    let public = world.get(&seats, &[]).await;
    assert_eq!(public.json, json!({ "seats": { "Stalls-Left-2-3": "taken" }, "mine": [] }));
    assert_eq!(public.header("cache-control"), "no-cache");
    assert_eq!(world.seen(&seats, &position).await.json["seats"]["Stalls-Left-2-3"], "held");

    let body = json!({ "hold": held.text_of("/id"), "customer": { "name": "Ada", "email": "ada@example.org" } });
    let headers = [("content-type", "application/json"), ("authorization", &*link)];
    let orders = format!("/api/v1/shows/{show}/orders");
    let order = world.send(request(Method::POST, &orders, &headers, Body::from(body.to_string()))).await;
    assert_eq!(order.status, StatusCode::CREATED, "{order:?}");
    let path = format!("/api/v1/orders/{}", order.text_of("/id"));
    let (link, position) = (format!("Bearer {}", order.text_of("/secret")), order.position());
    let seen = world.get(&path, &[("authorization", &link), ("turnout-position", &position)]).await;
    assert_eq!((&seen.json["customer"]["name"], &seen.json["status"]), (&json!("Ada"), &json!("awaiting_payment")));
    world.get(&path, &[]).await.is(401, "unauthenticated");
    let other = world.sell(&show, &ticket_type, "Stalls-Left-1-1").await;
    let theirs = format!("/api/v1/orders/{}", other.text_of("/order"));
    let headers = [("authorization", &*link), ("turnout-position", &other.position())];
    world.get(&theirs, &headers).await.is(404, "not_found");
    world.get(&orders, &headers).await.is(403, "forbidden");
    Ok(())
}

#[tokio::test]
async fn a_ticket_comes_with_its_token_until_it_is_void() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (show, ticket_type) = world.show("Spring cup").await;
    let sold = world.sell(&show, &ticket_type, "Stalls-Left-1-2").await;
    let ticket = sold.text_of("/tickets/0/id");
    let path = format!("/api/v1/tickets/{ticket}");
    let seen = world.seen(&path, &sold.position()).await;
    assert_eq!(seen.json["token"], sold.json["tickets"][0]["token"]);
    assert_eq!(seen.json["seat"], "Stalls-Left-1-2");
    let calendar = world.seen(&format!("{path}/calendar.ics"), &sold.position()).await;
    assert!(calendar.text.contains("Stalls-Left\\, row 1\\, seat 2"), "{}", calendar.text);
    let void = format!("/api/v1/shows/{show}/tickets/{ticket}/void");
    let voided = world.command(Method::POST, &void, json!({ "reason": "Printed wrongly" })).await;
    let seen = world.seen(&path, &voided.position()).await;
    assert_eq!((&seen.json["status"], &seen.json["token"]), (&json!("void"), &Value::Null));
    world.seen(&format!("{path}/qr.png"), &voided.position()).await.is(404, "not_found");
    Ok(())
}

#[tokio::test]
async fn changes_may_be_waited_for_and_heard_as_they_come() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (show, ticket_type) = world.show("Spring cup").await;
    let before = world.sell(&show, &ticket_type, "Stalls-Left-1-1").await.position();
    world.seen("/api/v1/shows", &before).await;
    let path = format!("/api/v1/shows/{show}");
    world.get(&format!("{path}/changes?after=99999999"), &[]).await.is(422, "invalid");
    world.get(&format!("{path}/changes?after=1&wait=61"), &[]).await.is(422, "invalid");
    world.get(&format!("{path}/changes"), &[]).await.is(422, "invalid");

    let listening = request(Method::GET, &format!("{path}/live"), &[("last-event-id", &before)], Body::empty());
    let listening = world.router().oneshot(listening).await?;
    assert_eq!(listening.headers()["content-type"], "text/event-stream");
    assert!(!listening.headers().contains_key("content-encoding"));
    let url = format!("{path}/changes?after={before}&wait=20");
    let (waited, sold) = tokio::join!(world.get(&url, &[]), world.sell(&show, &ticket_type, "Stalls-Left-1-2"));
    assert_eq!(waited.json["seats"], json!({ "Stalls-Left-1-2": "taken" }), "{waited:?}");
    assert_eq!((&waited.json["attendance"], &waited.json["reset"]), (&Value::Null, &json!(false)));

    let mut heard = String::new();
    let mut chunks = listening.into_body().into_data_stream();
    let hears = async {
        while !heard.contains("Stalls-Left-1-2") {
            let Some(Ok(chunk)) = chunks.next().await else { break };
            heard.push_str(&String::from_utf8_lossy(&chunk));
        }
    };
    tokio::time::timeout(Duration::from_secs(10), hears).await?;
    assert!(heard.contains("\"Stalls-Left-1-2\":\"taken\"") && !heard.contains("Stalls-Left-1-1"), "{heard}");
    assert!(heard.contains(&format!("id: {before}")) && sold.position() != before, "{heard}");
    Ok(())
}
