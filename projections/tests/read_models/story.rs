//! Makes up histories of a show: whatever may happen by the rules, in an order that a number decides.
//!
//! No commands here (this crate cannot see them): a story asks the folded state what is possible and says what happens then.

use chrono::TimeDelta;
use domain::{
    Show, ShowEvent, ShowState,
    codes::{CodeLength, ShortCode},
    door::{Area, CodeRule, Direction, Gate, HolderRule, Per, Reentry, RefusalReason},
    events::*,
    ids::*,
    money::{Amount, Price},
    place::{Place, RowLabel, SeatAddress, SeatLabel, SectionName},
    seating::{Room, Row, Seat, Seating, Section},
    show::{Claim, HoldState},
    text::{Category, Description, DoorName, Name, Slug},
    ticket_type::{Capacity, CategoryPrice, Channel, Entries, Persons, Prices, SalesWindow, TicketTypeTerms, Validity},
    time::Zone,
};
use uuid::Uuid;

use crate::world::noon;

pub struct Story {
    pub show: ShowId,
    pub events: Vec<ShowEvent>,
    pub state: ShowState,
    seated: TicketTypeId,
    standing: TicketTypeId,
    group: TicketTypeId,
    pool: PoolId,
    random: u64,
    things: u64,
    holds: Vec<HoldId>,
    orders: Vec<OrderId>,
    tickets: Vec<TicketId>,
    scans: Vec<ScanId>,
}

impl Story {
    /// A published show of 24 seats in two categories, a floor for 40, a pool, and a door of two areas.
    pub fn begin(seed: u64) -> Self {
        let mut story = Self {
            show: ShowId(Uuid::from_u64_pair(seed, 1)),
            events: Vec::new(),
            state: ShowState::default(),
            seated: TicketTypeId(Uuid::from_u64_pair(seed, 2)),
            standing: TicketTypeId(Uuid::from_u64_pair(seed, 3)),
            group: TicketTypeId(Uuid::from_u64_pair(seed, 4)),
            pool: PoolId(Uuid::from_u64_pair(seed, 5)),
            random: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
            things: 100,
            holds: Vec::new(),
            orders: Vec::new(),
            tickets: Vec::new(),
            scans: Vec::new(),
        };
        story.plan();
        story
    }

    /// So many more things happen.
    pub fn goes_on(&mut self, steps: usize) {
        for _ in 0..steps {
            self.something_happens();
        }
    }

    pub fn show(&self) -> &Show {
        self.state.show().unwrap()
    }

    fn plan(&mut self) {
        let seed = u32::try_from(self.show.0.as_u64_pair().0 % 1_000_000).unwrap();
        self.say(ShowScheduled {
            show: self.show,
            slug: Slug::new(&name("Spring Cup"), seed),
            name: name("Spring Cup"),
            description: Description::try_from("").unwrap(),
            venue: Venue {
                name: name("Hall"),
                address: domain::text::Address::try_from("Street 1").unwrap(),
                latitude_e7: Some(509_876_543),
                longitude_e7: Some(-110_000_001),
            },
            timezone: Zone::try_from("Europe/Berlin".to_owned()).unwrap(),
            schedule: Schedule { doors_at: None, starts_at: noon() + TimeDelta::days(30), ends_at: None },
            currency: domain::money::Currency::try_from("EUR".to_owned()).unwrap(),
            sales: SalesWindow::default(),
            hold_seconds: 900,
            pay_within_seconds: 86_400,
            code_length: None,
        });
        let seating = seating();
        self.say(SeatingAdopted {
            seats: seating.seat_count(),
            standing: seating.standing_count(),
            sections: seating,
        });
        self.say(PoolAdded { pool: self.pool, name: name("Saturday"), capacity: Capacity::try_from(60).unwrap() });
        let by_category = Prices::ByCategory(vec![
            CategoryPrice { category: category("I"), price: price(4_000) },
            CategoryPrice { category: category("II"), price: price(2_500) },
        ]);
        self.say(TicketTypeAdded { ticket_type: self.seated, terms: terms("Seat", by_category, vec![]) });
        let floor = |persons| TicketTypeTerms {
            sections: Some(vec![section("Floor")]),
            persons: Persons::try_from(persons).unwrap(),
            ..terms("Floor", Prices::Flat(price(1_500)), vec![self.pool])
        };
        let (single, group) = (floor(1), floor(4));
        self.say(TicketTypeAdded { ticket_type: self.standing, terms: single });
        self.say(TicketTypeAdded { ticket_type: self.group, terms: group });
        self.say(door(false));
        self.say(ShowPublished { code_length: CodeLength::try_from(4).unwrap(), capacity: 64 });
    }

