//! API keys: bound by role and shows, rotated with an overlap, ended by time or by hand, everywhere within a second.

use std::time::{Duration, Instant};

use black_box::{Client, Server, Show, assert_fields, eventually, invite, issue_key, shared, turnout, whole_history};
use embedded_postgres::temporary;
use futures::StreamExt;
use serde_json::{Value, json};

/// From then on a revocation holds everywhere.
const REVOKED_WITHIN: Duration = Duration::from_secs(1);

/// Streams and polls that are open end soon after.
const ENDED_WITHIN: Duration = Duration::from_secs(3);

/// Asks until it is refused. Nothing that was asked a second after the revocation is taken, however slow the asking is.
async fn refused_soon(client: &Client, revoked: Instant) {
    eventually(Duration::from_secs(20), "it is refused", async || {
        let asked_after = revoked.elapsed();
        let status = client.get("/me").send().await.status;
        assert!(status == 401 || asked_after < REVOKED_WITHIN, "{status}, asked {asked_after:?} after the revocation");
        (status == 401).then_some(())
    })
    .await;
}

/// An organization of this test's own.
async fn organization(name: &str) -> Client {
    let owner = shared();
    let made = owner.post("/organizations", &json!({ "name": name })).expect(201).await;
    owner.in_organization(&made.text("id"))
}

async fn listed(owner: &Client) -> Vec<Value> {
    owner.get("/api-keys").expect(200).await["items"].as_array().expect("items").clone()
}

#[tokio::test]
async fn a_key_is_shown_once_listed_without_its_token_and_known_by_its_use() {
    let owner = organization("Keys").await;
    let (id, key) = issue_key(&owner, "seller", json!({ "name": "Website" })).await;
    let items = listed(&owner).await;
    assert_eq!(items.len(), 1);
    assert_fields(&items[0], &["id", "name", "role", "shows", "created_at", "expires_at", "last_used_at", "replaces"]);
    assert_eq!(
        (&items[0]["id"], &items[0]["name"], &items[0]["role"]),
        (&json!(id), &json!("Website"), &json!("seller"))
    );
    assert_eq!((&items[0]["shows"], &items[0]["last_used_at"]), (&Value::Null, &Value::Null), "not used yet");
    let me = key.get("/me").expect(200).await;
    assert_eq!((me.text("actor"), me.text("name")), (format!("key:{id}"), "Website".to_owned()));
    assert_eq!((&me["csrf"], &me["email"], &me["installation_owner"]), (&Value::Null, &Value::Null, &json!(false)));
    assert!(listed(&owner).await[0]["last_used_at"].is_string(), "used now");

    let body = json!({ "name": "Once", "role": "door" });
    let first = owner.post("/api-keys", &body).key("a-key").expect(201).await;
    let again = owner.post("/api-keys", &body).key("a-key").expect(201).await;
    assert_eq!((&again["id"], &again["token"]), (&first["id"], &Value::Null));
    assert_eq!(listed(&owner).await.len(), 2);
    owner
        .post("/api-keys", &json!({ "name": "Other", "role": "door" }))
        .key("a-key")
        .problem(422, "idempotency_key_reused")
        .await;
    let history = owner.get("/history?type=ApiKeyIssued").expect(200).await;
    let told = history["items"][0]["sentence"].as_str();
    assert!(told.is_some_and(|told| told.starts_with("The key Website was issued as ")), "{history}");
    assert!(
        !history.text.contains("tk_") && !history["items"][0]["payload"].to_string().contains("Website"),
        "{history}"
    );
}

#[tokio::test]
async fn nobody_makes_a_key_that_may_more_than_they() {
    let owner = organization("Givers").await;
    let (_, manager) = issue_key(&owner, "manager", json!({})).await;
    for role in ["manager", "seller", "door", "auditor", "analyst"] {
        issue_key(&manager, role, json!({})).await;
    }
    let refused = manager.post("/api-keys", &json!({ "name": "More", "role": "owner" })).send().await;
    assert_eq!((refused.status, &refused["code"]), (403, &json!("forbidden")), "{refused}");
    let (_, seller) = issue_key(&owner, "seller", json!({})).await;
    seller.post("/api-keys", &json!({ "name": "Same", "role": "seller" })).problem(403, "forbidden").await;
    for (body, pointer) in [
        (json!({ "name": "", "role": "seller" }), "/name"),
        (json!({ "name": "Key", "role": "pope" }), "/role"),
        (json!({ "name": "Key", "role": "seller", "expires_at": "2020-01-01T00:00:00Z" }), "/expires_at"),
        (json!({ "name": "Key", "role": "seller", "expires_at": "soon" }), "/expires_at"),
        (json!({ "name": "Key", "role": "seller", "shows": [] }), "/shows"),
    ] {
        let answer = owner.post("/api-keys", &body).problem(422, "invalid").await;
        assert_eq!(answer.pointers(), [pointer], "{body}: {answer}");
    }
}

