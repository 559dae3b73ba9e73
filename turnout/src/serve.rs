//! `turnout serve`: the parts that the server's role asks for, put together, started in order and stopped in the reverse one.
//!
//! Who does what: [`WriteSide`] decides and records, and has what follows from events be done; [`ReadSide`] answers queries;
//! [`Projecting`] writes the read models; [`Common`] is what both sides need to know who asks. A server of role `all` has all
//! of them, any other one only what its role names, and no connection that it does not need.

mod common;
mod greeting;
mod projecting;
mod read_side;
mod write_side;

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use api::{Node, Server, app::NodeParts};
use axum::Router;
use event_store::{
    Clock, Ids, Log, SystemClock, SystemIds,
    pools::{self, Role},
};
use sqlx::PgPool;
use tokio::{net::TcpListener, sync::watch};
use tokio_util::sync::CancellationToken;

use self::{common::Common, greeting::Greeting, projecting::Projecting, read_side::ReadSide, write_side::WriteSide};
use crate::{
    config::{self, ServerRole},
    database::Database,
    listener,
    metrics::{Metrics, Sources},
    traces,
};

/// How long open connections may take to finish after a stop was asked for.
const GRACE: Duration = Duration::from_secs(10);
/// How long a stop waits then for what is being recorded, signed and projected, all of which wait for the database.
const FINISHING: Duration = Duration::from_secs(15);

/// Connections of each role: enough to keep two cores busy, few enough for a PostgreSQL with its usual hundred.
const READERS: u32 = 8;
const WRITERS: u32 = 4;

/// What every part is started with.
struct Base {
    /// The primary's URL.
    url: String,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    stop: CancellationToken,
    /// By their names, for metrics; the first is of the primary.
    pools: Vec<(&'static str, PgPool)>,
    readers: Option<PgPool>,
}

impl Base {
    /// A pool of the primary, which metrics show by its name.
    async fn pool(&mut self, name: &'static str, role: Role, connections_max: u32) -> anyhow::Result<PgPool> {
        let pool = pools::connect(&self.url, role, connections_max).await?;
        self.pools.push((name, pool.clone()));
        Ok(pool)
    }

