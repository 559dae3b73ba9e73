//! Recorded events, one a line: its type, a space, its payload. Whatever can be read is written and read again as the same,
//! and no list of readable events makes the state of a show or an organization panic.

use domain::{OrganizationEvent, OrganizationState, ShowEvent, ShowState};

/// The event of this line, if it is one of the stream's.
macro_rules! read {
    ($stream:ty, $name:expr, $payload:expr) => {
        <$stream>::decode($name, 1, $payload).ok().inspect(|event| {
            assert_eq!(event.event_type(), $name);
            let written = event.payload();
            match <$stream>::decode($name, event.schema(), &written) {
                Ok(again) => assert_eq!(again, *event),
                Err(error) => panic!("{} cannot read what it wrote: {error:?}: {written}", $name),
            }
            let tomorrow = <$stream>::decode($name, event.schema() + 1, $payload);
            assert!(tomorrow.is_err(), "a schema of tomorrow is not guessed at");
        })
    };
}

pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (mut show, mut organization) = (ShowState::default(), OrganizationState::default());
    for (name, payload) in text.lines().filter_map(|line| line.split_once(' ')) {
        if let Some(event) = read!(ShowEvent, name, payload) {
            assert!(OrganizationEvent::decode(name, 1, payload).is_err(), "{name} is an event of two streams");
            show.evolve(&event);
        }
        if let Some(event) = read!(OrganizationEvent, name, payload) {
            organization.evolve(&event);
        }
    }
}
