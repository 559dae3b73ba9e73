//! Sends spans to a collector: OTLP over HTTP, protobuf. In batches, one after the other, in the background; what does not fit
//! into the queue, or is not taken by the collector, is dropped and counted. Nobody waits for it but a stopping program, and
//! that not for long.

use std::time::Duration;

use anyhow::Context as _;
use async_trait::async_trait;
use axum::{body::Body, http::Uri};
use hyper_util::rt::TokioIo;
use metrics::{Counter, counter};
use opentelemetry::KeyValue;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::{
    Resource,
    trace::{SpanData, SpanExporter as _},
};
use tokio::{net::TcpStream, sync::mpsc, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// Some kilobytes each hundred; at the default sample, minutes of the busiest server.
const QUEUE_SPANS_MAX: usize = 8_192;
/// As the specification of the SDK has it.
const BATCH_SPANS_MAX: usize = 512;
/// How long a span waits for others.
const BATCH_EVERY: Duration = Duration::from_millis(500);
/// One batch, connecting included.
const SEND_WITHIN: Duration = Duration::from_secs(5);
/// A collector's answer says at most what it did not take.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// What the collector's path is when none is named (OTLP specification, "OTLP/HTTP Request").
const TRACES_PATH: &str = "/v1/traces";

/// Where spans are dropped in.
pub(super) struct Queue {
    spans: mpsc::Sender<SpanData>,
    dropped: Counter,
}

/// The task that sends them.
pub struct Exporter {
    task: JoinHandle<()>,
    stop: CancellationToken,
}

impl Queue {
    /// Takes a span, or drops it.
    pub(super) fn push(&self, span: SpanData) {
        if self.spans.try_send(span).is_err() {
            self.dropped.increment(1);
        }
    }
}

impl Exporter {
    /// Sends what is there and ends.
    pub async fn stop(self) {
        self.stop.cancel();
        if tokio::time::timeout(SEND_WITHIN, self.task).await.is_err() {
            tracing::warn!("the collector of traces is too slow; the last ones are lost");
        }
    }
}

/// Starts to send to a collector.
pub(super) fn start(collector: &Uri) -> anyhow::Result<(Queue, Exporter)> {
    let address = match collector.path().trim_end_matches('/') {
        "" => format!("http://{}{TRACES_PATH}", authority(collector)),
        path => format!("http://{}{path}", authority(collector)),
    };
    let mut exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Client)
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(address)
        .with_timeout(SEND_WITHIN)
        .build()
        .context("traces cannot be sent")?;
    let resource = Resource::builder_empty()
        .with_attribute(KeyValue::new("service.name", "turnout"))
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    exporter.set_resource(&resource);
    let (spans, queued) = mpsc::channel(QUEUE_SPANS_MAX);
    let stop = CancellationToken::new();
    let task = tokio::spawn(send(exporter, queued, stop.clone()));
    let outcome = |outcome: &'static str| counter!("turnout_trace_spans_total", "outcome" => outcome);
    Ok((Queue { spans, dropped: outcome("dropped") }, Exporter { task, stop }))
}

fn authority(collector: &Uri) -> &str {
    collector.authority().map_or("", |authority| authority.as_str())
}

async fn send(exporter: SpanExporter, mut queued: mpsc::Receiver<SpanData>, stop: CancellationToken) {
    let outcome = |outcome: &'static str| counter!("turnout_trace_spans_total", "outcome" => outcome);
    let (sent, failed) = (outcome("sent"), outcome("failed"));
    let mut told = false;
    loop {
        let stopping = tokio::select! {
            () = stop.cancelled() => true,
            () = tokio::time::sleep(BATCH_EVERY) => false,
        };
        loop {
            let mut batch = Vec::new();
            while batch.len() < BATCH_SPANS_MAX
                && let Ok(span) = queued.try_recv()
            {
                batch.push(span);
            }
            if batch.is_empty() {
                break;
            }
            let spans = batch.len() as u64;
            let taken = tokio::time::timeout(SEND_WITHIN, exporter.export(batch)).await;
            match taken {
                Ok(Ok(())) => {
                    told = false;
                    sent.increment(spans);
                }
                Ok(Err(_)) | Err(_) => {
                    failed.increment(spans);
                    // Once, until it works again.
                    if !std::mem::replace(&mut told, true) {
                        let error =
                            taken.err().map_or_else(|| "it answers with an error".to_owned(), |e| e.to_string());
                        tracing::warn!(error, "the collector of traces does not take them; they are dropped");
                    }
                }
            }
        }
        if stopping {
            return;
        }
    }
}

/// HTTP/1.1 without TLS, a connection for each batch: one or two a second, to a collector on this machine.
#[derive(Debug)]
struct Client;

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (mut parts, body) = request.into_parts();
        let host = parts.uri.host().ok_or("the collector's address has no host")?.trim_matches(['[', ']']).to_owned();
        let port = parts.uri.port_u16().unwrap_or(80);
        let authority = parts.uri.authority().map(ToString::to_string).unwrap_or_default();
        parts.headers.insert("host", authority.parse()?);
        parts.uri = parts.uri.path().parse()?;
        let stream = TcpStream::connect((host.as_str(), port)).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let answer = sender.send_request(Request::from_parts(parts, Body::from(body))).await?;
        let (parts, body) = answer.into_parts();
        let body = axum::body::to_bytes(Body::new(body), ANSWER_BYTES_MAX).await?;
        drop(sender);
        connection.abort();
        Ok(Response::from_parts(parts, body))
    }
}
