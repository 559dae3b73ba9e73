//! Scans that are sent again, sent late, sent together and taken back.

use std::collections::HashSet;

use black_box::{Show, fixed_uuid, shared};
use futures::future::join_all;
use serde_json::{Value, json};

async fn show_with_tickets(name: &str, count: u32) -> (Show, Vec<Value>) {
    let (show, floor) = Show::standing(&shared(), name, 100, json!({})).await;
    let sold = show.sell(json!([{ "ticket_type": floor, "quantity": count }])).await;
    let tickets = sold["tickets"].as_array().expect("tickets").clone();
    (show, tickets)
}

#[tokio::test]
async fn a_scan_that_is_sent_again_has_the_same_answer_and_is_recorded_once() {
    let (show, tickets) = show_with_tickets("Sent again", 1).await;
    let body = json!({ "short_code": tickets[0]["short_code"], "scan": fixed_uuid(1).to_string() });
    let answers = join_all((0..8).map(|_| show.check_in(body.clone()))).await;
    for answer in &answers {
        assert_eq!(answer["result"], "admitted", "{answer}");
        assert_eq!(answer.json, answers[0].json);
    }
    assert_eq!(show.recorded("CheckedIn").await.len(), 1);
    assert!(show.recorded("CheckInRefused").await.is_empty());
}

#[tokio::test]
async fn a_scans_first_fact_is_answered_whatever_the_second_body_says() {
    let (show, tickets) = show_with_tickets("First fact", 2).await;
    let scan = fixed_uuid(2).to_string();
    let first = show.check_in(json!({ "short_code": tickets[0]["short_code"], "scan": scan })).await;
    let second = show.check_in(json!({ "short_code": tickets[1]["short_code"], "scan": scan })).await;
    assert_eq!(second["ticket"]["id"], first["ticket"]["id"]);
    assert_eq!(second["at"], first["at"]);
    // The scope is the show: through the batch, too.
    let batch = show
        .staff
        .post(
            &show.path("/check-ins/batch"),
            &json!({ "scans": [{ "short_code": tickets[1]["short_code"], "scan": scan }] }),
        )
        .expect(200)
        .await;
    assert_eq!(batch["results"][0]["ticket"]["id"], first["ticket"]["id"], "{batch}");
    assert_eq!(show.recorded("CheckedIn").await.len(), 1);
}

#[tokio::test]
async fn of_many_scans_of_one_ticket_at_once_one_admits() {
    let (show, tickets) = show_with_tickets("All gates at once", 1).await;
    let answers = join_all((0..20).map(|_| show.check_in(json!({ "short_code": tickets[0]["short_code"] })))).await;
    let admitted = answers.iter().filter(|answer| answer["result"] == "admitted").count();
    assert_eq!(admitted, 1);
    assert!(
        answers
            .iter()
            .filter(|answer| answer["result"] != "admitted")
            .all(|answer| { answer["reason"] == "already_checked_in" })
    );
    let scans: HashSet<&str> = answers.iter().filter_map(|answer| answer["scan"].as_str()).collect();
    assert_eq!(scans.len(), 20, "the server made an id for each");
}

#[tokio::test]
async fn an_offline_decision_is_recorded_as_what_happened() {
    let (show, tickets) = show_with_tickets("Offline", 2).await;
    let offline = |scan: u32, ticket: &Value, result: &str, reason: Option<&str>| {
        json!({
            "short_code": ticket["short_code"],
            "scan": fixed_uuid(scan).to_string(),
            "scanned_at": "2026-01-01T12:00:00Z",
            "offline": { "result": result, "reason": reason, "list_position": 1, "sequence": scan },
        })
    };
    // Two devices, out of reach of each other, let the same ticket in.
    let first = show.check_in(offline(1, &tickets[0], "admitted", None)).await;
    assert_eq!(first["result"], "admitted", "{first}");
    let second = show.check_in(offline(2, &tickets[0], "admitted", None)).await;
    assert_eq!(second["result"], "admitted", "it happened: {second}");
    assert_eq!(show.recorded("CheckedIn").await.len(), 2);
    let conflicts = show.recorded("AdmissionConflictFound").await;
    assert_eq!(conflicts.len(), 1);
    assert!(conflicts[0].payload.to_string().contains("already_checked_in"), "{:#}", conflicts[0].payload);

    // A device that refused whom the server would have let in.
    let refused = show.check_in(offline(3, &tickets[1], "refused", Some("unknown_code"))).await;
    assert_eq!(refused["result"], "refused", "{refused}");
    assert_eq!(show.recorded("AdmissionConflictFound").await.len(), 2);
    assert_eq!(show.recorded("CheckInRefused").await.len(), 1);
    let attendance = show.seen("/attendance", refused.position()).await;
    assert_eq!(attendance["admitted"], 2, "{attendance}");
}

