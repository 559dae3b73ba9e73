//! A show that a test made for itself.

use serde_json::{Value, json};

use crate::{Answer, Client, Recorded};

/// When the shows of the tests start: far enough away that no run of them ever meets it.
pub const EXAMPLE_START: &str = "2041-05-04T18:00:00Z";

/// A show of one test, with the two callers that most tests have.
#[derive(Clone, Debug)]
pub struct Show {
    /// Its id.
    pub id: String,
    /// A caller who may do everything.
    pub staff: Client,
    /// A caller without credentials.
    pub anyone: Client,
}

/// The smallest body that schedules a show, with `more` of its fields.
#[must_use]
pub fn show_body(name: &str, more: &Value) -> Value {
    let mut body = json!({
        "name": name,
        "description": "",
        "venue": { "name": "Town hall", "address": "Market 1, 12345 Town" },
        "timezone": "Europe/Berlin",
        "starts_at": EXAMPLE_START,
        "currency": "EUR",
    });
    merge(&mut body, more);
    body
}

fn merge(body: &mut Value, more: &Value) {
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        for (name, value) in more {
            body.insert(name.clone(), value.clone());
        }
    }
}

impl Show {
    /// A draft with nothing in it yet but `more` fields of its scheduling.
    pub async fn draft(staff: &Client, name: &str, more: Value) -> Self {
        let answer = staff.post("/shows", &show_body(name, &more)).expect(201).await;
        Self { id: answer.text("id"), staff: staff.clone(), anyone: staff.without_bearer() }
    }

    /// A published show of one standing section, `Floor`, and one ticket type at 25.00; hands back the type's id.
    pub async fn standing(staff: &Client, name: &str, capacity: u32, more: Value) -> (Self, String) {
        let show = Self::draft(staff, name, more).await;
        show.seating(json!([{ "name": "Floor", "capacity": capacity }])).await;
        let ticket_type = show.ticket_type(json!({ "name": "Standing", "price": 2500 })).await;
        show.publish().await;
        (show, ticket_type)
    }

    /// A published show of one section, `Stalls`, of rows `1` to `rows` with seats `1` to `seats` each, all at 40.00;
    /// hands back the ticket type's id.
    pub async fn seated(staff: &Client, name: &str, rows: u32, seats: u32, more: Value) -> (Self, String) {
        let show = Self::draft(staff, name, more).await;
        let rows: Vec<Value> =
            (1..=rows).map(|row| json!({ "label": row.to_string(), "first": 1, "last": seats })).collect();
        show.seating(json!([{ "name": "Stalls", "rows": rows }])).await;
        let ticket_type = show.ticket_type(json!({ "name": "Seat", "price": 4000 })).await;
        show.publish().await;
        (show, ticket_type)
    }

    /// A path below this show's.
    #[must_use]
    pub fn path(&self, rest: &str) -> String {
        format!("/shows/{}{rest}", self.id)
    }

    /// Adopts these sections.
    pub async fn seating(&self, sections: Value) -> Answer {
        self.staff.put(&self.path("/seating"), &json!({ "sections": sections })).expect(200).await
    }

    /// Adds a ticket type and hands back its id.
    pub async fn ticket_type(&self, body: Value) -> String {
        self.staff.post(&self.path("/ticket-types"), &body).expect(201).await.text("id")
    }

    /// Adds a pool and hands back its id.
    pub async fn pool(&self, name: &str, capacity: u32) -> String {
        let body = json!({ "name": name, "capacity": capacity });
        self.staff.post(&self.path("/pools"), &body).expect(201).await.text("id")
    }

    /// Sets the door.
    pub async fn door(&self, body: Value) -> Answer {
        self.staff.put(&self.path("/door"), &body).expect(200).await
    }

    /// Publishes it.
    pub async fn publish(&self) -> Answer {
        self.staff.post(&self.path("/publish"), &json!({})).expect(200).await
    }

    /// Sells at the box office, for cash, and hands back the whole answer.
    pub async fn sell(&self, items: Value) -> Answer {
        let body = json!({ "items": items, "payment": { "method": "cash" } });
        self.staff.post(&self.path("/tickets"), &body).expect(201).await
    }

    /// Sells one ticket of a type at the box office and hands back the ticket.
    pub async fn sell_one(&self, ticket_type: &str) -> Value {
        let answer = self.sell(json!([{ "ticket_type": ticket_type, "quantity": 1 }])).await;
        answer["tickets"][0].clone()
    }

    /// Sells one seat at the box office and hands back the ticket.
    pub async fn sell_seat(&self, ticket_type: &str, seat: &str) -> Value {
        let answer = self.sell(json!([{ "ticket_type": ticket_type, "seats": [seat] }])).await;
        answer["tickets"][0].clone()
    }

    /// Holds without credentials and hands back the answer.
    pub async fn hold(&self, items: Value) -> Answer {
        self.anyone.post(&self.path("/holds"), &json!({ "items": items })).expect(201).await
    }

    /// Looks at a ticket at the door, and demands that the answer has every field of the contract.
    pub async fn check_in(&self, body: Value) -> Answer {
        let answer = self.staff.post(&self.path("/check-ins"), &body).expect(200).await;
        crate::assert_fields(
            &answer.json,
            &[
                "scan",
                "at",
                "result",
                "reason",
                "overridable",
                "say",
                "do",
                "ticket",
                "previous",
                "entries_left",
                "persons_left",
                "undone",
                "because",
            ],
        );
        answer
    }

    /// A query of this show that has seen `position`.
    pub async fn seen(&self, rest: &str, position: u64) -> Answer {
        self.staff.get(&self.path(rest)).at_position(position).expect(200).await
    }

    /// The position of its last event, by a command that changes nothing. Queries of this client wait for it from now on.
    pub async fn head(&self) -> u64 {
        self.staff.patch(&self.path(""), &json!({})).expect(200).await.position()
    }

    /// Its recorded facts.
    pub async fn history(&self) -> Vec<Recorded> {
        crate::history(&self.staff, &self.id).await
    }

    /// How often each of these types stands in its history.
    pub async fn recorded(&self, kind: &str) -> Vec<Recorded> {
        self.history().await.into_iter().filter(|event| event.kind == kind).collect()
    }

    /// All tickets, through all pages, as of a position.
    pub async fn tickets(&self, position: u64) -> Vec<Value> {
        let mut tickets = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.seen(&format!("/tickets?limit=200{cursor}"), position).await;
            tickets.extend(page["items"].as_array().expect("items").iter().cloned());
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return tickets,
            }
        }
    }
}
