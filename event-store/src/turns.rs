//! Turns: how several nodes that write one stream at the same time keep out of each other's way.
//!
//! Whoever holds the turn of a stream reads what it missed, decides, and appends, while the others wait in a queue. What is
//! right rests on the version check of the append alone, never on a turn: it is only a courtesy that spares work which would
//! end in a conflict. So nobody waits long for one, nobody keeps one for ever, and whoever gets none goes on without.

mod postgres;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use sqlx::PgPool;
use tokio::runtime::Handle;
use uuid::Uuid;

use self::postgres::Postgres;

/// What gives a turn back.
pub type GiveBack = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where nodes queue for their turns.
#[async_trait]
pub trait TurnSource: Send + Sync + fmt::Debug {
    /// Waits for the turn of a stream, but not long; none when it was too long, or nobody can be asked. The turn lasts until
    /// the future was awaited.
    async fn take(&self, stream: Uuid) -> Option<GiveBack>;
}

/// The turns of all streams. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Turns {
    source: Option<Arc<dyn TurnSource>>,
}

/// The turn of a stream, given back when it is dropped.
#[must_use = "it is given back when it is dropped"]
pub struct HeldTurn {
    give_back: Option<GiveBack>,
}

impl Turns {
    /// Those that the database keeps. The pool is of role Write, and nothing else waits for its connections.
    #[must_use]
    pub fn new(pool: PgPool) -> Self {
        Self::over(Arc::new(Postgres::new(pool)))
    }

    /// Those of any [`TurnSource`].
    #[must_use]
    pub fn over(source: Arc<dyn TurnSource>) -> Self {
        Self { source: Some(source) }
    }

    /// None: everybody goes on without.
    #[must_use]
    pub fn none() -> Self {
        Self { source: None }
    }

    /// Waits for the turn of a stream, but not long; none where there was none to be had.
    pub async fn take(&self, stream: Uuid) -> Option<HeldTurn> {
        let give_back = self.source.as_ref()?.take(stream).await?;
        Some(HeldTurn { give_back: Some(give_back) })
    }
}

impl fmt::Debug for HeldTurn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("HeldTurn")
    }
}

impl Drop for HeldTurn {
    fn drop(&mut self) {
        // Nobody waits for it: the answers of the turn are on their way meanwhile. Where the runtime has ended, the connection
        // ends as well, and the turn with it.
        if let (Some(give_back), Ok(runtime)) = (self.give_back.take(), Handle::try_current()) {
            runtime.spawn(give_back);
        }
    }
}
