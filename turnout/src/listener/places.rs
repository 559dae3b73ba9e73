//! How many connections there may be, in all and from one address. Who has none is told by a closed connection.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use api::client_address::{Network, TrustedProxies};
use metrics::{Counter, Gauge, counter, gauge};
use tokio::time::{Duration, Instant};

/// The log says at most so often that connections were turned away.
const TOLD_EVERY: Duration = Duration::from_secs(60);

/// Connections at once.
#[derive(Debug, Clone, Copy)]
pub struct Most {
    /// In all: each takes about 20 KB, and a file descriptor.
    pub in_all: usize,
    /// From one address that is no trusted proxy: as many people as share one, with a stream for each.
    pub of_one_address: usize,
}

impl Default for Most {
    fn default() -> Self {
        Self { in_all: 20_000, of_one_address: 5_000 }
    }
}

/// The places of a listener.
#[derive(Debug)]
pub(super) struct Places {
    most: Most,
    proxies: TrustedProxies,
    taken: Arc<Mutex<Taken>>,
    open: Gauge,
    turned_away: Counter,
}

#[derive(Debug, Default)]
struct Taken {
    in_all: usize,
    of_address: HashMap<Network, usize>,
    turned_away: u64,
    told_at: Option<Instant>,
}

/// One connection's place. Dropped, it is free.
#[derive(Debug)]
pub(super) struct Place {
    taken: Arc<Mutex<Taken>>,
    address: Option<Network>,
    open: Gauge,
}

impl Places {
    pub(super) fn new(most: Most, proxies: TrustedProxies) -> Self {
        Self {
            most,
            proxies,
            taken: Arc::default(),
            open: gauge!("turnout_http_connections"),
            turned_away: counter!("turnout_http_connections_turned_away_total"),
        }
    }

    /// A place, where there is one for this address.
    pub(super) fn take(&self, ip: IpAddr) -> Option<Place> {
        let address = (!self.proxies.trust(ip)).then(|| Network::of(ip));
        let mut taken = lock(&self.taken);
        let of_address = address.and_then(|address| taken.of_address.get(&address)).copied().unwrap_or_default();
        if taken.in_all >= self.most.in_all || of_address >= self.most.of_one_address {
            taken.turned_away += 1;
            self.turned_away.increment(1);
            let now = Instant::now();
            if taken.told_at.is_none_or(|at| now.duration_since(at) >= TOLD_EVERY) {
                taken.told_at = Some(now);
                let (open, turned_away) = (taken.in_all, taken.turned_away);
                tracing::warn!(open, turned_away, "there are too many connections; new ones are closed");
            }
            return None;
        }
        taken.in_all += 1;
        if let Some(address) = address {
            *taken.of_address.entry(address).or_default() += 1;
        }
        self.open.increment(1);
        Some(Place { taken: Arc::clone(&self.taken), address, open: self.open.clone() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        taken.in_all -= 1;
        self.open.decrement(1);
        if let Some(address) = self.address
            && let Entry::Occupied(mut count) = taken.of_address.entry(address)
        {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

fn lock(taken: &Mutex<Taken>) -> MutexGuard<'_, Taken> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_address_has_its_share_and_all_have_theirs() {
        let places = Places::new(Most { in_all: 5, of_one_address: 2 }, "10.0.0.1".parse().unwrap());
        let first = places.take(ip("203.0.113.1")).unwrap();
        let _second = places.take(ip("203.0.113.1")).unwrap();
        assert!(places.take(ip("203.0.113.1")).is_none());
        drop(first);
        let _third = places.take(ip("::ffff:203.0.113.1")).unwrap();
        assert!(places.take(ip("203.0.113.1")).is_none());
        let _proxied: Vec<Place> = (0..3).map(|_| places.take(ip("10.0.0.1")).unwrap()).collect();
        assert!(places.take(ip("203.0.113.2")).is_none(), "five in all");
        drop(_proxied);
        assert_eq!(lock(&places.taken).of_address.len(), 1);
    }
}
