//! `turnout serve`: the parts, put together, started in order and stopped in the reverse one.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use axum::Router;
use commands::{
    desk::{DeskParts, Desks},
    organization_desk::{OrganizationParts, Organizations},
};
use event_store::{
    Clock, Ids, Log, Recorder, RecorderOptions, Snapshots, SystemClock, SystemIds, Turns, Vault,
    pools::{self, Role},
};
use identity::{CodeKeys, CommandIds, DemoAccount, Gate, LinkSecrets};
use projections::{LiveFeeds, Projector, ProjectorOptions, Queries};
use tokio::{net::TcpListener, sync::watch};
use tokio_util::sync::CancellationToken;

use crate::{
    config,
    database::Database,
    demo,
    installation::Installation,
    listener,
    metrics::{self, Metrics, Sources},
    traces,
};

/// How long open connections may take to finish after a stop was asked for.
const GRACE: Duration = Duration::from_secs(10);

/// Connections of each role: enough to keep two cores busy, few enough for a PostgreSQL with its usual hundred.
const READERS: u32 = 8;
const WRITERS: u32 = 4;
/// Shows for which this node may wait for its turn at the same time.
const TURN_TAKERS: u32 = 4;

/// Serves until it is asked to stop.
pub async fn run(options: config::Serve) -> anyhow::Result<()> {
    std::fs::create_dir_all(&options.data)
        .with_context(|| format!("the data directory {} cannot be made", options.data.display()))?;
    let secret = options.secret_key()?;
    let admin_token = options.admin_token()?;
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
    let url = database.url.clone();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ids: Arc<dyn Ids> = Arc::new(SystemIds);

    let (recorder, recorder_task) = Recorder::start(&url, RecorderOptions::default()).await?;
    let write_pool = pools::connect(&url, Role::Write, WRITERS).await?;
    let log = Log::new(write_pool.clone(), Some(recorder.head()));
    let identity_pool = pools::connect(&url, Role::Identity, WRITERS).await?;
    let command_ids = CommandIds::new(&secret);
    let organizations = Organizations::new(OrganizationParts {
        recorder: recorder.clone(),
        log: log.clone(),
        clock: Arc::clone(&clock),
        randomness: Arc::new(rand::random),
    });
    let installation = Installation {
        organizations: organizations.clone(),
        identity_pool: identity_pool.clone(),
        clock: Arc::clone(&clock),
        ids: Arc::clone(&ids),
    };
    let organization = installation.first_organization(&command_ids).await?;
    let ticket_keys = Arc::new(identity::load_or_create_ticket_keys(&identity_pool, &secret, clock.now()).await?);
    let demo_account = options.demo.then(|| DemoAccount::load_or_create(&options.data)).transpose()?;
    if let Some(demo) = &demo_account {
        installation.welcome_demo(organization, demo).await?;
    }
    installation.welcome_owner_of_environment(organization).await?;
    let setup_token = identity::setup_link(&identity_pool, clock.now()).await?;

    let desks = Desks::new(DeskParts {
        recorder: recorder.clone(),
        log: log.clone(),
        snapshots: Snapshots::new(write_pool.clone()),
        turns: Turns::new(pools::connect(&url, Role::Write, TURN_TAKERS).await?),
        clock: Arc::clone(&clock),
        randomness: Arc::new(rand::random),
        code_key: {
            let keys = CodeKeys::new(&secret);
            Arc::new(move |show| keys.of_show(show.0))
        },
        kid: {
            let keys = Arc::clone(&ticket_keys);
            Arc::new(move || keys.current_kid().to_owned())
        },
    });

    let stop = CancellationToken::new();
    let project_pool = pools::connect(&url, Role::Project, WRITERS).await?;
    let project_log = Log::new(project_pool.clone(), Some(recorder.head()));
    let projector =
        Projector::new(project_pool.clone(), project_log, Arc::clone(&clock), ids.next(), ProjectorOptions::default());
    let checkpoint = projector.checkpoint();
    let projecting = tokio::spawn(projector.run(stop.clone()));

    let query_pool = pools::connect(&url, Role::Query, READERS).await?;
    let queries = Queries::new(query_pool.clone(), log.clone(), checkpoint.clone());
    let live = LiveFeeds::new(queries.clone(), Arc::clone(&clock));

    let react_pool = pools::connect(&url, Role::React, WRITERS).await?;
    let react_log = Log::new(react_pool.clone(), Some(recorder.head()));
    let (reactions_stop, reactions_stopped) = watch::channel(false);
    let ends = reactions::Ends::new(react_pool.clone(), react_log.clone(), desks.clone(), Arc::clone(&clock));
    let check_every = Duration::from_secs(options.retention_check_seconds);
    let retention = reactions::Retention::new(
        react_pool.clone(),
        react_log,
        organizations.clone(),
        Arc::clone(&clock),
        check_every,
    );
    let reacting = tokio::spawn(async move {
        tokio::join!(ends.run(reactions_stopped.clone()), retention.run(reactions_stopped));
    });

    let metrics_listening = metrics.as_ref().and_then(Metrics::listening);
    let pools = vec![
        ("write", write_pool),
        ("project", project_pool),
        ("identity", identity_pool.clone()),
        ("react", react_pool),
        ("query", query_pool.clone()),
    ];
    let own_routes = metrics.map_or_else(Router::new, |metrics| {
        metrics.serve(Sources::new(desks.clone(), log.clone(), checkpoint, Arc::clone(&clock), pools), &stop)
    });
    let (ready, is_ready) = watch::channel(true);
    let app = api::App::from(api::app::Parts {
        desks: desks.clone(),
        organizations: organizations.clone(),
        queries: queries.clone(),
        live,
        gate: Arc::new(Gate::new(identity_pool.clone(), &secret, admin_token, organization)),
        links: LinkSecrets::new(&secret),
        command_ids: Arc::new(command_ids),
        ticket_keys,
        vault: Vault::new(query_pool),
        identity_pool,
        clock: Arc::clone(&clock),
        ids: Arc::clone(&ids),
        public_url: public_url.as_str().into(),
        defences,
        sign_in_samples: Arc::default(),
        secure_cookies: public_url.starts_with("https://"),
        ready: is_ready,
        closing: stop.clone(),
    });
    let keeper = database.keep(ready);
    if options.demo {
        demo::fill(&desks, &log, organization, clock.as_ref(), ids.as_ref()).await?;
    }
    let serving = tokio::spawn(listener::serve(listener, api::router_with(app, own_routes), limits, stop.clone()));
    greet(listening, &public_url, demo_account.as_ref(), setup_token.as_deref());
    if let Some(address) = metrics_listening {
        println!("  metrics:           http://{address}{}", metrics::PATH);
    }

    asked_to_stop().await?;
    tracing::info!("stopping: what was accepted is finished first");
    stop.cancel();
    match tokio::time::timeout(GRACE, serving).await {
        Ok(served) => served?,
        Err(_) => tracing::warn!("some connections did not finish in time and were closed"),
    }
    reactions_stop.send_replace(true);
    reacting.await?;
    desks.stop().await;
    recorder_task.stop().await;
    if let Err(error) = projecting.await? {
        tracing::error!(error = &error as &dyn std::error::Error, "the projector stopped with an error");
    }
    if let Some(traces) = traces {
        traces.stop().await;
    }
    keeper.stop().await;
    Ok(())
}

/// What people and scripts wait for.
fn greet(listening: SocketAddr, public_url: &str, demo: Option<&DemoAccount>, setup_token: Option<&str>) {
    println!("listening on http://{listening}");
    println!("  the web app:       {public_url}/");
    println!("  the API's manual:  {public_url}/docs");
    if let Some(demo) = demo {
        println!("  sign in as:        {} with the password {}", identity::DEMO_EMAIL, demo.password());
    }
    if let Some(token) = setup_token {
        println!("  set it up:         {public_url}/setup#{token}");
        println!("                     (this link works once, for a day; a restart prints another)");
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
