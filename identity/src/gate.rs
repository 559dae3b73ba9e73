//! The gate: from what a request carries to who is asking. There is no other way.
//!
//! A bearer token is the admin token, an API key, a device's token, or the secret of a hold or order; anything else as a
//! bearer is refused. A session cookie is looked up; one that has ended counts as none, because browsers send cookies
//! without being asked and a public page has to stay public.
//!
//! What the database says of a token is believed for [`BELIEVED_FOR`], so that a box office which sells thousands of
//! tickets a second does not ask thousands of times; so a revocation holds on every node within that time, and on the node
//! that took it at once. Passkeys, second factors and OpenID Connect (a later step) end in the same sessions.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::organization::Role;
use moka::future::Cache;
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::accounts::{AccountError, Accounts};
use crate::caller::{BoundDevice, Caller, Channel, Credential, Staff};
use crate::credentials::{self, CredentialKind, FoundCredential, find_credential};
use crate::email::Email;
use crate::installation::SecretKey;
use crate::link_secret::LinkSecrets;
use crate::links::has_owner;
use crate::members::{Membership, memberships};
use crate::organizations;
use crate::password::PasswordError;
use crate::sessions::{self, FoundSession, SessionError, Sessions, SignedIn};
use crate::token::TokenKind;

/// How long an answer of the database about a token is believed. Half of the second within which a revocation holds.
pub const BELIEVED_FOR: Duration = Duration::from_millis(500);

/// How many tokens are remembered at once; of more, the least used are asked for again.
const REMEMBERED_MAX: u64 = 10_000;

/// How exactly a credential's last use is known, and the most often that its row is written.
const USED_EVERY_SECONDS: i64 = 60;

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
    Unavailable(#[source] Arc<sqlx::Error>),
}

/// Why somebody is not signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No such address, or another password: which one is not told.
    #[error("the e-mail address or the password is wrong")]
    WrongCredentials,
    /// Too many are trying at once.
    #[error("too many are signing in; try again in {retry_after_seconds} s")]
    TooMany {
        /// For `Retry-After`.
        retry_after_seconds: u32,
    },
    /// The account could not be looked up.
    #[error("accounts cannot be read now")]
    Account(#[source] AccountError),
    /// The password was right, but no session came of it.
    #[error("no session could be started")]
    Session(#[from] SessionError),
}

/// What a request carries.
#[derive(Clone, Copy, Default)]
pub struct Asking<'a> {
    /// The token of `Authorization: Bearer`.
    pub bearer: Option<&'a str>,
    /// The value of the session's cookie.
    pub session: Option<&'a str>,
    /// The header `Turnout-Organization`: has to be one that the caller may act in.
    pub organization: Option<Uuid>,
    /// The cookie of the same meaning, for what a browser asks without headers; counts where it may.
    pub preferred: Option<Uuid>,
}

/// What the database said of a token.
enum Known {
    Credential(FoundCredential),
    Session(FoundSession, Vec<Membership>),
}

/// The gate of an installation.
pub struct Gate {
    pool: PgPool,
    sessions: Sessions,
    accounts: Accounts,
    links: LinkSecrets,
    admin_token: Option<AdminToken>,
    first_organization: Uuid,
    known: Cache<[u8; 32], Option<Arc<Known>>>,
    /// Organizations seen in the database: they are never deleted, so this never grows beyond what there is.
    known_organizations: RwLock<HashSet<Uuid>>,
    /// Whether somebody owns the installation, once that was seen: it stays so.
    owned: AtomicBool,
    looked_for_owner: Cache<(), bool>,
}

impl From<sqlx::Error> for GateError {
    fn from(error: sqlx::Error) -> Self {
        Self::Unavailable(Arc::new(error))
    }
}

