//! Compares read models with what the events say, row for row.
//!
//! A stream is folded from its first event and rendered into temporary tables, by the functions that render the read models, and
//! the database compares the two. What the tables hold is taken from one snapshot together with the checkpoint, so that nothing
//! has to stand still meanwhile. It only reads.

use std::fmt;

use event_store::{
    Log, ReadError, StreamHead, StreamType,
    pools::{self, Role},
    streams,
};
use futures::TryStreamExt as _;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _};
use thiserror::Error;
use tokio::sync::watch;
use uuid::Uuid;

use crate::{
    ReadModels,
    projector::{
        rows::Rows,
        write::{self, How},
    },
    read_models::{POISONED, Table},
    rebuild::whole::{self, Sink},
};

/// Rows that are written together into the temporary tables.
const BATCH_ROWS: usize = 5_000;
/// Differences of one table and stream that are told.
const TOLD_MAX: i64 = 20;
/// Connections that read ahead.
const READERS: u32 = 5;

/// Why the read models could not be looked at.
#[derive(Debug, Error)]
pub enum VerifyError {
    /// The database cannot be reached or refuses.
    #[error("the database refuses")]
    Database(#[from] sqlx::Error),
    /// The log cannot be read, or is damaged.
    #[error("the log cannot be read")]
    Log(#[from] ReadError),
}

/// A row that is not what the events say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The table.
    pub table: &'static str,
    /// The row's key, as text; empty where the stream itself is meant.
    pub key: String,
    /// The stream whose events say otherwise.
    pub stream: Uuid,
    /// How it differs.
    pub how: Differs,
}

/// How a row differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Differs {
    /// The events say that there is such a row.
    Missing,
    /// No event says that there is such a row.
    Unfounded,
    /// These columns hold something else.
    In(Vec<String>),
    /// The stream stopped at an event that could not be understood, at this position.
    StoppedAt(i64),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, key, stream, how } = self;
        match how {
            Differs::Missing => write!(f, "{table} has no row {key}, of which stream {stream} tells"),
            Differs::Unfounded => write!(f, "{table} has a row {key}, of which stream {stream} tells nothing"),
            Differs::In(columns) => {
                write!(f, "{table}, row {key}: {} is not what stream {stream} says", columns.join(", "))
            }
            Differs::StoppedAt(position) => write!(
                f,
                "the read models of stream {stream} stopped at position {position}; update the program, then run `turnout rebuild --stream {stream}`"
            ),
        }
    }
}

/// How many streams and events were looked at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Looked {
    /// Streams.
    pub streams: usize,
    /// Events that were folded.
    pub events: u64,
    /// Events there are.
    pub of: u64,
}

/// Compares all read models of a database with its log.
#[derive(Debug)]
pub struct ReadCheck {
    url: String,
    progress: watch::Sender<Looked>,
}

impl ReadCheck {
    /// `url` is the server's: a role that reads is enough.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self { url: url.to_owned(), progress: watch::Sender::default() }
    }

    /// How far it is.
    #[must_use]
    pub fn progress(&self) -> watch::Receiver<Looked> {
        self.progress.subscribe()
    }

    /// Looks at every stream, and hands over whatever differs as it is found.
    ///
    /// # Errors
    /// When the database or the log cannot be read.
    pub async fn run(&self, mut found: impl FnMut(Difference)) -> Result<Looked, VerifyError> {
        let pool = pools::connect(&self.url, Role::Project, READERS).await?;
        let log = Log::new(pool.clone(), None);
        let mut connection = pool.acquire().await?.detach();
        connection.execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0").await?;
        let until = sqlx::query_scalar!("SELECT position FROM checkpoints WHERE name = 'read'")
            .fetch_optional(&mut connection)
            .await?
            .unwrap_or(0);
        let heads = streams(&pool, until).await?;
        let mut looked = Looked { streams: 0, events: 0, of: u64::try_from(until).unwrap_or(0) };
        let mut comparison = Comparison::begin(&mut connection, "read", ReadModels::ALL).await?;
        for head in &heads {
            for difference in comparison.of_live_stream(&log, head.stream).await? {
                found(difference);
            }
            looked.streams += 1;
            looked.events += u64::try_from(head.version).unwrap_or(0);
            self.progress.send_replace(looked);
        }
        for difference in comparison.of_no_stream().await? {
            found(difference);
        }
        comparison.end().await?;
        Ok(looked)
    }
}

