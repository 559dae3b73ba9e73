//! Commands out of random numbers: of each kind, about things that mostly exist, with values that mostly can be.

use chrono::TimeDelta;
use domain::{
    codes::ShortCode,
    door::{Area, CodeRule, Direction, DoorRules, Gate, HolderRule, Per, Reentry, RefusalReason},
    events::{BlockKind, LineHolder, Schedule, Terms, Verdict},
    ids::{BlockId, DeviceId, HoldId, ItemId, OrderId, PersonId, PoolId, ScanId, TextId, TicketId, TicketTypeId},
    money::Tax,
    place::{SeatAddress, SectionName},
    text::DoorName,
    ticket_type::{Channel, Entries, Prices, TicketTypeTerms},
    time::Time,
};
use proptest::prelude::*;
use uuid::Uuid;

use super::plain_model::PlainModel;
use crate::{
    Change, Context, ShowCommand,
    add_pool::AddPool,
    add_ticket_type::AddTicketType,
    adopt_seating::AdoptSeating,
    allocation::{ItemRequest, PlacesRequest},
    block_places::{BlockPlaces, NamedPlaces},
    cancel_order::CancelOrder,
    cancel_show::CancelShow,
    change_hold::ChangeHold,
    check_in::{CheckIn, Offline, Shown, Token},
    close_sales::CloseSales,
    count_persons::CountPersons,
    extend_hold::ExtendHold,
    hold_places::HoldPlaces,
    issue_ticket::{IssueTicket, Settlement},
    move_ticket::MoveTicket,
    name_holder::NameHolder,
    nested_change::{TaxChange, VenueChange, WindowChange},
    pause_sales::PauseSales,
    place_order::PlaceOrder,
    publish_show::PublishShow,
    record_payment::RecordPayment,
    refund_order::RefundOrder,
    reissue_ticket::ReissueTicket,
    release_block::ReleaseBlock,
    release_hold::ReleaseHold,
    reschedule_show::RescheduleShow,
    resume_sales::ResumeSales,
    revise_pool::RevisePool,
    revise_show::ReviseShow,
    revise_ticket_type::{ReviseTicketType, TermsChange},
    set_door::SetDoor,
    specification::{at, item, item_seats, schedule_show, seating, terms},
    transfer_ticket::TransferTicket,
    undo_check_in::UndoCheckIn,
    void_ticket::VoidTicket,
};

/// One thing that somebody asks.
#[derive(Debug, Clone)]
pub struct Step {
    pub(super) kind: u16,
    pub(super) numbers: [u16; 6],
    /// Among how many of the last things one is chosen.
    recent: usize,
}

/// Some steps, of every kind.
pub fn steps(max: usize) -> impl Strategy<Value = Vec<Step>> {
    steps_of(0..1_000, 12, max)
}

/// Some steps, nearly all of them at the door and about few tickets.
pub fn steps_at_the_door(max: usize) -> impl Strategy<Value = Vec<Step>> {
    steps_of(665..890, 3, max)
}

/// One step, of any kind.
pub(super) fn step() -> impl Strategy<Value = Step> {
    step_of(0..1_000, 12)
}

fn steps_of(kinds: std::ops::Range<u16>, recent: usize, max: usize) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step_of(kinds, recent), 1..max)
}

fn step_of(kinds: std::ops::Range<u16>, recent: usize) -> impl Strategy<Value = Step> {
    (kinds, any::<[u16; 6]>()).prop_map(move |(kind, numbers)| Step { kind, numbers, recent })
}

/// The numbers of a step, one after the other.
struct Draw<'a> {
    model: &'a PlainModel,
    numbers: [u16; 6],
    drawn: usize,
    recent: usize,
    command: u64,
    now: Time,
}

impl Step {
    /// How long after the step before.
    pub fn seconds(&self) -> i64 {
        match self.numbers[5] % 16 {
            0..=7 => 0,
            8..=13 => 20,
            14 => 400,
            _ => 40_000,
        }
    }

    /// Through which channel.
    pub fn channel(&self) -> Channel {
        [Channel::BoxOffice, Channel::Web, Channel::Door, Channel::Api][usize::from(self.numbers[5] / 16 % 4)]
    }

    /// Who asks.
    pub fn asks(&self, context: &mut Context) {
        let who = self.numbers[5] / 64;
        context.staff = !who.is_multiple_of(4);
        context.manager = who % 8 == 1;
        context.device = Some(DeviceId(Uuid::from_u128(u128::from(who / 8 % 2))));
    }

