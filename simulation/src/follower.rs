//! The follower: a model of the projector. It leads by a lease, reads the log in pages, folds, and writes rows and checkpoint
//! together, if the checkpoint and the lease's token are still what it saw. Two of them run, and sleep longer than
//! their lease now and then.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use domain::{ShowEvent, ShowState};
use event_store::{Log, ReadError, RecordedEvent};
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    database::Way,
    lock,
    server::{Bug, broken},
    writers::NOTED,
};

const LEASE: Duration = Duration::from_secs(2);
const PAGE: i64 = 50;

/// What followers have written.
#[derive(Debug, Default)]
pub struct ReadModels {
    pub checkpoint: i64,
    token: u64,
    leader: Option<(u32, Instant)>,
    /// Every position that was ever counted.
    pub seen: Vec<i64>,
    /// Each show as it was rendered last.
    pub rows: BTreeMap<Uuid, ShowState>,
}

/// One of the followers.
pub struct Follower {
    number: u32,
    way: Way,
    log: Log,
    token: u64,
    states: BTreeMap<Uuid, ShowState>,
}

impl Follower {
    pub fn new(number: u32, way: Way, log: Log) -> Self {
        Self { number, way, log, token: 0, states: BTreeMap::new() }
    }

    /// Follows without end. A hole stops it, as it stops the projector; so does what cannot be read.
    pub async fn run(mut self) {
        loop {
            match self.step().await {
                Ok(Some(checkpoint)) => {
                    // Whatever it says, the next step looks.
                    let _ = tokio::time::timeout(Duration::from_millis(500), self.log.wait_beyond(checkpoint)).await;
                }
                Ok(None) => tokio::time::sleep(Duration::from_millis(250)).await,
                Err(ReadError::Database(_)) => {
                    self.states.clear();
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                Err(error) => {
                    self.way.server.trace("follower_stops", &error.to_string());
                    return;
                }
            }
        }
    }

    /// A page; the checkpoint behind it, or nothing where another one leads.
    async fn step(&mut self) -> Result<Option<i64>, ReadError> {
        let Some((checkpoint, token)) = self.lead().await? else { return Ok(None) };
        if token != self.token {
            self.states.clear();
            self.token = token;
        }
        let page = self.log.page(checkpoint, PAGE).await?;
        if page.is_empty() {
            return Ok(Some(checkpoint));
        }
        let mut touched = BTreeSet::new();
        for event in page.iter().filter(|event| event.event_type != NOTED) {
            self.fold(event, checkpoint).await?;
            touched.insert(event.stream);
        }
        let rows = self.states.iter().filter(|(show, _)| touched.contains(show));
        let rows = rows.map(|(show, state)| (*show, state.clone())).collect();
        if self.way.server.strikes(20) {
            self.way.server.trace("follower_sleeps", &self.number.to_string());
            tokio::time::sleep(self.way.server.chance.millis(1_000, 8_000)).await;
        }
        let written = self.write(checkpoint, token, &page, rows).await?;
        if written.is_none() {
            self.states.clear();
        }
        Ok(written)
    }

    async fn lead(&self) -> Result<Option<(i64, u64)>, ReadError> {
        self.reach().await?;
        let mut state = lock(&self.way.server.state);
        let models = &mut state.read_models;
        let now = Instant::now();
        match models.leader {
            Some((leader, until)) if leader != self.number && until > now => return Ok(None),
            Some((leader, _)) if leader == self.number => {}
            _ => models.token += 1,
        }
        models.leader = Some((self.number, now + LEASE));
        Ok(Some((models.checkpoint, models.token)))
    }

    async fn fold(&mut self, event: &RecordedEvent, checkpoint: i64) -> Result<(), ReadError> {
        if !self.states.contains_key(&event.stream) {
            let mut state = ShowState::default();
            for earlier in self.log.stream(event.stream, 0, i64::MAX).await? {
                if earlier.position <= checkpoint {
                    state.evolve(&decode(&earlier)?);
                }
            }
            self.states.insert(event.stream, state);
        }
        self.states.entry(event.stream).or_default().evolve(&decode(event)?);
        Ok(())
    }

    /// All or nothing; nothing unless everything is as it was seen.
    async fn write(
        &self,
        checkpoint: i64,
        token: u64,
        page: &[RecordedEvent],
        rows: BTreeMap<Uuid, ShowState>,
    ) -> Result<Option<i64>, ReadError> {
        self.reach().await?;
        let server = &self.way.server;
        let written = {
            let mut state = lock(&server.state);
            let models = &mut state.read_models;
            let same = models.checkpoint == checkpoint && models.token == token;
            let last = page.last().map(|event| event.position);
            if same || server.has(Bug::SetsAnyCheckpoint) {
                models.seen.extend(page.iter().map(|event| event.position));
                models.rows.extend(rows);
                models.checkpoint = last.unwrap_or(checkpoint);
                last
            } else {
                state.trace.note("fenced_off", &self.number.to_string());
                None
            }
        };
        // The answer may be lost where the write is not.
        self.reach().await?;
        Ok(written)
    }

    async fn reach(&self) -> Result<(), ReadError> {
        let server = &self.way.server;
        tokio::time::sleep(server.chance.millis(0, 2)).await;
        if server.strikes(server.weather.read_fails) || !lock(&server.state).up {
            return Err(broken("the connection broke").into());
        }
        Ok(())
    }
}

/// What an event of a show says.
pub fn decode(event: &RecordedEvent) -> Result<ShowEvent, ReadError> {
    ShowEvent::decode(&event.event_type, event.schema, &event.payload)
        .map_err(|error| ReadError::Corrupt { what: error.to_string() })
}

/// A pair of them.
pub fn start(way: impl Fn() -> Way) {
    for number in 1..=2 {
        let log = Log::over(Arc::new(way()), None);
        tokio::spawn(Follower::new(number, way(), log).run());
    }
}
