//! Chance, from the run's seed: what is chosen comes again with the seed; how the clients' requests meet does not.

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use uuid::Uuid;

/// A source for one part of the run, such as a client: `part` tells them apart.
pub fn source(seed: u64, part: u64) -> StdRng {
    // Any odd constant will do; this is 2^64 divided by the golden ratio.
    StdRng::seed_from_u64(seed ^ part.wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

/// A UUID, for keys and scans.
pub fn uuid(rng: &mut StdRng) -> Uuid {
    uuid::Builder::from_random_bytes(rng.random()).into_uuid()
}
