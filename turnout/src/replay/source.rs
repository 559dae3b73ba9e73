//! Where a story comes from: the log alone, not the read models, which may be built anew meanwhile or lag behind.

use anyhow::{Context as _, bail};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::verify::event::{Looked, Row, look, rows_of_stream};

/// How many events of a show are read at once.
const PAGE_EVENTS: i64 = 1_000;

/// An event of a show, looked at for itself.
pub(super) struct Recorded {
    pub looked: Looked,
    pub event_type: String,
    pub actor: String,
    pub device: Option<Uuid>,
    pub channel: Option<String>,
}

/// The id of the show that an id or a slug names.
pub(super) async fn show(connection: &mut PgConnection, named: &str) -> anyhow::Result<Uuid> {
    let statement = match Uuid::parse_str(named) {
        Ok(_) => "SELECT stream FROM log.events WHERE stream = $1::uuid AND stream_type = 'show' AND version = 1",
        Err(_) => {
            "SELECT stream FROM log.events WHERE type = 'ShowScheduled' AND payload->>'slug' = $1 ORDER BY position"
        }
    };
    let found: Vec<Uuid> = sqlx::query_scalar(statement).bind(named).fetch_all(connection).await.context(READABLE)?;
    match found.as_slice() {
        [show] => Ok(*show),
        [] => bail!("the log has no show {named}"),
        several => bail!("{} shows are called {named}; name one by its id: {several:?}", several.len()),
    }
}

/// The show's events behind a version.
pub(super) async fn page(connection: &mut PgConnection, show: Uuid, after: i64) -> anyhow::Result<Vec<Recorded>> {
    let rows = rows_of_stream(connection, show, after, PAGE_EVENTS).await.context(READABLE)?;
    let recorded = |row: Row| {
        let (event_type, actor) = (row.line.event_type.clone(), row.line.actor.clone());
        let (device, channel) = (row.line.device, row.line.channel.clone());
        Recorded { looked: look(row), event_type, actor, device, channel }
    };
    Ok(tokio::task::spawn_blocking(move || rows.into_iter().map(recorded).collect()).await?)
}

/// How many events there are of a show, up to a position.
pub(super) async fn count(connection: &mut PgConnection, show: Uuid, until: i64) -> anyhow::Result<i64> {
    let statement = "SELECT version FROM log.events WHERE stream = $1 AND position <= $2 ORDER BY version DESC LIMIT 1";
    let version: Option<i64> =
        sqlx::query_scalar(statement).bind(show).bind(until).fetch_optional(connection).await.context(READABLE)?;
    Ok(version.unwrap_or(0))
}

/// The sizes of the log's signed checkpoints, ascending: each speaks of the events up to that position. None where this log keeps
/// no checkpoints.
pub(super) async fn checkpoints(connection: &mut PgConnection) -> anyhow::Result<Option<Vec<i64>>> {
    let kept: bool = sqlx::query_scalar("SELECT to_regclass('log.checkpoints') IS NOT NULL")
        .fetch_one(&mut *connection)
        .await
        .context(READABLE)?;
    if !kept {
        return Ok(None);
    }
    let sizes = sqlx::query_scalar("SELECT size FROM log.checkpoints ORDER BY size").fetch_all(connection).await;
    Ok(Some(sizes.context("the log's checkpoints cannot be read")?))
}

const READABLE: &str = "the log cannot be read";
