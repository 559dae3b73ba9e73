//! How often somebody may ask, as one table ([`DEFAULTS`]), and who counts as one.
//!
//! Ordinary requests without credentials are counted by address, those of staff by account, key or device; the admin token
//! is not counted. Guessing (signing in, links that work once, bad credentials) is counted by address, wherever it comes
//! from. No honest load meets these numbers: they are for programs that went wrong and people who mean ill. Each node counts
//! for itself, in memory; nothing of it is stored.
//!
//! Requests from this machine that no trusted proxy passed on are not counted by address, but for guessing: behind a proxy
//! that nobody named in `TURNOUT_TRUSTED_PROXIES` they are everybody, who would be locked out together.

mod buckets;
mod code_guessing;
mod layer;
mod sign_in;

use std::{
    hash::{BuildHasher, RandomState},
    time::{Duration, Instant},
};

use axum::http::Method;
use identity::{Caller, Credential};

pub use buckets::{Buckets, Rate, RetryAfter};
pub use code_guessing::{CodeAttempt, CodeGuessing, Guesser, GuessingNoticed};
pub(crate) use layer::within_rates;
pub use sign_in::{SignInAttempt, SignInLimits};

use crate::{
    client_address::{ClientAddress, Network},
    problem::Problem,
};

/// The table: how many at once, and how many from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// GET without credentials or with a hold's or order's secret, by address: the API, the web app, the documentation.
    /// Five thousand visitors behind one carrier's address who open a page of ten requests in the same moment.
    pub reads: Rate,
    /// POST, PUT, PATCH and DELETE of the same, by address: each of those visitors holds places at once, then some a second.
    pub commands: Rate,
    /// Signing in, setting up, opening and accepting invitations, resetting passwords, pairing devices, by address, from
    /// this machine too: a whole team comes to work at once. Each sign-in costs a tenth of a second of one core.
    pub guesses: Rate,
    /// Requests that came with bad credentials (401), by address, from this machine too: a program whose key was revoked
    /// asks on for a while. Credentials that were good lately pass all the same, so that it locks out nobody beside it.
    pub bad_credentials: Rate,
    /// All requests of one account, key or device.
    pub staff: Rate,
    /// Failed sign-ins to one account, by the hash of its e-mail address; see [`SignInLimits`].
    pub failed_sign_ins: Rate,
}

/// What holds unless a test says otherwise.
pub const DEFAULTS: Rates = Rates {
    reads: Rate::per_second(5_000, 50_000),
    commands: Rate::per_second(500, 5_000),
    guesses: Rate::per_second(1, 60),
    bad_credentials: Rate::per_second(5, 300),
    staff: Rate::per_second(5_000, 20_000),
    failed_sign_ins: Rate::one_in_seconds(30, 10),
};

/// How long credentials that were good are known to have been.
const KNOWN_FOR: Duration = Duration::from_secs(24 * 3_600);

/// What everybody asked lately, on this node.
#[derive(Debug)]
pub struct RateLimits {
    reads: Buckets<Network>,
    commands: Buckets<Network>,
    guesses: Buckets<Network>,
    bad_credentials: Buckets<Network>,
    /// Credentials that were good, by a hash that only this process can make: a bucket that is not full says so.
    good_credentials: Buckets<u64>,
    hashing: RandomState,
    staff: Buckets<String>,
}

impl RateLimits {
    /// Nobody has asked anything yet.
    #[must_use]
    pub fn new(rates: &Rates, now: Instant) -> Self {
        Self {
            reads: Buckets::new(rates.reads, now),
            commands: Buckets::new(rates.commands, now),
            guesses: Buckets::new(rates.guesses, now),
            bad_credentials: Buckets::new(rates.bad_credentials, now),
            good_credentials: Buckets::new(Rate { burst: 1, every: KNOWN_FOR }, now),
            hashing: RandomState::new(),
            staff: Buckets::new(rates.staff, now),
        }
    }

    /// One request of a caller who was looked up. For the extractor of credentials, which alone knows them.
    ///
    /// # Errors
    /// 429.
    pub fn of_caller(
        &self,
        caller: &Caller,
        client: ClientAddress,
        method: &Method,
        now: Instant,
    ) -> Result<(), Problem> {
        match caller {
            Caller::Staff(staff) if staff.credential == Credential::AdminToken => Ok(()),
            Caller::Staff(staff) => Ok(self.staff.take(&staff.actor, now)?),
            Caller::Link(_) | Caller::Anonymous => Ok(self.of_address(client, method, now)?),
        }
    }

