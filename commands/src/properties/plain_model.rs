//! What must be true of a show's events, counted from the events alone: nothing of `domain`'s fold is used here, so
//! that a mistake in it is not made twice. Slow and simple: after every event everything is counted anew.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use domain::{
    ShowEvent,
    codes::ShortCode,
    door::Direction,
    events::{HoldItem, Line, LineKind, OrderPlaced, OrderStatus, Scan, TicketIssued, TicketVoided},
    ids::{BlockId, HoldId, ItemId, OrderId, PoolId, ScanId, TicketId, TicketTypeId},
    place::Place,
    seating::Room,
    text::DoorName,
    ticket_type::{Entries, TicketTypeTerms},
};

/// What one ticket, or a future one, takes.
#[derive(Clone)]
struct Taking {
    ticket_type: TicketTypeId,
    places: Vec<Place>,
    persons: u32,
}

/// An order as its events tell it, with the sums that they have to have.
#[derive(Default)]
pub struct OrderBook {
    /// Live lines of tickets: what each costs, and the ticket.
    lines: BTreeMap<ItemId, (i64, Option<TicketId>)>,
    waiting: HashMap<ItemId, Taking>,
    discounts: i64,
    /// All that was paid.
    pub paid: i64,
    /// All that was given back.
    pub refunded: i64,
    status: Option<OrderStatus>,
}

impl OrderBook {
    fn total(&self) -> i64 {
        self.lines.values().map(|(amount, _)| amount).sum::<i64>() + self.discounts
    }

    /// What is due; negative: owed to the customer.
    pub fn due(&self) -> i64 {
        self.total() - self.paid + self.refunded
    }
}

/// A ticket as its events tell it.
pub struct TicketBook {
    /// Its order.
    pub order: OrderId,
    /// Which issue counts.
    pub issue: u32,
    code: ShortCode,
    taking: Option<Taking>,
    persons: u32,
    ticket_type: TicketTypeId,
}

/// Somebody went in or out with a ticket.
struct Passage {
    ticket: Option<TicketId>,
    area: DoorName,
    day: Option<NaiveDate>,
    direction: Direction,
    persons: i64,
    returning: i64,
    /// Against the rules, or by a device alone.
    excused: bool,
    undone: bool,
}

/// Everything that a reader of the events knows.
#[derive(Default)]
pub struct PlainModel {
    /// Ids in the order in which they came, for choosing among them.
    pub holds: Vec<HoldId>,
    pub orders: Vec<OrderId>,
    pub tickets: Vec<TicketId>,
    pub blocks: Vec<BlockId>,
    pub pools: Vec<PoolId>,
    pub ticket_types: Vec<TicketTypeId>,
    pub scans: Vec<ScanId>,
    pub codes: Vec<ShortCode>,
    /// Items of every hold that is open.
    pub open: HashMap<HoldId, BTreeMap<ItemId, HoldItem>>,
    /// Every order.
    pub order_books: HashMap<OrderId, OrderBook>,
    /// Every ticket.
    pub ticket_books: HashMap<TicketId, TicketBook>,
    seats: Option<HashSet<String>>,
    standing: HashMap<String, u32>,
    blocked: HashMap<BlockId, Vec<Place>>,
    pool_capacity: HashMap<PoolId, u32>,
    terms: HashMap<TicketTypeId, TicketTypeTerms>,
    code_digits: Option<u8>,
    passages: HashMap<ScanId, Passage>,
}

impl PlainModel {
    /// Takes in an event and checks everything.
    pub fn take(&mut self, event: &ShowEvent) {
        self.apply(event);
        self.check_places();
        self.check_quotas();
        for (order, book) in &self.order_books {
            assert!(book.total() >= 0, "order {order} has a total of {}", book.total());
            assert!((0..=book.paid).contains(&book.refunded), "order {order} gave back more than came in");
        }
    }

    /// What has to be true whenever a command is through, not in the middle of its events.
    pub fn check_between_commands(&self) {
        for (order, book) in &self.order_books {
            let without_ticket = book.lines.values().filter(|(_, ticket)| ticket.is_none()).count();
            assert!(
                book.status != Some(OrderStatus::Paid) || without_ticket == 0,
                "order {order} is paid, and {without_ticket} of its lines have no ticket"
            );
        }
    }

