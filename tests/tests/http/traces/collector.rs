//! A collector of traces, as OTLP over HTTP has it: takes `POST /v1/traces`, decodes the protobuf, keeps the spans.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use tokio::net::TcpListener;

/// A collector that runs as long as its test.
#[derive(Clone)]
pub struct Collector {
    /// What a server is told as its address.
    pub url: String,
    spans: Arc<Mutex<Vec<Seen>>>,
}

/// A span as it came.
#[derive(Clone, Debug)]
pub struct Seen {
    pub trace: String,
    pub span: String,
    pub parent: String,
    pub name: String,
    /// The traces that it is linked with.
    pub links: Vec<String>,
    pub attributes: Vec<(String, String)>,
    /// From and to, in nanoseconds since 1970.
    pub time: (u64, u64),
}

impl Collector {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let spans = Arc::default();
        let router = Router::new().route("/v1/traces", post(take)).with_state(Arc::clone(&spans));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, spans }
    }

    /// Everything that has come.
    pub fn spans(&self) -> Vec<Seen> {
        self.spans.lock().expect("no panic").clone()
    }

    /// What has come of one trace.
    pub fn of_trace(&self, trace: &str) -> Vec<Seen> {
        self.spans().into_iter().filter(|span| span.trace == trace).collect()
    }
}

impl Seen {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find_map(|(known, value)| (known == name).then_some(value.as_str()))
    }
}

async fn take(State(spans): State<Arc<Mutex<Vec<Seen>>>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let kind = headers.get("content-type").and_then(|value| value.to_str().ok());
    let Ok(request) = ExportTraceServiceRequest::decode(body) else { return StatusCode::BAD_REQUEST };
    if kind != Some("application/x-protobuf") {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE;
    }
    let came = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
    let came = came.flat_map(|scope| scope.spans).map(seen);
    spans.lock().expect("no panic").extend(came);
    StatusCode::OK
}

fn seen(span: Span) -> Seen {
    let attributes = span.attributes.into_iter().map(|attribute| {
        let value = match attribute.value.and_then(|value| value.value) {
            Some(Value::StringValue(text)) => text,
            Some(Value::IntValue(number)) => number.to_string(),
            other => format!("{other:?}"),
        };
        (attribute.key, value)
    });
    Seen {
        trace: hexadecimal(&span.trace_id),
        span: hexadecimal(&span.span_id),
        parent: hexadecimal(&span.parent_span_id),
        name: span.name,
        links: span.links.iter().map(|link| hexadecimal(&link.trace_id)).collect(),
        attributes: attributes.collect(),
        time: (span.start_time_unix_nano, span.end_time_unix_nano),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
