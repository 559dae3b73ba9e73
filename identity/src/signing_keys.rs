//! Signing keys at rest: sealed rows in `identity.signing_keys`, shared by all nodes.
//!
//! The first key of a purpose is made when a node finds none, under an advisory lock and a unique index, so that nodes
//! which start together make one. A row whose public half does not match its sealed half stops the start: signing on
//! with another key would void every ticket in people's pockets, and every checkpoint that somebody keeps. Rotation (a later step) adds a row and retires one.

use chrono::{DateTime, Utc};
use ed25519_dalek::SigningKey;
use event_store::tree::{self, CheckpointSigner};
use sqlx::PgPool;
use sqlx::postgres::PgConnection;

use crate::installation::SecretKey;
use crate::random::{self, NoRandomness};
use crate::sealing::Sealing;
use crate::ticket_token::{KeyState, TicketKeys, kid_of};

/// What a key signs.
#[derive(Clone, Copy)]
enum Purpose {
    Ticket,
    Checkpoint,
}

impl Purpose {
    /// As rows of the database, and the places of what is sealed, have it.
    fn name(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::Checkpoint => "checkpoint",
        }
    }
}

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

/// The keys of the log's checkpoints: one signs, the others have signed.
pub struct CheckpointKeys {
    current: SigningKey,
    retired: Vec<SigningKey>,
}

impl CheckpointKeys {
    /// What signs checkpoints of the log of this name.
    ///
    /// # Errors
    /// When the name cannot stand in a checkpoint.
    pub fn signer(&self, origin: &str) -> Result<CheckpointSigner, tree::KeyError> {
        signer(origin, &self.current)
    }

    /// What verifies them, the one that signs now first.
    ///
    /// # Errors
    /// As [`signer`](Self::signer).
    pub fn verifier_keys(&self, origin: &str) -> Result<Vec<String>, tree::KeyError> {
        let keys = std::iter::once(&self.current).chain(&self.retired);
        keys.map(|key| Ok(signer(origin, key)?.verifier_key().to_owned())).collect()
    }
}

fn signer(origin: &str, key: &SigningKey) -> Result<CheckpointSigner, tree::KeyError> {
    CheckpointSigner::new(origin, key.as_bytes(), key.verifying_key().as_bytes())
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
    let (current, others) = load_or_create(pool, secret, Purpose::Ticket, now).await?;
    Ok(TicketKeys::new(current, others))
}

/// The same for those that sign the log's checkpoints. Revoked ones are left out: nobody is to trust what they signed.
///
/// # Errors
/// As [`load_or_create_ticket_keys`].
pub async fn load_or_create_checkpoint_keys(
    pool: &PgPool,
    secret: &SecretKey,
    now: DateTime<Utc>,
) -> Result<CheckpointKeys, KeyError> {
    let (current, others) = load_or_create(pool, secret, Purpose::Checkpoint, now).await?;
    let retired = others.into_iter().filter(|(state, _)| *state == KeyState::Retired).map(|(_, key)| key);
    Ok(CheckpointKeys { current, retired: retired.collect() })
}

/// The active key of a purpose, and the others.
async fn load_or_create(
    pool: &PgPool,
    secret: &SecretKey,
    purpose: Purpose,
    now: DateTime<Utc>,
) -> Result<(SigningKey, Vec<(KeyState, SigningKey)>), KeyError> {
    let sealing = Sealing::new(secret);
    let mut transaction = pool.begin().await?;
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended('turnout/signing-keys', 0))")
        .execute(&mut *transaction)
        .await?;
    let mut current = None;
    let mut others = Vec::new();
    for stored in stored_keys(&mut transaction, purpose).await? {
        match open(&sealing, purpose, &stored)? {
            (KeyState::Active, key) => current = Some(key),
            other => others.push(other),
        }
    }
    let current = match current {
        Some(key) => key,
        None => create(&mut transaction, &sealing, purpose, now).await?,
    };
    transaction.commit().await?;
    Ok((current, others))
}

async fn stored_keys(connection: &mut PgConnection, purpose: Purpose) -> Result<Vec<StoredKey>, sqlx::Error> {
    sqlx::query_as!(
        StoredKey,
        "SELECT kid, state, sealed FROM identity.signing_keys WHERE purpose = $1 ORDER BY created_at, kid",
        purpose.name()
    )
    .fetch_all(connection)
    .await
}

async fn create(
    connection: &mut PgConnection,
    sealing: &Sealing,
    purpose: Purpose,
    now: DateTime<Utc>,
) -> Result<SigningKey, KeyError> {
    let seed = random::bytes::<32>().map_err(KeyError::Randomness)?;
    let key = SigningKey::from_bytes(&seed);
    let public_key = key.verifying_key().to_bytes();
    let kid = kid_of(&key);
    let sealed = sealing.seal(&place(purpose, &kid), &seed).map_err(KeyError::Randomness)?;
    sqlx::query!(
        "INSERT INTO identity.signing_keys (kid, purpose, state, public_key, sealed, created_at)
         VALUES ($1, $2, 'active', $3, $4, $5)",
        kid,
        purpose.name(),
        &public_key,
        sealed,
        now
    )
    .execute(connection)
    .await?;
    tracing::info!(kid, purpose = purpose.name(), "made the first key that signs");
    Ok(key)
}

fn open(sealing: &Sealing, purpose: Purpose, stored: &StoredKey) -> Result<(KeyState, SigningKey), KeyError> {
    let kid = || stored.kid.clone();
    let state = match stored.state.as_str() {
        "active" => KeyState::Active,
        "retired" => KeyState::Retired,
        "revoked" => KeyState::Revoked,
        _ => return Err(KeyError::UnknownState { kid: kid(), state: stored.state.clone() }),
    };
    let seed =
        sealing.open(&place(purpose, &stored.kid), &stored.sealed).map_err(|_| KeyError::DoesNotOpen { kid: kid() })?;
    let seed = <[u8; 32]>::try_from(seed).map_err(|_| KeyError::DoesNotOpen { kid: kid() })?;
    let key = SigningKey::from_bytes(&seed);
    if kid_of(&key) != stored.kid {
        return Err(KeyError::DoesNotOpen { kid: kid() });
    }
    Ok((state, key))
}

fn place(purpose: Purpose, kid: &str) -> String {
    format!("identity.signing_keys/{}/{kid}", purpose.name())
}
