//! What a connection is doing, and since when: read by the task that serves it, which alone also writes it.
//!
//! One timer for each connection, set again only when it has run out, and never by a request: a request costs two notes.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep};

use super::Patience;

/// What a connection is doing.
#[derive(Debug)]
pub(super) struct Activity {
    patience: Patience,
    state: Mutex<State>,
    timer: Mutex<Option<Pin<Box<Sleep>>>>,
}

#[derive(Debug)]
struct State {
    doing: Doing,
    /// Since when the client has taken nothing of what waits for it.
    stalled_since: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
enum Doing {
    /// Waiting for the first byte of a request.
    Waiting { since: Instant },
    /// Some of a request's headers have come.
    Hearing { since: Instant },
    /// So many requests are being answered; with pipelining there may be two for a moment.
    Answering { requests: u32 },
    /// The time for the next request ran out, and was told.
    ToldIdle,
}

/// A request that is being answered. Its end is the answer's.
#[derive(Debug)]
pub(super) struct Asked(Arc<Activity>);

/// What is to be done about a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing is under way, and has not been for long.
    Idle,
    /// It keeps the server waiting.
    Slow,
}

impl Activity {
    /// A connection was accepted. Its first request is due at once: whoever connects wants something.
    pub(super) fn new(patience: Patience) -> Self {
        let doing = Doing::Hearing { since: Instant::now() };
        Self { patience, state: Mutex::new(State { doing, stalled_since: None }), timer: Mutex::new(None) }
    }

    /// Bytes came.
    pub(super) fn heard(&self) {
        let mut state = self.state();
        if let Doing::Waiting { .. } | Doing::ToldIdle = state.doing {
            state.doing = Doing::Hearing { since: Instant::now() };
        }
    }

    /// A request came whole, but for its body.
    pub(super) fn asked(self: &Arc<Self>) -> Asked {
        let mut state = self.state();
        let before = match state.doing {
            Doing::Answering { requests } => requests,
            Doing::Waiting { .. } | Doing::Hearing { .. } | Doing::ToldIdle => 0,
        };
        state.doing = Doing::Answering { requests: before + 1 };
        Asked(Arc::clone(self))
    }

    /// The client took some of what waits for it, or cannot take it now.
    pub(super) fn wrote(&self, progress: bool) {
        let mut state = self.state();
        if progress {
            state.stalled_since = None;
        } else {
            state.stalled_since.get_or_insert_with(Instant::now);
        }
    }

    fn answered(&self) {
        let mut state = self.state();
        state.doing = match state.doing {
            Doing::Answering { requests } if requests > 1 => Doing::Answering { requests: requests - 1 },
            _ => Doing::Waiting { since: Instant::now() },
        };
    }

    /// Waits until something is to be done. May be dropped and asked again at any time.
    pub(super) async fn judged(&self) -> Verdict {
        poll_fn(|context| self.poll_judged(context)).await
    }

    fn poll_judged(&self, context: &mut Context<'_>) -> Poll<Verdict> {
        let mut timer = self.timer.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let timer = timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(self.shortest())));
            if timer.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            let now = Instant::now();
            let (verdict, again_at) = self.judge(now);
            timer.as_mut().reset(again_at);
            if let Some(verdict) = verdict {
                return Poll::Ready(verdict);
            }
        }
    }

    /// What is to be done now, and when to ask again: by then nothing can have run out that has not begun yet.
    fn judge(&self, now: Instant) -> (Option<Verdict>, Instant) {
        let mut state = self.state();
        let stalled = state.stalled_since.map(|since| (since + self.patience.reading, Verdict::Slow));
        let ends = match state.doing {
            Doing::Waiting { since } => Some((since + self.patience.idle, Verdict::Idle)),
            Doing::Hearing { since } => Some((since + self.patience.headers, Verdict::Slow)),
            Doing::Answering { .. } | Doing::ToldIdle => None,
        };
        let next = [stalled, ends].into_iter().flatten().min_by_key(|(end, _)| *end);
        match next {
            Some((end, verdict)) if end <= now => {
                if verdict == Verdict::Idle {
                    state.doing = Doing::ToldIdle;
                }
                (Some(verdict), now + self.shortest())
            }
            Some((end, _)) => (None, end.min(now + self.shortest())),
            None => (None, now + self.shortest()),
        }
    }

    fn shortest(&self) -> Duration {
        self.patience.headers.min(self.patience.idle).min(self.patience.reading)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.0.answered();
    }
}
