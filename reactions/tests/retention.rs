//! What is known of a show's people goes so many days after it, as its organization has settled: also after a restart, once
//! however many nodes look, and also what was typed later.

use std::sync::Arc;

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use commands::{
    Change, OrganizationCommand,
    organization::{
        change_settings::ChangeSettings, erase_person::ErasePerson, found_organization::FoundOrganization,
        issue_api_key::IssueApiKey, offer_pairing::OfferPairing, pair_device::PairDevice, revoke_api_key::RevokeApiKey,
        revoke_device::RevokeDevice, rotate_api_key::RotateApiKey, settings_change::RetentionChange,
    },
    organization_desk::{OrganizationParts, OrganizationSubmission, Organizations},
};
use domain::{
    ShowEvent,
    events::{Schedule, ShowCancelled, ShowRescheduled, ShowScheduled, Venue},
    ids::{ApiKeyId, DeviceId, OrganizationId, PairingId, PersonId, ShowId, TextId},
    organization::Role,
    text::Slug,
    ticket_type::SalesWindow,
};
use embedded_postgres::TemporaryPostgres;
use event_store::{
    Append, Clock, FixedClock, Ids, Log, Metadata, NewEvent, Recorder, RecorderOptions, RecorderTask, StreamType,
    SystemClock, SystemIds, VaultEntry, VaultKind, pools,
};
use reactions::{CHECK_EVERY, Retention};
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
        let owner = pools::connect(&database.owner_url, pools::Role::Owner, 2).await?;
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
            log: Log::new(pools::connect(&self.app_url, pools::Role::Write, 2).await?, Some(self.recorder.head())),
            clock: self.clock.clone(),
            randomness: Arc::new(|| [7; 32]),
        }))
    }

    async fn ask(&self, command: impl Into<OrganizationCommand>) -> Result<()> {
        self.ask_with(command, Vec::new()).await
    }

    async fn ask_with(&self, command: impl Into<OrganizationCommand>, vault: Vec<VaultEntry>) -> Result<()> {
        let id = SystemIds.next();
        let submission = OrganizationSubmission {
            command: command.into(),
            vault,
            secrets: Vec::new(),
            command_id: id,
            request_hmac: None,
            correlation: id,
            actor: "test".to_owned(),
            role: Some(Role::Owner),
            device: None,
            channel: None,
        };
        self.organizations().await?.submit(OrganizationId(self.organization), submission).await?;
        Ok(())
    }

    /// A text of the organization itself, and its id.
    fn own_text(purpose: &str) -> (TextId, Vec<VaultEntry>) {
        let id = SystemIds.next();
        let fields = serde_json::json!({ "text": purpose });
        let purpose = purpose.to_owned();
        (TextId(id), vec![VaultEntry { id, kind: VaultKind::Text, person: None, show: None, purpose, fields }])
    }

    async fn issue_key(&self) -> Result<(ApiKeyId, TextId)> {
        let key = ApiKeyId(SystemIds.next());
        let (name, vault) = Self::own_text("api_key_name");
        self.ask_with(IssueApiKey { key, name, role: Role::Seller, shows: None, expires_at: None }, vault).await?;
        Ok((key, name))
    }

    async fn offer_pairing(&self, show: Uuid) -> Result<(PairingId, TextId)> {
        let pairing = PairingId(SystemIds.next());
        let (name, vault) = Self::own_text("device_name");
        let shows = vec![ShowId(show)];
        self.ask_with(OfferPairing { pairing, name, shows, gates: Vec::new(), may_override: false }, vault).await?;
        Ok((pairing, name))
    }

    /// Those of these texts that are still there.
    async fn kept(&self, texts: &[TextId]) -> Result<Vec<TextId>> {
        let ids: Vec<Uuid> = texts.iter().map(|text| text.0).collect();
        let kept: Vec<Uuid> = sqlx::query_scalar("SELECT id FROM vault.entries WHERE id = ANY($1)")
            .bind(&ids)
            .fetch_all(&self.owner)
            .await?;
        Ok(texts.iter().copied().filter(|text| kept.contains(&text.0)).collect())
    }

    async fn keep_people(&self, days: u32) -> Result<()> {
        let retention = RetentionChange { people_days: Change::Set(days), money_days: Change::Keep };
        self.ask(ChangeSettings { retention: Change::Set(retention), ..ChangeSettings::default() }).await
    }

    /// A reaction of a node that has just started.
    async fn retention(&self) -> Result<Retention> {
        let pool = pools::connect(&self.app_url, pools::Role::React, 2).await?;
        let log = Log::new(pool.clone(), None);
        Ok(Retention::new(pool, log, self.organizations().await?, self.clock.clone(), CHECK_EVERY))
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_of_keys_and_devices_go_when_the_last_of_the_name_has_ended_long_ago() -> Result<()> {
    let world = World::new().await?;
    let show = SystemIds.next();
    let (revoked, revoked_name) = world.issue_key().await?;
    let (rotated, rotated_name) = world.issue_key().await?;
    let (_, live_name) = world.issue_key().await?;
    let (paired, paired_name) = world.offer_pairing(show).await?;
    let (_, never_paired_name) = world.offer_pairing(show).await?;
    let (device, successor) = (DeviceId(SystemIds.next()), ApiKeyId(SystemIds.next()));
    world.ask(PairDevice { pairing: paired, device }).await?;
    world.ask(RevokeApiKey { key: revoked }).await?;
    world.ask(RotateApiKey { key: rotated, successor, overlap_seconds: 0 }).await?;
    let names = [revoked_name, rotated_name, live_name, paired_name, never_paired_name];

    assert_eq!((world.check_at(179).await?, world.kept(&names).await?.len()), (0, 5));
    // The successor of a key goes by its name.
    assert_eq!(world.check_at(181).await?, 1);
    assert_eq!(world.kept(&names).await?, [rotated_name, live_name, paired_name]);
    assert_eq!(world.check_at(182).await?, 0, "nothing goes twice");

    // Recorded at the log's own time, which is that of the beginning.
    world.ask(RevokeApiKey { key: successor }).await?;
    world.ask(RevokeDevice { device }).await?;
    assert_eq!((world.check_at(183).await?, world.kept(&names).await?), (1, vec![live_name]));
    assert_eq!((world.check_at(4_000).await?, world.kept(&names).await?), (0, vec![live_name]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reasons_of_erasures_go_with_what_is_about_money_and_nodes_record_it_once() -> Result<()> {
    let world = World::new().await?;
    let (reason, vault) = World::own_text("erasure_reason");
    let person = PersonId(SystemIds.next());
    world.ask_with(ErasePerson { person, known: true, reason: Some(reason) }, vault).await?;
    assert_eq!((world.check_at(3_649).await?, world.kept(&[reason]).await?), (0, vec![reason]));
    world.clock.set(world.began + TimeDelta::days(3_651));
    let (one, two) = (world.retention().await?, world.retention().await?);
    let (first, second) = tokio::join!(one.check(), two.check());
    assert_eq!((first? + second?, world.kept(&[reason]).await?), (1, Vec::new()));
    let sql = "SELECT count(*) FROM log.events WHERE type = 'TextRetentionEnded' AND actor = 'turnout'";
    assert_eq!(sqlx::query_scalar::<_, i64>(sql).fetch_one(&world.owner).await?, 1);
    Ok(())
}
