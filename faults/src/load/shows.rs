//! The shows that are sold: small and hot, with named seats, with pools, and one that never sells out. They are planned through
//! the same requests as everything else, also in the middle of faults.

use std::sync::{Mutex, PoisonError};

use rand::Rng as _;
use rand::rngs::StdRng;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::asking::Asking;
use super::request::{Request, id};
use crate::ADMIN_TOKEN;
use crate::journal::Fact;

/// Which show it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavor {
    /// Room for 60, sold out in seconds; what is given back is fought for.
    Hot,
    /// 120 named seats in two categories.
    Seated,
    /// Two sections, three types (one of them for families of four) and a pool that is smaller than both.
    Pools,
    /// Never sold out; a lounge that holds 15 people, tickets that admit three times.
    Field,
}

/// Long enough for most buyers, short enough that some holds run out.
const HOLD_SECONDS: u32 = 4;
const PAY_WITHIN_SECONDS: u32 = 6;

/// A ticket that somebody bought.
#[derive(Debug, Clone)]
pub struct Sold {
    pub ticket: Uuid,
    pub order: Uuid,
    pub code: String,
    pub token: String,
}

/// A published show, and what was sold of it.
#[derive(Debug)]
pub struct Shop {
    pub id: Uuid,
    pub flavor: Flavor,
    /// Ticket types, each with whether its places are seats.
    pub types: Vec<Uuid>,
    /// Addresses of its seats.
    pub seats: Vec<String>,
    pub areas: &'static [&'static str],
    sold: Mutex<Vec<Sold>>,
}

impl Shop {
    /// A path below this show's.
    pub fn path(&self, rest: &str) -> String {
        format!("/shows/{}{rest}", self.id)
    }

    /// The tickets of an answer, issued for an order.
    pub fn note_sold(&self, order: Uuid, answer: &Value) {
        let tickets = answer["tickets"].as_array().into_iter().flatten();
        let sold = tickets.filter_map(|ticket| {
            Some(Sold {
                ticket: id(ticket, "/id")?,
                order,
                code: ticket["short_code"].as_str()?.to_owned(),
                token: ticket["token"].as_str()?.to_owned(),
            })
        });
        self.sold.lock().unwrap_or_else(PoisonError::into_inner).extend(sold);
    }

    /// One of the tickets, the latest more often than others.
    pub fn any_sold(&self, rng: &mut StdRng) -> Option<Sold> {
        let sold = self.sold.lock().unwrap_or_else(PoisonError::into_inner);
        let from = if rng.random_bool(0.7) { sold.len().saturating_sub(40) } else { 0 };
        (!sold.is_empty()).then(|| sold[rng.random_range(from..sold.len())].clone())
    }

    /// What somebody asks for: seats by name, or so many of a type.
    pub fn items(&self, rng: &mut StdRng) -> Value {
        let ticket_type = self.types[rng.random_range(0..self.types.len())];
        if !self.seats.is_empty() && rng.random_bool(0.6) {
            let first = rng.random_range(0..self.seats.len());
            let count = rng.random_range(1..=3).min(self.seats.len() - first);
            return json!([{ "ticket_type": ticket_type, "seats": self.seats[first..first + count] }]);
        }
        json!([{ "ticket_type": ticket_type, "quantity": rng.random_range(1..=3) }])
    }
}

/// The tickets of an answer as facts.
pub fn issued(answer: &Value) -> Option<Vec<Fact>> {
    let tickets = answer["tickets"].as_array()?;
    tickets.iter().map(|ticket| Some(("TicketIssued", id(ticket, "/id")?))).collect()
}

/// Plans and publishes a show; `None` when the run was given up meanwhile.
pub async fn plan(asking: &Asking, rng: &mut StdRng, flavor: Flavor) -> Option<Shop> {
    let mut planner = Planner { asking, rng, show: Uuid::nil() };
    let body = json!({
        "name": format!("{flavor:?}"), "description": "", "venue": { "name": "Hall", "address": "Market 1" },
        "timezone": "Europe/Berlin", "starts_at": "2041-05-04T18:00:00Z", "currency": "EUR",
        "hold_seconds": HOLD_SECONDS, "pay_within_seconds": PAY_WITHIN_SECONDS,
    });
    planner.show = planner.made("ScheduleShow", "ShowScheduled", "", body).await?;
    let show = planner.show;
    let (seating, seats) = seating(flavor);
    planner.set("AdoptSeating", "SeatingAdopted", Method::PUT, "/seating", json!({ "sections": seating })).await?;
    let types = planner.types(flavor).await?;
    let areas = planner.door(flavor).await?;
    planner.set("PublishShow", "ShowPublished", Method::POST, "/publish", json!({})).await?;
    Some(Shop { id: show, flavor, types, seats, areas, sold: Mutex::default() })
}

