//! What is known of a show's people goes so many days after it, as its organization has settled: also after a restart, once
//! however many nodes look, and also what was typed later.

use std::sync::Arc;

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use commands::{
    Change, OrganizationCommand,
    organization::{
        change_settings::ChangeSettings, found_organization::FoundOrganization, settings_change::RetentionChange,
    },
    organization_desk::{OrganizationParts, OrganizationSubmission, Organizations},
};
use domain::{
    ShowEvent,
    events::{Schedule, ShowCancelled, ShowRescheduled, ShowScheduled, Venue},
    ids::{OrganizationId, ShowId},
    text::Slug,
    ticket_type::SalesWindow,
};
use embedded_postgres::TemporaryPostgres;
use event_store::{
    Append, Clock, FixedClock, Ids, Log, Metadata, NewEvent, Recorder, RecorderOptions, RecorderTask, StreamType,
    SystemClock, SystemIds, VaultEntry, VaultKind,
    pools::{self, Role},
};
use reactions::Retention;
use sqlx::PgPool;
use uuid::Uuid;

/// What is typed about a person, and what about money.
const PURPOSES: [&str; 3] = ["customer", "void_reason", "payment_reference"];

struct World {
    app_url: String,
    clock: Arc<FixedClock>,
    recorder: Recorder,
    owner: PgPool,
    organization: Uuid,
    began: DateTime<Utc>,
    _task: RecorderTask,
    _postgres: TemporaryPostgres,
}

impl World {
    async fn new() -> Result<Self> {
        let postgres = embedded_postgres::temporary().await?;
        let database = postgres.fresh_database().await?;
        let owner = pools::connect(&database.owner_url, Role::Owner, 2).await?;
        event_store::migrate(&owner).await?;
        let began = SystemClock.now();
        let clock = Arc::new(FixedClock::new(began));
        let (recorder, task) = Recorder::start(&database.app_url, RecorderOptions::default()).await?;
        let app_url = database.app_url;
        let organization = SystemIds.next();
        let world = Self { app_url, clock, recorder, owner, organization, began, _task: task, _postgres: postgres };
        let found = FoundOrganization {
            organization: OrganizationId(organization),
            name: "City Theatre".try_into()?,
            slug: None,
            currency: None,
            timezone: None,
        };
        world.ask(found).await?;
        Ok(world)
    }

    async fn organizations(&self) -> Result<Organizations> {
        Ok(Organizations::new(OrganizationParts {
            recorder: self.recorder.clone(),
            log: Log::new(pools::connect(&self.app_url, Role::Write, 2).await?, Some(self.recorder.head())),
            clock: self.clock.clone(),
            randomness: Arc::new(|| [7; 32]),
        }))
    }

    async fn ask(&self, command: impl Into<OrganizationCommand>) -> Result<()> {
        let id = SystemIds.next();
        let submission = OrganizationSubmission {
            command: command.into(),
            vault: Vec::new(),
            secrets: Vec::new(),
            command_id: id,
            request_hmac: None,
            correlation: id,
            actor: "test".to_owned(),
            role: None,
            device: None,
            channel: None,
        };
        self.organizations().await?.submit(OrganizationId(self.organization), submission).await?;
        Ok(())
    }

    async fn keep_people(&self, days: u32) -> Result<()> {
        let retention = RetentionChange { people_days: Change::Set(days), money_days: Change::Keep };
        self.ask(ChangeSettings { retention: Change::Set(retention), ..ChangeSettings::default() }).await
    }

    /// A reaction of a node that has just started.
    async fn retention(&self) -> Result<Retention> {
        let pool = pools::connect(&self.app_url, Role::React, 2).await?;
        let log = Log::new(pool.clone(), None);
        Ok(Retention::new(pool, log, self.organizations().await?, self.clock.clone()))
    }

    /// So many days after the beginning, a node that has just started looks; it says how many retentions it ended.
    async fn check_at(&self, days: i64) -> Result<usize> {
        self.clock.set(self.began + TimeDelta::days(days));
        let retention = self.retention().await?;
        retention.catch_up().await?;
        Ok(retention.check().await?)
    }

    async fn record(&self, show: Uuid, event: impl Into<ShowEvent>, vault: Vec<VaultEntry>) -> Result<()> {
        let event = event.into();
        let expected_version = sqlx::query_scalar("SELECT count(*) FROM log.events WHERE stream = $1")
            .bind(show)
            .fetch_one(&self.owner)
            .await?;
        let id = SystemIds.next();
        let metadata = Metadata {
            actor: "test".to_owned(),
            device: None,
            channel: None,
            command: id,
            request_hmac: None,
            correlation: id,
            causation: None,
        };
        let (event_type, schema, payload) = (event.event_type().to_owned(), event.schema(), event.payload());
        let append = Append {
            organization: self.organization,
            stream_type: StreamType::Show,
            stream: show,
            expected_version,
            events: vec![NewEvent { event_type, schema, payload, metadata }],
            vault,
            secrets: Vec::new(),
        };
        self.recorder.append(append).await?;
        Ok(())
    }

