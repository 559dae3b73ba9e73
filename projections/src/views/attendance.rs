//! The figures of the door. Counts are persons, except `issued` (valid tickets) and `refused` (looks at a ticket).

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::Show;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The figures of the door.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AttendanceView {
    /// Valid tickets.
    pub issued: u32,
    /// Persons admitted by ticket, returns not counted again.
    pub admitted: u32,
    /// Persons inside now, with and without tickets.
    pub inside: u32,
    /// Persons who went out and did not come back.
    pub departed: u32,
    /// Refusals.
    pub refused: u32,
    /// Admissions against the rules.
    pub overridden: u32,
    /// Persons without tickets who are in.
    pub counted: i64,
    /// By area: the door's areas, then others that something was recorded for.
    pub by_area: Vec<AreaAttendance>,
    /// By gate.
    pub by_gate: Vec<GateAttendance>,
    /// Persons admitted, by the minute in which they came.
    pub by_minute: Vec<MinuteAttendance>,
    /// By ticket type.
    pub by_ticket_type: Vec<TicketTypeAttendance>,
}

/// Figures of an area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AreaAttendance {
    /// The area.
    pub area: String,
    /// Persons admitted by ticket.
    pub admitted: u32,
    /// Persons inside now.
    pub inside: u32,
    /// Persons who went out.
    pub departed: u32,
    /// Refusals.
    pub refused: u32,
    /// The most people inside at once.
    pub limit: Option<u32>,
}

/// Figures of a gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GateAttendance {
    /// The gate.
    pub gate: String,
    /// Persons admitted by ticket.
    pub admitted: u32,
    /// Persons who went out.
    pub departed: u32,
    /// Refusals.
    pub refused: u32,
}

/// Figures of a minute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MinuteAttendance {
    /// Its beginning.
    pub minute: DateTime<Utc>,
    /// Persons admitted by ticket.
    pub admitted: u32,
}

/// Figures of a ticket type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketTypeAttendance {
    /// The ticket type.
    pub ticket_type: Uuid,
    /// Valid tickets.
    pub issued: u32,
    /// Persons admitted.
    pub admitted: u32,
}

/// The figures of a show's door.
#[must_use]
pub fn attendance_view(show: &Show) -> AttendanceView {
    let attendance = &show.attendance;
    let by_area = areas(show);
    AttendanceView {
        issued: attendance.issued,
        admitted: attendance.admitted,
        inside: by_area.iter().map(|area| area.inside).sum(),
        departed: attendance.departed,
        refused: attendance.refused,
        overridden: attendance.overridden,
        counted: attendance.counted,
        by_area,
        by_gate: attendance
            .by_gate
            .iter()
            .map(|(gate, figures)| GateAttendance {
                gate: gate.to_string(),
                admitted: figures.admitted,
                departed: figures.departed,
                refused: figures.refused,
            })
            .collect(),
        by_minute: attendance
            .by_minute
            .iter()
            .filter(|(_, admitted)| **admitted > 0)
            .filter_map(|(minute, admitted)| {
                DateTime::from_timestamp(*minute, 0).map(|minute| MinuteAttendance { minute, admitted: *admitted })
            })
            .collect(),
        by_ticket_type: attendance
            .by_ticket_type
            .iter()
            .map(|(id, figures)| TicketTypeAttendance {
                ticket_type: id.0,
                issued: figures.issued,
                admitted: figures.admitted,
            })
            .collect(),
    }
}

/// The areas of the door as it is set, then those of earlier settings that have figures.
fn areas(show: &Show) -> Vec<AreaAttendance> {
    let set: BTreeSet<_> = show.door.areas.iter().map(|area| &area.name).collect();
    let earlier = show.attendance.by_area.keys().filter(|name| !set.contains(name));
    show.door
        .areas
        .iter()
        .map(|area| &area.name)
        .chain(earlier)
        .map(|name| {
            let figures = show.attendance.by_area.get(name).copied().unwrap_or_default();
            AreaAttendance {
                area: name.to_string(),
                admitted: figures.admitted,
                inside: show.presence.inside(name),
                departed: figures.departed,
                refused: figures.refused,
                limit: show.door.area(name).and_then(|area| area.limit),
            }
        })
        .collect()
}