    /// One request without credentials.
    fn of_address(&self, client: ClientAddress, method: &Method, now: Instant) -> Result<(), RetryAfter> {
        if client.may_be_everybody() {
            return Ok(());
        }
        let buckets = if method.is_safe() { &self.reads } else { &self.commands };
        buckets.take(&client.network(), now)
    }

    /// One try to sign in, to pair, or to use a link that works once.
    fn guess(&self, client: ClientAddress, now: Instant) -> Result<(), RetryAfter> {
        self.guesses.take(&client.network(), now)
    }

    /// Whether this address may show these credentials.
    fn may_show(&self, credentials: &[u8], client: ClientAddress, now: Instant) -> Result<(), RetryAfter> {
        self.bad_credentials.look(&client.network(), now).or_else(|later| {
            let known = self.good_credentials.look(&self.hashing.hash_one(credentials), now).is_err();
            if known { Ok(()) } else { Err(later) }
        })
    }

    /// Credentials turned out to be good, or bad.
    fn showed(&self, credentials: &[u8], good: bool, client: ClientAddress, now: Instant) {
        let hash = self.hashing.hash_one(credentials);
        if !good {
            self.bad_credentials.charge(&client.network(), 1, now);
            self.good_credentials.give_back(&hash, now);
        } else if self.good_credentials.look(&hash, now).is_ok() {
            self.good_credentials.charge(&hash, 1, now);
        }
    }
}

impl From<RetryAfter> for Problem {
    fn from(later: RetryAfter) -> Self {
        Self::too_many_requests(later.seconds())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::StatusCode;

    use super::*;

    fn from(ip: &str) -> ClientAddress {
        ClientAddress::direct(ip.parse().unwrap())
    }

    fn limits() -> (RateLimits, Instant) {
        let now = Instant::now();
        (RateLimits::new(&DEFAULTS, now), now)
    }

    fn refused_after(mut ask: impl FnMut() -> Result<(), Problem>, most: u32) -> Option<u32> {
        (0..most).find(|_| ask().is_err())
    }

    #[test]
    fn thousands_behind_one_address_are_served() {
        let (limits, now) = limits();
        let carrier = from("203.0.113.9");
        for second in 0..10 {
            let now = now + Duration::from_secs(second);
            let reads = || limits.of_caller(&Caller::Anonymous, carrier, &Method::GET, now);
            assert_eq!(refused_after(reads, 9_000), None, "in second {second}");
            let holds = || limits.of_caller(&Caller::Anonymous, carrier, &Method::POST, now);
            assert_eq!(refused_after(holds, 900), None, "in second {second}");
        }
    }

    #[test]
    fn a_flood_from_one_address_is_turned_away_and_others_are_not() {
        let (limits, now) = limits();
        let flood = || limits.of_caller(&Caller::Anonymous, from("203.0.113.9"), &Method::POST, now);
        assert_eq!(refused_after(flood, 10_000), Some(5_000));
        let problem = flood().unwrap_err();
        assert_eq!((problem.status(), problem.code()), (StatusCode::TOO_MANY_REQUESTS, "too_many_requests"));
        limits.of_caller(&Caller::Anonymous, from("203.0.113.10"), &Method::POST, now).unwrap();
        limits.of_caller(&Caller::Anonymous, from("203.0.113.9"), &Method::GET, now).unwrap();
    }

    #[test]
    fn from_this_machine_only_guesses_are_counted() {
        let (limits, now) = limits();
        let local = from("127.0.0.1");
        let reads = || limits.of_caller(&Caller::Anonymous, local, &Method::GET, now);
        assert_eq!(refused_after(reads, 200_000), None);
        assert_eq!(refused_after(|| Ok(limits.guess(local, now)?), 200), Some(60));
    }

    #[test]
    fn bad_credentials_are_counted_and_good_ones_pass() {
        let (limits, now) = limits();
        let client = from("203.0.113.9");
        for _ in 0..1_000 {
            limits.may_show(b"good", client, now).unwrap();
            limits.showed(b"good", true, client, now);
        }
        for guess in 0..300_u32 {
            limits.may_show(&guess.to_be_bytes(), client, now).unwrap();
            limits.showed(&guess.to_be_bytes(), false, client, now);
        }
        assert_eq!(limits.may_show(b"another", client, now).unwrap_err().seconds(), 1);
        limits.may_show(b"good", client, now).unwrap();
        limits.may_show(b"another", from("203.0.113.10"), now).unwrap();
        limits.may_show(b"another", client, now + Duration::from_secs(1)).unwrap();
        limits.showed(b"good", false, client, now);
        assert!(limits.may_show(b"good", client, now).is_err(), "revoked");
    }
}
