//! A stream as a snapshot: its state and the commands in it, as bytes. Another fold, another number: a snapshot of which is
//! not read.

use domain::{ShowState, show::FOLD_VERSION};
use event_store::{Holds, Snapshot, fold_number, packed, unpacked};
use serde::{Deserialize, Serialize};

use super::{known_commands::KnownCommands, stream::Stream};

/// The number of what is kept here.
pub(super) const FOLD: i32 = fold_number(FOLD_VERSION, Holds::StateAndCommands);

/// The state first: whoever looks at the past reads it alone.
#[derive(Serialize)]
struct Keep<'a> {
    state: &'a ShowState,
    commands: &'a KnownCommands,
}

#[derive(Deserialize)]
struct Kept {
    state: ShowState,
    commands: KnownCommands,
}

/// The stream as it is now; nothing of one that does not exist.
pub(super) fn of(stream: &Stream) -> Option<Snapshot> {
    let organization = stream.organization?;
    let state = packed(&Keep { state: &stream.state, commands: &stream.commands });
    let state = state.inspect_err(|error| tracing::error!(%error, "a state cannot be written down")).ok()?;
    Some(Snapshot {
        stream: stream.show().0,
        version: stream.version,
        fold: FOLD,
        organization,
        position: stream.last_position,
        recorded_at: stream.last_time,
        state,
    })
}

/// The stream as it was then; nothing if it cannot be understood, which is a defect but no reason to stop: the log can.
pub(super) fn read(snapshot: &Snapshot, stream: &mut Stream) -> bool {
    match unpacked::<Kept>(&snapshot.state) {
        Ok(kept) => {
            stream.state = kept.state;
            stream.commands = kept.commands;
            stream.version = snapshot.version;
            stream.organization = Some(snapshot.organization);
            stream.last_position = snapshot.position;
            stream.last_time = snapshot.recorded_at;
            true
        }
        Err(error) => {
            tracing::error!(%error, stream = %snapshot.stream, version = snapshot.version, "a snapshot cannot be read and is not used");
            false
        }
    }
}
