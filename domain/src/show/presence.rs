//! Who is in: how often each ticket was used, how many of its people are inside, and how many people an area holds.
//!
//! A ticket's stay is counted for each area, and for each day where the area counts by day. Its allowance is
//! persons times entries: each person of a group ticket comes once an entry.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{
    door::{Area, Direction, Reentry},
    events::{CheckInUndone, CheckedIn, CheckedOut, Previous, Scan, SeenTicket},
    ids::{DeviceId, ScanId, TicketId, TicketTypeId},
    show::compact,
    text::DoorName,
    ticket_type::Entries,
    time::Time,
};

/// A ticket's use of one area.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stay {
    /// The area.
    pub area: DoorName,
    /// The day, where the area counts by day.
    pub day: Option<NaiveDate>,
    /// Entries used, each person's counted.
    pub used: u32,
    /// People inside.
    pub inside: u32,
    /// People who went out and did not come back.
    pub out: u32,
    /// The last admission.
    #[serde(with = "compact::previous")]
    pub last: Option<Previous>,
    passed: Passed,
}

/// Sums over what was not taken back, from which the rest follows: so it does not matter in which order things are
/// taken back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Passed {
    entered: u32,
    returned: u32,
    left: u32,
}

impl Stay {
    /// Nobody came yet.
    pub fn new(area: &DoorName, day: Option<NaiveDate>) -> Self {
        let passed = Passed::default();
        Self { area: area.clone(), day, used: 0, inside: 0, out: 0, last: None, passed }
    }

    /// People come in; those who return after an exit use no entry.
    pub fn admit(&mut self, persons: u32, returning: u32) {
        self.passed.entered += persons;
        self.passed.returned += returning;
        self.settle();
    }

    /// People go out. Whoever goes out (by an override, or past a device without the network) without having come in
    /// came in unseen, and used an entry.
    pub fn leave(&mut self, persons: u32) {
        self.passed.entered += persons.saturating_sub(self.inside);
        self.passed.left += persons;
        self.settle();
    }

    fn take_back_admission(&mut self, persons: u32, returning: u32) {
        self.passed.entered = self.passed.entered.saturating_sub(persons);
        self.passed.returned = self.passed.returned.saturating_sub(returning);
        self.settle();
    }

    fn take_back_exit(&mut self, persons: u32) {
        self.passed.left = self.passed.left.saturating_sub(persons);
        self.settle();
    }

    fn settle(&mut self) {
        let Passed { entered, returned, left } = self.passed;
        self.inside = entered.saturating_sub(left);
        self.out = left.saturating_sub(returned);
        // Where an exit was taken back after the return, that return was an entry.
        self.used = entered.saturating_sub(returned).max(self.inside);
    }

    /// How many people may still come in.
    pub fn room(&self, persons: u32, entries: Entries, reentry: Reentry) -> Room {
        let unused = match entries {
            Entries::Times(times) => persons.saturating_mul(times).saturating_sub(self.used),
            Entries::Unlimited => persons,
        };
        // People of the ticket who are neither in nor were: where an exit comes first, nobody else is let in anew.
        let fresh = persons.saturating_sub(self.inside.saturating_add(self.out));
        let (new, returning) = match reentry {
            Reentry::AfterExit => (unused.min(fresh), self.out.min(persons)),
            Reentry::Always => (unused, 0),
            Reentry::Never => (unused.min(fresh), 0),
        };
        let left = match entries {
            Entries::Times(_) => Some(unused.div_ceil(persons.max(1))),
            Entries::Unlimited => None,
        };
        Room { persons: (new + returning).min(persons), returning, entries: left }
    }
}

/// How many people of a ticket may still come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Now, at most the ticket's persons.
    pub persons: u32,
    /// Of these, how many return after an exit and use no entry.
    pub returning: u32,
    /// Whole entries left to the ticket; none: unlimited.
    pub entries: Option<u32>,
}

/// A recorded admission or exit, kept so that it can be taken back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Passage {
    /// The ticket.
    pub ticket: Option<TicketId>,
    /// Its type.
    pub ticket_type: Option<TicketTypeId>,
    /// Which way.
    pub direction: Direction,
    /// The area.
    pub area: DoorName,
    /// The gate.
    pub gate: Option<DoorName>,
    /// How many people.
    pub persons: u32,
    /// How many of them came back after an exit.
    pub returning: u32,
    /// The day that it counts for.
    pub day: Option<NaiveDate>,
    /// When.
    #[serde(with = "compact::time")]
    pub at: Time,
    /// By which device.
    pub device: Option<DeviceId>,
    /// Whether it was taken back.
    pub undone: bool,
}

/// Who is in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Presence {
    #[serde(with = "compact::map")]
    stays: HashMap<TicketId, Vec<Stay>>,
    #[serde(with = "compact::map")]
    passages: HashMap<ScanId, Passage>,
    #[serde(with = "compact::map")]
    inside: HashMap<DoorName, u32>,
}

impl Presence {
    /// A ticket's use of an area on a day.
    pub fn stay(&self, ticket: TicketId, area: &DoorName, day: Option<NaiveDate>) -> Option<&Stay> {
        self.stays(ticket).iter().find(|stay| &stay.area == area && stay.day == day)
    }

