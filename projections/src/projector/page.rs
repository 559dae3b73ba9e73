//! Folds a page of events: into the states in memory, the rows that became stale, and an entry of the activity each.
//!
//! A stream with an event that cannot be understood stops there, loudly; its later events are only entered in the activity.
//! Nothing is written here.

use std::collections::{HashMap, HashSet};

use domain::{OrganizationEvent, ShowEvent};
use event_store::{Log, ReadError, RecordedEvent, StreamType};
use uuid::Uuid;

use super::{
    rows::{Poisoned, Rows},
    states::{LoadError, States},
    subjects::{subjects, subjects_of_organization},
    touched::Touched,
};
use crate::ReadModels;

/// Folds `events`; answers the rows to write, and adds to `poisoned` what stopped.
pub(crate) async fn fold(
    log: &Log,
    states: &mut States,
    poisoned: &mut HashSet<Uuid>,
    events: &[RecordedEvent],
    models: ReadModels,
) -> Result<Rows, ReadError> {
    let mut rows = Rows::of(models);
    let mut touched: HashMap<Uuid, (Uuid, Touched)> = HashMap::new();
    for recorded in events {
        let subjects = match recorded.stream_type {
            _ if poisoned.contains(&recorded.stream) => named(recorded),
            StreamType::Organization => of_organization(poisoned, &mut rows, recorded),
            StreamType::Show => take_in(log, states, poisoned, &mut touched, &mut rows, recorded).await?,
        };
        rows.enter(recorded, subjects.unwrap_or_default());
    }
    for (show, (organization, touched)) in &touched {
        let Some(folded) = states.folded(*show) else { continue };
        folded.tell_facts(&mut rows);
        if let Some(show) = folded.state.show() {
            rows.render(*organization, show, touched);
        }
    }
    Ok(rows)
}

/// Takes in one event of a show, and says what it touched; none if it cannot be understood.
async fn take_in(
    log: &Log,
    states: &mut States,
    poisoned: &mut HashSet<Uuid>,
    touched: &mut HashMap<Uuid, (Uuid, Touched)>,
    rows: &mut Rows,
    recorded: &RecordedEvent,
) -> Result<Option<Vec<Uuid>>, ReadError> {
    let show = recorded.stream;
    let poison = match states.bring(log, show, recorded.version - 1).await {
        Err(LoadError::Read(error)) => return Err(error),
        Err(LoadError::Poison(position, event_type, error)) => (position, event_type, error),
        Ok(folded) => match decode(recorded) {
            Err(error) => (recorded.position, recorded.event_type.clone(), error),
            Ok(event) => {
                let (_, touched) = touched.entry(show).or_insert_with(|| (recorded.organization, Touched::default()));
                return Ok(Some(folded.take(touched, rows, recorded, &event)));
            }
        },
    };
    let (position, event_type, error) = poison;
    stop(poisoned, rows, recorded, Poison { position, event_type, error: &error });
    Ok(None)
}

/// The events of an organization that a row follows from.
const SETTLING: [&str; 2] = ["OrganizationFounded", "SettingsChanged"];

/// Takes in one event of an organization, and says whom it is about. One that cannot be understood is about nobody, and
/// stops its stream only where a row would follow from it.
pub(crate) fn of_organization(
    poisoned: &mut HashSet<Uuid>,
    rows: &mut Rows,
    recorded: &RecordedEvent,
) -> Option<Vec<Uuid>> {
    let (position, event_type) = (recorded.position, recorded.event_type.clone());
    match OrganizationEvent::decode(&event_type, recorded.schema, &recorded.payload) {
        Ok(event) => {
            rows.settle(recorded.organization, position, &event);
            return Some(subjects_of_organization(&event));
        }
        Err(error) if SETTLING.contains(&event_type.as_str()) => {
            stop(poisoned, rows, recorded, Poison { position, event_type, error: &error });
        }
        Err(error) => {
            let error = describe(&error);
            tracing::error!(position, event_type, error, "an event of an organization cannot be understood");
        }
    }
    None
}

/// What an event of a stream that stopped names; what it would be about else, its state would say.
pub(crate) fn named(recorded: &RecordedEvent) -> Option<Vec<Uuid>> {
    match recorded.stream_type {
        StreamType::Show => decode(recorded).ok().map(|event| subjects(recorded.stream, None, &event)),
        StreamType::Organization => OrganizationEvent::decode(&recorded.event_type, recorded.schema, &recorded.payload)
            .ok()
            .map(|event| subjects_of_organization(&event)),
    }
}

/// What cannot be understood.
struct Poison<'a> {
    position: i64,
    event_type: String,
    error: &'a dyn std::error::Error,
}

/// The entry of a stream that stops at this event, said loudly.
pub(crate) fn poison(recorded: &RecordedEvent, error: &dyn std::error::Error) -> Poisoned {
    poisoned_at(recorded, Poison { position: recorded.position, event_type: recorded.event_type.clone(), error })
}

fn poisoned_at(recorded: &RecordedEvent, poison: Poison<'_>) -> Poisoned {
    let Poison { position, event_type, error } = poison;
    let error = describe(error);
    let stream = recorded.stream;
    tracing::error!(%stream, position, event_type, error, "an event cannot be understood: its stream stops here");
    Poisoned { stream, organization: recorded.organization, position, event_type, error }
}

/// Stops a stream.
fn stop(poisoned: &mut HashSet<Uuid>, rows: &mut Rows, recorded: &RecordedEvent, poison: Poison<'_>) {
    poisoned.insert(recorded.stream);
    rows.stop(poisoned_at(recorded, poison));
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