/// Tables of one schema, and temporary ones beside them.
pub(crate) struct Comparison<'a> {
    connection: &'a mut PgConnection,
    schema: &'static str,
    models: ReadModels,
    tables: Vec<Table>,
}

impl<'a> Comparison<'a> {
    /// Makes the temporary tables; the connection's unqualified names mean them from now on.
    pub async fn begin(
        connection: &'a mut PgConnection,
        schema: &'static str,
        models: ReadModels,
    ) -> Result<Self, sqlx::Error> {
        let tables = models.tables();
        for Table { name, .. } in &tables {
            let create =
                format!("CREATE TEMPORARY TABLE {name} (LIKE {schema}.{name} INCLUDING ALL) ON COMMIT DELETE ROWS");
            connection.execute(AssertSqlSafe(create)).await?;
        }
        connection.execute("SET search_path = pg_temp").await?;
        Ok(Self { connection, schema, models, tables })
    }

    /// Drops them.
    pub async fn end(self) -> Result<(), sqlx::Error> {
        for Table { name, .. } in &self.tables {
            self.connection.execute(AssertSqlSafe(format!("DROP TABLE pg_temp.{name}"))).await?;
        }
        self.connection.execute("SET search_path = public").await.map(drop)
    }

    /// Compares a stream with the tables in use, at the checkpoint of the same snapshot.
    async fn of_live_stream(&mut self, log: &Log, stream: Uuid) -> Result<Vec<Difference>, VerifyError> {
        let mut transaction = self.connection.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ").await?;
        // Before the snapshot is taken: whoever replaces the tables waits for its end, and it for theirs.
        transaction.execute("LOCK TABLE read.checkpoints IN ACCESS SHARE MODE").await?;
        let position = sqlx::query_scalar!("SELECT position FROM read.checkpoints WHERE name = 'read'")
            .fetch_optional(&mut *transaction)
            .await?
            .unwrap_or(0);
        let stops_at = sqlx::query_scalar!("SELECT position FROM read.poisoned_streams WHERE stream = $1", stream)
            .fetch_optional(&mut *transaction)
            .await?;
        let mut differences =
            compare(&mut transaction, self.schema, self.models, log, At { stream, position, stops_at }).await?;
        transaction.rollback().await?;
        if let Some(position) = stops_at {
            // Said once, and by itself: the list of stopped streams is no row of the fold.
            differences.retain(|difference| difference.table != POISONED.name);
            let how = Differs::StoppedAt(position);
            differences.push(Difference { table: "poisoned_streams", key: String::new(), stream, how });
        }
        Ok(differences)
    }

    /// Compares a stream with tables that nobody else writes, at the position that they have reached.
    pub async fn of_stream(&mut self, log: &Log, stream: Uuid, position: i64) -> Result<Vec<Difference>, VerifyError> {
        let mut transaction = self.connection.begin().await?;
        let at = At { stream, position, stops_at: None };
        let differences = compare(&mut transaction, self.schema, self.models, log, at).await?;
        transaction.rollback().await?;
        Ok(differences)
    }

    /// Rows of streams that the log does not have.
    async fn of_no_stream(&mut self) -> Result<Vec<Difference>, VerifyError> {
        let mut differences = Vec::new();
        for table in &self.tables {
            let Table { name, stream, .. } = table;
            let sql = format!(
                "SELECT {} AS key, t.{stream} AS stream FROM {}.{name} AS t
                  WHERE NOT EXISTS (SELECT FROM log.events AS e WHERE e.stream = t.{stream} AND e.version = 1) LIMIT {TOLD_MAX}",
                key(table, "t"),
                self.schema
            );
            for row in self.connection.fetch_all(AssertSqlSafe(sql)).await? {
                let (key, stream) = (row.try_get("key")?, row.try_get("stream")?);
                differences.push(Difference { table: name, key, stream, how: Differs::Unfounded });
            }
        }
        Ok(differences)
    }
}

