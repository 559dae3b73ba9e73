//! A database with a log in it, and projectors and queries on it, for one test.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    OrganizationEvent, ShowEvent,
    events::OrganizationFounded,
    organization::Settings,
    text::{Name, Slug},
};
use embedded_postgres::{FreshDatabase, TemporaryPostgres};
use event_store::{
    Append, FixedClock, Ids, Log, Metadata, NewEvent, Recorder, RecorderOptions, RecorderTask, SequentialIds,
    StreamType, VaultEntry,
    pools::{self, Role},
};
use projections::{Follower, HotShows, Projector, ProjectorOptions, Queries, Step};
use sqlx::PgPool;
use uuid::Uuid;

/// Every table that is a function of the log.
pub const TABLES: [&str; 15] = [
    "shows",
    "seating",
    "seats",
    "availability",
    "orders",
    "tickets",
    "attendance",
    "door_list",
    "organizations",
    "activity",
    "sales_facts",
    "door_facts",
    "hold_facts",
    "poisoned_streams",
    "checkpoints",
];

pub struct World {
    pub clock: Arc<FixedClock>,
    pub ids: SequentialIds,
    pub owner: PgPool,
    pub owner_url: String,
    pub app_url: String,
    pub project: PgPool,
    pub query: PgPool,
    pub log: Log,
    recorder: Recorder,
    _task: RecorderTask,
    _postgres: TemporaryPostgres,
}

impl World {
    pub async fn new() -> Result<Self> {
        let postgres = embedded_postgres::temporary().await?;
        let FreshDatabase { owner_url, app_url } = postgres.fresh_database().await?;
        let owner = pools::connect(&owner_url, Role::Owner, 2).await?;
        event_store::migrate(&owner).await?;
        let (recorder, task) = Recorder::start(&app_url, RecorderOptions::default()).await?;
        let project = pools::connect(&app_url, Role::Project, 8).await?;
        let query = pools::connect(&app_url, Role::Query, 4).await?;
        let log = Log::new(project.clone(), Some(recorder.head()));
        Ok(Self {
            clock: Arc::new(FixedClock::new(noon())),
            ids: SequentialIds::new(7_777),
            owner,
            owner_url,
            app_url,
            project,
            query,
            log,
            recorder,
            _task: task,
            _postgres: postgres,
        })
    }

    /// Facts of a table, each a row again: what to select from.
    pub async fn facts(&self, table: &str) -> Result<String> {
        let arrays: String = sqlx::query_scalar(
            "SELECT string_agg(format('unnest(%1$I) AS %1$I', a.attname), ', ' ORDER BY a.attnum)
               FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid AND t.typcategory = 'A'
              WHERE a.attrelid = format('read.%I', $1)::regclass",
        )
        .bind(table)
        .fetch_one(&self.owner)
        .await?;
        Ok(format!("(SELECT show, {arrays} FROM read.{table})"))
    }

    /// Records events of a show, and says the position of the last.
    pub async fn record(&self, organization: Uuid, show: Uuid, events: &[ShowEvent]) -> Result<i64> {
        self.record_with(organization, show, events, Vec::new()).await
    }

    /// The same, with people.
    pub async fn record_with(
        &self,
        organization: Uuid,
        show: Uuid,
        events: &[ShowEvent],
        vault: Vec<VaultEntry>,
    ) -> Result<i64> {
        let events = events.iter().map(|event| self.new_event(event.event_type(), event.payload())).collect();
        self.append(organization, StreamType::Show, show, events, vault).await
    }

    /// Records what an organization says of itself.
    pub async fn record_of_organization(&self, organization: Uuid, event: impl Into<OrganizationEvent>) -> Result<i64> {
        let event = event.into();
        let event = self.new_event(event.event_type(), event.payload());
        self.append(organization, StreamType::Organization, organization, vec![event], Vec::new()).await
    }

    /// Founds an organization with the settings that all begin with.
    pub async fn found(&self, organization: Uuid) -> Result<Settings> {
        let name: Name = "City Theatre".try_into()?;
        let settings = Settings::new(name.clone());
        let slug = Slug::new(&name, u32::try_from(organization.as_u128() & 0xff)?);
        let founded = OrganizationFounded { organization: organization.into(), slug, name, settings: settings.clone() };
        self.record_of_organization(organization, founded).await?;
        Ok(settings)
    }