    /// All uses of a ticket.
    pub fn stays(&self, ticket: TicketId) -> &[Stay] {
        self.stays.get(&ticket).map_or(&[], Vec::as_slice)
    }

    /// The stay that somebody of the ticket would leave: the latest with people inside.
    pub fn stay_inside(&self, ticket: TicketId, area: &DoorName) -> Option<&Stay> {
        self.stays(ticket).iter().rev().find(|stay| &stay.area == area && stay.inside > 0)
    }

    /// People of a ticket who are inside anywhere.
    pub fn inside_of(&self, ticket: TicketId) -> u32 {
        self.stays(ticket).iter().map(|stay| stay.inside).sum()
    }

    /// Whether the ticket was ever admitted (and not taken back).
    pub fn was_admitted(&self, ticket: TicketId) -> bool {
        self.stays(ticket).iter().any(|stay| stay.used > 0 || stay.inside > 0 || stay.out > 0)
    }

    /// People inside an area, with and without tickets.
    pub fn inside(&self, area: &DoorName) -> u32 {
        self.inside.get(area).copied().unwrap_or(0)
    }

    /// The recorded admission or exit of a scan.
    pub fn passage(&self, scan: ScanId) -> Option<&Passage> {
        self.passages.get(&scan)
    }

    /// How many people of a ticket may still come into an area, by its entries and the area's re-entry rule.
    pub fn room(&self, ticket: TicketId, persons: u32, entries: Entries, area: &Area, day: Option<NaiveDate>) -> Room {
        match self.stay(ticket, &area.name, day) {
            Some(stay) => stay.room(persons, entries, area.reentry),
            None => Stay::new(&area.name, day).room(persons, entries, area.reentry),
        }
    }

    pub(super) fn checked_in(&mut self, event: &CheckedIn) {
        if let Some(ticket) = &event.ticket {
            let stay = self.stay_mut(ticket.id, &event.scan.area, event.day);
            stay.admit(event.persons, event.returning);
            stay.last = Some(Previous { at: event.scan.at, gate: event.scan.gate.clone(), device: event.scan.device });
        }
        self.count(&event.scan.area, i64::from(event.persons));
        self.passed(&event.scan, event.ticket.as_ref(), Direction::In, event.persons, event.returning, event.day);
    }

    pub(super) fn checked_out(&mut self, event: &CheckedOut) {
        if let Some(ticket) = &event.ticket {
            self.stay_mut(ticket.id, &event.scan.area, event.day).leave(event.persons);
        }
        self.count(&event.scan.area, -i64::from(event.persons));
        self.passed(&event.scan, event.ticket.as_ref(), Direction::Out, event.persons, 0, event.day);
    }

    fn passed(
        &mut self,
        scan: &Scan,
        ticket: Option<&SeenTicket>,
        direction: Direction,
        persons: u32,
        returning: u32,
        day: Option<NaiveDate>,
    ) {
        self.passages.insert(
            scan.scan,
            Passage {
                ticket: ticket.map(|ticket| ticket.id),
                ticket_type: ticket.map(|ticket| ticket.ticket_type),
                direction,
                area: scan.area.clone(),
                gate: scan.gate.clone(),
                persons,
                returning,
                day,
                at: scan.at,
                device: scan.device,
                undone: false,
            },
        );
    }

    pub(super) fn undone(&mut self, event: &CheckInUndone) {
        if let Some(ticket) = event.ticket {
            let stay = self.stay_mut(ticket, &event.area, event.day);
            match event.direction {
                Direction::In => stay.take_back_admission(event.persons, event.returning),
                Direction::Out => stay.take_back_exit(event.persons),
            }
        }
        let persons = i64::from(event.persons);
        self.count(
            &event.area,
            match event.direction {
                Direction::In => -persons,
                Direction::Out => persons,
            },
        );
        if let Some(passage) = self.passages.get_mut(&event.scan) {
            passage.undone = true;
        }
    }

    /// Everybody of a voided ticket who was inside is taken to have left.
    pub(super) fn ticket_left(&mut self, ticket: TicketId) {
        let Some(stays) = self.stays.get_mut(&ticket) else { return };
        for stay in stays {
            let left = stay.inside;
            stay.leave(left);
            if let Some(inside) = self.inside.get_mut(&stay.area) {
                *inside = inside.saturating_sub(left);
            }
        }
    }

    pub(super) fn count(&mut self, area: &DoorName, persons: i64) {
        let inside = self.inside.entry(area.clone()).or_default();
        let now = (i64::from(*inside) + persons).clamp(0, i64::from(u32::MAX));
        *inside = u32::try_from(now).unwrap_or(u32::MAX);
    }

    fn stay_mut(&mut self, ticket: TicketId, area: &DoorName, day: Option<NaiveDate>) -> &mut Stay {
        let stays = self.stays.entry(ticket).or_default();
        let at = stays.iter().position(|stay| &stay.area == area && stay.day == day).unwrap_or_else(|| {
            stays.push(Stay::new(area, day));
            stays.len() - 1
        });
        &mut stays[at]
    }
}