    fn apply(&mut self, event: &ShowEvent) {
        match event {
            ShowEvent::SeatingAdopted(event) => {
                let seats = event.sections.seats();
                self.seats = Some(seats.map(|(s, r, seat)| format!("{}-{}-{}", s.name, r.label, seat.seat)).collect());
                let sections = event.sections.sections().iter();
                self.standing = sections
                    .filter_map(|section| match section.room {
                        Room::Standing(capacity) => Some((section.name.to_string(), capacity)),
                        Room::Seated(_) => None,
                    })
                    .collect();
            }
            ShowEvent::PoolAdded(event) => {
                self.pools.push(event.pool);
                self.pool_capacity.insert(event.pool, event.capacity.into());
            }
            ShowEvent::PoolRevised(event) => {
                self.pool_capacity.insert(event.pool, event.capacity.into());
            }
            ShowEvent::TicketTypeAdded(event) => {
                self.ticket_types.push(event.ticket_type);
                self.terms.insert(event.ticket_type, event.terms.clone());
            }
            ShowEvent::TicketTypeRevised(event) => {
                self.terms.insert(event.ticket_type, event.terms.clone());
            }
            ShowEvent::ShowPublished(event) => self.code_digits = Some(event.code_length.digits()),
            ShowEvent::PlacesBlocked(event) => {
                self.blocks.push(event.block);
                self.blocked.insert(event.block, event.places.clone());
            }
            ShowEvent::BlockReleased(event) => {
                for place in &event.places {
                    self.leave_block(event.block, place);
                }
                let left = self.blocked[&event.block].iter().map(|place| place.persons).sum::<u32>();
                assert!(!event.whole || left == 0, "a block was released as a whole, and {left} places are left");
                if event.whole {
                    self.blocked.remove(&event.block);
                }
            }
            ShowEvent::HoldPlaced(event) => {
                assert_eq!(event.total.0, event.items.iter().map(|item| item.price.0).sum::<i64>());
                self.holds.push(event.hold);
                self.open.insert(event.hold, BTreeMap::new());
                event.items.iter().for_each(|item| self.hold(event.hold, item));
            }
            ShowEvent::HoldChanged(event) => {
                event.removed.iter().for_each(|item| self.unhold(event.hold, item));
                event.added.iter().for_each(|item| self.hold(event.hold, item));
                let prices = self.open[&event.hold].values().map(|item| item.price.0);
                assert_eq!(event.total.0, prices.sum::<i64>());
            }
            ShowEvent::HoldReleased(event) => self.end_hold(event.hold, &event.items),
            ShowEvent::HoldExpired(event) => self.end_hold(event.hold, &event.items),
            ShowEvent::HoldExtended(event) => assert!(self.open.contains_key(&event.hold)),
            ShowEvent::OrderPlaced(event) => self.order_placed(event),
            ShowEvent::PaymentRecorded(event) => {
                assert!(event.amount.0 > 0);
                let book = self.order_books.get_mut(&event.order).expect("a payment is on an order");
                book.paid += event.amount.0;
                assert_eq!(book.paid, event.paid.0);
                self.stands(event.order, event.due.0, event.status);
            }
            ShowEvent::RefundRecorded(event) => {
                assert!(event.amount.0 > 0);
                let book = self.order_books.get_mut(&event.order).expect("a refund is on an order");
                book.refunded += event.amount.0;
                assert_eq!(book.refunded, event.refunded.0);
                if let Some(discount) = &event.discount {
                    assert!(discount.kind == LineKind::Discount && discount.amount.0 < 0);
                    book.discounts += discount.amount.0;
                }
                self.stands(event.order, event.due.0, event.status);
            }
            ShowEvent::OrderCancelled(event) => self.end_order(event.order, &event.lines, OrderStatus::Cancelled),
            ShowEvent::OrderExpired(event) => self.end_order(event.order, &event.lines, OrderStatus::Expired),
            ShowEvent::TicketIssued(event) => self.ticket_issued(event),
            ShowEvent::TicketVoided(event) => self.ticket_voided(event),
            ShowEvent::TicketReissued(event) => {
                self.give_code(event.short_code);
                let ticket = self.ticket_books.get_mut(&event.ticket).expect("a reissued ticket exists");
                assert!(ticket.taking.is_some(), "a void ticket was issued anew");
                assert_eq!(event.issue, ticket.issue + 1);
                (ticket.issue, ticket.code) = (event.issue, event.short_code);
                self.check_codes(event.short_code);
            }
            ShowEvent::TicketMoved(event) => {
                let ticket = self.ticket_books.get_mut(&event.ticket).expect("a moved ticket exists");
                let taking = ticket.taking.as_mut().expect("only a valid ticket is moved");
                assert_eq!(taking.places, std::slice::from_ref(&event.from));
                taking.places = vec![event.to.clone()];
            }
            ShowEvent::CheckedIn(event) => {
                let ticket = event.ticket.as_ref().map(|ticket| ticket.id);
                self.passed(
                    &event.scan,
                    Passage {
                        ticket,
                        area: event.scan.area.clone(),
                        day: event.day,
                        direction: Direction::In,
                        persons: event.persons.into(),
                        returning: event.returning.into(),
                        excused: event.overridden.is_some() || event.scan.offline.is_some(),
                        undone: false,
                    },
                );
            }
            ShowEvent::CheckedOut(event) => {
                let ticket = event.ticket.as_ref().map(|ticket| ticket.id);
                self.passed(
                    &event.scan,
                    Passage {
                        ticket,
                        area: event.scan.area.clone(),
                        day: event.day,
                        direction: Direction::Out,
                        persons: event.persons.into(),
                        returning: 0,
                        excused: event.overridden.is_some() || event.scan.offline.is_some(),
                        undone: false,
                    },
                );
            }
            ShowEvent::CheckInUndone(event) => {
                let passage = self.passages.get_mut(&event.scan).expect("only a passage is taken back");
                assert!(!passage.undone, "a scan was taken back twice");
                passage.undone = true;
            }
            ShowEvent::ShowScheduled(_)
            | ShowEvent::ShowRevised(_)
            | ShowEvent::ShowRescheduled(_)
            | ShowEvent::DoorSet(_)
            | ShowEvent::SalesPaused(_)
            | ShowEvent::SalesResumed(_)
            | ShowEvent::SalesClosed(_)
            | ShowEvent::ShowCancelled(_)
            | ShowEvent::TicketTransferred(_)
            | ShowEvent::HolderNamed(_)
            | ShowEvent::CheckInRefused(_)
            | ShowEvent::AdmissionConflictFound(_)
            | ShowEvent::PersonsCounted(_) => {}
        }
    }