#[tokio::test]
async fn a_bound_key_acts_at_its_shows_and_is_the_public_at_others() {
    let owner = organization("Bound").await;
    let (own, floor) = Show::standing(&owner, "Own", 20, json!({})).await;
    let (other, other_floor) = Show::standing(&owner, "Other", 20, json!({})).await;
    let hidden = Show::draft(&owner, "Hidden", json!({})).await;
    let sold = other.sell_one(&other_floor).await;
    let order = other.sell(json!([{ "ticket_type": other_floor, "quantity": 1 }])).await.text("order");
    let (_, key) = issue_key(&owner, "manager", json!({ "shows": [own.id] })).await;
    assert_eq!(key.get("/me").expect(200).await["shows"], json!([own.id]));

    let sale =
        |floor: &str| json!({ "items": [{ "ticket_type": floor, "quantity": 1 }], "payment": { "method": "cash" } });
    key.post(&own.path("/tickets"), &sale(&floor)).expect(201).await;
    key.post(&other.path("/tickets"), &sale(&other_floor)).problem(404, "not_found").await;
    key.get(&own.path("/orders")).expect(200).await;
    for path in [
        other.path("/orders"),
        other.path("/attendance"),
        other.path("/door-list"),
        hidden.path(""),
        format!("/orders/{order}"),
        format!("/tickets/{}", sold["id"].as_str().expect("an id")),
        format!("/tickets/{}/qr.png", sold["id"].as_str().expect("an id")),
    ] {
        key.get(&path).problem(404, "not_found").await;
    }
    let public = other.anyone.get(&other.path("/availability")).expect(200).await;
    assert_eq!(key.get(&other.path("/availability")).expect(200).await.text, public.text);
    assert!(!key.get("/shows").expect(200).await.text.contains(&hidden.id), "drafts of others are not listed");
    let history = whole_history(&key, "").await;
    assert!(!history.is_empty());
    for event in &history {
        assert_eq!(event.row["stream"], own.id, "the history of its shows alone: {:?}", event.row);
    }
    for (path, body) in [
        ("/shows", json!({})),
        ("/api-keys", json!({ "name": "More", "role": "manager" })),
        ("/devices/pairings", json!({ "name": "Device", "shows": [own.id] })),
    ] {
        key.post(path, &body).problem(403, "forbidden").await;
    }
    for path in ["/api-keys", "/devices", "/settings", "/members"] {
        key.get(path).problem(403, "forbidden").await;
    }
}

#[tokio::test]
async fn a_rotated_key_is_taken_until_the_overlap_ends() {
    let owner = organization("Rotation").await;
    let (show, _) = Show::standing(&owner, "Rotation", 5, json!({})).await;
    let (id, old) = issue_key(&owner, "seller", json!({ "shows": [show.id] })).await;
    let rotate = format!("/api-keys/{id}/rotate");
    for seconds in [604_801, -1] {
        let answer = owner.post(&rotate, &json!({ "overlap_seconds": seconds })).problem(422, "invalid").await;
        assert_eq!(answer.pointers(), ["/overlap_seconds"]);
    }
    let rotated = Instant::now();
    let successor = owner.post(&rotate, &json!({ "overlap_seconds": 5 })).expect(201).await;
    let new = old.with_bearer(&successor.text("token"));
    let (before, after) = (old.get("/me").expect(200).await, new.get("/me").expect(200).await);
    for same in ["role", "shows", "organization", "name"] {
        assert_eq!(before[same], after[same], "{same} stays");
    }
    let items = listed(&owner).await;
    let of = |wanted: &str| items.iter().find(|item| item["id"] == wanted).expect("both are listed");
    assert!(of(&id)["expires_at"].is_string());
    assert_eq!(of(&successor.text("id"))["replaces"], json!(id));
    eventually(Duration::from_secs(25), "the old one ends", async || {
        (old.get("/me").send().await.status == 401).then_some(())
    })
    .await;
    assert!(rotated.elapsed() >= Duration::from_secs(5), "not before the overlap's end");
    new.get("/me").expect(200).await;
    assert_eq!(listed(&owner).await.len(), 1, "ended ones are listed no more");

    // Without a body: a day; with none: at once.
    let second = successor.text("id");
    let third = owner.post(&format!("/api-keys/{second}/rotate"), &json!({ "overlap_seconds": 0 })).expect(201).await;
    refused_soon(&new, Instant::now()).await;
    let third_key = old.with_bearer(&third.text("token"));
    owner.call(reqwest::Method::POST, &format!("/api-keys/{}/rotate", third.text("id"))).expect(201).await;
    third_key.get("/me").expect(200).await;
    owner.post(&rotate, &json!({})).send().await;
}