    fn something_happens(&mut self) {
        match self.below(26) {
            0..=4 => self.hold(),
            5 => self.hold_changes(),
            6 => self.hold_ends(),
            7..=10 => self.order(),
            11..=13 => self.payment(),
            14 => self.order_ends(),
            15 => self.void(),
            16 => self.reissue_or_name(),
            17 => self.move_seat(),
            18..=20 => self.enter(),
            21 => self.leave(),
            22 => self.undo(),
            23 => self.refuse_or_count(),
            24 => self.block_or_release(),
            _ => self.change_plans(),
        }
    }

    pub fn hold(&mut self) {
        let hold = HoldId(self.thing());
        let items: Vec<HoldItem> = (0..=self.below(3)).filter_map(|_| self.item(None)).collect();
        // Items of one hold are drawn before any of them is taken: leave out what was drawn twice.
        let mut seen = Vec::new();
        let items: Vec<HoldItem> = items
            .into_iter()
            .filter(|item| item.places.iter().all(|place| place.seat.is_none() || !seen.contains(place)) && {
                seen.extend(item.places.clone());
                true
            })
            .collect();
        if items.is_empty() {
            return;
        }
        let total = items.iter().map(|item| item.price).sum();
        self.holds.push(hold);
        self.say(HoldPlaced { hold, items, total, expires_at: noon() + TimeDelta::minutes(15), channel: Channel::Web });
    }

    /// A free seat, or room on the floor, for one or for four.
    fn item(&mut self, seat: Option<SeatAddress>) -> Option<HoldItem> {
        let id = ItemId(self.thing());
        let kind = if seat.is_some() { 0 } else { self.below(4) };
        if kind < 2 {
            let seat = seat.or_else(|| self.free_seat())?;
            let (in_section, slot) = self.show().places.seat(&seat)?;
            let of = in_section.category(slot).cloned();
            let cost = if of.as_ref().is_some_and(|c| c.as_str() == "I") { 4_000 } else { 2_500 };
            let places = vec![Place::seat(in_section.name.clone(), seat)];
            return Some(HoldItem {
                id,
                ticket_type: self.seated,
                places,
                category: of,
                persons: 1,
                price: Amount(cost),
                tax: Amount(0),
                block: None,
            });
        }
        let (ticket_type, persons) = if kind == 2 { (self.standing, 1) } else { (self.group, 4) };
        let show = self.show();
        // Three items may be drawn at once.
        if show.available(show.ticket_type(ticket_type)?) < 12 {
            return None;
        }
        Some(HoldItem {
            id,
            ticket_type,
            places: vec![Place::standing(section("Floor"), persons)],
            category: None,
            persons,
            price: Amount(1_500),
            tax: Amount(0),
            block: None,
        })
    }

    fn open_hold(&mut self) -> Option<domain::show::Hold> {
        let open: Vec<_> = self
            .holds
            .iter()
            .filter_map(|hold| match self.show().hold(*hold) {
                Some(HoldState::Open(hold)) => Some(hold.clone()),
                _ => None,
            })
            .collect();
        self.one_of(&open)
    }

    fn hold_changes(&mut self) {
        let Some(hold) = self.open_hold() else { return };
        if self.below(2) == 0 {
            self.say(HoldExtended { hold: hold.id, expires_at: hold.expires_at + TimeDelta::minutes(15) });
            return;
        }
        let added: Vec<HoldItem> = self.item(None).into_iter().collect();
        let removed: Vec<HoldItem> = hold.items.first().cloned().into_iter().filter(|_| hold.items.len() > 1).collect();
        self.say(HoldChanged { hold: hold.id, added, removed, total: Amount(0) });
    }

