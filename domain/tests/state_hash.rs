//! The state hash: the same for equal states, however they came about, and another one for whatever differs.

#![expect(clippy::unwrap_used, reason = "a file that cannot be read fails the test, as it shall")]

mod common;

use std::{collections::HashSet, fs, path::PathBuf};

use domain::{OrganizationEvent, OrganizationState, ShowEvent, ShowState, StateHash};
use proptest::prelude::*;
use serde_json::Value;

/// What other machines computed, too: a change here is a change of every hash that anybody noted. It comes with another
/// `FOLD_VERSION`, or with another number in the texts that the hashes begin with.
const PINNED_SHOW: &[(usize, &str)] = &[
    (0, "c301a95df1ecfa87e4556a73caed32376348fa99624b8637d0f8eff38e8846ce"),
    (1, "dba49708966249a45a51a71aa6e0ac8b26bbadaa16f49462137082b561ebe958"),
    (60, "e785a20991e294f52cac96ae31582c34d1e25a96300df04c4550654d44d955bc"),
    (usize::MAX, "5a0457ba188c8b7c7d4eeb5fb82e471a77681ffd6af3512a40aaf08004609e88"),
];
const PINNED_ORGANIZATION: &str = "6dfabcb304808e51a1cd59fedcc4a45e7211c7ad867ce2e15c3a2ca0611eed33";

/// The events of the pinned history of a show.
fn history() -> Vec<ShowEvent> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/histories/shapes.jsonl");
    let text = fs::read_to_string(path).unwrap();
    let event = |line| {
        let (event_type, schema, payload): (String, i32, Value) = serde_json::from_str(line).unwrap();
        ShowEvent::decode(&event_type, schema, &payload.to_string()).unwrap()
    };
    text.lines().map(event).collect()
}

/// The events of an organization in the golden files, its founding first.
fn organization() -> Vec<OrganizationEvent> {
    let files = common::files();
    let of_organization = |(name, ..): &&(String, i32, String)| OrganizationEvent::TYPES.contains(&name.as_str());
    let mut events: Vec<OrganizationEvent> = files
        .iter()
        .filter(of_organization)
        .map(|(name, schema, payload)| OrganizationEvent::decode(name, *schema, payload).unwrap())
        .collect();
    events.sort_by_key(|event| !matches!(event, OrganizationEvent::OrganizationFounded(_)));
    events
}

fn of_show(state: &ShowState) -> String {
    StateHash::of_show(state).to_string()
}

#[test]
fn hashes_are_what_they_always_were() {
    let events = history();
    let found: Vec<(usize, String)> =
        PINNED_SHOW.iter().map(|(n, _)| (*n, of_show(&ShowState::fold(&events[..events.len().min(*n)])))).collect();
    let pinned: Vec<(usize, String)> = PINNED_SHOW.iter().map(|(n, hash)| (*n, (*hash).to_owned())).collect();
    assert_eq!(found, pinned);
    let organization = OrganizationState::fold(&organization());
    assert_eq!(StateHash::of_organization(&organization).to_string(), PINNED_ORGANIZATION);
}

#[test]
fn whatever_happens_to_an_organization_is_in_its_hash() {
    let mut state = OrganizationState::default();
    let mut seen = HashSet::from([StateHash::of_organization(&state)]);
    for event in organization() {
        let before = state.clone();
        state.evolve(&event);
        assert_eq!(seen.insert(StateHash::of_organization(&state)), state != before, "{event:?}");
    }
    assert!(seen.len() > 8, "{} states", seen.len());
}

#[test]
fn streams_are_hashed_in_any_order_and_each_counts() {
    let hashes: Vec<StateHash> = (0..4).map(|n| StateHash::of_show(&ShowState::fold(&history()[..n]))).collect();
    let streams = |order: &[usize]| {
        StateHash::of_streams(order.iter().map(|n| (uuid::Uuid::from_u128(*n as u128), 1, hashes[*n])))
    };
    assert_eq!(streams(&[0, 1, 2]), streams(&[2, 0, 1]));
    assert_ne!(streams(&[0, 1, 2]), streams(&[0, 1]));
    assert_ne!(streams(&[0, 1, 2]), streams(&[0, 1, 3]));
}

/// Every value in a state's JSON that is no list and no object, by its pointer.
fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                leaves(field, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(values) => {
            for (i, value) in values.iter().enumerate() {
                leaves(value, &format!("{at}/{i}"), found);
            }
        }
        _ => found.push(at.to_owned()),
    }
}

/// A value like this one, and another.
fn other(value: &Value) -> Value {
    match value {
        Value::Bool(yes) => Value::Bool(!yes),
        Value::Number(n) => Value::from(n.as_i64().unwrap() ^ 1),
        Value::String(text) => {
            // The last letter or digit of what may be an id, a name, a moment.
            let mut bytes = text.clone().into_bytes();
            match bytes.iter().rposition(u8::is_ascii_alphanumeric) {
                Some(at) => bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' },
                None => bytes.push(b'1'),
            }
            Value::String(String::from_utf8(bytes).unwrap())
        }
        other => other.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn at_every_step_a_state_has_another_hash_exactly_when_it_is_another(history in common::histories()) {
        let mut state = ShowState::default();
        for event in &history {
            let before = state.clone();
            state.evolve(event);
            prop_assert_eq!(of_show(&before) == of_show(&state), before == state, "{:?}", event);
        }
    }

    #[test]
    fn a_fold_that_goes_on_from_a_kept_state_has_the_hash_of_the_whole_fold(
        before in common::histories(),
        after in common::histories(),
    ) {
        let mut whole = ShowState::fold(&before);
        // Hash maps of their own, with another order and other room.
        let mut kept: ShowState = postcard::from_bytes(&postcard::to_stdvec(&whole).unwrap()).unwrap();
        prop_assert_eq!(of_show(&kept), of_show(&whole));
        for event in &after {
            whole.evolve(event);
            kept.evolve(event);
            prop_assert_eq!(of_show(&kept), of_show(&whole));
        }
    }

    #[test]
    fn a_single_value_that_is_another_makes_another_hash(history in common::histories(), at in any::<prop::sample::Index>()) {
        let state = ShowState::fold(&history);
        let json = serde_json::to_value(&state).unwrap();
        let mut pointers = Vec::new();
        leaves(&json, "", &mut pointers);
        let pointer = at.get(&pointers);
        let mut changed = json.clone();
        let value = changed.pointer_mut(pointer).unwrap();
        *value = other(value);
        // Not every text is a name and not every number an hour: then there is no such state.
        if let Ok(read) = serde_json::from_value::<ShowState>(changed) {
            prop_assert_eq!(of_show(&read) == of_show(&state), read == state, "{}", pointer);
        }
    }
}
