//! Which earlier events made an event so, and which later ones rest on it: rules, by type.
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
}

/// Whether a later event rests on an earlier one.
type Fits = Box<dyn Fn(&ShowEvent) -> bool + Send + Sync>;

/// Later events that touched this, are of one of these types, and fit.
pub(super) struct Later {
    pub subject: Uuid,
    types: &'static [&'static str],
    fits: Option<Fits>,
}

impl Later {
    /// Whether an event that touched it rests on the one that was asked for.
    pub fn fits(&self, event: Recorded<'_>) -> bool {
        self.types.contains(&event.event_type)
            && self.fits.as_ref().is_none_or(|fits| {
                ShowEvent::decode(event.event_type, event.schema, event.payload).is_ok_and(|event| fits(&event))
            })
    }
}

fn earlier(subject: Uuid, types: &'static [&'static str]) -> Vec<Earlier> {
    vec![Earlier { subject, types }]
}

fn of_order(order: OrderId) -> Vec<Earlier> {
    earlier(order.0, &["OrderPlaced"])
}

fn of_ticket(ticket: Uuid) -> Vec<Earlier> {
    earlier(ticket, &["TicketIssued"])
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
        ShowEvent::ShowScheduled(_)
        | ShowEvent::ShowRevised(_)
        | ShowEvent::ShowRescheduled(_)
        | ShowEvent::SeatingAdopted(_)
        | ShowEvent::PoolAdded(_)
        | ShowEvent::TicketTypeAdded(_)
        | ShowEvent::DoorSet(_)
        | ShowEvent::ShowPublished(_)
        | ShowEvent::SalesPaused(_)
        | ShowEvent::SalesClosed(_)
        | ShowEvent::ShowCancelled(_)
        | ShowEvent::PlacesBlocked(_)
        | ShowEvent::PersonsCounted(_) => Vec::new(),
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
        // The ticket touched its order's events of money only where they name it; the order's own are found by its issue.
        RefusalReason::Unpaid => of_ticket(ticket),
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
        OrganizationEvent::ApiKeyRetired(event) => earlier(event.key.0, &["ApiKeyIssued"]),
        OrganizationEvent::ApiKeyRevoked(event) => earlier(event.key.0, &["ApiKeyIssued"]),
        OrganizationEvent::DevicePaired(event) => earlier(event.pairing.0, &["DevicePairingOffered"]),
        OrganizationEvent::DeviceRevoked(event) => earlier(event.device.0, &["DevicePaired"]),
        OrganizationEvent::OrganizationFounded(_)
        | OrganizationEvent::SettingsChanged(_)
        | OrganizationEvent::MemberInvited(_)
        | OrganizationEvent::MemberAdded(_)
        | OrganizationEvent::ApiKeyIssued(_)
        | OrganizationEvent::DevicePairingOffered(_)
        | OrganizationEvent::SignedIn(_)
        | OrganizationEvent::SignInsFailed(_)
        | OrganizationEvent::CodeGuessingNoticed(_)
        | OrganizationEvent::PersonErased(_)
        | OrganizationEvent::RetentionEnded(_)
        | OrganizationEvent::TextRetentionEnded(_) => Vec::new(),
    }
}

/// What rests on it.
pub(super) fn consequences(event: Recorded<'_>) -> Option<Later> {
    if StreamType::parse(event.stream_type) != Some(StreamType::Show) {
        return None;
    }
    let of = |subject, types| Some(Later { subject, types, fits: None });
    match ShowEvent::decode(event.event_type, event.schema, event.payload).ok()? {
        ShowEvent::PlacesBlocked(event) => of(event.block.0, &["BlockReleased", "HoldPlaced"]),
        ShowEvent::HoldPlaced(event) => {
            of(event.hold.0, &["HoldChanged", "HoldExtended", "HoldReleased", "HoldExpired", "OrderPlaced"])
        }
        ShowEvent::OrderPlaced(event) => {
            of(event.order.0, &["PaymentRecorded", "OrderCancelled", "OrderExpired", "RefundRecorded", "TicketIssued"])
        }
        ShowEvent::TicketIssued(event) => of(
            event.ticket.0,
            &["TicketVoided", "TicketReissued", "TicketMoved", "TicketTransferred", "HolderNamed", "CheckedIn"],
        ),
        ShowEvent::TicketVoided(event) => against(event.ticket.0, RefusalReason::Void),
        ShowEvent::TicketReissued(event) => against(event.ticket.0, RefusalReason::Replaced),
        ShowEvent::CheckedIn(event) => {
            let (scan, at) = (event.scan.scan, event.scan.at);
            Some(Later {
                subject: event.ticket?.id.0,
                types: &["CheckedOut", "CheckInRefused", "CheckInUndone"],
                fits: Some(Box::new(move |later| match later {
                    ShowEvent::CheckInRefused(refused) => {
                        refused.previous.as_ref().is_some_and(|previous| previous.at == at)
                    }
                    ShowEvent::CheckInUndone(undone) => undone.scan == scan,
                    _ => true,
                })),
            })
        }
        _ => None,
    }
}

/// What the door said of a ticket by a rule.
fn against(ticket: Uuid, rule: RefusalReason) -> Option<Later> {
    Some(Later {
        subject: ticket,
        types: &["CheckInRefused", "CheckedIn"],
        fits: Some(Box::new(move |later| match later {
            ShowEvent::CheckInRefused(refused) => refused.reason == Some(rule),
            ShowEvent::CheckedIn(admitted) => admitted.overridden == Some(rule),
            _ => false,
        })),
    })
}
