//! Random bytes for secrets, from the operating system.
//!
//! The only place of the crate that draws randomness. Ids are not made here: they come from the composition root.

use rand::TryRngCore;
use rand::rngs::OsRng;

/// The operating system gave no randomness: nothing secret can be made, and nothing else is wrong.
#[derive(Debug, thiserror::Error)]
#[error("the operating system's random generator failed")]
pub struct NoRandomness(#[source] rand::rand_core::OsError);

/// `N` bytes that nobody can foresee.
///
/// # Errors
/// [`NoRandomness`] when the operating system refuses.
pub fn bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    OsRng.try_fill_bytes(&mut bytes).map_err(NoRandomness)?;
    Ok(bytes)
}
