//! The words that sentences are made of: tickets, orders, money, moments, in the reader's language; people are in
//! [`people`](super::people), places and lists in [`lists`](super::lists).

use std::{cell::RefCell, collections::BTreeSet};

use domain::{
    codes::ShortCode,
    events::PaymentMethod,
    ids::{OrderId, TicketId, TicketTypeId},
    money::Amount,
    place::Place,
    text::DoorName,
    ticket_type::Channel,
    time::{Time, Zone},
};
use fluent_bundle::{FluentArgs, FluentValue};
use uuid::Uuid;

use super::{
    MASK, Reading,
    known::{Known, KnownShow, KnownTicket, Mentioned},
    messages, words,
};

/// A message with its variables.
macro_rules! say {
    ($telling:expr, $id:expr $(, $name:ident: $value:expr)* $(,)?) => {
        $telling.message($id, Vec::<(&str, fluent_bundle::FluentValue<'_>)>::from([$((stringify!($name), ($value).into())),*]))
    };
}
pub(super) use say;

/// Tells events of one stream to one reader.
pub(super) struct Telling<'a> {
    /// Whose stream it is.
    pub stream: Uuid,
    /// What the reader may see.
    pub reading: Reading,
    pub source: Source<'a>,
}

/// Where what an event does not say itself comes from.
pub(super) enum Source<'a> {
    /// Nowhere yet: what is asked for is noted down, and nothing is said.
    Asked(&'a RefCell<Mentioned>),
    /// What was found of it.
    Known(&'a Known),
}

impl Telling<'_> {
    pub fn message(&self, id: &str, variables: Vec<(&str, FluentValue<'_>)>) -> String {
        match self.source {
            Source::Asked(_) => String::new(),
            Source::Known(_) => {
                messages::message(self.reading.language, id, &variables.into_iter().collect::<FluentArgs<'_>>())
            }
        }
    }

    /// What is known, to look a thing up in; while it is still being asked for, it is noted down among those of its kind.
    pub fn known(&self, kind: impl FnOnce(&mut Mentioned) -> &mut BTreeSet<Uuid>, id: Uuid) -> Option<&Known> {
        match self.source {
            Source::Asked(mentioned) => {
                kind(&mut mentioned.borrow_mut()).insert(id);
                None
            }
            Source::Known(known) => Some(known),
        }
    }

    /// A message of a family, such as `channel-web`.
    pub fn word(&self, family: &str, word: &str) -> String {
        let id = format!("{family}-{word}");
        if messages::has(&id) { say!(self, &id) } else { word.to_owned() }
    }

    fn of_show(&self) -> Option<&KnownShow> {
        let show = self.stream;
        self.known(|of| &mut of.shows, show)?.shows.get(&show)
    }

    /// The name of a show.
    pub fn show(&self, show: Uuid) -> String {
        let found = self.known(|of| &mut of.shows, show);
        found.and_then(|known| known.shows.get(&show)).map_or_else(|| show.to_string(), |show| show.name.clone())
    }

    pub fn ticket_type(&self, id: TicketTypeId) -> String {
        let name = self.of_show().and_then(|show| show.ticket_types.get(&id.0)).cloned();
        name.unwrap_or_else(|| id.0.to_string())
    }

    pub fn money(&self, amount: Amount) -> String {
        let Some(show) = self.of_show() else { return amount.0.to_string() };
        words::money(self.reading.language, amount, show.currency)
    }

    /// A moment on the show's clock.
    pub fn moment(&self, moment: Time) -> String {
        match self.of_show().map(|show| show.zone) {
            Some(zone) => self.clock(zone, moment),
            None => format!("{} UTC", self.clock(Zone::UTC, moment)),
        }
    }

    /// A moment on a clock.
    pub fn clock(&self, zone: Zone, moment: Time) -> String {
        moment.with_timezone(&zone.tz()).format(words::minute(self.reading.language)).to_string()
    }

    /// The reference of an order.
    pub fn order(&self, order: OrderId) -> String {
        let found = self.known(|of| &mut of.orders, order.0);
        found.and_then(|known| known.orders.get(&order.0)).cloned().unwrap_or_else(|| order.0.to_string())
    }

    fn kept_ticket(&self, ticket: TicketId) -> Option<&KnownTicket> {
        self.known(|of| &mut of.tickets, ticket.0)?.tickets.get(&ticket.0)
    }

    /// A ticket by what the read models say of it now.
    pub fn ticket(&self, ticket: TicketId) -> String {
        let seat = self.kept_ticket(ticket).and_then(|found| found.seat.clone());
        self.labelled(self.code_of(ticket), seat)
    }

    /// The code of a ticket as it is now.
    pub fn code_of(&self, ticket: TicketId) -> String {
        let code = self.kept_ticket(ticket).map(|found| found.short_code.clone());
        code.map_or_else(|| ticket.0.to_string(), |code| self.unless_masked(code))
    }

    /// The same with a code that its event says.
    pub fn ticket_with(&self, ticket: TicketId, code: &ShortCode) -> String {
        let seat = self.kept_ticket(ticket).and_then(|found| found.seat.clone());
        self.labelled(self.code(code), seat)
    }

    /// A ticket by what its event says of it.
    pub fn ticket_seen(&self, code: &ShortCode, places: &[Place]) -> String {
        self.labelled(self.code(code), places.iter().find_map(|place| place.seat.as_ref()).map(ToString::to_string))
    }

    /// A ticket's code, unless it still opens a door and is not for this reader.
    pub fn code(&self, code: &ShortCode) -> String {
        self.unless_masked(code.to_string())
    }

    fn unless_masked(&self, code: String) -> String {
        match self.source {
            Source::Known(known) if known.all_masked || known.masked.contains(&(self.stream, code.clone())) => {
                MASK.to_owned()
            }
            _ => code,
        }
    }

    fn labelled(&self, code: String, seat: Option<String>) -> String {
        match seat {
            Some(seat) => say!(self, "ticket", code: code, seat: seat),
            None => say!(self, "ticket-plain", code: code),
        }
    }

    pub fn channel(&self, channel: Channel) -> String {
        self.word("channel", channel.as_str())
    }

    /// The gate, else the area.
    pub fn place_at_door(&self, gate: Option<&DoorName>, area: &DoorName) -> String {
        match gate {
            Some(gate) => say!(self, "at-gate", gate: gate.as_str()),
            None => say!(self, "at-area", area: area.as_str()),
        }
    }

    pub fn method(&self, method: &PaymentMethod) -> String {
        let id = format!("method-{}", method.as_str());
        if messages::has(&id) {
            say!(self, &id)
        } else {
            say!(self, "method-other", method: method.as_str().replace('_', " "))
        }
    }

    /// What is still due, or owed.
    pub fn rest(&self, due: Amount) -> String {
        match due.0 {
            0 => say!(self, "rest-none"),
            1.. => say!(self, "rest-due", amount: self.money(due)),
            _ => say!(self, "rest-owed", amount: self.money(-due)),
        }
    }
}
