//! Whether somebody with a ticket may go in or out, by the rules of the door. Pure: a ticket, a place, a moment.
//!
//! Reasons are asked in one order, the most lasting first: what cannot be mended tonight is said before what can.

use chrono::NaiveDate;
use domain::{
    Show,
    door::{Area, Direction, Per, RefusalReason},
    events::{Previous, Scan, Terms},
    money::Amount,
    show::{Room, Stay, Ticket},
    ticket_type::TicketType,
    time::Time,
};

/// Somebody may go.
pub(super) struct Pass {
    /// How many people.
    pub persons: u32,
    /// How many of them return after an exit.
    pub returning: u32,
    /// The day it counts for.
    pub day: Option<NaiveDate>,
    /// What was left before.
    pub before: Room,
    /// What is left after.
    pub after: Room,
}

impl Pass {
    /// Somebody whom a device let in on what is no ticket.
    pub(super) fn without_ticket(persons: Option<u32>) -> Self {
        let room = Room { persons: 0, returning: 0, entries: Some(0) };
        Self { persons: persons.unwrap_or(1), returning: 0, day: None, before: room, after: room }
    }
}

/// Somebody may not.
#[derive(Debug, Clone)]
pub(super) struct Refused {
    /// Why.
    pub reason: RefusalReason,
    /// The earlier admission.
    pub previous: Option<Previous>,
    /// What is due.
    pub due: Option<Amount>,
    /// When the doors open, or validity begins or ended.
    pub moment: Option<Time>,
    /// What is left to the ticket.
    pub room: Option<Room>,
}

/// The verdict on a ticket that there is.
pub(super) fn judge(
    show: &Show,
    ticket: &Ticket,
    issue: u32,
    direction: Direction,
    scan: &Scan,
    persons: Option<u32>,
) -> Result<Pass, Refused> {
    match direction {
        Direction::In => way_in(show, ticket, issue, scan, persons),
        Direction::Out => way_out(show, ticket, scan, persons),
    }
}

fn way_in(show: &Show, ticket: &Ticket, issue: u32, scan: &Scan, persons: Option<u32>) -> Result<Pass, Refused> {
    if show.cancelled {
        return Err(Refused::because(RefusalReason::ShowCancelled));
    }
    let (Some(ticket_type), Some(area)) = (show.ticket_type(ticket.ticket_type), show.door.area(&scan.area)) else {
        return Err(Refused::because(RefusalReason::WrongArea));
    };
    let day = day(show, area, scan.at);
    let stay = stay(show, ticket, area, day);
    let room = stay.room(ticket.persons, ticket_type.terms.entries, area.reentry);
    let refused = |reason| Refused { room: Some(room), ..Refused::because(reason) };
    if ticket.void {
        return Err(refused(RefusalReason::Void));
    }
    if issue < ticket.issue {
        return Err(refused(RefusalReason::Replaced));
    }
    if let Some(due) = unpaid(show, ticket) {
        return Err(refused(RefusalReason::Unpaid).owing(due));
    }
    if !show.admits_to(ticket_type, area) {
        return Err(refused(RefusalReason::WrongArea));
    }
    if !gate_serves(show, ticket, ticket_type, scan) {
        return Err(refused(RefusalReason::WrongGate));
    }
    check_time(show, ticket_type, scan.at).map_err(|(reason, moment)| refused(reason).at(moment))?;
    let persons = persons.unwrap_or(room.persons);
    if persons == 0 || persons > room.persons {
        return Err(refused(RefusalReason::AlreadyCheckedIn).after(stay.last.clone()));
    }
    if area.limit.is_some_and(|limit| show.presence.inside(&area.name).saturating_add(persons) > limit) {
        return Err(refused(RefusalReason::AreaFull));
    }
    Ok(entering(ticket, ticket_type, area, stay, persons, day))
}

fn way_out(show: &Show, ticket: &Ticket, scan: &Scan, persons: Option<u32>) -> Result<Pass, Refused> {
    let Some(stay) = show.presence.stay_inside(ticket.id, &scan.area) else {
        return Err(Refused::because(RefusalReason::NotInside));
    };
    let persons = persons.unwrap_or(stay.inside);
    if persons > stay.inside {
        return Err(Refused::because(RefusalReason::NotInside));
    }
    Ok(leaving(show, ticket, scan, stay.clone(), persons))
}

