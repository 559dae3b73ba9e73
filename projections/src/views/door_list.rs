//! A ticket as a door device needs it to decide alone: its code and issue, where it admits to, what is left of it.
//!
//! Areas that count by day begin every day afresh: for them `entries_left` and `persons_left` are those of a day without any
//! use, and `days` holds the days on which the ticket was used. A change of the door's rules or of a ticket type's terms
//! renders the entries of all tickets concerned again.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    Show,
    door::{Area, Per},
    events::Terms,
    money::Amount,
    show::Ticket,
    ticket_type::Entries,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{AreaView, GateView, Money, ShowView, TicketTypeView, ValidityView};

/// What a door device needs to decide alone: everything, or what changed since a position.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DoorListView {
    /// How far it goes: ask for changes after this one.
    pub position: i64,
    /// Whether it is the whole list; else entries replace those of the same id.
    pub whole: bool,
    /// The show and the rules of its door.
    pub show: DoorListShow,
    /// What tickets are called.
    pub ticket_types: Vec<DoorTicketType>,
    /// All areas.
    pub areas: Vec<AreaView>,
    /// All gates.
    pub gates: Vec<GateView>,
    /// All tickets (void ones too), or those that changed.
    pub tickets: Vec<DoorListTicket>,
    /// Public keys that tokens are verified with, as JWK.
    #[schema(value_type = Vec<Object>)]
    pub keys: Vec<serde_json::Value>,
}

/// A show as its door needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DoorListShow {
    /// Its id, which tokens name as `aud`.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// `draft`, `published`, `paused`, `closed` or `cancelled`.
    pub status: String,
    /// IANA time zone, in which its days begin.
    pub timezone: String,
    /// When people are let in; null: nobody is too early.
    pub doors_at: Option<DateTime<Utc>>,
    /// When it starts.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: Option<DateTime<Utc>>,
    /// How long before doors people are let in.
    pub opens_before_seconds: u32,
    /// How many digits its short codes have.
    pub code_length: Option<u8>,
    /// What a short code does: `admit`, `confirm` or `off`.
    pub codes: String,
    /// How much of the holder's name the door sees: `none`, `initials` or `full`.
    pub holder: String,
}

/// What a ticket is called at the door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DoorTicketType {
    /// The ticket type.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}

impl DoorListView {
    /// The list of a show, from its view.
    #[must_use]
    pub fn new(position: i64, whole: bool, show: ShowView, tickets: Vec<DoorListTicket>) -> Self {
        let ticket_type = |of: TicketTypeView| DoorTicketType { id: of.id, name: of.name };
        Self {
            position,
            whole,
            show: DoorListShow {
                id: show.id,
                name: show.name,
                status: show.status,
                timezone: show.timezone,
                doors_at: show.doors_at,
                starts_at: show.starts_at,
                ends_at: show.ends_at,
                opens_before_seconds: show.opens_before_seconds,
                code_length: show.code_length,
                codes: show.codes,
                holder: show.holder,
            },
            ticket_types: show.ticket_types.into_iter().map(ticket_type).collect(),
            areas: show.areas,
            gates: show.gates,
            tickets,
            keys: Vec::new(),
        }
    }
}

/// As much of a holder's name as the door's rule (`none`, `initials`, `full`) shows.
#[must_use]
pub fn holder_shown(rule: &str, name: &str) -> Option<String> {
    match rule {
        "full" => Some(name.to_owned()),
        "initials" => {
            let initials = name.split_whitespace().filter_map(|word| word.chars().next());
            Some(initials.map(|initial| format!("{initial}.")).collect::<Vec<_>>().join(" "))
        }
        _ => None,
    }
}

/// A ticket of the door list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DoorListTicket {
    /// Its id.
    pub id: Uuid,
    /// Its code.
    pub short_code: String,
    /// Its type.
    pub ticket_type: Uuid,
    /// Its seat; null where people stand.
    pub seat: Option<String>,
    /// Its section; null in a show without a seating.
    pub section: Option<String>,
    /// Its holder, as much of the name as the door's `holder` says; null where none is known or shown.
    pub holder: Option<String>,
    /// `valid` or `void`.
    #[schema(example = "valid")]
    pub state: String,
    /// The issue that counts: a token with a lower `n` is replaced.
    pub issue: u32,
    /// How many people it admits.
    pub persons: u32,
    /// Whether money is due that must come first.
    pub unpaid: bool,
    /// What is due on its order where it is unpaid.
    pub due: Option<Money>,
    /// Whole entries left to the first of its areas; null: unlimited.
    pub entries_left: Option<u32>,
    /// People who may still come into the first of its areas now.
    pub persons_left: u32,
    /// Where it admits to, and what is left there.
    pub areas: Vec<DoorUse>,
    /// When it admits.
    pub valid: ValidityView,
}