impl From<AccountError> for SignInError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Password(PasswordError::TooMany) => Self::TooMany { retry_after_seconds: 1 },
            error => Self::Account(error),
        }
    }
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
    /// A gate that lets in: the admin token where there is one, members, keys, devices, and links. `pool` has the role
    /// `turnout_identity`; `first_organization` is the one that the admin token acts in unless it names another.
    #[must_use]
    pub fn new(pool: PgPool, secret: &SecretKey, admin_token: Option<AdminToken>, first_organization: Uuid) -> Self {
        Self {
            sessions: Sessions::new(pool.clone(), secret),
            accounts: Accounts::new(pool.clone()),
            pool,
            links: LinkSecrets::new(secret),
            admin_token,
            first_organization,
            known: Cache::builder().max_capacity(REMEMBERED_MAX).time_to_live(BELIEVED_FOR).build(),
            known_organizations: RwLock::new(HashSet::from([first_organization])),
            owned: AtomicBool::new(false),
            looked_for_owner: Cache::builder().max_capacity(1).time_to_live(BELIEVED_FOR).build(),
        }
    }

    /// Who is asking. A bearer token goes before a cookie; the organization counts for staff only.
    ///
    /// # Errors
    /// [`GateError::Unauthenticated`] for a bad bearer token, [`GateError::UnknownOrganization`],
    /// [`GateError::Unavailable`].
    pub async fn identify(&self, asking: Asking<'_>, now: DateTime<Utc>) -> Result<Caller, GateError> {
        if let Some(bearer) = asking.bearer {
            return self.identify_bearer(bearer, asking, now).await;
        }
        let Some(cookie) = asking.session else { return Ok(Caller::Anonymous) };
        let known = self.known(sessions::hash(cookie), async || self.find_session(cookie, now).await).await?;
        match known.as_deref() {
            Some(Known::Session(session, memberships)) if session.ends_at > now => member(session, memberships, asking),
            _ => Ok(Caller::Anonymous),
        }
    }

    async fn identify_bearer(&self, bearer: &str, asking: Asking<'_>, now: DateTime<Utc>) -> Result<Caller, GateError> {
        if self.admin_token.as_ref().is_some_and(|token| token.is(bearer)) {
            return self.admin(asking).await;
        }
        let Some(kind @ (TokenKind::ApiKey | TokenKind::Device)) = TokenKind::of(bearer) else {
            return self.links.verify(bearer).map(Caller::Link).ok_or(GateError::Unauthenticated);
        };
        let hash = kind.hash(bearer).ok_or(GateError::Unauthenticated)?;
        let known = self.known(hash, async || self.find_credential(&hash, now).await).await?;
        match known.as_deref() {
            Some(Known::Credential(found)) if found.is_live(now) => bound(found, kind, asking),
            _ => Err(GateError::Unauthenticated),
        }
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
            Caller::Staff(Staff { credential: Credential::Session { .. }, .. }) => {
                match (session_cookie, csrf_header) {
                    (Some(cookie), Some(csrf)) if self.sessions.is_csrf_token(cookie, csrf) => Ok(()),
                    _ => Err(GateError::Csrf),
                }
            }
            Caller::Staff(_) | Caller::Link(_) | Caller::Anonymous => Ok(()),
        }
    }

    /// The CSRF token of a session, for `GET /me`.
    #[must_use]
    pub fn csrf_token(&self, session_cookie: &str) -> String {
        self.sessions.csrf_token(session_cookie)
    }

    /// Signs in, in a browser such as `Firefox on Linux`. Whoever is no member of anything is not told from a wrong
    /// password.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn sign_in(
        &self,
        email: &Email,
        password: &str,
        client: &str,
        session: Uuid,
        now: DateTime<Utc>,
    ) -> Result<(Uuid, SignedIn), SignInError> {
        let account = self.accounts.verify(email, password).await?.ok_or(SignInError::WrongCredentials)?.account;
        Ok((account, self.sessions.start(session, account, client, now).await?))
    }

    /// Ends a session, whether or not it still ran.
    ///
    /// # Errors
    /// [`sqlx::Error`] when the database does not answer.
    pub async fn sign_out(&self, session_cookie: &str) -> Result<(), sqlx::Error> {
        self.sessions.end(session_cookie).await?;
        self.forget_known();
        Ok(())
    }

    /// Asks the database again for every token: who may do what has changed.
    pub fn forget_known(&self) {
        self.known.invalidate_all();
        self.looked_for_owner.invalidate_all();
    }

    /// Whether somebody owns the installation. Anybody may ask this as often as they like, so the database is asked only
    /// until it has said yes once (the last owner of an organization cannot leave it), and until then twice a second.
    ///
    /// # Errors
    /// [`GateError::Unavailable`].
    pub async fn has_owner(&self) -> Result<bool, GateError> {
        if self.owned.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let owned = self.looked_for_owner.try_get_with((), has_owner(&self.pool)).await;
        let owned = owned.map_err(GateError::Unavailable)?;
        if owned {
            self.owned.store(true, Ordering::Relaxed);
        }
        Ok(owned)
    }

    /// The organization that the admin token acts in unless it names another, and that the set-up gives its owner.
    #[must_use]
    pub fn first_organization(&self) -> Uuid {
        self.first_organization
    }

    /// Secrets of holds and orders, for those who make them.
    #[must_use]
    pub fn links(&self) -> &LinkSecrets {
        &self.links
    }

    /// Sessions of accounts.
    #[must_use]
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// Accounts of the installation.
    #[must_use]
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// What is known of a token, asked of the database once however many wait for it.
    async fn known(
        &self,
        hash: [u8; 32],
        ask: impl AsyncFnOnce() -> Result<Option<Known>, sqlx::Error>,
    ) -> Result<Option<Arc<Known>>, GateError> {
        if let Some(known) = self.known.get(&hash).await {
            return Ok(known);
        }
        // In a box: it is seldom asked, and every request would have to be as large as the question.
        let asked = self.known.try_get_with(hash, async { ask().await.map(|known| known.map(Arc::new)) });
        Box::pin(asked).await.map_err(GateError::Unavailable)
    }

    async fn find_session(&self, cookie: &str, now: DateTime<Utc>) -> Result<Option<Known>, sqlx::Error> {
        let Some(found) = self.sessions.find(cookie, now).await? else { return Ok(None) };
        self.sessions.touch(&found, now).await?;
        let memberships = memberships(&self.pool, found.account.account).await?;
        Ok(Some(Known::Session(found, memberships)))
    }

    async fn find_credential(&self, hash: &[u8; 32], now: DateTime<Utc>) -> Result<Option<Known>, sqlx::Error> {
        let Some(found) = find_credential(&self.pool, hash).await? else { return Ok(None) };
        let seen_lately = found.last_used_at.is_some_and(|used| now - used < TimeDelta::seconds(USED_EVERY_SECONDS));
        if found.is_live(now) && !seen_lately {
            credentials::touch(&self.pool, found.id, now).await?;
        }
        Ok(Some(Known::Credential(found)))
    }

    /// Whoever runs the installation, at the box office of any organization.
    async fn admin(&self, asking: Asking<'_>) -> Result<Caller, GateError> {
        let organization = asking.organization.unwrap_or(self.first_organization);
        self.require_organization(organization).await?;
        Ok(Caller::Staff(Staff {
            actor: "admin".to_owned(),
            name: Some("Administrator".to_owned()),
            email: None,
            role: Role::Owner,
            installation_owner: true,
            organization,
            shows: None,
            device: None,
            channel: Channel::BoxOffice,
            credential: Credential::AdminToken,
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

/// The bearer of a key or device, which belong to one organization.
fn bound(found: &FoundCredential, kind: TokenKind, asking: Asking<'_>) -> Result<Caller, GateError> {
    if asking.organization.is_some_and(|organization| organization != found.organization) {
        return Err(GateError::UnknownOrganization);
    }
    let (actor, channel, device, credential) = match (kind, found.kind) {
        (TokenKind::ApiKey, CredentialKind::ApiKey) => {
            (format!("key:{}", found.id), Channel::Api, None, Credential::ApiKey(found.id))
        }
        (TokenKind::Device, CredentialKind::Device) => {
            let gates = found.gates.clone();
            let device = BoundDevice { id: found.id, gates, may_override: found.may_override };
            (format!("device:{}", found.id), Channel::Door, Some(device), Credential::Device(found.id))
        }
        _ => return Err(GateError::Unauthenticated),
    };
    Ok(Caller::Staff(Staff {
        actor,
        name: None,
        email: None,
        role: found.role,
        installation_owner: false,
        organization: found.organization,
        shows: found.shows.clone(),
        device,
        channel,
        credential,
    }))
}

/// Somebody who signed in, in the organization that they name; without a name in the first that they joined. Whoever
/// belongs to none is nobody.
fn member(session: &FoundSession, memberships: &[Membership], asking: Asking<'_>) -> Result<Caller, GateError> {
    let of = |id: Uuid| memberships.iter().find(|membership| membership.organization == id);
    let membership = match asking.organization {
        Some(named) => of(named).ok_or(GateError::UnknownOrganization)?,
        None => match asking.preferred.and_then(of).or(memberships.first()) {
            Some(membership) => membership,
            None => return Ok(Caller::Anonymous),
        },
    };
    let account = &session.account;
    Ok(Caller::Staff(Staff {
        actor: format!("member:{}", membership.member),
        name: Some(account.name.clone()),
        email: Some(account.email.clone()),
        role: membership.role,
        installation_owner: account.installation_owner,
        organization: membership.organization,
        shows: None,
        device: None,
        channel: if membership.role == Role::Door { Channel::Door } else { Channel::BoxOffice },
        credential: Credential::Session {
            session: session.session,
            account: account.account,
            member: membership.member,
        },
    }))
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
