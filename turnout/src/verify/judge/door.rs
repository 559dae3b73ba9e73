//! Whether a ticket let in more often than it says.
//!
//! What a person took on themselves (an override), and what a device without the network did that the server would not have
//! done (for which a conflict has to be recorded), may be against the rules: it happened, and the log says so. It counts
//! all the same: whoever comes after it by the rules must still have a right to.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::{
    ShowEvent,
    door::Direction,
    events::{CheckedIn, CheckedOut, Scan, Verdict},
    ids::{ScanId, TicketId},
    text::DoorName,
};

use super::Wrong;
use crate::counted::counted;

/// What a ticket gives a right to.
pub(super) enum Right {
    /// Nothing, and why.
    None(&'static str),
    /// So many entries of one person to an area (and day); none: as many as they like.
    Entries(Option<i64>),
}

/// A ticket, an area and, where that counts by day, the day.
type Stay = (TicketId, DoorName, Option<NaiveDate>);

/// What was made of a stay, apart from what was taken back.
#[derive(Default)]
struct Use {
    entered: i64,
    returned: i64,
    left: i64,
    /// Ways in and out that were against the rules.
    excused: u32,
}

struct Passage {
    stay: Option<Stay>,
    direction: Direction,
    persons: i64,
    returning: i64,
    excused: bool,
    undone: bool,
}

impl Passage {
    /// People who come in and had not come before.
    fn newcomers(&self) -> i64 {
        match self.direction {
            Direction::In => self.persons - self.returning,
            Direction::Out => 0,
        }
    }
}

/// What happened at a show's door.
#[derive(Default)]
pub(super) struct Door {
    passages: HashMap<ScanId, Passage>,
    uses: HashMap<Stay, Use>,
    /// People who were let in, those who came back after an exit counted once.
    admitted: i64,
    /// A device's decision against the server's, of which the next event has to tell.
    untold: Option<ScanId>,
}

impl Door {
    /// How many people were let in, apart from what was taken back.
    pub(super) fn admitted(&self) -> i64 {
        self.admitted
    }

    /// Where a device decided otherwise than the server, the next event says so.
    pub(super) fn expect_conflict(&mut self, event: &ShowEvent, wrong: &mut Wrong) {
        if let Some(scan) = self.untold.take() {
            let told = matches!(event, ShowEvent::AdmissionConflictFound(conflict) if conflict.scan == scan);
            if !told {
                wrong.push(format!("the conflict of the scan {scan} has to stand here"));
            }
        }
    }

    pub(super) fn checked_in(&mut self, event: &CheckedIn, right: Option<Right>, wrong: &mut Wrong) {
        let passage = Passage {
            stay: event.ticket.as_ref().map(|ticket| (ticket.id, event.scan.area.clone(), event.day)),
            direction: Direction::In,
            persons: event.persons.into(),
            returning: event.returning.into(),
            excused: event.overridden.is_some() || self.alone(&event.scan, wrong),
            undone: false,
        };
        if !passage.excused {
            match (&passage.stay, right) {
                (Some(stay), Some(right)) => self.check_right(stay, &passage, &right, wrong),
                _ => wrong.push("somebody is let in without a ticket, by no device of its own accord".to_owned()),
            }
        }
        self.passed(event.scan.scan, passage, wrong);
    }

    pub(super) fn checked_out(&mut self, event: &CheckedOut, wrong: &mut Wrong) {
        let passage = Passage {
            stay: event.ticket.as_ref().map(|ticket| (ticket.id, event.scan.area.clone(), event.day)),
            direction: Direction::Out,
            persons: event.persons.into(),
            returning: 0,
            excused: event.overridden.is_some() || self.alone(&event.scan, wrong),
            undone: false,
        };
        self.passed(event.scan.scan, passage, wrong);
    }

    pub(super) fn undone(&mut self, scan: ScanId, wrong: &mut Wrong) {
        match self.passages.get_mut(&scan) {
            Some(passage) if !passage.undone => {
                passage.undone = true;
                self.admitted -= passage.newcomers();
                if let Some(of_stay) = passage.stay.as_ref().and_then(|stay| self.uses.get_mut(stay)) {
                    of_stay.count(passage, -1);
                }
            }
            Some(_) => wrong.push(format!("the scan {scan} is taken back twice")),
            None => wrong.push(format!("the scan {scan} is taken back, which let nobody in or out")),
        }
    }

    /// Whether a device without the network did what the server would not have done.
    fn alone(&mut self, scan: &Scan, wrong: &mut Wrong) -> bool {
        let Some(fact) = &scan.offline else { return false };
        if fact.verdict != Verdict::Admitted {
            wrong.push("somebody passes whom the device refused".to_owned());
        }
        let against = fact.server != Verdict::Admitted;
        if against {
            self.untold = Some(scan.scan);
        }
        against
    }

    fn check_right(&self, stay: &Stay, new: &Passage, right: &Right, wrong: &mut Wrong) {
        let (ticket, area, _) = stay;
        let allowed = match right {
            Right::None(why) => {
                wrong.push(format!("somebody is let in by the ticket {ticket}, {why}"));
                return;
            }
            Right::Entries(None) => return,
            Right::Entries(Some(allowed)) => *allowed,
        };
        let none = Use::default();
        let so_far = self.uses.get(stay).unwrap_or(&none);
        let used = so_far.entered - so_far.returned + new.persons - new.returning;
        let inside = so_far.entered - so_far.left + new.persons;
        if new.persons > new.returning && used > allowed {
            wrong.push(format!("the ticket {ticket} lets {used} into {area} and admits {allowed}"));
        } else if so_far.excused == 0 && inside > allowed {
            let inside = counted(inside, "is", "are");
            wrong.push(format!("{inside} in {area} by the ticket {ticket}, which admits {allowed}"));
        }
    }

    fn passed(&mut self, scan: ScanId, passage: Passage, wrong: &mut Wrong) {
        if passage.persons < 1 || passage.returning > passage.persons {
            let pass = counted(passage.persons, "passes", "pass");
            wrong.push(format!("{pass}, of whom {}", counted(passage.returning, "returns", "return")));
        }
        if let Some(stay) = &passage.stay {
            self.uses.entry(stay.clone()).or_default().count(&passage, 1);
        }
        self.admitted += passage.newcomers();
        if self.passages.insert(scan, passage).is_some() {
            wrong.push(format!("the scan {scan} lets somebody pass twice"));
        }
    }
}

impl Use {
    /// Counts a passage, or takes it back.
    fn count(&mut self, passage: &Passage, times: i64) {
        match passage.direction {
            Direction::In => {
                self.entered += times * passage.persons;
                self.returned += times * passage.returning;
            }
            Direction::Out => self.left += times * passage.persons,
        }
        if passage.excused {
            self.excused = self.excused.saturating_add_signed(if times > 0 { 1 } else { -1 });
        }
    }
}