/// A pass against the rules: somebody took it on themselves, or a device did so without the network.
pub(super) fn overridden(
    show: &Show,
    ticket: &Ticket,
    direction: Direction,
    scan: &Scan,
    persons: Option<u32>,
) -> Pass {
    let Some(area) = show.door.area(&scan.area) else { return Pass::without_ticket(persons) };
    let day = day(show, area, scan.at);
    match (direction, show.ticket_type(ticket.ticket_type)) {
        (Direction::In, Some(ticket_type)) => {
            let stay = stay(show, ticket, area, day);
            let room = stay.room(ticket.persons, ticket_type.terms.entries, area.reentry);
            let left = if room.persons == 0 { ticket.persons } else { room.persons };
            entering(ticket, ticket_type, area, stay, persons.unwrap_or(left), day)
        }
        (Direction::In, None) => Pass::without_ticket(persons),
        (Direction::Out, _) => {
            let inside = show.presence.stay_inside(ticket.id, &scan.area);
            let stay = inside.cloned().unwrap_or_else(|| stay(show, ticket, area, day));
            let all = stay.inside.max(1);
            leaving(show, ticket, scan, stay, persons.unwrap_or(all))
        }
    }
}

fn entering(
    ticket: &Ticket,
    ticket_type: &TicketType,
    area: &Area,
    mut stay: Stay,
    persons: u32,
    day: Option<NaiveDate>,
) -> Pass {
    let room = |stay: &Stay| stay.room(ticket.persons, ticket_type.terms.entries, area.reentry);
    let before = room(&stay);
    let returning = before.returning.min(persons);
    stay.admit(persons, returning);
    Pass { persons, returning, day, before, after: room(&stay) }
}

fn leaving(show: &Show, ticket: &Ticket, scan: &Scan, mut stay: Stay, persons: u32) -> Pass {
    let day = stay.day;
    let room = |stay: &Stay| match (show.ticket_type(ticket.ticket_type), show.door.area(&scan.area)) {
        (Some(ticket_type), Some(area)) => stay.room(ticket.persons, ticket_type.terms.entries, area.reentry),
        _ => Room { persons: 0, returning: 0, entries: Some(0) },
    };
    let before = room(&stay);
    stay.leave(persons);
    Pass { persons, returning: 0, day, before, after: room(&stay) }
}

fn day(show: &Show, area: &Area, at: Time) -> Option<NaiveDate> {
    match area.per {
        Per::Show => None,
        Per::Day => Some(show.timezone.day(at)),
    }
}

fn stay(show: &Show, ticket: &Ticket, area: &Area, day: Option<NaiveDate>) -> Stay {
    show.presence.stay(ticket.id, &area.name, day).cloned().unwrap_or_else(|| Stay::new(&area.name, day))
}

/// What is due on the ticket's order, where that keeps people out.
fn unpaid(show: &Show, ticket: &Ticket) -> Option<Amount> {
    let order = show.order(ticket.order)?;
    let due = order.due();
    (order.terms != Terms::OnAccount && due > Amount(0)).then_some(due)
}

fn gate_serves(show: &Show, ticket: &Ticket, ticket_type: &TicketType, scan: &Scan) -> bool {
    let Some(gate) = scan.gate.as_ref().and_then(|name| show.door.gate(name)) else { return true };
    let section = gate.sections.as_ref().is_none_or(|sections| {
        ticket.places.iter().any(|place| place.section.as_ref().is_some_and(|section| sections.contains(section)))
    });
    section && gate.ticket_types.as_ref().is_none_or(|types| types.contains(&ticket_type.id))
}

fn check_time(show: &Show, ticket_type: &TicketType, at: Time) -> Result<(), (RefusalReason, Time)> {
    if let Some(doors) = show.schedule.doors_at {
        let opens = doors - chrono::TimeDelta::seconds(i64::from(show.door.opens_before_seconds));
        if at < opens {
            return Err((RefusalReason::TooEarly, opens));
        }
    }
    let valid = ticket_type.terms.valid;
    if let Some(from) = valid.from.filter(|from| at < *from) {
        return Err((RefusalReason::NotYetValid, from));
    }
    if let Some(until) = valid.until.filter(|until| at >= *until) {
        return Err((RefusalReason::NoLongerValid, until));
    }
    Ok(())
}
