//! Which later events rest on an event: rules, by type, the other way round of those in [`reasons`](super::reasons).
//!
//! A rule names a thing that both touched, the types of the later ones, and what else they have to say. Where there would be no end of
//! them (every sign-in of a member, every look at a ticket of a show that was rescheduled) there is no rule: filters ask for those.

use domain::{OrganizationEvent, ShowEvent, door::RefusalReason, ids::ScanId};
use event_store::StreamType;
use uuid::Uuid;

use super::sentence::Recorded;

/// Whether a later event rests on an earlier one.
type Fits = Box<dyn Fn(&ShowEvent) -> bool + Send + Sync>;

/// Later events that touched this, are of one of these types, and fit.
pub(super) struct Later {
    pub subject: Uuid,
    types: &'static [&'static str],
    fits: Option<Fits>,
}

impl Later {
    fn of(subject: Uuid, types: &'static [&'static str]) -> Option<Self> {
        Some(Self { subject, types, fits: None })
    }

    fn that(
        subject: Uuid,
        types: &'static [&'static str],
        fits: impl Fn(&ShowEvent) -> bool + Send + Sync + 'static,
    ) -> Option<Self> {
        Some(Self { subject, types, fits: Some(Box::new(fits)) })
    }

    /// Whether an event that touched it rests on the one that was asked for.
    pub fn fits(&self, event: Recorded<'_>) -> bool {
        self.types.contains(&event.event_type)
            && self.fits.as_ref().is_none_or(|fits| {
                ShowEvent::decode(event.event_type, event.schema, event.payload).is_ok_and(|event| fits(&event))
            })
    }
}

/// What rests on it.
pub(super) fn consequences(event: Recorded<'_>) -> Option<Later> {
    let Recorded { event_type, schema, payload, .. } = event;
    match StreamType::parse(event.stream_type)? {
        StreamType::Show => of_show(event.stream, ShowEvent::decode(event_type, schema, payload).ok()?),
        StreamType::Organization => of_organization(&OrganizationEvent::decode(event_type, schema, payload).ok()?),
    }
}

fn of_show(show: Uuid, event: ShowEvent) -> Option<Later> {
    match event {
        ShowEvent::ShowScheduled(_) => Later::of(
            show,
            &["ShowRevised", "ShowRescheduled", "SeatingAdopted", "DoorSet", "ShowPublished", "ShowCancelled"],
        ),
        ShowEvent::ShowPublished(_) => Later::of(show, &["SalesPaused", "SalesClosed", "ShowCancelled"]),
        ShowEvent::SalesPaused(_) => Later::of(show, &["SalesResumed"]),
        ShowEvent::PoolAdded(event) => Later::of(event.pool.0, &["PoolRevised"]),
        ShowEvent::PoolRevised(event) => Later::of(event.pool.0, &["PoolRevised"]),
        ShowEvent::TicketTypeAdded(event) => Later::of(event.ticket_type.0, &["TicketTypeRevised"]),
        ShowEvent::TicketTypeRevised(event) => Later::of(event.ticket_type.0, &["TicketTypeRevised"]),
        ShowEvent::PlacesBlocked(event) => Later::of(event.block.0, &["BlockReleased", "HoldPlaced"]),
        ShowEvent::HoldPlaced(event) => {
            Later::of(event.hold.0, &["HoldChanged", "HoldExtended", "HoldReleased", "HoldExpired", "OrderPlaced"])
        }
        ShowEvent::HoldChanged(event) => {
            Later::of(event.hold.0, &["HoldChanged", "HoldReleased", "HoldExpired", "OrderPlaced"])
        }
        ShowEvent::HoldExtended(event) => Later::of(event.hold.0, &["HoldExpired"]),
        ShowEvent::OrderPlaced(event) => Later::that(
            event.order.0,
            &["PaymentRecorded", "OrderCancelled", "OrderExpired", "RefundRecorded", "TicketIssued", "CheckInRefused"],
            |later| !matches!(later, ShowEvent::CheckInRefused(_)) || is_by(later, RefusalReason::Unpaid),
        ),
        ShowEvent::PaymentRecorded(event) => Later::of(event.order.0, &["TicketIssued", "RefundRecorded"]),
        ShowEvent::OrderCancelled(event) => Later::of(event.order.0, &["RefundRecorded"]),
        ShowEvent::TicketIssued(event) => Later::of(
            event.ticket.0,
            &["TicketVoided", "TicketReissued", "TicketMoved", "TicketTransferred", "HolderNamed", "CheckedIn"],
        ),
        ShowEvent::TicketMoved(event) => Later::of(event.ticket.0, &["TicketMoved"]),
        ShowEvent::TicketVoided(event) => against(event.ticket.0, RefusalReason::Void),
        ShowEvent::TicketReissued(event) => against(event.ticket.0, RefusalReason::Replaced),
        ShowEvent::CheckedIn(event) => {
            let (scan, at) = (event.scan.scan, event.scan.at);
            let Some(ticket) = event.ticket else { return of_scan(scan) };
            Later::that(
                ticket.id.0,
                &["CheckedOut", "CheckInRefused", "CheckInUndone", "AdmissionConflictFound"],
                move |later| match later {
                    ShowEvent::CheckInRefused(refused) => {
                        refused.previous.as_ref().is_some_and(|previous| previous.at == at)
                    }
                    ShowEvent::CheckInUndone(undone) => undone.scan == scan,
                    ShowEvent::AdmissionConflictFound(conflict) => conflict.scan == scan,
                    _ => true,
                },
            )
        }
        ShowEvent::CheckedOut(event) => of_scan(event.scan.scan),
        ShowEvent::CheckInRefused(event) => of_scan(event.scan.scan),
        ShowEvent::ShowRevised(_)
        | ShowEvent::ShowRescheduled(_)
        | ShowEvent::SeatingAdopted(_)
        | ShowEvent::DoorSet(_)
        | ShowEvent::SalesResumed(_)
        | ShowEvent::SalesClosed(_)
        | ShowEvent::ShowCancelled(_)
        | ShowEvent::BlockReleased(_)
        | ShowEvent::HoldReleased(_)
        | ShowEvent::HoldExpired(_)
        | ShowEvent::OrderExpired(_)
        | ShowEvent::RefundRecorded(_)
        | ShowEvent::TicketTransferred(_)
        | ShowEvent::HolderNamed(_)
        | ShowEvent::CheckInUndone(_)
        | ShowEvent::AdmissionConflictFound(_)
        | ShowEvent::PersonsCounted(_) => None,
    }
}

