//! One show, folded from its events: its places and its door.

use std::collections::HashSet;

use anyhow::{Context as _, Result};
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use super::door::Door;
use super::payload::{Place, Taking};
use super::places::{Hand, Places};
use super::wrong::{Kind, Wrongs};

/// What the check knows of a show at a position.
#[derive(Debug, Default)]
pub struct Show {
    pub places: Places,
    pub door: Door,
    codes: HashSet<String>,
    /// Position of its last event.
    pub position: i64,
}

impl Show {
    /// Takes one event.
    pub fn take(&mut self, position: i64, kind: &str, payload: &Value, wrongs: &mut Wrongs) -> Result<()> {
        self.position = position;
        let mut sold = Vec::new();
        let mut admitted = None;
        match kind {
            "SeatingAdopted" => self.places.adopted(payload)?,
            "PoolAdded" | "PoolRevised" => {
                self.places.pool(read(payload, "pool")?, read(payload, "capacity")?);
            }
            "TicketTypeAdded" | "TicketTypeRevised" => {
                self.places.terms(read(payload, "ticket_type")?, read(payload, "terms")?);
            }
            "PlacesBlocked" => {
                let to = Hand::Blocked(read(payload, "block")?);
                sold.extend(self.each_place(payload, Hand::Free, to)?);
            }
            "BlockReleased" => {
                let from = Hand::Blocked(read(payload, "block")?);
                sold.extend(self.each_place(payload, from, Hand::Free)?);
            }
            "HoldPlaced" => sold.extend(self.each(payload, "items", Hand::Free, held(payload)?)?),
            "HoldChanged" => {
                sold.extend(self.each(payload, "added", Hand::Free, held(payload)?)?);
                sold.extend(self.each(payload, "removed", held(payload)?, Hand::Free)?);
            }
            "HoldReleased" | "HoldExpired" => sold.extend(self.each(payload, "items", held(payload)?, Hand::Free)?),
            "OrderPlaced" => {
                let hold: Option<Uuid> = read(payload, "hold")?;
                let from = hold.map_or(Hand::Free, Hand::Held);
                sold.extend(self.each(payload, "lines", from, ordered(payload)?)?);
            }
            "OrderCancelled" | "OrderExpired" => {
                sold.extend(self.each(payload, "lines", ordered(payload)?, Hand::Free)?);
            }
            "TicketIssued" => {
                let (ticket, taking): (Uuid, Taking) = (read(payload, "ticket")?, whole(payload)?);
                sold.extend(self.places.pass(&taking, ordered(payload)?, Hand::Sold(ticket)));
                self.door.issued(ticket, taking.persons);
                self.code(payload, wrongs)?;
            }
            "TicketReissued" => self.code(payload, wrongs)?,
            "TicketVoided" => {
                let (ticket, taking): (Uuid, Taking) = (read(payload, "ticket")?, whole(payload)?);
                sold.extend(self.places.pass(&taking, Hand::Sold(ticket), Hand::Free));
                self.door.voided(ticket, read(payload, "holder_has_left")?);
            }
            "TicketMoved" => {
                let hand = Hand::Sold(read(payload, "ticket")?);
                let (from, to): (Place, Place) = (read(payload, "from")?, read(payload, "to")?);
                sold.extend(self.places.place(&from, hand, Hand::Free));
                sold.extend(self.places.place(&to, Hand::Free, hand));
            }
            "DoorSet" => self.door.set(read(payload, "areas")?),
            "CheckedIn" => {
                let event: super::payload::Passage = whole(payload)?;
                let kind = event.ticket.as_ref().and_then(|ticket| self.places.types.get(&ticket.ticket_type));
                admitted = self.door.checked_in(&event, kind.map(|kind| &kind.terms));
            }
            "CheckedOut" => self.door.checked_out(&whole(payload)?),
            "CheckInRefused" => self.door.refused(),
            "CheckInUndone" => self.door.undone(&whole(payload)?),
            "PersonsCounted" => {
                let (area, direction): (String, String) = (read(payload, "area")?, read(payload, "direction")?);
                self.door.counted(&area, &direction, read(payload, "persons")?);
            }
            _ => {}
        }
        for what in sold {
            wrongs.found(Kind::Oversold, format!("position {position}, {kind}: {what}"));
        }
        if let Some(what) = admitted {
            wrongs.found(Kind::AdmittedTooOften, format!("position {position}: {what}"));
        }
        Ok(())
    }

    fn each(&mut self, payload: &Value, list: &str, from: Hand, to: Hand) -> Result<Vec<String>> {
        let takings: Option<Vec<Taking>> = read(payload, list)?;
        Ok(takings.unwrap_or_default().iter().flat_map(|taking| self.places.pass(taking, from, to)).collect())
    }

    fn each_place(&mut self, payload: &Value, from: Hand, to: Hand) -> Result<Vec<String>> {
        let places: Vec<Place> = read(payload, "places")?;
        Ok(places.iter().filter_map(|place| self.places.place(place, from, to)).collect())
    }

    fn code(&mut self, payload: &Value, wrongs: &mut Wrongs) -> Result<()> {
        let code = payload.get("short_code").context("a short code")?.to_string();
        if !self.codes.insert(code.clone()) {
            wrongs.found(Kind::Doubled, format!("position {}: short code {code} is two tickets'", self.position));
        }
        Ok(())
    }
}

fn held(payload: &Value) -> Result<Hand> {
    Ok(Hand::Held(read(payload, "hold")?))
}

fn ordered(payload: &Value) -> Result<Hand> {
    Ok(Hand::Ordered(read(payload, "order")?))
}

fn read<T: DeserializeOwned>(payload: &Value, field: &str) -> Result<T> {
    let value = payload.get(field).cloned().unwrap_or(Value::Null);
    serde_json::from_value(value).with_context(|| format!("`{field}` of {payload}"))
}

fn whole<T: DeserializeOwned>(payload: &Value) -> Result<T> {
    serde_json::from_value(payload.clone()).with_context(|| format!("{payload}"))
}
