//! Field names are those of the HTTP contract, all present also where they are null.

use std::collections::BTreeSet;

use domain::show::{Order, Ticket};
use projections::{
    queries::List,
    views::{self, ChangesView, DoorListView, SeatsView},
};
use serde::Serialize;
use serde_json::Value;

use crate::{story::Story, world::noon};

/// The names of an object's fields; of a list, those of its first item.
fn fields(value: &Value) -> String {
    match value {
        Value::Array(items) => fields(items.first().unwrap()),
        Value::Object(object) => {
            object.keys().cloned().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" ")
        }
        other => panic!("{other} has no fields"),
    }
}

fn json(view: impl Serialize) -> Value {
    serde_json::to_value(view).unwrap()
}

fn sorted(names: &str) -> String {
    names.split_whitespace().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" ")
}

/// A story with a sale, and that sale.
fn sale() -> (Story, Order, Ticket) {
    let mut story = Story::begin(3);
    while story.show().tickets().count() == 0 {
        story.hold();
        story.order();
        story.payment();
    }
    story.enter();
    let ticket = story.show().tickets().next().cloned().unwrap();
    let order = story.show().order(ticket.order).cloned().unwrap();
    (story, order, ticket)
}

#[test]
fn a_show_and_its_places_have_the_fields_of_the_contract() {
    let (story, ..) = sale();
    let show = json(views::show_view(story.show()));
    assert_eq!(
        fields(&show),
        sorted(
            "id slug name description venue timezone doors_at starts_at ends_at currency sales hold_seconds \
             pay_within_seconds status code_length ticket_types pools areas gates opens_before_seconds codes holder \
             paused_channels"
        )
    );
    assert_eq!(fields(&show["venue"]), sorted("name address latitude longitude"));
    assert_eq!(show["venue"]["latitude"], 50.987_654_3);
    assert_eq!(
        fields(&show["ticket_types"]),
        sorted(
            "id name price prices sections categories pools capacity persons max_per_order min_per_order sales channels \
             areas entries valid tax"
        )
    );
    assert_eq!(
        show["ticket_types"][0]["prices"][0]["price"],
        json(serde_json::json!({"amount": 4_000, "currency": "EUR"}))
    );
    assert_eq!(fields(&show["areas"]), sorted("name limit reentry per"));
    assert_eq!(fields(&show["gates"]), sorted("name area sections ticket_types"));

    let seating = json(views::seating_view(story.show().seating.as_ref().unwrap()));
    assert_eq!(fields(&seating["sections"]), sorted("name rows capacity"));
    assert_eq!(fields(&seating["sections"][0]["rows"][0]["seats"]), sorted("seat x y category features"));
    assert_eq!(seating["sections"][0]["rows"][0]["seats"][8], Value::Null, "an aisle");
    assert_eq!(seating["sections"][0]["rows"][0]["seats"][1]["x"], 1.1);

    for numbers in [false, true] {
        let availability = json(views::availability_row(story.show()).view(noon(), numbers));
        assert_eq!(fields(&availability), sorted("status on_sale ticket_types sections"));
        let figures = "level capacity available held sold blocked";
        assert_eq!(fields(&availability["ticket_types"]), sorted(&format!("id name prices {figures}")));
        assert_eq!(fields(&availability["sections"]), sorted(&format!("name {figures}")));
        assert_eq!(availability["sections"][0]["capacity"].is_null(), !numbers);
    }
    assert_eq!(fields(&json(SeatsView::default())), sorted("seats mine"));
    let changes = json(ChangesView::default());
    assert_eq!(fields(&changes), sorted("position reset seats availability attendance"));
}

#[test]
fn orders_tickets_and_the_door_have_the_fields_of_the_contract() {
    let (story, order, ticket) = sale();
    let show = story.show();
    let order = json(views::order_view(show, &order));
    assert_eq!(
        fields(&order),
        sorted("id reference status lines total paid refunded due expires_at channel terms customer tickets")
    );
    assert_eq!(fields(&order["lines"]), sorted("id kind amount tax ticket ticket_type seat category"));
    let listed = json(views::door_list_ticket(show, &ticket));
    assert_eq!(
        fields(&listed),
        sorted(
            "id short_code ticket_type seat section holder state issue persons unpaid due entries_left persons_left areas \
             valid"
        )
    );
    assert_eq!(fields(&listed["areas"]), sorted("area day entries_left persons_left inside out"));
    let ticket = json(views::ticket_view(show, &ticket));
    assert_eq!(fields(&ticket), sorted("id order short_code ticket_type seat section status persons holder admitted"));
    let attendance = json(views::attendance_view(show));
    assert_eq!(
        fields(&attendance),
        sorted("issued admitted inside departed refused overridden counted by_area by_gate by_minute by_ticket_type")
    );
    let list = json(DoorListView::new(1, true, views::show_view(show), Vec::new()));
    assert_eq!(fields(&list), sorted("position whole show ticket_types areas gates tickets keys"));
    assert_eq!(fields(&json(List { items: vec![1], next: None })), "items next");
}
