//! Given a history, when a command, then events or a rejection: how decisions are tested. The show of these tests has
//! two rows of ten seats (category Gold in front, Silver behind), 50 standing places, and a ticket type for each case.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Show, ShowEvent, ShowState,
    events::{OrderPlaced, Schedule, Venue},
    ids::{BlockId, DeviceId, HoldId, OrderId, PoolId, ScanId, TicketId, TicketTypeId},
    place::{RowLabel, SeatLabel},
    seating::{Room, Row, Seat, Seating, Section},
    text::DoorName,
    ticket_type::{CategoryPrice, Channel, Entries, Persons, Prices, SalesWindow, TicketTypeTerms, Validity},
};
use uuid::Uuid;

use crate::{
    Code, Context, Decided, Rejection, ShowCommand,
    allocation::{ItemRequest, PlacesRequest, Quantity},
    block_places::{BlockPlaces, NamedPlaces},
    check_in::{CheckIn, Shown},
    end_due::end_due,
    hold_places::HoldPlaces,
    issue_ticket::{IssueTicket, Settlement},
    publish_show::PublishShow,
    schedule_show::ScheduleShow,
};

/// Seats at 25.00.
pub const SEATED: TicketTypeId = TicketTypeId(Uuid::from_u128(0x5ea7));
/// Standing at 10.00.
pub const STANDING: TicketTypeId = TicketTypeId(Uuid::from_u128(0x57a9d));
/// Gold at 40.00, Silver at 30.00.
pub const CATEGORIES: TicketTypeId = TicketTypeId(Uuid::from_u128(0xca7e));
/// Standing for nothing.
pub const FREE: TicketTypeId = TicketTypeId(Uuid::from_u128(0xf4ee));
/// Standing out of [`POOL`].
pub const POOLED: TicketTypeId = TicketTypeId(Uuid::from_u128(0x9001ed));
/// Standing for four people.
pub const GROUP: TicketTypeId = TicketTypeId(Uuid::from_u128(0x96009));
/// A quota of ten.
pub const POOL: PoolId = PoolId(Uuid::from_u128(0x9001));

/// So many seconds after the test's beginning.
pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(365 * 60) + TimeDelta::seconds(seconds)
}

fn context_at(seconds: i64, number: u64) -> Context {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&number.to_be_bytes());
    Context::new(at(seconds), Channel::Web, [7; 32], "testkey1", seed)
}

/// A visitor, at the beginning.
pub fn context() -> Context {
    context_at(0, 0)
}

/// A show a million seconds from now.
pub fn schedule_show() -> ScheduleShow {
    ScheduleShow {
        show: Uuid::from_u128(1).into(),
        name: "Spring Cup".try_into().unwrap(),
        description: "".try_into().unwrap(),
        venue: Venue {
            name: "Hall".try_into().unwrap(),
            address: "".try_into().unwrap(),
            latitude_e7: None,
            longitude_e7: None,
        },
        timezone: "Europe/Berlin".to_owned().try_into().unwrap(),
        schedule: Schedule { doors_at: None, starts_at: at(1_000_000), ends_at: None },
        currency: "EUR".to_owned().try_into().unwrap(),
        sales: SalesWindow::default(),
        hold_seconds: 900,
        pay_within_seconds: 86_400,
        code_length: None,
        door: None,
    }
}

/// Rows of a section `A` and a standing section `Floor`.
pub fn seating(rows: &[(&str, std::ops::RangeInclusive<u32>)], standing: u32) -> Seating {
    let rows = rows
        .iter()
        .map(|(label, seats)| Row {
            label: RowLabel::try_from((*label).to_owned()).unwrap(),
            seats: seats
                .clone()
                .map(|seat| {
                    Some(Seat {
                        seat: SeatLabel::try_from(seat.to_string()).unwrap(),
                        x_milli: None,
                        y_milli: None,
                        category: Some(if *label == "1" { "Gold" } else { "Silver" }.try_into().unwrap()),
                        features: Vec::new(),
                    })
                })
                .collect(),
        })
        .collect();
    Seating::new(vec![
        Section { name: "A".to_owned().try_into().unwrap(), room: Room::Seated(rows) },
        Section { name: "Floor".to_owned().try_into().unwrap(), room: Room::Standing(standing) },
    ])
    .unwrap()
}

