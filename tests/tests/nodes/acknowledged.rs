//! What one node has answered, every other node knows: its next answer, a rejection above all, is never staler than that.
//! Asked again and again, by turns at other nodes, while others sell at the same show.

use black_box::{Answer, Client, Show};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::cluster::{Cluster, at, decided};

const NODES: usize = 3;
const ROUNDS: usize = 2;
const SEAT: &str = "Stalls-1-1";
/// Where a ticket moves when it leaves the seat.
const SPARE_SEAT: &str = "Hall-1-1";

/// A show with one seat that everything is about, and a field on which others sell meanwhile.
struct Stage {
    cluster: Cluster,
    show: Show,
    /// Opens the seat and the spare one.
    seat: String,
    /// Opens the seat alone.
    stalls: String,
    field: String,
    rivals: Vec<JoinHandle<u64>>,
}

impl Stage {
    async fn start() -> Self {
        let cluster = Cluster::start(NODES).await;
        let show = Show::draft(&cluster.nodes[0].staff(), "The last seat", json!({})).await;
        let rows = json!([{ "label": "1", "first": 1, "last": 1 }]);
        show.seating(json!([
            { "name": "Stalls", "rows": rows }, { "name": "Hall", "rows": rows }, { "name": "Field", "capacity": 100_000 },
        ]))
        .await;
        let of = |sections: Value| json!({ "name": sections.to_string(), "price": 1000, "sections": sections });
        let seat = show.ticket_type(of(json!(["Stalls", "Hall"]))).await;
        let stalls = show.ticket_type(of(json!(["Stalls"]))).await;
        let field = show.ticket_type(of(json!(["Field"]))).await;
        show.publish().await;
        Self { cluster, show, seat, stalls, field, rivals: Vec::new() }
    }

    fn at(&self, node: usize) -> Show {
        at(&self.show, &self.cluster.nodes[node % NODES])
    }

    /// Lets somebody sell on the field at every node, once the last ones have; they are in the way of what follows.
    async fn rivals(&mut self) {
        let rivals = self.cluster.nodes.iter().map(|node| {
            let (staff, path) = (node.staff(), self.show.path("/tickets"));
            let items = json!([{ "ticket_type": self.field, "quantity": 1 }]);
            let body = json!({ "items": items, "payment": { "method": "cash" } });
            tokio::spawn(async move { done(&staff, &path, &body).await.position() })
        });
        for earlier in std::mem::replace(&mut self.rivals, rivals.collect()) {
            earlier.await.expect("a sale on the field");
        }
    }

    fn seat_items(&self) -> Value {
        json!([{ "ticket_type": self.seat, "seats": [SEAT] }])
    }

    /// Sells the seat at a node.
    async fn sell_seat(&self, node: usize) -> Answer {
        let show = self.at(node);
        let body = json!({ "items": self.seat_items(), "payment": { "method": "cash" } });
        keyed(&show.staff, &show.path("/tickets"), &body).await
    }

    /// Voids a ticket at a node.
    async fn void(&self, node: usize, ticket: &str) {
        let show = self.at(node);
        done(&show.staff, &show.path(&format!("/tickets/{ticket}/void")), &json!({ "reason": "Ill" })).await;
    }

    /// Every node but the one that gave the seat away says so: by name, with `code`, and by number.
    async fn assert_taken(&self, after: usize, code: &str) {
        for node in after + 1..after + NODES {
            let show = self.at(node);
            let best = json!([{ "ticket_type": self.stalls, "quantity": 1 }]);
            for (items, code) in [(self.seat_items(), code), (best, "sold_out")] {
                let answer = decided(|| show.anyone.post(&show.path("/holds"), &json!({ "items": items }))).await;
                assert_eq!((answer.status, &answer["code"]), (409, &json!(code)), "{answer}");
            }
        }
    }
}

