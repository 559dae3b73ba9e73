//! Which rows of a show an event makes stale: a pure function of the event and the state before it.
//!
//! A row that is not named here keeps what it says; so whatever a view reads must be named by every event that changes it.
//! The test that builds the tables with pages of one event and with pages of a thousand holds both sides together.
//! Positions are those of events, not of pages: how a log was cut into pages leaves no trace in the rows.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{
    Show, ShowEvent,
    events::Line,
    ids::{OrderId, TicketId},
    place::{Place, SeatAddress},
};
use event_store::RecordedEvent;

/// When a row was touched in a page: first (it may have begun then) and last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Touch {
    pub first: i64,
    pub first_at: DateTime<Utc>,
    pub last: i64,
}

/// Where and when an event stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At {
    pub position: i64,
    pub recorded_at: DateTime<Utc>,
}

impl At {
    /// Of an event.
    pub fn of(recorded: &RecordedEvent) -> Self {
        Self { position: recorded.position, recorded_at: recorded.recorded_at }
    }
}

/// The stale rows of one show, each with the position of the last event that made it so.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    pub show: Option<i64>,
    pub seating: Option<i64>,
    pub availability: Option<i64>,
    pub attendance: Option<i64>,
    pub seats: HashMap<SeatAddress, i64>,
    pub orders: HashMap<OrderId, Touch>,
    pub tickets: HashMap<TicketId, Touch>,
    pub door_list: HashMap<TicketId, i64>,
}

impl Touched {
    /// The same in parts of at most so many rows of each kind, to be rendered one after the other.
    pub fn in_parts_of(self, rows_max: usize) -> impl Iterator<Item = Self> {
        let Self { show, seating, availability, attendance, seats, orders, tickets, door_list } = self;
        let (mut seats, mut orders) = (seats.into_iter(), orders.into_iter());
        let (mut tickets, mut door_list) = (tickets.into_iter(), door_list.into_iter());
        let mut first = Some(Self { show, seating, availability, attendance, ..Self::default() });
        std::iter::from_fn(move || {
            let part = Self {
                seats: seats.by_ref().take(rows_max).collect(),
                orders: orders.by_ref().take(rows_max).collect(),
                tickets: tickets.by_ref().take(rows_max).collect(),
                door_list: door_list.by_ref().take(rows_max).collect(),
                ..first.take().unwrap_or_default()
            };
            (!part.is_empty()).then_some(part)
        })
    }

    fn is_empty(&self) -> bool {
        let Self { show, seating, availability, attendance, seats, orders, tickets, door_list } = self;
        [show, seating, availability, attendance].iter().all(|row| row.is_none())
            && seats.is_empty()
            && orders.is_empty()
            && tickets.is_empty()
            && door_list.is_empty()
    }

