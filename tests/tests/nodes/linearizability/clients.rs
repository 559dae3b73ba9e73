//! Clients that do as they like with a few seats and standing places, at any node, and note what they asked and were told.
//!
//! A seed decides what each client asks, where, and which of its connections break; how it all interleaves is the machine's.
//! A client that breaks off asks again with the same key at another node: once that is done, it was done once, sometime since
//! the first call. Or it leaves it as it is: whether that ever happens nobody knows.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use black_box::{Call, Client, Show, fixed_uuid};
use futures::future::join_all;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use reqwest::Method;
use serde_json::json;

use super::checker::Operation;
use super::models::{Answer, Ask, Maker, Places};

/// Named seats, each an object of its own.
pub const SEATS: usize = 3;
/// Standing places, together one object.
pub const STANDING: u32 = 4;
/// The most that one hold keeps of them.
const HOLD_MAX: u32 = 3;

/// One in so many requests breaks off, at the latest after so long.
const BREAKS_ONE_IN: u32 = 8;
const BREAKS_MICROSECONDS: u64 = 8_000;
/// Of broken ones that may be left open, one in so many is.
const LEFT_ONE_IN: u32 = 3;
/// How often one that may not be left is sent again after a rejection, and after how long.
const ASKED_AGAIN: u32 = 5;
const AGAIN_AFTER: Duration = Duration::from_millis(20);
/// How many things of a kind an object's clients remember; older ones are asked about no more.
const REMEMBERED: usize = 5;

/// One object's operations, and what its clients have learned.
struct Object {
    places: Places,
    ticket_type: String,
    /// Where it is a seat.
    seat: Option<String>,
    known: Mutex<Known>,
    history: Mutex<Vec<Operation<Places>>>,
}

/// What was made: by which operation, and its id.
#[derive(Default)]
struct Known {
    holds: VecDeque<(Maker, String)>,
    tickets: VecDeque<(Maker, String)>,
    scans: VecDeque<(Maker, String)>,
}

/// A show with its objects, asked at several nodes.
pub struct Scene {
    show: Show,
    nodes: Vec<Client>,
    objects: Vec<Object>,
    clock: AtomicU64,
    operations: AtomicUsize,
}

/// The operations of one object, and what it has to do.
pub struct History {
    /// Of what.
    pub name: String,
    /// What it promises.
    pub places: Places,
    /// What happened.
    pub operations: Vec<Operation<Places>>,
}

impl Scene {
    /// A show of [`SEATS`] seats and [`STANDING`] places.
    pub async fn prepare(nodes: &[Client]) -> Arc<Self> {
        let show = Show::draft(&nodes[0], "As they like", json!({ "hold_seconds": 3_600 })).await;
        let rows = json!([{ "label": "1", "first": 1, "last": SEATS }]);
        show.seating(json!([{ "name": "Stalls", "rows": rows }, { "name": "Floor", "capacity": STANDING }])).await;
        let seat = show.ticket_type(json!({ "name": "Seat", "price": 1000, "sections": ["Stalls"] })).await;
        let floor = show.ticket_type(json!({ "name": "Floor", "price": 1000, "sections": ["Floor"] })).await;
        show.publish().await;
        let object = |places, ticket_type: &String, seat| Object {
            places,
            ticket_type: ticket_type.clone(),
            seat,
            known: Mutex::default(),
            history: Mutex::default(),
        };
        let mut objects: Vec<Object> = (1..=SEATS)
            .map(|number| object(Places { capacity: 1, full: "seat_taken" }, &seat, Some(format!("Stalls-1-{number}"))))
            .collect();
        objects.push(object(Places { capacity: STANDING, full: "sold_out" }, &floor, None));
        let (clock, operations) = (AtomicU64::new(0), AtomicUsize::new(0));
        Arc::new(Self { show, nodes: nodes.to_vec(), objects, clock, operations })
    }

