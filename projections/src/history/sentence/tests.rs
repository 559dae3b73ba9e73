//! What is said of each event: the recorded shapes of `domain/tests/golden`, told in every language and to different readers.
//! `UPDATE_SENTENCES=1` writes `sentences.txt` anew.

use std::{collections::BTreeMap, fs, path::Path};

use domain::{OrganizationEvent, ShowEvent};

use super::*;
use crate::history::{
    Language,
    known::{KnownShow, KnownTicket},
};

const SHOW: Uuid = Uuid::from_u128(0x0199_a000_0000_7000_8000_0000_0000_0001);

/// The latest recorded shape of each type.
fn events() -> BTreeMap<String, (i32, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../domain/tests/golden");
    let mut events = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let Some((event_type, schema)) = name.split_once(".v") else { continue };
        let (event_type, schema) = (event_type.to_owned(), schema.parse().unwrap());
        let payload = fs::read_to_string(&path).unwrap();
        let known = events.entry(event_type).or_insert((schema, payload.clone()));
        if known.0 < schema {
            *known = (schema, payload);
        }
    }
    events
}

/// Everything that is mentioned, found.
fn found(mentioned: &Mentioned) -> Known {
    let show = KnownShow {
        name: "Hamlet".to_owned(),
        zone: "Europe/Berlin".to_owned().try_into().unwrap(),
        currency: "EUR".to_owned().try_into().unwrap(),
        ticket_types: [(Uuid::from_u128(0x0199_a000_0000_7000_8000_0000_0000_0003), "Adult".to_owned())].into(),
    };
    let ticket = KnownTicket { short_code: "00742".to_owned(), seat: Some("Block A-3-12".to_owned()) };
    let name = Uuid::from_u128(0xAA);
    Known {
        vault: mentioned.vault.iter().chain([&name]).map(|id| (*id, "Anna\nBerg".to_owned())).collect(),
        credentials: mentioned.credentials.iter().map(|id| (*id, name)).collect(),
        orders: mentioned.orders.iter().map(|id| (*id, "K7Q2M".to_owned())).collect(),
        tickets: mentioned.tickets.iter().map(|id| (*id, ticket.clone())).collect(),
        shows: mentioned.shows.iter().map(|id| (*id, show.clone())).collect(),
        ..Known::default()
    }
}

#[test]
fn every_event_is_told_as_agreed() {
    let mut told = String::new();
    let events = events();
    for event_type in ShowEvent::TYPES.iter().chain(OrganizationEvent::TYPES) {
        let (schema, payload) = &events[*event_type];
        let stream_type = if ShowEvent::TYPES.contains(event_type) { "show" } else { "organization" };
        let actor = "device:0199a000-0000-7000-8000-00000000000e";
        let event = Recorded { stream_type, stream: SHOW, event_type, schema: *schema, payload, actor };
        let manager = Reading { unmask: true, staff: true, names: true, ..Reading::default() };
        let known = found(&mentioned([event], manager));
        told.push_str(&format!("{event_type}\n"));
        for language in Language::ALL {
            let text = sentence(event, Reading { language, ..manager }, &known);
            told.push_str(&format!("  {}: {text}\n", language.code()));
        }
        let mut gone = found(&mentioned([event], manager));
        gone.vault.clear();
        told.push_str(&format!(
            "  erased: {}\n",
            sentence(event, Reading { language: Language::De, ..manager }, &gone)
        ));
        let auditor = Reading { staff: true, ..Reading::default() };
        let mut masked = found(&mentioned([event], auditor));
        masked.masked.insert((SHOW, "00742".to_owned()));
        told.push_str(&format!("  auditor: {}\n", sentence(event, auditor, &masked)));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/history/sentence/sentences.txt");
    if std::env::var_os("UPDATE_SENTENCES").is_some() {
        fs::write(&path, &told).unwrap();
    }
    assert_eq!(told, fs::read_to_string(&path).unwrap_or_default(), "UPDATE_SENTENCES=1 writes it anew");
}

#[test]
fn who_acted_is_told_in_words_and_a_text_that_says_nothing_is_no_panic() {
    let id = "0199a000-0000-7000-8000-00000000000e";
    let reading = Reading { staff: true, ..Reading::default() };
    let told = |actor: &str, payload: &str| {
        let event =
            Recorded { stream_type: "show", stream: SHOW, event_type: "SalesClosed", schema: 1, payload, actor };
        sentence(event, reading, &found(&mentioned([event], reading)))
    };
    assert_eq!(told(&format!("member:{id}"), "{}"), "Sales were closed (member Anna Berg)");
    assert_eq!(told("order", "{}"), "Sales were closed (the buyer)");
    assert_eq!(told("turnout", "{}"), "Sales were closed (the system)");
    assert_eq!(told("somebody else", "{}"), "Sales were closed (somebody else)");
    assert_eq!(told("turnout", "7"), "SalesClosed, which this version cannot read (the system)");
}
