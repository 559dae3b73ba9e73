//! The read side: queries and live feeds, from the primary or from a replica that follows it.
//!
//! What is answered goes by the checkpoint of the database that answers, whoever writes it: the projector of this process
//! where that writes the same database, else what a [`CheckpointFollower`] sees there.

use std::sync::Arc;

use anyhow::Context as _;
use api::{QuerySide, app::QueryParts};
use event_store::{
    Log, Snapshots,
    pools::{self, Role},
    tree::Tree,
};
use projections::{CheckpointFollower, Follower, HotShows, LiveFeeds, LiveOptions, Queries};
use tokio::sync::watch;

use super::{Base, Common, READERS};
use crate::config;

/// Looks at the past begin at snapshots, which lie at the primary.
const SNAPSHOT_READERS: u32 = 2;

/// The read side.
pub(super) struct ReadSide {
    pub(super) api: QuerySide,
    checkpoint: watch::Receiver<i64>,
    answers: watch::Receiver<bool>,
}

impl ReadSide {
    /// `log` is the primary's, which alone knows how far the log goes; `written_here` is the checkpoint of a projector of this
    /// process.
    pub(super) async fn start(
        base: &mut Base,
        options: &config::Serve,
        common: &Common,
        log: Log,
        written_here: Option<watch::Receiver<i64>>,
    ) -> anyhow::Result<Self> {
        let replica = options.read_database_url()?;
        let pool = match &replica {
            None => base.readers().await?,
            Some(url) => {
                let pool = pools::connect(url, Role::Query, READERS).await.context(
                    "the replica at TURNOUT_READ_DATABASE_URL cannot be used; it has to follow the database at DATABASE_URL",
                )?;
                base.pools.push(("replica", pool.clone()));
                pool
            }
        };
        let (checkpoint, answers) = match written_here.filter(|_| replica.is_none()) {
            // That its database answers is known by its keeper, or by whoever runs it.
            Some(written) => (written, watch::channel(true).1),
            None => {
                let follower = CheckpointFollower::new(pool.clone()).await?;
                let seen = (follower.checkpoint(), follower.answers());
                tokio::spawn(follower.run(base.stop.clone()));
                seen
            }
        };
        // Queries wait by what the follower publishes: whoever knows a position also knows what was new up to it.
        let follower = Follower::start(log.clone(), checkpoint);
        let checkpoint = follower.checkpoint();
        let snapshots = Snapshots::new(base.pool("snapshots", Role::Write, SNAPSHOT_READERS).await?);
        let tree = Tree::new(pool.clone());
        let log_keys = common.log_keys.clone();
        let queries = Queries::new(pool, log, checkpoint.clone()).with_snapshots(snapshots);
        let hot = HotShows::new(queries.clone(), follower);
        let live = LiveFeeds::new(hot.clone(), Arc::clone(&base.clock), LiveOptions::default());
        let api = QuerySide::from(QueryParts { app: common.app.clone(), queries, hot, live, tree, log_keys });
        Ok(Self { api, checkpoint, answers })
    }

    /// How far its database is.
    pub(super) fn checkpoint(&self) -> watch::Receiver<i64> {
        self.checkpoint.clone()
    }

    /// Whether its database answers.
    pub(super) fn answers(&self) -> watch::Receiver<bool> {
        self.answers.clone()
    }
}
