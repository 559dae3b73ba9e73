//! Clients: they hold, order, pay, sell, release, void, let in and take back, at whichever node, and ask again until they are answered.
//!
//! They break off, ask elsewhere with the same command, ask two nodes at once, and ask again what was answered.
//! Everything that they were told is kept for the judge.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use commands::{
    Rejection, ShowCommand,
    allocation::{ItemRequest, PlacesRequest, Quantity},
    check_in::{CheckIn, Shown},
    desk::{DeskError, Outcome, Submission},
    hold_places::HoldPlaces,
    issue_ticket::{IssueTicket, Settlement},
    place_order::PlaceOrder,
    record_payment::RecordPayment,
    release_hold::ReleaseHold,
    undo_check_in::UndoCheckIn,
    void_ticket::VoidTicket,
};
use domain::{
    ShowEvent,
    door::Direction,
    events::Terms,
    ids::{HoldId, OrderId, ScanId, TicketId},
    place::SeatAddress,
};
use uuid::Uuid;

use crate::{
    lock,
    nodes::{Node, Nodes},
    server::Server,
    shows::{Hall, Sold, submission},
};

/// What was asked, as far as a rejection of it is judged.
#[derive(Debug, Clone, PartialEq)]
pub enum Wish {
    Best(u32),
    Seats(Vec<SeatAddress>),
    Release(HoldId),
    Order(HoldId),
    Pay(OrderId),
    Void(TicketId),
    CheckIn(TicketId),
    Undo(ScanId),
}

/// What was told.
#[derive(Debug, Clone)]
pub enum Told {
    Done(Box<Outcome>),
    Rejected(Rejection),
}

/// An answer, with the log's last position when it was asked for and when it was there.
#[derive(Debug, Clone)]
pub struct Answered {
    pub show: usize,
    pub command: Uuid,
    pub wish: Wish,
    pub told: Told,
    pub asked_at: i64,
    pub told_at: i64,
    /// Whether all that was asked before with the same command was answered.
    pub sure: bool,
}

/// What clients know of a show.
#[derive(Debug, Default)]
struct Known {
    holds: Vec<HoldId>,
    orders: Vec<(OrderId, i64)>,
    tickets: Vec<TicketId>,
    scans: Vec<ScanId>,
}

/// What all clients share.
pub struct Clients {
    pub server: Arc<Server>,
    pub nodes: Arc<Nodes>,
    pub organization: Uuid,
    pub shows: Vec<Sold>,
    known: Mutex<Vec<Known>>,
    pub answers: Mutex<Vec<Answered>>,
    /// What no client may ever be told.
    pub wrong: Mutex<Vec<String>>,
}

impl Clients {
    pub fn new(server: Arc<Server>, nodes: Arc<Nodes>, organization: Uuid, shows: Vec<Sold>) -> Self {
        let known = Mutex::new(shows.iter().map(|_| Known::default()).collect());
        Self { server, nodes, organization, shows, known, answers: Mutex::default(), wrong: Mutex::default() }
    }

    /// One client's day.
    pub async fn ask_for_things(self: Arc<Self>, times: u32) {
        let chance = self.server.chance.clone();
        for _ in 0..times {
            // Now and then everybody is quiet for so long that desks go home.
            let pause = if chance.permille(10) { chance.millis(60_000, 90_000) } else { chance.millis(0, 500) };
            tokio::time::sleep(pause).await;
            let show = chance.between(0, self.shows.len() as u32 - 1) as usize;
            let (wish, command) = self.wish(show);
            let submission = submission(&chance, self.organization, command);
            let sure = self.ask(show, &wish, &submission, true).await;
            if chance.permille(200) {
                self.ask(show, &wish, &submission, sure).await;
            }
        }
    }

    fn wish(&self, show: usize) -> (Wish, ShowCommand) {
        let chance = &self.server.chance;
        let known = &lock(&self.known)[show];
        let kind = chance.between(0, 11);
        let old = match kind {
            0 | 1 => chance.pick(&known.holds).map(|hold| (Wish::Release(hold), ReleaseHold { hold }.into())),
            2 => chance.pick(&known.holds).map(|hold| {
                let order = PlaceOrder { hold, customer: None, holders: Vec::new(), terms: Terms::PayFirst };
                (Wish::Order(hold), order.into())
            }),
            3 => chance.pick(&known.orders).and_then(|(order, due)| {
                let (method, amount) = ("cash".to_owned().try_into().ok()?, due.try_into().ok()?);
                Some((Wish::Pay(order), RecordPayment { order, method, amount, reference: None }.into()))
            }),
            4 => chance.pick(&known.tickets).map(|ticket| {
                let left = chance.permille(500);
                let void = VoidTicket { ticket, reason: None, keep_place: false, holder_has_left: left };
                (Wish::Void(ticket), void.into())
            }),
            5 | 6 => chance.pick(&known.tickets).map(|ticket| (Wish::CheckIn(ticket), self.scan(ticket).into())),
            7 => chance.pick(&known.scans).map(|scan| (Wish::Undo(scan), UndoCheckIn { scan, reason: None }.into())),
            _ => None,
        };
        old.unwrap_or_else(|| self.wish_for_places(show))
    }

