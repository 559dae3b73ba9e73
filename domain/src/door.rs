//! The door of a show: its areas and gates, and the rules of admission that a seller sets. What happened there is in
//! `events::door`; who is in is `show::presence`.

use serde::{Deserialize, Serialize};

use crate::{ids::TicketTypeId, place::SectionName, text::DoorName};

/// Whether somebody who went out may come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reentry {
    /// Whoever went out stays out.
    Never,
    /// A return after an exit uses no entry.
    AfterExit,
    /// No exit is needed, and every admission uses an entry.
    Always,
}

/// Over what entries are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// The whole show.
    Show,
    /// Each day of the show's own calendar.
    Day,
}

/// Where a ticket admits to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// Its name, unique in the show.
    pub name: DoorName,
    /// The most people inside at once.
    #[serde(default)]
    pub limit: Option<u32>,
    /// Whether people may come back.
    #[serde(default = "after_exit")]
    pub reentry: Reentry,
    /// Over what entries are counted.
    #[serde(default = "per_show")]
    pub per: Per,
}

fn after_exit() -> Reentry {
    Reentry::AfterExit
}

fn per_show() -> Per {
    Per::Show
}

/// A door at which tickets are looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// Its name, unique in the show.
    pub name: DoorName,
    /// The area it leads to.
    pub area: DoorName,
    /// The sections it serves; none: all.
    #[serde(default)]
    pub sections: Option<Vec<SectionName>>,
    /// The ticket types it serves; none: all.
    #[serde(default)]
    pub ticket_types: Option<Vec<TicketTypeId>>,
}

/// What a short code does at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeRule {
    /// It admits.
    Admit,
    /// It shows the ticket; somebody looks and admits.
    Confirm,
    /// It is not taken.
    Off,
}

/// How much of the holder's name the door sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HolderRule {
    /// Nothing.
    None,
    /// Initials.
    Initials,
    /// The whole name.
    Full,
}

/// The rules of a show's door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoorRules {
    /// At least one.
    pub areas: Vec<Area>,
    /// May be empty: then a check-in names its area.
    pub gates: Vec<Gate>,
    /// How long before doors people are let in, in seconds.
    pub opens_before_seconds: u32,
    /// What a short code does.
    pub codes: CodeRule,
    /// How much of the name the door sees.
    pub holder: HolderRule,
}

impl Default for DoorRules {
    /// One area `main`, no gates, no early admission, codes admit, initials are shown.
    fn default() -> Self {
        Self {
            areas: vec![Area { name: main_area(), limit: None, reentry: Reentry::AfterExit, per: Per::Show }],
            gates: Vec::new(),
            opens_before_seconds: 0,
            codes: CodeRule::Admit,
            holder: HolderRule::Initials,
        }
    }
}

/// The area of a show that names none.
pub fn main_area() -> DoorName {
    DoorName::try_from("main").expect("`main` is a valid name")
}

impl DoorRules {
    /// The area of this name.
    pub fn area(&self, name: &DoorName) -> Option<&Area> {
        self.areas.iter().find(|area| &area.name == name)
    }

    /// The gate of this name.
    pub fn gate(&self, name: &DoorName) -> Option<&Gate> {
        self.gates.iter().find(|gate| &gate.name == name)
    }
}

/// Which way somebody goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Into an area.
    In,
    /// Out of it.
    Out,
}

/// Why somebody was refused at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalReason {
    /// No entries are left.
    AlreadyCheckedIn,
    /// On the way out: nobody of this ticket is inside.
    NotInside,
    /// No ticket has this code.
    UnknownCode,
    /// Not a token that this installation signed.
    BadSignature,
    /// A ticket for another show.
    WrongShow,
    /// The ticket does not admit to this area.
    WrongArea,
    /// Another gate serves this ticket.
    WrongGate,
    /// The ticket was voided.
    Void,
    /// The older code or token of a ticket that was issued anew.
    Replaced,
    /// Money is due on the order.
    Unpaid,
    /// Before the doors open.
    TooEarly,
    /// Before the ticket's validity.
    NotYetValid,
    /// After the ticket's validity.
    NoLongerValid,
    /// The area holds as many people as it may.
    AreaFull,
    /// The show does not take place.
    ShowCancelled,
}

impl RefusalReason {
    /// Whether somebody with the right may admit all the same. What is no ticket of this show never is one.
    pub fn overridable(self) -> bool {
        match self {
            Self::UnknownCode | Self::BadSignature | Self::WrongShow | Self::ShowCancelled => false,
            Self::AlreadyCheckedIn
            | Self::NotInside
            | Self::WrongArea
            | Self::WrongGate
            | Self::Void
            | Self::Replaced
            | Self::Unpaid
            | Self::TooEarly
            | Self::NotYetValid
            | Self::NoLongerValid
            | Self::AreaFull => true,
        }
    }
}
