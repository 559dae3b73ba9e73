//! Orders: the money of a purchase, and what happens to its places.

use black_box::{Answer, Client, Show, shared};
use serde_json::{Value, json};

fn euros(cents: i64) -> Value {
    json!({ "amount": cents, "currency": "EUR" })
}

/// Two held places at 25.00 and their order, as somebody without credentials makes it.
async fn ordered(name: &str) -> (Show, Answer, Client) {
    let (show, floor) = Show::standing(&shared(), name, 10, json!({})).await;
    let held = show.hold(json!([{ "ticket_type": floor, "quantity": 2 }])).await;
    let buyer = show.anyone.with_bearer(&held.text("secret"));
    let body = json!({ "hold": held["id"], "customer": { "name": "Order Person", "email": "order@example.org" } });
    let order = buyer.post(&show.path("/orders"), &body).expect(201).await;
    let buyer = show.anyone.with_bearer(&order.text("secret"));
    (show, order, buyer)
}

async fn look(show: &Show, order: &Answer, position: u64) -> Answer {
    show.staff.get(&format!("/orders/{}", order.text("id"))).at_position(position).expect(200).await
}

/// `due` is total less paid and plus refunded, always.
#[track_caller]
fn assert_balanced(order: &Answer) {
    let amount = |field: &str| order[field]["amount"].as_i64().unwrap_or_else(|| panic!("no `{field}`: {order}"));
    assert_eq!(amount("due"), amount("total") - amount("paid") + amount("refunded"), "{order}");
    let lines: i64 =
        order["lines"].as_array().expect("lines").iter().filter_map(|line| line["amount"]["amount"].as_i64()).sum();
    assert_eq!(lines, amount("total"), "the lines sum up: {order}");
}

#[tokio::test]
async fn part_payments_let_the_due_fall_and_the_last_one_makes_the_tickets() {
    let (show, order, _) = ordered("Part payments").await;
    let pay = show.path(&format!("/orders/{}/payments", order.text("id")));
    let part = show.staff.post(&pay, &json!({ "method": "cash", "amount": 2000 })).expect(201).await;
    assert_eq!(part.json, json!({ "status": "awaiting_payment", "due": euros(3000), "tickets": [] }));
    let shown = look(&show, &order, part.position()).await;
    assert_eq!((&shown["paid"], &shown["due"]), (&euros(2000), &euros(3000)));
    assert_balanced(&shown);
    let too_much =
        show.staff.post(&pay, &json!({ "method": "cash", "amount": 3001 })).problem(409, "amount_mismatch").await;
    assert_eq!(too_much.pointers(), ["/amount"], "{too_much}");
    for wrong in [json!(0), json!(-5), json!(10.5), json!("3000")] {
        let body = json!({ "method": "cash", "amount": wrong });
        show.staff.post(&pay, &body).problem(422, "invalid").await;
    }
    let rest = show
        .staff
        .post(&pay, &json!({ "method": "bank_transfer", "amount": 3000, "reference": "invoice 17" }))
        .expect(201)
        .await;
    assert_eq!(rest["status"], "paid");
    assert_eq!(rest["tickets"].as_array().expect("tickets").len(), 2);
    assert_balanced(&look(&show, &order, rest.position()).await);
    show.staff.post(&pay, &json!({ "method": "cash", "amount": 1 })).send().await;
    assert_eq!(show.recorded("PaymentRecorded").await.len(), 2, "what is paid takes no more");
}

#[tokio::test]
async fn a_cancelled_order_frees_its_places_and_its_money_stays_owed_until_refunded() {
    let (show, order, _) = ordered("Cancelled").await;
    let base = show.path(&format!("/orders/{}", order.text("id")));
    let paid =
        show.staff.post(&format!("{base}/payments"), &json!({ "method": "cash", "amount": 5000 })).expect(201).await;
    let ticket = paid["tickets"][0].clone();
    let cancelled = show.staff.post(&format!("{base}/cancel"), &json!({ "reason": "Ill" })).expect(200).await;
    let shown = look(&show, &order, cancelled.position()).await;
    assert_eq!(shown["status"], "cancelled");
    assert_eq!((&shown["total"], &shown["paid"], &shown["due"]), (&euros(0), &euros(5000), &euros(-5000)));
    assert_balanced(&shown);
    let availability = show.seen("/availability", cancelled.position()).await;
    assert_eq!(availability["ticket_types"][0]["available"], 10, "{availability}");
    let scanned = show.check_in(json!({ "short_code": ticket["short_code"] })).await;
    assert_eq!(scanned["reason"], "void");

    let refunds = format!("{base}/refunds");
    let body = |amount: i64| json!({ "amount": amount, "method": "cash", "reason": "Ill" });
    show.staff.post(&refunds, &body(5001)).problem(409, "refund_exceeds_paid").await;
    let refunded = show.staff.post(&refunds, &body(5000)).expect(201).await;
    black_box::assert_fields(&refunded.json, &["id", "refunded", "due"]);
    assert_eq!((&refunded["refunded"], &refunded["due"]), (&euros(5000), &euros(0)));
    show.staff.post(&refunds, &body(1)).problem(409, "refund_exceeds_paid").await;
    let shown = look(&show, &order, refunded.position()).await;
    assert_eq!((&shown["total"], &shown["refunded"], &shown["due"]), (&euros(0), &euros(5000), &euros(0)));
    assert_balanced(&shown);
}

