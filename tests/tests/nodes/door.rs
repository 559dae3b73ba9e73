//! One ticket at several doors, whose devices speak to several nodes: it admits as often as it says, and what one node has
//! answered about it holds at all others at once.

use std::collections::HashSet;

use black_box::{Answer, Show, fixed_uuid};
use futures::future::join_all;
use serde_json::{Value, json};

use crate::cluster::{Cluster, at, decided};

const NODES: usize = 4;
const TICKETS: usize = 10;

/// One look at a ticket at a node.
async fn scan(show: &Show, body: Value) -> Answer {
    // With its scan, it may be asked for again.
    let answer = decided(|| show.staff.post(&show.path("/check-ins"), &body)).await;
    assert_eq!(answer.status, 200, "{answer}");
    answer
}

fn fixed_scan(number: usize) -> Value {
    json!(fixed_uuid(u32::try_from(number).expect("a small number")))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_is_scanned_at_every_node_at_once_admits_once() {
    let cluster = Cluster::start(NODES).await;
    let show = Show::draft(&cluster.nodes[0].staff(), "Every door", json!({})).await;
    show.seating(json!([{ "name": "Floor", "capacity": 1_000 }])).await;
    let single = show.ticket_type(json!({ "name": "Single", "price": 100 })).await;
    let group = show.ticket_type(json!({ "name": "Group", "price": 100, "persons": 3 })).await;
    show.publish().await;
    let doors: Vec<Show> = cluster.nodes.iter().map(|node| at(&show, node)).collect();

    let sold = show
        .sell(json!([{ "ticket_type": single, "quantity": TICKETS }, { "ticket_type": group, "quantity": TICKETS }]))
        .await;
    let tickets = sold["tickets"].as_array().expect("tickets");
    let mut scans = Vec::new();
    for (number, ticket) in tickets.iter().enumerate() {
        let is_group = ticket["ticket_type"] == json!(group);
        for (door, shown) in doors.iter().zip(["ticket", "short_code", "token", "ticket"]) {
            let value = if shown == "ticket" { &ticket["id"] } else { &ticket[shown] };
            let mut body = json!({ shown: value, "scan": fixed_scan(scans.len()) });
            if is_group {
                body["persons"] = json!(1);
            }
            scans.push((number, door, body));
        }
    }
    let answers =
        join_all(scans.iter().map(|(number, door, body)| async move { (*number, scan(door, body.clone()).await) }))
            .await;
    for (number, ticket) in tickets.iter().enumerate() {
        let most = if ticket["ticket_type"] == json!(group) { 3 } else { 1 };
        let of_ticket: Vec<&Answer> =
            answers.iter().filter(|(of, _)| *of == number).map(|(_, answer)| answer).collect();
        let admitted = of_ticket.iter().filter(|answer| answer["result"] == "admitted").count();
        assert_eq!(admitted, most, "a ticket for {most}");
        for answer in of_ticket.iter().filter(|answer| answer["result"] != "admitted") {
            assert_eq!(answer["reason"], "already_checked_in", "{answer}");
        }
    }
    // The same scans at other nodes: the first fact is told again, and none is added.
    show.head().await;
    let before = show.history().await.len();
    let again =
        join_all(scans.iter().enumerate().map(|(index, (_, _, body))| scan(&doors[(index + 1) % NODES], body.clone())))
            .await;
    for ((_, first), second) in answers.iter().zip(&again) {
        assert_eq!(first.json, second.json, "a scan has one answer");
    }
    show.head().await;
    assert_eq!(show.history().await.len(), before, "no scan is recorded twice");
    let checked_in = show.recorded("CheckedIn").await;
    let recorded: HashSet<String> = checked_in.iter().map(|event| event.payload["scan"].to_string()).collect();
    assert_eq!((checked_in.len(), recorded.len()), (4 * TICKETS, 4 * TICKETS));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_node_has_answered_about_a_ticket_holds_at_the_others_at_once() {
    let cluster = Cluster::start(3).await;
    let (show, floor) = Show::standing(&cluster.nodes[0].staff(), "Told on", 1_000, json!({})).await;
    for round in 0..12 {
        let [one, two, three] = [0, 1, 2].map(|offset| at(&show, &cluster.nodes[(round + offset) % 3]));
        let ticket = one.sell_one(&floor).await;
        let id = ticket["id"].as_str().expect("an id");
        let by_code = json!({ "short_code": ticket["short_code"] });

        let admitted = two.check_in(by_code.clone()).await;
        assert_eq!(admitted["result"], "admitted", "round {round}: {admitted}");
        let refused = three.check_in(by_code.clone()).await;
        assert_eq!(refused["reason"], "already_checked_in", "round {round}: {refused}");
        let void = show.path(&format!("/tickets/{id}/void"));
        one.staff.post(&void, &json!({ "reason": "Ill" })).problem(409, "holder_inside").await;
        let undo = show.path(&format!("/check-ins/{}/undo", admitted.text("scan")));
        one.staff.post(&undo, &json!({ "reason": "Slip" })).expect(200).await;
        three.staff.post(&undo, &json!({ "reason": "Slip" })).problem(409, "already_undone").await;
        assert_eq!(three.check_in(by_code.clone()).await["result"], "admitted");
        let out = json!({ "ticket": id, "direction": "out" });
        one.check_in(out.clone()).await;
        assert_eq!(two.check_in(out).await["reason"], "not_inside");

        two.staff.post(&show.path(&format!("/tickets/{id}/reissue")), &json!({})).expect(200).await;
        assert_eq!(one.check_in(by_code).await["reason"], "replaced");
        three.staff.post(&void, &json!({ "reason": "Ill" })).expect(200).await;
        for door in [&one, &two] {
            assert_eq!(door.check_in(json!({ "ticket": id })).await["reason"], "void", "round {round}");
            door.staff.post(&void, &json!({ "reason": "Ill" })).problem(409, "already_void").await;
        }

        // A gate that was set up at one node is known at the others.
        let gate = format!("Gate {round}");
        let gates = json!([{ "name": gate, "area": "main" }]);
        one.staff.put(&show.path("/door"), &json!({ "gates": gates })).expect(200).await;
        for door in [&two, &three] {
            let shown = door.sell_one(&floor).await;
            let through = door.check_in(json!({ "ticket": shown["id"], "gate": gate })).await;
            assert_eq!(through["result"], "admitted", "round {round}: {through}");
        }
    }
}
