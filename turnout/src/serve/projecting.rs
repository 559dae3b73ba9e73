//! The projector of this process, leading or waiting to. It needs the primary and nobody's secrets.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use event_store::{Log, pools::Role};
use projections::{Projector, ProjectorError, ProjectorOptions};
use tokio::{sync::watch, task::JoinHandle};

use super::{Base, WRITERS};

/// How often the log is looked at where nobody in the process records: half of it is added to what a query waits. Fifty looks
/// a second, each for the last position of an index, take less than one hundredth of a core.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The projector's task.
pub(super) struct Projecting {
    checkpoint: watch::Receiver<i64>,
    goes_on: watch::Receiver<bool>,
    task: JoinHandle<Result<(), ProjectorError>>,
}

impl Projecting {
    /// Starts it. `recorded` is the head as the recorder of this process knows it, where there is one; `tell_stopped` is told how many
    /// streams had to stop.
    pub(super) async fn start(
        base: &mut Base,
        recorded: Option<watch::Receiver<i64>>,
        tell_stopped: watch::Sender<Option<usize>>,
    ) -> anyhow::Result<Self> {
        let pool = base.pool("project", Role::Project, WRITERS).await?;
        let woken = recorded.is_some();
        let log = Log::new(pool.clone(), recorded);
        let log = if woken { log } else { log.looking_every(LOOK_EVERY) };
        let options = ProjectorOptions::default();
        let projector = Projector::new(pool, log, Arc::clone(&base.clock), base.ids.next(), options);
        let checkpoint = projector.checkpoint();
        let mut stopped = projector.stopped_streams();
        tokio::spawn(async move {
            loop {
                tell_stopped.send_replace(Some(*stopped.borrow_and_update()));
                if stopped.changed().await.is_err() {
                    return;
                }
            }
        });
        let (going_on, goes_on) = watch::channel(true);
        let stop = base.stop.clone();
        let task = tokio::spawn(async move {
            let ended = projector.run(stop).await;
            going_on.send_replace(ended.is_ok());
            ended
        });
        Ok(Self { checkpoint, goes_on, task })
    }

    /// The checkpoint, as the primary has it.
    pub(super) fn checkpoint(&self) -> watch::Receiver<i64> {
        self.checkpoint.clone()
    }

    /// Whether it still works; false once it has met a damaged log.
    pub(super) fn goes_on(&self) -> watch::Receiver<bool> {
        self.goes_on.clone()
    }

    /// Its end, which was asked for by then.
    pub(super) async fn stop(self) -> anyhow::Result<()> {
        if let Err(error) = self.task.await.context("the projector's task failed")? {
            tracing::error!(error = &error as &dyn std::error::Error, "the projector stopped with an error");
        }
        Ok(())
    }
}