    /// Lets so many clients do so many operations each, and hands back what happened to each object.
    pub async fn play(self: &Arc<Self>, clients: u64, operations_each: u32, seed: u64) -> Vec<History> {
        let clients = (0..clients).map(|client| {
            let (scene, mut random) = (Arc::clone(self), StdRng::seed_from_u64(seed << 8 | client));
            tokio::spawn(async move {
                for _ in 0..operations_each {
                    scene.operate(&mut random).await;
                }
            })
        });
        for client in join_all(clients).await {
            client.expect("a client's end");
        }
        let histories = self.objects.iter().map(|object| History {
            name: object.seat.clone().unwrap_or_else(|| "Floor".to_owned()),
            places: object.places,
            operations: object.history.lock().expect("a history").clone(),
        });
        histories.collect()
    }

    /// Its show, where the first node is asked.
    pub fn show(&self) -> &Show {
        &self.show
    }

    fn tick(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::SeqCst)
    }

    async fn operate(&self, random: &mut StdRng) {
        let object = &self.objects[random.random_range(0..self.objects.len())];
        let number = self.operations.fetch_add(1, Ordering::SeqCst);
        let (ask, target) = object.choose(random);
        let scan = fixed_uuid(u32::try_from(number).expect("a small number")).to_string();
        let call = |node: usize| self.call(object, node, number, &ask, &target, &scan);
        // What makes something is asked for again until it is known, or its place would be lost to the test.
        let may_be_left = matches!(ask, Ask::Extend(_) | Ask::Release(_) | Ask::Void(_) | Ask::UndoCheckIn(_));
        let breaks_after = (random.random_range(0..BREAKS_ONE_IN) == 0)
            .then(|| Duration::from_micros(random.random_range(0..BREAKS_MICROSECONDS)));
        let left = may_be_left && random.random_range(0..LEFT_ONE_IN) == 0;
        let mut node = random.random_range(0..self.nodes.len());

        let called = self.tick();
        let first = match breaks_after {
            Some(after) => tokio::time::timeout(after, call(node).send()).await.ok(),
            None => Some(call(node).send().await),
        };
        // 503, too, says nothing about what happens.
        if let Some(told) = first.filter(|told| told.status != 503) {
            let returned = Some(self.tick());
            let answer = Some(object.learn(number, &ask, &told, &scan));
            return object.note(Operation { number, ask, answer, called, returned });
        }
        for _ in 0..if left { 0 } else { ASKED_AGAIN } {
            node = (node + 1) % self.nodes.len();
            let called_again = self.tick();
            let told = call(node).send().await;
            if told.status == 503 {
                continue;
            }
            let returned = Some(self.tick());
            let answer = object.learn(number, &ask, &told, &scan);
            // What is done is done once, and a scan has one answer, refused or not.
            if answer == Answer::Done || matches!(ask, Ask::CheckIn(_)) {
                return object.note(Operation { number, ask, answer: Some(answer), called, returned });
            }
            // A rejected key is decided anew each time it comes: the first time may still be under way.
            let number = self.operations.fetch_add(1, Ordering::SeqCst);
            let again = ask.clone();
            object.note(Operation { number, ask: again, answer: Some(answer), called: called_again, returned });
            tokio::time::sleep(AGAIN_AFTER).await;
        }
        object.note(Operation { number, ask, answer: None, called, returned: None });
    }

    fn call(&self, object: &Object, node: usize, number: Maker, ask: &Ask, target: &str, scan: &str) -> Call {
        let (staff, show) = (&self.nodes[node], &self.show);
        let items = |places: u32| match &object.seat {
            Some(seat) => json!([{ "ticket_type": object.ticket_type, "seats": [seat] }]),
            None => json!([{ "ticket_type": object.ticket_type, "quantity": places }]),
        };
        let reason = json!({ "reason": "As they like" });
        let (method, path, body) = match ask {
            Ask::Hold(places) => (Method::POST, "/holds".to_owned(), json!({ "items": items(*places) })),
            Ask::Extend(_) => (Method::POST, format!("/holds/{target}/extend"), json!({})),
            Ask::Release(_) => (Method::DELETE, format!("/holds/{target}"), json!(null)),
            Ask::Issue => {
                let body = json!({ "items": items(1), "payment": { "method": "cash" } });
                (Method::POST, "/tickets".to_owned(), body)
            }
            Ask::Void(_) => (Method::POST, format!("/tickets/{target}/void"), reason),
            Ask::CheckIn(_) => (Method::POST, "/check-ins".to_owned(), json!({ "ticket": target, "scan": scan })),
            Ask::UndoCheckIn(_) => (Method::POST, format!("/check-ins/{target}/undo"), reason),
        };
        let call = staff.call(method, &show.path(&path)).key(&format!("operation-{number}"));
        if body.is_null() { call } else { call.json(&body) }
    }
}