    /// What is asked.
    pub(super) fn command(&self, model: &PlainModel, command: u64, now: Time) -> ShowCommand {
        let mut draw = Draw { model, numbers: self.numbers, drawn: 0, recent: self.recent, command, now };
        match self.kind {
            0..100 => draw.hold_places().into(),
            100..180 => draw.issue_ticket().into(),
            180..280 => draw.place_order().into(),
            280..360 => draw.record_payment().into(),
            360..420 => draw.refund_order().into(),
            420..450 => CancelOrder { order: draw.order(), reason: draw.reason() }.into(),
            450..490 => draw.change_hold().into(),
            490..505 => ExtendHold { hold: draw.hold() }.into(),
            505..525 => ReleaseHold { hold: draw.hold() }.into(),
            525..565 => draw.block_places().into(),
            565..590 => draw.release_block().into(),
            590..640 => draw.void_ticket().into(),
            640..655 => ReissueTicket { ticket: draw.ticket() }.into(),
            655..680 => MoveTicket { ticket: draw.ticket(), seat: draw.seat() }.into(),
            680..690 => TransferTicket { ticket: draw.ticket(), customer: draw.person() }.into(),
            690..710 => NameHolder { ticket: draw.ticket(), holder: draw.person() }.into(),
            710..835 => draw.check_in().into(),
            835..875 => UndoCheckIn { scan: draw.scan(), reason: draw.reason() }.into(),
            875..885 => draw.count_persons().into(),
            885..900 => draw.set_door().into(),
            900..920 => AdoptSeating { seating: draw.seating() }.into(),
            920..925 => AddPool { name: name("Quota"), capacity: draw.capacity() }.into(),
            925..935 => RevisePool { pool: draw.pool(), name: None, capacity: Some(draw.capacity()) }.into(),
            935..943 => AddTicketType { terms: draw.terms() }.into(),
            943..968 => ReviseTicketType { ticket_type: draw.ticket_type(), changes: draw.changes() }.into(),
            968..974 => PauseSales { channels: draw.channels() }.into(),
            974..982 => ResumeSales { channels: draw.channels() }.into(),
            982..985 => draw.reschedule_show().into(),
            985..990 => draw.revise_show().into(),
            990..997 => PublishShow.into(),
            997 => CloseSales.into(),
            998 => CancelShow { reason: None }.into(),
            _ => schedule_show().into(),
        }
    }
}

fn name<T: TryFrom<&'static str, Error: std::fmt::Debug>>(text: &'static str) -> T {
    text.try_into().unwrap()
}

fn section(text: &str) -> SectionName {
    text.to_owned().try_into().unwrap()
}

fn door_name(text: &str) -> DoorName {
    text.try_into().unwrap()
}

