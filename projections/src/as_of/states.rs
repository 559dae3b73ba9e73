//! Folded states of the past. Those that were asked for lately stay in memory: whoever looks at a moment asks several
//! things about it.
//!
//! However many ask for a state, it is folded once; and only so many are folded at once, as each may take a core and some
//! tens of megabytes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{Show, ShowState};
use event_store::{Log, Snapshots};
use futures::TryStreamExt;
use tokio::sync::{OnceCell, Semaphore};
use uuid::Uuid;

use super::fold::{Fold, understood};
use crate::queries::QueryError;

/// States that are folded at once.
const FOLDING_MAX: usize = 2;
/// States in memory.
const KEPT_MAX: usize = 16;
/// Events that they were folded from, all together: what a state takes grows with them, some hundred bytes each.
const KEPT_EVENTS_MAX: i64 = 1_000_000;

/// A show at a version of its stream.
#[derive(Debug, Clone)]
pub(crate) struct Folded {
    /// Whose it is.
    pub organization: Uuid,
    /// The show.
    pub show: Arc<Show>,
}

type Cell = Arc<OnceCell<Option<Folded>>>;

/// States by show and version, the one that was asked for last at the end.
type Kept = Vec<((Uuid, i64), Cell)>;

/// Folds, and remembers. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct States {
    log: Log,
    snapshots: Snapshots,
    kept: Arc<Mutex<Kept>>,
    folding: Arc<Semaphore>,
}

impl States {
    pub fn new(log: Log, snapshots: Snapshots) -> Self {
        Self { log, snapshots, kept: Arc::default(), folding: Arc::new(Semaphore::new(FOLDING_MAX)) }
    }

    /// A show after the first `version` events of its stream, which has at least so many. None: they do not begin a show.
    pub async fn folded(&self, show: Uuid, version: i64) -> Result<Option<Folded>, QueryError> {
        let cell = self.cell((show, version));
        let folded = cell.get_or_try_init(async || {
            let _permit = self.folding.acquire().await;
            self.fold(show, version).await
        });
        folded.await.cloned()
    }

    fn cell(&self, key: (Uuid, i64)) -> Cell {
        let mut kept = self.kept();
        let known = kept.iter().position(|(known, _)| *known == key);
        let cell = known.map(|at| kept.remove(at).1).unwrap_or_default();
        kept.push((key, Arc::clone(&cell)));
        let mut events = 0;
        let fit = kept.iter().rev().take(KEPT_MAX).take_while(|((_, version), _)| {
            events += version;
            events <= KEPT_EVENTS_MAX
        });
        // The one that is asked for stays, however long it is.
        let beyond = kept.len() - fit.count().max(1);
        kept.drain(..beyond);
        cell
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn fold(&self, show: Uuid, version: i64) -> Result<Option<Folded>, QueryError> {
        let mut fold = Fold::begin(&self.snapshots, show, version).await;
        let mut pages = std::pin::pin!(self.log.ahead(show, fold.version, version, understood));
        while let Some(page) = pages.try_next().await? {
            fold.take(&page?);
            if fold.is_far() && self.snapshots.keeps() {
                fold = fold.keep(&self.snapshots).await?;
            }
        }
        fold.kept().await;
        let Fold { state, organization, .. } = fold;
        Ok(match state {
            ShowState::NotScheduled => None,
            ShowState::Scheduled(show) => Some(Folded { organization, show: Arc::new(*show) }),
        })
    }
}