fn of_organization(event: &OrganizationEvent) -> Option<Later> {
    match event {
        OrganizationEvent::MemberInvited(event) => {
            Later::of(event.member.0, &["MemberJoined", "MemberRoleChanged", "MemberRemoved"])
        }
        OrganizationEvent::MemberAdded(event) => Later::of(event.member.0, &["MemberRoleChanged", "MemberRemoved"]),
        OrganizationEvent::MemberRoleChanged(event) => Later::of(event.member.0, &["MemberRoleChanged"]),
        OrganizationEvent::ApiKeyIssued(event) => Later::of(event.key.0, &["ApiKeyRetired", "ApiKeyRevoked"]),
        OrganizationEvent::DevicePairingOffered(event) => Later::of(event.pairing.0, &["DevicePaired"]),
        OrganizationEvent::DevicePaired(event) => Later::of(event.device.0, &["DeviceRevoked", "CodeGuessingNoticed"]),
        OrganizationEvent::OrganizationFounded(_)
        | OrganizationEvent::SettingsChanged(_)
        | OrganizationEvent::MemberJoined(_)
        | OrganizationEvent::MemberRemoved(_)
        | OrganizationEvent::ApiKeyRetired(_)
        | OrganizationEvent::ApiKeyRevoked(_)
        | OrganizationEvent::DeviceRevoked(_)
        | OrganizationEvent::SignedIn(_)
        | OrganizationEvent::SignInsFailed(_)
        | OrganizationEvent::CodeGuessingNoticed(_)
        | OrganizationEvent::PersonErased(_)
        | OrganizationEvent::RetentionEnded(_)
        | OrganizationEvent::TextRetentionEnded(_) => None,
    }
}

/// What became of a look at a ticket.
fn of_scan(scan: ScanId) -> Option<Later> {
    Later::of(scan.0, &["CheckInUndone", "AdmissionConflictFound"])
}

/// Whether the door decided by a rule, for or against it.
fn is_by(event: &ShowEvent, rule: RefusalReason) -> bool {
    match event {
        ShowEvent::CheckInRefused(refused) => refused.reason == Some(rule),
        ShowEvent::CheckedIn(admitted) => admitted.overridden == Some(rule),
        _ => false,
    }
}

/// What the door said of a ticket by a rule.
fn against(ticket: Uuid, rule: RefusalReason) -> Option<Later> {
    Later::that(ticket, &["CheckInRefused", "CheckedIn"], move |later| is_by(later, rule))
}
