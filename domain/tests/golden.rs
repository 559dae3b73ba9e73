//! The recorded shapes of events: what a released version wrote, every later one reads. A file here is never changed and
//! never removed; a new shape is a new file with the next schema number, and says the same as the older files of its type.

mod common;

use std::collections::BTreeSet;

use common::files;
use domain::{OrganizationEvent, OrganizationState, ShowEvent, ShowState, events::DecodeError};
use serde_json::Value;

/// A fact of either kind of stream.
#[derive(Debug, Clone, PartialEq)]
enum Event {
    Show(ShowEvent),
    Organization(OrganizationEvent),
}

impl Event {
    fn decode(event_type: &str, schema: i32, payload: &str) -> Result<Self, DecodeError> {
        if OrganizationEvent::TYPES.contains(&event_type) {
            OrganizationEvent::decode(event_type, schema, payload).map(Self::Organization)
        } else {
            ShowEvent::decode(event_type, schema, payload).map(Self::Show)
        }
    }

    fn event_type(&self) -> &'static str {
        match self {
            Self::Show(event) => event.event_type(),
            Self::Organization(event) => event.event_type(),
        }
    }

    fn schema(&self) -> i32 {
        match self {
            Self::Show(event) => event.schema(),
            Self::Organization(event) => event.schema(),
        }
    }

    fn payload(&self) -> String {
        match self {
            Self::Show(event) => event.payload(),
            Self::Organization(event) => event.payload(),
        }
    }
}

/// Every type of either kind of stream.
fn types() -> Vec<&'static str> {
    [ShowEvent::TYPES, OrganizationEvent::TYPES].concat()
}

#[test]
fn every_recorded_shape_is_read_and_said_again_in_the_shape_of_today() {
    let files = files();
    for (event_type, schema, payload) in &files {
        let event = Event::decode(event_type, *schema, payload);
        let event = event.unwrap_or_else(|error| panic!("{event_type}.v{schema}: {error:?}"));
        assert_eq!(event.event_type(), event_type);
        let today = files.iter().find(|(name, written, _)| name == event_type && *written == event.schema());
        let (_, _, golden) = today.unwrap_or_else(|| panic!("{event_type} has no file of what is written"));
        let (golden, written): (Value, Value) =
            (serde_json::from_str(golden).unwrap(), serde_json::from_str(&event.payload()).unwrap());
        assert_eq!(golden, written, "{event_type}.v{schema}");
        assert_eq!(Event::decode(event_type, event.schema(), &event.payload()).unwrap(), event);
    }
}

#[test]
fn every_type_has_a_file_for_each_schema_up_to_the_one_that_is_written() {
    let files: BTreeSet<(String, i32)> = files().into_iter().map(|(name, schema, _)| (name, schema)).collect();
    for name in types() {
        let schemas: Vec<i32> = files.iter().filter(|(of, _)| of == name).map(|(_, schema)| *schema).collect();
        assert!(!schemas.is_empty(), "{name} has no golden file");
        assert_eq!(schemas, (1..=i32::try_from(schemas.len()).unwrap()).collect::<Vec<_>>(), "{name}");
    }
    assert!(files.iter().all(|(name, _)| types().contains(&name.as_str())), "a file of no known type");
}

#[test]
fn what_may_be_left_out_of_a_payload_is_read_as_nothing() {
    for (event_type, schema, payload) in files() {
        let Value::Object(whole) = serde_json::from_str(&payload).unwrap() else { panic!("{event_type} is no object") };
        for field in whole.keys() {
            let mut less = whole.clone();
            less.remove(field);
            let Ok(event) = Event::decode(&event_type, schema, &Value::Object(less).to_string()) else { continue };
            let written: Value = serde_json::from_str(&event.payload()).unwrap();
            let empty = match written.get(field) {
                None | Some(Value::Null) => true,
                Some(Value::Array(values)) => values.is_empty(),
                Some(_) => false,
            };
            assert!(empty, "{event_type} without {field} says {written}");
        }
    }
}

#[test]
fn a_field_that_nobody_knows_yet_is_passed_over() {
    for (event_type, schema, payload) in files() {
        let Value::Object(mut more) = serde_json::from_str(&payload).unwrap() else {
            panic!("{event_type} is no object")
        };
        more.insert("basket".to_owned(), Value::Null);
        let read = Event::decode(&event_type, schema, &Value::Object(more).to_string());
        assert_eq!(read.unwrap(), Event::decode(&event_type, schema, &payload).unwrap());
    }
}

#[test]
fn the_recorded_shapes_in_any_order_make_a_show_and_an_organization() {
    let mut shapes = files();
    shapes.sort_by_key(|(name, ..)| name != "ShowScheduled" && name != "OrganizationFounded");
    let (mut show, mut organization) = (ShowState::default(), OrganizationState::default());
    for (name, schema, payload) in shapes {
        match Event::decode(&name, schema, &payload).unwrap() {
            Event::Show(event) => show.evolve(&event),
            Event::Organization(event) => organization.evolve(&event),
        }
    }
    assert!(show.show().is_some() && organization.organization().is_some());
}

#[test]
fn a_type_belongs_to_one_kind_of_stream() {
    let types: BTreeSet<_> = types().into_iter().collect();
    assert_eq!(types.len(), ShowEvent::TYPES.len() + OrganizationEvent::TYPES.len());
}

#[test]
fn an_unknown_type_or_schema_is_an_error_and_never_skipped() {
    assert!(Event::decode("ShowSung", 1, "{}").is_err());
    assert!(Event::decode("SalesClosed", 2, "{}").is_err());
    let revised = |schema| Event::decode("ShowRevised", schema, "{}");
    assert!(revised(1).is_ok() && revised(2).is_ok());
    for none in [i32::MIN, -1, 0, 3, i32::MAX] {
        assert!(matches!(revised(none), Err(DecodeError::UnknownSchema { schema, .. }) if schema == none));
    }
    assert!(Event::decode("SalesClosed", 1, "{").is_err());
    assert!(Event::decode("PoolAdded", 1, "{}").is_err());
    assert!(Event::decode("MemberRemoved", 2, "{}").is_err());
    assert!(ShowEvent::decode("MemberRemoved", 1, "{}").is_err());
}