/// A ticket type's terms with nothing special about them.
pub fn terms(price: i64) -> TicketTypeTerms {
    TicketTypeTerms {
        name: "Regular".try_into().unwrap(),
        prices: Prices::Flat(price.try_into().unwrap()),
        sections: None,
        categories: None,
        pools: Vec::new(),
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

/// One item: the best places.
pub fn item(ticket_type: TicketTypeId, quantity: u32) -> ItemRequest {
    let quantity = Quantity::try_from(quantity).unwrap();
    ItemRequest {
        ticket_type,
        places: PlacesRequest::Best { quantity, category: None, section: None },
        from_block: None,
    }
}

/// One item: these seats.
pub fn item_seats(ticket_type: TicketTypeId, seats: &[&str]) -> ItemRequest {
    let seats = seats.iter().map(|seat| (*seat).to_owned().try_into().unwrap()).collect();
    ItemRequest { ticket_type, places: PlacesRequest::Seats(seats), from_block: None }
}

/// Hold the best places.
pub fn hold(ticket_type: TicketTypeId, quantity: u32) -> HoldPlaces {
    HoldPlaces { items: vec![item(ticket_type, quantity)] }
}

/// Hold these seats.
pub fn hold_seats(ticket_type: TicketTypeId, seats: &[&str]) -> HoldPlaces {
    HoldPlaces { items: vec![item_seats(ticket_type, seats)] }
}

/// Sell for cash.
pub fn sell(items: Vec<ItemRequest>) -> IssueTicket {
    IssueTicket {
        items,
        customer: None,
        holders: Vec::new(),
        settlement: Settlement::Paid { method: "cash".to_owned().try_into().unwrap(), reference: None },
    }
}

/// Block seats and standing places.
pub fn block(seats: &[&str], standing: u32) -> BlockPlaces {
    let mut places = Vec::new();
    if !seats.is_empty() {
        places.push(NamedPlaces::Seats(seats.iter().map(|seat| (*seat).to_owned().try_into().unwrap()).collect()));
    }
    if standing > 0 {
        places.push(NamedPlaces::Standing { section: "Floor".to_owned().try_into().unwrap(), quantity: standing });
    }
    BlockPlaces { label: None, kind: domain::events::BlockKind::GuestList, places }
}

/// Admit a ticket by its id, in the scan of this number.
pub fn check_in_ticket(ticket: TicketId, scan: u128) -> CheckIn {
    check_in(Shown::Ticket(ticket), scan)
}

/// A scan of this number, inwards.
pub fn check_in(shown: Shown, scan: u128) -> CheckIn {
    CheckIn {
        scan: ScanId(Uuid::from_u128(scan)),
        shown,
        direction: domain::door::Direction::In,
        gate: None,
        area: None,
        persons: None,
        device: None,
        scanned_at: None,
        override_reason: None,
        offline: None,
    }
}

fn added_type(id: TicketTypeId, terms: TicketTypeTerms) -> ShowEvent {
    domain::events::TicketTypeAdded { ticket_type: id, terms }.into()
}

/// Histories to begin with.
pub mod given {
    use super::*;

    /// Nothing but a date.
    pub fn scheduled() -> Given {
        let history = schedule_show().decide(&context()).unwrap();
        let state = ShowState::fold(&history);
        Given { history, state, seconds: 0, commands: 0, staff: false, manager: false, device: None }
    }

    /// Everything planned.
    pub fn draft() -> Given {
        let by_category = |gold: i64, silver: i64| {
            Prices::ByCategory(
                [("Gold", gold), ("Silver", silver)]
                    .map(|(category, price)| CategoryPrice {
                        category: category.try_into().unwrap(),
                        price: price.try_into().unwrap(),
                    })
                    .into(),
            )
        };
        let section = |name: &str| Some(vec![name.to_owned().try_into().unwrap()]);
        let floor = |price| TicketTypeTerms { sections: section("Floor"), ..terms(price) };
        let seats = seating(&[("1", 1..=10), ("2", 1..=10)], 50);
        let adopted = domain::events::SeatingAdopted { sections: seats, seats: 20, standing: 50 };
        let pool = domain::events::PoolAdded {
            pool: POOL,
            name: "Friday".try_into().unwrap(),
            capacity: 10.try_into().unwrap(),
        };
        let events = [
            adopted.into(),
            pool.into(),
            added_type(SEATED, TicketTypeTerms { sections: section("A"), ..terms(2_500) }),
            added_type(STANDING, TicketTypeTerms { max_per_order: 1_000, ..floor(1_000) }),
            added_type(CATEGORIES, TicketTypeTerms { prices: by_category(4_000, 3_000), ..terms(0) }),
            added_type(FREE, floor(0)),
            added_type(POOLED, TicketTypeTerms { pools: vec![POOL], ..floor(1_000) }),
            added_type(GROUP, TicketTypeTerms { persons: 4.try_into().unwrap(), pools: vec![POOL], ..floor(3_000) }),
        ];
        scheduled().with(events)
    }

    /// On sale.
    pub fn published() -> Given {
        draft().and(PublishShow)
    }

    /// One seat sold, to be held for 25.00.
    pub fn sold_seat(seat: &str) -> Given {
        let mut given = published().by_staff().and(sell(vec![item_seats(SEATED, &[seat])]));
        given.staff = false;
        given
    }

    /// So many sold out of the pool of ten.
    pub fn sold_from_pool(quantity: u32) -> Given {
        published().by_staff().and(sell(vec![item(POOLED, quantity)]))
    }

    /// So many seats ordered and not paid.
    pub fn ordered(quantity: u32) -> Given {
        let given = published().and(hold(SEATED, quantity));
        let hold = hold_id(given.history());
        given.and(crate::place_order::PlaceOrder {
            hold,
            customer: None,
            holders: Vec::new(),
            terms: domain::events::Terms::PayFirst,
        })
    }
}

/// A history, and who asks when.
#[derive(Clone)]
pub struct Given {
    history: Vec<ShowEvent>,
    state: ShowState,
    seconds: i64,
    commands: u64,
    staff: bool,
    manager: bool,
    device: Option<BoundDevice>,
}

/// A device that asks.
#[derive(Clone)]
pub struct BoundDevice {
    /// Which.
    pub device: DeviceId,
    /// At which gates; empty: at all.
    pub gates: Vec<&'static str>,
    /// Whether it may admit against the rules.
    pub may_override: bool,
}

impl Given {
    /// Everything so far.
    pub fn history(&self) -> &[ShowEvent] {
        &self.history
    }

    /// The show as it stands.
    pub fn state(&self) -> &ShowState {
        &self.state
    }

    /// The show as it stands.
    pub fn show(&self) -> &Show {
        self.state.show().unwrap()
    }

    /// And these facts.
    pub fn with(mut self, events: impl IntoIterator<Item = ShowEvent>) -> Self {
        for event in events {
            self.state.evolve(&event);
            self.history.push(event);
        }
        self
    }

    /// So many seconds later than the beginning.
    pub fn at(mut self, seconds: i64) -> Self {
        self.seconds = seconds;
        self
    }

    /// Asked by staff from here on.
    pub fn by_staff(mut self) -> Self {
        self.staff = true;
        self
    }

    /// Asked by a manager from here on.
    pub fn by_manager(mut self) -> Self {
        self.staff = true;
        self.manager = true;
        self
    }

    /// Asked by a device from here on.
    pub fn by_device(mut self, device: BoundDevice) -> Self {
        self.staff = true;
        self.device = Some(device);
        self
    }

    /// With everything ended that is due.
    pub fn ended(self) -> Self {
        let ends = end_due(self.show(), at(self.seconds));
        self.with(ends)
    }

    /// And what follows from a command, which has to be accepted.
    #[track_caller]
    pub fn and(mut self, command: impl Into<ShowCommand>) -> Self {
        let command = command.into();
        let events = match self.decide(&command) {
            Ok(Decided::Events(events)) => events,
            other => panic!("{command:?} was not accepted: {other:?}"),
        };
        self.commands += 1;
        self.with(events)
    }

    /// When this is asked.
    pub fn when(self, command: impl Into<ShowCommand>) -> When {
        let decided = self.decide(&command.into());
        When { given: self, decided }
    }

    fn decide(&self, command: &ShowCommand) -> Result<Decided, Rejection> {
        let mut context = context_at(self.seconds, self.commands + 1);
        context.staff = self.staff;
        context.manager = self.manager;
        if let Some(device) = &self.device {
            let gates: Vec<DoorName> = device.gates.iter().map(|gate| (*gate).try_into().unwrap()).collect();
            context.device = Some(device.device);
            context.device_gates = Some(gates).filter(|gates| !gates.is_empty());
            context.may_override = device.may_override;
        }
        command.decide(&self.state, &context)
    }
}

/// What was decided.
pub struct When {
    given: Given,
    decided: Result<Decided, Rejection>,
}

impl When {
    /// Then exactly these facts.
    #[track_caller]
    pub fn then(self, expected: impl IntoIterator<Item = ShowEvent>) {
        let expected: Vec<_> = expected.into_iter().collect();
        assert_eq!(self.decided, Ok(Decided::Events(expected)));
    }

    /// Whether it may be.
    pub fn is_accepted(&self) -> bool {
        self.decided.is_ok()
    }

    /// Then some facts, to look at.
    #[track_caller]
    pub fn events(self) -> Vec<ShowEvent> {
        match self.decided {
            Ok(Decided::Events(events)) => events,
            other => panic!("no events but {other:?}"),
        }
    }

    /// Then a look that records nothing.
    #[track_caller]
    pub fn looked(self) -> crate::check_in::Looked {
        match self.decided {
            Ok(Decided::Confirm(looked)) => *looked,
            other => panic!("no look but {other:?}"),
        }
    }

    /// Then the show as it stands afterwards.
    #[track_caller]
    pub fn state(self) -> ShowState {
        let given = self.given.clone();
        given.with(self.events()).state
    }

    /// Then a rejection, to look at.
    #[track_caller]
    pub fn rejection(self) -> Rejection {
        self.decided.expect_err("the command was accepted")
    }

    /// Then a rule's rejection about these parts of the request.
    #[track_caller]
    pub fn then_rejected(self, expected: Code, pointers: &[&str]) {
        match self.rejection() {
            Rejection::Rule { code, errors, .. } => {
                assert_eq!(code, expected);
                let found: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
                assert_eq!(found, pointers);
            }
            other => panic!("not {expected:?} but {other:?}"),
        }
    }

    /// Then these fields are invalid.
    #[track_caller]
    pub fn then_invalid(self, pointers: &[&str]) {
        match self.rejection() {
            Rejection::Invalid(errors) => {
                let found: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
                assert_eq!(found, pointers);
            }
            other => panic!("not invalid but {other:?}"),
        }
    }
}

/// The seats that events hold.
pub fn seats_of(events: &[ShowEvent]) -> Vec<String> {
    items_of(events)
        .iter()
        .flat_map(|item| item.places.iter().filter_map(|place| place.seat.as_ref()).map(ToString::to_string))
        .collect()
}

/// The items that events hold.
pub fn items_of(events: &[ShowEvent]) -> Vec<domain::events::HoldItem> {
    events
        .iter()
        .filter_map(|event| match event {
            ShowEvent::HoldPlaced(event) => Some(event.items.clone()),
            _ => None,
        })
        .flatten()
        .collect()
}

/// The last hold.
pub fn hold_id(events: &[ShowEvent]) -> HoldId {
    let holds = events.iter().rev().find_map(|event| match event {
        ShowEvent::HoldPlaced(event) => Some(event.hold),
        _ => None,
    });
    holds.unwrap()
}

/// The last block.
pub fn block_id(events: &[ShowEvent]) -> BlockId {
    let blocks = events.iter().rev().find_map(|event| match event {
        ShowEvent::PlacesBlocked(event) => Some(event.block),
        _ => None,
    });
    blocks.unwrap()
}

/// The last order.
pub fn order_id(events: &[ShowEvent]) -> OrderId {
    let orders = events.iter().rev().find_map(|event| match event {
        ShowEvent::OrderPlaced(OrderPlaced { order, .. }) => Some(*order),
        _ => None,
    });
    orders.unwrap()
}

/// All tickets.
pub fn ticket_ids(events: &[ShowEvent]) -> Vec<TicketId> {
    events
        .iter()
        .filter_map(|event| match event {
            ShowEvent::TicketIssued(event) => Some(event.ticket),
            _ => None,
        })
        .collect()
}
