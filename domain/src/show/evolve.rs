//! What each event changes. Total: every event is taken as it is, also one that should not have happened.

use crate::{
    events::{
        HoldItem, HoldPlaced, Line, OrderPlaced, OrderStatus, RefundRecorded, ShowEvent, ShowRevised, ShowScheduled,
        TicketIssued, TicketVoided,
    },
    ids::{BlockId, HoldId, OrderId},
    place::Place,
    show::{Block, Claim, End, Hold, HoldState, Order, Places, Show, Ticket, attendance::Attendance},
    ticket_type::{Pool, TicketType, TicketTypeTerms},
};

/// Who has what one ticket takes, as counted by types and pools.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Count {
    None,
    Held,
    Sold,
}

/// What one future ticket takes, in a hold's item, an order's line or a ticket.
struct Taking<'a> {
    ticket_type: crate::ids::TicketTypeId,
    places: &'a [Place],
    persons: u32,
    block: Option<BlockId>,
}

impl<'a> From<&'a HoldItem> for Taking<'a> {
    fn from(item: &'a HoldItem) -> Self {
        Self { ticket_type: item.ticket_type, places: &item.places, persons: item.persons, block: item.block }
    }
}

impl<'a> Taking<'a> {
    fn of_line(line: &'a Line) -> Option<Self> {
        let ticket_type = line.ticket_type?;
        Some(Self { ticket_type, places: &line.places, persons: line.persons, block: line.block })
    }
}

impl Show {
    pub(super) fn new(event: &ShowScheduled) -> Self {
        Self {
            id: event.show,
            slug: event.slug.clone(),
            name: event.name.clone(),
            description: event.description.clone(),
            venue: event.venue.clone(),
            timezone: event.timezone,
            schedule: event.schedule,
            currency: event.currency,
            sales: event.sales,
            hold_seconds: event.hold_seconds,
            pay_within_seconds: event.pay_within_seconds,
            wished_code_length: event.code_length,
            code_length: None,
            cancelled: false,
            closed: false,
            paused: super::Paused::default(),
            seating: None,
            places: Places::default(),
            pools: indexmap::IndexMap::new(),
            ticket_types: indexmap::IndexMap::new(),
            door: crate::door::DoorRules::default(),
            blocks: indexmap::IndexMap::new(),
            holds: std::collections::HashMap::new(),
            orders: indexmap::IndexMap::new(),
            references: std::collections::HashMap::new(),
            tickets: indexmap::IndexMap::new(),
            codes: std::collections::HashMap::new(),
            ends: std::collections::BTreeSet::new(),
            presence: super::Presence::default(),
            attendance: Attendance::default(),
        }
    }

