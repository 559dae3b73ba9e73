//! What happened, in a short phrase: a table over the types of events. It names no person and no code, only what the log itself
//! holds and everybody at the terminal may read.

use domain::{
    Show, ShowEvent,
    door::Direction,
    events::{HoldItem, Line, LineKind, SeenTicket},
    ids::{OrderId, TicketTypeId},
    place::Place,
    ticket_type::Channel,
};

use super::figures::money;

/// What an event says. `show`: as it was just before, for the names of what the event knows the ids of.
pub(super) fn phrase(event: &ShowEvent, show: Option<&Show>) -> String {
    let order = |id: OrderId| show.and_then(|show| show.order(id)).map_or("?", |order| order.reference.as_str());
    let kind =
        |id: TicketTypeId| show.and_then(|show| show.ticket_type(id)).map_or("?", |kind| kind.terms.name.as_str());
    let amount = |amount| show.map_or_else(String::new, |show| money(amount, show.currency));
    match event {
        ShowEvent::ShowScheduled(event) => format!("show {:?} scheduled", event.name.as_str()),
        ShowEvent::ShowRevised(_) => "show revised".to_owned(),
        ShowEvent::ShowRescheduled(_) => "show moved to another time".to_owned(),
        ShowEvent::SeatingAdopted(event) => {
            format!("places drawn: {} seats, {} standing", event.seats, event.standing)
        }
        ShowEvent::PoolAdded(event) => format!("pool {:?} added, {}", event.name.as_str(), u32::from(event.capacity)),
        ShowEvent::PoolRevised(event) => format!("pool {:?} is now {}", event.name.as_str(), u32::from(event.capacity)),
        ShowEvent::TicketTypeAdded(event) => format!("ticket type {:?} added", event.terms.name.as_str()),
        ShowEvent::TicketTypeRevised(event) => format!("ticket type {:?} revised", event.terms.name.as_str()),
        ShowEvent::DoorSet(event) => format!("door set: {} areas, {} gates", event.areas.len(), event.gates.len()),
        ShowEvent::ShowPublished(_) => "show published".to_owned(),
        ShowEvent::SalesPaused(event) => format!("sales paused{}", on(event.channels.as_deref())),
        ShowEvent::SalesResumed(event) => format!("sales resumed{}", on(event.channels.as_deref())),
        ShowEvent::SalesClosed(_) => "sales closed".to_owned(),
        ShowEvent::ShowCancelled(_) => "show cancelled".to_owned(),
        ShowEvent::PlacesBlocked(event) => format!("blocked {}", places(&event.places)),
        ShowEvent::BlockReleased(event) => format!("block released: {}", places(&event.places)),
        ShowEvent::HoldPlaced(event) => format!("held {}", items(&event.items)),
        ShowEvent::HoldChanged(event) => match (event.added.as_slice(), event.removed.as_slice()) {
            (added, []) => format!("hold has also {}", items(added)),
            ([], removed) => format!("hold has no longer {}", items(removed)),
            (added, removed) => format!("hold has {} for {}", items(added), items(removed)),
        },
        ShowEvent::HoldExtended(_) => "hold extended".to_owned(),
        ShowEvent::HoldReleased(event) => format!("hold given up: {}", items(&event.items)),
        ShowEvent::HoldExpired(event) => format!("hold ran out: {}", items(&event.items)),
        ShowEvent::OrderPlaced(event) => {
            format!("order {}: {}, {}", event.reference, lines(&event.lines), amount(event.total))
        }
        ShowEvent::PaymentRecorded(event) => {
            format!("{} paid ({}) on order {}", amount(event.amount), event.method.as_str(), order(event.order))
        }
        ShowEvent::OrderCancelled(event) => format!("order {} cancelled", order(event.order)),
        ShowEvent::OrderExpired(event) => {
            format!("order {} not paid in time: {}", order(event.order), lines(&event.lines))
        }
        ShowEvent::RefundRecorded(event) => {
            format!("{} refunded ({}) on order {}", amount(event.amount), event.method.as_str(), order(event.order))
        }
        ShowEvent::TicketIssued(event) => {
            format!(
                "ticket issued: {}, {}, order {}",
                kind(event.ticket_type),
                places(&event.places),
                order(event.order)
            )
        }
        ShowEvent::TicketVoided(event) => format!(
            "ticket voided: {}, {}, order {}",
            kind(event.ticket_type),
            places(&event.places),
            order(event.order)
        ),
        ShowEvent::TicketReissued(event) => format!("ticket reissued, issue {}", event.issue),
        ShowEvent::TicketMoved(event) => format!(
            "ticket moved from {} to {}",
            places(std::slice::from_ref(&event.from)),
            places(std::slice::from_ref(&event.to))
        ),
        ShowEvent::TicketTransferred(_) => "ticket transferred to somebody else".to_owned(),
        ShowEvent::HolderNamed(_) => "holder named".to_owned(),
        ShowEvent::CheckedIn(event) => {
            let against = if event.overridden.is_some() { ", against the rules" } else { "" };
            format!("{} in at {}: {}{against}", event.persons, event.scan.area.as_str(), seen(event.ticket.as_ref()))
        }
        ShowEvent::CheckedOut(event) => {
            format!("{} out of {}: {}", event.persons, event.scan.area.as_str(), seen(event.ticket.as_ref()))
        }
        ShowEvent::CheckInRefused(event) => {
            let why = event.reason.map_or_else(|| "no reason known".to_owned(), word);
            format!("refused at {} ({why}): {}", event.scan.area.as_str(), seen(event.ticket.as_ref()))
        }
        ShowEvent::CheckInUndone(event) => match event.direction {
            Direction::In => format!("check-in of {} at {} taken back", event.persons, event.area.as_str()),
            Direction::Out => format!("check-out of {} at {} taken back", event.persons, event.area.as_str()),
        },
        ShowEvent::AdmissionConflictFound(event) => {
            format!("a device and the server disagree on a scan at {}", event.area.as_str())
        }
        ShowEvent::PersonsCounted(event) => match event.direction {
            Direction::In => format!("{} counted in at {}", event.persons, event.area.as_str()),
            Direction::Out => format!("{} counted out of {}", event.persons, event.area.as_str()),
        },
    }
}