#[tokio::test]
async fn an_offline_block_that_differs_from_the_recorded_fact_is_a_conflict_once() {
    let (show, tickets) = show_with_tickets("Lost reply", 1).await;
    let scan = fixed_uuid(1).to_string();
    let online = show.check_in(json!({ "short_code": tickets[0]["short_code"], "scan": scan })).await;
    assert_eq!(online["result"], "admitted");
    // The device never heard the answer and refused by itself.
    let late = json!({
        "short_code": tickets[0]["short_code"], "scan": scan, "scanned_at": "2026-01-01T12:00:00Z",
        "offline": { "result": "refused", "reason": "already_checked_in", "list_position": 1, "sequence": 1 },
    });
    for _ in 0..3 {
        let answer = show.check_in(late.clone()).await;
        assert_eq!(answer["result"], "admitted", "the first recorded fact is answered again: {answer}");
    }
    assert_eq!(show.recorded("AdmissionConflictFound").await.len(), 1);
    assert_eq!(show.recorded("CheckedIn").await.len(), 1);
}

#[tokio::test]
async fn a_batch_is_answered_in_its_order_and_what_cannot_be_understood_holds_nobody_up() {
    let (show, tickets) = show_with_tickets("Batch", 2).await;
    let scans = json!([
        { "short_code": tickets[0]["short_code"], "scan": fixed_uuid(1).to_string() },
        { "short_code": tickets[1]["short_code"], "scan": "no UUID" },
        { "nonsense": true },
        7,
        { "short_code": tickets[0]["short_code"], "scan": fixed_uuid(2).to_string(), "a_field_of_tomorrow": 1 },
        { "token": tickets[1]["token"], "scan": fixed_uuid(3).to_string(), "device": "Keypad 7" },
        { "token": "x".repeat(3000) },
    ]);
    let answer = show.staff.post(&show.path("/check-ins/batch"), &json!({ "scans": scans })).expect(200).await;
    let results = answer["results"].as_array().expect("results");
    assert_eq!(results.len(), 7);
    let told: Vec<&str> = results.iter().map(|result| result["result"].as_str().expect("a result")).collect();
    assert_eq!(told[0], "admitted", "{answer}");
    assert_eq!(told[2..4], ["invalid", "invalid"], "{answer}");
    assert_eq!((told[4], &results[4]["reason"]), ("refused", &json!("already_checked_in")), "{answer}");
    assert_eq!(told[6], "invalid", "{answer}");
    for (result, scan) in results.iter().zip(scans.as_array().expect("scans")) {
        if result["result"] == "invalid" {
            assert!(result["errors"].as_array().is_some_and(|errors| !errors.is_empty()), "of {scan}: {result}");
        }
    }
    let refused = show
        .staff
        .post(&show.path("/check-ins/batch"), &json!({ "scans": vec![json!({}); 1001] }))
        .problem(422, "invalid")
        .await;
    assert_eq!(refused.pointers(), ["/scans"]);
}

#[tokio::test]
async fn a_thousand_scans_in_a_batch_are_all_recorded() {
    let (show, floor) = Show::standing(&shared(), "A thousand", 1000, json!({})).await;
    let sold = show.sell(json!([{ "ticket_type": floor, "quantity": 200 }])).await;
    let tickets = sold["tickets"].as_array().expect("tickets");
    let scans: Vec<Value> = (0..1000_u32)
        .map(|number| {
            json!({ "short_code": tickets[number as usize % 200]["short_code"], "scan": fixed_uuid(number).to_string() })
        })
        .collect();
    let answer = show.staff.post(&show.path("/check-ins/batch"), &json!({ "scans": scans })).expect(200).await;
    let results = answer["results"].as_array().expect("results");
    let admitted = results.iter().filter(|result| result["result"] == "admitted").count();
    assert_eq!((results.len(), admitted), (1000, 200));
    assert_eq!(show.recorded("CheckInRefused").await.len(), 800);
}

#[tokio::test]
async fn a_check_in_is_undone_once_and_the_ticket_admits_again() {
    let (show, tickets) = show_with_tickets("Undone", 1).await;
    let first = show.check_in(json!({ "short_code": tickets[0]["short_code"] })).await;
    let undo = show.path(&format!("/check-ins/{}/undo", first.text("scan")));
    let undone = show.staff.post(&undo, &json!({ "reason": "Wrong button" })).expect(200).await;
    let attendance = show.seen("/attendance", undone.position()).await;
    assert_eq!((&attendance["inside"], &attendance["admitted"]), (&json!(0), &json!(0)), "{attendance}");
    show.staff.post(&undo, &json!({ "reason": "Again" })).problem(409, "already_undone").await;
    // The scan is answered as it is now.
    let again = show.check_in(json!({ "short_code": tickets[0]["short_code"], "scan": first["scan"] })).await;
    assert_eq!(again["undone"], true, "{again}");
    let second = show.check_in(json!({ "short_code": tickets[0]["short_code"] })).await;
    assert_eq!(second["result"], "admitted", "{second}");
    assert_eq!(show.recorded("CheckInUndone").await.len(), 1);
}
