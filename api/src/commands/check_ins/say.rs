//! What to tell the person at the door: one or two English sentences, who or why first, then what to do.
//!
//! Times are on the show's clock, with their date where it is another day than the scan's. No names: the ticket beside
//! the sentence shows as much of them as the door's rule allows.

use commands::check_in::Looked;
use domain::{
    door::{Direction, RefusalReason},
    events::{AdmissionConflictFound, CheckInRefused, CheckedIn, CheckedOut, Previous, SeenTicket, Verdict},
    money::{Amount, Currency},
    time::Time,
};

use super::scene::Scene;

/// Somebody came in.
pub(super) fn admitted(event: &CheckedIn) -> String {
    let Some(ticket) = &event.ticket else {
        return format!("Let in without the network: {}, on what is no ticket of this show.", persons(event.persons));
    };
    let mut text = format!("Come in: {}{}.", persons(event.persons), place(ticket));
    if event.persons_left > 0 && ticket.persons > 1 {
        text.push_str(&format!(" {} of this ticket may still come.", event.persons_left));
    }
    if let Some(rule) = event.overridden {
        text.push_str(&format!(" Against the rule: {}.", short(rule)));
    }
    text
}

/// Somebody went out.
pub(super) fn left(event: &CheckedOut) -> String {
    match &event.ticket {
        Some(ticket) => format!("Out: {}{}.", persons(event.persons), place(ticket)),
        None => format!("Let out without the network: {}, on what is no ticket of this show.", persons(event.persons)),
    }
}

/// A ticket that is to be looked at first.
pub(super) fn confirm(looked: &Looked) -> String {
    format!("Look at the ticket, then admit: {}{}.", persons(looked.persons), place(&looked.ticket))
}

/// Somebody was refused.
pub(super) fn refused(event: &CheckInRefused, currency: Currency, scene: &Scene) -> String {
    let at = event.scan.at;
    let moment = || event.moment.map(|moment| time(moment, at, scene));
    let Some(reason) = event.reason else { return "Refused without the network, without a reason.".to_owned() };
    match reason {
        RefusalReason::AlreadyCheckedIn => already(event, scene),
        RefusalReason::NotInside => match event.direction {
            Direction::Out => {
                "Nobody with this ticket is inside. Check whether it was scanned on the way in.".to_owned()
            }
            Direction::In => "Nobody with this ticket is inside.".to_owned(),
        },
        RefusalReason::UnknownCode => {
            "No ticket has this code. Try once more, then send them to the box office.".to_owned()
        }
        RefusalReason::BadSignature => "This is none of our tickets: it was not signed by us. Refuse.".to_owned(),
        RefusalReason::WrongShow => match &event.other_show {
            Some(name) => format!("This ticket is for another show: {name}. Send them to the box office."),
            None => "This ticket is for another show. Send them to the box office.".to_owned(),
        },
        RefusalReason::WrongArea => {
            format!("This ticket does not admit to {}. Send them to an area of their ticket.", event.scan.area)
        }
        RefusalReason::WrongGate => wrong_gate(event, scene),
        RefusalReason::Void => "This ticket is void. Send them to the box office.".to_owned(),
        RefusalReason::Replaced => {
            "This ticket was issued anew; this is the old one. Ask for the new one, or send them to the box office."
                .to_owned()
        }
        RefusalReason::Unpaid => match event.due {
            Some(due) => format!("Not paid: {} is due. Send them to the box office.", money(due, currency)),
            None => "Not paid. Send them to the box office.".to_owned(),
        },
        RefusalReason::TooEarly => match moment() {
            Some(opens) => format!("Too early: people are let in from {opens}. Ask them to wait."),
            None => "Too early. Ask them to wait until the doors open.".to_owned(),
        },
        RefusalReason::NotYetValid => match moment() {
            Some(from) => format!("This ticket is valid from {from} on. Ask them to come back then."),
            None => "This ticket is not valid yet. Ask them to come back later.".to_owned(),
        },
        RefusalReason::NoLongerValid => match moment() {
            Some(until) => format!("This ticket was valid until {until}. Send them to the box office."),
            None => "This ticket is no longer valid. Send them to the box office.".to_owned(),
        },
        RefusalReason::AreaFull => {
            format!("{} is full. Ask them to wait until somebody leaves.", event.scan.area)
        }
        RefusalReason::ShowCancelled => "The show is cancelled. Send them to the box office.".to_owned(),
    }
}

