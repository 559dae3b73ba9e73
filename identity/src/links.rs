//! Links that are followed once and belong to no organization: to set the installation up, and to choose a new password.
//!
//! Until mail exists, the first is printed when the server starts, and the second by `turnout reset-password`: whoever runs
//! the installation passes it on. Invitations are not here: they are events of an organization.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use crate::random::NoRandomness;
use crate::token::TokenKind;

/// A new installation is set up on the day when it is started; a restart prints another link.
pub const SETUP_LINK_HOURS: i64 = 24;

/// Long enough to be passed on by hand.
pub const RESET_LINK_HOURS: i64 = 24;

/// Why a link could not be made.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The database did not answer, or refused.
    #[error("links could not be stored")]
    Database(#[from] sqlx::Error),
    /// There is no randomness to make a token from.
    #[error("no token can be made")]
    Randomness(#[from] NoRandomness),
}

/// The token of a link by which an installation without an owner gets one; nothing where it has one.
///
/// # Errors
/// [`LinkError`].
pub async fn setup_link(pool: &PgPool, now: DateTime<Utc>) -> Result<Option<String>, LinkError> {
    if has_owner(pool).await? {
        return Ok(None);
    }
    let token = TokenKind::Setup.make()?;
    store(pool, &token.hash, "setup", None, now + TimeDelta::hours(SETUP_LINK_HOURS), now).await?;
    Ok(Some(token.text))
}

/// The token of a link by which the owner of an account chooses a new password.
///
/// # Errors
/// [`LinkError`].
pub async fn password_reset_link(pool: &PgPool, account: Uuid, now: DateTime<Utc>) -> Result<String, LinkError> {
    let token = TokenKind::PasswordReset.make()?;
    let expires_at = now + TimeDelta::hours(RESET_LINK_HOURS);
    store(pool, &token.hash, "password_reset", Some(account), expires_at, now).await?;
    Ok(token.text)
}

/// Whether anybody owns an organization of this installation.
///
/// # Errors
/// When the database does not answer.
pub async fn has_owner(pool: &PgPool) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT identity.has_owner() AS "has_owner!""#).fetch_one(pool).await
}

/// Ends every set-up link: the installation has its owner.
///
/// # Errors
/// When the database does not answer.
pub async fn end_setup_links(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM identity.links WHERE kind = 'setup'").execute(pool).await?;
    Ok(())
}

async fn store(
    pool: &PgPool,
    hash: &[u8; 32],
    kind: &str,
    account: Option<Uuid>,
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM identity.links WHERE expires_at <= $1", now).execute(pool).await?;
    sqlx::query!(
        "INSERT INTO identity.links (hash, kind, account, expires_at) VALUES ($1, $2, $3, $4)",
        hash,
        kind,
        account,
        expires_at
    )
    .execute(pool)
    .await?;
    Ok(())
}
