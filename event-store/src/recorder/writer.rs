//! The recorder's loop: connect, gather, write, answer; and what happens when the database goes away.
//!
//! Nothing is written while the outcome of an earlier call is open. Meanwhile what waits is told to come later once it has
//! waited long enough; only the items whose outcome is open are held until it is known.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::batch::{self, Limits, Request};
use super::call::Outcome;
use super::database::{Backend, Database, Session};
use super::error::{AppendError, CallError};
use super::metrics;
use crate::event::Appended;

/// How long an append waits for a database that is away: as long as a command may take altogether (`design.md`, Desks).
const WAIT_FOR_DATABASE: Duration = Duration::from_secs(5);
/// One call: longer than the statement time-out of the session. When it passes, the server or the network is gone.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);
/// One attempt to connect and to settle what is open.
const CONNECT_WITHIN: Duration = Duration::from_secs(2);
/// Between two attempts: first, and at most.
const BACKOFF_FIRST: Duration = Duration::from_millis(20);
const BACKOFF_LAST: Duration = Duration::from_millis(500);

/// The state of the recorder's task.
#[derive(Debug)]
pub(super) struct Writer {
    database: Box<dyn Database>,
    session: Option<Box<dyn Session>>,
    /// The backend of a call whose outcome is open.
    open: Option<Backend>,
    limits: Limits,
    inbox: mpsc::Receiver<Request>,
    waiting: VecDeque<Request>,
    head: watch::Sender<i64>,
    stopping: watch::Receiver<bool>,
}

impl Writer {
    pub(super) fn new(
        database: Box<dyn Database>,
        session: Box<dyn Session>,
        limits: Limits,
        inbox: mpsc::Receiver<Request>,
        head: watch::Sender<i64>,
        stopping: watch::Receiver<bool>,
    ) -> Self {
        Self { database, session: Some(session), open: None, limits, inbox, waiting: VecDeque::new(), head, stopping }
    }

    /// Until it is stopped, or nobody holds a handle any more.
    pub(super) async fn run(mut self) {
        while self.gather().await {
            if !self.connected().await {
                break;
            }
            let batch = batch::take(&mut self.waiting, self.limits);
            if !batch.is_empty() {
                self.write(batch).await;
            }
        }
    }

    /// Waits until something is waiting; false when nothing will come any more.
    async fn gather(&mut self) -> bool {
        while self.waiting.is_empty() {
            let stopped = *self.stopping.borrow_and_update();
            if stopped {
                self.inbox.close();
            }
            tokio::select! {
                request = self.inbox.recv() => match request {
                    Some(request) => self.waiting.push_back(request),
                    None => return false,
                },
                _ = self.stopping.changed(), if !stopped => {}
            }
        }
        self.drain();
        true
    }

    /// Takes over what is in the queue, up to a batch: the rest stays where it is counted.
    fn drain(&mut self) {
        while self.waiting.len() < self.limits.events_max {
            let Ok(request) = self.inbox.try_recv() else { break };
            self.waiting.push_back(request);
        }
    }

    async fn write(&mut self, batch: Vec<Request>) {
        match self.call(&batch).await {
            Ok(outcomes) => self.answer(batch, outcomes),
            // Whatever it is that is refused, it may be one item's: the others are not to suffer for it.
            Err(CallError::Data(_) | CallError::Refused(_)) if batch.len() > 1 => {
                tracing::warn!(items = batch.len(), "a batch was refused: its items are written one by one");
                for request in batch {
                    self.write_alone(request).await;
                }
            }
            Err(error) => self.fail(batch, error).await,
        }
    }

    async fn write_alone(&mut self, request: Request) {
        if !self.connected().await {
            return;
        }
        let batch = vec![request];
        match self.call(&batch).await {
            Ok(outcomes) => self.answer(batch, outcomes),
            Err(error) => self.fail(batch, error).await,
        }
    }

    async fn call(&mut self, batch: &[Request]) -> Result<Vec<Outcome>, CallError> {
        let watch = metrics::Call::begin(batch, self.waiting.len() + self.inbox.len());
        let result = match &mut self.session {
            Some(session) => tokio::time::timeout(ANSWER_WITHIN, session.append(batch)).await,
            None => Ok(Err(CallError::Lost(None))),
        };
        let result = result.unwrap_or(Err(CallError::Lost(None)));
        watch.end(batch, &result);
        result
    }