    pub(super) fn evolve(&mut self, event: &ShowEvent) {
        match event {
            // A stream begins once; a second beginning has nothing to add.
            ShowEvent::ShowScheduled(_) => {}
            ShowEvent::ShowRevised(event) => self.revised(event),
            ShowEvent::ShowRescheduled(event) => self.schedule = event.schedule,
            ShowEvent::SeatingAdopted(event) => {
                self.places = self.places.redrawn(&event.sections);
                self.seating = Some(event.sections.clone());
            }
            ShowEvent::PoolAdded(event) => {
                self.pools.insert(
                    event.pool,
                    Pool { id: event.pool, name: event.name.clone(), capacity: event.capacity, held: 0, sold: 0 },
                );
            }
            ShowEvent::PoolRevised(event) => {
                if let Some(pool) = self.pools.get_mut(&event.pool) {
                    pool.name = event.name.clone();
                    pool.capacity = event.capacity;
                }
            }
            ShowEvent::TicketTypeAdded(event) => {
                let terms = event.terms.clone();
                self.ticket_types
                    .insert(event.ticket_type, TicketType { id: event.ticket_type, terms, held: 0, sold: 0 });
            }
            ShowEvent::TicketTypeRevised(event) => self.terms_revised(event.ticket_type, &event.terms),
            ShowEvent::DoorSet(event) => {
                self.door = crate::door::DoorRules {
                    areas: event.areas.clone(),
                    gates: event.gates.clone(),
                    opens_before_seconds: event.opens_before_seconds,
                    codes: event.codes,
                    holder: event.holder,
                };
            }
            ShowEvent::ShowPublished(event) => self.code_length = Some(event.code_length),
            ShowEvent::SalesPaused(event) => match &event.channels {
                None => self.paused.all = true,
                Some(channels) => {
                    for channel in channels {
                        if !self.paused.channels.contains(channel) {
                            self.paused.channels.push(*channel);
                        }
                    }
                }
            },
            ShowEvent::SalesResumed(event) => match &event.channels {
                None => self.paused = super::Paused::default(),
                Some(channels) => self.paused.channels.retain(|channel| !channels.contains(channel)),
            },
            ShowEvent::SalesClosed(_) => self.closed = true,
            ShowEvent::ShowCancelled(_) => self.cancelled = true,
            ShowEvent::PlacesBlocked(event) => {
                for place in &event.places {
                    self.places.pass(place, Claim::Free, Claim::Blocked(event.block));
                }
                self.blocks.insert(
                    event.block,
                    Block {
                        id: event.block,
                        label: event.label,
                        kind: event.kind,
                        places: event.places.clone(),
                        released: false,
                    },
                );
            }
            ShowEvent::BlockReleased(event) => {
                for place in &event.places {
                    self.places.pass(place, Claim::Blocked(event.block), Claim::Free);
                    self.leave_block(event.block, place);
                }
                if let Some(block) = self.blocks.get_mut(&event.block) {
                    block.released |= event.whole;
                }
            }
            ShowEvent::HoldPlaced(event) => self.hold_placed(event),
            ShowEvent::HoldChanged(event) => {
                for item in &event.added {
                    self.take(&item.into(), Claim::Held(event.hold));
                }
                for item in &event.removed {
                    self.give_back(&item.into(), Claim::Held(event.hold));
                }
                if let Some(HoldState::Open(hold)) = self.holds.get_mut(&event.hold) {
                    hold.items.retain(|item| event.removed.iter().all(|removed| removed.id != item.id));
                    hold.items.extend(event.added.iter().cloned());
                }
            }
            ShowEvent::HoldExtended(event) => {
                if let Some(HoldState::Open(hold)) = self.holds.get_mut(&event.hold) {
                    self.ends.remove(&(hold.expires_at, End::Hold(event.hold)));
                    self.ends.insert((event.expires_at, End::Hold(event.hold)));
                    hold.expires_at = event.expires_at;
                    hold.extended = true;
                }
            }
            ShowEvent::HoldReleased(event) => self.hold_ended(event.hold, &event.items, HoldState::Released),
            ShowEvent::HoldExpired(event) => self.hold_ended(event.hold, &event.items, HoldState::Expired),
            ShowEvent::OrderPlaced(event) => self.order_placed(event),
            ShowEvent::PaymentRecorded(event) => {
                if let Some(order) = self.orders.get_mut(&event.order) {
                    order.paid = event.paid;
                }
                self.order_stands(event.order, event.status);
            }
            ShowEvent::OrderCancelled(event) => {
                self.lines_given_back(event.order, &event.lines);
                self.order_stands(event.order, OrderStatus::Cancelled);
            }
            ShowEvent::OrderExpired(event) => {
                self.lines_given_back(event.order, &event.lines);
                self.order_stands(event.order, OrderStatus::Expired);
            }
            ShowEvent::RefundRecorded(event) => self.refunded(event),
            ShowEvent::TicketIssued(event) => self.ticket_issued(event),
            ShowEvent::TicketVoided(event) => self.ticket_voided(event),
            ShowEvent::TicketReissued(event) => {
                self.codes.insert(event.short_code, (event.ticket, event.issue));
                if let Some(ticket) = self.tickets.get_mut(&event.ticket) {
                    ticket.short_code = event.short_code;
                    ticket.issue = event.issue;
                    ticket.iat = event.iat;
                    ticket.kid.clone_from(&event.kid);
                }
            }
            ShowEvent::TicketMoved(event) => {
                self.places.pass(&event.from, Claim::Sold(event.ticket), Claim::Free);
                self.places.pass(&event.to, Claim::Free, Claim::Sold(event.ticket));
                if let Some(ticket) = self.tickets.get_mut(&event.ticket) {
                    ticket.places = vec![event.to.clone()];
                    ticket.category.clone_from(&event.category);
                    let places = ticket.places.clone();
                    let (order, line) = (ticket.order, ticket.line);
                    if let Some(line) = self
                        .orders
                        .get_mut(&order)
                        .and_then(|order| order.lines.iter_mut().find(|candidate| candidate.id == line))
                    {
                        line.places = places;
                        line.category.clone_from(&event.category);
                    }
                }
            }
            ShowEvent::TicketTransferred(event) => {
                if let Some(ticket) = self.tickets.get_mut(&event.ticket) {
                    ticket.customer = Some(event.customer);
                    ticket.holder = Some(event.customer);
                }
            }
            ShowEvent::HolderNamed(event) => {
                if let Some(ticket) = self.tickets.get_mut(&event.ticket) {
                    ticket.holder = Some(event.holder);
                }
            }
            ShowEvent::CheckedIn(event) => {
                self.presence.checked_in(event);
                self.attendance.checked_in(event);
            }
            ShowEvent::CheckedOut(event) => {
                self.presence.checked_out(event);
                self.attendance.checked_out(event);
            }
            ShowEvent::CheckInRefused(event) => self.attendance.refused(event),
            ShowEvent::CheckInUndone(event) => {
                self.presence.undone(event);
                self.attendance.undone(event);
            }
            // The difference is for people to look at; both decisions stand in events of their own.
            ShowEvent::AdmissionConflictFound(_) => {}
            ShowEvent::PersonsCounted(event) => {
                let persons = i64::from(event.persons);
                let change = match event.direction {
                    crate::door::Direction::In => persons,
                    crate::door::Direction::Out => -persons,
                };
                self.presence.count(&event.area, change);
                self.attendance.counted(event);
            }
        }
    }

