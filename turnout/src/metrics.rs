//! Metrics for Prometheus: put together here, recorded where things happen, described in one table ([`table::TABLE`]).
//!
//! Crates record through the facade `metrics`, whose handles do nothing until [`Metrics::install`] was called, which is only
//! where somebody can read them: with a listener of their own, or with a token for `/metrics` beside the API. What can be
//! asked at any time (lengths of queues, pools, the process, PostgreSQL) is asked when it is read ([`samples`]), not counted.

mod postgres;
mod process;
mod samples;
pub mod table;
mod token;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use samples::Sources;
pub use token::MetricsToken;

use self::table::{Kind, TABLE};
use crate::{
    listener::{self, Limits},
    observe_settings::ObserveOptions,
};

/// Where they are.
pub const PATH: &str = "/metrics";

/// The text format's version, of Prometheus' documentation ("Exposition formats").
const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Histograms keep each value until it is sorted into its bucket: a busy second is some megabytes.
const UPKEEP_EVERY: Duration = Duration::from_secs(1);

/// Metrics as the settings have them.
pub struct Metrics {
    handle: PrometheusHandle,
    listener: Option<TcpListener>,
    token: Option<MetricsToken>,
}

/// A page of metrics, and who may read it.
struct Page {
    handle: PrometheusHandle,
    sources: Arc<Sources>,
    token: Option<MetricsToken>,
}

impl Metrics {
    /// Where they are asked for: binds their listener and has all crates record from now on. Before anything else starts.
    pub async fn install(options: &ObserveOptions) -> anyhow::Result<Option<Self>> {
        let token = options.metrics_token()?;
        if options.metrics_listen.is_none() && token.is_none() {
            return Ok(None);
        }
        let listener = match options.metrics_listen {
            None => None,
            Some(address) => Some(
                TcpListener::bind(address)
                    .await
                    .with_context(|| format!("{address} cannot be listened on for metrics"))?,
            ),
        };
        let mut builder = PrometheusBuilder::new();
        for metric in TABLE {
            if let Kind::Histogram(buckets) = metric.kind {
                builder = builder.set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), buckets)?;
            }
        }
        let handle = builder.install_recorder().context("metrics cannot be recorded")?;
        table::describe();
        Ok(Some(Self { handle, listener, token }))
    }

    /// Where their own listener listens.
    pub fn listening(&self) -> Option<SocketAddr> {
        self.listener.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// Serves them by their own listener until `stop`; answers the route that stands beside the API, for whoever has the
    /// token.
    pub fn serve(self, sources: Sources, stop: &CancellationToken) -> Router {
        let Self { handle, listener, token } = self;
        let sources = Arc::new(sources);
        tokio::spawn(keep_up(handle.clone(), stop.clone()));
        if let Some(listener) = listener {
            let page = Page { handle: handle.clone(), sources: Arc::clone(&sources), token: None };
            tokio::spawn(listener::serve(listener, route(page), Limits::default(), stop.clone()));
        }
        match token {
            None => Router::new(),
            Some(token) => route(Page { handle, sources, token: Some(token) }),
        }
    }
}

fn route(page: Page) -> Router {
    Router::new().route(PATH, get(read)).with_state(Arc::new(page))
}

async fn read(State(page): State<Arc<Page>>, headers: HeaderMap) -> Response {
    if page.token.as_ref().is_some_and(|token| !token.is_shown_in(&headers)) {
        let detail = "The metrics need the header Authorization: Bearer and TURNOUT_METRICS_TOKEN.";
        return api::Problem::unauthenticated(detail).into_response();
    }
    let mut text = page.handle.render();
    text.push_str(&page.sources.read().await);
    (StatusCode::OK, [(header::CONTENT_TYPE, CONTENT_TYPE), (header::CACHE_CONTROL, "no-store")], text).into_response()
}

async fn keep_up(handle: PrometheusHandle, stop: CancellationToken) {
    let mut every = tokio::time::interval(UPKEEP_EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = every.tick() => handle.run_upkeep(),
        }
    }
}
