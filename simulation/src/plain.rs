//! The plain model of a show: who has which place, and who was let in. It takes events as they stand in the log and refuses
//! what must never happen. It knows nothing of the fold in `domain`.

use std::collections::{BTreeMap, BTreeSet};

use commands::{Code, Rejection};
use domain::{
    ShowEvent,
    ids::{HoldId, ItemId, OrderId, ScanId, TicketId},
    place::{Place, SeatAddress},
};

use crate::{clients::Wish, shows::Hall};

/// How a hold or an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Open,
    Used,
    Released,
    Expired,
}

#[derive(Debug)]
struct Ticket {
    line: ItemId,
    void: bool,
    inside: u32,
}

/// A show at one version.
#[derive(Debug)]
pub struct Plain {
    hall: Hall,
    claims: BTreeMap<ItemId, Vec<Place>>,
    seats: BTreeSet<SeatAddress>,
    persons: u32,
    holds: BTreeMap<HoldId, (Standing, Vec<ItemId>)>,
    orders: BTreeMap<OrderId, (Standing, Vec<ItemId>)>,
    tickets: BTreeMap<TicketId, Ticket>,
    scans: BTreeMap<ScanId, Option<TicketId>>,
    /// Lines that have their ticket.
    issued: BTreeSet<ItemId>,
    codes: BTreeSet<String>,
}

impl Plain {
    pub fn new(hall: Hall) -> Self {
        Self {
            hall,
            claims: BTreeMap::new(),
            seats: BTreeSet::new(),
            persons: 0,
            holds: BTreeMap::new(),
            orders: BTreeMap::new(),
            tickets: BTreeMap::new(),
            scans: BTreeMap::new(),
            issued: BTreeSet::new(),
            codes: BTreeSet::new(),
        }
    }

    pub fn free(&self) -> u32 {
        self.hall.capacity().saturating_sub(self.persons)
    }

    pub fn holds(&self) -> impl Iterator<Item = HoldId> {
        self.holds.keys().copied()
    }

    pub fn tickets(&self) -> impl Iterator<Item = TicketId> {
        self.tickets.keys().copied()
    }

    /// Takes in what happened, or says why it cannot have.
    pub fn take(&mut self, event: &ShowEvent) -> Result<(), String> {
        match event {
            ShowEvent::HoldPlaced(event) => {
                for item in &event.items {
                    self.claim(item.id, &item.places)?;
                }
                let items = event.items.iter().map(|item| item.id).collect();
                self.holds.insert(event.hold, (Standing::Open, items));
            }
            ShowEvent::HoldReleased(event) => self.end_hold(event.hold, Standing::Released)?,
            ShowEvent::HoldExpired(event) => self.end_hold(event.hold, Standing::Expired)?,
            ShowEvent::OrderPlaced(event) => {
                let lines: Vec<ItemId> = event.lines.iter().map(|line| line.id).collect();
                if let Some(hold) = event.hold {
                    let (standing, items) = self.holds.get_mut(&hold).ok_or("an order of no hold")?;
                    if *standing != Standing::Open || *items != lines {
                        return Err(format!("an order of a hold that is {standing:?}, with lines {lines:?}"));
                    }
                    *standing = Standing::Used;
                } else {
                    for line in &event.lines {
                        self.claim(line.id, &line.places)?;
                    }
                }
                self.orders.insert(event.order, (Standing::Open, lines));
            }
            ShowEvent::PaymentRecorded(event) => {
                let (standing, _) = self.orders.get_mut(&event.order).ok_or("a payment on no order")?;
                if *standing != Standing::Open {
                    return Err(format!("a payment on an order that is {standing:?}"));
                }
                *standing = Standing::Used;
            }
            ShowEvent::OrderExpired(event) => {
                let (standing, lines) = self.orders.get_mut(&event.order).ok_or("no order ends")?;
                if *standing != Standing::Open {
                    return Err(format!("an order ends that is {standing:?}"));
                }
                *standing = Standing::Expired;
                for line in lines.clone() {
                    self.give_back(line)?;
                }
            }
            ShowEvent::TicketIssued(event) => {
                if self.claims.get(&event.line) != Some(&event.places) {
                    return Err(format!("ticket {} is for places that its line has not", event.short_code));
                }
                if !self.codes.insert(event.short_code.to_string()) {
                    return Err(format!("the code {} is given twice", event.short_code));
                }
                if !self.issued.insert(event.line) {
                    return Err("a line has two tickets".to_owned());
                }
                self.tickets.insert(event.ticket, Ticket { line: event.line, void: false, inside: 0 });
            }
            ShowEvent::TicketVoided(event) => {
                let ticket = self.tickets.get_mut(&event.ticket).ok_or("no ticket is voided")?;
                if ticket.void || (ticket.inside > 0 && !event.holder_has_left) {
                    return Err("a ticket is voided twice, or under somebody".to_owned());
                }
                ticket.void = true;
                let line = ticket.line;
                self.give_back(line)?;
            }
            ShowEvent::CheckedIn(event) => {
                let id = event.ticket.as_ref().map(|ticket| ticket.id).ok_or("nobody's ticket is admitted")?;
                let ticket = self.tickets.get_mut(&id).ok_or("a ticket is admitted that was never issued")?;
                if ticket.void || ticket.inside > 0 || event.persons != 1 {
                    return Err(format!("admitted too often, or void: {ticket:?}"));
                }
                ticket.inside = 1;
                if self.scans.insert(event.scan.scan, Some(id)).is_some() {
                    return Err("a scan admits twice".to_owned());
                }
            }
            ShowEvent::CheckInRefused(event) => {
                let id = event.ticket.as_ref().map(|ticket| ticket.id).ok_or("nobody's ticket is refused")?;
                let ticket = self.tickets.get(&id).ok_or("a ticket is refused that was never issued")?;
                if !ticket.void && ticket.inside == 0 {
                    return Err(format!("refused for no reason ({:?}): {ticket:?}", event.reason));
                }
            }
            ShowEvent::CheckInUndone(event) => {
                let undone = self.scans.get_mut(&event.scan).and_then(Option::take).ok_or("a scan is undone twice")?;
                let ticket = self.tickets.get_mut(&undone).ok_or("a scan of no ticket is undone")?;
                ticket.inside = 0;
            }
            ShowEvent::ShowScheduled(_)
            | ShowEvent::SeatingAdopted(_)
            | ShowEvent::TicketTypeAdded(_)
            | ShowEvent::ShowPublished(_) => {}
            other => return Err(format!("nobody asked for {}", other.event_type())),
        }
        Ok(())
    }

