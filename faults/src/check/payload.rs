//! The parts of payloads that the check reads: who takes what, who goes where. Everything else is passed over.

use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::journal::Fact;

/// A seat, or room for some persons in a standing section.
#[derive(Debug, Clone, Deserialize)]
pub struct Place {
    pub section: Option<String>,
    pub seat: Option<String>,
    #[serde(default = "one")]
    pub persons: i64,
}

fn one() -> i64 {
    1
}

/// What one ticket takes or will take: a hold's item or an order's line (which may be no ticket: then without a type).
#[derive(Debug, Clone, Deserialize)]
pub struct Taking {
    #[serde(default)]
    pub ticket_type: Option<Uuid>,
    #[serde(default)]
    pub places: Vec<Place>,
    #[serde(default)]
    pub persons: i64,
    #[serde(default)]
    pub block: Option<Uuid>,
}

#[derive(Debug, Deserialize)]
pub struct Seating {
    pub sections: Vec<Section>,
}

#[derive(Debug, Deserialize)]
pub struct Section {
    pub name: String,
    #[serde(default)]
    pub rows: Option<Vec<SeatRow>>,
    #[serde(default)]
    pub capacity: Option<i64>,
}

#[derive(Debug, Deserialize)]
pub struct SeatRow {
    pub label: String,
    pub seats: Vec<Option<Seat>>,
}

#[derive(Debug, Deserialize)]
pub struct Seat {
    pub seat: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Terms {
    pub pools: Vec<Uuid>,
    pub capacity: Option<i64>,
    pub persons: i64,
    /// A number, or `"unlimited"`.
    pub entries: Value,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Area {
    pub name: String,
    #[serde(default)]
    pub limit: Option<i64>,
    pub reentry: String,
}

#[derive(Debug, Deserialize)]
pub struct Scan {
    pub scan: Uuid,
    pub area: String,
    #[serde(default)]
    pub offline: Option<Offline>,
}

#[derive(Debug, Deserialize)]
pub struct Offline {
    /// `"admitted"`, or an object that tells of a refusal.
    pub server: Value,
}

#[derive(Debug, Deserialize)]
pub struct Seen {
    pub id: Uuid,
    pub ticket_type: Uuid,
}

/// `CheckedIn` and `CheckedOut`.
#[derive(Debug, Deserialize)]
pub struct Passage {
    pub scan: Scan,
    pub ticket: Option<Seen>,
    pub persons: i64,
    #[serde(default)]
    pub returning: i64,
    #[serde(default)]
    pub day: Option<String>,
    #[serde(default)]
    pub overridden: Option<String>,
}

/// `CheckInUndone`.
#[derive(Debug, Deserialize)]
pub struct Undone {
    pub ticket: Option<Uuid>,
    pub direction: String,
    pub area: String,
    pub persons: i64,
    #[serde(default)]
    pub returning: i64,
    #[serde(default)]
    pub day: Option<String>,
}

/// Which field of an event's payload names what it is about; `None` for the stream itself.
const ABOUT: &[(&str, Option<&str>)] = &[
    ("ShowScheduled", None),
    ("SeatingAdopted", None),
    ("DoorSet", None),
    ("ShowPublished", None),
    ("PoolAdded", Some("/pool")),
    ("TicketTypeAdded", Some("/ticket_type")),
    ("HoldPlaced", Some("/hold")),
    ("HoldReleased", Some("/hold")),
    ("HoldExpired", Some("/hold")),
    ("OrderPlaced", Some("/order")),
    ("OrderCancelled", Some("/order")),
    ("OrderExpired", Some("/order")),
    ("PaymentRecorded", Some("/payment")),
    ("RefundRecorded", Some("/refund")),
    ("TicketIssued", Some("/ticket")),
    ("TicketVoided", Some("/ticket")),
    ("CheckedIn", Some("/scan/scan")),
    ("CheckedOut", Some("/scan/scan")),
    ("CheckInRefused", Some("/scan/scan")),
    ("CheckInUndone", Some("/scan")),
    ("AdmissionConflictFound", Some("/scan")),
    ("PersonsCounted", Some("/count")),
];

/// The fact that an event of this type is; `None` for types that the load does not make.
pub fn fact(kind: &str, stream: Uuid, payload: &Value) -> Option<Fact> {
    let (name, field) = ABOUT.iter().find(|(name, _)| *name == kind)?;
    let id = match field {
        None => stream,
        Some(field) => payload.pointer(field)?.as_str()?.parse().ok()?,
    };
    Some((name, id))
}

/// The vault entries that an event names: what its request typed.
pub fn typed(payload: &Value) -> impl Iterator<Item = Uuid> {
    ["customer", "reference", "reason", "override_reason"]
        .into_iter()
        .filter_map(|field| payload.get(field)?.as_str()?.parse().ok())
}