    /// The primary's pool that sees one organization at a time; both sides share it.
    async fn readers(&mut self) -> anyhow::Result<PgPool> {
        if let Some(readers) = &self.readers {
            return Ok(readers.clone());
        }
        let readers = self.pool("query", Role::Query, READERS).await?;
        self.readers = Some(readers.clone());
        Ok(readers)
    }
}

/// Serves until it is asked to stop.
pub async fn run(options: config::Serve) -> anyhow::Result<()> {
    options.check()?;
    std::fs::create_dir_all(&options.data)
        .with_context(|| format!("the data directory {} cannot be made", options.data.display()))?;
    let role = options.role;
    let defences = Arc::new(api::Defences::new(options.defences.of_requests()?));
    let limits = options.defences.of_connections();
    let listener = TcpListener::bind(options.listen)
        .await
        .with_context(|| format!("{} cannot be listened on; is another server running there?", options.listen))?;
    let listening = listener.local_addr()?;
    let metrics = Metrics::install(&options.observe).await?;
    let traces = options.observe.traces()?.map(|(collector, part)| traces::start(&collector, part)).transpose()?;
    let public_url = options.public_url(listening)?;

    let database = Database::start(&options).await?;
    let mut base = Base {
        url: database.url.clone(),
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
        stop: CancellationToken::new(),
        pools: Vec::new(),
        readers: None,
    };
    let (ready, is_ready) = watch::channel(true);
    let (tell_stopped, stopped_streams) = watch::channel(None);
    let node = Node::from(NodeParts {
        clock: Arc::clone(&base.clock),
        ids: Arc::clone(&base.ids),
        public_url: public_url.as_str().into(),
        defences,
        ready: is_ready,
        stopped_streams,
        closing: base.stop.clone(),
    });

    let common = if role.asks_who() { Some(Common::start(&mut base, &options, node.clone()).await?) } else { None };
    let write_side = match &common {
        Some(common) if role.commands() => Some(WriteSide::start(&mut base, &options, common).await?),
        _ => None,
    };
    let recorded = write_side.as_ref().map(WriteSide::recorded);
    let projecting =
        if role.projects() { Some(Projecting::start(&mut base, recorded, tell_stopped).await?) } else { None };
    let log = match &write_side {
        Some(write_side) => write_side.log.clone(),
        // It is asked how far the log goes, by a role that cannot append.
        None => Log::new(base.pool("log", Role::React, 2).await?, None),
    };
    let written_here = projecting.as_ref().map(Projecting::checkpoint);
    let read_side = match &common {
        Some(common) if role.queries() => {
            Some(ReadSide::start(&mut base, &options, common, log.clone(), written_here.clone()).await?)
        }
        _ => None,
    };
    let checkpoint = read_side.as_ref().map(ReadSide::checkpoint).or(written_here);

    let mut greeting = Greeting::new(listening, &public_url, role);
    greeting.metrics = metrics.as_ref().and_then(Metrics::listening);
    let own_routes = metrics.map_or_else(Router::new, |metrics| {
        let desks = write_side.as_ref().map(|write_side| write_side.desks.clone());
        let stop = base.stop.clone();
        metrics.serve(Sources::new(desks, log, checkpoint, Arc::clone(&base.clock), base.pools.clone()), &stop)
    });
    let server = Server {
        node,
        commands: write_side.as_ref().map(|write_side| write_side.api.clone()),
        queries: read_side.as_ref().map(|read_side| read_side.api.clone()),
    };
    let keeper = database.keep(ready.clone());
    if role != ServerRole::All {
        // What its own work needs; of role all, that is the database, whose keeper says so.
        let answers = read_side.as_ref().map(ReadSide::answers).into_iter();
        let goes_on = projecting.as_ref().map(Projecting::goes_on).into_iter();
        tokio::spawn(ready_while(answers.chain(goes_on).collect(), ready, base.stop.clone()));
    }
    if let Some(write_side) = &write_side {
        write_side.fill_demo(&base).await?;
        greeting.demo = write_side.demo_password();
        greeting.setup_token = write_side.setup_token();
    }
    let serving = tokio::spawn(listener::serve(listener, api::router(server, own_routes), limits, base.stop.clone()));
    greeting.print();

    asked_to_stop().await?;
    tracing::info!("stopping: what was accepted is finished first");
    base.stop.cancel();
    match tokio::time::timeout(GRACE, serving).await {
        Ok(served) => served?,
        Err(_) => tracing::warn!("some connections did not finish in time and were closed"),
    }
    let finishing = async {
        if let Some(write_side) = write_side {
            write_side.stop().await?;
        }
        if let Some(projecting) = projecting {
            projecting.stop().await?;
        }
        anyhow::Ok(())
    };
    match tokio::time::timeout(FINISHING, finishing).await {
        Ok(finished) => finished?,
        // Whoever asked was answered before; what was recorded without an answer is seen when it is sent again.
        Err(_) => tracing::warn!(
            "the database, or its standby, does not answer: not all was signed and projected before the end"
        ),
    }
    if let Some(traces) = traces {
        traces.stop().await;
    }
    keeper.stop().await;
    Ok(())
}

/// Says that the server is ready while all of these are true.
async fn ready_while(mut all: Vec<watch::Receiver<bool>>, ready: watch::Sender<bool>, stop: CancellationToken) {
    loop {
        ready.send_replace(all.iter_mut().all(|one| *one.borrow_and_update()));
        let changes = all.iter_mut().map(|one| Box::pin(one.changed()));
        if changes.len() == 0 {
            return;
        }
        let changed = futures::future::select_all(changes);
        match stop.run_until_cancelled(changed).await {
            // Whoever is gone changes no more: it ended, and said so.
            Some((Ok(()), ..)) => {}
            Some((Err(_), ..)) | None => return,
        }
    }
}

async fn asked_to_stop() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    Ok(())
}