    fn claim(&mut self, item: ItemId, places: &[Place]) -> Result<(), String> {
        for place in places {
            self.persons += place.persons;
            if let Some(seat) = &place.seat
                && !self.seats.insert(seat.clone())
            {
                return Err(format!("{seat} is in two hands"));
            }
        }
        if self.persons > self.hall.capacity() {
            return Err(format!("{} places of {} are in somebody's hands", self.persons, self.hall.capacity()));
        }
        match self.claims.insert(item, places.to_vec()) {
            None => Ok(()),
            Some(_) => Err("an item is kept twice".to_owned()),
        }
    }

    fn give_back(&mut self, item: ItemId) -> Result<(), String> {
        for place in self.claims.remove(&item).ok_or("places come back that nobody had")? {
            self.persons -= place.persons;
            if let Some(seat) = &place.seat {
                self.seats.remove(seat);
            }
        }
        Ok(())
    }

    fn end_hold(&mut self, hold: HoldId, how: Standing) -> Result<(), String> {
        let (standing, items) = self.holds.get_mut(&hold).ok_or("no hold ends")?;
        if *standing != Standing::Open {
            return Err(format!("a hold ends that is {standing:?}"));
        }
        *standing = how;
        for item in items.clone() {
            self.give_back(item)?;
        }
        Ok(())
    }

    /// Whether this rejection of this wish is true here.
    pub fn justifies(&self, wish: &Wish, rejection: &Rejection) -> bool {
        let hold = |hold: &HoldId| self.holds.get(hold).map(|(standing, _)| *standing);
        match (wish, rejection.code()) {
            (Wish::Best(wanted), Some(Code::SoldOut)) => self.free() < *wanted,
            (Wish::Seats(seats), Some(Code::SeatTaken)) => seats.iter().any(|seat| self.seats.contains(seat)),
            (Wish::Release(id) | Wish::Order(id), Some(Code::HoldUsed)) => hold(id) == Some(Standing::Used),
            (Wish::Release(id), Some(Code::HoldExpired)) => hold(id) == Some(Standing::Expired),
            (Wish::Order(id), Some(Code::HoldExpired)) => {
                matches!(hold(id), Some(Standing::Expired | Standing::Released))
            }
            (Wish::Pay(id), Some(Code::OrderNotPayable)) => {
                self.orders.get(id).is_some_and(|(standing, _)| *standing != Standing::Open)
            }
            (Wish::Void(id), Some(Code::AlreadyVoid)) => self.tickets.get(id).is_some_and(|ticket| ticket.void),
            (Wish::Void(id), Some(Code::HolderInside)) => self.tickets.get(id).is_some_and(|ticket| ticket.inside > 0),
            (Wish::Undo(scan), Some(Code::AlreadyUndone)) => self.scans.get(scan) == Some(&None),
            _ => false,
        }
    }

    /// Whether it is true here that this wish changes nothing.
    pub fn has_nothing_to_do(&self, wish: &Wish) -> bool {
        matches!(wish, Wish::Release(id) if self.holds.get(id).is_some_and(|(standing, _)| *standing == Standing::Released))
    }
}