    /// Records an event of any type and payload.
    pub async fn record_raw(&self, organization: Uuid, show: Uuid, event_type: &str, payload: &str) -> Result<i64> {
        let event = self.new_event(event_type, payload.to_owned());
        self.append(organization, StreamType::Show, show, vec![event], Vec::new()).await
    }

    pub async fn append(
        &self,
        organization: Uuid,
        stream_type: StreamType,
        stream: Uuid,
        events: Vec<NewEvent>,
        vault: Vec<VaultEntry>,
    ) -> Result<i64> {
        let expected_version =
            sqlx::query_scalar::<_, i64>("SELECT coalesce(max(version), 0) FROM log.events WHERE stream = $1")
                .bind(stream)
                .fetch_one(&self.project)
                .await?;
        let append = Append { organization, stream_type, stream, expected_version, events, vault, secrets: Vec::new() };
        Ok(self.recorder.append(append).await?.last_position)
    }

    pub fn new_event(&self, event_type: &str, payload: String) -> NewEvent {
        let command = self.ids.next();
        NewEvent {
            event_type: event_type.to_owned(),
            schema: 1,
            payload,
            metadata: Metadata {
                actor: "admin".to_owned(),
                device: None,
                channel: None,
                command,
                request_hmac: None,
                correlation: command,
                causation: None,
            },
        }
    }

    pub fn projector(&self, options: ProjectorOptions) -> Projector {
        self.projector_with(self.clock.clone(), options)
    }

    pub fn projector_with(&self, clock: Arc<FixedClock>, options: ProjectorOptions) -> Projector {
        Projector::new(self.project.clone(), self.log.clone(), clock, self.ids.next(), options)
    }

    pub fn queries(&self, projector: &Projector) -> Queries {
        Queries::new(self.query.clone(), self.log.clone(), projector.checkpoint())
    }

    /// The same with shows that are kept in memory.
    pub fn hot(&self, projector: &Projector) -> (Queries, HotShows) {
        let follower = Follower::start(self.log.clone(), projector.checkpoint());
        let queries = Queries::new(self.query.clone(), self.log.clone(), follower.checkpoint());
        (queries.clone(), HotShows::new(queries, follower))
    }

    /// So much time passes that whoever leads no longer does unless it renews.
    pub fn leases_end(&self) {
        self.clock.advance(TimeDelta::minutes(1));
    }

    /// Every row of every read model, as text. The fence is not part of it: it counts leaders.
    pub async fn rows(&self) -> Result<Vec<(&'static str, Vec<String>)>> {
        let mut tables = Vec::new();
        for table in TABLES {
            let sql = format!("SELECT (to_jsonb(t) - 'fence')::text FROM read.{table} AS t ORDER BY 1");
            let rows = sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(sql)).fetch_all(&self.owner).await?;
            tables.push((table, rows));
        }
        Ok(tables)
    }

    /// Empties the read models.
    pub async fn empty(&self) -> Result<()> {
        let sql = TABLES.map(|table| format!("read.{table}")).join(", ");
        sqlx::query(sqlx::AssertSqlSafe(format!("TRUNCATE read.leases, {sql}"))).execute(&self.owner).await?;
        Ok(())
    }
}

/// A page of so many events, a memory for so many shows.
pub fn options(page_events_max: i64, shows_max: usize) -> ProjectorOptions {
    ProjectorOptions { page_events_max, shows_max, page_every: Duration::ZERO }
}

/// Steps until there is nothing to do, and says the checkpoint.
pub async fn catch_up(projector: &mut Projector) -> Result<i64> {
    loop {
        match projector.step().await? {
            Step::Wrote(_) => {}
            Step::Idle(checkpoint) => return Ok(checkpoint),
            other => anyhow::bail!("it does not lead: {other:?}"),
        }
    }
}

pub fn noon() -> DateTime<Utc> {
    "2027-03-01T12:00:00Z".parse().unwrap()
}