    fn scan(&self, ticket: TicketId) -> CheckIn {
        CheckIn {
            scan: ScanId(self.server.chance.id()),
            shown: Shown::Ticket(ticket),
            direction: Direction::In,
            gate: None,
            area: None,
            persons: None,
            device: None,
            scanned_at: None,
            override_reason: None,
            offline: None,
        }
    }

    fn wish_for_places(&self, show: usize) -> (Wish, ShowCommand) {
        let (chance, sold) = (&self.server.chance, &self.shows[show]);
        let seats = sold.hall.seats();
        let (wish, places) = match chance.pick(&seats) {
            Some(seat) if chance.permille(600) => {
                let mut seats = vec![seat.clone(); 1];
                if let Some(other) = chance.pick(&sold.hall.seats()).filter(|other| *other != seat) {
                    seats.push(other);
                }
                (Wish::Seats(seats.clone()), PlacesRequest::Seats(seats))
            }
            _ => {
                let most = if matches!(sold.hall, Hall::Standing(persons) if persons > 100) { 150 } else { 3 };
                let wanted = chance.between(1, most);
                (Wish::Best(wanted), best(wanted))
            }
        };
        let items = vec![ItemRequest { ticket_type: sold.ticket_type, places, from_block: None }];
        let command = match "cash".to_owned().try_into() {
            Ok(method) if chance.permille(500) => {
                let settlement = Settlement::Paid { method, reference: None };
                IssueTicket { items, customer: None, holders: Vec::new(), settlement }.into()
            }
            _ => HoldPlaces { items }.into(),
        };
        (wish, command)
    }

    /// Asks until there is an answer; `sure`, before and after: nothing that was asked with this command is open.
    async fn ask(&self, show: usize, wish: &Wish, submission: &Submission, mut sure: bool) -> bool {
        let chance = &self.server.chance;
        loop {
            let told = if chance.permille(50) {
                let (one, other) = (self.nodes.any().await, self.nodes.any().await);
                let (one, other) = futures::join!(
                    self.ask_once(&one, show, wish, submission, false),
                    self.ask_once(&other, show, wish, submission, false),
                );
                one && other
            } else {
                let node = self.nodes.any().await;
                self.ask_once(&node, show, wish, submission, sure).await
            };
            if told {
                return sure;
            }
            sure = false;
            tokio::time::sleep(chance.millis(20, 800)).await;
        }
    }

    /// Whether there was an answer; `sure`: nothing else that was asked with this command is open.
    pub async fn ask_once(&self, node: &Node, show: usize, wish: &Wish, asks: &Submission, sure: bool) -> bool {
        let chance = &self.server.chance;
        let asked_at = self.server.head();
        let patience = if self.server.strikes(100) { chance.millis(0, 3_000) } else { Duration::from_secs(60) };
        let answer = tokio::select! {
            biased;
            () = node.network.is_cut() => None,
            answer = tokio::time::timeout(patience, node.desks.submit(self.shows[show].show, asks.clone())) => answer.ok(),
        };
        let told = match answer {
            None => {
                self.server.trace("no_answer", &asks.command_id.to_string());
                return false;
            }
            Some(Ok(outcome)) => Told::Done(Box::new(outcome)),
            Some(Err(DeskError::Rejected(rejection))) => Told::Rejected(rejection),
            Some(Err(DeskError::Overloaded | DeskError::Unavailable)) => {
                self.server.trace("turned_away", &asks.command_id.to_string());
                return false;
            }
            Some(Err(error)) => {
                lock(&self.wrong).push(format!("{wish:?} was answered with: {error}"));
                return true;
            }
        };
        match &told {
            Told::Done(outcome) => {
                self.server.trace("done", &format!("{} {wish:?} at {}", asks.command_id, outcome.position));
                self.learn(show, &outcome.events);
            }
            Told::Rejected(rejection) => {
                self.server.trace("rejected", &format!("{} {wish:?}: {rejection:?}", asks.command_id));
            }
        }
        let (command, told_at) = (asks.command_id, self.server.head());
        lock(&self.answers).push(Answered { show, command, wish: wish.clone(), told, asked_at, told_at, sure });
        true
    }

    fn learn(&self, show: usize, events: &[ShowEvent]) {
        let known = &mut lock(&self.known)[show];
        for event in events {
            match event {
                ShowEvent::HoldPlaced(event) => known.holds.push(event.hold),
                ShowEvent::OrderPlaced(event) => known.orders.push((event.order, event.due.0)),
                ShowEvent::TicketIssued(event) => known.tickets.push(event.ticket),
                ShowEvent::CheckedIn(event) => known.scans.push(event.scan.scan),
                _ => {}
            }
        }
    }
}

/// The best places, as many as may be asked for at once.
pub fn best(wanted: u32) -> PlacesRequest {
    match Quantity::try_from(wanted) {
        Ok(quantity) => PlacesRequest::Best { quantity, category: None, section: None },
        Err(_) => PlacesRequest::Seats(Vec::new()),
    }
}
