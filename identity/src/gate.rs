//! The gate: from what a request carries to who is asking. There is no other way.
//!
//! A bearer token is the admin token or the secret of a hold or order; anything else as a bearer is refused. A session
//! cookie is looked up; one that has ended counts as none, because browsers send cookies without being asked and a
//! public page has to stay public. API keys, devices and members get their branches in [`Gate::identify`] when they
//! come, and nothing outside changes.

use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::caller::{Caller, Channel, Credential, Staff};
use crate::demo_account::{DEMO_ACTOR, DemoAccount, SignInError};
use crate::installation::SecretKey;
use crate::link_secret::LinkSecrets;
use crate::organizations;
use crate::permission::Role;
use crate::sessions::{Sessions, SignedIn};

/// The least length of the admin token, in characters.
pub const ADMIN_TOKEN_CHARACTERS_MIN: usize = 32;

/// `TURNOUT_ADMIN_TOKEN`: the bearer token of the installation's owner. Only its hash is kept.
#[derive(Clone)]
pub struct AdminToken([u8; 32]);

/// The admin token is no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdminTokenError {
    /// It is too short to be safe.
    #[error(
        "TURNOUT_ADMIN_TOKEN has {found} characters; it needs at least {ADMIN_TOKEN_CHARACTERS_MIN} \
         (try `openssl rand -hex 32`)"
    )]
    TooShort {
        /// How many it has.
        found: usize,
    },
    /// It holds white space or something else that no `Authorization` header can carry.
    #[error("TURNOUT_ADMIN_TOKEN may hold visible ASCII characters only")]
    NotVisible,
}

/// Why the gate stays shut.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// No credentials where some are needed, or bad ones: 401.
    #[error("no or bad credentials")]
    Unauthenticated,
    /// The role may not: 403.
    #[error("this role may not do that")]
    Forbidden,
    /// `Turnout-Organization` names none that there is: the caller's to mend.
    #[error("Turnout-Organization names an organization that does not exist")]
    UnknownOrganization,
    /// A change by session without its CSRF token: 403.
    #[error("the CSRF token is missing or wrong")]
    Csrf,
    /// Whoever it is could not be looked up: 503.
    #[error("credentials cannot be checked now")]
    Unavailable(#[from] sqlx::Error),
}

/// The gate of an installation.
pub struct Gate {
    pool: PgPool,
    sessions: Sessions,
    links: LinkSecrets,
    admin_token: Option<AdminToken>,
    demo: Option<DemoAccount>,
    first_organization: Uuid,
    /// Organizations seen in the database: they are never deleted, so this never grows beyond what there is.
    known_organizations: RwLock<HashSet<Uuid>>,
}

impl AdminToken {
    /// The token of a text, from the environment.
    ///
    /// # Errors
    /// [`AdminTokenError`], for whoever starts the server.
    pub fn parse(text: &str) -> Result<Self, AdminTokenError> {
        if text.len() < ADMIN_TOKEN_CHARACTERS_MIN {
            return Err(AdminTokenError::TooShort { found: text.chars().count() });
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(AdminTokenError::NotVisible);
        }
        Ok(Self(Sha256::digest(text).into()))
    }

    /// In constant time: both sides are hashes, so not even the length shows.
    fn is(&self, text: &str) -> bool {
        self.0.as_slice().ct_eq(&Sha256::digest(text)).into()
    }
}

impl Gate {
    /// A gate that lets in: the admin token where there is one, the demo account where the demo runs, and links.
    /// `pool` has the role `turnout_identity`; `first_organization` is the one that staff act in unless they name
    /// another ([`organizations::first_or_create`]).
    #[must_use]
    pub fn new(
        pool: PgPool,
        secret: &SecretKey,
        admin_token: Option<AdminToken>,
        demo: Option<DemoAccount>,
        first_organization: Uuid,
    ) -> Self {
        Self {
            sessions: Sessions::new(pool.clone(), secret),
            pool,
            links: LinkSecrets::new(secret),
            admin_token,
            demo,
            first_organization,
            known_organizations: RwLock::new(HashSet::from([first_organization])),
        }
    }