impl Draw<'_> {
    /// The next number, below `n`. After the last it begins anew, shifted.
    fn below(&mut self, n: usize) -> usize {
        let number = usize::from(self.numbers[self.drawn % 5]).rotate_right(u32::try_from(self.drawn / 5 * 3).unwrap());
        self.drawn += 1;
        number % n.max(1)
    }

    fn chance(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    /// One of these, mostly of the last; sometimes none of them.
    fn one<T: Copy + From<Uuid>>(&mut self, of: &[T]) -> T {
        let recent = of.len().saturating_sub(self.recent);
        let last = &of[recent..];
        match self.below(last.len() * 4 + 1) {
            0 => Uuid::from_u128(0xdead).into(),
            n => last[(n - 1) % last.len()],
        }
    }

    fn hold(&mut self) -> HoldId {
        // Mostly the last ones that are open: others are only rejected.
        let open: Vec<_> = self.model.holds.iter().filter(|hold| self.model.open.contains_key(hold)).copied().collect();
        if open.is_empty() || self.chance(16) { self.one(&self.model.holds) } else { self.one(&open) }
    }

    fn order(&mut self) -> OrderId {
        self.one(&self.model.orders)
    }

    fn ticket(&mut self) -> TicketId {
        self.one(&self.model.tickets)
    }

    fn block(&mut self) -> BlockId {
        self.one(&self.model.blocks)
    }

    fn pool(&mut self) -> PoolId {
        self.one(&self.model.pools)
    }

    fn ticket_type(&mut self) -> TicketTypeId {
        self.one(&self.model.ticket_types)
    }

    fn scan(&mut self) -> ScanId {
        self.one(&self.model.scans)
    }

    fn person(&mut self) -> PersonId {
        PersonId(Uuid::from_u128(self.below(100) as u128))
    }

    fn reason(&mut self) -> Option<TextId> {
        self.chance(2).then(|| TextId(Uuid::from_u128(1)))
    }

    fn customer(&mut self) -> Option<PersonId> {
        self.chance(2).then(|| self.person())
    }

    fn seat(&mut self) -> SeatAddress {
        let (row, seat) = (self.below(2) + 1, self.below(11) + 1);
        format!("A-{row}-{seat}").try_into().unwrap()
    }

    fn seats(&mut self) -> Vec<SeatAddress> {
        (0..=self.below(3)).map(|_| self.seat()).collect()
    }

    fn request(&mut self) -> ItemRequest {
        let ticket_type = self.ticket_type();
        let mut request = if self.chance(3) {
            let seats: Vec<_> = self.seats().iter().map(ToString::to_string).collect();
            item_seats(ticket_type, &seats.iter().map(String::as_str).collect::<Vec<_>>())
        } else {
            item(ticket_type, u32::try_from(self.below(6)).unwrap() + 1)
        };
        if let PlacesRequest::Best { section: wanted, .. } = &mut request.places
            && self.chance(8)
        {
            *wanted = Some(section("Floor"));
        }
        request.from_block = self.chance(4).then(|| self.block());
        request
    }

    fn requests(&mut self) -> Vec<ItemRequest> {
        (0..=self.below(6) / 4).map(|_| self.request()).collect()
    }

    fn hold_places(&mut self) -> HoldPlaces {
        HoldPlaces { items: self.requests() }
    }

    fn change_hold(&mut self) -> ChangeHold {
        let hold = self.hold();
        let items = self.model.open.get(&hold).into_iter().flat_map(|items| items.keys().copied());
        let remove: Vec<ItemId> = items.collect::<Vec<_>>().into_iter().filter(|_| self.chance(2)).collect();
        let add = if self.chance(3) { Vec::new() } else { self.requests() };
        ChangeHold { hold, add, remove }
    }

    fn issue_ticket(&mut self) -> IssueTicket {
        let settlement = if self.chance(5) {
            Settlement::Complimentary { reason: TextId(Uuid::from_u128(1)) }
        } else {
            Settlement::Paid { method: "cash".to_owned().try_into().unwrap(), reference: None }
        };
        let holders = if self.chance(6) { vec![(0, self.person())] } else { Vec::new() };
        IssueTicket { items: self.requests(), customer: self.customer(), holders, settlement }
    }

    fn place_order(&mut self) -> PlaceOrder {
        let hold = self.hold();
        let items = self.model.open.get(&hold).into_iter().flat_map(|items| items.keys());
        let holders = items.take(1).map(|item| LineHolder { item: *item, holder: PersonId(Uuid::from_u128(1)) });
        PlaceOrder {
            hold,
            holders: holders.collect(),
            terms: [Terms::PayFirst, Terms::PayFirst, Terms::PayAtDoor, Terms::OnAccount][self.below(4)],
            customer: self.customer(),
        }
    }

    fn record_payment(&mut self) -> RecordPayment {
        let order = self.order();
        let due = self.model.order_books.get(&order).map_or(1, |book| book.due().max(1));
        let amount = [due, due, due / 2, 1, due + 1][self.below(5)].max(1);
        let method = "bank_transfer".to_owned().try_into().unwrap();
        RecordPayment { order, method, amount: amount.try_into().unwrap(), reference: None }
    }

    fn refund_order(&mut self) -> RefundOrder {
        let order = self.order();
        let refundable = self.model.order_books.get(&order).map_or(1, |book| book.paid - book.refunded);
        let amount = [refundable, refundable / 2, 1, 2_500, refundable + 1][self.below(5)].max(1);
        let of_order = self.model.tickets.iter().filter(|ticket| self.model.ticket_books[ticket].order == order);
        let of_order: Vec<_> = of_order.copied().collect();
        RefundOrder {
            order,
            amount: amount.try_into().unwrap(),
            method: "cash".to_owned().try_into().unwrap(),
            tickets: of_order.into_iter().filter(|_| self.chance(3)).collect(),
            keep_places: self.chance(4),
            reason: self.reason(),
        }
    }

    fn void_ticket(&mut self) -> VoidTicket {
        VoidTicket {
            ticket: self.ticket(),
            keep_place: self.chance(3),
            holder_has_left: self.chance(3),
            reason: self.reason(),
        }
    }

    fn named_places(&mut self) -> Vec<NamedPlaces> {
        let mut places = Vec::new();
        if !self.chance(3) {
            places.push(NamedPlaces::Seats(self.seats()));
        }
        if self.chance(2) {
            let quantity = u32::try_from(self.below(30)).unwrap();
            places.push(NamedPlaces::Standing { section: section("Floor"), quantity });
        }
        places
    }

    fn block_places(&mut self) -> BlockPlaces {
        let kinds =
            [BlockKind::House, BlockKind::Production, BlockKind::GuestList, BlockKind::Promoter, BlockKind::Broken];
        BlockPlaces { places: self.named_places(), label: self.reason(), kind: kinds[self.below(5)] }
    }

    fn release_block(&mut self) -> ReleaseBlock {
        ReleaseBlock { block: self.block(), places: self.chance(2).then(|| self.named_places()) }
    }

    fn shown(&mut self) -> Shown {
        let ticket = self.ticket();
        let code = self.model.codes.len().checked_sub(1 + self.below(20)).map(|n| self.model.codes[n]);
        let issue = self.model.ticket_books.get(&ticket).map_or(1, |book| book.issue);
        match self.below(10) {
            0 => Shown::ShortCode(ShortCode::try_from("000").ok()),
            1 => Shown::Token(Token::Forged),
            2 => Shown::Token(Token::OfOtherShow(None)),
            3 => Shown::Token(Token::Ours { ticket, issue: issue + 1 }),
            4 => Shown::Token(Token::Ours { ticket, issue }),
            5 | 6 => Shown::ShortCode(code),
            _ => Shown::Ticket(ticket),
        }
    }

    fn check_in(&mut self) -> CheckIn {
        let shown = self.shown();
        let direction = if self.chance(3) { Direction::Out } else { Direction::In };
        let area = [None, Some("main"), Some("main"), Some("stage")][self.below(4)].map(door_name);
        let verdicts = [Verdict::Admitted, Verdict::Refused(None), Verdict::Refused(Some(RefusalReason::Void))];
        let verdict = verdicts[self.below(3)];
        CheckIn {
            scan: ScanId(Uuid::from_u128(0x5ca0_0000 + u128::from(self.command))),
            shown,
            direction,
            gate: [None, None, None, Some("North"), Some("South")][self.below(5)].map(door_name),
            area,
            persons: [None, None, None, Some(1), Some(2), Some(0), Some(u32::MAX)][self.below(7)],
            device: self.chance(4).then(|| DeviceId(Uuid::from_u128(7))),
            scanned_at: Some(self.now - TimeDelta::seconds(self.below(100_000) as i64)),
            override_reason: self.chance(8).then(|| TextId(Uuid::from_u128(2))),
            offline: self.chance(8).then_some(Offline { verdict, list_position: 1, sequence: 1 }),
        }
    }

    fn count_persons(&mut self) -> CountPersons {
        CountPersons {
            area: door_name(["main", "stage"][self.below(2)]),
            direction: if self.chance(2) { Direction::In } else { Direction::Out },
            persons: u32::try_from(self.below(20)).unwrap().max(1).try_into().unwrap(),
            reason: self.reason(),
        }
    }

    fn set_door(&mut self) -> SetDoor {
        let mut area = |name: &str| Area {
            name: door_name(name),
            limit: self.chance(3).then_some(5),
            reentry: [Reentry::AfterExit, Reentry::Always, Reentry::Never][self.below(3)],
            per: if self.chance(2) { Per::Day } else { Per::Show },
        };
        let areas = vec![area("main"), area("stage")];
        let north = Gate { name: door_name("North"), area: door_name("main"), sections: None, ticket_types: None };
        let south = Gate {
            name: door_name("South"),
            area: door_name(["main", "stage"][self.below(2)]),
            sections: self.chance(2).then(|| vec![section("Floor")]),
            ticket_types: self.chance(3).then(|| vec![self.ticket_type()]),
        };
        let codes = [CodeRule::Admit, CodeRule::Admit, CodeRule::Confirm, CodeRule::Off][self.below(4)];
        let holder = [HolderRule::None, HolderRule::Initials, HolderRule::Full][self.below(3)];
        let opens_before_seconds = [60, 600_000][self.below(2)];
        SetDoor { rules: DoorRules { areas, gates: vec![north, south], opens_before_seconds, codes, holder } }
    }

    fn seating(&mut self) -> domain::seating::Seating {
        let seats = 10 - u32::try_from(self.below(3)).unwrap() + u32::try_from(self.below(4)).unwrap();
        let standing = 50 - u32::try_from(self.below(30)).unwrap();
        match self.below(4) {
            0 => seating(&[("2", 1..=seats), ("1", 1..=10)], standing),
            1 => seating(&[("1", 1..=10)], standing),
            _ => seating(&[("1", 1..=seats), ("2", 1..=10), ("3", 1..=2)], standing),
        }
    }

    fn capacity(&mut self) -> domain::ticket_type::Capacity {
        u32::try_from([0, 3, 8, 12, 100][self.below(5)]).unwrap().try_into().unwrap()
    }

    fn entries(&mut self) -> Entries {
        [Entries::Times(1), Entries::Times(2), Entries::Unlimited][self.below(3)]
    }

    fn terms(&mut self) -> TicketTypeTerms {
        let floor = self.chance(2);
        TicketTypeTerms {
            sections: floor.then(|| vec![section("Floor")]),
            pools: if self.chance(2) { vec![self.pool()] } else { Vec::new() },
            capacity: self.chance(2).then(|| self.capacity()),
            persons: if floor { 1 + u32::try_from(self.below(3)).unwrap() } else { 1 }.try_into().unwrap(),
            entries: self.entries(),
            areas: self.areas(),
            channels: self.channels(),
            tax: self.chance(2).then(|| Tax { rate_bps: 1_900.try_into().unwrap(), included: self.chance(2) }),
            ..terms([0, 999, 2_500][self.below(3)])
        }
    }

    fn changes(&mut self) -> TermsChange {
        let mut changes = TermsChange::default();
        match self.below(16) {
            0 => changes.pools = Change::Clear,
            1 | 2 => changes.pools = Change::Set(vec![self.pool()]),
            3 => changes.capacity = Change::Set(self.capacity()),
            4 => changes.persons = Change::Set((1 + u32::try_from(self.below(4)).unwrap()).try_into().unwrap()),
            5 | 6 => changes.entries = Change::Set(self.entries()),
            7 => changes.name = Some(name(["Regular", "Reduced"][self.below(2)])),
            8 => changes.prices = Some(Prices::Flat([500, 1_900][self.below(2)].try_into().unwrap())),
            9 => changes.channels = self.channels().map_or(Change::Clear, Change::Set),
            10 => changes.areas = self.areas().map_or(Change::Clear, Change::Set),
            11 => changes.valid = Change::Set(self.window()),
            12 => changes.sales = Change::Set(self.window()),
            13 => changes.max_per_order = Change::Set(u32::try_from(self.below(9)).unwrap() + 1),
            14 => changes.categories = if self.chance(2) { Change::Clear } else { Change::Set(vec![name("Gold")]) },
            _ => {
                let rate_bps = [0, 700, 1_900][self.below(3)].try_into().unwrap();
                let included = Some(self.chance(2));
                changes.tax = Change::Set(TaxChange { rate_bps: Some(rate_bps), included });
            }
        }
        changes
    }

    fn areas(&mut self) -> Option<Vec<DoorName>> {
        self.chance(3).then(|| vec![door_name(["main", "stage"][self.below(2)])])
    }

    /// Mostly open on both sides.
    fn window(&mut self) -> WindowChange {
        let moment = |draw: &mut Self, seconds: i64| match draw.below(4) {
            0 => Change::Set(draw.now + TimeDelta::seconds(seconds * draw.below(3) as i64)),
            1 => Change::Keep,
            _ => Change::Clear,
        };
        WindowChange { from: moment(self, 20), until: moment(self, 40_000) }
    }

    fn channels(&mut self) -> Option<Vec<Channel>> {
        self.chance(3).then(|| vec![[Channel::Web, Channel::Api][self.below(2)]])
    }

    fn reschedule_show(&mut self) -> RescheduleShow {
        let starts_at = at(1_000_000 + self.below(1_000) as i64);
        let doors_at = self.chance(2).then(|| starts_at - TimeDelta::hours(1));
        let ends_at = self.chance(2).then(|| starts_at + TimeDelta::hours(2));
        RescheduleShow { schedule: Schedule { doors_at, starts_at, ends_at } }
    }

    fn revise_show(&mut self) -> ReviseShow {
        let seconds = u32::try_from(self.below(900)).unwrap() + 1;
        ReviseShow {
            hold_seconds: Change::Set(seconds),
            pay_within_seconds: Change::Set(seconds * 10),
            name: self.chance(2).then(|| name(["Spring Cup", "Autumn Cup"][self.below(2)])),
            description: if self.chance(2) { Change::Clear } else { Change::Set(name("The final.")) },
            venue: self.chance(2).then(|| VenueChange { name: Some(name("Arena")), ..VenueChange::default() }),
            sales: if self.chance(4) { Change::Set(self.window()) } else { Change::Clear },
        }
    }
}
