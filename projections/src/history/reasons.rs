//! Which earlier events made an event so: rules, by type. Which later ones rest on it is in [`consequences`](super::consequences).
//!
//! A rule names a thing that both touched and the types of the other; of several earlier ones the last before it counts.

use domain::{OrganizationEvent, ShowEvent, door::RefusalReason, events::CheckInRefused, ids::OrderId};
use event_store::StreamType;
use uuid::Uuid;

use super::sentence::Recorded;

/// The last event before that touched this and is of one of these types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Earlier {
    pub subject: Uuid,
    pub types: &'static [&'static str],
    /// The subject is a ticket, and its order is meant.
    pub of_its_order: bool,
}

fn earlier(subject: Uuid, types: &'static [&'static str]) -> Vec<Earlier> {
    vec![Earlier { subject, types, of_its_order: false }]
}

fn of_order(order: OrderId) -> Vec<Earlier> {
    earlier(order.0, &["OrderPlaced"])
}

fn of_ticket(ticket: Uuid) -> Vec<Earlier> {
    earlier(ticket, &["TicketIssued"])
}

/// The order of a ticket, and what was last paid or paid back on it: what it says is due is what is missing.
fn of_payments(ticket: Uuid) -> Vec<Earlier> {
    let of_order = |types| Earlier { subject: ticket, types, of_its_order: true };
    vec![of_order(&["OrderPlaced"]), of_order(&["PaymentRecorded", "RefundRecorded"])]
}

/// What made it so.
pub(super) fn reasons(event: Recorded<'_>) -> Vec<Earlier> {
    let Recorded { event_type, schema, payload, .. } = event;
    match StreamType::parse(event.stream_type) {
        Some(StreamType::Show) => match ShowEvent::decode(event_type, schema, payload) {
            Ok(told) => of_show(event.stream, &told),
            Err(_) => Vec::new(),
        },
        Some(StreamType::Organization) => match OrganizationEvent::decode(event_type, schema, payload) {
            Ok(told) => of_organization(&told),
            Err(_) => Vec::new(),
        },
        None => Vec::new(),
    }
}

fn of_show(show: Uuid, event: &ShowEvent) -> Vec<Earlier> {
    match event {
        ShowEvent::PoolRevised(event) => earlier(event.pool.0, &["PoolAdded", "PoolRevised"]),
        ShowEvent::TicketTypeRevised(event) => earlier(event.ticket_type.0, &["TicketTypeAdded", "TicketTypeRevised"]),
        ShowEvent::SalesResumed(_) => earlier(show, &["SalesPaused"]),
        ShowEvent::BlockReleased(event) => earlier(event.block.0, &["PlacesBlocked"]),
        ShowEvent::HoldPlaced(event) => event
            .items
            .iter()
            .filter_map(|item| item.block)
            .flat_map(|block| earlier(block.0, &["PlacesBlocked"]))
            .collect(),
        ShowEvent::HoldChanged(event) => earlier(event.hold.0, &["HoldPlaced"]),
        ShowEvent::HoldExtended(event) => earlier(event.hold.0, &["HoldPlaced"]),
        ShowEvent::HoldReleased(event) => earlier(event.hold.0, &["HoldPlaced"]),
        ShowEvent::HoldExpired(event) => earlier(event.hold.0, &["HoldPlaced", "HoldExtended"]),
        ShowEvent::OrderPlaced(event) => {
            event.hold.map_or_else(Vec::new, |hold| earlier(hold.0, &["HoldPlaced", "HoldChanged"]))
        }
        ShowEvent::PaymentRecorded(event) => of_order(event.order),
        ShowEvent::OrderCancelled(event) => of_order(event.order),
        ShowEvent::OrderExpired(event) => of_order(event.order),
        ShowEvent::RefundRecorded(event) => of_order(event.order),
        ShowEvent::TicketIssued(event) => {
            let mut reasons = of_order(event.order);
            reasons.extend(earlier(event.order.0, &["PaymentRecorded"]));
            reasons
        }
        ShowEvent::TicketVoided(event) => of_ticket(event.ticket.0),
        ShowEvent::TicketReissued(event) => of_ticket(event.ticket.0),
        ShowEvent::TicketMoved(event) => earlier(event.ticket.0, &["TicketIssued", "TicketMoved"]),
        ShowEvent::TicketTransferred(event) => of_ticket(event.ticket.0),
        ShowEvent::HolderNamed(event) => of_ticket(event.ticket.0),
        ShowEvent::CheckedIn(event) => match (&event.ticket, event.overridden) {
            (None, _) => Vec::new(),
            (Some(ticket), None) => earlier(ticket.id.0, &["TicketIssued", "TicketReissued"]),
            (Some(ticket), Some(rule)) => of_rule(show, rule, ticket.id.0, ticket.ticket_type.0),
        },
        ShowEvent::CheckedOut(event) => {
            event.ticket.as_ref().map_or_else(Vec::new, |ticket| earlier(ticket.id.0, &["CheckedIn"]))
        }
        ShowEvent::CheckInRefused(event) => of_refusal(show, event),
        ShowEvent::CheckInUndone(event) => earlier(event.scan.0, &["CheckedIn", "CheckedOut"]),
        ShowEvent::AdmissionConflictFound(event) => {
            let mut reasons = earlier(event.scan.0, &["CheckedIn", "CheckedOut", "CheckInRefused"]);
            reasons.extend(event.ticket.into_iter().flat_map(|ticket| of_ticket(ticket.0)));
            reasons
        }
        // What it changed, or is for.
        ShowEvent::ShowRevised(_) => earlier(show, &["ShowScheduled", "ShowRevised"]),
        ShowEvent::ShowRescheduled(_) => earlier(show, &["ShowScheduled", "ShowRescheduled"]),
        ShowEvent::SeatingAdopted(_) => earlier(show, &["ShowScheduled", "SeatingAdopted"]),
        ShowEvent::DoorSet(_) => earlier(show, &["ShowScheduled", "DoorSet"]),
        ShowEvent::ShowPublished(_) | ShowEvent::PoolAdded(_) | ShowEvent::TicketTypeAdded(_) => {
            earlier(show, &["ShowScheduled"])
        }
        ShowEvent::SalesPaused(_) => earlier(show, &["ShowPublished", "SalesResumed"]),
        ShowEvent::SalesClosed(_) => earlier(show, &["ShowPublished"]),
        ShowEvent::ShowCancelled(_) => earlier(show, &["ShowScheduled", "ShowPublished"]),
        ShowEvent::PlacesBlocked(_) => earlier(show, &["SeatingAdopted"]),
        ShowEvent::PersonsCounted(_) => earlier(show, &["DoorSet"]),
        // The beginning.
        ShowEvent::ShowScheduled(_) => Vec::new(),
    }
}

