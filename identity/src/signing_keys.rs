//! Signing keys at rest: sealed rows in `identity.signing_keys`, shared by all nodes.
//!
//! The first key of a purpose is made when a node finds none, under an advisory lock and a unique index, so that nodes
//! which start together make one. A row whose public half does not match its sealed half stops the start: signing on
//! with another key would void every ticket in people's pockets. Rotation (a later step) adds a row and retires one.

use chrono::{DateTime, Utc};
use ed25519_dalek::SigningKey;
use sqlx::PgPool;
use sqlx::postgres::PgConnection;

use crate::installation::SecretKey;
use crate::random::{self, NoRandomness};
use crate::sealing::Sealing;
use crate::ticket_token::{KeyState, TicketKeys, kid_of};

const TICKET: &str = "ticket";

/// Why the signing keys are not at hand.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The database did not answer, or refused.
    #[error("the signing keys could not be read or stored")]
    Database(#[from] sqlx::Error),
    /// The row does not open with this secret key.
    #[error(
        "signing key {kid} was sealed with another secret key, or altered; start with the secret key of this \
         installation (TURNOUT_SECRET_KEY, or the file secret-key in its data directory)"
    )]
    DoesNotOpen {
        /// Which key.
        kid: String,
    },
    /// There is no randomness to make a key from.
    #[error("no signing key can be made")]
    Randomness(#[source] NoRandomness),
    /// The row says what no version of this program writes.
    #[error("signing key {kid} has state {state:?}, which is unknown")]
    UnknownState {
        /// Which key.
        kid: String,
        /// What its row says.
        state: String,
    },
}

struct StoredKey {
    kid: String,
    state: String,
    sealed: Vec<u8>,
}

/// The keys that sign tickets; makes the first one, with `now` as its time, when there is none.
///
/// # Errors
/// [`KeyError`]: only [`KeyError::Database`] may go away by itself.
pub async fn load_or_create_ticket_keys(
    pool: &PgPool,
    secret: &SecretKey,
    now: DateTime<Utc>,
) -> Result<TicketKeys, KeyError> {
    let sealing = Sealing::new(secret);
    let mut transaction = pool.begin().await?;
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended('turnout/signing-keys', 0))")
        .execute(&mut *transaction)
        .await?;
    let mut current = None;
    let mut others = Vec::new();
    for stored in stored_keys(&mut transaction).await? {
        match open(&sealing, &stored)? {
            (KeyState::Active, key) => current = Some(key),
            other => others.push(other),
        }
    }
    let current = match current {
        Some(key) => key,
        None => create(&mut transaction, &sealing, now).await?,
    };
    transaction.commit().await?;
    Ok(TicketKeys::new(current, others))
}

async fn stored_keys(connection: &mut PgConnection) -> Result<Vec<StoredKey>, sqlx::Error> {
    sqlx::query_as!(
        StoredKey,
        "SELECT kid, state, sealed FROM identity.signing_keys WHERE purpose = $1 ORDER BY created_at, kid",
        TICKET
    )
    .fetch_all(connection)
    .await
}

async fn create(connection: &mut PgConnection, sealing: &Sealing, now: DateTime<Utc>) -> Result<SigningKey, KeyError> {
    let seed = random::bytes::<32>().map_err(KeyError::Randomness)?;
    let key = SigningKey::from_bytes(&seed);
    let public_key = key.verifying_key().to_bytes();
    let kid = kid_of(&key);
    let sealed = sealing.seal(&place(&kid), &seed).map_err(KeyError::Randomness)?;
    sqlx::query!(
        "INSERT INTO identity.signing_keys (kid, purpose, state, public_key, sealed, created_at)
         VALUES ($1, $2, 'active', $3, $4, $5)",
        kid,
        TICKET,
        &public_key,
        sealed,
        now
    )
    .execute(connection)
    .await?;
    tracing::info!(kid, "made the first key that signs tickets");
    Ok(key)
}

fn open(sealing: &Sealing, stored: &StoredKey) -> Result<(KeyState, SigningKey), KeyError> {
    let kid = || stored.kid.clone();
    let state = match stored.state.as_str() {
        "active" => KeyState::Active,
        "retired" => KeyState::Retired,
        "revoked" => KeyState::Revoked,
        _ => return Err(KeyError::UnknownState { kid: kid(), state: stored.state.clone() }),
    };
    let seed = sealing.open(&place(&stored.kid), &stored.sealed).map_err(|_| KeyError::DoesNotOpen { kid: kid() })?;
    let seed = <[u8; 32]>::try_from(seed).map_err(|_| KeyError::DoesNotOpen { kid: kid() })?;
    let key = SigningKey::from_bytes(&seed);
    if kid_of(&key) != stored.kid {
        return Err(KeyError::DoesNotOpen { kid: kid() });
    }
    Ok((state, key))
}

fn place(kid: &str) -> String {
    format!("identity.signing_keys/{TICKET}/{kid}")
}
