//! A stream as a snapshot: its state in parts, as `projections` reads them too, and behind them the commands in it. Another fold,
//! another number: a snapshot of which is not read.

use domain::{
    ShowState,
    show::{FOLD_VERSION, Orders, Tickets},
};
use event_store::{Damaged, Holds, Packed, Packing, Snapshot, fold_number};
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task::spawn_blocking,
};

use super::{known_commands::KnownCommands, stream::Stream};

/// The number of what is kept here.
pub(super) const FOLD: i32 = fold_number(FOLD_VERSION, Holds::StateAndCommands);

/// A stream as it was, not yet written down: a copy that shares with the desk's state what neither of them changes.
pub(super) struct Unwritten {
    state: ShowState,
    commands: KnownCommands,
    /// All else.
    snapshot: Snapshot,
}

/// The stream as it is now; nothing of one that does not exist.
pub(super) fn of(stream: &Stream) -> Option<Unwritten> {
    let snapshot = Snapshot {
        stream: stream.show().0,
        version: stream.version,
        fold: FOLD,
        organization: stream.organization?,
        position: stream.last_position,
        recorded_at: stream.last_time,
        state: Vec::new(),
    };
    Some(Unwritten { state: stream.state.clone(), commands: stream.commands.clone(), snapshot })
}

impl Unwritten {
    /// As bytes.
    pub(super) async fn written(self) -> Option<Snapshot> {
        beside(|| self.write()).await?
    }

    fn write(self) -> Option<Snapshot> {
        let (rest, orders, tickets) = self.state.apart();
        let packing = Packing::default().with(&rest);
        let packing = packing.and_then(|packing| packing.with_pages(orders.pages())?.with_pages(tickets.pages()));
        let packing = packing.and_then(|packing| packing.with(&self.commands));
        let packing = packing.inspect_err(|error| tracing::error!(%error, "a state cannot be written down")).ok()?;
        Some(Snapshot { state: packing.bytes(), ..self.snapshot })
    }
}

/// What a snapshot says; nothing if it cannot be understood, which is a defect but no reason to stop: the log can.
pub(super) async fn read(snapshot: Snapshot) -> Option<(Snapshot, ShowState, KnownCommands)> {
    let reading = || understood(&snapshot.state).map(|(state, commands)| (snapshot, state, commands));
    let read = beside(reading).await?;
    read.inspect_err(|error| tracing::error!(%error, "a snapshot cannot be read and is not used")).ok()
}

/// The parts of a long show are read by two threads.
fn understood(kept: &[u8]) -> Result<(ShowState, KnownCommands), Damaged> {
    let packed = Packed::of(kept)?;
    let (mut orders, mut tickets) = (Orders::default(), Tickets::default());
    let (orders_read, rest) = std::thread::scope(|threads| {
        let orders_read = threads.spawn(|| packed.pages(1, |page| orders.add(page)));
        let rest = (packed.part(0), packed.pages(2, |page| tickets.add(page)), packed.part(3));
        (orders_read.join(), rest)
    });
    let (state, tickets_read, commands) = rest;
    orders_read.map_err(|_| Damaged::Parts)??;
    tickets_read?;
    let state = ShowState::together(state?, orders, tickets).ok_or(Damaged::Parts)?;
    Ok((state, commands?))
}

/// Does what takes some tenths of a second for a hundred thousand tickets on a thread where nobody waits for it, where there are
/// any. (A runtime of one thread has the simulation: what happens there in which order follows from its seed alone.)
async fn beside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    match Handle::current().runtime_flavor() {
        RuntimeFlavor::CurrentThread => Some(work()),
        _ => spawn_blocking(work).await.ok(),
    }
}
