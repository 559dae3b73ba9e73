//! What the server has stored, and its processes.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use event_store::{Append, Appended, RecordedEvent, Snapshot, database::Outcome};
use tokio::{sync::watch, time::Instant};
use uuid::Uuid;

use crate::{follower::ReadModels, trace::Trace};

/// What a backend is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Serve,
    End,
    Crash,
}

/// A process of the server.
#[derive(Debug)]
pub struct Process {
    pub started: DateTime<Utc>,
    pub fate: watch::Sender<Fate>,
    pub connected: bool,
    pub busy: bool,
}

/// An append with the hashes of its events, as it comes over the wire.
#[derive(Debug, Clone)]
pub struct Item {
    pub append: Append,
    pub hashes: Vec<[u8; 32]>,
}

/// What is stored, and who serves.
#[derive(Debug)]
pub struct State {
    pub up: bool,
    pub events: Vec<RecordedEvent>,
    /// Where in `events` each stream's are.
    pub streams: BTreeMap<Uuid, Vec<usize>>,
    pub snapshots: Vec<Snapshot>,
    pub read_models: ReadModels,
    pub processes: BTreeMap<i32, Process>,
    pub trace: Trace,
    next_process: i32,
    /// How many events the last commit wrote.
    pub last_commit: usize,
}

impl State {
    pub fn new(since: Instant) -> Self {
        Self {
            up: true,
            events: Vec::new(),
            streams: BTreeMap::new(),
            snapshots: Vec::new(),
            read_models: ReadModels::default(),
            processes: BTreeMap::new(),
            trace: Trace::new(since),
            next_process: 1,
            last_commit: 0,
        }
    }

    /// A new process; nothing while the server is down.
    pub fn fork(&mut self, started: DateTime<Utc>) -> Option<i32> {
        if !self.up {
            return None;
        }
        let pid = self.next_process;
        self.next_process += 1;
        let process = Process { started, fate: watch::Sender::new(Fate::Serve), connected: true, busy: false };
        self.processes.insert(pid, process);
        Some(pid)
    }

    pub fn head(&self) -> i64 {
        self.events.last().map_or(0, |event| event.position)
    }

    pub fn version(&self, stream: Uuid) -> i64 {
        self.streams.get(&stream).map_or(0, |events| events.len() as i64)
    }

    /// A stream's events, in order.
    pub fn stream(&self, stream: Uuid) -> impl Iterator<Item = &RecordedEvent> {
        self.streams.get(&stream).into_iter().flatten().map(|index| &self.events[*index])
    }

    /// The process has nothing to do; without a client it ends.
    pub fn rest(&mut self, pid: i32) {
        if let Some(process) = self.processes.get_mut(&pid) {
            process.busy = false;
            if !process.connected || *process.fate.borrow() != Fate::Serve {
                self.processes.remove(&pid);
            }
        }
    }

    /// The client is gone, and so is the process unless it works.
    pub fn hang_up(&mut self, pid: i32) {
        if let Some(process) = self.processes.get_mut(&pid) {
            process.connected = false;
            if !process.busy {
                self.processes.remove(&pid);
            }
        }
    }

    /// Those that are accepted, one behind the other.
    pub fn write_all(
        &mut self,
        batch: &[Item],
        at: DateTime<Utc>,
        accepts: impl Fn(&Item, i64) -> bool,
        in_part: bool,
    ) -> Vec<Outcome> {
        batch
            .iter()
            .map(|item| {
                let version = self.version(item.append.stream);
                if accepts(item, version) {
                    Outcome::Accepted(self.write(item, at, in_part))
                } else {
                    Outcome::Stale { current_version: version }
                }
            })
            .collect()
    }

    fn write(&mut self, item: &Item, at: DateTime<Utc>, in_part: bool) -> Appended {
        let append = &item.append;
        let first = self.head() + 1;
        let events = if in_part { append.events.len() / 2 } else { append.events.len() };
        for (event, hash) in append.events.iter().zip(&item.hashes).take(events) {
            let recorded = RecordedEvent {
                position: self.head() + 1,
                organization: append.organization,
                stream_type: append.stream_type,
                stream: append.stream,
                version: self.version(append.stream) + 1,
                event_type: event.event_type.clone(),
                schema: event.schema,
                payload: event.payload.clone(),
                metadata: event.metadata.clone(),
                content_hash: *hash,
                recorded_at: at,
            };
            let what = format!("{} {} {}", recorded.position, recorded.event_type, recorded.payload);
            self.trace.note("event", &what);
            self.streams.entry(append.stream).or_default().push(self.events.len());
            self.events.push(recorded);
        }
        let last = self.stream(append.stream).last().map_or(0, |event| event.position);
        Appended {
            first_position: (!append.events.is_empty()).then_some(first),
            last_position: last,
            version: self.version(append.stream),
            recorded_at: at,
        }
    }

    /// Only a broken server does this.
    pub fn truncate(&mut self, kept: usize) {
        self.events.truncate(kept);
        for indexes in self.streams.values_mut() {
            indexes.retain(|index| *index < kept);
        }
        self.last_commit = 0;
    }
}
