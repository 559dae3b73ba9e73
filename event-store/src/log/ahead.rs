//! Reading a long stream: while one page is folded, the next ones are fetched and understood.
//!
//! Versions have no gaps, so pages can be asked for side by side; they come in their order. What a page says is found out on
//! tasks of its own, since decoding takes most of the time: a stream is then read as fast as the cores together can.

use futures::{Stream, StreamExt};
use uuid::Uuid;

use super::{Log, ReadError};
use crate::event::StreamEvent;

/// Events in a page: some milliseconds of decoding, so that a thread is not kept from others for long.
const PAGE: i64 = 1_000;

/// Pages under way beside the one that is folded.
const AHEAD: usize = 3;

impl Log {
    /// The pages of a stream behind version `after` up to version `until`, which it has reached, each as `understand` takes it.
    /// It ends with the first error.
    pub fn ahead<T: Send + 'static>(
        &self,
        stream: Uuid,
        after: i64,
        until: i64,
        understand: fn(Vec<StreamEvent>) -> T,
    ) -> impl Stream<Item = Result<T, ReadError>> + Send + use<T> {
        let log = self.clone();
        let pages = (0..).map(move |page| after + page * PAGE).take_while(move |from| *from < until);
        futures::stream::iter(pages)
            .map(move |from| {
                let (log, limit) = (log.clone(), PAGE.min(until - from));
                tokio::spawn(async move {
                    let events = log.facts(stream, from, limit).await?;
                    let found = i64::try_from(events.len()).unwrap_or(i64::MAX);
                    if found < limit {
                        return Err(ReadError::Hole { expected: from + found + 1, found: until });
                    }
                    Ok(understand(events))
                })
            })
            .buffered(AHEAD)
            .map(|page| page.unwrap_or_else(|_| Err(ReadError::Database(sqlx::Error::WorkerCrashed))))
    }
}