fn seating(flavor: Flavor) -> (Value, Vec<String>) {
    match flavor {
        Flavor::Hot => (json!([{ "name": "Floor", "capacity": 60 }]), Vec::new()),
        Flavor::Pools => {
            (json!([{ "name": "Floor", "capacity": 150 }, { "name": "Gallery", "capacity": 100 }]), Vec::new())
        }
        Flavor::Field => (json!([{ "name": "Field", "capacity": 1_000_000 }]), Vec::new()),
        Flavor::Seated => {
            let (rows, seats) = (1..=8, 1..=15);
            let category = |row: u32| if row <= 3 { "Front" } else { "Back" };
            let row = |row: u32| {
                let seats = seats.clone().map(|seat| json!({ "seat": seat.to_string(), "category": category(row) }));
                json!({ "label": row.to_string(), "seats": seats.collect::<Vec<_>>() })
            };
            let addresses = rows.clone().flat_map(|row| seats.clone().map(move |seat| format!("Stalls-{row}-{seat}")));
            let addresses = addresses.collect();
            (json!([{ "name": "Stalls", "rows": rows.map(row).collect::<Vec<_>>() }]), addresses)
        }
    }
}

struct Planner<'run> {
    asking: &'run Asking,
    rng: &'run mut StdRng,
    show: Uuid,
}

impl Planner<'_> {
    /// Makes something with an id of its own; for a show, `rest` is empty.
    async fn made(&mut self, what: &'static str, fact: &'static str, rest: &str, body: Value) -> Option<Uuid> {
        let path = if rest.is_empty() { "/shows".to_owned() } else { format!("/shows/{}{rest}", self.show) };
        let request = request(what, Method::POST, path, body);
        let number = self.asking.number();
        let answer = self.asking.ask(self.rng, number, request, |body| Some(vec![(fact, id(body, "/id")?)])).await?;
        id(&answer.body, "/id")
    }

    /// Sets something of the show.
    async fn set(
        &mut self,
        what: &'static str,
        fact: &'static str,
        method: Method,
        rest: &str,
        body: Value,
    ) -> Option<()> {
        let show = self.show;
        let request = request(what, method, format!("/shows/{show}{rest}"), body);
        let number = self.asking.number();
        self.asking.ask(self.rng, number, request, |_| Some(vec![(fact, show)])).await.map(drop)
    }

    async fn types(&mut self, flavor: Flavor) -> Option<Vec<Uuid>> {
        let bodies = match flavor {
            Flavor::Hot => vec![json!({ "name": "Standing", "price": 2500 })],
            Flavor::Seated => {
                let prices = json!([{ "category": "Front", "price": 6000 }, { "category": "Back", "price": 3500 }]);
                vec![json!({ "name": "Seat", "prices": prices })]
            }
            Flavor::Pools => {
                let pool =
                    self.made("AddPool", "PoolAdded", "/pools", json!({ "name": "Fire limit", "capacity": 180 }));
                let pools = json!([pool.await?]);
                vec![
                    json!({ "name": "Floor", "price": 2000, "sections": ["Floor"], "pools": pools }),
                    json!({ "name": "Gallery", "price": 3000, "sections": ["Gallery"], "pools": pools, "capacity": 70 }),
                    json!({ "name": "Family", "price": 5000, "sections": ["Floor"], "pools": pools, "persons": 4 }),
                ]
            }
            Flavor::Field => vec![
                json!({ "name": "Day", "price": 1500 }),
                json!({ "name": "Thrice", "price": 1500, "entries": 3, "persons": 2 }),
            ],
        };
        let mut types = Vec::new();
        for body in bodies {
            types.push(self.made("AddTicketType", "TicketTypeAdded", "/ticket-types", body).await?);
        }
        Some(types)
    }

    async fn door(&mut self, flavor: Flavor) -> Option<&'static [&'static str]> {
        if flavor != Flavor::Field {
            return Some(&["main"]);
        }
        let areas = json!([
            { "name": "main", "reentry": "after_exit", "per": "show" },
            { "name": "lounge", "reentry": "always", "per": "show", "limit": 15 },
        ]);
        let body =
            json!({ "areas": areas, "gates": [], "opens_before_seconds": 0, "codes": "admit", "holder": "none" });
        self.set("SetDoor", "DoorSet", Method::PUT, "/door", body).await?;
        Some(&["main", "lounge"])
    }
}

/// A request of the installation's owner.
pub fn request(what: &'static str, method: Method, path: String, body: Value) -> Request {
    Request { what, method, path, bearer: Some(ADMIN_TOKEN.to_owned()), body: Some(body) }
}