    fn revised(&mut self, event: &ShowRevised) {
        fn set<T: Clone>(field: &mut T, new: Option<&T>) {
            if let Some(new) = new {
                field.clone_from(new);
            }
        }
        set(&mut self.name, event.name.as_ref());
        set(&mut self.description, event.description.as_ref());
        set(&mut self.venue, event.venue.as_ref());
        set(&mut self.sales, event.sales.as_ref());
        set(&mut self.hold_seconds, event.hold_seconds.as_ref());
        set(&mut self.pay_within_seconds, event.pay_within_seconds.as_ref());
    }

    /// New terms hold from now on, for tickets sold before as well: what they take, they take of the new pools.
    fn terms_revised(&mut self, id: crate::ids::TicketTypeId, terms: &TicketTypeTerms) {
        let Some(ticket_type) = self.ticket_types.get_mut(&id) else { return };
        let persons = u32::from(ticket_type.terms.persons);
        let (held, sold) = (ticket_type.held * persons, ticket_type.sold * persons);
        let old = std::mem::replace(&mut ticket_type.terms, terms.clone()).pools;
        for pool in old.iter().filter(|pool| !terms.pools.contains(pool)) {
            if let Some(pool) = self.pools.get_mut(pool) {
                pool.held = pool.held.saturating_sub(held);
                pool.sold = pool.sold.saturating_sub(sold);
            }
        }
        for pool in terms.pools.iter().filter(|pool| !old.contains(pool)) {
            if let Some(pool) = self.pools.get_mut(pool) {
                pool.held += held;
                pool.sold += sold;
            }
        }
    }