    fn hold_ends(&mut self) {
        let Some(hold) = self.open_hold() else { return };
        if self.below(2) == 0 {
            self.say(HoldReleased { hold: hold.id, items: hold.items });
        } else {
            self.say(HoldExpired { hold: hold.id, items: hold.items });
        }
    }

    pub fn order(&mut self) {
        let Some(hold) = self.open_hold() else { return };
        let order = OrderId(self.thing());
        let terms = [Terms::PayFirst, Terms::PayAtDoor, Terms::OnAccount][self.below(3)];
        let lines: Vec<Line> = hold
            .items
            .iter()
            .map(|item| Line {
                id: item.id,
                kind: LineKind::Ticket,
                amount: item.price,
                tax: item.tax,
                ticket: None,
                ticket_type: Some(item.ticket_type),
                places: item.places.clone(),
                category: item.category.clone(),
                persons: item.persons,
                block: None,
            })
            .collect();
        let total = lines.iter().map(|line| line.amount).sum();
        self.orders.push(order);
        let reference = format!("R{:05}", self.things);
        let customer = Some(PersonId(self.thing()));
        self.say(OrderPlaced {
            order,
            reference,
            hold: Some(hold.id),
            terms,
            channel: Channel::Web,
            customer,
            lines,
            total,
            due: total,
            status: OrderStatus::AwaitingPayment,
            expires_at: (terms == Terms::PayFirst).then(|| noon() + TimeDelta::days(1)),
            holders: vec![],
            complimentary: None,
        });
        if terms != Terms::PayFirst {
            self.issue(order);
        }
    }

    fn issue(&mut self, order: OrderId) {
        let lines = self.show().order(order).unwrap().lines.clone();
        for line in lines.into_iter().filter(|line| line.ticket.is_none() && line.ticket_type.is_some()) {
            let ticket = TicketId(self.thing());
            self.tickets.push(ticket);
            let holder = (self.below(2) == 0).then(|| PersonId(self.thing()));
            let short_code = self.code();
            self.say(TicketIssued {
                ticket,
                order,
                line: line.id,
                ticket_type: line.ticket_type.unwrap(),
                places: line.places,
                category: line.category,
                persons: line.persons,
                price: line.amount,
                short_code,
                issue: 1,
                iat: noon().timestamp(),
                kid: "abcdefgh".to_owned(),
                holder,
                channel: Channel::Web,
            });
        }
    }

    fn an_order(&mut self, with: impl Fn(&domain::show::Order) -> bool) -> Option<domain::show::Order> {
        let fitting: Vec<_> =
            self.orders.iter().filter_map(|id| self.show().order(*id)).filter(|order| with(order)).cloned().collect();
        self.one_of(&fitting)
    }

    pub fn payment(&mut self) {
        let Some(order) = self.an_order(|order| order.status == OrderStatus::AwaitingPayment && order.due().0 > 1)
        else {
            return;
        };
        let amount = if self.below(4) == 0 { Amount(order.due().0 / 2) } else { order.due() };
        let due = order.due() - amount;
        let payment = PaymentId(self.thing());
        self.say(PaymentRecorded {
            payment,
            order: order.id,
            method: PaymentMethod::try_from("cash".to_owned()).unwrap(),
            amount,
            reference: None,
            paid: order.paid + amount,
            due,
            status: if due.0 == 0 { OrderStatus::Paid } else { OrderStatus::AwaitingPayment },
        });
        if due.0 == 0 {
            self.issue(order.id);
        }
    }

