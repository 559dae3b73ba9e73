//! Whether a restored log is the one that was signed: by checkpoints and keys that somebody kept elsewhere, else by the checkpoint in
//! the backup and the log's own keys.
//!
//! The latter finds whoever changed the log and could not sign. Who changed checkpoints and keys, too, is found by the former alone.

use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use event_store::{pools::Role, tree::CheckpointKey};
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;

use super::{manifest::Manifest, restore::Options};
use crate::verify::{
    self, Looked,
    signed::{self, Trust},
};

/// The algorithm Ed25519, in keys of signed notes.
const ED25519: u8 = 1;

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
    keys.iter().map(|key| CheckpointKey::parse(&verifier_key(&origin, key)).context("a key of the log's")).collect()
}

/// A key as a verifier of signed notes takes it: `name+hash+key`.
fn verifier_key(name: &str, public_key: &[u8]) -> String {
    let key = [&[ED25519], public_key].concat();
    let hash = Sha256::new().chain_update(name).chain_update("\n").chain_update(&key).finalize();
    let hash: String = hash[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{name}+{hash}+{}", STANDARD.encode(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_key_is_written_as_other_verifiers_take_it() {
        // From the documentation of Go's package golang.org/x/mod/sumdb/note.
        let known = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let key = STANDARD.decode(known.rsplit('+').next().unwrap()).unwrap();
        assert_eq!(verifier_key("PeterNeumann", &key[1..]), known);
    }
}
