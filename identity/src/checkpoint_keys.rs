//! The keys that sign the log's checkpoints: which sign now, which are published, and how one takes another's place.
//!
//! What always holds: one key is active, and signs. Those that it replaced are published as long as they are not revoked, and each
//! signs beside it for a while, so that whoever knows only that one goes on believing what is signed, and has time to learn the
//! new one. A revoked key signs nothing and is published no more. Every node follows the table, and changes within a moment.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use ed25519_dalek::SigningKey;
use event_store::{
    Clock,
    tree::{self, CheckpointSigner},
};
use sqlx::PgPool;
use tokio::sync::watch;

use crate::installation::SecretKey;
use crate::signing_keys::{KeyError, OpenedKey, Purpose, create, load_or_create, lock, opened, stored};
use crate::ticket_token::KeyState;

/// How often a node looks whether the keys are others: together with a checkpoint's second that is soon enough for people.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The keys of the log's checkpoints: one signs, the others have signed.
pub struct CheckpointKeys {
    current: SigningKey,
    /// With how long each signs beside it.
    retired: Vec<(SigningKey, Option<DateTime<Utc>>)>,
}

impl CheckpointKeys {
    /// What signs checkpoints of the log of this name now.
    ///
    /// # Errors
    /// When the name cannot stand in a checkpoint.
    pub fn signer(&self, origin: &str, now: DateTime<Utc>) -> Result<CheckpointSigner, tree::KeyError> {
        let beside = self.retired.iter().filter(|(_, until)| until.is_some_and(|until| now < until));
        beside
            .map(|(key, _)| key)
            .try_fold(signer(origin, &self.current)?, |first, key| Ok(first.beside(signer(origin, key)?)))
    }

    /// What verifies them, the one that signs now first.
    #[must_use]
    pub fn verifier_keys(&self, origin: &str) -> Vec<String> {
        let keys = std::iter::once(&self.current).chain(self.retired.iter().map(|(key, _)| key));
        keys.map(|key| tree::verifier_key(origin, key.verifying_key().as_bytes())).collect()
    }

    /// None when no key is active. Revoked ones are left out: nobody is to trust what they signed.
    fn of(keys: Vec<OpenedKey>) -> Option<Self> {
        let mut current = None;
        let mut retired = Vec::new();
        for OpenedKey { key, state, signs_until } in keys {
            match state {
                KeyState::Active => current = Some(key),
                KeyState::Retired => retired.push((key, signs_until)),
                KeyState::Revoked => {}
            }
        }
        // They come in the order in which they were made; the one before the current is looked for most.
        retired.reverse();
        Some(Self { current: current?, retired })
    }
}

fn signer(origin: &str, key: &SigningKey) -> Result<CheckpointSigner, tree::KeyError> {
    CheckpointSigner::new(origin, key.as_bytes(), key.verifying_key().as_bytes())
}

/// The keys that sign checkpoints; makes the first one, with `now` as its time, when there is none.
///
/// # Errors
/// [`KeyError`]: only [`KeyError::Database`] may go away by itself.
pub async fn load_or_create_checkpoint_keys(
    pool: &PgPool,
    secret: &SecretKey,
    now: DateTime<Utc>,
) -> Result<CheckpointKeys, KeyError> {
    let keys = load_or_create(pool, secret, Purpose::Checkpoint, now).await?;
    CheckpointKeys::of(keys).ok_or(KeyError::NoneActive)
}

/// The keys of a node, as they change while it runs.
pub struct CheckpointKeyring {
    pool: PgPool,
    secret: SecretKey,
    origin: String,
    clock: Arc<dyn Clock>,
    signer: watch::Sender<Arc<CheckpointSigner>>,
    published: watch::Sender<Arc<[String]>>,
}

impl CheckpointKeyring {
    /// The keys of the log of this name; makes the first one when there is none. The pool is of role Identity.
    ///
    /// # Errors
    /// As [`load_or_create_checkpoint_keys`].
    pub async fn load(
        pool: PgPool,
        secret: SecretKey,
        origin: String,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, KeyError> {
        let now = clock.now();
        let keys = load_or_create_checkpoint_keys(&pool, &secret, now).await?;
        let signer = watch::channel(Arc::new(keys.signer(&origin, now)?)).0;
        let published = watch::channel(keys.verifier_keys(&origin).into()).0;
        Ok(Self { pool, secret, origin, clock, signer, published })
    }

    /// What signs.
    #[must_use]
    pub fn signer(&self) -> watch::Receiver<Arc<CheckpointSigner>> {
        self.signer.subscribe()
    }

    /// What is published: verifier keys, the one that signs now first.
    #[must_use]
    pub fn published(&self) -> watch::Receiver<Arc<[String]>> {
        self.published.subscribe()
    }

    /// Follows the table for ever. While it cannot be read, or holds what does not open, the keys stay as they were.
    pub async fn run(self) {
        let mut is_wrong = false;
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let looked = self.look().await;
            if let Err(error) = &looked
                && !is_wrong
            {
                tracing::warn!(error = error as &dyn std::error::Error, "the keys of checkpoints stay as they were");
            }
            is_wrong = looked.is_err();
        }
    }