    fn order_ends(&mut self) {
        if self.below(2) == 0 {
            let Some(order) = self.an_order(|order| {
                order.status == OrderStatus::AwaitingPayment && order.tickets.is_empty()
            }) else {
                return;
            };
            if self.below(2) == 0 {
                self.say(OrderExpired { order: order.id, lines: order.lines });
            } else {
                self.say(OrderCancelled { order: order.id, reason: None, lines: order.lines });
            }
        } else {
            let Some(order) = self.an_order(|order| order.status == OrderStatus::Paid && order.paid.0 > 100) else {
                return;
            };
            let refund = RefundId(self.thing());
            self.say(RefundRecorded {
                refund,
                order: order.id,
                amount: Amount(100),
                method: PaymentMethod::try_from("cash".to_owned()).unwrap(),
                reason: None,
                discount: None,
                refunded: order.refunded + Amount(100),
                due: order.due() + Amount(100),
                status: order.status,
            });
        }
    }

    fn a_ticket(&mut self) -> Option<domain::show::Ticket> {
        let valid: Vec<_> =
            self.tickets.iter().filter_map(|id| self.show().ticket(*id)).filter(|ticket| !ticket.void).cloned().collect();
        self.one_of(&valid)
    }

    pub fn void(&mut self) {
        let Some(ticket) = self.a_ticket() else { return };
        let order = self.show().order(ticket.order).unwrap();
        let (due, status) = (order.due() - ticket.price, order.status);
        self.say(TicketVoided {
            ticket: ticket.id,
            order: ticket.order,
            ticket_type: ticket.ticket_type,
            places: ticket.places,
            persons: ticket.persons,
            price: ticket.price,
            reason: None,
            keep_place: false,
            holder_has_left: true,
            due,
            status,
        });
    }

    fn reissue_or_name(&mut self) {
        let Some(ticket) = self.a_ticket() else { return };
        let person = PersonId(self.thing());
        match self.below(3) {
            0 => {
                let short_code = self.code();
                let kid = "hgfedcba".to_owned();
                self.say(TicketReissued {
                    ticket: ticket.id,
                    short_code,
                    issue: ticket.issue + 1,
                    iat: ticket.iat + 60,
                    kid,
                });
            }
            1 => self.say(TicketTransferred { ticket: ticket.id, customer: person }),
            _ => self.say(HolderNamed { ticket: ticket.id, holder: person }),
        }
    }

    fn move_seat(&mut self) {
        let (Some(ticket), Some(to)) = (self.a_ticket(), self.free_seat()) else { return };
        if ticket.seat().is_none() {
            return;
        }
        let (in_section, slot) = self.show().places.seat(&to).unwrap();
        let (name, of) = (in_section.name.clone(), in_section.category(slot).cloned());
        let from = ticket.places[0].clone();
        self.say(TicketMoved { ticket: ticket.id, from, to: Place::seat(name, to), category: of });
    }

    fn scan(&mut self, area: &DoorName) -> Scan {
        let scan = ScanId(self.thing());
        let at = noon() + TimeDelta::seconds(i64::try_from(self.below(7_200)).unwrap());
        let gate = (area.as_str() == "main").then(|| door_name("North"));
        Scan { scan, shown: ShownAs::ShortCode, area: area.clone(), gate, device: None, at, offline: None }
    }

    pub fn enter(&mut self) {
        let Some(ticket) = self.a_ticket() else { return };
        let area = door_name(["main", "backstage"][self.below(2)]);
        let scan = self.scan(&area);
        let show = self.show();
        let area = show.door.area(&area).unwrap().clone();
        let day = (area.per == Per::Day).then(|| show.timezone.day(scan.at));
        let entries = show.ticket_type(ticket.ticket_type).unwrap().terms.entries;
        let room = show.presence.room(ticket.id, ticket.persons, entries, &area, day);
        if room.persons == 0 {
            return;
        }
        self.scans.push(scan.scan);
        self.say(CheckedIn {
            scan,
            ticket: Some(seen(&ticket)),
            persons: room.persons,
            returning: room.returning.min(room.persons),
            day,
            override_reason: None,
            overridden: None,
            entries_left: room.entries,
            persons_left: 0,
        });
    }

