//! A rush on every kind of place, spread over the nodes by the show or by chance: exactly what there is gets sold, once.

use std::collections::HashSet;

use black_box::{Answer, Client, Show, fixed_uuid};
use futures::StreamExt;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use crate::cluster::{Cluster, at, decided, hashed};

/// Places of each kind.
const PLACES: u32 = 16;
/// Buyers for each place.
const BUYERS_A_PLACE: u32 = 3;
/// Buyers at once.
const AT_ONCE: usize = 24;

/// Which node a buyer comes to.
#[derive(Clone, Copy, Debug)]
enum Routing {
    /// All of one show to one node, as with the balancer's hash.
    Hashed,
    /// Each to any.
    Random,
}

/// A show with named seats, seats that are chosen by the server, standing places and two types that share a pool.
struct Rush {
    show: Show,
    kinds: Vec<Kind>,
}

/// What is sold together, and how.
struct Kind {
    name: &'static str,
    ticket_types: Vec<String>,
    /// The section whose seats buyers name.
    named: Option<&'static str>,
}

impl Rush {
    async fn prepare(staff: &Client) -> Self {
        let show = Show::draft(staff, "Rush over nodes", json!({})).await;
        let rows =
            json!([{ "label": "1", "first": 1, "last": PLACES / 2 }, { "label": "2", "first": 1, "last": PLACES / 2 }]);
        show.seating(json!([
            { "name": "Named", "rows": rows }, { "name": "Best", "rows": rows },
            { "name": "Floor", "capacity": PLACES }, { "name": "Field", "capacity": 10 * PLACES },
        ]))
        .await;
        let pool = show.pool("Fire limit", PLACES).await;
        let of = |section: &str, pools: &[&str]| json!({ "name": section, "price": 2500, "sections": [section], "pools": pools });
        let mut kinds = Vec::new();
        for (name, sections, pools) in [
            ("named seats", vec!["Named"], vec![]),
            ("best seats", vec!["Best"], vec![]),
            ("standing", vec!["Floor"], vec![]),
            ("a pool", vec!["Field", "Field"], vec![pool.as_str()]),
        ] {
            let mut ticket_types = Vec::new();
            for section in &sections {
                ticket_types.push(show.ticket_type(of(section, &pools)).await);
            }
            kinds.push(Kind { name, ticket_types, named: (name == "named seats").then_some("Named") });
        }
        show.publish().await;
        Self { show, kinds }
    }

    /// Lets everybody buy one ticket, of all kinds mixed, at the nodes that `routing` says.
    async fn run(&self, nodes: &[Client], routing: Routing, seed: u64) {
        let mut random = StdRng::seed_from_u64(seed);
        let buyers = (0..PLACES * BUYERS_A_PLACE * u32::try_from(self.kinds.len()).expect("few")).map(|buyer| {
            let kind = buyer as usize % self.kinds.len();
            let node = match routing {
                Routing::Hashed => hashed(&self.show.id, nodes.len()),
                Routing::Random => random.random_range(0..nodes.len()),
            };
            let item = self.kinds[kind].item(buyer / 4);
            let body = json!({ "items": [item], "payment": { "method": "cash" } });
            let (client, path) = (nodes[node].clone(), self.show.path("/tickets"));
            async move {
                let key = fixed_uuid(buyer).to_string();
                (kind, decided(|| client.post(&path, &body).key(&key)).await)
            }
        });
        let answers: Vec<(usize, Answer)> = futures::stream::iter(buyers).buffer_unordered(AT_ONCE).collect().await;
        for (index, kind) in self.kinds.iter().enumerate() {
            let answers: Vec<&Answer> =
                answers.iter().filter(|(of, _)| *of == index).map(|(_, answer)| answer).collect();
            kind.assert_sold_out(&answers);
        }
    }

    /// The log and every node's read models say the same as the answers.
    async fn assert_recorded(&self, cluster: &Cluster) {
        // What the other nodes have sold is seen by whoever knows a position behind it.
        let head = self.show.head().await;
        let issued = self.show.recorded("TicketIssued").await;
        assert_eq!(issued.len(), PLACES as usize * self.kinds.len(), "tickets in the log");
        let mut shown = HashSet::new();
        for node in &cluster.nodes {
            let show = at(&self.show, node);
            let availability = show.seen("/availability", head).await;
            let seats = show.seen("/seats", head).await;
            assert_eq!(seats["seats"].as_object().map(serde_json::Map::len), Some(2 * PLACES as usize), "{seats}");
            let kinds = availability["ticket_types"].as_array().expect("ticket types");
            let sold: u64 = kinds.iter().filter_map(|kind| kind["sold"].as_u64()).sum();
            assert_eq!(sold, u64::from(PLACES) * self.kinds.len() as u64, "{availability}");
            assert!(kinds.iter().all(|kind| kind["available"] == 0 && kind["level"] == "none"), "{availability}");
            shown.insert((availability.text, seats.text));
        }
        assert_eq!(shown.len(), 1, "every node shows the same");
    }
}

impl Kind {
    /// What the n-th buyer of this kind asks for.
    fn item(&self, number: u32) -> Value {
        let ticket_type = &self.ticket_types[number as usize % self.ticket_types.len()];
        match self.named {
            Some(section) => {
                let (row, seat) = (number % 2 + 1, number / 2 % (PLACES / 2) + 1);
                json!({ "ticket_type": ticket_type, "seats": [format!("{section}-{row}-{seat}")] })
            }
            None => json!({ "ticket_type": ticket_type, "quantity": 1 }),
        }
    }

    fn assert_sold_out(&self, answers: &[&Answer]) {
        let (sold, turned_away): (Vec<&Answer>, Vec<&Answer>) = answers.iter().partition(|answer| answer.status == 201);
        assert_eq!(sold.len(), PLACES as usize, "sold of {}", self.name);
        let why = if self.named.is_some() { "seat_taken" } else { "sold_out" };
        for answer in turned_away {
            assert_eq!((answer.status, &answer["code"]), (409, &json!(why)), "{}: {answer}", self.name);
        }
        let tickets: Vec<&Value> = sold.iter().map(|answer| &answer["tickets"][0]).collect();
        let codes: HashSet<&str> = tickets.iter().filter_map(|ticket| ticket["short_code"].as_str()).collect();
        assert_eq!(codes.len(), PLACES as usize, "every ticket of {} has a code of its own", self.name);
        let seats: Vec<&str> = tickets.iter().filter_map(|ticket| ticket["seat"].as_str()).collect();
        assert_eq!(seats.iter().collect::<HashSet<_>>().len(), seats.len(), "a seat is sold twice: {}", self.name);
    }
}

async fn rush(count: usize, shows: u32, routing: Routing) {
    let cluster = Cluster::start(count).await;
    let nodes = cluster.staff(count);
    let mut rushes = Vec::new();
    for _ in 0..shows {
        rushes.push(Rush::prepare(&nodes[0]).await);
    }
    futures::future::join_all(rushes.iter().zip(1..).map(|(rush, seed)| rush.run(&nodes, routing, seed))).await;
    for rush in &rushes {
        rush.assert_recorded(&cluster).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_that_a_shows_buyers_come_to_by_chance_sell_exactly_what_there_is() {
    rush(2, 1, Routing::Random).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn four_nodes_that_a_shows_buyers_come_to_by_chance_sell_exactly_what_there_is() {
    rush(4, 1, Routing::Random).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn four_nodes_with_the_shows_divided_among_them_sell_exactly_what_there_is() {
    rush(4, 3, Routing::Hashed).await;
}
