//! A show with everything in it, so that what is put into one field of a request meets all that stands behind it, and one beside
//! it that nobody may harm.

use black_box::{Answer, Client, Show};
use serde_json::{Value, json};

/// What is attacked.
pub(super) struct World {
    /// What ids and names stand for, by the name of a field or a parameter.
    known: Value,
    /// A show for the commands that end one.
    doomed: Show,
    /// Nothing of it changes, whatever happens.
    pub(super) canary: Show,
    canary_seen: Vec<Value>,
}

impl World {
    pub(super) async fn of(staff: &Client) -> Self {
        let (canary, floor) = Show::standing(staff, "Canary", 50, json!({})).await;
        canary.sell(json!([{ "ticket_type": floor, "quantity": 3 }])).await;
        canary.hold(json!([{ "ticket_type": floor, "quantity": 2 }])).await;
        let (doomed, _) = Show::standing(staff, "Doomed", 50, json!({})).await;
        let known = attacked(staff).await;
        let mut world = Self { known, doomed, canary, canary_seen: Vec::new() };
        world.canary_seen = world.look_at_the_canary().await;
        world
    }

    /// What a field or a parameter of this name stands for, in an operation.
    pub(super) fn known(&self, operation: &str, name: &str) -> Option<Value> {
        const ENDS: &[&str] = &["cancel_show", "close_sales", "pause_sales", "reschedule_show", "adopt_seating"];
        if name == "show" && ENDS.contains(&operation) {
            return Some(self.doomed.id.clone().into());
        }
        self.known.get(name).cloned()
    }

    /// A body that an operation takes, where the required fields alone make none.
    pub(super) fn body(&self, operation: &str) -> Option<Value> {
        let of = |name: &str| self.known[name].clone();
        let items = json!([{ "ticket_type": of("ticket_type"), "quantity": 1 }]);
        Some(match operation {
            "add_ticket_type" => json!({ "name": "Adult", "price": 2500 }),
            "adopt_seating" => json!({ "sections": [{ "name": "Floor", "capacity": 50 }] }),
            "block_places" => {
                json!({ "label": "X", "kind": "house", "places": [{ "section": "Floor", "quantity": 1 }] })
            }
            "hold_places" => json!({ "items": items }),
            "change_hold" => json!({ "add": items }),
            "issue_ticket" => json!({ "items": items, "payment": { "method": "cash" } }),
            "check_in" => json!({ "ticket": of("ticket") }),
            "check_in_batch" => json!({ "scans": [{ "ticket": of("ticket") }] }),
            "count_persons" => json!({ "area": "main", "direction": "in", "persons": 1 }),
            _ => return None,
        })
    }

    /// The canary is as it was, and the figures of the show that was attacked add up.
    pub(super) async fn is_sound(&self) {
        assert_eq!(self.look_at_the_canary().await, self.canary_seen, "the canary was harmed");
        let attacked = self.known["show"].as_str().expect("an id");
        for show in [attacked, &self.doomed.id, &self.canary.id] {
            let seen = self.canary.staff.get(&format!("/shows/{show}/availability")).expect(200).await;
            adds_up(&seen);
        }
    }

    async fn look_at_the_canary(&self) -> Vec<Value> {
        let mut seen = Vec::new();
        for path in ["", "/availability", "/seats", "/seating", "/attendance", "/orders", "/tickets"] {
            seen.push(self.canary.staff.get(&self.canary.path(path)).expect(200).await.json);
        }
        seen.push(json!(self.canary.history().await.len()));
        seen
    }
}

fn adds_up(availability: &Answer) {
    for section in availability["sections"].as_array().expect("sections") {
        let number = |field: &str| section[field].as_i64().unwrap_or_else(|| panic!("no {field} in {section}"));
        let places = ["available", "held", "sold", "blocked"].map(number);
        assert!(places.iter().all(|places| *places >= 0), "{section}");
        assert_eq!(places.iter().sum::<i64>(), number("capacity"), "{section}");
    }
}

async fn attacked(staff: &Client) -> Value {
    let show = Show::draft(staff, "Attacked", json!({})).await;
    let rows: Vec<Value> = (1..=5).map(|row| json!({ "label": row.to_string(), "first": 1, "last": 20 })).collect();
    show.seating(json!([{ "name": "Hall", "rows": rows }, { "name": "Floor", "capacity": 100_000 }])).await;
    let pool = show.pool("Day", 100_000).await;
    let seat = show.ticket_type(json!({ "name": "Seat", "price": 2500, "sections": ["Hall"] })).await;
    let stand =
        show.ticket_type(json!({ "name": "Stand", "price": 1500, "sections": ["Floor"], "pools": [pool] })).await;
    show.door(
        json!({ "areas": [{ "name": "main" }, { "name": "bar" }], "gates": [{ "name": "North", "area": "main" }] }),
    )
    .await;
    show.publish().await;
    let places = json!({ "label": "House", "kind": "house", "places": [{ "seats": ["Hall-1-1", "Hall-1-2"] }] });
    let block = staff.post(&show.path("/blocks"), &places).expect(201).await.text("id");
    let held = show.hold(json!([{ "ticket_type": seat, "quantity": 2 }])).await;
    let to_order = show.hold(json!([{ "ticket_type": stand, "quantity": 2 }])).await;
    let customer = json!({ "name": "Ada Lovelace", "email": "ada@example.org" });
    let ordered = show
        .anyone
        .with_bearer(&to_order.text("secret"))
        .post(&show.path("/orders"), &json!({ "hold": to_order.text("id"), "customer": customer }))
        .expect(201)
        .await;
    let sold = show.sell(json!([{ "ticket_type": stand, "quantity": 4 }])).await;
    let ticket = sold.text("/tickets/0/id");
    let key = staff.post("/api-keys", &json!({ "name": "Website", "role": "seller" })).expect(201).await.text("id");
    let member = json!({ "email": "grace@example.org", "role": "door" });
    let member = staff.post("/members", &member).expect(201).await.text("id");
    let pairing = json!({ "name": "North gate", "shows": [show.id] });
    let pairing = staff.post("/devices/pairings", &pairing).expect(201).await.text("pairing");
    let device = show.anyone.post("/devices", &json!({ "pairing": pairing })).expect(201).await.text("device");
    let scan = staff.post(&show.path("/check-ins"), &json!({ "ticket": ticket, "gate": "North" })).expect(200).await;
    json!({
        "show": show.id, "shows": [show.id], "pool": pool, "pools": [pool], "ticket_type": stand, "ticket_types": [stand],
        "block": block, "from_block": block, "hold": held.text("id"), "item": held.text("/items/0/id"),
        "remove": [held.text("/items/0/id")], "order": ordered.text("id"), "ticket": sold.text("/tickets/1/id"),
        "tickets": [sold.text("/tickets/2/id")], "scan": scan.text("scan"), "position": 1, "section": "Floor",
        "sections": ["Floor"], "area": "main", "areas": ["main"], "gate": "North", "gates": ["North"], "seat": "Hall-2-1",
        "seats": ["Hall-3-1"], "timezone": "Europe/Berlin", "currency": "EUR", "starts_at": black_box::EXAMPLE_START,
        "email": "ada@example.org", "name": "Ada Lovelace", "role": "seller", "key": key, "member": member, "device": device,
    })
}
