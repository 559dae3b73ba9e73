//! Failed sign-ins to one account: ten at once, then one every half minute, whoever tries and from wherever.
//!
//! A try is counted before the password is looked at and given back when it was right, so that many at once are not more
//! than ten. An address from which somebody signed in to the account before has a count of its own: strangers who fail on
//! purpose do not lock the people out to whom the account belongs. The account is known by a hash of its e-mail address,
//! whether there is such an account or not, so that nothing here tells which there are.

use std::time::{Duration, Instant};

use super::{Buckets, Rate, RetryAfter};
use crate::client_address::{ClientAddress, Network};

/// The hash of an e-mail address.
type Account = [u8; 32];

/// How long an address is known to be somebody's after they signed in from it.
const KNOWN_FOR: Duration = Duration::from_secs(30 * 24 * 3_600);

/// Failed sign-ins, by account.
#[derive(Debug)]
pub struct SignInLimits {
    /// By account, and by address where the account is known there.
    failed: Buckets<(Account, Option<Network>)>,
    /// Addresses that an account was signed in to from: a bucket that is not full says so.
    known: Buckets<(Account, Network)>,
}

/// A try that is under way. Dropped without a word, as when whoever tries hangs up, it has failed.
#[derive(Debug)]
#[must_use = "a try that nobody judges has failed"]
pub struct SignInAttempt<'limits> {
    limits: &'limits SignInLimits,
    account: Account,
    from: Network,
    key: (Account, Option<Network>),
}

impl SignInLimits {
    /// Nobody has failed yet.
    #[must_use]
    pub fn new(rate: Rate, now: Instant) -> Self {
        Self { failed: Buckets::new(rate, now), known: Buckets::new(Rate { burst: 1, every: KNOWN_FOR }, now) }
    }

    /// Begins a try. Call it before the password is looked at, and [`SignInAttempt::succeeded`] when it was right.
    ///
    /// # Errors
    /// [`RetryAfter`] where too many failed.
    pub fn check(
        &self,
        client: ClientAddress,
        account: [u8; 32],
        now: Instant,
    ) -> Result<SignInAttempt<'_>, RetryAfter> {
        let from = client.network();
        let is_known = self.known.look(&(account, from), now).is_err();
        let key = (account, is_known.then_some(from));
        self.failed.take(&key, now)?;
        Ok(SignInAttempt { limits: self, account, from, key })
    }
}

impl SignInAttempt<'_> {
    /// The password was right.
    pub fn succeeded(self, now: Instant) {
        self.limits.failed.give_back(&self.key, now);
        // Counted anew from each sign-in on: at most one token is ever taken.
        self.limits.known.give_back(&(self.account, self.from), now);
        self.limits.known.charge(&(self.account, self.from), 1, now);
    }

    /// The password, or the address, was wrong.
    pub fn failed(self) {}

    /// Nobody looked: the database did not answer.
    pub fn not_judged(self, now: Instant) {
        self.limits.failed.give_back(&self.key, now);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::rate_limits::DEFAULTS;

    const ADA: Account = [1; 32];
    const BOB: Account = [2; 32];

    fn from(ip: &str) -> ClientAddress {
        ClientAddress::direct(ip.parse().unwrap())
    }

    fn limits() -> (SignInLimits, Instant) {
        let now = Instant::now();
        (SignInLimits::new(DEFAULTS.failed_sign_ins, now), now)
    }

    #[test]
    fn ten_failures_then_one_every_half_minute_from_wherever() {
        let (limits, now) = limits();
        for host in 0..10 {
            limits.check(from(&format!("203.0.113.{host}")), ADA, now).unwrap().failed();
        }
        assert_eq!(limits.check(from("198.51.100.1"), ADA, now).unwrap_err().seconds(), 30);
        limits.check(from("198.51.100.1"), BOB, now).unwrap().failed();
        limits.check(from("198.51.100.1"), ADA, now + Duration::from_secs(30)).unwrap().failed();
        assert!(limits.check(from("198.51.100.1"), ADA, now + Duration::from_secs(30)).is_err());
    }

    #[test]
    fn whoever_signs_in_again_and_again_is_never_stopped() {
        let (limits, now) = limits();
        for _ in 0..1_000 {
            limits.check(from("203.0.113.1"), ADA, now).unwrap().succeeded(now);
        }
        for _ in 0..1_000 {
            limits.check(from("203.0.113.1"), ADA, now).unwrap().not_judged(now);
        }
    }

    #[test]
    fn a_try_that_hung_up_has_failed() {
        let (limits, now) = limits();
        for _ in 0..10 {
            drop(limits.check(from("203.0.113.1"), ADA, now).unwrap());
        }
        assert!(limits.check(from("203.0.113.1"), ADA, now).is_err());
    }

    #[test]
    fn a_thousand_tries_at_once_are_ten() {
        let (limits, now) = limits();
        let tried = AtomicU32::new(0);
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let (limits, tried) = (&limits, &tried);
                scope.spawn(move || {
                    for _ in 0..125 {
                        if let Ok(attempt) = limits.check(from(&format!("203.0.113.{thread}")), ADA, now) {
                            tried.fetch_add(1, Ordering::Relaxed);
                            attempt.failed();
                        }
                    }
                });
            }
        });
        assert_eq!(tried.into_inner(), 10);
    }

    #[test]
    fn strangers_do_not_lock_out_who_signed_in_before() {
        let (limits, now) = limits();
        limits.check(from("203.0.113.1"), ADA, now).unwrap().succeeded(now);
        while let Ok(attempt) = limits.check(from("198.51.100.1"), ADA, now) {
            attempt.failed();
        }
        limits.check(from("203.0.113.1"), ADA, now).unwrap().succeeded(now);
        let later = now + KNOWN_FOR / 2;
        limits.check(from("203.0.113.1"), ADA, later).unwrap().succeeded(later);
        for _ in 0..10 {
            limits.check(from("203.0.113.1"), ADA, later).unwrap().failed();
        }
        assert!(limits.check(from("203.0.113.1"), ADA, later).is_err(), "a known address may not guess on either");
    }
}
