//! Whether a show's events may have happened: what was sold there was free, and who was let in had a right to it.
//!
//! An independent judge: it counts from the events alone, by other code than what decided them and than the fold that the
//! decisions rest on, so that a mistake there is not made here again. It takes every event, says what is wrong with it, and goes
//! on as if it had happened.

mod door;
mod places;
mod quotas;

use std::collections::{HashMap, HashSet};

use domain::{
    ShowEvent,
    codes::ShortCode,
    events::{HoldItem, Line, LineKind, OrderPlaced, TicketIssued, TicketVoided},
    ids::{BlockId, HoldId, ItemId, OrderId, TicketId, TicketTypeId},
    place::{Place, SeatAddress},
};

use door::{Door, Right};
use places::Places;
pub use places::{Owner, Taken};
use quotas::Quotas;

use crate::counted::counted;

/// What one ticket, or a future one, takes.
struct Taking {
    ticket_type: TicketTypeId,
    places: Vec<Place>,
    persons: u32,
}

/// A ticket, and what it takes while it is valid.
struct Ticket {
    ticket_type: TicketTypeId,
    persons: u32,
    taking: Option<Taking>,
}

/// What the events of one show have said so far.
#[derive(Default)]
pub struct Judge {
    scheduled: bool,
    places: Places,
    quotas: Quotas,
    door: Door,
    holds: HashMap<HoldId, HashMap<ItemId, Taking>>,
    orders: HashMap<OrderId, HashMap<ItemId, Taking>>,
    tickets: HashMap<TicketId, Ticket>,
    codes: HashSet<ShortCode>,
    valid: i64,
}

/// What is wrong with an event.
type Wrong = Vec<String>;

impl Judge {
    /// Takes in the show's next event; what comes back is wrong with it.
    pub fn take(&mut self, event: &ShowEvent) -> Vec<String> {
        let mut wrong = Vec::new();
        if self.scheduled == matches!(event, ShowEvent::ShowScheduled(_)) {
            wrong.push(format!("{} where the show was {}", event.event_type(), self.begun()));
        }
        self.scheduled = true;
        self.door.expect_conflict(event, &mut wrong);
        self.apply(event, &mut wrong);
        wrong
    }

    /// How many people's places are in which hands; none where no seating was adopted.
    pub fn taken(&self) -> Taken {
        self.places.counted()
    }

    /// Every seat that somebody has.
    pub fn taken_seats(&self) -> impl Iterator<Item = (&SeatAddress, Owner)> {
        self.places.taken_seats()
    }

    /// How many tickets of a type are held, ordered or sold.
    pub fn tickets(&self, ticket_type: TicketTypeId) -> i64 {
        self.quotas.tickets(ticket_type)
    }

    /// How many tickets are valid.
    pub fn valid(&self) -> i64 {
        self.valid
    }

    /// How many people were let in, apart from what was taken back; those who came back after an exit count once.
    pub fn admitted(&self) -> i64 {
        self.door.admitted()
    }