impl Object {
    /// What to ask next, and the id of what it is about.
    fn choose(&self, random: &mut StdRng) -> (Ask, String) {
        let known = self.known.lock().expect("what is known");
        let one = |things: &VecDeque<(Maker, String)>, random: &mut StdRng| {
            (!things.is_empty()).then(|| things[random.random_range(0..things.len())].clone())
        };
        let most = if self.seat.is_some() { 1 } else { HOLD_MAX };
        // Where there is nothing yet to ask about, something is made.
        let about = match random.random_range(0..100) {
            0..20 => one(&known.holds, random).map(|(hold, id)| (Ask::Release(hold), id)),
            20..25 => one(&known.holds, random).map(|(hold, id)| (Ask::Extend(hold), id)),
            25..47 => one(&known.tickets, random).map(|(ticket, id)| (Ask::Void(ticket), id)),
            47..64 => one(&known.tickets, random).map(|(ticket, id)| (Ask::CheckIn(ticket), id)),
            64..80 => one(&known.scans, random).map(|(scan, id)| (Ask::UndoCheckIn(scan), id)),
            80..90 => None,
            _ => Some((Ask::Issue, String::new())),
        };
        about.unwrap_or_else(|| (Ask::Hold(random.random_range(1..=most)), String::new()))
    }

    /// Reads an answer, and remembers what was made.
    fn learn(&self, number: Maker, ask: &Ask, told: &black_box::Answer, scan: &str) -> Answer {
        let mut known = self.known.lock().expect("what is known");
        let remember = |things: &mut VecDeque<(Maker, String)>, id: String| {
            things.push_back((number, id));
            if things.len() > REMEMBERED {
                things.pop_front();
            }
        };
        match (ask, told.status) {
            (Ask::CheckIn(_), 200) if told["result"] == "refused" => {
                Answer::No(code(told["reason"].as_str().unwrap_or_default(), told))
            }
            (Ask::CheckIn(_), 200) => {
                assert_eq!(told["result"], "admitted", "{told}");
                remember(&mut known.scans, scan.to_owned());
                Answer::Done
            }
            (Ask::Hold(_), 201) => {
                remember(&mut known.holds, told.text("id"));
                Answer::Done
            }
            (Ask::Issue, 201) => {
                remember(&mut known.tickets, told.text("/tickets/0/id"));
                Answer::Done
            }
            (Ask::Extend(_) | Ask::Void(_) | Ask::UndoCheckIn(_), 200) | (Ask::Release(_), 204) => Answer::Done,
            (_, 409) => Answer::No(code(told["code"].as_str().unwrap_or_default(), told)),
            _ => panic!("{ask:?}: {told}"),
        }
    }

    fn note(&self, operation: Operation<Places>) {
        self.history.lock().expect("a history").push(operation);
    }
}

/// The codes and reasons that the models know.
fn code(text: &str, told: &black_box::Answer) -> &'static str {
    const KNOWN: [&str; 9] = [
        "seat_taken",
        "sold_out",
        "hold_expired",
        "limit_exceeded",
        "holder_inside",
        "already_void",
        "already_undone",
        "already_checked_in",
        "void",
    ];
    KNOWN.into_iter().find(|known| *known == text).unwrap_or_else(|| panic!("an answer that nobody expects: {told}"))
}
