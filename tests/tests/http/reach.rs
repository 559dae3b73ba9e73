//! A key that is bound to shows: lists hold those alone, and what is elsewhere is not there.

use black_box::{Client, Server, Show, whole_history};
use serde_json::json;

async fn key(staff: &Client, role: &str, show: &Show) -> Client {
    let body = json!({ "name": "Bound", "role": role, "shows": [show.id] });
    let key = staff.post("/api-keys", &body).expect(201).await;
    staff.without_bearer().with_bearer(&key.text("token"))
}

#[tokio::test]
async fn a_bound_key_lists_its_own_shows_and_their_history() {
    let server = Server::start();
    let staff = server.staff();
    let (mine, _) = Show::standing(&staff, "Mine", 10, json!({})).await;
    let (other, floor) = Show::standing(&staff, "Other", 10, json!({})).await;
    let sold = other.sell(json!([{ "ticket_type": floor, "quantity": 1 }])).await;
    let bound = key(&staff, "manager", &mine).await;

    let shows = bound.get("/shows").at_position(sold.position()).expect(200).await;
    let ids: Vec<&str> =
        shows["items"].as_array().expect("items").iter().filter_map(|show| show["id"].as_str()).collect();
    assert_eq!(ids, [&mine.id]);
    let events = whole_history(&bound, "").await;
    assert!(!events.is_empty() && events.iter().all(|event| event.row["stream"] == json!(mine.id)));
    assert!(whole_history(&bound, &format!("show={}", other.id)).await.is_empty());
    bound.get(&format!("/history/{}", events[0].position)).expect(200).await;
    bound.get(&format!("/history/{}", sold.position())).problem(404, "not_found").await;
    staff.get(&format!("/history/{}", sold.position())).expect(200).await;
    // The organization as a whole is not a show's: settings and people are out of reach, whatever is asked for.
    for path in ["/settings", "/people", "/people/0199a000-0000-7000-8000-000000000000/export"] {
        bound.get(path).problem(403, "forbidden").await;
    }
    bound.patch("/settings", &json!({})).problem(403, "forbidden").await;
}