    fn begun(&self) -> &'static str {
        if self.scheduled { "scheduled already" } else { "not scheduled yet" }
    }

    fn apply(&mut self, event: &ShowEvent, wrong: &mut Wrong) {
        match event {
            ShowEvent::SeatingAdopted(event) => self.places.adopt(&event.sections, wrong),
            ShowEvent::PoolAdded(event) => self.quotas.pool(event.pool, event.capacity.into(), wrong),
            ShowEvent::PoolRevised(event) => self.quotas.pool(event.pool, event.capacity.into(), wrong),
            ShowEvent::TicketTypeAdded(event) => self.quotas.terms(event.ticket_type, &event.terms, wrong),
            ShowEvent::TicketTypeRevised(event) => self.quotas.terms(event.ticket_type, &event.terms, wrong),
            ShowEvent::PlacesBlocked(event) => {
                for place in &event.places {
                    self.places.pass(place, None, Some(Owner::Block(event.block)), wrong);
                }
            }
            ShowEvent::BlockReleased(event) => {
                for place in &event.places {
                    self.places.pass(place, Some(Owner::Block(event.block)), None, wrong);
                }
            }
            ShowEvent::HoldPlaced(event) => {
                if self.holds.insert(event.hold, HashMap::new()).is_some() {
                    wrong.push(format!("the hold {} is placed twice", event.hold));
                }
                event.items.iter().for_each(|item| self.hold(event.hold, item, wrong));
            }
            ShowEvent::HoldChanged(event) => {
                event.removed.iter().for_each(|item| self.unhold(event.hold, item, wrong));
                event.added.iter().for_each(|item| self.hold(event.hold, item, wrong));
            }
            ShowEvent::HoldReleased(event) => self.end_hold(event.hold, &event.items, wrong),
            ShowEvent::HoldExpired(event) => self.end_hold(event.hold, &event.items, wrong),
            ShowEvent::OrderPlaced(event) => self.order_placed(event, wrong),
            ShowEvent::OrderCancelled(event) => self.end_order(event.order, &event.lines, wrong),
            ShowEvent::OrderExpired(event) => self.end_order(event.order, &event.lines, wrong),
            ShowEvent::TicketIssued(event) => self.ticket_issued(event, wrong),
            ShowEvent::TicketVoided(event) => self.ticket_voided(event, wrong),
            ShowEvent::TicketReissued(event) => self.give_code(event.short_code, wrong),
            ShowEvent::TicketMoved(event) => {
                let owner = Some(Owner::Ticket(event.ticket));
                self.places.pass(&event.from, owner, None, wrong);
                self.places.pass(&event.to, None, owner, wrong);
                match self.tickets.get_mut(&event.ticket).and_then(|ticket| ticket.taking.as_mut()) {
                    Some(taking) => taking.places = vec![event.to.clone()],
                    None => wrong.push(format!("the ticket {} is moved, which is not valid", event.ticket)),
                }
            }
            ShowEvent::CheckedIn(event) => {
                let right = event.ticket.as_ref().map(|seen| self.right(seen.id));
                self.door.checked_in(event, right, wrong);
            }
            ShowEvent::CheckedOut(event) => self.door.checked_out(event, wrong),
            ShowEvent::CheckInUndone(event) => self.door.undone(event.scan, wrong),
            // Nothing of these gives anybody a place or lets anybody in.
            ShowEvent::ShowScheduled(_)
            | ShowEvent::ShowRevised(_)
            | ShowEvent::ShowRescheduled(_)
            | ShowEvent::DoorSet(_)
            | ShowEvent::ShowPublished(_)
            | ShowEvent::SalesPaused(_)
            | ShowEvent::SalesResumed(_)
            | ShowEvent::SalesClosed(_)
            | ShowEvent::ShowCancelled(_)
            | ShowEvent::HoldExtended(_)
            | ShowEvent::PaymentRecorded(_)
            | ShowEvent::RefundRecorded(_)
            | ShowEvent::TicketTransferred(_)
            | ShowEvent::HolderNamed(_)
            | ShowEvent::CheckInRefused(_)
            | ShowEvent::AdmissionConflictFound(_)
            | ShowEvent::PersonsCounted(_) => {}
        }
    }

    /// What a ticket gives a right to.
    fn right(&self, id: TicketId) -> Right {
        match self.tickets.get(&id) {
            None => Right::None("which there is not"),
            Some(ticket) if ticket.taking.is_none() => Right::None("which is void"),
            Some(ticket) => Right::Entries(self.quotas.entries(ticket.ticket_type).map(|times| {
                // An entry of each person.
                i64::from(ticket.persons) * i64::from(times)
            })),
        }
    }

    fn hold(&mut self, hold: HoldId, item: &HoldItem, wrong: &mut Wrong) {
        let taking = Taking { ticket_type: item.ticket_type, places: item.places.clone(), persons: item.persons };
        self.give(&taking, item.block, Owner::Hold(hold), wrong);
        let Some(items) = self.holds.get_mut(&hold) else {
            wrong.push(format!("the hold {hold} gets places and is not open"));
            return;
        };
        if items.insert(item.id, taking).is_some() {
            wrong.push(format!("the item {} is held twice", item.id));
        }
    }

    fn unhold(&mut self, hold: HoldId, item: &HoldItem, wrong: &mut Wrong) {
        match self.holds.get_mut(&hold).and_then(|items| items.remove(&item.id)) {
            Some(taking) => self.give_back(&taking, &item.places, item.block, Owner::Hold(hold), wrong),
            None => wrong.push(format!("the hold {hold} gives back the item {}, which it does not have", item.id)),
        }
    }

    fn end_hold(&mut self, hold: HoldId, items: &[HoldItem], wrong: &mut Wrong) {
        items.iter().for_each(|item| self.unhold(hold, item, wrong));
        match self.holds.remove(&hold) {
            None => wrong.push(format!("the hold {hold} ends and was not open")),
            Some(left) if !left.is_empty() => {
                wrong.push(format!("the hold {hold} ends and keeps {}", counted(left.len(), "item", "items")));
            }
            Some(_) => {}
        }
    }

    fn order_placed(&mut self, event: &OrderPlaced, wrong: &mut Wrong) {
        let mut held = event.hold.and_then(|hold| {
            let items = self.holds.remove(&hold);
            if items.is_none() {
                wrong.push(format!("the order {} is made of the hold {hold}, which is not open", event.order));
            }
            items.map(|items| (hold, items))
        });
        let mut waiting = HashMap::new();
        for line in &event.lines {
            let Some(ticket_type) = line.ticket_type else { continue };
            let taking = Taking { ticket_type, places: line.places.clone(), persons: line.persons };
            match held.as_mut().and_then(|(hold, items)| Some((*hold, items.remove(&line.id)?))) {
                Some((hold, of_hold)) => {
                    same_places(&of_hold.places, &line.places, wrong);
                    for place in &of_hold.places {
                        self.places.pass(place, Some(Owner::Hold(hold)), Some(Owner::Order(event.order)), wrong);
                    }
                }
                None => self.give(&taking, line.block, Owner::Order(event.order), wrong),
            }
            waiting.insert(line.id, taking);
        }
        if let Some((hold, left)) = held
            && !left.is_empty()
        {
            let (one, several) = (format!("item of the hold {hold} is"), format!("items of the hold {hold} are"));
            wrong.push(format!("{} not in the order that it becomes", counted(left.len(), &one, &several)));
        }
        if self.orders.insert(event.order, waiting).is_some() {
            wrong.push(format!("the order {} is placed twice", event.order));
        }
    }

    fn end_order(&mut self, order: OrderId, lines: &[Line], wrong: &mut Wrong) {
        for line in lines.iter().filter(|line| line.kind == LineKind::Ticket) {
            match self.orders.get_mut(&order).and_then(|waiting| waiting.remove(&line.id)) {
                Some(taking) => self.give_back(&taking, &line.places, line.block, Owner::Order(order), wrong),
                None => {
                    wrong.push(format!("the order {order} gives back the line {}, which it does not have", line.id));
                }
            }
        }
        let left = self.orders.get(&order).map(HashMap::len);
        match left {
            None => wrong.push(format!("the order {order} ends, and there is none")),
            Some(0) => {}
            Some(left) => wrong.push(format!("the order {order} ends and keeps {}", counted(left, "line", "lines"))),
        }
    }

    fn ticket_issued(&mut self, event: &TicketIssued, wrong: &mut Wrong) {
        self.give_code(event.short_code, wrong);
        let owner = Owner::Ticket(event.ticket);
        let taking = match self.orders.get_mut(&event.order).and_then(|waiting| waiting.remove(&event.line)) {
            Some(taking) => {
                same_places(&taking.places, &event.places, wrong);
                for place in &taking.places {
                    self.places.pass(place, Some(Owner::Order(event.order)), Some(owner), wrong);
                }
                taking
            }
            None => {
                wrong.push(format!("the ticket {} is issued for no line of an order that waits for one", event.ticket));
                let taking =
                    Taking { ticket_type: event.ticket_type, places: event.places.clone(), persons: event.persons };
                self.give(&taking, None, owner, wrong);
                taking
            }
        };
        self.valid += 1;
        let ticket = Ticket { ticket_type: taking.ticket_type, persons: taking.persons, taking: Some(taking) };
        if self.tickets.insert(event.ticket, ticket).is_some() {
            wrong.push(format!("the ticket {} is issued twice", event.ticket));
        }
    }

    fn ticket_voided(&mut self, event: &TicketVoided, wrong: &mut Wrong) {
        match self.tickets.get_mut(&event.ticket).and_then(|ticket| ticket.taking.take()) {
            Some(taking) => {
                self.valid -= 1;
                self.give_back(&taking, &event.places, None, Owner::Ticket(event.ticket), wrong);
            }
            None => wrong.push(format!("the ticket {} is voided and was not valid", event.ticket)),
        }
    }

    fn give_code(&mut self, code: ShortCode, wrong: &mut Wrong) {
        if !self.codes.insert(code) {
            wrong.push(format!("the code {code} is given twice"));
        }
    }

    /// Somebody gets what was on sale, or in a block.
    fn give(&mut self, taking: &Taking, block: Option<BlockId>, to: Owner, wrong: &mut Wrong) {
        for place in &taking.places {
            self.places.pass(place, block.map(Owner::Block), Some(to), wrong);
        }
        self.quotas.add(taking.ticket_type, taking.persons, wrong);
    }

    /// What somebody had goes back on sale, or to the block that it came from.
    fn give_back(&mut self, taking: &Taking, said: &[Place], block: Option<BlockId>, from: Owner, wrong: &mut Wrong) {
        same_places(&taking.places, said, wrong);
        for place in &taking.places {
            self.places.pass(place, Some(from), block.map(Owner::Block), wrong);
        }
        self.quotas.remove(taking.ticket_type, taking.persons);
    }
}

fn same_places(had: &[Place], said: &[Place], wrong: &mut Wrong) {
    if had != said {
        wrong.push("it names other places than were taken before".to_owned());
    }
}

#[cfg(test)]
mod tests;