#[tokio::test]
async fn a_refund_voids_the_tickets_it_names() {
    let (show, order, _) = ordered("Refunded in part").await;
    let base = show.path(&format!("/orders/{}", order.text("id")));
    let paid = show
        .staff
        .post(&format!("{base}/payments"), &json!({ "method": "card_terminal", "amount": 5000 }))
        .expect(201)
        .await;
    let first = paid["tickets"][0]["id"].clone();
    let refunded = show
        .staff
        .post(
            &format!("{base}/refunds"),
            &json!({ "amount": 2500, "method": "card_terminal", "tickets": [first], "reason": "One is ill" }),
        )
        .expect(201)
        .await;
    assert_eq!(refunded["due"], euros(0));
    let shown = look(&show, &order, refunded.position()).await;
    assert_eq!((&shown["status"], &shown["total"], &shown["refunded"]), (&json!("paid"), &euros(2500), &euros(2500)));
    assert_balanced(&shown);
    let ticket =
        show.staff.get(&format!("/tickets/{}", first.as_str().expect("an id"))).at_position(refunded.position());
    assert_eq!(ticket.expect(200).await["status"], "void");
    let availability = show.seen("/availability", refunded.position()).await;
    assert_eq!(availability["ticket_types"][0]["available"], 9, "{availability}");
}

#[tokio::test]
async fn a_refund_that_voids_nothing_is_a_discount() {
    let (show, order, _) = ordered("Goodwill").await;
    let base = show.path(&format!("/orders/{}", order.text("id")));
    show.staff.post(&format!("{base}/payments"), &json!({ "method": "cash", "amount": 5000 })).expect(201).await;
    let refunded = show
        .staff
        .post(&format!("{base}/refunds"), &json!({ "amount": 700, "method": "cash", "reason": "Bad view" }))
        .expect(201)
        .await;
    assert_eq!(refunded["due"], euros(0));
    let shown = look(&show, &order, refunded.position()).await;
    let discount = shown["lines"].as_array().expect("lines").iter().find(|line| line["kind"] == "discount");
    assert_eq!(discount.expect("a discount")["amount"], euros(-700));
    assert_eq!((&shown["total"], &shown["status"]), (&euros(4300), &json!("paid")));
    assert_balanced(&shown);
}

#[tokio::test]
async fn whoever_has_the_orders_secret_sees_it_and_nobody_else_does() {
    let (show, order, buyer) = ordered("Secret").await;
    let path = format!("/orders/{}", order.text("id"));
    let mine = buyer.get(&path).at_position(order.position()).expect(200).await;
    assert_eq!(mine["customer"]["email"], "order@example.org");
    assert_eq!(mine["show"], show.id.as_str());
    show.anyone.get(&path).problem(401, "unauthenticated").await;
    let (_, _, stranger) = ordered("Another secret").await;
    let refused = stranger.get(&path).send().await;
    assert!([403, 404].contains(&refused.status), "{refused}");
    buyer.post(&show.path(&format!("{path}/payments")), &json!({ "method": "cash", "amount": 5000 })).send().await;
    assert!(show.recorded("PaymentRecorded").await.is_empty(), "only staff take money");
}

#[tokio::test]
async fn an_order_of_nothing_due_is_paid_at_once() {
    let show = Show::draft(&shared(), "Free", json!({})).await;
    show.seating(json!([{ "name": "Floor", "capacity": 10 }])).await;
    let free = show.ticket_type(json!({ "name": "Free", "price": 0 })).await;
    show.publish().await;
    let held = show.hold(json!([{ "ticket_type": free, "quantity": 2 }])).await;
    let buyer = show.anyone.with_bearer(&held.text("secret"));
    let body = json!({ "hold": held["id"], "customer": { "name": "Free Guest", "email": "free@example.org" } });
    let order = buyer.post(&show.path("/orders"), &body).expect(201).await;
    assert_eq!((&order["status"], &order["expires_at"]), (&json!("paid"), &Value::Null), "{order}");
    assert_eq!(order["tickets"].as_array().expect("tickets").len(), 2);
}

#[tokio::test]
async fn orders_are_found_by_status_and_by_the_customers_name() {
    let (show, order, _) = ordered("Found").await;
    let all = show.seen("/orders", order.position()).await;
    assert_eq!(all["items"].as_array().expect("items").len(), 1);
    let by_name = show.seen("/orders?q=order%20person", order.position()).await;
    assert_eq!(by_name["items"][0]["id"], order["id"], "{by_name}");
    let by_reference = show.seen(&format!("/orders?q={}", order.text("reference")), order.position()).await;
    assert_eq!(by_reference["items"][0]["id"], order["id"], "{by_reference}");
    let nobody = show.seen("/orders?q=somebody%20else", order.position()).await;
    assert_eq!(nobody["items"], json!([]));
    let awaiting = show.seen("/orders?status=awaiting_payment", order.position()).await;
    assert_eq!(awaiting["items"].as_array().expect("items").len(), 1);
    let paid = show.seen("/orders?status=paid", order.position()).await;
    assert_eq!(paid["items"], json!([]));
    show.staff.get(&show.path("/orders?status=unheard_of")).problem(422, "invalid").await;
}

#[tokio::test]
async fn the_channel_of_a_sale_is_recorded() {
    let (show, order, _) = ordered("Channels").await;
    let shown = look(&show, &order, order.position()).await;
    assert_eq!(shown["channel"], "web");
    let floor = show.seen("/availability", order.position()).await["ticket_types"][0]["id"].clone();
    let sold = show.sell(json!([{ "ticket_type": floor, "quantity": 1 }])).await;
    let shown =
        show.staff.get(&format!("/orders/{}", sold.text("order"))).at_position(sold.position()).expect(200).await;
    assert!(["box_office", "api"].contains(&shown["channel"].as_str().expect("a channel")), "{shown}");
    assert_balanced(&shown);
}