/// A device and the server disagree.
pub(super) fn conflict(found: &AdmissionConflictFound) -> String {
    match (found.device_said, found.server_said) {
        (Verdict::Admitted, Verdict::Refused(Some(reason))) => {
            format!("The device let them in, but {}. Call a manager.", short(reason))
        }
        (Verdict::Admitted, _) => "The device let them in, but the server refused. Call a manager.".to_owned(),
        (Verdict::Refused(_), _) => "The device refused, but the ticket was good. Call a manager.".to_owned(),
    }
}

fn already(event: &CheckInRefused, scene: &Scene) -> String {
    match (&event.previous, event.persons_left) {
        (_, Some(left @ 1..)) => {
            format!(
                "Only {left} of this ticket may still come in, not {}. Admit {left}, refuse the rest.",
                event.persons
            )
        }
        (Some(previous), _) => format!("Already used {}. Refuse.", before(previous, event.scan.at, scene)),
        (None, _) => "Already used. Refuse.".to_owned(),
    }
}

fn before(previous: &Previous, at: Time, scene: &Scene) -> String {
    let time = time(previous.at, at, scene);
    match &previous.gate {
        Some(gate) => format!("at {time}, gate {gate}"),
        None => format!("at {time}"),
    }
}

fn wrong_gate(event: &CheckInRefused, scene: &Scene) -> String {
    let gates = event.ticket.as_ref().map(|ticket| scene.gates_for(ticket, event.scan.area.as_str()));
    match gates.filter(|gates| !gates.is_empty()) {
        Some(gates) => format!("Another gate serves this ticket: {}. Send them there.", gates.join(", ")),
        None => "Another gate serves this ticket. Send them there.".to_owned(),
    }
}

/// The reason within a sentence.
fn short(reason: RefusalReason) -> &'static str {
    match reason {
        RefusalReason::AlreadyCheckedIn => "the ticket was used already",
        RefusalReason::NotInside => "nobody with this ticket was inside",
        RefusalReason::UnknownCode => "no ticket has this code",
        RefusalReason::BadSignature => "it is none of our tickets",
        RefusalReason::WrongShow => "the ticket is for another show",
        RefusalReason::WrongArea => "the ticket does not admit here",
        RefusalReason::WrongGate => "another gate serves the ticket",
        RefusalReason::Void => "the ticket is void",
        RefusalReason::Replaced => "the ticket was issued anew",
        RefusalReason::Unpaid => "the ticket is not paid",
        RefusalReason::TooEarly => "the doors were not open yet",
        RefusalReason::NotYetValid => "the ticket is not valid yet",
        RefusalReason::NoLongerValid => "the ticket is no longer valid",
        RefusalReason::AreaFull => "the area is full",
        RefusalReason::ShowCancelled => "the show is cancelled",
    }
}

fn persons(n: u32) -> String {
    if n == 1 { "1 person".to_owned() } else { format!("{n} persons") }
}

fn place(ticket: &SeenTicket) -> String {
    let Some(place) = ticket.places.first() else { return String::new() };
    match (&place.seat, &place.section) {
        (Some(seat), _) => format!(", seat {seat}"),
        (None, Some(section)) => format!(", {section}"),
        (None, None) => String::new(),
    }
}

/// The show's clock, with the date where it is not the day of the scan.
fn time(moment: Time, at: Time, scene: &Scene) -> String {
    let zone = scene.zone;
    if zone.day(moment) == zone.day(at) { zone.clock(moment) } else { zone.date_and_clock(moment) }
}

/// An amount as people read it: `25.00 EUR`. Minor digits by ISO 4217.
fn money(amount: Amount, currency: Currency) -> String {
    let digits: usize = match currency.as_str() {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND" | "VUV"
        | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    };
    let minor = amount.0.unsigned_abs();
    let unit = 10_u64.pow(u32::try_from(digits).unwrap_or(2));
    let sign = if amount.0 < 0 { "-" } else { "" };
    match digits {
        0 => format!("{sign}{minor} {}", currency.as_str()),
        _ => format!("{sign}{}.{:0digits$} {}", minor / unit, minor % unit, currency.as_str()),
    }
}

#[cfg(test)]
mod tests;
