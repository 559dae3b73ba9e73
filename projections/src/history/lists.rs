//! Places, lines of orders, and lists of them.

use domain::{
    events::{Line, LineKind},
    ids::TicketTypeId,
    place::{Place, SectionName},
};

use super::telling::{Telling, say};

/// So many seats are named, of more how many there are.
const SEATS_NAMED_MAX: usize = 6;

impl Telling<'_> {
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
