//! The fold of a show is pinned: what a kept state says must be what the events say to this version of the program.

#![expect(clippy::unwrap_used, reason = "a file that cannot be read fails the test, as it shall")]

use std::{collections::HashSet, fs, path::PathBuf};

use domain::{ShowEvent, ShowState, show::FOLD_VERSION};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The version of the fold and, for each history in `histories/`, the digest of the state that it comes to.
const PINNED: (u32, &[(&str, &str)]) =
    (2, &[("shapes", "49481e50ef55a2df7c0ad5dc7e6f40bd515db0052be61f357c0c0d504e532305")]);

/// The events of a file: on each line an array of type, schema and payload.
fn history(name: &str) -> Vec<ShowEvent> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/histories").join(format!("{name}.jsonl"));
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| {
            let (event_type, schema, payload): (String, i32, Value) = serde_json::from_str(line).unwrap();
            ShowEvent::decode(&event_type, schema, &payload.to_string()).unwrap()
        })
        .collect()
}

/// SHA-256 of a state's JSON with the members of every object in the order of their names.
fn digest(state: &ShowState) -> String {
    let mut text = String::new();
    write(&serde_json::to_value(state).unwrap(), &mut text);
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort();
            text.push('{');
            for name in names {
                text.push_str(&Value::String(name.clone()).to_string());
                text.push(':');
                write(&fields[name], text);
                text.push(',');
            }
            text.push('}');
        }
        Value::Array(values) => {
            text.push('[');
            for value in values {
                write(value, text);
                text.push(',');
            }
            text.push(']');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

#[test]
fn a_changed_fold_has_another_number() {
    let (version, histories) = PINNED;
    for (name, pinned) in histories {
        let found = digest(&ShowState::fold(&history(name)));
        if found != *pinned && FOLD_VERSION == version {
            panic!(
                "the history {name} comes to another state than before ({found}): kept states of fold {version} are of no use to \
                 this program. Raise domain::show::FOLD_VERSION, and pin the new number and digests here."
            );
        }
        assert!(
            found == *pinned && FOLD_VERSION == version,
            "fold {FOLD_VERSION} is not pinned: write it down here, and {found} for the history {name}"
        );
    }
}

#[test]
fn every_history_is_pinned_and_together_they_hold_every_event() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/histories");
    let mut files: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    let pinned: Vec<String> = PINNED.1.iter().map(|(name, _)| format!("{name}.jsonl")).collect();
    assert_eq!(files, pinned);
    let events: Vec<ShowEvent> = PINNED.1.iter().flat_map(|(name, _)| history(name)).collect();
    for event_type in ShowEvent::TYPES {
        assert!(events.iter().any(|event| event.event_type() == *event_type), "{event_type} is in no history");
    }
}

#[test]
fn the_digest_sees_what_single_events_change() {
    let events = history("shapes");
    let digests: HashSet<String> = (1..=100).map(|n| digest(&ShowState::fold(&events[..n]))).collect();
    assert!(digests.len() > 50, "only {} different states after 100 events", digests.len());
}