    async fn look(&self) -> Result<(), KeyError> {
        let mut connection = self.pool.acquire().await?;
        let keys = opened(&self.secret, Purpose::Checkpoint, &stored(&mut connection, Purpose::Checkpoint).await?)?;
        let keys = CheckpointKeys::of(keys).ok_or(KeyError::NoneActive)?;
        let signer = keys.signer(&self.origin, self.clock.now())?;
        let published = keys.verifier_keys(&self.origin);
        // Those that are published come first: what a new key signed is never to be seen before the key.
        let is_other = self.published.send_if_modified(|known| {
            let is_other = known[..] != published[..];
            if is_other {
                *known = published.into();
            }
            is_other
        });
        let signs_otherwise = self.signer.send_if_modified(|known| {
            let is_other = known.verifier_keys() != signer.verifier_keys();
            if is_other {
                *known = Arc::new(signer);
            }
            is_other
        });
        if is_other || signs_otherwise {
            tracing::info!(keys = ?self.signer.borrow().verifier_keys(), "the keys that sign checkpoints are others now");
        }
        Ok(())
    }
}

/// What becomes of a key that another one replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replaced {
    /// It signs beside the new one until then, and stays published.
    SignsUntil(DateTime<Utc>),
    /// It leaked: it signs nothing any more, and nobody is to trust what it signs.
    Revoked,
}

/// A key as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedKey {
    /// What verifies what it signed: `name+hash+base64`.
    pub verifier_key: String,
    /// `active`, `retired` or `revoked`.
    pub state: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Until when it signs beside the one in its place.
    pub signs_until: Option<DateTime<Utc>>,
}

/// Makes a key that signs from now on, in place of the one that does.
///
/// # Errors
/// [`KeyError`]; [`KeyError::DoesNotOpen`] where `secret` is not the one that the others were sealed with.
pub async fn rotate_checkpoint_key(
    pool: &PgPool,
    secret: &SecretKey,
    now: DateTime<Utc>,
    replaced: Replaced,
) -> Result<(), KeyError> {
    let (state, signs_until) = match replaced {
        Replaced::SignsUntil(until) => ("retired", Some(until)),
        Replaced::Revoked => ("revoked", None),
    };
    let mut transaction = pool.begin().await?;
    lock(&mut transaction).await?;
    // A key that was sealed with another secret would stop every node.
    opened(secret, Purpose::Checkpoint, &stored(&mut transaction, Purpose::Checkpoint).await?)?;
    sqlx::query!(
        "UPDATE identity.signing_keys SET state = $1, signs_until = $2 WHERE purpose = 'checkpoint' AND state = 'active'",
        state,
        signs_until
    )
    .execute(&mut *transaction)
    .await?;
    create(&mut transaction, secret, Purpose::Checkpoint, now).await?;
    transaction.commit().await?;
    Ok(())
}

/// Takes the trust from a key that was replaced; false when this is none. The one that signs is replaced first.
///
/// # Errors
/// When the database cannot be reached.
pub async fn revoke_checkpoint_key(pool: &PgPool, origin: &str, verifier_key: &str) -> Result<bool, KeyError> {
    let mut transaction = pool.begin().await?;
    lock(&mut transaction).await?;
    let rows = stored(&mut transaction, Purpose::Checkpoint).await?;
    let Some(row) = rows.iter().find(|row| row.verifier_key(origin).as_deref() == Some(verifier_key)) else {
        return Ok(false);
    };
    let revoked = sqlx::query!(
        "UPDATE identity.signing_keys SET state = 'revoked', signs_until = NULL WHERE kid = $1 AND state = 'retired'",
        row.kid
    )
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(revoked.rows_affected() == 1)
}

/// All keys of checkpoints, in the order in which they were made.
///
/// # Errors
/// When the database cannot be reached.
pub async fn list_checkpoint_keys(pool: &PgPool, origin: &str) -> Result<Vec<ListedKey>, KeyError> {
    let rows = stored(&mut *pool.acquire().await?, Purpose::Checkpoint).await?;
    let listed = rows.into_iter().filter_map(|row| {
        Some(ListedKey {
            verifier_key: row.verifier_key(origin)?,
            state: row.state,
            created_at: row.created_at,
            signs_until: row.signs_until,
        })
    });
    Ok(listed.collect())
}
