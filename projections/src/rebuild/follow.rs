//! Goes on from where whole streams ended, page by page, as live projection does, into tables beside those in use.

use std::collections::HashSet;

use event_store::Log;
use sqlx::PgPool;
use uuid::Uuid;

use super::{Counter, RebuildError};
use crate::{
    ReadModels,
    projector::{
        page,
        states::States,
        write::{self, How},
    },
};

/// Events in a page.
const PAGE_EVENTS: i64 = 2_000;

/// Follows the log.
pub(super) struct Follower {
    pub log: Log,
    /// Looks into the schema of the followed tables first.
    pub pool: PgPool,
    pub models: ReadModels,
    pub states: States,
    /// Streams that stopped.
    pub stopped: HashSet<Uuid>,
    /// What the tables have reached.
    pub position: i64,
    pub counter: Counter,
    /// Streams with an event since it began.
    pub followed: HashSet<Uuid>,
}

impl Follower {
    /// Goes on to a position of the log.
    pub async fn to(&mut self, until: i64) -> Result<(), RebuildError> {
        while self.position < until {
            let events = self.log.page(self.position, PAGE_EVENTS.min(until - self.position)).await?;
            let Some(last) = events.last() else { return Ok(()) };
            let rows = page::fold(&self.log, &mut self.states, &mut self.stopped, &events, self.models).await?;
            let mut transaction = self.pool.begin().await?;
            write::rows(&mut transaction, How::Upsert, &rows).await?;
            transaction.commit().await?;
            self.states.trim();
            self.position = last.position;
            self.followed.extend(events.iter().map(|event| event.stream));
            self.counter.add(events.len() as u64);
        }
        Ok(())
    }
}
