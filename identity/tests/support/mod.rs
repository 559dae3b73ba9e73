//! A migrated database, the pool that the identity part of the server has, and organizations as their events make them.

#![allow(dead_code, reason = "each test program uses a part")]

use chrono::{DateTime, TimeDelta, Utc};
use embedded_postgres::{FreshDatabase, TemporaryPostgres};
use event_store::pools::{self, Role as PoolRole};
use event_store::{
    Append, Ids, Log, Metadata, NewEvent, Recorder, RecorderOptions, RecorderTask, Secret, SequentialIds, StreamType,
    VaultEntry, VaultKind,
};
use identity::{Accounts, AdminToken, Email, Gate, NewAccount, NewToken, Role, SecretKey, TokenKind};
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

/// The bearer token of the installation's owner.
pub const ADMIN: &str = "0123456789abcdef0123456789abcdef";

/// A password that nobody tries first.
pub const PASSWORD: &str = "seven quiet lanterns";

pub struct Database {
    pub identity: PgPool,
    ids: SequentialIds,
    recorder: Recorder,
    log: Log,
    fresh: FreshDatabase,
    _task: RecorderTask,
    // Behind the pools: the server goes last.
    _server: TemporaryPostgres,
}

/// An API key or device that was just made.
pub struct Made {
    pub id: Uuid,
    pub token: String,
}

impl Database {
    pub async fn migrated() -> anyhow::Result<Self> {
        let server = embedded_postgres::temporary().await?;
        let fresh = server.fresh_database().await?;
        let owner = pools::connect(&fresh.owner_url, PoolRole::Owner, 1).await?;
        event_store::migrate(&owner).await?;
        owner.close().await;
        let identity = pools::connect(&fresh.app_url, PoolRole::Identity, 4).await?;
        let (recorder, task) = Recorder::start(&fresh.app_url, RecorderOptions::default()).await?;
        let log = Log::new(pools::connect(&fresh.app_url, PoolRole::Write, 2).await?, Some(recorder.head()));
        let ids = SequentialIds::new(1_700_000_000_000);
        Ok(Self { identity, ids, recorder, log, fresh, _task: task, _server: server })
    }

    pub async fn pool(&self, role: PoolRole) -> anyhow::Result<PgPool> {
        Ok(pools::connect(&self.fresh.app_url, role, 2).await?)
    }

    /// A node's gate.
    pub fn gate(&self, first: Uuid) -> anyhow::Result<Gate> {
        Ok(Gate::new(self.identity.clone(), &secret(), Some(AdminToken::parse(ADMIN)?), first))
    }

    pub fn id(&self) -> Uuid {
        self.ids.next()
    }

    pub fn accounts(&self) -> Accounts {
        Accounts::new(self.identity.clone())
    }

    /// An organization's event, as its desk would have it recorded.
    pub async fn record(&self, organization: Uuid, event_type: &str, payload: Value) -> anyhow::Result<()> {
        self.record_with(organization, event_type, payload, Vec::new(), None).await
    }

    async fn record_with(
        &self,
        organization: Uuid,
        event_type: &str,
        payload: Value,
        vault: Vec<VaultEntry>,
        secret: Option<Secret>,
    ) -> anyhow::Result<()> {
        let known = self.log.stream(organization, 0, 1_000).await?;
        let command = self.ids.next();
        let metadata = Metadata {
            actor: "test".into(),
            device: None,
            channel: None,
            command,
            request_hmac: None,
            correlation: command,
            causation: None,
        };
        let event = NewEvent { event_type: event_type.into(), schema: 1, payload: payload.to_string(), metadata };
        let append = Append {
            organization,
            stream_type: StreamType::Organization,
            stream: organization,
            expected_version: known.last().map_or(0, |last| last.version),
            events: vec![event],
            vault,
            secrets: secret.into_iter().collect(),
        };
        self.recorder.append(append).await?;
        Ok(())
    }

    /// Founds an organization.
    pub async fn organization(&self, slug: &str) -> anyhow::Result<Uuid> {
        let organization = self.ids.next();
        let founded = json!({ "organization": organization, "slug": slug, "name": slug, "settings": {} });
        self.record(organization, "OrganizationFounded", founded).await?;
        Ok(organization)
    }