fn on(channels: Option<&[Channel]>) -> String {
    channels.map_or_else(String::new, |channels| {
        format!(" on {}", channels.iter().map(|channel| channel.as_str()).collect::<Vec<_>>().join(", "))
    })
}

fn word(reason: domain::door::RefusalReason) -> String {
    // An enum of plain names.
    serde_json::to_value(reason).ok().and_then(|word| Some(word.as_str()?.replace('_', " "))).unwrap_or_default()
}

fn seen(ticket: Option<&SeenTicket>) -> String {
    ticket.map_or_else(|| "no ticket of this show".to_owned(), |ticket| places(&ticket.places))
}

fn items(items: &[HoldItem]) -> String {
    places(items.iter().flat_map(|item| &item.places))
}

fn lines(lines: &[Line]) -> String {
    places(lines.iter().filter(|line| line.kind == LineKind::Ticket).flat_map(|line| &line.places))
}

/// Seats by their addresses, a few of them; people who stand by their number and section.
fn places<'a>(places: impl IntoIterator<Item = &'a Place>) -> String {
    const NAMED_MAX: usize = 4;
    let mut named: Vec<String> = Vec::new();
    let mut more = 0;
    let mut standing: Vec<(&str, u32)> = Vec::new();
    for place in places {
        if let Some(seat) = &place.seat {
            if named.len() < NAMED_MAX {
                named.push(seat.as_str().to_owned());
            } else {
                more += 1;
            }
            continue;
        }
        let section = place.section.as_ref().map_or("", |section| section.as_str());
        match standing.iter_mut().find(|(name, _)| *name == section) {
            Some((_, persons)) => *persons += place.persons,
            None => standing.push((section, place.persons)),
        }
    }
    if more > 0 {
        named.push(format!("{more} more seats"));
    }
    named.extend(standing.into_iter().map(|(section, persons)| match section {
        "" => format!("{persons} admission{}", if persons == 1 { "" } else { "s" }),
        section => format!("{persons} in {section}"),
    }));
    if named.is_empty() { "nothing".to_owned() } else { named.join(", ") }
}
