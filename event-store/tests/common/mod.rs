//! What the tests of the event store share: a database with the migrations, and small appends.

#![allow(dead_code, unreachable_pub, reason = "each test program takes what it needs")]

use embedded_postgres::{FreshDatabase, TemporaryPostgres};
use event_store::pools::{self, Role};
use event_store::{
    Append, Ids, Log, Metadata, NewEvent, Recorder, RecorderOptions, RecorderTask, SequentialIds, StreamType,
    VaultEntry, VaultKind,
};
use sqlx::{Connection, PgConnection, PgPool};
use uuid::Uuid;

pub struct World {
    pub database: FreshDatabase,
    pub owner: PgPool,
    pub ids: SequentialIds,
    pub organization: Uuid,
    pub postgres: TemporaryPostgres,
}

impl World {
    pub async fn new() -> anyhow::Result<Self> {
        let postgres = embedded_postgres::temporary().await?;
        let database = postgres.fresh_database().await?;
        let owner = pools::connect(&database.owner_url, Role::Owner, 4).await?;
        event_store::migrate(&owner).await?;
        let ids = SequentialIds::new(1_700_000_000_000);
        let organization = ids.next();
        Ok(Self { database, owner, ids, organization, postgres })
    }

    pub async fn recorder(&self) -> anyhow::Result<(Recorder, RecorderTask)> {
        Ok(Recorder::start(&self.database.app_url, RecorderOptions::default()).await?)
    }

    pub async fn log(&self) -> anyhow::Result<Log> {
        Ok(Log::new(pools::connect(&self.database.app_url, Role::Project, 4).await?, None))
    }

    pub async fn pool(&self, role: Role) -> anyhow::Result<PgPool> {
        Ok(pools::connect(&self.database.app_url, role, 2).await?)
    }

    pub async fn owner_connection(&self) -> anyhow::Result<PgConnection> {
        Ok(PgConnection::connect(&self.database.owner_url).await?)
    }

    /// An append of `events` events, each of a command of its own.
    pub fn append(&self, stream: Uuid, expected_version: i64, events: usize) -> Append {
        let events = (0..events).map(|number| self.event(&format!(r#"{{"number":{number}}}"#))).collect();
        Append {
            organization: self.organization,
            stream_type: StreamType::Show,
            stream,
            expected_version,
            events,
            vault: Vec::new(),
            secrets: Vec::new(),
        }
    }

    /// An event of an organization's stream, the first one.
    pub fn organization_says(&self, organization: Uuid, event_type: &str, payload: &serde_json::Value) -> Append {
        let event = NewEvent { event_type: event_type.into(), ..self.event(&payload.to_string()) };
        Append {
            organization,
            stream_type: StreamType::Organization,
            stream: organization,
            expected_version: 0,
            events: vec![event],
            vault: Vec::new(),
            secrets: Vec::new(),
        }
    }

    /// How many events a stream has.
    pub async fn version_of(&self, stream: Uuid) -> anyhow::Result<i64> {
        let count = sqlx::query_scalar("SELECT count(*) FROM log.events WHERE stream = $1").bind(stream);
        Ok(count.fetch_one(&self.owner).await?)
    }

    pub fn event(&self, payload: &str) -> NewEvent {
        NewEvent {
            event_type: "SomethingHappened".into(),
            schema: 1,
            payload: payload.into(),
            metadata: Metadata {
                actor: "test".into(),
                device: None,
                channel: Some("box_office".into()),
                command: self.ids.next(),
                request_hmac: Some([9; 32]),
                correlation: self.ids.next(),
                causation: None,
            },
        }
    }

    pub fn person(&self, name: &str, email: &str) -> VaultEntry {
        VaultEntry {
            id: self.ids.next(),
            kind: VaultKind::Person,
            person: None,
            show: None,
            purpose: "customer".into(),
            fields: serde_json::json!({"name": name, "email": email}),
        }
    }

    pub fn text_about(&self, person: Uuid, text: &str) -> VaultEntry {
        VaultEntry {
            id: self.ids.next(),
            kind: VaultKind::Text,
            person: Some(person),
            show: None,
            purpose: "note".into(),
            fields: serde_json::json!({"text": text}),
        }
    }
}