/// What a refusal at the door rests on.
pub(super) fn of_refusal(show: Uuid, event: &CheckInRefused) -> Vec<Earlier> {
    match (event.reason, &event.ticket) {
        (Some(RefusalReason::ShowCancelled), _) => earlier(show, &["ShowCancelled"]),
        (Some(RefusalReason::TooEarly), _) => earlier(show, &["ShowScheduled", "ShowRescheduled", "DoorSet"]),
        (Some(RefusalReason::AreaFull), _) => earlier(show, &["DoorSet"]),
        (Some(reason), Some(ticket)) => of_rule(show, reason, ticket.id.0, ticket.ticket_type.0),
        (_, Some(ticket)) => of_ticket(ticket.id.0),
        (_, None) => Vec::new(),
    }
}

/// What a rule of the door rests on for a ticket.
fn of_rule(show: Uuid, rule: RefusalReason, ticket: Uuid, ticket_type: Uuid) -> Vec<Earlier> {
    match rule {
        RefusalReason::AlreadyCheckedIn => earlier(ticket, &["CheckedIn"]),
        RefusalReason::NotInside => earlier(ticket, &["CheckedOut", "CheckInUndone", "TicketIssued"]),
        RefusalReason::Void => earlier(ticket, &["TicketVoided"]),
        RefusalReason::Replaced => earlier(ticket, &["TicketReissued"]),
        RefusalReason::Unpaid => of_payments(ticket),
        RefusalReason::WrongArea | RefusalReason::NotYetValid | RefusalReason::NoLongerValid => {
            earlier(ticket_type, &["TicketTypeAdded", "TicketTypeRevised"])
        }
        RefusalReason::WrongGate | RefusalReason::AreaFull => earlier(show, &["DoorSet"]),
        RefusalReason::TooEarly => earlier(show, &["ShowScheduled", "ShowRescheduled", "DoorSet"]),
        RefusalReason::ShowCancelled => earlier(show, &["ShowCancelled"]),
        RefusalReason::UnknownCode | RefusalReason::BadSignature | RefusalReason::WrongShow => Vec::new(),
    }
}

fn of_organization(event: &OrganizationEvent) -> Vec<Earlier> {
    match event {
        OrganizationEvent::MemberJoined(event) => earlier(event.member.0, &["MemberInvited"]),
        OrganizationEvent::MemberRoleChanged(event) => {
            earlier(event.member.0, &["MemberInvited", "MemberAdded", "MemberRoleChanged"])
        }
        OrganizationEvent::MemberRemoved(event) => earlier(event.member.0, &["MemberInvited", "MemberAdded"]),
        OrganizationEvent::ApiKeyRetired(event) => {
            let mut reasons = earlier(event.key.0, &["ApiKeyIssued"]);
            reasons.extend(earlier(event.successor.0, &["ApiKeyIssued"]));
            reasons
        }
        OrganizationEvent::ApiKeyRevoked(event) => earlier(event.key.0, &["ApiKeyIssued"]),
        OrganizationEvent::DevicePaired(event) => earlier(event.pairing.0, &["DevicePairingOffered"]),
        OrganizationEvent::DeviceRevoked(event) => earlier(event.device.0, &["DevicePaired"]),
        OrganizationEvent::SignedIn(event) => {
            earlier(event.member.0, &["MemberAdded", "MemberJoined", "MemberRoleChanged"])
        }
        OrganizationEvent::SignInsFailed(event) => {
            earlier(event.member.0, &["MemberAdded", "MemberJoined", "MemberRoleChanged"])
        }
        OrganizationEvent::CodeGuessingNoticed(event) => {
            event.device.map_or_else(Vec::new, |device| earlier(device.0, &["DevicePaired"]))
        }
        // Nothing in the log made them so: somebody decided, or time did.
        OrganizationEvent::OrganizationFounded(_)
        | OrganizationEvent::SettingsChanged(_)
        | OrganizationEvent::MemberInvited(_)
        | OrganizationEvent::MemberAdded(_)
        | OrganizationEvent::ApiKeyIssued(_)
        | OrganizationEvent::DevicePairingOffered(_)
        | OrganizationEvent::PersonErased(_)
        | OrganizationEvent::RetentionEnded(_)
        | OrganizationEvent::TextRetentionEnded(_) => Vec::new(),
    }
}
