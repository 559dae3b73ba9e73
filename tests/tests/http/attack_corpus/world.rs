//! A show with everything in it, so that what is put into one field of a request meets all that stands behind it, and one beside
//! it that nobody may harm.

use black_box::{Answer, Client, Server, Show};
use serde_json::{Value, json};

/// What is attacked.
pub(super) struct World {
    password: String,
    /// What ids and names stand for, by the name of a field or a parameter.
    known: Value,
    /// A show for the commands that end one.
    doomed: Show,
    /// Nothing of it changes, whatever happens.
    pub(super) canary: Show,
    canary_seen: Vec<Value>,
}

impl World {
    /// In an installation with demo data, whose owner has a password.
    pub(super) async fn of(server: &Server) -> Self {
        let staff = &server.staff();
        let password = std::fs::read_to_string(server.data().join("demo-password")).expect("the demo's password");
        let (canary, floor) = Show::standing(staff, "Canary", 50, json!({})).await;
        canary.sell(json!([{ "ticket_type": floor, "quantity": 3 }])).await;
        canary.hold(json!([{ "ticket_type": floor, "quantity": 2 }])).await;
        let (doomed, _) = Show::standing(staff, "Doomed", 50, json!({})).await;
        let known = attacked(staff).await;
        let password = password.trim().to_owned();
        let mut world = Self { password, known, doomed, canary, canary_seen: Vec::new() };
        world.canary_seen = world.look_at_the_canary().await;
        world
    }

    /// What a field or a parameter of this name stands for, in an operation.
    pub(super) fn known(&self, operation: &str, name: &str) -> Option<Value> {
        const ENDS: &[&str] = &["cancel_show", "close_sales", "pause_sales", "reschedule_show", "adopt_seating"];
        if name == "show" && ENDS.contains(&operation) {
            return Some(self.doomed.id.clone().into());
        }
        match (operation, name) {
            ("sign_in", "email") => Some("demo@turnout.example".into()),
            ("sign_in", "password") | ("change_password", _) => Some(self.password.clone().into()),
            ("open_invitation" | "accept_invitation", "token") => self.known.get("invitation").cloned(),
            (_, "password" | "new") => Some("a password that nobody guesses 1".into()),
            (_, name) => self.known.get(name).cloned(),
        }
    }

    /// The headers of a session of the demo's owner.
    pub(super) async fn session(&self, server: &Server) -> Vec<(String, Vec<u8>)> {
        let body = json!({ "email": "demo@turnout.example", "password": self.password });
        let signed_in = server.anyone().post("/session", &body).expect(200).await;
        let cookie = signed_in.header("set-cookie").and_then(|cookie| cookie.split(';').next()).expect("a cookie");
        vec![
            ("Cookie".to_owned(), cookie.as_bytes().to_vec()),
            ("X-CSRF-Token".to_owned(), signed_in.text("csrf").into_bytes()),
        ]
    }

    /// A body that an operation takes, where the required fields alone make none.
    pub(super) fn body(&self, operation: &str) -> Option<Value> {
        let of = |name: &str| self.known[name].clone();
        let items = json!([{ "ticket_type": of("ticket_type"), "quantity": 1 }]);
        Some(match operation {
            "accept_invitation" => {
                json!({ "token": of("invitation"), "name": "Alan", "password": "a password that nobody guesses 1" })
            }
            "add_ticket_type" => json!({ "name": "Adult", "price": 2500 }),
            "adopt_seating" => json!({ "sections": [{ "name": "Floor", "capacity": 50 }] }),
            "block_places" => {
                json!({ "label": "X", "kind": "house", "places": [{ "section": "Floor", "quantity": 1 }] })
            }
            "hold_places" => json!({ "items": items }),
            "change_hold" => json!({ "add": items }),
            "issue_ticket" => json!({ "items": items, "payment": { "method": "cash" } }),
            "check_in" => json!({ "ticket": of("ticket"), "gate": "North" }),
            "check_in_batch" => json!({ "scans": [{ "ticket": of("ticket"), "gate": "North" }] }),
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
    let member = staff.post("/members", &member).expect(201).await;
    let invited = json!({ "email": "alan@example.org", "role": "door" });
    let invited = staff.post("/members", &invited).expect(201).await;
    let invitation = invited.text("link").split('#').nth(1).expect("a token").to_owned();
    let pairing = json!({ "name": "North gate", "shows": [show.id] });
    let unpaired = staff.post("/devices/pairings", &pairing).expect(201).await.text("pairing");
    let pairing = staff.post("/devices/pairings", &pairing).expect(201).await.text("pairing");
    let device = show.anyone.post("/devices", &json!({ "pairing": pairing })).expect(201).await.text("device");
    let person = staff.get("/people").expect(200).await.text("/items/0/id");
    let scan = staff.post(&show.path("/check-ins"), &json!({ "ticket": ticket, "gate": "North" })).expect(200).await;
    json!({
        "show": show.id, "shows": [show.id], "pool": pool, "pools": [pool], "ticket_type": stand, "ticket_types": [stand],
        "block": block, "from_block": block, "hold": held.text("id"), "item": held.text("/items/0/id"),
        "remove": [held.text("/items/0/id")], "order": ordered.text("id"), "ticket": sold.text("/tickets/1/id"),
        "tickets": [sold.text("/tickets/2/id")], "scan": scan.text("scan"), "position": 1, "section": "Floor",
        "sections": ["Floor"], "area": "main", "areas": ["main"], "gate": "North", "gates": ["North"], "seat": "Hall-2-1",
        "seats": ["Hall-3-1"], "timezone": "Europe/Berlin", "currency": "EUR", "starts_at": black_box::EXAMPLE_START,
        "email": "ada@example.org", "name": "Ada Lovelace", "role": "seller", "key": key, "member": member.text("id"),
        "invitation": invitation, "device": device, "pairing": unpaired, "person": person,
    })
}