    fn hold_placed(&mut self, event: &HoldPlaced) {
        for item in &event.items {
            self.take(&item.into(), Claim::Held(event.hold));
        }
        self.ends.insert((event.expires_at, End::Hold(event.hold)));
        self.holds.insert(
            event.hold,
            HoldState::Open(Hold {
                id: event.hold,
                items: event.items.clone(),
                expires_at: event.expires_at,
                extended: false,
                channel: event.channel,
            }),
        );
    }

    fn hold_ended(&mut self, hold: HoldId, items: &[HoldItem], became: HoldState) {
        for item in items {
            self.give_back(&item.into(), Claim::Held(hold));
        }
        self.close_hold(hold, became);
    }

    fn close_hold(&mut self, hold: HoldId, became: HoldState) {
        if let Some(HoldState::Open(was)) = self.holds.insert(hold, became) {
            self.ends.remove(&(was.expires_at, End::Hold(hold)));
        }
    }

    fn order_placed(&mut self, event: &OrderPlaced) {
        let claim = Claim::Ordered(event.order);
        for line in &event.lines {
            let Some(taking) = Taking::of_line(line) else { continue };
            match event.hold {
                // Held places stay held, now by the order.
                Some(hold) => self.pass_places(taking.places, Claim::Held(hold), claim),
                None => self.take(&taking, claim),
            }
        }
        if let Some(hold) = event.hold {
            self.close_hold(hold, HoldState::Used(event.order));
        }
        if let Some(at) = event.expires_at {
            self.ends.insert((at, End::Order(event.order)));
        }
        self.references.insert(event.reference.clone(), event.order);
        self.orders.insert(
            event.order,
            Order {
                id: event.order,
                reference: event.reference.clone(),
                status: event.status,
                terms: event.terms,
                channel: event.channel,
                customer: event.customer,
                lines: event.lines.clone(),
                holders: event.holders.clone(),
                paid: crate::money::Amount(0),
                refunded: crate::money::Amount(0),
                expires_at: event.expires_at,
                tickets: Vec::new(),
                complimentary: event.complimentary,
            }
            .into(),
        );
    }

    fn order_stands(&mut self, id: OrderId, status: OrderStatus) {
        let Some(order) = self.orders.get_mut(&id) else { return };
        order.status = status;
        if status != OrderStatus::AwaitingPayment
            && let Some(at) = order.expires_at.take()
        {
            self.ends.remove(&(at, End::Order(id)));
        }
    }

    fn lines_given_back(&mut self, id: OrderId, lines: &[Line]) {
        for line in lines {
            if let Some(taking) = Taking::of_line(line) {
                self.give_back(&taking, Claim::Ordered(id));
            }
        }
        if let Some(order) = self.orders.get_mut(&id) {
            order.lines.clear();
        }
    }

    fn refunded(&mut self, event: &RefundRecorded) {
        if let Some(order) = self.orders.get_mut(&event.order) {
            order.refunded = event.refunded;
            order.lines.extend(event.discount.clone());
        }
        self.order_stands(event.order, event.status);
    }

    fn ticket_issued(&mut self, event: &TicketIssued) {
        self.pass_places(&event.places, Claim::Ordered(event.order), Claim::Sold(event.ticket));
        self.count(event.ticket_type, event.persons, Count::Held, Count::Sold);
        self.attendance.issued(event.ticket_type);
        self.codes.insert(event.short_code, (event.ticket, event.issue));
        if let Some(order) = self.orders.get_mut(&event.order) {
            order.tickets.push(event.ticket);
            if let Some(line) = order.lines.iter_mut().find(|line| line.id == event.line) {
                line.ticket = Some(event.ticket);
            }
        }
        self.tickets.insert(
            event.ticket,
            Ticket {
                id: event.ticket,
                order: event.order,
                line: event.line,
                ticket_type: event.ticket_type,
                places: event.places.clone(),
                category: event.category.clone(),
                persons: event.persons,
                price: event.price,
                short_code: event.short_code,
                issue: event.issue,
                iat: event.iat,
                kid: event.kid.clone(),
                holder: event.holder,
                customer: None,
                channel: event.channel,
                void: false,
            }
            .into(),
        );
    }