    fn hold(&mut self, hold: HoldId, item: &HoldItem) {
        self.leave_block_of(item.block, &item.places);
        let items = self.open.get_mut(&hold).expect("a hold that changes is open");
        assert!(items.insert(item.id, item.clone()).is_none(), "an item was held twice");
    }

    fn unhold(&mut self, hold: HoldId, item: &HoldItem) {
        let items = self.open.get_mut(&hold).expect("a hold that ends is open");
        let held = items.remove(&item.id).expect("what is given back was held");
        assert_eq!(held.places, item.places);
        self.back_to_block(item.block, &item.places);
    }

    fn end_hold(&mut self, hold: HoldId, items: &[HoldItem]) {
        items.iter().for_each(|item| self.unhold(hold, item));
        let left = self.open.remove(&hold).expect("a hold that ends is open");
        assert!(left.is_empty(), "a hold ended and kept {} items", left.len());
    }

    fn order_placed(&mut self, event: &OrderPlaced) {
        let mut held = event.hold.map(|hold| self.open.remove(&hold).expect("an order is made of an open hold"));
        let mut book = OrderBook::default();
        for line in &event.lines {
            assert!(0 <= line.tax.0 && line.tax.0 <= line.amount.0);
            match &mut held {
                Some(items) => {
                    let item = items.remove(&line.id).expect("a line of an order was held");
                    assert_eq!((item.places, item.price), (line.places.clone(), line.amount));
                }
                None => self.leave_block_of(line.block, &line.places),
            }
            let ticket_type = line.ticket_type.expect("a line of a ticket has a type");
            let taking = Taking { ticket_type, places: line.places.clone(), persons: line.persons };
            book.lines.insert(line.id, (line.amount.0, None));
            book.waiting.insert(line.id, taking);
        }
        assert!(held.is_none_or(|items| items.is_empty()), "a hold became an order, and items of it are lost");
        assert_eq!(event.total.0, book.total());
        self.orders.push(event.order);
        self.order_books.insert(event.order, book);
        self.stands(event.order, event.due.0, event.status);
    }

