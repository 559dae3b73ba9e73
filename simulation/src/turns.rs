//! The turns that the server keeps: nodes queue for them, and one that stands still or is gone loses its turn after a while.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use event_store::{GiveBack, TurnSource};
use uuid::Uuid;

use crate::{database::Way, lock};

/// As `event-store/src/turns/postgres.rs` has it.
const WAIT_MAX: Duration = Duration::from_millis(2_500);
const TURN_MAX: Duration = Duration::from_secs(1);

/// Who is at turn, by the stream.
#[derive(Debug, Default)]
pub struct Queues(Mutex<BTreeMap<Uuid, Arc<tokio::sync::Mutex<()>>>>);

impl Queues {
    fn of(&self, stream: Uuid) -> Arc<tokio::sync::Mutex<()>> {
        Arc::clone(lock(&self.0).entry(stream).or_default())
    }
}

#[async_trait]
impl TurnSource for Way {
    async fn take(&self, stream: Uuid) -> Option<GiveBack> {
        self.network.reach().await;
        let server = &self.server;
        if server.strikes(server.weather.read_fails) || !lock(&server.state).up {
            server.trace("turn_missed", "nobody to ask");
            return None;
        }
        let Ok(turn) = tokio::time::timeout(WAIT_MAX, server.queues.of(stream).lock_owned()).await else {
            server.trace("turn_missed", "too long");
            return None;
        };
        server.trace("turn_taken", "");
        let turn = Arc::new(Mutex::new(Some(turn)));
        let late = Arc::clone(&turn);
        tokio::spawn(async move {
            tokio::time::sleep(TURN_MAX).await;
            drop(lock(&late).take());
        });
        let network = Arc::clone(&self.network);
        Some(Box::pin(async move {
            network.reach().await;
            drop(lock(&turn).take());
        }))
    }
}
