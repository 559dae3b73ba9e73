//! Who went in, scan by scan: a ticket admits as often as it says, and an area holds as many as it may.
//!
//! An admission that somebody took on themselves (an override), or that a device made alone and the server would have
//! refused, is a fact and no fault: the latter must be followed by `AdmissionConflictFound`, which the caller looks for.

use std::collections::HashMap;

use uuid::Uuid;

use super::payload::{Area, Passage, Terms, Undone};

/// A ticket's use of an area (of a day of it, where the area counts by day).
#[derive(Debug, Clone, Copy, Default)]
struct Stay {
    entered: i64,
    returned: i64,
    left: i64,
}

impl Stay {
    fn inside(self) -> i64 {
        (self.entered - self.left).max(0)
    }

    fn out(self) -> i64 {
        (self.left - self.returned).max(0)
    }

    /// Entries used: where an exit was taken back after the return, that return was an entry.
    fn used(self) -> i64 {
        (self.entered - self.returned).max(self.inside())
    }
}

/// The figures that `GET …/attendance` shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    pub issued: i64,
    pub admitted: i64,
    pub inside: i64,
    pub refused: i64,
}

#[derive(Debug, Clone, Copy)]
struct Ticket {
    persons: i64,
    void: bool,
}

/// The door of one show.
#[derive(Debug, Default)]
pub struct Door {
    areas: HashMap<String, Area>,
    tickets: HashMap<Uuid, Ticket>,
    stays: HashMap<(Uuid, String, Option<String>), Stay>,
    inside: HashMap<String, i64>,
    issued: i64,
    admitted: i64,
    refused: i64,
}

impl Door {
    pub fn set(&mut self, areas: Vec<Area>) {
        self.areas = areas.into_iter().map(|area| (area.name.clone(), area)).collect();
    }

    pub fn issued(&mut self, ticket: Uuid, persons: i64) {
        self.tickets.insert(ticket, Ticket { persons, void: false });
        self.issued += 1;
    }

    pub fn voided(&mut self, ticket: Uuid, holder_has_left: bool) {
        if let Some(ticket) = self.tickets.get_mut(&ticket) {
            ticket.void = true;
        }
        self.issued -= 1;
        if !holder_has_left {
            return;
        }
        for ((_, area, _), stay) in self.stays.iter_mut().filter(|((of, ..), _)| *of == ticket) {
            let left = stay.inside();
            stay.left += left;
            count(&mut self.inside, area, -left);
        }
    }

    /// Somebody went in; what is wrong with that. `terms` are those of the ticket's type.
    pub fn checked_in(&mut self, event: &Passage, terms: Option<&Terms>) -> Option<String> {
        let wrong = self.judge(event, terms);
        if let Some(ticket) = &event.ticket {
            let stay = self.stay(ticket.id, &event.scan.area, event.day.as_ref());
            stay.entered += event.persons;
            stay.returned += event.returning;
        }
        self.admitted += event.persons - event.returning;
        count(&mut self.inside, &event.scan.area, event.persons);
        wrong
    }

    fn judge(&mut self, event: &Passage, terms: Option<&Terms>) -> Option<String> {
        let by_the_server = match &event.scan.offline {
            None => event.overridden.is_none(),
            Some(offline) => offline.server == "admitted",
        };
        if !by_the_server {
            return None;
        }
        let scan = event.scan.scan;
        let Some((seen, terms)) = event.ticket.as_ref().zip(terms) else {
            return Some(format!("scan {scan} admitted on no ticket"));
        };
        let Some(ticket) = self.tickets.get(&seen.id).copied() else {
            return Some(format!("scan {scan} admitted on ticket {}, which was never issued", seen.id));
        };
        if ticket.void {
            return Some(format!("scan {scan} admitted on ticket {}, which is void", seen.id));
        }
        let stay = *self.stay(seen.id, &event.scan.area, event.day.as_ref());
        let area = self.areas.get(&event.scan.area);
        // Without a set door there is one area, `main`, with re-entry after an exit and no limit.
        let (reentry, limit) = area.map_or(("after_exit", None), |area| (area.reentry.as_str(), area.limit));
        let inside = self.inside.get(&event.scan.area).copied().unwrap_or(0);
        let anew = event.persons - event.returning;
        let entries = terms.entries.as_i64().map_or(i64::MAX, |times| times * ticket.persons);
        let returning_max = if reentry == "after_exit" { stay.out() } else { 0 };
        // Below nothing where devices without the network let in more people than the ticket is for.
        let fresh = if reentry == "always" { ticket.persons } else { ticket.persons - stay.inside() - stay.out() };
        let fits = event.persons >= 1
            && event.persons <= ticket.persons
            && event.returning <= returning_max
            && anew <= fresh.max(0)
            && anew <= entries.saturating_sub(stay.used()).max(0);
        if !fits {
            let (id, persons) = (seen.id, event.persons);
            return Some(format!("scan {scan} admitted {persons} on ticket {id} after {stay:?} ({reentry})"));
        }
        limit.filter(|limit| inside + event.persons > *limit).map(|limit| {
            format!("scan {scan} made {} people in {} of {limit}", inside + event.persons, event.scan.area)
        })
    }

    pub fn checked_out(&mut self, event: &Passage) {
        if let Some(ticket) = &event.ticket {
            let stay = self.stay(ticket.id, &event.scan.area, event.day.as_ref());
            // Whoever goes out without having come in came in unseen.
            stay.entered += (event.persons - stay.inside()).max(0);
            stay.left += event.persons;
        }
        count(&mut self.inside, &event.scan.area, -event.persons);
    }

    pub fn refused(&mut self) {
        self.refused += 1;
    }

    pub fn undone(&mut self, event: &Undone) {
        let way_in = event.direction == "in";
        if let Some(ticket) = event.ticket {
            let stay = self.stay(ticket, &event.area, event.day.as_ref());
            if way_in {
                stay.entered -= event.persons;
                stay.returned -= event.returning;
            } else {
                stay.left -= event.persons;
            }
        }
        if way_in {
            self.admitted -= event.persons - event.returning;
        }
        count(&mut self.inside, &event.area, if way_in { -event.persons } else { event.persons });
    }

    /// People without a ticket.
    pub fn counted(&mut self, area: &str, direction: &str, persons: i64) {
        count(&mut self.inside, area, if direction == "in" { persons } else { -persons });
    }

    pub fn figures(&self) -> Figures {
        let inside = self.inside.values().sum();
        Figures { issued: self.issued, admitted: self.admitted, inside, refused: self.refused }
    }

    fn stay(&mut self, ticket: Uuid, area: &str, day: Option<&String>) -> &mut Stay {
        self.stays.entry((ticket, area.to_owned(), day.cloned())).or_default()
    }
}

/// An area is never emptier than empty: more people may go out than were seen to come in.
fn count(inside: &mut HashMap<String, i64>, area: &str, persons: i64) {
    let now = inside.entry(area.to_owned()).or_default();
    *now = (*now + persons).max(0);
}
