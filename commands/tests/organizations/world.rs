//! What these tests share: a database, nodes on it, and organizations with an owner.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use anyhow::{Context as _, Result};
use commands::{
    Code, OrganizationCommand, Rejection,
    desk::DeskError,
    organization::{add_member::AddMember, found_organization::FoundOrganization, invite_member::InviteMember},
    organization_desk::{OrganizationOutcome, OrganizationParts, OrganizationSubmission, Organizations},
};
use domain::{
    Organization, OrganizationEvent, OrganizationState,
    ids::{AccountId, InvitationId, MemberId, OrganizationId},
    organization::Role,
    ticket_type::Channel,
};
use embedded_postgres::{FreshDatabase, TemporaryPostgres};
use event_store::{
    Clock, FixedClock, Ids, Log, RecordedEvent, Recorder, RecorderOptions, RecorderTask, SequentialIds, SystemClock,
    pools,
};
use sqlx::PgPool;

pub struct World {
    pub owner: PgPool,
    pub ids: SequentialIds,
    clock: Arc<FixedClock>,
    seeds: Arc<AtomicU64>,
    database: FreshDatabase,
    _postgres: TemporaryPostgres,
}

/// A server program as far as organizations are concerned.
pub struct Node {
    pub organizations: Organizations,
    pub log: Log,
    _recorder: RecorderTask,
}

/// An organization and who owns it.
#[derive(Clone, Copy)]
pub struct Owned {
    pub id: OrganizationId,
    pub owner: MemberId,
}

impl World {
    pub async fn new() -> Result<Self> {
        let postgres = embedded_postgres::temporary().await?;
        let database = postgres.fresh_database().await?;
        let owner = pools::connect(&database.owner_url, pools::Role::Owner, 4).await?;
        event_store::migrate(&owner).await?;
        let clock = Arc::new(FixedClock::new(SystemClock.now()));
        let ids = SequentialIds::new(1_700_000_000_000);
        Ok(Self { owner, ids, clock, seeds: Arc::default(), database, _postgres: postgres })
    }

    pub async fn node(&self) -> Result<Node> {
        let (recorder, task) = Recorder::start(&self.database.app_url, RecorderOptions::default()).await?;
        let pool = pools::connect(&self.database.app_url, pools::Role::Write, 4).await?;
        let log = Log::new(pool, Some(recorder.head()));
        let seeds = Arc::clone(&self.seeds);
        let parts = OrganizationParts {
            recorder,
            log: log.clone(),
            clock: self.clock.clone(),
            randomness: Arc::new(move || {
                let mut seed = [0; 32];
                seed[..8].copy_from_slice(&seeds.fetch_add(1, Ordering::Relaxed).to_le_bytes());
                seed
            }),
        };
        Ok(Node { organizations: Organizations::new(parts), log, _recorder: task })
    }

    /// What an owner asks, with a key of its own.
    pub fn submission(&self, command: impl Into<OrganizationCommand>) -> OrganizationSubmission {
        let id = self.ids.next();
        OrganizationSubmission {
            command: command.into(),
            vault: Vec::new(),
            secrets: Vec::new(),
            command_id: id,
            request_hmac: Some([1; 32]),
            correlation: id,
            actor: "test".to_owned(),
            role: Some(Role::Owner),
            device: None,
            channel: Some(Channel::BoxOffice),
        }
    }

    pub async fn ask(
        &self,
        node: &Node,
        organization: OrganizationId,
        command: impl Into<OrganizationCommand>,
    ) -> Result<OrganizationOutcome> {
        Ok(node.organizations.submit(organization, self.submission(command)).await?)
    }

    /// An organization with one owner.
    pub async fn owned(&self, node: &Node) -> Result<Owned> {
        let owned = Owned { id: OrganizationId(self.ids.next()), owner: MemberId(self.ids.next()) };
        self.ask(node, owned.id, self.founding(owned.id)?).await?;
        self.ask(node, owned.id, self.adding(owned.owner, Role::Owner)).await?;
        Ok(owned)
    }

    pub fn founding(&self, organization: OrganizationId) -> Result<FoundOrganization> {
        let name = "City Theatre".try_into()?;
        Ok(FoundOrganization { organization, name, slug: None, currency: None, timezone: None })
    }

    pub fn adding(&self, member: MemberId, role: Role) -> AddMember {
        AddMember { member, role, account: AccountId(self.ids.next()) }
    }

    pub fn inviting(&self, role: Role) -> InviteMember {
        InviteMember {
            member: MemberId(self.ids.next()),
            role,
            invitation: InvitationId(self.ids.next()),
            email_known: false,
        }
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &'static str) -> Result<i64> {
        Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}")))
            .fetch_one(&self.owner)
            .await?)
    }

    /// Ends the processes of the server that write the log, whatever they are doing.
    pub async fn kill_recorders(&self) -> Result<()> {
        let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                    WHERE application_name = 'turnout recorder' AND datname = current_database()";
        sqlx::raw_sql(kill).execute(&self.owner).await?;
        Ok(())
    }
}

impl Node {
    /// Everything that was recorded of an organization.
    pub async fn recorded(&self, organization: OrganizationId) -> Result<Vec<RecordedEvent>> {
        Ok(self.log.stream(organization.0, 0, 1_000_000).await?)
    }

    /// What is recorded of an organization, folded.
    pub async fn folded(&self, organization: OrganizationId) -> Result<Organization> {
        let mut state = OrganizationState::default();
        for event in self.recorded(organization).await? {
            state.evolve(&OrganizationEvent::decode(&event.event_type, event.schema, &event.payload)?);
        }
        state.organization().cloned().context("the organization is not founded")
    }
}

/// The rule that said no.
pub fn rule(answer: &Result<OrganizationOutcome, DeskError>) -> Option<Code> {
    match answer {
        Err(DeskError::Rejected(rejection)) => Rejection::code(rejection),
        _ => None,
    }
}