    fn entry(show: Uuid, purpose: &str) -> VaultEntry {
        let kind = if purpose == "customer" { VaultKind::Person } else { VaultKind::Text };
        let fields = serde_json::json!({ "name": "Ada", "text": "was ill" });
        VaultEntry { id: SystemIds.next(), kind, person: None, show: Some(show), purpose: purpose.to_owned(), fields }
    }

    /// A show that starts so many days after the beginning, with somebody in it.
    async fn show(&self, days: i64, ends: bool) -> Result<Uuid> {
        let show = SystemIds.next();
        let starts_at = self.began + TimeDelta::days(days);
        let schedule = Schedule { doors_at: None, starts_at, ends_at: ends.then(|| starts_at + TimeDelta::days(2)) };
        let name: domain::text::Name = "Concert".try_into()?;
        let scheduled = ShowScheduled {
            show: ShowId(show),
            slug: Slug::new(&name, 7),
            name,
            description: "".try_into()?,
            venue: Venue { name: "Hall".try_into()?, address: "".try_into()?, latitude_e7: None, longitude_e7: None },
            timezone: "Europe/Berlin".to_owned().try_into()?,
            schedule,
            currency: "EUR".to_owned().try_into()?,
            sales: SalesWindow::default(),
            hold_seconds: 60,
            pay_within_seconds: 600,
            code_length: None,
        };
        self.record(show, scheduled, PURPOSES.map(|purpose| Self::entry(show, purpose)).into()).await?;
        Ok(show)
    }

    /// The purposes of what is left of a show.
    async fn left(&self, show: Uuid) -> Result<Vec<String>> {
        let sql = "SELECT purpose FROM vault.entries WHERE show = $1 ORDER BY purpose";
        Ok(sqlx::query_scalar(sql).bind(show).fetch_all(&self.owner).await?)
    }

    /// How often a retention was ended.
    async fn ended(&self) -> Result<i64> {
        let sql = "SELECT count(*) FROM log.events WHERE type = 'RetentionEnded' AND actor = 'turnout'";
        Ok(sqlx::query_scalar(sql).fetch_one(&self.owner).await?)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_go_after_their_days_and_money_after_its_also_what_came_later() -> Result<()> {
    let world = World::new().await?;
    let (over, later) = (world.show(0, false).await?, world.show(1, true).await?);
    // One is over a day after its start, the other with its end, on the third day.
    assert_eq!(world.check_at(180).await?, 0);
    assert_eq!((world.check_at(181).await?, world.left(over).await?), (1, vec!["payment_reference".to_owned()]));
    assert_eq!(world.left(later).await?.len(), 3);
    // Nothing goes twice: not for a node that has just started, nor later.
    assert_eq!((world.check_at(181).await?, world.check_at(182).await?), (0, 0));
    assert_eq!((world.check_at(183).await?, world.left(later).await?.len()), (1, 1));

    // What is typed after that goes as well, with the next look of another day.
    let moved = ShowRescheduled { schedule: Schedule { doors_at: None, starts_at: world.began, ends_at: None } };
    world.record(over, moved, vec![World::entry(over, "void_reason")]).await?;
    assert_eq!((world.check_at(184).await?, world.left(over).await?.len()), (1, 1));

    assert_eq!(world.check_at(3_650).await?, 0);
    assert_eq!((world.check_at(3_700).await?, world.left(over).await?.len()), (2, 0));
    assert_eq!((world.check_at(4_000).await?, world.ended().await?), (0, 5));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_settings_of_now_count_and_nodes_that_look_at_once_record_it_once() -> Result<()> {
    let world = World::new().await?;
    let mut shows = Vec::new();
    for _ in 0..5 {
        shows.push(world.show(0, false).await?);
    }
    assert_eq!(world.check_at(100).await?, 0);
    world.keep_people(50).await?;
    let (one, two) = (world.retention().await?, world.retention().await?);
    let (first, second) = tokio::join!(one.check(), two.check());
    assert_eq!((first? + second?, world.ended().await?), (5, 5));
    for show in shows {
        assert_eq!(world.left(show).await?, ["payment_reference"]);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_show_that_moves_or_is_cancelled_is_over_at_another_time() -> Result<()> {
    let world = World::new().await?;
    let (moved, cancelled) = (world.show(0, false).await?, world.show(1_000, false).await?);
    assert_eq!(world.check_at(10).await?, 0);
    let starts_at = world.began + TimeDelta::days(100);
    let schedule = Schedule { doors_at: None, starts_at, ends_at: None };
    world.record(moved, ShowRescheduled { schedule }, Vec::new()).await?;
    world.record(cancelled, ShowCancelled { reason: None }, Vec::new()).await?;
    // Recorded at the log's own time, which is that of the beginning.
    assert_eq!((world.check_at(182).await?, world.left(moved).await?.len()), (1, 3));
    assert_eq!(world.left(cancelled).await?.len(), 1);
    assert_eq!((world.check_at(281).await?, world.left(moved).await?.len()), (1, 1));
    Ok(())
}
