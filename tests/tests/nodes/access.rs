//! Who may: a credential that one node made is taken by the others at once; one that it revoked, and what it settled, is known
//! everywhere within a moment, and never forgotten again.

use std::time::Duration;

use black_box::{Client, Show, eventually, issue_key, pair, sign_in};
use serde_json::{Value, json};

use crate::cluster::{Cluster, at};

/// Long enough for a busy machine; the promise, a second, is no limit for a test.
const WITHIN: Duration = Duration::from_secs(20);

/// Waits until a node refuses the caller, then demands that it does so for good.
async fn refused(caller: &Client, path: &str) {
    eventually(WITHIN, "the credential is refused", async || {
        (caller.get(path).at_once().send().await.status == 401).then_some(())
    })
    .await;
    for _ in 0..20 {
        caller.get(path).at_once().problem(401, "unauthenticated").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_of_one_node_are_taken_by_all_and_revoked_ones_soon_by_none() {
    let cluster = Cluster::start(2).await;
    let [one, two] = [&cluster.nodes[0], &cluster.nodes[1]];
    let (show, floor) = Show::standing(&one.staff(), "Whose key", 100, json!({})).await;
    let sale = json!({ "items": [{ "ticket_type": floor, "quantity": 1 }], "payment": { "method": "cash" } });

    let (key, _) = issue_key(&one.staff(), "manager", json!({})).await;
    let (other_key, at_one) = issue_key(&one.staff(), "manager", json!({})).await;
    let at_two = two.anyone().with_bearer(at_one.token().expect("a token"));
    for caller in [&at_two, &at_one] {
        caller.post(&show.path("/tickets"), &sale).expect(201).await;
    }
    two.staff().delete(&format!("/api-keys/{other_key}")).expect(204).await;
    at_two.get("/settings").at_once().problem(401, "unauthenticated").await;
    refused(&at_one, "/settings").await;
    one.staff().delete(&format!("/api-keys/{key}")).expect(204).await;

    let (paired, device) = pair(&show, "North gate", json!({})).await;
    let device_at_two = two.anyone().with_bearer(device.token().expect("a token"));
    let list = show.path("/door-list");
    for caller in [&device, &device_at_two] {
        caller.get(&list).at_once().expect(200).await;
    }
    one.staff().delete(&format!("/devices/{}", paired.text("device"))).expect(204).await;
    device.get(&list).at_once().problem(401, "unauthenticated").await;
    refused(&device_at_two, &list).await;

    let (_, member) = black_box::invite(&one.staff(), "ada@example.org", "seller").await;
    let (_, member_at_two) = sign_in(&two.anyone(), "ada@example.org", black_box::PASSWORD).await;
    assert_eq!(member_at_two.get("/me").expect(200).await["email"], "ada@example.org");
    member_at_two.delete("/session").expect(204).await;
    member_at_two.get(&show.path("/orders")).at_once().problem(401, "unauthenticated").await;
    member.get(&show.path("/orders")).at_once().expect(200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_of_one_node_are_soon_gone_by_at_the_other() {
    let cluster = Cluster::start(2).await;
    let [one, two] = [&cluster.nodes[0], &cluster.nodes[1]];
    let (show, floor) = Show::standing(&one.staff(), "Limits", 1_000, json!({})).await;
    let there = at(&show, two);
    let body = json!({ "items": [{ "ticket_type": floor, "quantity": 1 }] });
    let hold = async || there.anyone.post(&there.path("/holds"), &body).send().await;
    assert_eq!(hold().await.status, 201);
    let limits = |holds: Value| json!({ "limits": { "holds": holds } });
    one.staff().patch("/settings", &limits(json!(1))).expect(200).await;
    eventually(WITHIN, "the limit counts at the other node", async || {
        let answer = hold().await;
        assert!(answer.status == 201 || answer["code"] == "too_many_holds", "{answer}");
        (answer.status == 409).then_some(())
    })
    .await;
    two.staff().patch("/settings", &limits(Value::Null)).expect(200).await;
    assert_eq!(hold().await.status, 201, "the node that settled it knows at once");
}