#[tokio::test]
async fn a_key_ends_when_it_was_said_to() {
    let owner = organization("Expiry").await;
    let soon = whole_history(&owner, "").await.last().expect("founded").recorded_at.clone();
    let soon = later(&soon, 10);
    let (_, key) = issue_key(&owner, "seller", json!({ "expires_at": soon })).await;
    key.get("/me").expect(200).await;
    eventually(Duration::from_secs(30), "it ends", async || (key.get("/me").send().await.status == 401).then_some(()))
        .await;
    assert_eq!(listed(&owner).await, Vec::<Value>::new());
}

/// A time some seconds after another, both as the API writes them.
pub fn later(time: &str, seconds: i64) -> String {
    let time: chrono::DateTime<chrono::Utc> = time.parse().expect("a time");
    (time + chrono::Duration::seconds(seconds)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_holds_on_every_node_within_a_second() {
    let postgres = temporary().await.expect("a PostgreSQL");
    let database = postgres.fresh_database().await.expect("a database");
    let migrated = turnout().arg("migrate").env("TURNOUT_OWNER_DATABASE_URL", &database.owner_url).status();
    assert!(migrated.expect("to migrate").success());
    let (here, there) = (Server::start_on(&database.app_url), Server::start_on(&database.app_url));
    let owner = here.staff();
    let (show, _) = Show::standing(&owner, "Nodes", 5, json!({})).await;
    let (id, key) = issue_key(&owner, "owner", json!({})).await;
    let token = key.token().expect("a bearer").to_owned();
    let (paired, device) = black_box::pair(&show, "Nodes", json!({})).await;
    let device_token = device.token().expect("a bearer").to_owned();
    let (_, session) = invite(&owner, "nodes@example.org", "owner").await;
    let far = |token: &str| there.anyone().with_bearer(token);
    let far_session = there
        .anyone()
        .with_header("cookie", session.sends("cookie").expect("a cookie"))
        .with_header("x-csrf-token", session.sends("x-csrf-token").expect("a token"));
    let open = far(&token).get(&show.path("/live")).at_once().stream().await;
    let head = show.head().await;
    let poll = {
        let call = far(&token).get(&show.path(&format!("/changes?after={head}&wait=30"))).at_once();
        tokio::spawn(async move { (Instant::now(), call.try_send().await.map(|answer| answer.status)) })
    };

    for (client, path) in
        [(far(&token), format!("/api-keys/{id}")), (far(&device_token), format!("/devices/{}", paired.text("device")))]
    {
        client.get("/me").expect(200).await;
        owner.delete(&path).expect(204).await;
        refused_soon(&client, Instant::now()).await;
        owner.delete(&path).expect(204).await;
    }
    key.get("/me").problem(401, "unauthenticated").await;
    device.get("/me").problem(401, "unauthenticated").await;

    // What was open ends: the stream, and the poll that waits.
    let mut chunks = open.bytes_stream();
    let drained = async { while let Some(Ok(_)) = chunks.next().await {} };
    tokio::time::timeout(ENDED_WITHIN, drained).await.expect("the stream ends soon after the revocation");
    let (asked, _) = tokio::time::timeout(ENDED_WITHIN, poll).await.expect("the poll ends, too").expect("no panic");
    assert!(asked.elapsed() < Duration::from_secs(25));

    // A session that ended at one node has ended at the other.
    far_session.get("/me").expect(200).await;
    session.delete("/sessions").expect(204).await;
    refused_soon(&far_session, Instant::now()).await;
}