    fn leave(&mut self) {
        let Some(ticket) = self.a_ticket() else { return };
        let area = door_name("main");
        let Some(stay) = self.show().presence.stay_inside(ticket.id, &area).cloned() else { return };
        let scan = self.scan(&area);
        self.scans.push(scan.scan);
        self.say(CheckedOut {
            scan,
            ticket: Some(seen(&ticket)),
            persons: stay.inside,
            day: stay.day,
            override_reason: None,
            overridden: None,
            entries_left: None,
            persons_left: stay.inside,
        });
    }

    fn undo(&mut self) {
        let Some(scan) = self.scans.pop() else { return };
        let Some(passage) = self.show().presence.passage(scan).cloned() else { return };
        self.say(CheckInUndone {
            scan,
            ticket: passage.ticket,
            ticket_type: passage.ticket_type,
            direction: passage.direction,
            area: passage.area,
            gate: passage.gate,
            persons: passage.persons,
            returning: passage.returning,
            day: passage.day,
            scanned_at: passage.at,
            device: None,
            reason: None,
        });
    }

    fn refuse_or_count(&mut self) {
        let scan = self.scan(&door_name("main"));
        if self.below(2) == 0 {
            let ticket = self.a_ticket().as_ref().map(seen);
            self.say(CheckInRefused {
                scan,
                direction: Direction::In,
                ticket,
                persons: 1,
                reason: Some(RefusalReason::UnknownCode),
                previous: None,
                due: None,
                other_show: None,
                moment: None,
                entries_left: None,
                persons_left: None,
            });
        } else {
            let count = CountId(self.thing());
            let (area, at) = (scan.area, scan.at);
            self.say(PersonsCounted { count, area, direction: Direction::In, persons: 2, at, device: None, reason: None });
        }
    }

    fn block_or_release(&mut self) {
        let blocks: Vec<_> = self.show().blocks.values().filter(|block| !block.places.is_empty()).cloned().collect();
        if let (Some(block), true) = (self.one_of(&blocks), self.below(2) == 0) {
            self.say(BlockReleased { block: block.id, places: block.places, whole: true });
        } else if let Some(seat) = self.free_seat() {
            let block = BlockId(self.thing());
            let (in_section, _) = self.show().places.seat(&seat).unwrap();
            let places = vec![Place::seat(in_section.name.clone(), seat)];
            self.say(PlacesBlocked { block, label: None, kind: BlockKind::House, places });
        }
    }

    fn change_plans(&mut self) {
        match self.below(7) {
            0 => self.say(ShowRevised { name: Some(name("Summer Cup")), ..ShowRevised::default() }),
            1 => {
                let entries = if self.below(2) == 0 { Entries::Unlimited } else { Entries::Times(2) };
                let terms = TicketTypeTerms { entries, ..self.show().ticket_type(self.group).unwrap().terms.clone() };
                self.say(TicketTypeRevised { ticket_type: self.group, terms });
            }
            2 => {
                let daily = self.below(2) == 0;
                self.say(door(daily));
            }
            3 => self.say(SalesPaused { channels: Some(vec![Channel::Web]) }),
            4 => self.say(SalesResumed { channels: None }),
            5 => {
                let seating = self.show().seating.clone().unwrap();
                let (seats, standing) = (seating.seat_count(), seating.standing_count());
                self.say(SeatingAdopted { sections: seating, seats, standing });
            }
            _ => {
                let capacity = Capacity::try_from(60 + u32::try_from(self.below(10)).unwrap()).unwrap();
                self.say(PoolRevised { pool: self.pool, name: name("Sunday"), capacity });
            }
        }
    }

    fn free_seat(&mut self) -> Option<SeatAddress> {
        let free: Vec<SeatAddress> = self
            .show()
            .places
            .sections()
            .iter()
            .flat_map(|section| section.rows.iter().flat_map(|row| row.slots.iter().flatten()))
            .filter(|seat| seat.claim == Claim::Free)
            .map(|seat| seat.address.clone())
            .collect();
        self.one_of(&free)
    }

    fn code(&mut self) -> ShortCode {
        ShortCode::try_from(format!("{:04}", self.show().codes_given()).as_str()).unwrap()
    }

