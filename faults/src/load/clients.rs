//! All clients of one place: started, told to finish, waited for.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use rand::Rng as _;
use rand::rngs::StdRng;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::asking::Asking;
use super::shows::{Flavor, Shop, plan};
use super::{box_office, door, web};
use crate::random;

/// New shows of the kinds that sell out come so often.
const RENEWED_EVERY: Duration = Duration::from_secs(10);
/// Whatever is unanswered then stays so, and counts as wrong.
const SETTLE_WITHIN: Duration = Duration::from_secs(60);

/// What clients do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// One thing after the other.
    Busy,
    /// They finish what they have begun.
    Finishing,
}

type Shops = Arc<RwLock<Vec<Arc<Shop>>>>;

/// The clients of one place.
pub struct Load {
    pub asking: Arc<Asking>,
    phase: watch::Sender<Phase>,
    given_up: watch::Sender<bool>,
    clients: JoinSet<()>,
}

impl Load {
    /// Plans the shows and starts the clients: sellers, buyers and doors in equal parts.
    pub async fn start(address: &str, seed: u64, clients: u64) -> Result<Self> {
        let (given_up, is_given_up) = watch::channel(false);
        let (phase, now) = watch::channel(Phase::Busy);
        let asking = Arc::new(Asking::new(address, Instant::now(), is_given_up)?);
        let shops = Shops::default();
        let mut rng = random::source(seed, 0);
        for flavor in [Flavor::Field, Flavor::Pools, Flavor::Seated, Flavor::Hot] {
            let shop = plan(&asking, &mut rng, flavor).await.context("the first shows were not planned")?;
            add(&shops, shop);
        }
        let mut tasks = JoinSet::new();
        for client in 1..=clients {
            let rng = random::source(seed, client);
            tasks.spawn(work(client, Arc::clone(&asking), Arc::clone(&shops), rng, now.clone()));
        }
        tasks.spawn(renew(Arc::clone(&asking), shops, rng, now));
        Ok(Self { asking, phase, given_up, clients: tasks })
    }

    /// Lets everybody finish: until each request is answered.
    pub async fn finish(&mut self) {
        self.phase.send_replace(Phase::Finishing);
        let all = async { while self.clients.join_next().await.is_some() {} };
        if tokio::time::timeout(SETTLE_WITHIN, all).await.is_err() {
            self.given_up.send_replace(true);
            while self.clients.join_next().await.is_some() {}
        }
    }
}

fn add(shops: &Shops, shop: Shop) {
    shops.write().unwrap_or_else(PoisonError::into_inner).push(Arc::new(shop));
}

/// One client, until the run is over.
async fn work(client: u64, asking: Arc<Asking>, shops: Shops, mut rng: StdRng, now: watch::Receiver<Phase>) {
    let mut sequence = 0;
    while *now.borrow() == Phase::Busy {
        let Some(shop) = choose(&shops, &mut rng) else { return };
        let done = match client % 3 {
            0 => box_office::act(&asking, &shop, &mut rng).await,
            1 => web::act(&asking, &shop, &mut rng).await,
            _ => door::act(&asking, &shop, &mut rng, &mut sequence).await,
        };
        if done.is_none() && *now.borrow() != Phase::Busy {
            return;
        }
        tokio::time::sleep(Duration::from_millis(rng.random_range(0..10))).await;
    }
}

/// A new hot show and a new seated one, again and again.
async fn renew(asking: Arc<Asking>, shops: Shops, mut rng: StdRng, mut now: watch::Receiver<Phase>) {
    for flavor in [Flavor::Hot, Flavor::Seated, Flavor::Pools].into_iter().cycle() {
        let over = now.wait_for(|phase| *phase != Phase::Busy);
        if tokio::time::timeout(RENEWED_EVERY, over).await.is_ok() {
            return;
        }
        let Some(shop) = plan(&asking, &mut rng, flavor).await else { return };
        add(&shops, shop);
    }
}

/// The latest of a kind; seldom any.
fn choose(shops: &Shops, rng: &mut StdRng) -> Option<Arc<Shop>> {
    let shops = shops.read().unwrap_or_else(PoisonError::into_inner);
    let flavor = match rng.random_range(0..20) {
        0 => return shops.get(rng.random_range(0..shops.len())).cloned(),
        1..=6 => Flavor::Hot,
        7..=11 => Flavor::Seated,
        12..=15 => Flavor::Pools,
        _ => Flavor::Field,
    };
    shops.iter().rev().find(|shop| shop.flavor == flavor).cloned()
}
