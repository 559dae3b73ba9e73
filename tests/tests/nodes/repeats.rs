//! The same request at several nodes, one after the other and all at once: one effect, one answer.

use std::collections::HashSet;

use black_box::{Answer, Client, Show, fixed_uuid};
use futures::future::join_all;
use serde_json::{Value, json};

use crate::cluster::{Cluster, at, decided};

const NODES: usize = 4;
/// How often everything is repeated.
const ROUNDS: u32 = 8;

/// Sends one request with one key to every node at once, and demands one answer. Then once more, after it was answered.
async fn everywhere(nodes: &[Client], path: &str, body: &Value, key: &str) -> Answer {
    let ask = |node: &Client| {
        let node = node.clone();
        async move { decided(|| node.post(path, body).key(key)).await }
    };
    let mut answers = join_all(nodes.iter().map(ask)).await;
    answers.extend(join_all(nodes.iter().map(ask)).await);
    let told: HashSet<String> = answers
        .iter()
        .map(|answer| format!("{} {:?} {}", answer.status, answer.header("turnout-position"), answer.json))
        .collect();
    assert_eq!(told.len(), 1, "one answer to {path}: {told:#?}");
    answers.swap_remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purchase_whose_every_step_is_sent_to_every_node_at_once_happens_once() {
    let cluster = Cluster::start(NODES).await;
    let staff = cluster.staff(NODES);
    let anyone: Vec<Client> = staff.iter().map(Client::without_bearer).collect();
    let with = |secret: &str| -> Vec<Client> { anyone.iter().map(|node| node.with_bearer(secret)).collect() };
    let (show, floor) = Show::standing(&staff[0], "Sent everywhere", 1_000, json!({})).await;
    let key = |round: u32, step: u32| fixed_uuid(round * 10 + step).to_string();
    let purchase = async |round: u32| {
        let items = json!([{ "ticket_type": floor, "quantity": 2 }]);
        let held = everywhere(&anyone, &show.path("/holds"), &json!({ "items": items }), &key(round, 0)).await;
        assert_eq!(held.status, 201, "{held}");
        let holder = with(&held.text("secret"));
        let extend = show.path(&format!("/holds/{}/extend", held.text("id")));
        assert_eq!(everywhere(&holder, &extend, &json!({}), &key(round, 1)).await.status, 200);
        let customer = json!({ "name": "Many Ways", "email": "many@example.org" });
        let order = json!({ "hold": held["id"], "customer": customer });
        let ordered = everywhere(&holder, &show.path("/orders"), &order, &key(round, 2)).await;
        assert_eq!(ordered.status, 201, "{ordered}");
        let payments = show.path(&format!("/orders/{}/payments", ordered.text("id")));
        let payment = json!({ "method": "cash", "amount": 5000 });
        let paid = everywhere(&staff, &payments, &payment, &key(round, 3)).await;
        assert_eq!((paid.status, paid["tickets"].as_array().map(Vec::len)), (201, Some(2)), "{paid}");
        let void = show.path(&format!("/tickets/{}/void", paid.text("/tickets/0/id")));
        assert_eq!(everywhere(&staff, &void, &json!({ "reason": "Ill" }), &key(round, 4)).await.status, 200);
        let sale = json!({ "items": items, "payment": { "method": "cash" } });
        let sold = everywhere(&staff, &show.path("/tickets"), &sale, &key(round, 5)).await;
        assert_eq!(sold.status, 201, "{sold}");
        // The same key with another body is another request, wherever it comes.
        let other = json!({ "items": [{ "ticket_type": floor, "quantity": 1 }], "payment": { "method": "cash" } });
        let reused = everywhere(&staff, &show.path("/tickets"), &other, &key(round, 5)).await;
        assert_eq!((reused.status, &reused["code"]), (422, &json!("idempotency_key_reused")), "{reused}");
    };
    join_all((0..ROUNDS).map(purchase)).await;

    show.head().await;
    let mut counted = std::collections::BTreeMap::<String, u32>::new();
    for event in show.history().await {
        *counted.entry(event.kind).or_default() += 1;
    }
    let once = [
        ("HoldPlaced", 1),
        ("HoldExtended", 1),
        ("OrderPlaced", 2),
        ("PaymentRecorded", 2),
        ("TicketIssued", 4),
        ("TicketVoided", 1),
    ];
    for (kind, each) in once {
        assert_eq!(counted.get(kind), Some(&(each * ROUNDS)), "{kind} in {counted:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_key_is_decided_anew_by_whichever_node_it_comes_to() {
    let cluster = Cluster::start(2).await;
    let nodes = cluster.staff(2);
    let (show, floor) = Show::standing(&nodes[0], "Anew", 1, json!({})).await;
    let sale = json!({ "items": [{ "ticket_type": floor, "quantity": 1 }], "payment": { "method": "cash" } });
    for round in 0..ROUNDS {
        let (one, other) = (&nodes[round as usize % 2], &nodes[(round as usize + 1) % 2]);
        let first = one.post(&show.path("/tickets"), &sale).expect(201).await;
        let key = format!("again-{round}");
        other.post(&show.path("/tickets"), &sale).key(&key).problem(409, "sold_out").await;
        one.post(&show.path("/tickets"), &sale).key(&key).problem(409, "sold_out").await;
        let void = show.path(&format!("/tickets/{}/void", first.text("/tickets/0/id")));
        one.post(&void, &json!({ "reason": "Ill" })).expect(200).await;
        let sold = other.post(&show.path("/tickets"), &sale).key(&key).expect(201).await;
        let again = one.post(&show.path("/tickets"), &sale).key(&key).expect(201).await;
        assert_eq!(sold.json, again.json);
        let void = show.path(&format!("/tickets/{}/void", sold.text("/tickets/0/id")));
        one.post(&void, &json!({ "reason": "Ill" })).expect(200).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_an_end_is_ended_once_though_every_node_watches_the_clock() {
    let cluster = Cluster::start(NODES).await;
    let (show, floor) =
        Show::standing(&cluster.nodes[0].staff(), "Ends", 200, json!({ "hold_seconds": 1, "pay_within_seconds": 2 }))
            .await;
    let items = json!({ "items": [{ "ticket_type": floor, "quantity": 5 }] });
    let held = join_all((0..40_usize).map(|number| {
        let (show, items) = (at(&show, &cluster.nodes[number % NODES]), &items);
        async move {
            let held = decided(|| {
                show.staff
                    .post(&show.path("/holds"), items)
                    .key(&fixed_uuid(u32::try_from(number).expect("few")).to_string())
            })
            .await;
            assert_eq!(held.status, 201, "{held}");
            held.text("id")
        }
    }))
    .await;
    // All is taken until it ends; then all of it can be sold again, at any node.
    let all = json!({ "items": [{ "ticket_type": floor, "quantity": 100 }], "payment": { "method": "cash" } });
    for node in &cluster.nodes[..2] {
        let there = at(&show, node);
        let sold = black_box::eventually(std::time::Duration::from_secs(20), "the places are free again", async || {
            let answer = decided(|| there.staff.post(&there.path("/tickets"), &all)).await;
            assert!(answer.status == 201 || answer["code"] == "sold_out", "{answer}");
            (answer.status == 201).then_some(answer)
        })
        .await;
        assert_eq!(sold["tickets"].as_array().map(Vec::len), Some(100));
    }
    show.head().await;
    let expired = show.recorded("HoldExpired").await;
    assert_eq!(expired.len(), held.len(), "each hold ends once");
    for hold in &held {
        let ends = expired.iter().filter(|event| event.payload.to_string().contains(hold.as_str())).count();
        assert_eq!(ends, 1, "of hold {hold}");
    }
}
