//! The sentences of a show's events from its log alone, one after the other: for who has no read models and no vault at hand.
//!
//! What always holds: a sentence is the one of the history, as somebody reads it who may see no code, no name of a person, and nothing
//! that was typed. What an event only names by an id is known from the events before it, as it was then.

use std::collections::HashMap;

use domain::{ShowEvent, ids::TicketId, place::Place};
use uuid::Uuid;

use super::{
    Language, Reading,
    known::{Known, KnownShow, KnownTicket},
    sentence::sentence_of_show,
};

/// Tells a show's events in their order.
#[derive(Debug)]
pub struct Storyteller {
    reading: Reading,
    known: Known,
}

impl Storyteller {
    /// One who has heard nothing yet.
    #[must_use]
    pub fn new(language: Language) -> Self {
        let known = Known { all_masked: true, ..Known::default() };
        Self { reading: Reading { language, ..Reading::default() }, known }
    }

    /// The next event in a sentence. `show`: its stream; `actor`: who, as the log has it.
    pub fn tell(&mut self, show: Uuid, event: &ShowEvent, actor: &str) -> String {
        self.hear(show, event);
        sentence_of_show(show, event, actor, self.reading, &self.known)
    }

    /// The types that say what later ones only name.
    fn hear(&mut self, show: Uuid, event: &ShowEvent) {
        match event {
            ShowEvent::ShowScheduled(event) => {
                let known = KnownShow {
                    name: event.name.as_str().to_owned(),
                    zone: event.timezone,
                    currency: event.currency,
                    ticket_types: HashMap::new(),
                };
                self.known.shows.insert(show, known);
            }
            ShowEvent::ShowRevised(event) => {
                if let (Some(name), Some(known)) = (&event.name, self.known.shows.get_mut(&show)) {
                    name.as_str().clone_into(&mut known.name);
                }
            }
            ShowEvent::TicketTypeAdded(event) => {
                self.hear_type(show, event.ticket_type.0, event.terms.name.as_str());
            }
            ShowEvent::TicketTypeRevised(event) => {
                self.hear_type(show, event.ticket_type.0, event.terms.name.as_str());
            }
            ShowEvent::OrderPlaced(event) => {
                self.known.orders.insert(event.order.0, event.reference.as_str().to_owned());
            }
            ShowEvent::TicketIssued(event) => self.hear_ticket(event.ticket, event.places.first()),
            ShowEvent::TicketMoved(event) => self.hear_ticket(event.ticket, Some(&event.to)),
            _ => {}
        }
    }

    fn hear_type(&mut self, show: Uuid, ticket_type: Uuid, name: &str) {
        if let Some(known) = self.known.shows.get_mut(&show) {
            known.ticket_types.insert(ticket_type, name.to_owned());
        }
    }

    fn hear_ticket(&mut self, ticket: TicketId, place: Option<&Place>) {
        let seat = place.and_then(|place| place.seat.as_ref()).map(ToString::to_string);
        // The code is not told.
        self.known.tickets.insert(ticket.0, KnownTicket { short_code: String::new(), seat });
    }
}
