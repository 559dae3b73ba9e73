//! Recorded events, one a line: its type, a space, its payload. Whatever can be read is written and read again as the same,
//! and no list of readable events makes a show's state panic.

use domain::{ShowEvent, ShowState};

pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let events = text.lines().filter_map(|line| line.split_once(' ')).filter_map(|(name, payload)| read(name, payload));
    let mut state = ShowState::default();
    for event in events {
        state.evolve(&event);
    }
}

fn read(name: &str, payload: &str) -> Option<ShowEvent> {
    let event = ShowEvent::decode(name, 1, payload).ok()?;
    assert_eq!(event.event_type(), name);
    let written = event.payload();
    let again = ShowEvent::decode(name, event.schema(), &written).unwrap_or_else(|error| {
        panic!("{name} cannot read what it wrote: {error:?}: {written}");
    });
    assert_eq!(again, event);
    assert!(ShowEvent::decode(name, event.schema() + 1, payload).is_err(), "a schema of tomorrow is not guessed at");
    Some(event)
}