    fn answer(&self, batch: Vec<Request>, outcomes: Vec<Outcome>) {
        let last = outcomes.iter().filter_map(Outcome::accepted).map(|appended| appended.last_position);
        self.committed(last.max().unwrap_or(0));
        for (request, outcome) in batch.into_iter().zip(outcomes) {
            request.answer(match outcome {
                Outcome::Accepted(appended) => Ok(appended),
                Outcome::Stale { current_version } => Err(AppendError::Conflict { current_version }),
            });
        }
    }

    fn committed(&self, position: i64) {
        self.head.send_if_modified(|head| {
            let further = position > *head;
            *head = position.max(*head);
            further
        });
    }

    async fn fail(&mut self, batch: Vec<Request>, error: CallError) {
        let answer = match error {
            CallError::Data(message) => AppendError::Invalid(message),
            CallError::Later(source) => {
                tracing::warn!(error = %source, items = batch.len(), "the log cannot be written now");
                AppendError::Unavailable { source: Some(Arc::new(source)) }
            }
            CallError::Refused(source) => {
                tracing::error!(error = %source, items = batch.len(), "the log refuses the recorder");
                AppendError::Internal(Arc::new(source))
            }
            CallError::Lost(source) => return self.settle(batch, source).await,
        };
        for request in batch {
            request.answer(Err(answer.clone()));
        }
    }

    /// The reply was lost: ends the backend, looks, answers. When the recorder is stopped meanwhile, the items go unanswered.
    async fn settle(&mut self, batch: Vec<Request>, source: Option<sqlx::Error>) {
        tracing::warn!(error = ?source, items = batch.len(), "a reply of the log was lost; nothing is written until it is settled");
        metrics::lost_reply();
        self.open = self.session.take().map(|session| session.backend()).or(self.open);
        let landed = loop {
            if !self.connected().await {
                return;
            }
            match self.look(&batch).await {
                Ok(landed) => break landed,
                Err(error) => {
                    tracing::warn!(%error, "the connection broke again before the outcome was known");
                    // Its backend may wait for a standby that is away, and would not notice that nobody listens any more.
                    self.open = self.session.take().map(|session| session.backend()).or(self.open);
                }
            }
            if self.is_stopped_within(BACKOFF_LAST).await {
                return;
            }
        };
        self.committed(landed.iter().flatten().map(|appended| appended.last_position).max().unwrap_or(0));
        let source = source.map(Arc::new);
        tracing::info!(landed = landed.iter().flatten().count(), items = batch.len(), "a lost reply is settled");
        for (request, landed) in batch.into_iter().zip(landed) {
            request.answer(landed.ok_or_else(|| AppendError::Unavailable { source: source.clone() }));
        }
    }

    async fn look(&mut self, batch: &[Request]) -> Result<Vec<Option<Appended>>, sqlx::Error> {
        let Some(session) = &mut self.session else { return Err(io::Error::from(io::ErrorKind::NotConnected).into()) };
        tokio::time::timeout(CONNECT_WITHIN, session.landed(batch))
            .await
            .map_err(|_| sqlx::Error::Io(io::ErrorKind::TimedOut.into()))?
    }

    /// Connects if there is no connection, however long it takes; false when the recorder is stopped before it succeeds.
    async fn connected(&mut self) -> bool {
        let mut backoff = BACKOFF_FIRST;
        while self.session.is_none() {
            match tokio::time::timeout(CONNECT_WITHIN, self.database.connect(self.open)).await {
                Ok(Ok(session)) => {
                    tracing::info!("the recorder is connected again");
                    metrics::reconnected();
                    self.session = Some(session);
                    self.open = None;
                    break;
                }
                Ok(Err(error)) => tracing::warn!(%error, "the recorder cannot connect"),
                Err(_) => tracing::warn!("the recorder gets no connection in time"),
            }
            self.expire();
            if *self.stopping.borrow() {
                return false;
            }
            tokio::time::sleep(backoff).await;
            backoff = (backoff * 2).min(BACKOFF_LAST);
        }
        true
    }

    /// Whether the recorder is stopped in this time, or before.
    async fn is_stopped_within(&mut self, time: Duration) -> bool {
        // Whoever could stop it is gone: that is a stop as well, or the end of the time.
        tokio::time::timeout(time, self.stopping.wait_for(|stopping| *stopping)).await.is_ok()
    }

    /// Tells what has waited too long to come later.
    fn expire(&mut self) {
        self.drain();
        while self.waiting.front().is_some_and(|request| request.since.elapsed() > WAIT_FOR_DATABASE) {
            if let Some(request) = self.waiting.pop_front() {
                metrics::expired();
                request.answer(Err(AppendError::Unavailable { source: None }));
            }
        }
    }
}