    /// Who is asking. A bearer token goes before a cookie; the organization counts for staff only.
    ///
    /// # Errors
    /// [`GateError::Unauthenticated`] for a bad bearer token, [`GateError::UnknownOrganization`],
    /// [`GateError::Unavailable`].
    pub async fn identify(
        &self,
        bearer: Option<&str>,
        session_cookie: Option<&str>,
        organization_header: Option<Uuid>,
        now: DateTime<Utc>,
    ) -> Result<Caller, GateError> {
        if let Some(bearer) = bearer {
            if self.admin_token.as_ref().is_some_and(|token| token.is(bearer)) {
                return self.staff("admin", "Administrator", Credential::AdminToken, organization_header).await;
            }
            return self.links.verify(bearer).map(Caller::Link).ok_or(GateError::Unauthenticated);
        }
        if let (Some(cookie), true) = (session_cookie, self.demo.is_some())
            && self.sessions.account(cookie, now).await?.as_deref() == Some(DEMO_ACTOR)
        {
            return self.staff(DEMO_ACTOR, "Demo", Credential::Session, organization_header).await;
        }
        Ok(Caller::Anonymous)
    }

    /// Refuses a change that a session's cookie brought without its CSRF token; lets pass whoever did not come by
    /// cookie. For every POST, PUT, PATCH and DELETE.
    ///
    /// # Errors
    /// [`GateError::Csrf`].
    pub fn check_csrf(
        &self,
        caller: &Caller,
        session_cookie: Option<&str>,
        csrf_header: Option<&str>,
    ) -> Result<(), GateError> {
        match caller {
            Caller::Staff(Staff { credential: Credential::Session, .. }) => match (session_cookie, csrf_header) {
                (Some(cookie), Some(csrf)) if self.sessions.is_csrf_token(cookie, csrf) => Ok(()),
                _ => Err(GateError::Csrf),
            },
            Caller::Staff(_) | Caller::Link(_) | Caller::Anonymous => Ok(()),
        }
    }

    /// The CSRF token of a session, for `GET /me`.
    #[must_use]
    pub fn csrf_token(&self, session_cookie: &str) -> String {
        self.sessions.csrf_token(session_cookie)
    }

    /// Signs in; without the demo nobody can yet.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn sign_in(&self, email: &str, password: &str, now: DateTime<Utc>) -> Result<SignedIn, SignInError> {
        match &self.demo {
            Some(demo) => demo.sign_in(&self.sessions, email, password, now).await,
            None => Err(SignInError::WrongCredentials),
        }
    }

    /// Ends a session, whether or not it still ran.
    ///
    /// # Errors
    /// [`sqlx::Error`] when the database does not answer.
    pub async fn sign_out(&self, session_cookie: &str) -> Result<(), sqlx::Error> {
        self.sessions.end(session_cookie).await
    }

    /// Secrets of holds and orders, for those who make them.
    #[must_use]
    pub fn links(&self) -> &LinkSecrets {
        &self.links
    }

    /// Both kinds of staff that there are so far own the whole installation and sell at its box office.
    async fn staff(
        &self,
        actor: &str,
        name: &str,
        credential: Credential,
        organization: Option<Uuid>,
    ) -> Result<Caller, GateError> {
        let organization = organization.unwrap_or(self.first_organization);
        self.require_organization(organization).await?;
        Ok(Caller::Staff(Staff {
            actor: actor.to_owned(),
            name: name.to_owned(),
            role: Role::Owner,
            organization,
            device: None,
            channel: Channel::BoxOffice,
            credential,
        }))
    }

    async fn require_organization(&self, id: Uuid) -> Result<(), GateError> {
        let known = self.known_organizations.read().unwrap_or_else(PoisonError::into_inner).contains(&id);
        if !known {
            organizations::find(&self.pool, id).await?.ok_or(GateError::UnknownOrganization)?;
            self.known_organizations.write().unwrap_or_else(PoisonError::into_inner).insert(id);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_or_unsendable_admin_token_is_refused_with_a_remedy() {
        let error = AdminToken::parse("short").err().unwrap();
        assert_eq!(error, AdminTokenError::TooShort { found: 5 });
        assert!(error.to_string().contains("openssl rand"));
        let spaced = AdminToken::parse("0123456789 0123456789 0123456789 0123456789");
        assert_eq!(spaced.err(), Some(AdminTokenError::NotVisible));
    }

    #[test]
    fn only_the_very_token_is_the_token() {
        let text = "0123456789abcdef0123456789abcdef";
        let token = AdminToken::parse(text).unwrap();
        assert!(token.is(text));
        assert!(!token.is(&text[..31]) && !token.is(&text.to_uppercase()) && !token.is(""));
    }
}
