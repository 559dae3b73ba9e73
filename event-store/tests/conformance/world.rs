//! What every test here needs: a database with the migrations, and small appends.

use embedded_postgres::{FreshDatabase, TemporaryPostgres};
use event_store::pools::{self, Role};
use event_store::{
    Append, Ids, Log, Metadata, NewEvent, RecordedEvent, Recorder, RecorderOptions, RecorderTask, SequentialIds,
    StreamType, VaultEntry, VaultKind,
};
use sqlx::{Connection, PgConnection, PgPool};
use uuid::Uuid;

/// A server of the test's own and a database in it. The first organization is `organization`.
pub(crate) struct World {
    pub(crate) database: FreshDatabase,
    pub(crate) owner: PgPool,
    pub(crate) ids: SequentialIds,
    pub(crate) organization: Uuid,
    pub(crate) postgres: TemporaryPostgres,
}

impl World {
    pub(crate) async fn new() -> anyhow::Result<Self> {
        let postgres = embedded_postgres::temporary().await?;
        let database = postgres.fresh_database().await?;
        let owner = pools::connect(&database.owner_url, Role::Owner, 4).await?;
        event_store::migrate(&owner).await?;
        let ids = SequentialIds::new(1_700_000_000_000);
        let organization = ids.next();
        Ok(Self { database, owner, ids, organization, postgres })
    }

    /// One whose owner is no superuser, as with a hosted database.
    pub(crate) async fn hosted() -> anyhow::Result<Self> {
        let postgres = embedded_postgres::temporary().await?;
        let server = postgres.server();
        let superuser = pools::connect(&server.owner_url(), Role::Owner, 1).await?;
        sqlx::raw_sql("CREATE ROLE hosted LOGIN CREATEROLE").execute(&superuser).await?;
        sqlx::raw_sql("CREATE DATABASE hosted OWNER hosted").execute(&superuser).await?;
        let (owner_url, app_url) = (server.url("hosted", "hosted"), server.url("turnout", "hosted"));
        let owner = pools::connect(&owner_url, Role::Owner, 4).await?;
        event_store::migrate(&owner).await?;
        let ids = SequentialIds::new(1_700_000_000_000);
        let organization = ids.next();
        Ok(Self { database: FreshDatabase { owner_url, app_url }, owner, ids, organization, postgres })
    }

    pub(crate) async fn recorder(&self) -> anyhow::Result<(Recorder, RecorderTask)> {
        self.recorder_with(RecorderOptions::default()).await
    }

    pub(crate) async fn recorder_with(&self, options: RecorderOptions) -> anyhow::Result<(Recorder, RecorderTask)> {
        Ok(Recorder::start(&self.database.app_url, options).await?)
    }

    /// A reader that nobody wakes.
    pub(crate) async fn log(&self) -> anyhow::Result<Log> {
        Ok(Log::new(self.pool(Role::Project).await?, None))
    }

    pub(crate) async fn pool(&self, role: Role) -> anyhow::Result<PgPool> {
        Ok(pools::connect(&self.database.app_url, role, 2).await?)
    }

    pub(crate) async fn owner_connection(&self) -> anyhow::Result<PgConnection> {
        Ok(PgConnection::connect(&self.database.owner_url).await?)
    }

    /// A number that the owner asks for.
    pub(crate) async fn count(&self, sql: &'static str) -> anyhow::Result<i64> {
        Ok(sqlx::query_scalar(sql).fetch_one(&self.owner).await?)
    }

    /// An append of `events` events, each of a command of its own.
    pub(crate) fn append(&self, stream: Uuid, expected_version: i64, events: usize) -> Append {
        append(&self.ids, self.organization, stream, expected_version, events)
    }

    /// An append of one event to a new stream.
    pub(crate) fn saying(&self, event: NewEvent) -> Append {
        Append { events: vec![event], ..self.append(self.ids.next(), 0, 0) }
    }

    /// An append of an event to an organization's stream, the first one.
    pub(crate) fn organization_says(
        &self,
        organization: Uuid,
        event_type: &str,
        payload: &serde_json::Value,
    ) -> Append {
        let event = NewEvent { event_type: event_type.into(), ..self.event(&payload.to_string()) };
        Append { organization, stream_type: StreamType::Organization, stream: organization, ..self.saying(event) }
    }

    pub(crate) fn event(&self, payload: &str) -> NewEvent {
        event(&self.ids, payload)
    }

    pub(crate) fn person(&self, name: &str, email: &str) -> VaultEntry {
        VaultEntry {
            id: self.ids.next(),
            kind: VaultKind::Person,
            person: None,
            show: None,
            purpose: "customer".into(),
            fields: serde_json::json!({"name": name, "email": email}),
        }
    }

    pub(crate) fn text_about(&self, person: Uuid, text: &str) -> VaultEntry {
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

/// An append to a show's stream; the same for the same ids.
pub(crate) fn append(
    ids: &SequentialIds,
    organization: Uuid,
    stream: Uuid,
    expected_version: i64,
    events: usize,
) -> Append {
    Append {
        organization,
        stream_type: StreamType::Show,
        stream,
        expected_version,
        events: (0..events).map(|number| event(ids, &format!(r#"{{"number":{number}}}"#))).collect(),
        vault: Vec::new(),
        secrets: Vec::new(),
    }
}

fn event(ids: &SequentialIds, payload: &str) -> NewEvent {
    NewEvent {
        event_type: "SomethingHappened".into(),
        schema: 1,
        payload: payload.into(),
        metadata: Metadata {
            actor: "test".into(),
            device: None,
            channel: Some("box_office".into()),
            command: ids.next(),
            request_hmac: Some([9; 32]),
            correlation: ids.next(),
            causation: None,
        },
    }
}

/// What was read, as it was given to be written.
pub(crate) fn as_written(read: &[RecordedEvent]) -> Vec<NewEvent> {
    let written = |event: &RecordedEvent| NewEvent {
        event_type: event.event_type.clone(),
        schema: event.schema,
        payload: event.payload.clone(),
        metadata: event.metadata.clone(),
    };
    read.iter().map(written).collect()
}
