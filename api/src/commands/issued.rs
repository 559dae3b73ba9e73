//! Tickets in answers of commands: with the token that goes into the QR code.
//!
//! A token is made of what the ticket's event recorded, so that the same ticket shows the same token for ever.

use chrono::DateTime;
use domain::{ShowEvent, events::TicketIssued, ids::ShowId};
use identity::{TicketClaims, TicketKeys};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::seat;

/// A ticket that was issued.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct IssuedTicketAnswer {
    /// Its id.
    id: Uuid,
    /// What is typed on the keypad.
    #[schema(example = "0427")]
    short_code: String,
    /// Its type.
    ticket_type: Uuid,
    /// Its seat; null where people stand.
    #[schema(example = "Block A-3-12")]
    seat: Option<String>,
    /// The text of its QR code; null when its key was revoked since: reissue it.
    token: Option<String>,
}

/// The tickets among a command's events.
pub(super) fn tickets(events: &[ShowEvent], keys: &TicketKeys, show: ShowId) -> Vec<IssuedTicketAnswer> {
    issued(events).map(|event| ticket(event, keys, show)).collect()
}

/// The facts that tickets exist, among a command's events.
pub(super) fn issued(events: &[ShowEvent]) -> impl Iterator<Item = &TicketIssued> {
    events.iter().filter_map(|event| match event {
        ShowEvent::TicketIssued(event) => Some(event),
        _ => None,
    })
}

fn ticket(event: &TicketIssued, keys: &TicketKeys, show: ShowId) -> IssuedTicketAnswer {
    let token = DateTime::from_timestamp(event.iat, 0).and_then(|issued_at| {
        let claims = TicketClaims { ticket: event.ticket.0, show: show.0, issued_at, issue_number: event.issue };
        keys.sign(&claims, &event.kid)
            .inspect_err(|error| tracing::warn!(%error, ticket = %event.ticket, "a ticket has no token"))
            .ok()
    });
    IssuedTicketAnswer {
        id: event.ticket.0,
        short_code: event.short_code.to_string(),
        ticket_type: event.ticket_type.0,
        seat: seat(&event.places),
        token,
    }
}
