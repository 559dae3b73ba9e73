//! Who has a seat, as far as others may know: its state, and the ids by which somebody recognizes their own.

use domain::{Show, place::SeatAddress, show::Claim};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// How a seat that is not free stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeatState {
    /// In an open hold or an unpaid order. Staff only.
    Held,
    /// With a ticket. Staff only.
    Sold,
    /// Out of sale. Staff only.
    Blocked,
    /// One of these; all that the public is told.
    Taken,
}

impl SeatState {
    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Sold => "sold",
            Self::Blocked => "blocked",
            Self::Taken => "taken",
        }
    }

    /// From what a row holds.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "held" => Some(Self::Held),
            "sold" => Some(Self::Sold),
            "blocked" => Some(Self::Blocked),
            _ => None,
        }
    }
}

/// A seat's row. All null: the seat is free (or is no more).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SeatClaim {
    /// How it stands.
    pub state: Option<SeatState>,
    /// The hold that keeps it.
    pub hold: Option<Uuid>,
    /// The order that keeps it or bought it.
    pub order: Option<Uuid>,
    /// Its ticket.
    pub ticket: Option<Uuid>,
}

/// Who has a seat.
#[must_use]
pub fn seat_claim(show: &Show, address: &SeatAddress) -> SeatClaim {
    let Some((_, seat)) = show.places.seat(address) else { return SeatClaim::default() };
    match seat.claim {
        Claim::Free => SeatClaim::default(),
        Claim::Blocked(_) => SeatClaim { state: Some(SeatState::Blocked), ..SeatClaim::default() },
        Claim::Held(hold) => SeatClaim { state: Some(SeatState::Held), hold: Some(hold.0), ..SeatClaim::default() },
        Claim::Ordered(order) => {
            SeatClaim { state: Some(SeatState::Held), order: Some(order.0), ..SeatClaim::default() }
        }
        Claim::Sold(ticket) => SeatClaim {
            state: Some(SeatState::Sold),
            hold: None,
            order: show.ticket(ticket).map(|ticket| ticket.order.0),
            ticket: Some(ticket.0),
        },
    }
}