    /// What an event says is due has to follow from lines, payments and refunds.
    fn stands(&mut self, order: OrderId, due: i64, status: OrderStatus) {
        let book = self.order_books.get_mut(&order).expect("only an order stands somehow");
        assert_eq!(book.due(), due, "order {order}");
        let ended = matches!(book.status, Some(OrderStatus::Cancelled | OrderStatus::Expired));
        let by_due = if due > 0 { OrderStatus::AwaitingPayment } else { OrderStatus::Paid };
        assert_eq!(Some(status), if ended { book.status } else { Some(by_due) }, "order {order} with {due} due");
        book.status = Some(status);
    }

    fn end_order(&mut self, order: OrderId, lines: &[Line], status: OrderStatus) {
        for line in lines.iter().filter(|line| line.kind == LineKind::Ticket) {
            self.back_to_block(line.block, &line.places);
            let book = self.order_books.get_mut(&order).expect("only an order ends");
            let taking = book.waiting.remove(&line.id).expect("what is given back was ordered");
            assert_eq!(taking.places, line.places);
        }
        let book = self.order_books.get_mut(&order).expect("only an order ends");
        assert!(book.waiting.is_empty(), "an order ended and kept {} lines", book.waiting.len());
        assert!(book.lines.values().all(|(_, ticket)| ticket.is_none()), "an order ended with valid tickets");
        book.lines.clear();
        book.discounts = 0;
        book.status = Some(status);
    }

    fn ticket_issued(&mut self, event: &TicketIssued) {
        self.give_code(event.short_code);
        let book = self.order_books.get_mut(&event.order).expect("a ticket has an order");
        let taking = book.waiting.remove(&event.line).expect("a ticket is for a line that has none");
        let line = book.lines.get_mut(&event.line).expect("a ticket is for a live line");
        assert_eq!((&taking.places, taking.persons, line.0), (&event.places, event.persons, event.price.0));
        line.1 = Some(event.ticket);
        self.tickets.push(event.ticket);
        let ticket = TicketBook {
            order: event.order,
            issue: event.issue,
            code: event.short_code,
            persons: taking.persons,
            ticket_type: taking.ticket_type,
            taking: Some(taking),
        };
        assert!(self.ticket_books.insert(event.ticket, ticket).is_none(), "a ticket was issued twice");
        self.check_codes(event.short_code);
    }

    fn ticket_voided(&mut self, event: &TicketVoided) {
        let ticket = self.ticket_books.get_mut(&event.ticket).expect("only a ticket is voided");
        let taking = ticket.taking.take().expect("a ticket is voided once");
        assert_eq!(taking.places, event.places);
        let book = self.order_books.get_mut(&event.order).expect("a ticket has an order");
        let line = book.lines.iter().find(|(_, (_, of_line))| *of_line == Some(event.ticket)).expect("it had a line").0;
        let (amount, _) = book.lines.remove(&line.clone()).expect("it had a line");
        // A discount on what is gone is gone as well.
        book.discounts += amount - event.price.0;
        assert!(event.price.0 == amount || book.total() == 0, "a ticket of {amount} took off {}", event.price.0);
        self.stands(event.order, event.due.0, event.status);
    }

    fn give_code(&mut self, code: ShortCode) {
        assert_eq!(code.to_string().len(), usize::from(self.code_digits.expect("codes come after publication")));
        assert!(!self.codes.contains(&code), "the code {code} was given twice");
        self.codes.push(code);
    }

    /// While a tenth or less is used, a slip of one finger is nobody's code.
    fn check_codes(&self, new: ShortCode) {
        let digits = u32::from(self.code_digits.expect("codes come after publication"));
        if self.codes.len() > 10_usize.pow(digits) / 10 {
            return;
        }
        let differ = |other: &str| new.to_string().bytes().zip(other.bytes()).filter(|(a, b)| a != b).count();
        for ticket in self.ticket_books.values().filter(|ticket| ticket.taking.is_some() && ticket.code != new) {
            assert!(differ(&ticket.code.to_string()) >= 2, "{new} and {} differ in one digit", ticket.code);
        }
    }

    fn leave_block_of(&mut self, block: Option<BlockId>, places: &[Place]) {
        if let Some(block) = block {
            places.iter().for_each(|place| self.leave_block(block, place));
        }
    }

    fn leave_block(&mut self, block: BlockId, place: &Place) {
        let blocked = self.blocked.get_mut(&block).expect("only a block is left");
        let mut missing = place.persons;
        for of_block in blocked.iter_mut().filter(|b| b.section == place.section && b.seat == place.seat) {
            let taken = missing.min(of_block.persons);
            of_block.persons -= taken;
            missing -= taken;
        }
        blocked.retain(|of_block| of_block.persons > 0);
        assert_eq!(missing, 0, "{place:?} left a block that does not have it");
    }

