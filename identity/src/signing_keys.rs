//! Signing keys at rest: sealed rows in `identity.signing_keys`, shared by all nodes; those that sign tickets. For those of
//! checkpoints see [`crate::checkpoint_keys`].
//!
//! The first key of a purpose is made when a node finds none, under an advisory lock and a unique index, so that nodes
//! which start together make one. A row whose public half does not match its sealed half stops the start: signing on
//! with another key would void every ticket in people's pockets, and every checkpoint that somebody keeps. Rotation adds a row and retires one.

use chrono::{DateTime, Utc};
use ed25519_dalek::SigningKey;
use event_store::tree;
use sqlx::PgPool;
use sqlx::postgres::PgConnection;

use crate::installation::SecretKey;
use crate::random::{self, NoRandomness};
use crate::sealing::Sealing;
use crate::ticket_token::{KeyState, TicketKeys, kid_of};

/// What a key signs.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
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
    /// Somebody changed the table: it has no key that signs.
    #[error("no key of checkpoints is active")]
    NoneActive,
    /// The log's name cannot be a key's.
    #[error("the log's origin cannot be the name of a key")]
    Origin(#[from] tree::KeyError),
    /// The row says what no version of this program writes.
    #[error("signing key {kid} has state {state:?}, which is unknown")]
    UnknownState {
        /// Which key.
        kid: String,
        /// What its row says.
        state: String,
    },
}

/// A row.
pub(crate) struct StoredKey {
    pub kid: String,
    pub state: String,
    pub public_key: Vec<u8>,
    sealed: Vec<u8>,
    pub created_at: DateTime<Utc>,
    pub signs_until: Option<DateTime<Utc>>,
}

impl StoredKey {
    /// What verifies checkpoints of the log of this name that it signed; none where the row holds no key.
    pub fn verifier_key(&self, origin: &str) -> Option<String> {
        Some(tree::verifier_key(origin, self.public_key.as_slice().try_into().ok()?))
    }
}

/// A key that was opened.
pub(crate) struct OpenedKey {
    pub key: SigningKey,
    pub state: KeyState,
    pub signs_until: Option<DateTime<Utc>>,
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
    let keys = load_or_create(pool, secret, Purpose::Ticket, now).await?;
    let (current, others): (Vec<_>, Vec<_>) = keys.into_iter().partition(|key| key.state == KeyState::Active);
    let current = current.into_iter().next().ok_or(KeyError::NoneActive)?;
    Ok(TicketKeys::new(current.key, others.into_iter().map(|other| (other.state, other.key))))
}

/// The keys of a purpose, in the order in which they were made; one of them is active.
pub(crate) async fn load_or_create(
    pool: &PgPool,
    secret: &SecretKey,
    purpose: Purpose,
    now: DateTime<Utc>,
) -> Result<Vec<OpenedKey>, KeyError> {
    let mut transaction = pool.begin().await?;
    lock(&mut transaction).await?;
    let mut keys = opened(secret, purpose, &stored(&mut transaction, purpose).await?)?;
    if !keys.iter().any(|key| key.state == KeyState::Active) {
        let key = create(&mut transaction, secret, purpose, now).await?;
        keys.push(OpenedKey { key, state: KeyState::Active, signs_until: None });
    }
    transaction.commit().await?;
    Ok(keys)
}

/// Nobody else makes or replaces keys until the transaction's end.
pub(crate) async fn lock(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended('turnout/signing-keys', 0))")
        .execute(connection)
        .await?;
    Ok(())
}

/// The rows of a purpose, in the order in which they were made.
pub(crate) async fn stored(connection: &mut PgConnection, purpose: Purpose) -> Result<Vec<StoredKey>, sqlx::Error> {
    sqlx::query_as!(
        StoredKey,
        "SELECT kid, state, public_key, sealed, created_at, signs_until FROM identity.signing_keys
          WHERE purpose = $1 ORDER BY created_at, kid",
        purpose.name()
    )
    .fetch_all(connection)
    .await
}

/// Makes a key that is active.
pub(crate) async fn create(
    connection: &mut PgConnection,
    secret: &SecretKey,
    purpose: Purpose,
    now: DateTime<Utc>,
) -> Result<SigningKey, KeyError> {
    let seed = random::bytes::<32>().map_err(KeyError::Randomness)?;
    let key = SigningKey::from_bytes(&seed);
    let public_key = key.verifying_key().to_bytes();
    let kid = kid_of(&key);
    let sealed = Sealing::new(secret).seal(&place(purpose, &kid), &seed).map_err(KeyError::Randomness)?;
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
    tracing::info!(kid, purpose = purpose.name(), "made a key that signs");
    Ok(key)
}

/// The keys of these rows.
pub(crate) fn opened(secret: &SecretKey, purpose: Purpose, rows: &[StoredKey]) -> Result<Vec<OpenedKey>, KeyError> {
    let sealing = Sealing::new(secret);
    rows.iter().map(|row| open(&sealing, purpose, row)).collect()
}

fn open(sealing: &Sealing, purpose: Purpose, stored: &StoredKey) -> Result<OpenedKey, KeyError> {
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
    Ok(OpenedKey { key, state, signs_until: stored.signs_until })
}

fn place(purpose: Purpose, kid: &str) -> String {
    format!("identity.signing_keys/{}/{kid}", purpose.name())
}
