//! Folds a page of events: into the states in memory, the rows that became stale, and an entry of the activity each.
//!
//! A stream with an event that cannot be understood stops there, loudly; its later events are only entered in the activity.
//! Nothing is written here.

use std::collections::{HashMap, HashSet};

use domain::ShowEvent;
use event_store::{Log, ReadError, RecordedEvent, StreamType};
use uuid::Uuid;

use super::{
    persons::persons,
    rows::{Poisoned, Rows},
    states::{LoadError, States},
    touched::{At, Touched},
};

/// Folds `events`; answers the rows to write, and adds to `poisoned` what stopped.
pub(super) async fn fold(
    log: &Log,
    states: &mut States,
    poisoned: &mut HashSet<Uuid>,
    events: &[RecordedEvent],
) -> Result<Rows, ReadError> {
    let mut rows = Rows::default();
    let mut touched: HashMap<Uuid, (Uuid, Touched)> = HashMap::new();
    for recorded in events {
        let event = match recorded.stream_type {
            StreamType::Organization => None,
            StreamType::Show if poisoned.contains(&recorded.stream) => decode(recorded).ok(),
            StreamType::Show => take_in(log, states, poisoned, &mut touched, &mut rows, recorded).await?,
        };
        rows.activity.push(recorded, &event.as_ref().map(persons).unwrap_or_default());
    }
    for (show, (organization, touched)) in &touched {
        if let Some(show) = states.show(*show) {
            rows.render(*organization, show, touched);
        }
    }
    Ok(rows)
}

/// Takes in one event of a show; none if it cannot be understood.
async fn take_in(
    log: &Log,
    states: &mut States,
    poisoned: &mut HashSet<Uuid>,
    touched: &mut HashMap<Uuid, (Uuid, Touched)>,
    rows: &mut Rows,
    recorded: &RecordedEvent,
) -> Result<Option<ShowEvent>, ReadError> {
    let show = recorded.stream;
    let poison = match states.bring(log, show, recorded.version - 1).await {
        Err(LoadError::Read(error)) => return Err(error),
        Err(LoadError::Poison(position, event_type, error)) => (position, event_type, error),
        Ok(()) => match decode(recorded) {
            Err(error) => (recorded.position, recorded.event_type.clone(), error),
            Ok(event) => {
                let at = At { position: recorded.position, recorded_at: recorded.recorded_at };
                let (_, touched) = touched.entry(show).or_insert_with(|| (recorded.organization, Touched::default()));
                touched.note(states.show(show), &event, at);
                states.evolve(show, &event);
                return Ok(Some(event));
            }
        },
    };
    let (position, event_type, error) = poison;
    let error = describe(&error);
    tracing::error!(stream = %show, position, event_type, error, "an event cannot be understood: its stream stops here");
    poisoned.insert(show);
    rows.poisoned.push(Poisoned { stream: show, organization: recorded.organization, position, event_type, error });
    Ok(None)
}

fn decode(recorded: &RecordedEvent) -> Result<ShowEvent, domain::events::DecodeError> {
    ShowEvent::decode(&recorded.event_type, recorded.schema, &recorded.payload)
}

/// An error with its causes in one line.
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
