//! What an installation has before anybody uses it: a first organization, and a way for its owner to come in.
//!
//! The first organization is founded when there is none, and those that were made before organizations had events get their
//! first one. An owner comes by the set-up link that is printed while there is none, from the environment
//! (`TURNOUT_OWNER_EMAIL`, `TURNOUT_OWNER_PASSWORD`), or with the demo. No password is ever a default one.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use commands::{
    OrganizationCommand,
    organization::{add_member::AddMember, found_organization::FoundOrganization},
    organization_desk::{OrganizationSubmission, Organizations},
};
use domain::{
    ids::{AccountId, MemberId, OrganizationId},
    text::{Name, Slug},
};
use event_store::{Clock, Ids, VaultEntry, VaultKind};
use identity::{Accounts, CommandIds, DEMO_EMAIL, DemoAccount, Email, NewAccount, Role, judge_password};
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use crate::secret_settings::secret_setting;

/// What the first organization is called until its owner says otherwise.
const FIRST_NAME: &str = "Box office";

/// What an installation is made with.
pub struct Installation {
    /// The desk of organizations.
    pub organizations: Organizations,
    /// The pool with role Identity.
    pub identity_pool: PgPool,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Fresh ids.
    pub ids: Arc<dyn Ids>,
}

/// Somebody who shall own the first organization.
struct Owner<'a> {
    email: Email,
    name: &'a str,
    password: &'a str,
}

impl Installation {
    /// The first organization, founded where there is none; and a first event for those that have none.
    pub async fn first_organization(&self, command_ids: &CommandIds) -> anyhow::Result<Uuid> {
        let known = identity::list(&self.identity_pool).await?;
        for organization in &known {
            let slug: Slug = serde_json::from_value(json!(organization.slug))?;
            self.found(organization.id, &organization.name, Some(slug)).await?;
        }
        if let Some(first) = known.first() {
            return Ok(first.id);
        }
        let first = command_ids.first_organization();
        self.found(first, FIRST_NAME, None).await?;
        Ok(first)
    }

    async fn found(&self, id: Uuid, name: &str, slug: Option<Slug>) -> anyhow::Result<()> {
        let organization = OrganizationId(id);
        if self.organizations.find(organization).await?.is_some() {
            return Ok(());
        }
        let name = Name::try_from(name)?;
        let command = FoundOrganization { organization, name, slug, currency: None, timezone: None };
        let founded = self.submit(organization, command, Vec::new()).await;
        // Another node may have been faster.
        if self.organizations.find(organization).await?.is_some() { Ok(()) } else { founded }
    }

    /// The demo's account, as an owner of the first organization.
    pub async fn welcome_demo(&self, organization: Uuid, demo: &DemoAccount) -> anyhow::Result<()> {
        let email = Email::try_from(DEMO_EMAIL.to_owned())?;
        self.welcome(organization, Owner { email, name: "Demo", password: demo.password() }).await
    }

    /// The owner that the environment names, where there is none yet.
    pub async fn welcome_owner_of_environment(&self, organization: Uuid) -> anyhow::Result<()> {
        let password = secret_setting("TURNOUT_OWNER_PASSWORD")?;
        let (email, password) = match (std::env::var("TURNOUT_OWNER_EMAIL").ok(), password) {
            (None, None) => return Ok(()),
            (Some(email), Some(password)) => (email, password),
            _ => bail!("TURNOUT_OWNER_EMAIL and TURNOUT_OWNER_PASSWORD go together; set both or neither"),
        };
        if identity::has_owner(&self.identity_pool).await? {
            tracing::info!("the installation has an owner already: TURNOUT_OWNER_EMAIL is not used");
            return Ok(());
        }
        let address = Email::try_from(email).context("TURNOUT_OWNER_EMAIL cannot be used")?;
        judge_password(&password, &[address.as_str()]).context("TURNOUT_OWNER_PASSWORD cannot be used: it")?;
        self.welcome(organization, Owner { email: address, name: "Owner", password: &password }).await
    }

    async fn welcome(&self, organization: Uuid, owner: Owner<'_>) -> anyhow::Result<()> {
        let accounts = Accounts::new(self.identity_pool.clone());
        let account = match accounts.verify(&owner.email, owner.password).await? {
            Some(account) => account.account,
            None => {
                let new = NewAccount {
                    account: self.ids.next(),
                    email: &owner.email,
                    name: owner.name,
                    password: owner.password,
                    installation_owner: true,
                };
                accounts.establish(&new, self.clock.now()).await?.account
            }
        };
        let organization = OrganizationId(organization);
        let known = self.organizations.find(organization).await?;
        if known.is_some_and(|known| known.member_of(AccountId(account)).is_some()) {
            return Ok(());
        }
        let member = MemberId(self.ids.next());
        let person = VaultEntry {
            id: member.0,
            kind: VaultKind::Person,
            person: None,
            show: None,
            purpose: "member".to_owned(),
            fields: json!({ "name": owner.name, "email": owner.email.as_str(), "phone": null, "locale": null }),
        };
        let command = AddMember { member, role: Role::Owner, account: AccountId(account) };
        self.submit(organization, command, vec![person]).await
    }

    async fn submit(
        &self,
        organization: OrganizationId,
        command: impl Into<OrganizationCommand>,
        vault: Vec<VaultEntry>,
    ) -> anyhow::Result<()> {
        let id = self.ids.next();
        let submission = OrganizationSubmission {
            command: command.into(),
            vault,
            secrets: Vec::new(),
            command_id: id,
            request_hmac: None,
            correlation: id,
            actor: "turnout".to_owned(),
            role: None,
            device: None,
            channel: None,
        };
        match self.organizations.submit(organization, submission).await {
            Ok(_) => Ok(()),
            Err(commands::desk::DeskError::Rejected(rejection)) => bail!("rejected: {rejection:?}"),
            Err(error) => Err(error.into()),
        }
    }
}