    /// Makes an account with [`PASSWORD`].
    pub async fn account(&self, address: &str) -> anyhow::Result<Uuid> {
        let account = self.ids.next();
        let email = email(address);
        let new =
            NewAccount { account, email: &email, name: "Ada Example", password: PASSWORD, installation_owner: false };
        Ok(self.accounts().create(&new, noon_and(0)).await?.account)
    }

    /// Adds an account to an organization.
    pub async fn member(&self, organization: Uuid, account: Uuid, role: Role) -> anyhow::Result<Uuid> {
        let member = self.ids.next();
        let added = json!({ "member": member, "role": role.as_str(), "account": account });
        let person = VaultEntry {
            id: member,
            kind: VaultKind::Person,
            person: None,
            show: None,
            purpose: "member".to_owned(),
            fields: json!({ "name": "Ada Example", "email": "ada@example.org", "phone": null, "locale": null }),
        };
        self.record_with(organization, "MemberAdded", added, vec![person], None).await?;
        Ok(member)
    }

    /// Issues an API key.
    pub async fn api_key(
        &self,
        organization: Uuid,
        role: Role,
        expires_at: Option<DateTime<Utc>>,
    ) -> anyhow::Result<Made> {
        let id = self.ids.next();
        let payload = json!({ "key": id, "name": self.ids.next(), "role": role.as_str(), "shows": null,
                              "expires_at": expires_at, "replaces": null });
        self.credential(organization, "ApiKeyIssued", payload, id, TokenKind::ApiKey).await
    }

    /// Offers a pairing.
    pub async fn pairing(&self, organization: Uuid, show: Uuid, expires_at: DateTime<Utc>) -> anyhow::Result<Made> {
        let id = self.ids.next();
        let payload = json!({ "pairing": id, "name": self.ids.next(), "shows": [show], "gates": ["North"],
                              "may_override": false, "expires_at": expires_at });
        self.credential(organization, "DevicePairingOffered", payload, id, TokenKind::Pairing).await
    }

    /// Pairs a device that is bound to one show and the gate `North`.
    pub async fn device(&self, organization: Uuid, show: Uuid) -> anyhow::Result<Made> {
        let id = self.ids.next();
        let payload = json!({ "pairing": self.ids.next(), "device": id, "name": self.ids.next(), "shows": [show],
                              "gates": ["North"], "may_override": false });
        self.credential(organization, "DevicePaired", payload, id, TokenKind::Device).await
    }

    /// Invites somebody.
    pub async fn invitation(&self, organization: Uuid, expires_at: DateTime<Utc>) -> anyhow::Result<Made> {
        let id = self.ids.next();
        let payload =
            json!({ "member": self.ids.next(), "role": "seller", "invitation": id, "expires_at": expires_at });
        self.credential(organization, "MemberInvited", payload, id, TokenKind::Invitation).await
    }

    async fn credential(
        &self,
        organization: Uuid,
        event_type: &str,
        payload: Value,
        id: Uuid,
        kind: TokenKind,
    ) -> anyhow::Result<Made> {
        let NewToken { text: token, hash } = kind.make()?;
        self.record_with(organization, event_type, payload, Vec::new(), Some(Secret { id, hash })).await?;
        Ok(Made { id, token })
    }

    /// How many rows a statement counts, as the identity role sees them without an organization.
    pub async fn count(&self, statement: &'static str) -> anyhow::Result<i64> {
        Ok(sqlx::query_scalar(statement).fetch_one(&self.identity).await?)
    }
}

pub fn secret() -> SecretKey {
    SecretKey::parse("a secret of this installation, and of no other").expect("long enough")
}

pub fn email(text: &str) -> Email {
    Email::try_from(text.to_owned()).expect("an address")
}

/// Noon on a day long after every test of these, and so many hours later: what the database dates by its own clock lies before.
pub fn noon_and(hours: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(4_102_488_000) + TimeDelta::hours(hours)
}
