//! The words that sentences are made of: places, tickets, people, money, moments, in the reader's language.

use std::{cell::RefCell, collections::BTreeSet};

use domain::{
    codes::ShortCode,
    events::{Line, LineKind, PaymentMethod},
    ids::{OrderId, PersonId, TextId, TicketId, TicketTypeId},
    money::Amount,
    place::{Place, SectionName},
    text::DoorName,
    ticket_type::Channel,
    time::{Time, Zone},
};
use fluent_bundle::{FluentArgs, FluentValue};
use uuid::Uuid;

use super::{
    Language, MASK, Reading,
    known::{Known, KnownShow, KnownTicket, Mentioned},
    messages,
};

/// So many seats are named, of more how many there are.
const SEATS_NAMED_MAX: usize = 6;

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
    fn known(&self, kind: impl FnOnce(&mut Mentioned) -> &mut BTreeSet<Uuid>, id: Uuid) -> Option<&Known> {
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

    fn entry(&self, id: Uuid) -> String {
        let found = self.known(|of| &mut of.vault, id).map(|known| known.vault.get(&id));
        // A text may have lines; a sentence has one.
        let one_line = |text: &String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        found.flatten().map_or_else(|| say!(self, "erased"), one_line)
    }

    /// The name of somebody.
    pub fn person(&self, person: PersonId) -> String {
        if self.reading.names { self.entry(person.0) } else { say!(self, "somebody") }
    }

    /// What somebody typed, as a message of its own; nothing where nothing was typed, or the reader may not see it.
    pub fn typed(&self, id: &str, text: Option<TextId>) -> String {
        let text = text.filter(|_| self.reading.names).map(|text| self.entry(text.0));
        text.map_or_else(String::new, |text| say!(self, id, text: text))
    }

    /// Why, in somebody's words.
    pub fn reason(&self, text: Option<TextId>) -> String {
        self.typed("reason", text)
    }

    /// Who works here.
    pub fn member(&self, member: Uuid) -> String {
        if !self.reading.staff {
            return say!(self, "actor-staff");
        }
        say!(self, "member", name: self.member_name(member))
    }

    fn member_name(&self, member: Uuid) -> String {
        self.known(|of| &mut of.members, member);
        self.entry(member)
    }

    /// What a key or a device is called, by the entry of the vault that its event names.
    pub fn named(&self, name: TextId) -> String {
        if self.reading.staff { self.entry(name.0) } else { say!(self, "somebody") }
    }

    /// What a key or a device is called.
    pub fn credential(&self, credential: Uuid) -> String {
        if !self.reading.staff {
            return say!(self, "somebody");
        }
        let found = self.known(|of| &mut of.credentials, credential);
        let name = found.and_then(|known| known.credentials.get(&credential));
        name.map_or_else(|| say!(self, "erased"), |name| self.entry(*name))
    }

    /// Who acted, in words.
    pub fn actor(&self, actor: &str) -> String {
        let (kind, id) = actor.split_once(':').unwrap_or((actor, ""));
        match (kind, id.parse::<Uuid>()) {
            ("member" | "key" | "device", _) if !self.reading.staff => say!(self, "actor-staff"),
            ("member", Ok(id)) => say!(self, "actor-member", name: self.member_name(id)),
            ("key", Ok(id)) => say!(self, "actor-key", name: self.credential(id)),
            ("device", Ok(id)) => say!(self, "actor-device", name: self.credential(id)),
            ("anonymous" | "hold" | "order", _) => say!(self, "actor-buyer"),
            ("admin", _) => say!(self, "actor-admin"),
            ("turnout", _) => say!(self, "actor-system"),
            ("demo", _) => say!(self, "actor-demo"),
            _ => say!(self, "actor-other", name: actor),
        }
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
        let decimal = amount.decimal(show.currency);
        let decimal = match self.reading.language {
            Language::En => decimal,
            Language::De => decimal.replace('.', ","),
        };
        format!("{decimal} {}", show.currency.as_str())
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
        let form = match self.reading.language {
            Language::En => "%Y-%m-%d %H:%M",
            Language::De => "%d.%m.%Y %H:%M",
        };
        moment.with_timezone(&zone.tz()).format(form).to_string()
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
            Source::Known(known) if known.masked.contains(&(self.stream, code.clone())) => MASK.to_owned(),
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

    /// Places, and how many they are to the grammar.
    pub fn places<'p>(&self, places: impl IntoIterator<Item = &'p Place>) -> (String, u32) {
        let (mut seats, mut rooms): (Vec<String>, Vec<(Option<&str>, u32)>) = (Vec::new(), Vec::new());
        let mut count = 0_u32;
        for place in places {
            count = count.saturating_add(place.persons);
            let section = place.section.as_ref().map(SectionName::as_str);
            match &place.seat {
                Some(seat) => seats.push(seat.to_string()),
                None => match rooms.iter_mut().find(|(known, _)| *known == section) {
                    Some((_, persons)) => *persons = persons.saturating_add(place.persons),
                    None => rooms.push((section, place.persons)),
                },
            }
        }
        let mut parts = Vec::new();
        match seats.as_slice() {
            [] => {}
            [seat] => parts.push(say!(self, "seat", seat: seat.as_str())),
            _ => parts.push(say!(self, "seats", seats: self.some_of(seats))),
        }
        parts.extend(rooms.into_iter().map(|(section, persons)| match section {
            Some(section) => say!(self, "standing", persons: persons, section: section),
            None => say!(self, "anywhere", persons: persons),
        }));
        (self.list(parts, "nowhere"), count)
    }

    /// A list with its last part behind an "and"; `none` where there is nothing.
    pub fn list(&self, mut parts: Vec<String>, none: &str) -> String {
        match parts.pop() {
            None => say!(self, none),
            Some(only) if parts.is_empty() => only,
            Some(last) => say!(self, "list-and", list: parts.join(", "), last: last),
        }
    }

    fn some_of(&self, mut parts: Vec<String>) -> String {
        if parts.len() <= SEATS_NAMED_MAX {
            return self.list(parts, "none");
        }
        let count = parts.len() - SEATS_NAMED_MAX;
        parts.truncate(SEATS_NAMED_MAX);
        say!(self, "list-more", list: parts.join(", "), count: count)
    }

    /// What an order is of.
    pub fn lines(&self, lines: &[Line]) -> String {
        let mut tickets: Vec<(TicketTypeId, u32)> = Vec::new();
        let mut others = Vec::new();
        for line in lines {
            let kind = match (line.kind, line.ticket_type) {
                (LineKind::Ticket, Some(ticket_type)) => {
                    match tickets.iter_mut().find(|(known, _)| *known == ticket_type) {
                        Some((_, count)) => *count += 1,
                        None => tickets.push((ticket_type, 1)),
                    }
                    continue;
                }
                (LineKind::Fee, _) => "line-fee",
                (LineKind::Discount, _) => "line-discount",
                (LineKind::Donation, _) => "line-donation",
                (LineKind::Ticket | LineKind::Product, _) => "line-product",
            };
            others.push(say!(self, kind, amount: self.money(line.amount)));
        }
        let mut parts: Vec<String> = tickets
            .into_iter()
            .map(|(id, count)| say!(self, "line", count: count, ticket_type: self.ticket_type(id)))
            .collect();
        parts.append(&mut others);
        self.list(parts, "none")
    }
}
