//! A ticket, without what only its holder gets (the token).

use domain::{Show, show::Ticket};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketView {
    /// Its id.
    pub id: Uuid,
    /// Its order.
    pub order: Uuid,
    /// What is typed on the keypad.
    pub short_code: String,
    /// Its type.
    pub ticket_type: Uuid,
    /// Its seat; null where people stand.
    pub seat: Option<String>,
    /// Its section; null in a show without a seating.
    pub section: Option<String>,
    /// `valid` or `void`.
    #[schema(example = "valid")]
    pub status: String,
    /// How many people it admits.
    pub persons: u32,
    /// The name of its holder; null where none was given, or it was erased.
    pub holder: Option<String>,
    /// Whether it was ever admitted (and that was not taken back).
    pub admitted: bool,
}

/// A ticket, its holder's name still to be joined.
#[must_use]
pub fn ticket_view(show: &Show, ticket: &Ticket) -> TicketView {
    TicketView {
        id: ticket.id.0,
        order: ticket.order.0,
        short_code: ticket.short_code.to_string(),
        ticket_type: ticket.ticket_type.0,
        seat: ticket.seat().map(ToString::to_string),
        section: ticket.places.iter().find_map(|place| place.section.as_ref()).map(ToString::to_string),
        status: if ticket.void { "void" } else { "valid" }.to_owned(),
        persons: ticket.persons,
        holder: None,
        admitted: show.presence.was_admitted(ticket.id),
    }
}