/// A command of staff with a key of its own, which is asked for until it is decided and has to be done.
async fn done(staff: &Client, path: &str, body: &Value) -> Answer {
    let answer = keyed(staff, path, body).await;
    assert!((200..300).contains(&answer.status), "{answer}");
    answer
}

async fn keyed(staff: &Client, path: &str, body: &Value) -> Answer {
    let key = format!("{:032x}", rand::random::<u128>());
    decided(|| staff.post(path, body).key(&key)).await
}

/// The ways by which a taken seat becomes free.
#[derive(Clone, Copy, Debug)]
enum Way {
    VoidTicket,
    CancelOrder,
    RefundTicket,
    MoveTicket,
    ReleaseHold,
    ChangeHold,
    ReleaseBlock,
}

const WAYS: [Way; 7] = [
    Way::VoidTicket,
    Way::CancelOrder,
    Way::RefundTicket,
    Way::MoveTicket,
    Way::ReleaseHold,
    Way::ChangeHold,
    Way::ReleaseBlock,
];

impl Way {
    /// Takes the seat at a node.
    async fn take(self, stage: &Stage, node: usize) -> Answer {
        let show = stage.at(node);
        match self {
            Self::VoidTicket | Self::CancelOrder | Self::RefundTicket | Self::MoveTicket => stage.sell_seat(node).await,
            Self::ReleaseHold | Self::ChangeHold => {
                done(&show.staff, &show.path("/holds"), &json!({ "items": stage.seat_items() })).await
            }
            Self::ReleaseBlock => {
                let body = json!({ "label": "House", "kind": "house", "places": [{ "seats": [SEAT] }] });
                done(&show.staff, &show.path("/blocks"), &body).await
            }
        }
    }