    fn back_to_block(&mut self, block: Option<BlockId>, places: &[Place]) {
        if let Some(block) = block {
            self.blocked
                .get_mut(&block)
                .expect("only to a block that stands is given back")
                .extend(places.iter().cloned());
        }
    }

    fn takings(&self) -> impl Iterator<Item = (TicketTypeId, &[Place], u32)> {
        let held = self.open.values().flat_map(BTreeMap::values);
        let held = held.map(|item| (item.ticket_type, item.places.as_slice(), item.persons));
        let ordered = self.order_books.values().flat_map(|book| book.waiting.values());
        let sold = self.ticket_books.values().filter_map(|ticket| ticket.taking.as_ref());
        held.chain(ordered.chain(sold).map(|taking| (taking.ticket_type, taking.places.as_slice(), taking.persons)))
    }

    fn check_places(&self) {
        let taken = self.takings().flat_map(|(_, places, _)| places);
        let mut seats = HashSet::new();
        let mut standing: HashMap<String, u32> = HashMap::new();
        for place in taken.chain(self.blocked.values().flatten()) {
            match (&place.seat, &place.section) {
                (Some(seat), _) => {
                    assert!(seats.insert(seat.as_str()), "{seat} was given twice");
                    assert!(self.seats.as_ref().is_some_and(|all| all.contains(seat.as_str())), "there is no {seat}");
                }
                (None, Some(section)) => *standing.entry(section.to_string()).or_default() += place.persons,
                (None, None) => assert!(self.seats.is_none(), "a place nowhere in a show with a seating"),
            }
        }
        for (section, persons) in standing.into_iter().filter(|(_, persons)| *persons > 0) {
            let capacity = self.standing.get(&section).copied().unwrap_or(0);
            assert!(persons <= capacity, "{persons} stand in {section}, which has room for {capacity}");
        }
    }

    fn check_quotas(&self) {
        let mut tickets: HashMap<TicketTypeId, u32> = HashMap::new();
        let mut persons: HashMap<PoolId, u32> = HashMap::new();
        for (ticket_type, _, of_ticket) in self.takings() {
            *tickets.entry(ticket_type).or_default() += 1;
            for pool in &self.terms[&ticket_type].pools {
                *persons.entry(*pool).or_default() += of_ticket;
            }
        }
        for (ticket_type, tickets) in tickets {
            let capacity = self.terms[&ticket_type].capacity.map_or(u32::MAX, u32::from);
            assert!(tickets <= capacity, "{tickets} tickets of a type of {capacity}");
        }
        for (pool, persons) in persons {
            let capacity = self.pool_capacity[&pool];
            assert!(persons <= capacity, "{persons} persons of a pool of {capacity}");
        }
    }

    fn passed(&mut self, scan: &Scan, passage: Passage) {
        assert!(0 < passage.persons && passage.returning <= passage.persons);
        self.scans.push(scan.scan);
        let by_the_rules = passage.direction == Direction::In && !passage.excused;
        if let Some(ticket) = passage.ticket.filter(|_| by_the_rules) {
            self.check_entries(ticket, &passage);
        }
        assert!(self.passages.insert(scan.scan, passage).is_none(), "a scan was recorded twice");
    }

    /// By the rules, a ticket admits as often as it says; whoever returns went out before.
    fn check_entries(&self, ticket: TicketId, new: &Passage) {
        let book = &self.ticket_books[&ticket];
        assert!(book.taking.is_some(), "a void ticket admitted somebody");
        let Entries::Times(times) = self.terms[&book.ticket_type].entries else { return };
        let allowed = i64::from(book.persons) * i64::from(times);
        let stay = self.passages.values().filter(|passage| {
            passage.ticket == new.ticket && passage.area == new.area && passage.day == new.day && !passage.undone
        });
        let (mut used, mut inside, mut excused) = (new.persons - new.returning, new.persons, false);
        for passage in stay {
            excused |= passage.excused;
            match passage.direction {
                Direction::In => {
                    used += passage.persons - passage.returning;
                    inside += passage.persons;
                }
                Direction::Out => inside -= passage.persons,
            }
        }
        let uses_none = new.persons == new.returning;
        assert!(uses_none || used <= allowed, "{used} persons used a ticket for {allowed}");
        assert!(excused || inside <= allowed, "{inside} persons are inside on a ticket for {allowed}");
    }
}
