//! The figures of the door: who was issued a ticket, came in, went out, was refused. Counts are persons, except
//! `issued` (tickets) and `refused` (looks at a ticket).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    door::Direction,
    events::{CheckInRefused, CheckInUndone, CheckedIn, CheckedOut, PersonsCounted},
    ids::TicketTypeId,
    text::DoorName,
    time::Time,
};

/// Figures of an area or a gate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoorFigures {
    /// Persons admitted by ticket, returns not counted again.
    pub admitted: u32,
    /// Persons who went out: of an area, those who came back not counted; at a gate, every exit.
    pub departed: u32,
    /// Refusals.
    pub refused: u32,
}

/// Figures of a ticket type.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeFigures {
    /// Valid tickets.
    pub issued: u32,
    /// Persons admitted, returns not counted again.
    pub admitted: u32,
}

/// The figures of the door.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendance {
    /// Valid tickets.
    pub issued: u32,
    /// Persons admitted by ticket, returns not counted again.
    pub admitted: u32,
    /// Persons who went out, those who came back not counted.
    pub departed: u32,
    /// Refusals.
    pub refused: u32,
    /// Admissions against the rules.
    pub overridden: u32,
    /// Persons without tickets who are in.
    pub counted: i64,
    /// By area.
    pub by_area: BTreeMap<DoorName, DoorFigures>,
    /// By gate.
    pub by_gate: BTreeMap<DoorName, DoorFigures>,
    /// Persons admitted, by the minute (seconds since 1970, a multiple of 60).
    pub by_minute: BTreeMap<i64, u32>,
    /// By ticket type.
    pub by_ticket_type: BTreeMap<TicketTypeId, TypeFigures>,
}

fn minute(at: Time) -> i64 {
    at.timestamp().div_euclid(60) * 60
}

impl Attendance {
    pub(super) fn issued(&mut self, ticket_type: TicketTypeId) {
        self.issued += 1;
        self.by_ticket_type.entry(ticket_type).or_default().issued += 1;
    }

    pub(super) fn voided(&mut self, ticket_type: TicketTypeId) {
        self.issued = self.issued.saturating_sub(1);
        let figures = self.by_ticket_type.entry(ticket_type).or_default();
        figures.issued = figures.issued.saturating_sub(1);
    }

    pub(super) fn checked_in(&mut self, event: &CheckedIn) {
        let new = event.persons.saturating_sub(event.returning);
        self.admitted += new;
        self.departed = self.departed.saturating_sub(event.returning);
        self.overridden += u32::from(event.overridden.is_some());
        self.at(&event.scan.area, event.scan.gate.as_ref(), |figures| figures.admitted += new);
        let of_area = self.by_area.entry(event.scan.area.clone()).or_default();
        of_area.departed = of_area.departed.saturating_sub(event.returning);
        *self.by_minute.entry(minute(event.scan.at)).or_default() += new;
        if let Some(ticket) = &event.ticket {
            self.by_ticket_type.entry(ticket.ticket_type).or_default().admitted += new;
        }
    }

    pub(super) fn checked_out(&mut self, event: &CheckedOut) {
        self.departed += event.persons;
        self.overridden += u32::from(event.overridden.is_some());
        self.at(&event.scan.area, event.scan.gate.as_ref(), |figures| figures.departed += event.persons);
    }

    pub(super) fn refused(&mut self, event: &CheckInRefused) {
        self.refused += 1;
        self.at(&event.scan.area, event.scan.gate.as_ref(), |figures| figures.refused += 1);
    }

    pub(super) fn undone(&mut self, event: &CheckInUndone) {
        let less = |count: &mut u32, n: u32| *count = count.saturating_sub(n);
        match event.direction {
            Direction::In => {
                let new = event.persons.saturating_sub(event.returning);
                less(&mut self.admitted, new);
                self.departed += event.returning;
                self.by_area.entry(event.area.clone()).or_default().departed += event.returning;
                self.at(&event.area, event.gate.as_ref(), |figures| less(&mut figures.admitted, new));
                less(self.by_minute.entry(minute(event.scanned_at)).or_default(), new);
                if let Some(ticket_type) = event.ticket_type {
                    less(&mut self.by_ticket_type.entry(ticket_type).or_default().admitted, new);
                }
            }
            Direction::Out => {
                less(&mut self.departed, event.persons);
                self.at(&event.area, event.gate.as_ref(), |figures| less(&mut figures.departed, event.persons));
            }
        }
    }

    pub(super) fn counted(&mut self, event: &PersonsCounted) {
        let persons = i64::from(event.persons);
        self.counted += match event.direction {
            Direction::In => persons,
            Direction::Out => -persons,
        };
    }

    fn at(&mut self, area: &DoorName, gate: Option<&DoorName>, change: impl Fn(&mut DoorFigures)) {
        change(self.by_area.entry(area.clone()).or_default());
        if let Some(gate) = gate {
            change(self.by_gate.entry(gate.clone()).or_default());
        }
    }
}