/// What is left of a ticket in an area, on a day where the area counts by day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DoorUse {
    /// The area.
    pub area: String,
    /// The day of the show's calendar; null where the area counts over the whole show, and for any day without an entry of
    /// its own.
    pub day: Option<NaiveDate>,
    /// Whole entries left; null: unlimited.
    pub entries_left: Option<u32>,
    /// People who may still come in.
    pub persons_left: u32,
    /// People inside.
    pub inside: u32,
    /// People who went out and did not come back.
    pub out: u32,
}

/// A ticket of the door list, its holder's name still to be joined.
#[must_use]
pub fn door_list_ticket(show: &Show, ticket: &Ticket) -> DoorListTicket {
    let ticket_type = show.ticket_type(ticket.ticket_type);
    let entries = ticket_type.map_or(Entries::Times(1), |ticket_type| ticket_type.terms.entries);
    let areas: Vec<DoorUse> = show
        .door
        .areas
        .iter()
        .filter(|area| ticket_type.is_none_or(|ticket_type| show.admits_to(ticket_type, area)))
        .flat_map(|area| uses(show, ticket, entries, area))
        .collect();
    let due = unpaid(show, ticket);
    DoorListTicket {
        id: ticket.id.0,
        short_code: ticket.short_code.to_string(),
        ticket_type: ticket.ticket_type.0,
        seat: ticket.seat().map(ToString::to_string),
        section: ticket.places.iter().find_map(|place| place.section.as_ref()).map(ToString::to_string),
        holder: None,
        state: if ticket.void { "void" } else { "valid" }.to_owned(),
        issue: ticket.issue,
        persons: ticket.persons,
        unpaid: due.is_some(),
        due: due.map(|due| Money::new(due, show.currency)),
        entries_left: areas.first().map_or(Some(0), |first| first.entries_left),
        persons_left: areas.first().map_or(0, |first| first.persons_left),
        areas,
        valid: ticket_type.map(|ticket_type| ticket_type.terms.valid).unwrap_or_default().into(),
    }
}

/// The use of an area: over the show, or of a fresh day and of each day with a use.
fn uses(show: &Show, ticket: &Ticket, entries: Entries, area: &Area) -> Vec<DoorUse> {
    let mut days = vec![None];
    if area.per == Per::Day {
        let stays = show.presence.stays(ticket.id);
        let mut used: Vec<_> = stays.iter().filter(|stay| stay.area == area.name).filter_map(|stay| stay.day).collect();
        used.sort_unstable();
        days.extend(used.into_iter().map(Some));
    }
    days.into_iter()
        .map(|day| {
            let room = show.presence.room(ticket.id, ticket.persons, entries, area, day);
            let stay = show.presence.stay(ticket.id, &area.name, day);
            DoorUse {
                area: area.name.to_string(),
                day,
                entries_left: room.entries,
                persons_left: room.persons,
                inside: stay.map_or(0, |stay| stay.inside),
                out: stay.map_or(0, |stay| stay.out),
            }
        })
        .collect()
}

/// What is due on the ticket's order, if the door must refuse for it. On account, the door admits all the same.
fn unpaid(show: &Show, ticket: &Ticket) -> Option<Amount> {
    let order = show.order(ticket.order)?;
    let due = order.due();
    (order.terms != Terms::OnAccount && due.0 > 0).then_some(due)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_door_sees_as_much_of_a_name_as_it_may() {
        assert_eq!(holder_shown("full", "Änne van Dyk").as_deref(), Some("Änne van Dyk"));
        assert_eq!(holder_shown("initials", "Änne van Dyk").as_deref(), Some("Ä. v. D."));
        assert_eq!(holder_shown("none", "Änne van Dyk"), None);
    }
}
