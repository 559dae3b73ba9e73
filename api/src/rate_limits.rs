//! How often somebody may ask, as one table ([`DEFAULTS`]), and who counts as one.
//!
//! Ordinary requests without credentials are counted by address, those of staff by account, key or device; the admin token
//! is not counted. Guessing (signing in, links that work once, bad credentials) is counted by address, wherever it comes
//! from. No honest load meets these numbers: they are for programs that went wrong and people who mean ill. Each node counts
//! for itself, in memory; nothing of it is stored. A session's cookie that was not good lately may be made up: such a request
//! counts as one without credentials, by address, before the database is asked who it is ([`StrangeCookie`]).
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
pub(crate) use layer::WithinRates;
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
    /// All requests of one account, key or device. One key sells for a whole shop: a node answers some six thousand sales a
    /// second, and several nodes are asked through one address.
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
    staff: Rate::per_second(20_000, 40_000),
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

/// A request with a session's cookie that was not good lately. It is counted as one without credentials.
#[derive(Debug)]
pub(crate) struct StrangeCookie<'limits> {
    limits: &'limits RateLimits,
    cookie: u64,
    client: ClientAddress,
    method: Method,
}

impl StrangeCookie<'_> {
    /// Somebody looked whose it is. Staff are counted as such instead, and their cookie is strange no more.
    ///
    /// # Errors
    /// 429.
    pub(crate) fn turned_out(self, caller: &Caller, now: Instant) -> Result<(), Problem> {
        if caller.staff().is_none() {
            return Ok(());
        }
        self.limits.note_good(&self.cookie, now);
        if !self.client.may_be_everybody() {
            self.limits.by_address(&self.method).give_back(&self.client.network(), now);
        }
        self.limits.of_caller(caller, self.client, &self.method, now)
    }
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

    /// One request with a session's cookie, before anybody looks whose it is. None: it was good lately, and the request is still to
    /// be counted.
    ///
    /// # Errors
    /// 429.
    pub(crate) fn strange_cookie(
        &self,
        cookie: &str,
        client: ClientAddress,
        method: &Method,
        now: Instant,
    ) -> Result<Option<StrangeCookie<'_>>, Problem> {
        let cookie = self.hashing.hash_one(cookie.as_bytes());
        if self.good_credentials.look(&cookie, now).is_err() {
            return Ok(None);
        }
        self.of_address(client, method, now)?;
        Ok(Some(StrangeCookie { limits: self, cookie, client, method: method.clone() }))
    }

    /// One request without credentials.
    fn of_address(&self, client: ClientAddress, method: &Method, now: Instant) -> Result<(), RetryAfter> {
        if client.may_be_everybody() {
            return Ok(());
        }
        self.by_address(method).take(&client.network(), now)
    }

    fn by_address(&self, method: &Method) -> &Buckets<Network> {
        if method.is_safe() { &self.reads } else { &self.commands }
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
        } else {
            self.note_good(&hash, now);
        }
    }

    /// Credentials of this hash are good.
    fn note_good(&self, hash: &u64, now: Instant) {
        if self.good_credentials.look(hash, now).is_ok() {
            self.good_credentials.charge(hash, 1, now);
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
    use identity::{Channel, Role, Staff};
    use uuid::Uuid;

    use super::*;

    fn from(ip: &str) -> ClientAddress {
        ClientAddress::direct(ip.parse().unwrap())
    }

    fn staff(actor: &str) -> Staff {
        Staff {
            actor: actor.to_owned(),
            name: None,
            email: None,
            role: Role::Seller,
            installation_owner: false,
            organization: Uuid::nil(),
            shows: None,
            device: None,
            channel: Channel::Api,
            credential: Credential::ApiKey(Uuid::nil()),
        }
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
    fn what_one_key_sells_for_a_shop_passes_and_a_loop_gone_wrong_does_not() {
        let (limits, now) = limits();
        let key = |actor: &str| Caller::Staff(staff(actor));
        let client = from("203.0.113.9");
        let shop = key("key:1");
        for second in 0..10 {
            let now = now + Duration::from_secs(second);
            let sales = || limits.of_caller(&shop, client, &Method::POST, now);
            assert_eq!(refused_after(sales, 20_000), None, "in second {second}");
        }
        // It counts by key, wherever and whatever it asks.
        let now = now + Duration::from_secs(100);
        let mut host = 0_u8;
        let looping = || {
            host = host.wrapping_add(1);
            let method = if host.is_multiple_of(2) { Method::GET } else { Method::POST };
            limits.of_caller(&shop, from(&format!("203.0.113.{host}")), &method, now)
        };
        assert_eq!(refused_after(looping, 100_000), Some(40_000));
        limits.of_caller(&key("key:2"), client, &Method::POST, now).unwrap();
        limits.of_caller(&Caller::Anonymous, client, &Method::POST, now).unwrap();
        let admin = Caller::Staff(Staff { credential: Credential::AdminToken, ..staff("admin") });
        assert_eq!(refused_after(|| limits.of_caller(&admin, client, &Method::POST, now), 100_000), None);
        let later = now + Duration::from_secs(1);
        assert_eq!(refused_after(|| limits.of_caller(&shop, client, &Method::POST, later), 40_000), Some(20_000));
    }

    #[test]
    fn made_up_cookies_are_counted_before_anybody_looks_and_good_ones_as_whose_they_are() {
        let (limits, now) = limits();
        let client = from("203.0.113.9");
        let look = |cookie: &str, caller: &Caller| -> Result<(), Problem> {
            match limits.strange_cookie(cookie, client, &Method::POST, now)? {
                Some(strange) => strange.turned_out(caller, now),
                None => limits.of_caller(caller, client, &Method::POST, now),
            }
        };
        let ada = Caller::Staff(staff("member:1"));
        for _ in 0..10_000 {
            look("ada's", &ada).unwrap();
        }
        let mut made_up = 0;
        let guess = || {
            made_up += 1;
            look(&format!("made up {made_up}"), &Caller::Anonymous)
        };
        assert_eq!(refused_after(guess, 20_000), Some(5_000), "what she asked is not the address's");
        look("ada's", &ada).unwrap();
        assert!(look("bob's", &Caller::Staff(staff("member:2"))).is_err(), "nobody looks whose it is");
        let ended = || look("ada's", &Caller::Anonymous);
        assert_eq!(refused_after(ended, 10), Some(0), "whose session ended is anybody");
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
