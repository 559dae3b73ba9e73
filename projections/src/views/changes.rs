//! Which seats are not free, and what changed since a position: the one shape of long poll, stream and socket.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AttendanceView, AvailabilityView, SeatState};

/// Every seat that is not free.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SeatsView {
    /// By address.
    #[schema(example = json!({"Block A-3-12": "sold"}))]
    pub seats: BTreeMap<String, SeatState>,
    /// Those among them that the asking hold or order has.
    pub mine: Vec<String>,
}

/// What changed since a position.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChangesView {
    /// How far it goes: ask for changes after this one.
    pub position: i64,
    /// Whether the seating itself is another: load it anew. `seats` are then all that are not free.
    pub reset: bool,
    /// Seats that changed, by address: `held`, `sold` or `blocked` for staff, `taken` for the public; null: free.
    // The map's value is spelled out: utoipa 6 cannot derive a map of a nullable enum.
    #[schema(value_type = BTreeMap<String, Option<String>>)]
    pub seats: BTreeMap<String, Option<SeatState>>,
    /// The availability as a whole, if it changed.
    pub availability: Option<AvailabilityView>,
    /// The attendance as a whole, if it changed. Staff only.
    pub attendance: Option<AttendanceView>,
}

impl ChangesView {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.reset && self.seats.is_empty() && self.availability.is_none() && self.attendance.is_none()
    }

    /// What the public is told of it, with the availability as they are told it.
    #[must_use]
    pub fn public(mut self, availability: Option<AvailabilityView>) -> Self {
        for state in self.seats.values_mut().flatten() {
            *state = SeatState::Taken;
        }
        self.availability = availability;
        self.attendance = None;
        self
    }
}
