//! The show of a story: what is planned, and what is planned otherwise.

use super::*;

impl Story {
    pub(super) fn plan(&mut self) {
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
        self.say(SeatingAdopted { seats: seating.seat_count(), standing: seating.standing_count(), sections: seating });
        self.say(PoolAdded { pool: self.pool, name: name("Saturday"), capacity: Capacity::try_from(60).unwrap() });
        let by_category = Prices::ByCategory(vec![
            CategoryPrice { category: category("I"), price: price(4_000) },
            CategoryPrice { category: category("II"), price: price(2_500) },
        ]);
        let seated = TicketTypeTerms { tax: Some(tax(1_900)), ..terms("Seat", by_category, vec![]) };
        self.say(TicketTypeAdded { ticket_type: self.seated, terms: seated });
        let floor = |persons| TicketTypeTerms {
            sections: Some(vec![section("Floor")]),
            persons: Persons::try_from(persons).unwrap(),
            tax: (persons > 1).then(|| tax(700)),
            ..terms("Floor", Prices::Flat(price(1_500)), vec![self.pool])
        };
        let (single, group) = (floor(1), floor(4));
        self.say(TicketTypeAdded { ticket_type: self.standing, terms: single });
        self.say(TicketTypeAdded { ticket_type: self.group, terms: group });
        self.say(door(false));
        self.say(ShowPublished { code_length: CodeLength::try_from(4).unwrap(), capacity: 64 });
    }

    /// It is put off by a day, a device and the server disagree about somebody, sales close, and it is called off.
    pub fn ends(&mut self) {
        let mut schedule = self.show().schedule;
        schedule.starts_at += TimeDelta::days(1);
        schedule.ends_at = schedule.ends_at.map(|at| at + TimeDelta::days(1));
        self.say(ShowRescheduled { schedule });
        let (scan, ticket) = (ScanId(self.thing()), self.tickets.last().copied());
        let (device_said, server_said) = (Verdict::Admitted, Verdict::Refused(Some(RefusalReason::AlreadyCheckedIn)));
        let (area, at) = (door_name("main"), noon());
        self.say(AdmissionConflictFound { scan, ticket, area, at, device: None, device_said, server_said });
        self.say(SalesClosed {});
        self.say(ShowCancelled { reason: None });
    }

    pub(super) fn change_plans(&mut self) {
        match self.below(7) {
            0 => self.say(ShowRevised { name: Some(name("Summer Cup")), ..ShowRevised::default() }),
            1 => {
                // What was priced before keeps its tax.
                let seat = self.show().ticket_type(self.seated).unwrap().terms.clone();
                self.say(TicketTypeRevised {
                    ticket_type: self.seated,
                    terms: TicketTypeTerms { tax: Some(tax(1_600)), ..seat },
                });
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
}

/// Two areas; or, by day, another rule for one of them, and a third.
fn door(daily: bool) -> DoorSet {
    let area = |name, reentry, per| Area { name: door_name(name), limit: None, reentry, per };
    let areas = if daily {
        vec![
            area("main", Reentry::Always, Per::Show),
            area("backstage", Reentry::Always, Per::Day),
            area("lounge", Reentry::Never, Per::Show),
        ]
    } else {
        vec![area("main", Reentry::AfterExit, Per::Show), area("backstage", Reentry::Always, Per::Show)]
    };
    DoorSet {
        areas,
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

pub(super) fn name(text: &str) -> Name {
    Name::try_from(text).unwrap()
}

pub(super) fn door_name(text: &str) -> DoorName {
    DoorName::try_from(text).unwrap()
}

fn category(text: &str) -> Category {
    Category::try_from(text).unwrap()
}

pub(super) fn section(text: &str) -> SectionName {
    SectionName::try_from(text.to_owned()).unwrap()
}

fn tax(bps: u32) -> Tax {
    Tax { rate_bps: bps.try_into().unwrap(), included: true }
}

fn price(minor: i64) -> Price {
    Price::try_from(minor).unwrap()
}