    fn ticket_voided(&mut self, event: &TicketVoided) {
        self.pass_places(&event.places, Claim::Sold(event.ticket), Claim::Free);
        self.count(event.ticket_type, event.persons, Count::Sold, Count::None);
        self.attendance.voided(event.ticket_type);
        if event.holder_has_left {
            self.presence.ticket_left(event.ticket);
        }
        if let Some(ticket) = self.tickets.get_mut(&event.ticket) {
            ticket.void = true;
            let line = ticket.line;
            if let Some(order) = self.orders.get_mut(&event.order) {
                order.take_off(line, event.price);
            }
        }
        self.order_stands(event.order, event.status);
    }

    /// Places go from sale, or from the block that they are taken from, to a hold or an order.
    fn take(&mut self, taking: &Taking<'_>, to: Claim) {
        let from = taking.block.map_or(Claim::Free, Claim::Blocked);
        self.pass_places(taking.places, from, to);
        if let Some(block) = taking.block {
            for place in taking.places {
                self.leave_block(block, place);
            }
        }
        self.count(taking.ticket_type, taking.persons, Count::None, Count::Held);
    }

    /// Places go back on sale, or to the block that they came from.
    fn give_back(&mut self, taking: &Taking<'_>, from: Claim) {
        let to = taking.block.map_or(Claim::Free, Claim::Blocked);
        self.pass_places(taking.places, from, to);
        if let Some(block) = taking.block.and_then(|id| self.blocks.get_mut(&id)) {
            for place in taking.places {
                block.add(place);
            }
        }
        self.count(taking.ticket_type, taking.persons, Count::Held, Count::None);
    }

    fn pass_places(&mut self, places: &[Place], from: Claim, to: Claim) {
        for place in places {
            self.places.pass(place, from, to);
        }
    }

    fn leave_block(&mut self, block: BlockId, place: &Place) {
        if let Some(block) = self.blocks.get_mut(&block) {
            block.remove(place);
        }
    }

    fn count(&mut self, ticket_type: crate::ids::TicketTypeId, persons: u32, from: Count, to: Count) {
        fn change(held: &mut u32, sold: &mut u32, n: u32, from: Count, to: Count) {
            match from {
                Count::None => {}
                Count::Held => *held = held.saturating_sub(n),
                Count::Sold => *sold = sold.saturating_sub(n),
            }
            match to {
                Count::None => {}
                Count::Held => *held += n,
                Count::Sold => *sold += n,
            }
        }
        let Some(ticket_type) = self.ticket_types.get_mut(&ticket_type) else { return };
        change(&mut ticket_type.held, &mut ticket_type.sold, 1, from, to);
        for pool in &ticket_type.terms.pools {
            if let Some(pool) = self.pools.get_mut(pool) {
                change(&mut pool.held, &mut pool.sold, persons, from, to);
            }
        }
    }
}

impl Block {
    fn remove(&mut self, place: &Place) {
        if place.seat.is_some() {
            self.places.retain(|of_block| of_block.seat != place.seat);
        } else if let Some(of_block) = self.standing(place) {
            of_block.persons = of_block.persons.saturating_sub(place.persons);
            self.places.retain(|of_block| of_block.persons > 0);
        }
    }

    fn add(&mut self, place: &Place) {
        if place.seat.is_none()
            && let Some(of_block) = self.standing(place)
        {
            of_block.persons += place.persons;
        } else {
            self.places.push(place.clone());
        }
    }

    fn standing(&mut self, place: &Place) -> Option<&mut Place> {
        self.places.iter_mut().find(|of_block| of_block.seat.is_none() && of_block.section == place.section)
    }
}
