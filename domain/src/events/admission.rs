//! Events of the door. Each carries what its answer shows, so that a scan sent again is answered from the first.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{
    codes::ShortCode,
    door::{Direction, RefusalReason},
    ids::{CountId, DeviceId, PersonId, ScanId, TextId, TicketId, TicketTypeId},
    money::Amount,
    place::Place,
    text::{DoorName, Name},
    time::Time,
};

/// What was shown at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShownAs {
    /// A short code on the keypad.
    ShortCode,
    /// A QR code's token.
    Token,
    /// The ticket itself, picked from a list or confirmed.
    Ticket,
}

/// A ticket as the door saw it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeenTicket {
    /// The ticket.
    pub id: TicketId,
    /// Its code.
    pub short_code: ShortCode,
    /// Its type.
    pub ticket_type: TicketTypeId,
    /// Where.
    pub places: Vec<Place>,
    /// How many people it admits.
    pub persons: u32,
    /// Who holds it, in the vault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<PersonId>,
}

/// An earlier admission, told when somebody comes again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Previous {
    /// When.
    pub at: Time,
    /// At which gate.
    pub gate: Option<DoorName>,
    /// By which device.
    pub device: Option<DeviceId>,
}

/// What somebody decided: the device by itself, or the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// In, or out.
    Admitted,
    /// Refused, and why if that is known.
    Refused(Option<RefusalReason>),
}

/// A decision that a device made without the network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OfflineFact {
    /// What it decided.
    pub verdict: Verdict,
    /// How far its copy of the door list was: a log position.
    pub list_position: i64,
    /// Its own count of scans, which orders them.
    pub sequence: i64,
    /// What the server would have decided.
    pub server: Verdict,
}

/// What every look at a ticket has in common.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scan {
    /// Its id, made by the device.
    pub scan: ScanId,
    /// What was shown.
    pub shown: ShownAs,
    /// The area.
    pub area: DoorName,
    /// The gate.
    pub gate: Option<DoorName>,
    /// The device.
    pub device: Option<DeviceId>,
    /// When it was decided: for offline scans when they were made, by the device's clock, but never in the future.
    pub at: Time,
    /// The decision that the device made by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offline: Option<OfflineFact>,
}

/// Somebody went in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckedIn {
    /// The look at the ticket.
    pub scan: Scan,
    /// The ticket; none where a device without the network let somebody in on what is no ticket of the show.
    pub ticket: Option<SeenTicket>,
    /// How many people.
    pub persons: u32,
    /// How many of them came back after an exit, which uses no entry.
    pub returning: u32,
    /// The day that it counts for, where the area counts by day.
    pub day: Option<NaiveDate>,
    /// Why somebody admitted against the rules, in the vault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub override_reason: Option<TextId>,
    /// Which rule that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overridden: Option<RefusalReason>,
    /// Entries left to the ticket here; none: unlimited.
    pub entries_left: Option<u32>,
    /// People of the ticket who may still come in now.
    pub persons_left: u32,
}

/// Somebody went out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckedOut {
    /// The look at the ticket.
    pub scan: Scan,
    /// The ticket; none where a device without the network let somebody out on what is no ticket of the show.
    pub ticket: Option<SeenTicket>,
    /// How many people.
    pub persons: u32,
    /// The day that they came in on, where the area counts by day.
    pub day: Option<NaiveDate>,
    /// Why somebody let them out against the rules, in the vault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub override_reason: Option<TextId>,
    /// Which rule that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overridden: Option<RefusalReason>,
    /// Entries left to the ticket here; none: unlimited.
    pub entries_left: Option<u32>,
    /// People of the ticket who may still come in now.
    pub persons_left: u32,
}

/// Somebody was refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckInRefused {
    /// The look at the ticket.
    pub scan: Scan,
    /// Which way they wanted to go.
    pub direction: Direction,
    /// The ticket, where there is one.
    pub ticket: Option<SeenTicket>,
    /// How many people.
    pub persons: u32,
    /// Why; none where a device without the network did not say.
    pub reason: Option<RefusalReason>,
    /// The earlier admission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Previous>,
    /// What is due on the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Amount>,
    /// The name of the show that the ticket is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_show: Option<Name>,
    /// The moment that the reason is about: when doors open, when validity begins or ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moment: Option<Time>,
    /// Entries left to the ticket here; none: unlimited, or no ticket.
    #[serde(default)]
    pub entries_left: Option<u32>,
    /// People of the ticket who may still come in now.
    #[serde(default)]
    pub persons_left: Option<u32>,
}

/// A check-in or check-out was taken back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckInUndone {
    /// The scan that was taken back.
    pub scan: ScanId,
    /// Its ticket.
    pub ticket: Option<TicketId>,
    /// Its type.
    pub ticket_type: Option<TicketTypeId>,
    /// Which way they had gone.
    pub direction: Direction,
    /// The area.
    pub area: DoorName,
    /// The gate.
    pub gate: Option<DoorName>,
    /// How many people.
    pub persons: u32,
    /// How many of them had come back after an exit.
    pub returning: u32,
    /// The day that it counted for.
    pub day: Option<NaiveDate>,
    /// When the scan had been.
    pub scanned_at: Time,
    /// The device that took it back.
    pub device: Option<DeviceId>,
    /// Why, in the vault.
    pub reason: Option<TextId>,
}

/// A device decided otherwise than the server would have, or said two things of one scan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AdmissionConflictFound {
    /// The scan.
    pub scan: ScanId,
    /// The ticket, where there is one.
    pub ticket: Option<TicketId>,
    /// The area.
    pub area: DoorName,
    /// When the scan was made.
    pub at: Time,
    /// The device.
    pub device: Option<DeviceId>,
    /// What the device decided.
    pub device_said: Verdict,
    /// What the server decided.
    pub server_said: Verdict,
}

/// People without tickets were counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PersonsCounted {
    /// The count.
    pub count: CountId,
    /// The area.
    pub area: DoorName,
    /// Which way they went.
    pub direction: Direction,
    /// How many.
    pub persons: u32,
    /// When.
    pub at: Time,
    /// The device.
    pub device: Option<DeviceId>,
    /// Why, in the vault.
    pub reason: Option<TextId>,
}
