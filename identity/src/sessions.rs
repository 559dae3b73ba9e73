//! Sessions of the web app: a random token in a cookie, its hash in `identity.sessions`.
//!
//! A session ends after [`IDLE_HOURS`] without a request and after [`LIFETIME_DAYS`] in any case. When it was last
//! seen is written once in a few minutes, not on every request. Its owner sees all of theirs, each with the browser that
//! it was started in, and ends any. The token against cross-site requests is derived from
//! the session's, so that it needs no storage and dies with it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::Mac;
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::accounts::Account;
use crate::installation::{Purpose, SecretKey, keyed_hash};
use crate::random::{self, NoRandomness};

/// A long shift with its breaks, but not the next day's on a computer that somebody left.
pub const IDLE_HOURS: i64 = 12;

/// Whoever works every day signs in once a week.
pub const LIFETIME_DAYS: i64 = 7;

/// How exactly a session's last use is known, and the most often that its row is written.
const SEEN_EVERY_MINUTES: i64 = 5;

/// Sessions of an installation.
#[derive(Clone)]
pub struct Sessions {
    pool: PgPool,
    csrf_key: [u8; 32],
}

/// What somebody who signed in takes along. Neither is ever shown again.
pub struct SignedIn {
    /// The session's id, for lists.
    pub session: Uuid,
    /// The value of the cookie [`crate::SESSION_COOKIE`].
    pub cookie_token: String,
    /// What changes by this session have to carry in a header.
    pub csrf: String,
    /// When the session ends in any case.
    pub ends_at: DateTime<Utc>,
}

/// A session that has not ended, with its account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundSession {
    /// The session's id.
    pub session: Uuid,
    /// Whose it is.
    pub account: Account,
    /// When it was last used, to some minutes.
    pub seen_at: DateTime<Utc>,
    /// When it ends in any case.
    pub ends_at: DateTime<Utc>,
}

/// A session in the list of one's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedSession {
    /// Its id.
    pub session: Uuid,
    /// When it was started.
    pub started_at: DateTime<Utc>,
    /// When it was last used, to some minutes.
    pub seen_at: DateTime<Utc>,
    /// When it ends in any case.
    pub ends_at: DateTime<Utc>,
    /// In what: `Firefox on Linux`.
    pub client: String,
}

