//! One run: shows are published, things break while clients ask, everything heals, everybody is answered, and the judge looks.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use event_store::Clock;
use tokio::{task::JoinHandle, time::Instant};

use crate::{
    chance::Chance,
    clients::Clients,
    follower, judge, lock,
    nodes::Nodes,
    questions,
    server::{Bug, Server},
    shows::{Hall, fill, publish},
    storm::{Weather, rage},
    writers,
};

/// How long, in the run's own time, anybody may wait for an answer once nothing breaks any more. Commits that take twenty
/// seconds end within it, and so do pauses of a minute and a half.
const PATIENCE: Duration = Duration::from_secs(900);

/// What came of a run.
#[derive(Debug, Clone)]
pub struct Run {
    /// Which it was.
    pub seed: u64,
    /// The SHA-256 of everything that happened, with its times: equal for two runs of a seed.
    pub trace: [u8; 32],
    /// How often what happened.
    pub counts: BTreeMap<&'static str, u64>,
    /// What was found.
    pub finding: Option<String>,
    /// What happened last.
    pub last: Vec<String>,
}

/// Runs a seed, on a server with or without a planted defect.
///
/// # Panics
/// When the machine has no room for a runtime.
#[must_use]
pub fn run(seed: u64, bug: Option<Bug>) -> Run {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime of one thread");
    runtime.block_on(async {
        let chance = Chance::new(seed);
        let weather = Weather::of(&chance);
        let since = Instant::now();
        let server = Arc::new(Server::new(chance, weather, bug, since));
        let finding = simulate(&server, since).await.err();
        let state = lock(&server.state);
        let trace = &state.trace;
        Run { seed, trace: trace.hash(), counts: trace.counts(), finding, last: trace.last() }
    })
}

async fn simulate(server: &Arc<Server>, since: Instant) -> Result<(), String> {
    let chance = server.chance.clone();
    let nodes = Arc::new(Nodes::start(Arc::clone(server), since).await);
    let organization = chance.id();
    let mut halls = vec![Hall::Seats(2, chance.between(2, 4)), Hall::Standing(chance.between(4, 12))];
    if chance.permille(25) {
        halls.push(Hall::Standing(1_200));
    }
    let mut shows = Vec::new();
    for hall in halls {
        let node = nodes.any().await;
        shows.push(publish(&node.desks, &chance, organization, hall, server.clock.now()).await?);
    }
    if let Some(large) = shows.get(2) {
        let node = nodes.any().await;
        fill(&node.desks, &chance, organization, large).await?;
        // Until desks go home, which is when they write a snapshot.
        tokio::time::sleep(Duration::from_secs(61)).await;
    }
    follower::start(|| nodes.way());
    let clients = Arc::new(Clients::new(Arc::clone(server), Arc::clone(&nodes), organization, shows));
    let storm = tokio::spawn(rage(Arc::clone(server), Arc::clone(&nodes), chance.between(3, 15)));
    let writers: Vec<_> =
        (0..2).map(|_| tokio::spawn(writers::write(Arc::clone(server), Arc::clone(&nodes), organization, 8))).collect();
    let asking: Vec<_> = (0..4).map(|_| tokio::spawn(Arc::clone(&clients).ask_for_things(8))).collect();

    ended("the storm", storm).await?;
    for client in asking {
        ended("a client", client).await?;
    }
    let mut noted = Vec::new();
    for writer in writers {
        noted.extend(ended("a writer", writer).await?);
    }
    questions::ask(&clients).await?;
    caught_up(server).await?;
    if let Some(wrong) = lock(&clients.wrong).first() {
        return Err(wrong.clone());
    }
    judge::judge(&lock(&server.state), &clients.shows, &lock(&clients.answers), &noted)
}

async fn ended<T>(who: impl fmt::Display, task: JoinHandle<T>) -> Result<T, String> {
    match tokio::time::timeout(PATIENCE, task).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(format!("{who} failed: {error}")),
        Err(_) => Err(format!("{who} waits for ever")),
    }
}

async fn caught_up(server: &Server) -> Result<(), String> {
    let followed = async {
        let behind = || {
            let state = lock(&server.state);
            state.read_models.checkpoint != state.head()
        };
        while behind() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, followed).await.map_err(|_| "the follower does not come to the end".to_owned())
}
