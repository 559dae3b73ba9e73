//! Four hundred buyers for a hundred places, at once: exactly a hundred are sold and everybody else is told so.

use std::collections::HashSet;
use std::time::Duration;

use black_box::{Answer, Client, Show, fixed_uuid, shared};
use futures::StreamExt;
use serde_json::{Value, json};

const BUYERS: u32 = 400;
const PLACES: u32 = 100;

/// Buys until the server decides: when it sheds load (503) the buyer comes back with the same key.
async fn buy(staff: Client, path: String, body: Value, key: String) -> Answer {
    for _ in 0..60 {
        let answer = staff.post(&path, &body).key(&key).send().await;
        if answer.status != 503 {
            return answer;
        }
        assert!(answer.header("retry-after").is_some(), "{answer}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("the server was busy sixty times in a row");
}

/// Lets everybody buy one ticket of the type, `at_a_time` of them together.
async fn rush(show: &Show, ticket_type: &str, at_a_time: usize) {
    let body = json!({ "items": [{ "ticket_type": ticket_type, "quantity": 1 }], "payment": { "method": "cash" } });
    let answers: Vec<Answer> = futures::stream::iter(0..BUYERS)
        .map(|buyer| buy(show.staff.clone(), show.path("/tickets"), body.clone(), fixed_uuid(buyer).to_string()))
        .buffer_unordered(at_a_time)
        .collect()
        .await;

    let (sold, turned_away): (Vec<&Answer>, Vec<&Answer>) = answers.iter().partition(|answer| answer.status == 201);
    assert_eq!(sold.len(), PLACES as usize, "sold");
    for answer in &turned_away {
        assert_eq!((answer.status, &answer["code"]), (409, &json!("sold_out")), "{answer}");
    }
    assert_eq!(turned_away.len(), (BUYERS - PLACES) as usize);

    let tickets: Vec<&Value> = sold.iter().map(|answer| &answer["tickets"][0]).collect();
    let codes: HashSet<&str> = tickets.iter().filter_map(|ticket| ticket["short_code"].as_str()).collect();
    assert_eq!(codes.len(), PLACES as usize, "every ticket has a code of its own");
    let head = sold.iter().map(|answer| answer.position()).max().unwrap_or_default();
    let listed = show.tickets(head).await;
    assert_eq!(listed.len(), PLACES as usize, "listed");
    let seats: HashSet<&str> = listed.iter().filter_map(|ticket| ticket["seat"].as_str()).collect();
    assert!(seats.is_empty() || seats.len() == PLACES as usize, "no seat is sold twice");
    assert_eq!(show.recorded("TicketIssued").await.len(), PLACES as usize);

    let availability = show.seen("/availability", head).await;
    let kind = availability["ticket_types"]
        .as_array()
        .and_then(|kinds| kinds.iter().find(|kind| kind["id"] == ticket_type))
        .unwrap_or_else(|| panic!("no such type in {availability}"));
    assert_eq!(kind["level"], "none");
    assert_eq!((&kind["sold"], &kind["available"]), (&json!(PLACES), &json!(0)), "{availability}");
}

async fn seated(at_a_time: usize) {
    let (show, seat) = Show::seated(&shared(), "Rush for seats", 5, PLACES / 5, json!({})).await;
    rush(&show, &seat, at_a_time).await;
}

async fn standing(at_a_time: usize) {
    let (show, floor) = Show::standing(&shared(), "Rush for the floor", PLACES, json!({})).await;
    rush(&show, &floor, at_a_time).await;
}

/// Room for a thousand, of which the fire limit lets a tenth in.
async fn pooled(at_a_time: usize) {
    let show = Show::draft(&shared(), "Rush for a pool", json!({})).await;
    show.seating(json!([{ "name": "Floor", "capacity": 1000 }])).await;
    let pool = show.pool("Fire limit", PLACES).await;
    let day = show.ticket_type(json!({ "name": "Day", "price": 2500, "pools": [pool] })).await;
    show.publish().await;
    rush(&show, &day, at_a_time).await;
}

#[tokio::test]
async fn of_400_buyers_64_at_a_time_a_hundred_get_the_hundred_seats() {
    seated(64).await;
}

#[tokio::test]
async fn of_400_buyers_all_at_once_a_hundred_get_the_hundred_seats() {
    seated(400).await;
}

#[tokio::test]
async fn of_400_buyers_64_at_a_time_a_hundred_get_the_hundred_standing_places() {
    standing(64).await;
}

#[tokio::test]
async fn of_400_buyers_all_at_once_a_hundred_get_the_hundred_standing_places() {
    standing(400).await;
}

#[tokio::test]
async fn of_400_buyers_64_at_a_time_a_hundred_get_what_the_pool_gives() {
    pooled(64).await;
}

#[tokio::test]
async fn of_400_buyers_all_at_once_a_hundred_get_what_the_pool_gives() {
    pooled(400).await;
}

#[tokio::test]
async fn holds_without_credentials_never_keep_more_than_there_is() {
    let (show, floor) = Show::standing(&shared(), "Rush of holds", 20, json!({})).await;
    let body = json!({ "items": [{ "ticket_type": floor, "quantity": 2 }] });
    let answers: Vec<Answer> = futures::stream::iter(0..40)
        .map(|_| show.anyone.post(&show.path("/holds"), &body).send())
        .buffer_unordered(40)
        .collect()
        .await;
    let held = answers.iter().filter(|answer| answer.status == 201).count();
    assert!(held <= 10, "{held} holds of two places each, of 20 places");
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert!(answer["code"] == "sold_out" || answer["code"] == "too_many_holds" || answer.status == 429, "{answer}");
    }
    let head = answers.iter().filter(|answer| answer.status == 201).map(Answer::position).max().unwrap_or_default();
    let availability = show.seen("/availability", head).await;
    assert_eq!(availability["ticket_types"][0]["held"], json!(held * 2), "{availability}");
}