/// Why a session could not be started.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The database did not answer, or refused.
    #[error("sessions could not be read or stored")]
    Database(#[from] sqlx::Error),
    /// There is no randomness to make a token from.
    #[error("no session token can be made")]
    Randomness(#[source] NoRandomness),
}

impl Sessions {
    /// Those in `identity.sessions`, reached by a pool with the role `turnout_identity`.
    #[must_use]
    pub fn new(pool: PgPool, secret: &SecretKey) -> Self {
        Self { pool, csrf_key: secret.derive(Purpose::Csrf) }
    }

    /// Starts a session for an account, in a browser such as `Firefox on Linux`, and clears away those that have ended.
    ///
    /// # Errors
    /// [`SessionError`].
    pub async fn start(
        &self,
        session: Uuid,
        account: Uuid,
        client: &str,
        now: DateTime<Utc>,
    ) -> Result<SignedIn, SessionError> {
        let token = URL_SAFE_NO_PAD.encode(random::bytes::<32>().map_err(SessionError::Randomness)?);
        let ends_at = now + TimeDelta::days(LIFETIME_DAYS);
        sqlx::query!("DELETE FROM identity.sessions WHERE idle_ends_at <= $1", now).execute(&self.pool).await?;
        sqlx::query!(
            "INSERT INTO identity.sessions (token_hash, session, account, client, started_at, seen_at, idle_ends_at, ends_at)
             VALUES ($1, $2, $3, $4, $5, $5, $6, $7)",
            &hash(&token),
            session,
            account,
            client,
            now,
            idle_end(now, ends_at),
            ends_at
        )
        .execute(&self.pool)
        .await?;
        Ok(SignedIn { session, csrf: self.csrf_token(&token), cookie_token: token, ends_at })
    }

    /// The session of a token, unless it has ended.
    ///
    /// # Errors
    /// [`sqlx::Error`] when the database does not answer.
    pub async fn find(&self, token: &str, now: DateTime<Utc>) -> Result<Option<FoundSession>, sqlx::Error> {
        let found = sqlx::query!(
            r#"SELECT session AS "session!", account AS "account!", email AS "email!", name AS "name!",
                      installation_owner AS "installation_owner!", seen_at AS "seen_at!", ends_at AS "ends_at!"
               FROM identity.find_session($1, $2)"#,
            &hash(token),
            now
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(found.map(|found| FoundSession {
            session: found.session,
            account: Account {
                account: found.account,
                email: found.email,
                name: found.name,
                installation_owner: found.installation_owner,
            },
            seen_at: found.seen_at,
            ends_at: found.ends_at,
        }))
    }

    /// Counts a use of a session; written down once in some minutes.
    ///
    /// # Errors
    /// [`sqlx::Error`] when the database does not answer.
    pub async fn touch(&self, found: &FoundSession, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
        if now - found.seen_at < TimeDelta::minutes(SEEN_EVERY_MINUTES) {
            return Ok(());
        }
        sqlx::query!(
            "UPDATE identity.sessions SET seen_at = $2, idle_ends_at = $3 WHERE session = $1 AND seen_at < $2",
            found.session,
            now,
            idle_end(now, found.ends_at)
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The sessions of an account, the latest used first.
    ///
    /// # Errors
    /// [`sqlx::Error`] when the database does not answer.
    pub async fn list(&self, account: Uuid, now: DateTime<Utc>) -> Result<Vec<ListedSession>, sqlx::Error> {
        sqlx::query_as!(
            ListedSession,
            "SELECT session, started_at, seen_at, ends_at, client FROM identity.sessions
              WHERE account = $1 AND idle_ends_at > $2 AND ends_at > $2 ORDER BY seen_at DESC, session",
            account,
            now
        )
        .fetch_all(&self.pool)
        .await
    }

    /// Ends a session; one that is unknown has ended already.
    ///
    /// # Errors
    /// [`sqlx::Error`] when the database does not answer.
    pub async fn end(&self, token: &str) -> Result<(), sqlx::Error> {
        sqlx::query!("DELETE FROM identity.sessions WHERE token_hash = $1", &hash(token)).execute(&self.pool).await?;
        Ok(())
    }

    /// Ends one session of an account, or all; says how many there were.
    ///
    /// # Errors
    /// [`sqlx::Error`] when the database does not answer.
    pub async fn end_of(&self, account: Uuid, session: Option<Uuid>) -> Result<u64, sqlx::Error> {
        let ended = sqlx::query!(
            "DELETE FROM identity.sessions WHERE account = $1 AND ($2::uuid IS NULL OR session = $2)",
            account,
            session
        );
        Ok(ended.execute(&self.pool).await?.rows_affected())
    }

    /// The token that changes by this session have to carry: 43 characters of base64url.
    #[must_use]
    pub fn csrf_token(&self, token: &str) -> String {
        URL_SAFE_NO_PAD.encode(keyed_hash(&self.csrf_key, &[&hash(token)]).finalize().into_bytes())
    }

    /// Whether `csrf` is the one of this session, in constant time.
    #[must_use]
    pub fn is_csrf_token(&self, token: &str, csrf: &str) -> bool {
        self.csrf_token(token).as_bytes().ct_eq(csrf.as_bytes()).into()
    }
}

/// SHA-256 of a session's token, by which it is found.
pub(crate) fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

fn idle_end(now: DateTime<Utc>, ends_at: DateTime<Utc>) -> DateTime<Utc> {
    ends_at.min(now + TimeDelta::hours(IDLE_HOURS))
}
