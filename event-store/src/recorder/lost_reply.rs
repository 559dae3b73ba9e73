//! Finds out what became of a call whose reply was lost.
//!
//! Asked only after the call's backend is gone, so that the answer cannot change any more. An append landed when its first
//! event stands at the version that it was meant for, with its command and its content; the rest stands behind it, because
//! an append is written whole. An append without events leaves nothing to find.

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::batch::Request;
use crate::event::Appended;

/// For each item, in order: its answer if it landed.
pub(super) async fn look(
    connection: &mut PgConnection,
    batch: &[Request],
) -> Result<Vec<Option<Appended>>, sqlx::Error> {
    let (streams, versions): (Vec<Uuid>, Vec<i64>) =
        batch.iter().map(|request| (request.append.stream, request.append.expected_version + 1)).unzip();
    let found = sqlx::query!(
        "SELECT e.stream, e.position, e.command, e.content_hash, e.recorded_at
           FROM unnest($1::uuid[], $2::bigint[]) AS i (stream, version)
           JOIN log.events AS e ON e.stream = i.stream AND e.version = i.version",
        &streams,
        &versions
    )
    .fetch_all(connection)
    .await?;
    Ok(batch
        .iter()
        .map(|request| {
            let (event, hash) = (request.append.events.first()?, request.hashes.first()?);
            let landed = found.iter().find(|row| {
                row.stream == request.append.stream && row.command == event.metadata.command && row.content_hash == hash
            })?;
            let events = i64::try_from(request.append.events.len()).ok()?;
            Some(Appended {
                first_position: Some(landed.position),
                last_position: landed.position + events - 1,
                version: request.append.expected_version + events,
                recorded_at: landed.recorded_at,
            })
        })
        .collect())
}
