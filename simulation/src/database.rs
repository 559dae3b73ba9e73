//! The recorder's side of the server: sessions that break, hang, or are refused.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use event_store::{
    Appended,
    database::{Backend, CallError, Database, Outcome, Request, Session},
};
use tokio::sync::oneshot;

use crate::{
    lock,
    nodes::Network,
    server::{Bug, Server, broken},
    stored::{Fate, Item},
};

/// The way of one node to the server.
#[derive(Debug)]
pub struct Way {
    pub server: Arc<Server>,
    pub network: Arc<Network>,
}

#[derive(Debug)]
struct Connection {
    server: Arc<Server>,
    network: Arc<Network>,
    backend: Backend,
}

#[async_trait]
impl Database for Way {
    async fn connect(&mut self, before: Option<Backend>) -> Result<Box<dyn Session>, sqlx::Error> {
        self.network.reach().await;
        let server = &self.server;
        if server.strikes(server.weather.slow_connect) {
            server.trace("slow_connect", "");
            tokio::time::sleep(server.chance.millis(100, 4_000)).await;
        }
        if server.strikes(server.weather.refused) {
            server.trace("refused", "");
            return Err(broken("the connection is refused"));
        }
        let (pid, started) = server.fork().ok_or_else(|| broken("the server is down"))?;
        // From here on the process goes when this does.
        let connection = Connection {
            server: Arc::clone(server),
            network: Arc::clone(&self.network),
            backend: Backend { pid, started },
        };
        if let Some(before) = before.filter(|_| !server.has(Bug::LeavesBackends)) {
            while connection.end(before) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        connection.alive()?;
        Ok(Box::new(connection))
    }
}

#[async_trait]
impl Session for Connection {
    fn backend(&self) -> Backend {
        self.backend
    }

    async fn head(&mut self) -> Result<i64, sqlx::Error> {
        self.network.reach().await;
        self.alive()?;
        Ok(self.server.head())
    }

    async fn append(&mut self, batch: &[Request]) -> Result<Vec<Outcome>, CallError> {
        self.network.reach().await;
        let server = &self.server;
        let weather = server.weather;
        if server.strikes(weather.lost_before) {
            server.trace("lost_before", "");
            lock(&server.state).hang_up(self.backend.pid);
            return Err(CallError::Lost(Some(broken("the connection broke before the call"))));
        }
        let batch: Vec<Item> = batch
            .iter()
            .map(|request| Item { append: request.append().clone(), hashes: request.hashes().to_vec() })
            .collect();
        {
            let mut state = lock(&server.state);
            let process = state.processes.get_mut(&self.backend.pid);
            let process = process.ok_or_else(|| CallError::Lost(Some(broken("the connection is gone"))))?;
            process.busy = true;
        }
        let (reply, answer) = oneshot::channel();
        tokio::spawn(Arc::clone(server).serve(self.backend.pid, batch, reply));
        if server.strikes(weather.no_reply) {
            server.trace("no_reply", "");
            std::future::pending::<()>().await;
        }
        let answer = if server.strikes(weather.lost_during) {
            server.trace("lost_during", "");
            tokio::time::timeout(server.chance.millis(0, 12), answer).await
        } else {
            Ok(answer.await)
        };
        self.network.reach().await;
        match answer {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) | Err(_) => {
                lock(&server.state).hang_up(self.backend.pid);
                Err(CallError::Lost(Some(broken("the connection broke during the call"))))
            }
        }
    }

    async fn landed(&mut self, batch: &[Request]) -> Result<Vec<Option<Appended>>, sqlx::Error> {
        self.network.reach().await;
        let server = &self.server;
        if server.strikes(server.weather.lost_before) {
            server.trace("lost_before", "while looking");
            return Err(broken("the connection broke while looking"));
        }
        tokio::time::sleep(server.chance.millis(0, 3)).await;
        self.alive()?;
        Ok(batch.iter().map(|request| self.landed_one(request)).collect())
    }
}

impl Connection {
    fn alive(&self) -> Result<(), sqlx::Error> {
        let alive = lock(&self.server.state).processes.contains_key(&self.backend.pid);
        if alive { Ok(()) } else { Err(broken("the connection is gone")) }
    }

    /// Tells another process to end, and says whether it is still there.
    fn end(&self, backend: Backend) -> bool {
        let mut state = lock(&self.server.state);
        let Some(process) = state.processes.get_mut(&backend.pid).filter(|other| other.started == backend.started)
        else {
            return false;
        };
        if process.busy {
            process.fate.send_if_modified(|fate| {
                let serves = *fate == Fate::Serve;
                if serves {
                    *fate = Fate::End;
                }
                serves
            });
        } else {
            state.processes.remove(&backend.pid);
        }
        true
    }

    /// As `event-store/src/recorder/lost_reply.rs` has it.
    fn landed_one(&self, request: &Request) -> Option<Appended> {
        let append = request.append();
        let events = append.events.len() as i64;
        let state = lock(&self.server.state);
        let meant = append.expected_version + 1..=append.expected_version + events;
        let found: Vec<_> = state.stream(append.stream).filter(|event| meant.contains(&event.version)).collect();
        let (first, last) = (found.first()?, found.last()?);
        let is_ours = found.len() == append.events.len()
            && last.position - first.position + 1 == events
            && found.iter().zip(append.events.iter().zip(request.hashes())).all(|(found, (event, hash))| {
                found.metadata.command == event.metadata.command && found.content_hash == *hash
            });
        is_ours.then(|| Appended {
            first_position: Some(first.position),
            last_position: last.position,
            version: append.expected_version + events,
            recorded_at: first.recorded_at,
        })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        lock(&self.server.state).hang_up(self.backend.pid);
    }
}
