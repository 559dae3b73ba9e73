//! The questions that the read side answers.
//!
//! Every answer comes from one snapshot, with the position that its read model had in it. Row-level security is set in the
//! round trip that begins the transaction: a query that forgets to ask for the organization sees nothing foreign. Names are
//! joined from the vault afterwards, by the same organization. Time comes as a parameter.
//!
//! Who may ask what is decided before; here a caller says only whether numbers may be shown.

mod copies;
mod door;
mod export;
mod follow;
pub(crate) mod list;
mod orders;
pub(crate) mod people;
mod places;
mod privacy;
mod settings;
mod shows;
mod tickets;
mod wait;

use event_store::{Log, ReadError, Snapshots, Vault};
use sqlx::{AssertSqlSafe, PgPool, Postgres, Transaction};
use thiserror::Error;
use tokio::sync::watch;
use uuid::Uuid;

use crate::{as_of::States, projector::CHECKPOINT};

#[cfg(test)]
pub(crate) use copies::{SeatNews, SeatsNews};
pub(crate) use copies::{SeatsSince, ShowNews};
pub use export::{ExportError, Exported};
pub use follow::CheckpointFollower;
pub use list::{List, Page};
pub use orders::{OrderFound, OrdersFilter};
pub(crate) use places::Left;
pub use places::{Audience, Mine};
pub use privacy::{
    ExportedAccount, ExportedCheckIn, ExportedOrder, ExportedSession, ExportedTicket, PersonExport, PersonItem,
    PersonOrder, PersonText, PersonTicket, PersonView,
};
pub use shows::{ShowFound, ShowsFilter};
pub use tickets::{Found, TicketFound, TokenFacts};
pub use wait::WaitError;

/// Whose rows a query sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One organization's, drafts included.
    Organization(Uuid),
    /// Published shows of all organizations, and nothing else.
    Public,
}

/// What was asked for, as it was at a position.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer<T> {
    /// What the read model had reached.
    pub position: i64,
    /// What was asked for.
    pub body: T,
}

impl<T> Answer<T> {
    /// The same at the same position, as something else.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Answer<U> {
        Answer { position: self.position, body: f(self.body) }
    }
}

/// Why a query has no answer.
#[derive(Debug, Error)]
pub enum QueryError {
    /// The cursor is none that a list gave out: the caller's to mend.
    #[error("the cursor is not one that this list gave out")]
    BadCursor,
    /// The database cannot be reached or refuses: later, perhaps.
    #[error("the read models cannot be read")]
    Database(#[from] sqlx::Error),
    /// The vault or the log cannot be read.
    #[error("names cannot be joined")]
    Vault(#[from] ReadError),
    /// An event of a show that is to be folded cannot be understood, at this position.
    #[error("the event at position {position} cannot be understood")]
    Unreadable {
        /// Its position.
        position: i64,
        /// Why.
        #[source]
        source: domain::events::DecodeError,
    },
    /// A row holds what this version cannot read: the read models want a rebuild.
    #[error("a row of {table} has another shape")]
    Corrupt {
        /// Which table.
        table: &'static str,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

/// Answers questions. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Queries {
    pool: PgPool,
    pub(crate) vault: Vault,
    pub(crate) log: Log,
    checkpoint: watch::Receiver<i64>,
    pub(crate) states: States,
}

impl Queries {
    /// `pool` is of role Query, of the primary or of a replica. `log` is of a role that sees the whole log (it is asked for its
    /// head only), always of the primary: a replica does not know how far the log goes. `checkpoint` is the checkpoint as the
    /// database of `pool` shows it: [`Projector::checkpoint`](crate::Projector::checkpoint) where a projector of this process
    /// writes that database, leading or not, else [`CheckpointFollower::checkpoint`].
    #[must_use]
    pub fn new(pool: PgPool, log: Log, checkpoint: watch::Receiver<i64>) -> Self {
        Self {
            vault: Vault::new(pool.clone()),
            pool,
            states: States::new(log.clone(), Snapshots::none()),
            log,
            checkpoint,
        }
    }

    /// The same, which begins the past at what is kept there, and keeps more of it where that is far away. Without it every
    /// state of the past is folded from a stream's beginning.
    #[must_use]
    pub fn with_snapshots(mut self, snapshots: Snapshots) -> Self {
        self.states = States::new(self.log.clone(), snapshots);
        self
    }

    /// The checkpoint as far as it is known here; changes when there is something new to ask for.
    #[must_use]
    pub fn checkpoint(&self) -> watch::Receiver<i64> {
        self.checkpoint.clone()
    }

    /// How often something of the organization was erased from the vault; part of the ETag of answers with names.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn erasures(&self, organization: Uuid) -> Result<i64, QueryError> {
        Ok(self.vault.erasures(organization).await?)
    }

    /// Begins a snapshot in a scope, in one round trip. The lock is taken before the snapshot, so that this one is never older than
    /// the tables that it meets: whoever replaces them (`rebuild`) takes the same lock alone.
    pub(crate) async fn begin(&self, scope: Scope) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        // Either a fixed word or an id, printed as hexadecimal digits and hyphens: nothing in it can end the quotes.
        let scope = match scope {
            Scope::Organization(organization) => organization.to_string(),
            Scope::Public => "public".to_owned(),
        };
        self.pool
            .begin_with(AssertSqlSafe(format!(
                "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL turnout.organization = '{scope}'; \
                 LOCK TABLE checkpoints IN ACCESS SHARE MODE"
            )))
            .await
    }
}

/// The read model's checkpoint in a snapshot.
pub(crate) async fn checkpoint(transaction: &mut Transaction<'static, Postgres>) -> Result<i64, sqlx::Error> {
    let position = sqlx::query_scalar!("SELECT position FROM checkpoints WHERE name = $1", CHECKPOINT)
        .fetch_optional(&mut **transaction)
        .await?;
    Ok(position.unwrap_or(0))
}

/// How far the read models of a show are in a snapshot: the checkpoint, or the position before the event that they stopped at. So
/// whoever asks for what changed since finds all that comes once they go on.
pub(crate) async fn checkpoint_of(
    transaction: &mut Transaction<'static, Postgres>,
    show: Uuid,
) -> Result<i64, sqlx::Error> {
    let position = sqlx::query_scalar!(
        r#"SELECT least(c.position, x.position - 1) AS "position!"
             FROM checkpoints AS c LEFT JOIN poisoned_streams AS x ON x.stream = $2 WHERE c.name = $1"#,
        CHECKPOINT,
        show
    )
    .fetch_optional(&mut **transaction)
    .await?;
    Ok(position.unwrap_or(0))
}

/// A row's JSON as a struct.
pub(crate) fn read<T: serde::de::DeserializeOwned>(table: &'static str, body: &str) -> Result<T, QueryError> {
    serde_json::from_str(body).map_err(|source| QueryError::Corrupt { table, source })
}
