//! Finds out what became of a call whose reply was lost.
//!
//! Asked only after the call's backend is gone, so that the answer cannot change any more. An append landed when its events
//! stand at the versions that they were meant for, one behind the other in the log, with their commands and their contents.
//! All of them: another node may have recorded the first one, when a client sent its request there as well. An append without
//! events leaves nothing to find.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::batch::Request;
use crate::event::Appended;

/// An event that stands where one of the batch was to stand.
struct Found {
    stream: Uuid,
    position: i64,
    command: Uuid,
    content_hash: Vec<u8>,
    recorded_at: DateTime<Utc>,
}

/// For each item, in order: its answer if it landed.
pub(super) async fn look(
    connection: &mut PgConnection,
    batch: &[Request],
) -> Result<Vec<Option<Appended>>, sqlx::Error> {
    let before: Vec<i64> = batch.iter().map(|request| request.append.expected_version).collect();
    let streams: Vec<Uuid> = batch.iter().map(|request| request.append.stream).collect();
    let last: Vec<i64> = batch.iter().map(|request| request.append.expected_version + events(request)).collect();
    let found = sqlx::query_as!(
        Found,
        "SELECT e.stream, e.position, e.command, e.content_hash, e.recorded_at
           FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS i (stream, before, last)
           JOIN log.events AS e ON e.stream = i.stream AND e.version > i.before AND e.version <= i.last
          ORDER BY e.position",
        &streams,
        &before,
        &last
    )
    .fetch_all(connection)
    .await?;
    Ok(batch.iter().map(|request| landed(request, &found)).collect())
}

fn landed(request: &Request, found: &[Found]) -> Option<Appended> {
    let append = &request.append;
    let there: Vec<&Found> = found.iter().filter(|row| row.stream == append.stream).collect();
    let (first, last) = (there.first()?, there.last()?);
    let is_ours = there.len() == append.events.len()
        && last.position - first.position + 1 == events(request)
        && there
            .iter()
            .zip(append.events.iter().zip(&request.hashes))
            .all(|(row, (event, hash))| row.command == event.metadata.command && row.content_hash == hash);
    is_ours.then(|| Appended {
        first_position: Some(first.position),
        last_position: last.position,
        version: append.expected_version + events(request),
        recorded_at: first.recorded_at,
    })
}

fn events(request: &Request) -> i64 {
    i64::try_from(request.append.events.len()).unwrap_or(i64::MAX)
}