    /// Frees it at a node, and hands back a ticket that has gone elsewhere.
    async fn free(self, stage: &Stage, node: usize, taken: &Answer) -> Option<String> {
        let show = stage.at(node);
        let reason = json!({ "reason": "Ill" });
        match self {
            Self::VoidTicket => stage.void(node, &taken.text("/tickets/0/id")).await,
            Self::CancelOrder => {
                let path = show.path(&format!("/orders/{}/cancel", taken.text("order")));
                done(&show.staff, &path, &reason).await;
            }
            Self::RefundTicket => {
                let path = show.path(&format!("/orders/{}/refunds", taken.text("order")));
                let ticket = taken.text("/tickets/0/id");
                let body = json!({ "amount": 1000, "method": "cash", "tickets": [ticket], "reason": "Ill" });
                done(&show.staff, &path, &body).await;
            }
            Self::MoveTicket => {
                let ticket = taken.text("/tickets/0/id");
                let path = show.path(&format!("/tickets/{ticket}/move"));
                done(&show.staff, &path, &json!({ "seat": SPARE_SEAT })).await;
                return Some(ticket);
            }
            Self::ReleaseHold => {
                let holder = show.anyone.with_bearer(&taken.text("secret"));
                let path = show.path(&format!("/holds/{}", taken.text("id")));
                let released = decided(|| holder.delete(&path)).await;
                assert_eq!(released.status, 204, "{released}");
            }
            Self::ChangeHold => {
                let holder = show.anyone.with_bearer(&taken.text("secret"));
                let path = show.path(&format!("/holds/{}", taken.text("id")));
                let add = json!([{ "ticket_type": stage.field, "quantity": 1 }]);
                let body = json!({ "add": add, "remove": [taken.text("/items/0/id")] });
                let changed = decided(|| holder.patch(&path, &body)).await;
                assert_eq!(changed.status, 200, "{changed}");
            }
            Self::ReleaseBlock => {
                let path = show.path(&format!("/blocks/{}/release", taken.text("id")));
                done(&show.staff, &path, &json!({})).await;
            }
        }
        None
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seat_that_one_node_has_freed_is_sold_by_the_next_and_taken_for_all_others_at_once() {
    let mut stage = Stage::start().await;
    for round in 0..ROUNDS * WAYS.len() {
        let way = WAYS[round % WAYS.len()];
        let (taker, freer, next) = (round, round + 1, round + 2);
        stage.rivals().await;
        let taken = way.take(&stage, taker).await;
        assert!(taken.status == 201, "round {round}, {way:?}: {taken}");
        let code = if matches!(way, Way::ReleaseBlock) { "seat_blocked" } else { "seat_taken" };
        stage.assert_taken(taker, code).await;
        stage.rivals().await;
        let moved = way.free(&stage, freer, &taken).await;
        let sold = stage.sell_seat(next).await;
        assert!(sold.status == 201, "round {round}, {way:?}: the seat is free: {sold}");
        stage.assert_taken(next, "seat_taken").await;
        stage.void(taker, &sold.text("/tickets/0/id")).await;
        if let Some(ticket) = moved {
            stage.void(freer, &ticket).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_node_settles_about_a_show_the_others_go_by_at_once() {
    let stage = Stage::start().await;
    for round in 0..ROUNDS {
        let (first, second, third) = (stage.at(round), stage.at(round + 1), stage.at(round + 2));
        let place = json!({ "items": [{ "ticket_type": stage.field, "quantity": 1 }] });
        let hold = async |show: &Show| decided(|| show.anyone.post(&show.path("/holds"), &place)).await;
        done(&first.staff, &first.path("/pause-sales"), &json!({})).await;
        for show in [&second, &third] {
            let paused = hold(show).await;
            assert_eq!((paused.status, &paused["code"]), (409, &json!("sales_paused")), "{paused}");
        }
        done(&second.staff, &second.path("/resume-sales"), &json!({})).await;
        for show in [&third, &first] {
            assert_eq!(hold(show).await.status, 201);
        }
        // A type that was added is sold, and none is sold beyond the capacity that was just set.
        let body = json!({ "name": format!("Late {round}"), "price": 500, "sections": ["Field"], "capacity": 2 });
        let late = done(&third.staff, &third.path("/ticket-types"), &body).await.text("id");
        let sale = json!({ "items": [{ "ticket_type": late, "quantity": 1 }], "payment": { "method": "cash" } });
        done(&first.staff, &first.path("/tickets"), &sale).await;
        second.staff.patch(&second.path(&format!("/ticket-types/{late}")), &json!({ "capacity": 1 })).expect(200).await;
        let more = keyed(&third.staff, &third.path("/tickets"), &sale).await;
        assert_eq!((more.status, &more["code"]), (409, &json!("sold_out")), "{more}");
        third.staff.patch(&third.path(&format!("/ticket-types/{late}")), &json!({ "capacity": 2 })).expect(200).await;
        done(&first.staff, &first.path("/tickets"), &sale).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_show_that_one_node_has_published_is_sold_by_the_others_at_once() {
    let cluster = Cluster::start(2).await;
    for round in 0..6 * ROUNDS {
        let (first, second) = (&cluster.nodes[round % 2], &cluster.nodes[(round + 1) % 2]);
        let show = Show::draft(&first.staff(), "Published elsewhere", json!({})).await;
        show.seating(json!([{ "name": "Floor", "capacity": 5 }])).await;
        let floor = show.ticket_type(json!({ "name": "Standing", "price": 100 })).await;
        let items = json!({ "items": [{ "ticket_type": floor, "quantity": 1 }] });
        // The other node has a desk of the show, from before it was published; a draft does not exist to the public.
        let there = at(&show, second);
        there.staff.patch(&there.path(""), &json!({})).expect(200).await;
        there.anyone.post(&there.path("/holds"), &items).problem(404, "not_found").await;
        show.publish().await;
        let held = decided(|| there.anyone.post(&there.path("/holds"), &items)).await;
        assert_eq!(held.status, 201, "round {round}: {held}");
    }
}