    /// Takes note of an event, before the state takes it in.
    pub fn note(&mut self, before: Option<&Show>, event: &ShowEvent, at: At) {
        let position = at.position;
        match event {
            ShowEvent::ShowScheduled(_) => {
                self.terms(position);
                self.attendance = Some(position);
            }
            ShowEvent::ShowRevised(_)
            | ShowEvent::ShowRescheduled(_)
            | ShowEvent::PoolAdded(_)
            | ShowEvent::PoolRevised(_)
            | ShowEvent::TicketTypeAdded(_)
            | ShowEvent::ShowPublished(_)
            | ShowEvent::SalesPaused(_)
            | ShowEvent::SalesResumed(_)
            | ShowEvent::SalesClosed(_)
            | ShowEvent::ShowCancelled(_) => self.terms(position),
            ShowEvent::SeatingAdopted(_) => {
                self.terms(position);
                self.seating = Some(position);
                // Seats that have left the drawing; the others keep their claims.
                for seat in before.iter().flat_map(|show| show.places.taken_seats()) {
                    self.seats.insert(seat.address.clone(), position);
                }
            }
            ShowEvent::TicketTypeRevised(event) => {
                self.terms(position);
                for ticket in tickets(before).filter(|ticket| ticket.ticket_type == event.ticket_type) {
                    self.door_list.insert(ticket.id, position);
                }
            }
            ShowEvent::DoorSet(_) => {
                self.show = Some(position);
                self.attendance = Some(position);
                self.door_list.extend(tickets(before).map(|ticket| (ticket.id, position)));
            }
            ShowEvent::PlacesBlocked(event) => self.places(&event.places, position),
            ShowEvent::BlockReleased(event) => self.places(&event.places, position),
            ShowEvent::HoldPlaced(event) => self.items(event.items.iter().map(|item| &item.places), position),
            ShowEvent::HoldChanged(event) => {
                self.items(event.added.iter().chain(&event.removed).map(|item| &item.places), position);
            }
            // A hold's end stands in no row.
            ShowEvent::HoldExtended(_) => {}
            ShowEvent::HoldReleased(event) => self.items(event.items.iter().map(|item| &item.places), position),
            ShowEvent::HoldExpired(event) => self.items(event.items.iter().map(|item| &item.places), position),
            ShowEvent::OrderPlaced(event) => {
                self.lines(&event.lines, position);
                self.order(event.order, at);
            }
            ShowEvent::PaymentRecorded(event) => self.money(before, event.order, at),
            ShowEvent::OrderCancelled(event) => {
                self.lines(&event.lines, position);
                self.money(before, event.order, at);
            }
            ShowEvent::OrderExpired(event) => {
                self.lines(&event.lines, position);
                self.money(before, event.order, at);
            }
            ShowEvent::RefundRecorded(event) => self.money(before, event.order, at),
            ShowEvent::TicketIssued(event) => {
                self.places(&event.places, position);
                self.attendance = Some(position);
                self.ticket(event.ticket, at);
                self.money(before, event.order, at);
            }
            ShowEvent::TicketVoided(event) => {
                self.places(&event.places, position);
                self.attendance = Some(position);
                self.ticket(event.ticket, at);
                self.money(before, event.order, at);
            }
            ShowEvent::TicketReissued(event) => self.ticket(event.ticket, at),
            ShowEvent::TicketMoved(event) => {
                self.place(&event.from, position);
                self.place(&event.to, position);
                self.ticket(event.ticket, at);
                if let Some(ticket) = before.and_then(|show| show.ticket(event.ticket)) {
                    self.order(ticket.order, at);
                }
            }
            ShowEvent::TicketTransferred(event) => self.ticket(event.ticket, at),
            ShowEvent::HolderNamed(event) => self.ticket(event.ticket, at),
            ShowEvent::CheckedIn(event) => self.door(event.ticket.as_ref().map(|ticket| ticket.id), at),
            ShowEvent::CheckedOut(event) => self.door(event.ticket.as_ref().map(|ticket| ticket.id), at),
            ShowEvent::CheckInUndone(event) => self.door(event.ticket, at),
            ShowEvent::CheckInRefused(_) | ShowEvent::PersonsCounted(_) => self.attendance = Some(position),
            // For people to look at in the history; the two decisions are events of their own.
            ShowEvent::AdmissionConflictFound(_) => {}
        }
    }

    /// What a show says of itself, and with it what is on sale.
    fn terms(&mut self, position: i64) {
        self.show = Some(position);
        self.availability = Some(position);
    }

    fn items<'a>(&mut self, places: impl Iterator<Item = &'a Vec<Place>>, position: i64) {
        self.availability = Some(position);
        for places in places {
            self.places(places, position);
        }
    }

    fn lines(&mut self, lines: &[Line], position: i64) {
        self.items(lines.iter().map(|line| &line.places), position);
    }

    fn places(&mut self, places: &[Place], position: i64) {
        self.availability = Some(position);
        for place in places {
            self.place(place, position);
        }
    }

    fn place(&mut self, place: &Place, position: i64) {
        self.availability = Some(position);
        if let Some(seat) = &place.seat {
            match self.seats.get_mut(seat) {
                Some(last) => *last = position,
                None => {
                    self.seats.insert(seat.clone(), position);
                }
            }
        }
    }

    fn order(&mut self, order: OrderId, at: At) {
        touch(&mut self.orders, order, at);
    }

    fn ticket(&mut self, ticket: TicketId, at: At) {
        touch(&mut self.tickets, ticket, at);
        self.door_list.insert(ticket, at.position);
    }

    /// Somebody went in or out. A device may have let in what is no ticket.
    fn door(&mut self, ticket: Option<TicketId>, at: At) {
        self.attendance = Some(at.position);
        if let Some(ticket) = ticket {
            self.ticket(ticket, at);
        }
    }

    /// An order's money, on which it hangs whether the door takes its tickets.
    fn money(&mut self, before: Option<&Show>, order: OrderId, at: At) {
        self.order(order, at);
        let tickets = before.and_then(|show| show.order(order)).map_or(&[][..], |order| &order.tickets);
        self.door_list.extend(tickets.iter().map(|ticket| (*ticket, at.position)));
    }
}

fn touch<K: std::hash::Hash + Eq>(touched: &mut HashMap<K, Touch>, key: K, at: At) {
    touched.entry(key).and_modify(|touch| touch.last = at.position).or_insert(Touch {
        first: at.position,
        first_at: at.recorded_at,
        last: at.position,
    });
}

fn tickets(show: Option<&Show>) -> impl Iterator<Item = &domain::show::Ticket> {
    show.into_iter().flat_map(Show::tickets)
}
