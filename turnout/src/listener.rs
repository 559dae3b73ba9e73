//! Accepts connections and serves them, and lets nobody hold the server by being slow: what a connection may wait for has an
//! end ([`Patience`]), and there are only so many of them, in all and from one address ([`Places`]).
//!
//! HTTP/1.1 alone: HTTP/2 without TLS is spoken by no browser, and would bring many requests over one connection, with
//! limits of its own to find. Whatever stands in front of the server may speak it. Requests have their own limit of time, in
//! `api`; streams and long polls may last, as long as somebody reads them.

mod activity;
mod places;
mod watched;

use std::{convert::Infallible, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
    response::Response,
};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{
    activity::{Activity, Verdict},
    places::{Place, Places},
    watched::{Watched, WatchedBody},
};
use api::client_address::TrustedProxies;

/// A request's line and headers together, beyond which the answer is 431; tokens and cookies of ours have a few hundred bytes.
const HEADER_BYTES_MAX: usize = 32 * 1024;

/// As many headers as browsers and three proxies send, several times over.
const HEADERS_MAX: usize = 100;

/// What is read ahead of one connection, which bounds its memory.
const BUFFER_BYTES_MAX: usize = 64 * 1024;

/// A peer that is gone without a word, such as a telephone in a tunnel, is found out after this and a few tries more.
const KEEPALIVE_AFTER: Duration = Duration::from_secs(60);
const KEEPALIVE_EVERY: Duration = Duration::from_secs(15);

/// Something is wrong with the machine, such as no file descriptor left: wait for connections to end.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// How long a connection may keep the server waiting.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the whole of a request's headers, from its first byte on (or from connecting, for the first one).
    pub headers: Duration,
    /// For the next request.
    pub idle: Duration,
    /// For a client to take some of its answer.
    pub reading: Duration,
}

impl Default for Patience {
    /// Headers are one or two packets. Proxies keep a connection for a minute or so, and must be the ones to close it, or they
    /// send into one that is closing. A line that moves nothing for half a minute is dead.
    fn default() -> Self {
        Self { headers: Duration::from_secs(10), idle: Duration::from_secs(90), reading: Duration::from_secs(30) }
    }
}

/// What the listener is told.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// How long it waits for clients.
    pub patience: Patience,
    /// Connections in all, and from one address.
    pub connections: places::Most,
    /// Whose connections are those of many: only the bound on all counts for them.
    pub proxies: TrustedProxies,
}

pub use places::Most;

/// Serves until `stop`, then until what was accepted is finished.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: CancellationToken) {
    let places = Places::new(limits.connections, limits.proxies);
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                // Without a place it is closed at once: whoever waits in a queue without end is served by nobody.
                if let Some(place) = places.take(peer.ip()) {
                    let connection = Connection { stream, peer, place, patience: limits.patience, stop: stop.clone() };
                    connections.spawn(connection.serve(router.clone()));
                }
            }
            Err(error) if concerns_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "connections cannot be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

fn concerns_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// A connection that was accepted.
struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    /// Given back when the connection ends, also one that has become a socket.
    place: Place,
    patience: Patience,
    stop: CancellationToken,
}

impl Connection {
    async fn serve(self, router: Router) {
        let Self { stream, peer, place, patience, stop } = self;
        if let Err(error) = prepare(&stream, patience) {
            tracing::debug!(%error, "a connection ended before it began");
            return;
        }
        let activity = Arc::new(Activity::new(patience));
        let service = {
            let activity = Arc::clone(&activity);
            tower_service(router, peer, activity)
        };
        let io = TokioIo::new(Watched::new(stream, Arc::clone(&activity), place));
        let mut builder = http1::Builder::new();
        builder
            // Both times are kept by `activity`: hyper knows one for both, which would be too short for one of them.
            .header_read_timeout(None)
            .max_headers(HEADERS_MAX)
            .max_header_size(HEADER_BYTES_MAX)
            .max_buf_size(BUFFER_BYTES_MAX);
        let mut connection = pin!(builder.serve_connection(io, service).with_upgrades());
        let mut stopping = pin!(stop.cancelled());
        let mut told_to_stop = false;
        loop {
            tokio::select! {
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(%error, "a connection ended with an error");
                    }
                    break;
                }
                () = &mut stopping, if !told_to_stop => {
                    told_to_stop = true;
                    connection.as_mut().graceful_shutdown();
                }
                verdict = activity.judged() => match verdict {
                    // Nothing is under way: the client learns of it by the connection's end, as HTTP has it.
                    Verdict::Idle => connection.as_mut().graceful_shutdown(),
                    Verdict::Slow => {
                        tracing::debug!("a client was too slow");
                        break;
                    }
                },
            }
        }
    }
}

/// Small answers go out at once; a peer that is gone is noticed, also where nothing is waited for.
fn prepare(stream: &TcpStream, patience: Patience) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEPALIVE_AFTER).with_interval(KEEPALIVE_EVERY))?;
    // What the kernel holds for a client that takes nothing of it counts as well, and what it holds when we have gone.
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(patience.reading))?;
    #[cfg(not(target_os = "linux"))]
    let _ = patience;
    Ok(())
}

/// The router, told who asks, with the time of its requests noted.
fn tower_service(
    router: Router,
    peer: SocketAddr,
    activity: Arc<Activity>,
) -> TowerToHyperService<
    impl tower::Service<
        hyper::Request<Incoming>,
        Response = Response<WatchedBody>,
        Error = Infallible,
        Future: Send + 'static,
    > + Clone
    + Send
    + 'static,
> {
    TowerToHyperService::new(tower::service_fn(move |request: hyper::Request<Incoming>| {
        let asked = activity.asked();
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let answering = tower::ServiceExt::oneshot(router.clone(), request);
        async move { answering.await.map(|response| response.map(|body| WatchedBody::new(body, asked))) }
    }))
}

#[cfg(test)]
mod tests;
