//! Folding a show's stream to a version: from the nearest snapshot before it, the rest decoded beside.
//!
//! Desks keep snapshots when they have a quiet moment, and a long day of selling has none. So whoever folds a long way here
//! keeps some on it: the first who asks for such a moment waits for the fold, the others do not. They hold the state alone.
//! Without snapshots everything works, only slower.

use chrono::{DateTime, Utc};
use domain::{
    ShowEvent, ShowState,
    show::{FOLD_VERSION, Orders, Tickets},
};
use event_store::{Damaged, Holds, Packed, Packing, Snapshot, Snapshots, StreamEvent, fold_number, room_of};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::queries::QueryError;

/// What a fold may begin with: both begin with the state.
const FOLDS: [i32; 2] = [fold_number(FOLD_VERSION, Holds::StateAndCommands), fold_number(FOLD_VERSION, Holds::State)];

/// A stream, folded so far.
pub(super) struct Fold {
    show: Uuid,
    pub state: ShowState,
    pub version: i64,
    pub organization: Uuid,
    position: i64,
    recorded_at: DateTime<Utc>,
    /// The version of the last snapshot on the way.
    snapshot: i64,
    /// The one that is being stored.
    storing: Option<JoinHandle<()>>,
}

impl Fold {
    /// Begins at the nearest snapshot, at the beginning where there is none that can be read.
    pub async fn begin(snapshots: &Snapshots, show: Uuid, version: i64) -> Self {
        let nothing = Self {
            show,
            state: ShowState::default(),
            version: 0,
            organization: Uuid::nil(),
            position: 0,
            recorded_at: DateTime::UNIX_EPOCH,
            snapshot: 0,
            storing: None,
        };
        let found = match snapshots.before(show, &FOLDS, version).await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%error, %show, "a snapshot cannot be read now");
                None
            }
        };
        let Some(found) = found else { return nothing };
        // A large state takes some tenths of a second.
        let Snapshot { version, organization, position, recorded_at, state, .. } = found;
        match tokio::task::spawn_blocking(move || read(&state)).await {
            Ok(Ok(state)) => Self { state, version, organization, position, recorded_at, snapshot: version, ..nothing },
            Ok(Err(error)) => {
                tracing::error!(%error, %show, version, "a snapshot cannot be read and is not used");
                nothing
            }
            Err(_) => nothing,
        }
    }

    pub fn take(&mut self, page: &Page) {
        for event in &page.events {
            self.state.evolve(event);
        }
        let Page { version, organization, position, recorded_at, .. } = *page;
        (self.version, self.organization, self.position, self.recorded_at) =
            (version, organization, position, recorded_at);
    }

    /// Whether the last snapshot lies in an earlier room, and far enough behind to be worth another one.
    pub fn is_far(&self) -> bool {
        let room = room_of(self.version);
        room > self.snapshot && self.version - self.snapshot > (room - room_of(room - 1)) / 2
    }

    /// Writes a snapshot, to be stored while the fold goes on.
    pub async fn keep(mut self, snapshots: &Snapshots) -> Result<Self, QueryError> {
        self.kept().await;
        self.snapshot = self.version;
        let written = tokio::task::spawn_blocking(move || {
            let state = written(&self.state);
            (self, state)
        });
        let (mut fold, state) = written.await.map_err(|_| sqlx::Error::WorkerCrashed)?;
        let Self { show: stream, version, organization, position, recorded_at, .. } = fold;
        match state {
            Ok(state) => {
                let number = fold_number(FOLD_VERSION, Holds::State);
                let snapshot = Snapshot { stream, version, fold: number, organization, position, recorded_at, state };
                let snapshots = snapshots.clone();
                fold.storing = Some(tokio::spawn(async move {
                    if let Err(error) = snapshots.keep(&snapshot).await {
                        tracing::warn!(%error, show = %snapshot.stream, "a snapshot cannot be stored now");
                    }
                }));
            }
            Err(error) => tracing::error!(%error, "a state cannot be written down"),
        }
        Ok(fold)
    }

    /// Waits until the last snapshot is stored.
    pub async fn kept(&mut self) {
        if let Some(storing) = self.storing.take() {
            // Its error was said.
            drop(storing.await);
        }
    }
}

/// A state in the parts that desks keep it in, which have their commands behind them.
fn written(state: &ShowState) -> Result<Vec<u8>, Damaged> {
    let (rest, orders, tickets) = state.clone().apart();
    Ok(Packing::default().with(&rest)?.with_pages(orders.pages())?.with_pages(tickets.pages())?.bytes())
}

fn read(kept: &[u8]) -> Result<ShowState, Damaged> {
    let packed = Packed::of(kept)?;
    let (mut orders, mut tickets) = (Orders::default(), Tickets::default());
    packed.pages(1, |page| orders.add(page))?;
    packed.pages(2, |page| tickets.add(page))?;
    ShowState::together(packed.part(0)?, orders, tickets).ok_or(Damaged::Parts)
}

/// A page of a show's stream, which has one event at least.
pub(super) struct Page {
    events: Vec<ShowEvent>,
    version: i64,
    organization: Uuid,
    position: i64,
    recorded_at: DateTime<Utc>,
}

/// What the events of a page say.
pub(super) fn understood(events: Vec<StreamEvent>) -> Result<Page, QueryError> {
    let Some(last) = events.last() else { return Err(sqlx::Error::RowNotFound.into()) };
    let StreamEvent { version, organization, position, recorded_at, .. } = *last;
    let decoded = events.into_iter().map(|event| {
        ShowEvent::decode(&event.event_type, event.schema, &event.payload)
            .map_err(|source| QueryError::Unreadable { position: event.position, source })
    });
    Ok(Page { events: decoded.collect::<Result<_, _>>()?, version, organization, position, recorded_at })
}
