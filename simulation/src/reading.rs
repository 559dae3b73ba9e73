//! The readers' side of the server: reads that fail or are slow, and snapshots that are lost or old.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use event_store::{LogSource, ReadError, RecordedEvent, Snapshot, SnapshotSource, StreamEvent, Touched, TypedEvent};
use uuid::Uuid;

use crate::{database::Way, lock, server::broken, stored::State};

impl Way {
    /// What stood there at one moment between asking and the answer.
    pub async fn read<T>(&self, look: impl FnOnce(&State) -> T) -> Result<T, sqlx::Error> {
        self.network.reach().await;
        let (server, slow) = (&self.server, self.server.weather.slow_read);
        if server.strikes(slow) {
            server.trace("slow_read", "");
            tokio::time::sleep(server.chance.millis(10, 3_000)).await;
        }
        if server.strikes(server.weather.read_fails) || !lock(&server.state).up {
            server.trace("read_fails", "");
            return Err(broken("the connection broke while reading"));
        }
        let found = look(&lock(&server.state));
        if server.strikes(slow) {
            server.trace("slow_read", "on the way back");
            tokio::time::sleep(server.chance.millis(10, 3_000)).await;
        }
        self.network.reach().await;
        Ok(found)
    }
}

fn some(events: impl Iterator<Item = RecordedEvent>, limit: i64) -> Vec<RecordedEvent> {
    events.take(usize::try_from(limit).unwrap_or(0)).collect()
}

#[async_trait]
impl LogSource for Way {
    async fn page(&self, after: i64, limit: i64) -> Result<Vec<RecordedEvent>, ReadError> {
        let behind = |state: &State| some(state.events.iter().filter(|event| event.position > after).cloned(), limit);
        Ok(self.read(behind).await?)
    }

    async fn facts(&self, stream: Uuid, after_version: i64, limit: i64) -> Result<Vec<StreamEvent>, ReadError> {
        let events = self.stream(stream, after_version, limit).await?;
        let fact = |event: RecordedEvent| StreamEvent {
            version: event.version,
            position: event.position,
            organization: event.organization,
            event_type: event.event_type,
            schema: event.schema,
            payload: event.payload,
            command: event.metadata.command,
            recorded_at: event.recorded_at,
        };
        Ok(events.into_iter().map(fact).collect())
    }

    async fn stream(&self, stream: Uuid, after_version: i64, limit: i64) -> Result<Vec<RecordedEvent>, ReadError> {
        let behind =
            |state: &State| some(state.stream(stream).filter(|event| event.version > after_version).cloned(), limit);
        Ok(self.read(behind).await?)
    }

    async fn of_types(&self, types: &[&str], after: i64, until: i64) -> Result<Vec<TypedEvent>, ReadError> {
        let between = |event: &&RecordedEvent| {
            event.position > after && event.position <= until && types.contains(&event.event_type.as_str())
        };
        let typed = |event: &RecordedEvent| TypedEvent {
            position: event.position,
            organization: event.organization,
            stream: event.stream,
            event_type: event.event_type.clone(),
            schema: event.schema,
            payload: event.payload.clone(),
            recorded_at: event.recorded_at,
        };
        Ok(self.read(|state| state.events.iter().filter(between).map(typed).collect()).await?)
    }

    async fn streams_between(&self, after: i64, until: i64) -> Result<Vec<Touched>, ReadError> {
        let between = |event: &&RecordedEvent| event.position > after && event.position <= until;
        let touched = |event: &RecordedEvent| Touched { organization: event.organization, stream: event.stream };
        let mut found: Vec<Touched> =
            self.read(|state| state.events.iter().filter(between).map(touched).collect()).await?;
        found.dedup();
        Ok(found)
    }

    async fn organization_command(&self, organization: Uuid, command: Uuid) -> Result<Vec<RecordedEvent>, ReadError> {
        let of_it = |event: &&RecordedEvent| event.metadata.command == command;
        Ok(self.read(|state| state.stream(organization).filter(of_it).cloned().collect()).await?)
    }

    async fn stream_organization(&self, stream: Uuid) -> Result<Option<Uuid>, ReadError> {
        Ok(self.read(|state| state.stream(stream).next().map(|event| event.organization)).await?)
    }

    async fn has_shows(&self) -> Result<bool, ReadError> {
        Ok(self.read(|state| !state.events.is_empty()).await?)
    }

    async fn position_at(&self, moment: DateTime<Utc>) -> Result<i64, ReadError> {
        let until = |state: &State| state.events.partition_point(|event| event.recorded_at <= moment);
        Ok(i64::try_from(self.read(until).await?).unwrap_or(i64::MAX))
    }

    async fn version_at(&self, stream: Uuid, position: i64) -> Result<i64, ReadError> {
        let until = |state: &State| state.stream(stream).take_while(|event| event.position <= position).count();
        Ok(i64::try_from(self.read(until).await?).unwrap_or(i64::MAX))
    }

    async fn head(&self) -> Result<i64, ReadError> {
        Ok(self.read(State::head).await?)
    }
}

#[async_trait]
impl SnapshotSource for Way {
    async fn latest(&self, stream: Uuid, folds: &[i32], version_max: i64) -> Result<Option<Snapshot>, sqlx::Error> {
        let fits =
            |kept: &&Snapshot| kept.stream == stream && folds.contains(&kept.fold) && kept.version <= version_max;
        let mut found: Vec<Snapshot> =
            self.read(|state| state.snapshots.iter().filter(fits).cloned().collect()).await?;
        found.sort_by_key(|kept| kept.version);
        let latest = found.pop();
        if latest.is_some() && self.server.strikes(self.server.weather.snapshot_fails) {
            self.server.trace("old_snapshot", "");
            return Ok(found.pop());
        }
        if latest.is_some() {
            self.server.trace("snapshot_read", "");
        }
        Ok(latest)
    }

    async fn keep(&self, snapshot: &Snapshot) -> Result<(), sqlx::Error> {
        self.network.reach().await;
        if self.server.strikes(self.server.weather.snapshot_fails) {
            self.server.trace("snapshot_lost", "");
            return Err(broken("the snapshot is lost"));
        }
        self.server.trace("snapshot_kept", &format!("{} {}", snapshot.stream, snapshot.version));
        lock(&self.server.state).snapshots.push(snapshot.clone());
        Ok(())
    }
}
