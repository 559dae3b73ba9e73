//! Whether a restored log is the one that was signed: by checkpoints and keys that somebody kept elsewhere, else by the checkpoint in
//! the backup and the log's own keys.
//!
//! The latter finds whoever changed the log and could not sign. Who changed checkpoints and keys, too, is found by the former alone.

use anyhow::Context as _;
use event_store::{
    pools::Role,
    tree::{CheckpointKey, verifier_key},
};
use sqlx::PgConnection;

use super::{manifest::Manifest, restore::Options};
use crate::verify::{
    self, Looked,
    signed::{self, Trust},
};

/// Looks at the whole log, and compares it with what was signed of it.
pub(super) async fn look(
    connection: &mut PgConnection,
    options: &Options,
    url: &str,
    manifest: &Manifest,
) -> anyhow::Result<Looked> {
    let mut trust = match (&manifest.checkpoint, options.checkpoint.as_slice()) {
        (None, []) => return verify::whole_log(url, Role::Owner).await,
        (Some(_), []) => Trust::new(own_keys(connection).await?, Vec::new()),
        (_, kept) => Trust::read(&options.key, kept)?,
    };
    let refused = manifest.checkpoint.as_deref().and_then(|note| trust.add(note).err());
    let mut looked = signed::of_database(url, Role::Owner, &trust).await?;
    if let Some(error) = refused {
        looked.findings.add_elsewhere(format!("the checkpoint in the backup: {error}"));
    }
    Ok(looked)
}

/// The public keys of the log's own checkpoints.
async fn own_keys(connection: &mut PgConnection) -> anyhow::Result<Vec<CheckpointKey>> {
    let origin: String = sqlx::query_scalar("SELECT origin FROM log.origin").fetch_one(&mut *connection).await?;
    let statement = "SELECT public_key FROM identity.signing_keys WHERE purpose = 'checkpoint' AND state <> 'revoked'";
    let keys: Vec<Vec<u8>> = sqlx::query_scalar(statement).fetch_all(connection).await?;
    let key = |bytes: &Vec<u8>| {
        let bytes = bytes.as_slice().try_into().context("a key of the log's has not 32 bytes")?;
        CheckpointKey::parse(&verifier_key(&origin, bytes)).context("a key of the log's")
    };
    keys.iter().map(key).collect()
}
