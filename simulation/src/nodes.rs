//! Nodes: a recorder and desks each, with a clock of their own, which crash, restart and come back.
//!
//! A crashed node is one that reaches nobody any more and that nobody asks; what it had at the server goes on without it.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use commands::desk::{DeskParts, Desks};
use event_store::{Log, Recorder, RecorderOptions, RecorderTask, Snapshots, Turns};
use tokio::{sync::Notify, time::Instant};

use crate::{clock::JumpingClock, database::Way, lock, server::Server};

/// How many; the versions have to keep them from doing harm to each other.
pub const NODES: usize = 2;

/// Whether a node reaches the server. (No `watch`: that wakes those who wait in an order of its own chance.)
#[derive(Debug, Default)]
pub struct Network {
    cut: AtomicBool,
    told: Notify,
}

impl Network {
    /// Returns at once, or never.
    pub async fn reach(&self) {
        if self.cut.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    }

    fn cut(&self) {
        self.cut.store(true, Ordering::Relaxed);
        self.told.notify_waiters();
    }

    /// Returns when it is cut.
    pub async fn is_cut(&self) {
        let told = self.told.notified();
        if !self.cut.load(Ordering::Relaxed) {
            told.await;
        }
    }
}

/// A server program as far as desks are concerned.
pub struct Node {
    pub desks: Desks,
    pub recorder: Recorder,
    pub network: Arc<Network>,
    task: Mutex<Option<RecorderTask>>,
}

/// Those that run.
pub struct Nodes {
    server: Arc<Server>,
    clocks: [Arc<JumpingClock>; NODES],
    running: Mutex<[Option<Arc<Node>>; NODES]>,
}

impl Nodes {
    pub async fn start(server: Arc<Server>, since: Instant) -> Self {
        let clock = || Arc::new(JumpingClock::new(since));
        let nodes = Self { server, clocks: [clock(), clock()], running: Mutex::default() };
        for number in 0..NODES {
            nodes.open(number).await;
        }
        nodes
    }

    pub fn clock(&self, number: usize) -> &JumpingClock {
        &self.clocks[number]
    }

    /// One that runs, by chance.
    pub async fn any(&self) -> Arc<Node> {
        loop {
            let running: Vec<_> = lock(&self.running).iter().flatten().cloned().collect();
            if let Some(node) = self.server.chance.pick(&running) {
                return node;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// All, when all run.
    pub fn all(&self) -> Vec<Arc<Node>> {
        lock(&self.running).iter().flatten().cloned().collect()
    }

    /// Another way to the server, which no crash of a node cuts.
    pub fn way(&self) -> Way {
        Way { server: Arc::clone(&self.server), network: Arc::default() }
    }

    /// One of them is gone in the middle of what it does; another takes its place after a while.
    pub async fn crash(&self) {
        let Some((number, node)) = self.take() else { return };
        self.server.trace("node_crash", &number.to_string());
        node.network.cut();
        if let Some(task) = lock(&node.task).take() {
            // Its tasks end by themselves, unheard.
            tokio::spawn(task.stop());
        }
        drop(node);
        tokio::time::sleep(self.server.chance.millis(0, 3_000)).await;
        self.open(number).await;
    }

    /// One of them stops in good order, and starts again.
    pub async fn restart(&self) {
        let Some((number, node)) = self.take() else { return };
        self.server.trace("node_restart", &number.to_string());
        node.desks.stop().await;
        let task = lock(&node.task).take();
        if let Some(task) = task {
            task.stop().await;
        }
        self.open(number).await;
    }

    fn take(&self) -> Option<(usize, Arc<Node>)> {
        let number = self.server.chance.between(0, 1) as usize;
        let node = lock(&self.running)[number].take()?;
        Some((number, node))
    }

    async fn open(&self, number: usize) {
        let node = loop {
            match self.node(number).await {
                Ok(node) => break node,
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        };
        lock(&self.running)[number] = Some(Arc::new(node));
    }

    async fn node(&self, number: usize) -> Result<Node, sqlx::Error> {
        let network = Arc::new(Network::default());
        let way = || Way { server: Arc::clone(&self.server), network: Arc::clone(&network) };
        // Small, so that batches are full now and then.
        let options = RecorderOptions { queue_items_max: 8, batch_events_max: 6, ..RecorderOptions::default() };
        let (recorder, task) = Recorder::over(Box::new(way()), options).await?;
        let chance = self.server.chance.clone();
        let parts = DeskParts {
            recorder: recorder.clone(),
            log: Log::over(Arc::new(way()), Some(recorder.head())),
            snapshots: Snapshots::over(Arc::new(way())),
            turns: Turns::over(Arc::new(way())),
            clock: Arc::clone(&self.clocks[number]) as Arc<_>,
            randomness: Arc::new(move || chance.bytes()),
            code_key: Arc::new(|_| [7; 32]),
            kid: Arc::new(|| "simulate".to_owned()),
        };
        Ok(Node { desks: Desks::new(parts), recorder, network, task: Mutex::new(Some(task)) })
    }
}