/// What a stream's rows have to be.
struct At {
    stream: Uuid,
    position: i64,
    stops_at: Option<i64>,
}

async fn compare(
    transaction: &mut PgConnection,
    schema: &'static str,
    models: ReadModels,
    log: &Log,
    At { stream, position, stops_at }: At,
) -> Result<Vec<Difference>, VerifyError> {
    let Some(head) = head(transaction, stream, position).await? else { return Ok(Vec::new()) };
    let mut sink = Written { connection: transaction, rows: Rows::of(models), models };
    whole::fold(log, head, stops_at, &mut sink).await?;
    let Written { connection, rows, .. } = sink;
    write::rows(connection, How::Insert, &rows).await?;
    let mut differences = Vec::new();
    for table in models.tables() {
        let name = table.name;
        let joined: Vec<String> = table.key.iter().map(|column| format!("s.{column} = e.{column}")).collect();
        let first = table.key[0];
        // A row of one side alone is all null on the other.
        let sql = format!(
            "SELECT coalesce({}, {}) AS key, s.{first} IS NULL AS missing, e.{first} IS NULL AS unfounded,
                    (SELECT array_agg(a.key::text ORDER BY a.key) FROM jsonb_each(to_jsonb(s)) AS a JOIN jsonb_each(to_jsonb(e)) AS b ON a.key = b.key
                      WHERE a.value IS DISTINCT FROM b.value) AS columns
               FROM (SELECT * FROM {schema}.{name} WHERE {} = $1) AS s FULL JOIN pg_temp.{name} AS e ON {}
              WHERE s.* IS DISTINCT FROM e.* LIMIT {TOLD_MAX}",
            key(&table, "s"),
            key(&table, "e"),
            table.stream,
            joined.join(" AND ")
        );
        let mut rows = sqlx::query(AssertSqlSafe(sql)).bind(stream).fetch(&mut *connection);
        while let Some(row) = rows.try_next().await? {
            let how = match (row.try_get("missing")?, row.try_get("unfounded")?) {
                (true, _) => Differs::Missing,
                (_, true) => Differs::Unfounded,
                _ => Differs::In(row.try_get::<Option<Vec<String>>, _>("columns")?.unwrap_or_default()),
            };
            differences.push(Difference { table: name, key: row.try_get("key")?, stream, how });
        }
    }
    Ok(differences)
}

/// A row's key as text, null where there is no row.
fn key(table: &Table, of: &str) -> String {
    table.key.iter().map(|column| format!("{of}.{column}::text")).collect::<Vec<_>>().join(" || ' ' || ")
}

/// How far a stream goes up to a position.
pub(crate) async fn head(
    connection: &mut PgConnection,
    stream: Uuid,
    until: i64,
) -> Result<Option<StreamHead>, sqlx::Error> {
    let last = sqlx::query!(
        "SELECT stream_type, organization, version, position FROM log.events
          WHERE stream = $1 AND position <= $2 ORDER BY version DESC LIMIT 1",
        stream,
        until
    )
    .fetch_optional(connection)
    .await?;
    Ok(last.and_then(|last| {
        Some(StreamHead {
            stream,
            stream_type: StreamType::parse(&last.stream_type)?,
            organization: last.organization,
            version: last.version,
            position: last.position,
        })
    }))
}

/// Rows that go into the temporary tables.
struct Written<'a> {
    connection: &'a mut PgConnection,
    rows: Rows,
    models: ReadModels,
}

impl Sink for Written<'_> {
    type Error = VerifyError;

    fn rows(&mut self) -> &mut Rows {
        &mut self.rows
    }

    async fn progress(&mut self, _events: u64) -> Result<(), VerifyError> {
        if self.rows.len() >= BATCH_ROWS {
            let full = std::mem::replace(&mut self.rows, Rows::of(self.models));
            write::rows(self.connection, How::Insert, &full).await?;
        }
        Ok(())
    }
}
