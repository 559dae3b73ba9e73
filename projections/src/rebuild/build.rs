//! Fills empty tables from whole streams: several at a time, the longest first.
//!
//! Each builder folds one stream after the other and hands full batches to writers, so that the processor folds while the database
//! writes, with more than one of its processes. What was folded last is kept for those who go on from there.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use event_store::{Log, ReadError, StreamHead};
use sqlx::PgPool;
use tokio::sync::{Mutex as AsyncMutex, mpsc};
use uuid::Uuid;

use super::{
    Counter, RebuildError,
    whole::{self, Whole},
};
use crate::{
    ReadModels,
    projector::{
        rows::{Rows, TABLES},
        states::Folded,
        write::{self, How},
    },
};

/// Streams that are folded at the same time.
const BUILDERS: usize = 2;
/// Writers of a builder.
const WRITERS: usize = 2;
/// Rows that are written together: enough to make a round trip cheap, few enough to keep memory small.
const BATCH_ROWS: usize = 5_000;
/// Shows that had an event among so many last ones are kept folded: those are the ones that go on.
const KEPT_EVENTS: i64 = 20_000;
/// And so many of them at most.
const KEPT_SHOWS: usize = 50;

/// What is built, from what, into what.
pub(super) struct Build {
    pub log: Log,
    /// Looks into the schema of the new tables first.
    pub next: PgPool,
    pub models: ReadModels,
    /// Up to here.
    pub until: i64,
    /// Where live tables stopped, where that is to be respected.
    pub stopped: HashMap<Uuid, i64>,
    pub counter: Counter,
}

/// What a build leaves beside the rows.
#[derive(Default)]
pub(super) struct Built {
    /// Shows that go on, as they are now.
    pub kept: Vec<(Uuid, Folded)>,
    /// Streams that stopped.
    pub stopped: HashSet<Uuid>,
    /// Rows that were rendered, of each of [`TABLES`].
    pub rows: [usize; TABLES.len()],
}

impl Built {
    fn add(&mut self, part: Self) {
        self.kept.extend(part.kept);
        self.stopped.extend(part.stopped);
        self.count(part.rows);
    }

    fn count(&mut self, rows: [usize; TABLES.len()]) {
        for (all, more) in self.rows.iter_mut().zip(rows) {
            *all += more;
        }
    }
}

impl Build {
    /// Builds from these streams.
    pub async fn run(self, streams: Vec<StreamHead>) -> Result<Built, RebuildError> {
        let build = Arc::new(self);
        // From the end, where the longest are.
        let left: Vec<StreamHead> = streams.into_iter().rev().collect();
        let left = Arc::new(Mutex::new(left));
        let builders: Vec<_> =
            (0..BUILDERS).map(|_| tokio::spawn(Arc::clone(&build).build(Arc::clone(&left)))).collect();
        let mut built = Built::default();
        for builder in builders {
            built.add(builder.await.map_err(RebuildError::Died)??);
        }
        Ok(built)
    }

    async fn build(self: Arc<Self>, left: Arc<Mutex<Vec<StreamHead>>>) -> Result<Built, RebuildError> {
        let (batches, waiting) = mpsc::channel(1);
        let waiting = Arc::new(AsyncMutex::new(waiting));
        let writers = [(); WRITERS].map(|()| tokio::spawn(write_all(self.next.clone(), Arc::clone(&waiting))));
        drop(waiting);
        let mut sink = Batches { build: &self, rows: Rows::of(self.models), counts: [0; TABLES.len()], batches };
        let mut built = Built::default();
        loop {
            let next = left.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some(head) = next else { break };
            let folded = whole::fold(&self.log, head, self.stopped.get(&head.stream).copied(), &mut sink).await;
            let Whole { folded, stopped } = match folded {
                Ok(whole) => whole,
                // A writer that is gone says itself why.
                Err(Unwritten::Log(error)) => return Err(error.into()),
                Err(Unwritten::WriterGone) => break,
            };
            if stopped {
                built.stopped.insert(head.stream);
            } else if head.position > self.until - KEPT_EVENTS && built.kept.len() < KEPT_SHOWS {
                built.kept.push((head.stream, folded));
            }
        }
        let Batches { rows, batches, counts, .. } = sink;
        built.count(counts);
        built.count(rows.counts());
        // An error means that the writer is gone, see above.
        let _ = batches.send(rows).await;
        drop(batches);
        for writer in writers {
            writer.await.map_err(RebuildError::Died)??;
        }
        Ok(built)
    }
}

/// Why a stream was not folded to its end.
#[derive(Debug)]
pub(super) enum Unwritten {
    /// The log cannot be read.
    Log(ReadError),
    /// Whoever writes rows is gone.
    WriterGone,
}

impl From<ReadError> for Unwritten {
    fn from(error: ReadError) -> Self {
        Self::Log(error)
    }
}

struct Batches<'a> {
    build: &'a Build,
    rows: Rows,
    counts: [usize; TABLES.len()],
    batches: mpsc::Sender<Rows>,
}

impl whole::Sink for Batches<'_> {
    type Error = Unwritten;

    fn rows(&mut self) -> &mut Rows {
        &mut self.rows
    }

    async fn progress(&mut self, events: u64) -> Result<(), Unwritten> {
        self.build.counter.add(events);
        if self.rows.len() < BATCH_ROWS {
            return Ok(());
        }
        let full = std::mem::replace(&mut self.rows, Rows::of(self.build.models));
        for (all, more) in self.counts.iter_mut().zip(full.counts()) {
            *all += more;
        }
        self.batches.send(full).await.map_err(|_| Unwritten::WriterGone)
    }
}

/// Writes batches until no more come. A writer that fails is gone; with the last of them the builder ends, too.
async fn write_all(pool: PgPool, batches: Arc<AsyncMutex<mpsc::Receiver<Rows>>>) -> Result<(), RebuildError> {
    let mut connection = pool.acquire().await?;
    loop {
        let next = batches.lock().await.recv().await;
        let Some(rows) = next else { return Ok(()) };
        if let Err(error) = write::rows(&mut connection, How::Insert, &rows).await {
            batches.lock().await.close();
            return Err(error.into());
        }
    }
}
