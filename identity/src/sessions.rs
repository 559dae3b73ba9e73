//! Sessions of the web app: a random token in a cookie, its hash in `identity.sessions`.
//!
//! A session ends after [`IDLE_HOURS`] without a request and after [`LIFETIME_DAYS`] in any case. When it was last
//! seen is written once in a few minutes, not on every request. The token against cross-site requests is derived from
//! the session's, so that it needs no storage and dies with it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::Mac;
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use subtle::ConstantTimeEq;

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
    /// The value of the cookie [`crate::SESSION_COOKIE`].
    pub cookie_token: String,
    /// What changes by this session have to carry in a header.
    pub csrf: String,
    /// When the session ends in any case.
    pub ends_at: DateTime<Utc>,
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

    /// Starts a session for `account` (an id such as `demo`), and clears away those that have ended.
    ///
    /// # Errors
    /// [`SessionError`].
    pub async fn start(&self, account: &str, now: DateTime<Utc>) -> Result<SignedIn, SessionError> {
        let token = URL_SAFE_NO_PAD.encode(random::bytes::<32>().map_err(SessionError::Randomness)?);
        let ends_at = now + TimeDelta::days(LIFETIME_DAYS);
        sqlx::query!("DELETE FROM identity.sessions WHERE idle_ends_at <= $1", now).execute(&self.pool).await?;
        sqlx::query!(
            "INSERT INTO identity.sessions (token_hash, account, started_at, seen_at, idle_ends_at, ends_at)
             VALUES ($1, $2, $3, $3, $4, $5)",
            &hash(&token),
            account,
            now,
            idle_end(now, ends_at),
            ends_at
        )
        .execute(&self.pool)
        .await?;
        Ok(SignedIn { csrf: self.csrf_token(&token), cookie_token: token, ends_at })
    }

    /// The account of a session that has not ended, and counts this as its use.
    ///
    /// # Errors
    /// [`sqlx::Error`] when the database does not answer.
    pub async fn account(&self, token: &str, now: DateTime<Utc>) -> Result<Option<String>, sqlx::Error> {
        let token_hash = hash(token);
        let found = sqlx::query!(
            r#"SELECT account AS "account!", seen_at AS "seen_at!", ends_at AS "ends_at!"
               FROM identity.find_session($1, $2)"#,
            &token_hash,
            now
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(session) = found else { return Ok(None) };
        if now - session.seen_at >= TimeDelta::minutes(SEEN_EVERY_MINUTES) {
            sqlx::query!(
                "UPDATE identity.sessions SET seen_at = $2, idle_ends_at = $3 WHERE token_hash = $1 AND seen_at < $2",
                &token_hash,
                now,
                idle_end(now, session.ends_at)
            )
            .execute(&self.pool)
            .await?;
        }
        Ok(Some(session.account))
    }

    /// Ends a session; one that is unknown has ended already.
    ///
    /// # Errors
    /// [`sqlx::Error`] when the database does not answer.
    pub async fn end(&self, token: &str) -> Result<(), sqlx::Error> {
        sqlx::query!("DELETE FROM identity.sessions WHERE token_hash = $1", &hash(token)).execute(&self.pool).await?;
        Ok(())
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

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

fn idle_end(now: DateTime<Utc>, ends_at: DateTime<Utc>) -> DateTime<Utc> {
    ends_at.min(now + TimeDelta::hours(IDLE_HOURS))
}
