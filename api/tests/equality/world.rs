//! A database with a log in it, what records in it, and what projects from it.

use std::{cell::RefCell, collections::HashMap, sync::Arc, time::Duration};

use anyhow::{Result, bail};
use chrono::TimeDelta;
use embedded_postgres::{FreshDatabase, TemporaryPostgres};
use event_store::{
    Append, FixedClock, Ids, Log, Metadata, NewEvent, Recorder, RecorderOptions, RecorderTask, SequentialIds,
    StreamType,
    pools::{self, Role},
};
use projections::{Difference, Projector, ProjectorOptions, ReadCheck, Step};
use sqlx::{AssertSqlSafe, PgPool};
use uuid::Uuid;

pub struct World {
    pub owner: PgPool,
    pub owner_url: String,
    app_url: String,
    clock: Arc<FixedClock>,
    ids: SequentialIds,
    project: PgPool,
    log: Log,
    recorder: Recorder,
    /// How far each stream is recorded.
    versions: RefCell<HashMap<Uuid, usize>>,
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
        let log = Log::new(project.clone(), Some(recorder.head()));
        Ok(Self {
            owner,
            owner_url,
            app_url,
            clock: Arc::new(FixedClock::new("2027-03-01T12:00:00Z".parse()?)),
            ids: SequentialIds::new(7_777),
            project,
            log,
            recorder,
            versions: RefCell::default(),
            _task: task,
            _postgres: postgres,
        })
    }

    /// Records those of a stream's events that are not recorded yet, as one command.
    pub async fn record(
        &self,
        organization: Uuid,
        stream_type: StreamType,
        stream: Uuid,
        events: impl ExactSizeIterator<Item = (&'static str, String)>,
        beside: u16,
    ) -> Result<()> {
        let version = self.versions.borrow().get(&stream).copied().unwrap_or(0);
        let now = events.len();
        if now == version {
            return Ok(());
        }
        let command = self.ids.next();
        let metadata = Metadata {
            actor: ["admin", "key:1", "member:2", "public"][usize::from(beside % 4)].to_owned(),
            device: (beside.is_multiple_of(3)).then(|| Uuid::from_u128(u128::from(beside % 5))),
            channel: [None, Some("web"), Some("door")][usize::from(beside % 3)].map(str::to_owned),
            command,
            request_hmac: None,
            correlation: if beside.is_multiple_of(2) { command } else { Uuid::from_u128(u128::from(beside % 10)) },
            causation: None,
        };
        let events = events.skip(version).map(|(event_type, payload)| NewEvent {
            event_type: event_type.to_owned(),
            schema: 1,
            payload,
            metadata: metadata.clone(),
        });
        let append = Append {
            organization,
            stream_type,
            stream,
            expected_version: i64::try_from(version)?,
            events: events.collect(),
            vault: Vec::new(),
            secrets: Vec::new(),
        };
        self.recorder.append(append).await?;
        self.versions.borrow_mut().insert(stream, now);
        Ok(())
    }

    /// Every row of every read model, as text. The fence is not part of it: it counts leaders.
    pub async fn rows(&self) -> Result<Vec<(String, Vec<String>)>> {
        let tables = sqlx::query_scalar::<_, String>(
            "SELECT tablename::text FROM pg_tables WHERE schemaname = 'read' AND tablename <> 'leases' ORDER BY 1",
        )
        .fetch_all(&self.owner)
        .await?;
        let mut rows = Vec::new();
        for table in tables {
            let sql = format!("SELECT (to_jsonb(t) - 'fence')::text FROM read.{table} AS t ORDER BY 1");
            let of_table = sqlx::query_scalar::<_, String>(AssertSqlSafe(sql)).fetch_all(&self.owner).await?;
            rows.push((table, of_table));
        }
        assert!(rows.len() >= 15, "{} tables", rows.len());
        Ok(rows)
    }

    /// That these are the rows of every read model now.
    pub async fn has_rows(&self, before: &[(String, Vec<String>)], what: &str) -> Result<()> {
        for ((table, before), (same, now)) in before.iter().zip(&self.rows().await?) {
            assert_eq!(table, same);
            let lost: Vec<_> = before.iter().filter(|row| now.binary_search(row).is_err()).collect();
            assert!(
                before == now,
                "{what}: {table} had {} rows and has {}; gone are {lost:#?}",
                before.len(),
                now.len()
            );
        }
        Ok(())
    }

    pub fn projecting(&self) -> Projecting {
        Projecting { projector: self.projector(3, 1) }
    }

    /// One that takes over from the one before.
    fn projector(&self, page_events_max: i64, shows_max: usize) -> Projector {
        self.clock.advance(TimeDelta::minutes(1));
        let options = ProjectorOptions { page_events_max, shows_max, page_every: Duration::ZERO };
        Projector::new(self.project.clone(), self.log.clone(), self.clock.clone(), self.ids.next(), options)
    }
}

/// What `turnout verify --read` finds.
pub async fn differences(world: &World) -> Result<Vec<Difference>> {
    let mut differences = Vec::new();
    let looked = ReadCheck::new(&world.app_url).run(|difference| differences.push(difference)).await?;
    assert!(looked.streams == world.versions.borrow().len() && looked.events == looked.of, "{looked:?}");
    Ok(differences)
}

/// A projector, now and then another one with other bounds.
pub struct Projecting {
    projector: Projector,
}

impl Projecting {
    /// Does something or nothing, by a random number.
    pub async fn goes_on(&mut self, world: &World, beside: u16) -> Result<()> {
        if beside.is_multiple_of(61) {
            let page = [1, 2, 3, 7, 50, 1_000][usize::from(beside / 61) % 6];
            let shows = [1, 2, 100][usize::from(beside / 400) % 3];
            self.projector = world.projector(page, shows);
        }
        match beside % 8 {
            0..=4 => Ok(()),
            5 | 6 => self.step().await.map(drop),
            _ => self.catches_up().await,
        }
    }

    /// Projects until there is nothing to do.
    pub async fn catches_up(&mut self) -> Result<()> {
        while matches!(self.step().await?, Step::Wrote(_)) {}
        Ok(())
    }

    async fn step(&mut self) -> Result<Step> {
        let step = match self.projector.step().await? {
            // Its tables were replaced: it leads again at once.
            Step::Lost => self.projector.step().await?,
            step => step,
        };
        match step {
            Step::Wrote(_) | Step::Idle(_) => Ok(step),
            other => bail!("it does not lead: {other:?}"),
        }
    }
}
