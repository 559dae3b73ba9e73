//! Settings of what whoever runs the server sees of it: metrics and traces. Both are off by default.

use std::net::SocketAddr;

use anyhow::{Context as _, bail};
use axum::http::Uri;
use clap::Args;

use crate::{metrics::MetricsToken, secret_settings::secret_setting};

/// How the server lets itself be watched.
#[derive(Args, Clone)]
pub struct ObserveOptions {
    /// Where to listen for whoever collects metrics (Prometheus), at /metrics, without credentials: an address that only they
    /// reach. With TURNOUT_METRICS_TOKEN the metrics are beside the API, too, for whoever has that token.
    #[arg(long, env = "TURNOUT_METRICS_LISTEN", value_name = "ADDRESS")]
    pub metrics_listen: Option<SocketAddr>,
    /// Where to send traces of single commands, as OTLP over HTTP: a collector's address, such as http://127.0.0.1:4318.
    #[arg(long, env = "TURNOUT_OTLP_ENDPOINT", value_name = "URL")]
    otlp_endpoint: Option<String>,
    /// Which part of all requests is traced, from 0 to 1; besides those whose callers trace them.
    #[arg(long, env = "TURNOUT_TRACE_SAMPLE", default_value_t = 0.001, value_name = "PART")]
    trace_sample: f64,
}

impl ObserveOptions {
    /// The token for the metrics beside the API.
    pub fn metrics_token(&self) -> anyhow::Result<Option<MetricsToken>> {
        let text = secret_setting("TURNOUT_METRICS_TOKEN")?;
        text.map(|text| MetricsToken::parse(&text).context("TURNOUT_METRICS_TOKEN cannot be used")).transpose()
    }

    /// Where traces go, and which part of all requests.
    pub fn traces(&self) -> anyhow::Result<Option<(Uri, f64)>> {
        let Some(text) = self.otlp_endpoint.as_deref().filter(|text| !text.is_empty()) else { return Ok(None) };
        let endpoint: Uri = text.parse().with_context(|| format!("TURNOUT_OTLP_ENDPOINT is {text:?}"))?;
        if endpoint.scheme_str() != Some("http") || endpoint.host().is_none() {
            bail!(
                "TURNOUT_OTLP_ENDPOINT is {text:?}; write it as http://127.0.0.1:4318 (a collector further away is reached \
                 through one on this machine, which also speaks https)"
            );
        }
        if !(0.0..=1.0).contains(&self.trace_sample) {
            bail!("TURNOUT_TRACE_SAMPLE is {}; it is a part of all requests, from 0 to 1", self.trace_sample);
        }
        Ok(Some((endpoint, self.trace_sample)))
    }
}