    fn say(&mut self, event: impl Into<ShowEvent>) {
        let event = event.into();
        self.state.evolve(&event);
        self.events.push(event);
    }

    fn thing(&mut self) -> Uuid {
        self.things += 1;
        Uuid::from_u64_pair(self.show.0.as_u64_pair().0, self.things)
    }

    fn one_of<T: Clone>(&mut self, things: &[T]) -> Option<T> {
        if things.is_empty() { None } else { Some(things[self.below(things.len())].clone()) }
    }

    /// xorshift64*: the same seed tells the same story on every machine.
    fn below(&mut self, n: usize) -> usize {
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        let drawn = self.random.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(drawn).unwrap() % n
    }
}

fn seen(ticket: &domain::show::Ticket) -> SeenTicket {
    SeenTicket {
        id: ticket.id,
        short_code: ticket.short_code,
        ticket_type: ticket.ticket_type,
        places: ticket.places.clone(),
        persons: ticket.persons,
        holder: ticket.holder,
    }
}

fn door(daily: bool) -> DoorSet {
    let area = |name, reentry, per| Area { name: door_name(name), limit: None, reentry, per };
    DoorSet {
        areas: vec![
            area("main", Reentry::AfterExit, Per::Show),
            area("backstage", Reentry::Always, if daily { Per::Day } else { Per::Show }),
        ],
        gates: vec![Gate { name: door_name("North"), area: door_name("main"), sections: None, ticket_types: None }],
        opens_before_seconds: 3_600,
        codes: CodeRule::Admit,
        holder: HolderRule::Initials,
    }
}

fn terms(called: &str, prices: Prices, pools: Vec<PoolId>) -> TicketTypeTerms {
    TicketTypeTerms {
        name: name(called),
        prices,
        sections: None,
        categories: None,
        pools,
        capacity: None,
        persons: Persons::try_from(1).unwrap(),
        max_per_order: 10,
        min_per_order: 1,
        sales: SalesWindow::default(),
        channels: None,
        areas: None,
        entries: Entries::Times(1),
        valid: Validity::default(),
        tax: None,
    }
}

fn seating() -> Seating {
    let seat = |n: u32, of: &str| Seat {
        seat: SeatLabel::try_from(n.to_string()).unwrap(),
        x_milli: Some(domain::seating::Milli(i64::from(n) * 550)),
        y_milli: None,
        category: Some(category(of)),
        features: vec![],
    };
    let row = |r: u32| Row {
        label: RowLabel::try_from(r.to_string()).unwrap(),
        seats: (1..=8).map(|n| Some(seat(n, if r == 1 { "I" } else { "II" }))).chain([None]).collect(),
    };
    Seating::new(vec![
        Section { name: section("Block A"), room: Room::Seated((1..=3).map(row).collect()) },
        Section { name: section("Floor"), room: Room::Standing(60) },
    ])
    .unwrap()
}

/// A seating of `rows` rows of 100 seats.
pub fn large_seating(rows: u32) -> Seating {
    let seat = |n: u32| Seat {
        seat: SeatLabel::try_from(n.to_string()).unwrap(),
        x_milli: Some(domain::seating::Milli(i64::from(n) * 550)),
        y_milli: Some(domain::seating::Milli(900)),
        category: None,
        features: vec![],
    };
    let row = |r: u32| Row {
        label: RowLabel::try_from(r.to_string()).unwrap(),
        seats: (1..=100).map(|n| Some(seat(n))).collect(),
    };
    Seating::new(vec![Section { name: section("Arena"), room: Room::Seated((1..=rows).map(row).collect()) }]).unwrap()
}

fn name(text: &str) -> Name {
    Name::try_from(text).unwrap()
}

fn door_name(text: &str) -> DoorName {
    DoorName::try_from(text).unwrap()
}

fn category(text: &str) -> Category {
    Category::try_from(text).unwrap()
}

fn section(text: &str) -> SectionName {
    SectionName::try_from(text.to_owned()).unwrap()
}

fn price(minor: i64) -> Price {
    Price::try_from(minor).unwrap()
}
