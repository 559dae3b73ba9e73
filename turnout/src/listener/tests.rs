//! Over real connections, with a router of three lines and a little patience.

use std::{future::pending, net::Ipv4Addr};

use axum::routing::{get, post};
use bytes_of::*;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    task::JoinHandle,
};

use super::*;

const LITTLE: Patience = Patience {
    headers: Duration::from_millis(600),
    idle: Duration::from_millis(1_200),
    reading: Duration::from_millis(900),
};

/// Longer than any of these tests takes where nothing is wrong.
const LONG: Duration = Duration::from_secs(20);

/// Small pieces of the router's answers.
mod bytes_of {
    use axum::body::Body;
    use futures::StreamExt;

    /// Many megabytes, more than any kernel holds for a reader.
    pub(super) async fn flood() -> Body {
        let piece = axum::body::Bytes::from(vec![7_u8; 1 << 20]);
        Body::from_stream(futures::stream::repeat(piece).take(64).map(Ok::<_, std::convert::Infallible>))
    }

    /// Something now and then, and for ever.
    pub(super) async fn drip() -> Body {
        let drops = futures::stream::unfold((), async |()| {
            tokio::time::sleep(std::time::Duration::from_millis(150)).await;
            Some((Ok::<_, std::convert::Infallible>("drop\n"), ()))
        });
        Body::from_stream(drops)
    }
}

struct Server {
    address: SocketAddr,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl Server {
    async fn start(most: Most) -> Self {
        let router = Router::new()
            .route("/", get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.ip().to_string()))
            .route("/flood", get(flood))
            .route("/drip", get(drip))
            .route("/never", get(async || pending::<()>().await))
            .route("/soon", get(async || tokio::time::sleep(Duration::from_millis(300)).await))
            .route("/length", post(async |body: String| body.len().to_string()));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let limits = Limits { patience: LITTLE, connections: most, proxies: TrustedProxies::default() };
        let serving = tokio::spawn(serve(listener, router, limits, stop.clone()));
        Self { address, stop, serving }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn stopped(self) {
        self.stop.cancel();
        tokio::time::timeout(LONG, self.serving).await.unwrap().unwrap();
    }
}

/// All that comes until the server closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset is an end as well.
    let _ = tokio::time::timeout(LONG, stream.read_to_end(&mut bytes)).await.expect("the server closes");
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn heard(stream: &mut TcpStream, text: &str) {
    let mut bytes = Vec::new();
    let reading = async {
        while !String::from_utf8_lossy(&bytes).contains(text) {
            assert!(stream.read_buf(&mut bytes).await.unwrap() > 0, "closed before {text:?}");
        }
    };
    tokio::time::timeout(LONG, reading).await.unwrap();
}

#[tokio::test]
async fn requests_are_served_one_after_the_other_on_one_connection() {
    let server = Server::start(Most::default()).await;
    let mut stream = server.connect().await;
    for _ in 0..3 {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: t\r\n\r\n").await.unwrap();
        heard(&mut stream, "127.0.0.1").await;
    }
    stream.write_all(b"POST /length HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc").await.unwrap();
    heard(&mut stream, "\r\n\r\n3").await;
    server.stopped().await;
}

#[tokio::test]
async fn headers_that_drip_are_not_waited_for() {
    let server = Server::start(Most::default()).await;
    let mut silent = server.connect().await;
    let mut dripping = server.connect().await;
    let (mut reader, mut writer) = dripping.split();
    let drip = async {
        let _ = writer.write_all(b"GET / HTTP/1.1\r\n").await;
        while writer.write_all(b"X-A: b\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let closed = async {
        let mut bytes = Vec::new();
        let _ = reader.read_to_end(&mut bytes).await;
        assert!(bytes.is_empty());
    };
    tokio::time::timeout(LONG, async {
        tokio::select! { () = drip => {}, () = closed => {} }
    })
    .await
    .unwrap();
    assert_eq!(rest(&mut silent).await, "");
    server.stopped().await;
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_its_time_and_not_before() {
    let server = Server::start(Most::default()).await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: t\r\n\r\n").await.unwrap();
    heard(&mut stream, "127.0.0.1").await;
    // Longer than headers may take: between requests there is more time.
    tokio::time::sleep(Duration::from_millis(750)).await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: t\r\n\r\n").await.unwrap();
    heard(&mut stream, "127.0.0.1").await;
    assert_eq!(rest(&mut stream).await, "");
    server.stopped().await;
}

#[tokio::test]
async fn a_client_that_does_not_read_its_answer_is_left() {
    let server = Server::start(Most::default()).await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET /flood HTTP/1.1\r\nHost: t\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let text = rest(&mut stream).await;
    assert!(text.len() < 64 << 20, "all of it came: {}", text.len());
    server.stopped().await;
}

#[tokio::test]
async fn streams_and_long_polls_last_longer_than_any_patience() {
    let server = Server::start(Most::default()).await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET /drip HTTP/1.1\r\nHost: t\r\n\r\n").await.unwrap();
    for _ in 0..16 {
        heard(&mut stream, "drop").await;
    }
    let mut waiting = server.connect().await;
    waiting.write_all(b"GET /never HTTP/1.1\r\nHost: t\r\n\r\n").await.unwrap();
    let early = tokio::time::timeout(Duration::from_millis(2_700), waiting.read_u8()).await;
    assert!(early.is_err(), "a request that is being answered is left alone");
    drop((stream, waiting));
    server.stopped().await;
}

#[tokio::test]
async fn past_the_bound_new_connections_are_closed_and_places_come_back() {
    let server = Server::start(Most { in_all: 10, of_one_address: 2 }).await;
    let mut open = Vec::new();
    for _ in 0..2 {
        let mut stream = server.connect().await;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: t\r\n\r\n").await.unwrap();
        heard(&mut stream, "127.0.0.1").await;
        open.push(stream);
    }
    assert_eq!(rest(&mut server.connect().await).await, "");
    drop(open);
    let served = async {
        loop {
            let mut stream = server.connect().await;
            let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n").await;
            if rest(&mut stream).await.contains("200 OK") {
                break;
            }
        }
    };
    tokio::time::timeout(LONG, served).await.unwrap();
    server.stopped().await;
}

#[tokio::test]
async fn headers_beyond_their_limit_are_431() {
    let server = Server::start(Most::default()).await;
    let mut stream = server.connect().await;
    let request = format!("GET / HTTP/1.1\r\nHost: t\r\nX-Long: {}\r\n\r\n", "a".repeat(HEADER_BYTES_MAX));
    stream.write_all(request.as_bytes()).await.unwrap();
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 431"));
    let mut stream = server.connect().await;
    let many: String = (0..=HEADERS_MAX).map(|number| format!("X-{number}: a\r\n")).collect();
    stream.write_all(format!("GET / HTTP/1.1\r\n{many}\r\n").as_bytes()).await.unwrap();
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 431"));
    server.stopped().await;
}

#[tokio::test]
async fn what_was_accepted_is_finished_before_the_stop() {
    let server = Server::start(Most::default()).await;
    let mut busy = server.connect().await;
    let mut idle = server.connect().await;
    idle.write_all(b"GET / HTTP/1.1\r\nHost: t\r\n\r\n").await.unwrap();
    heard(&mut idle, "127.0.0.1").await;
    busy.write_all(b"GET /soon HTTP/1.1\r\nHost: t\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    server.stop.cancel();
    assert!(rest(&mut busy).await.starts_with("HTTP/1.1 200"));
    assert_eq!(rest(&mut idle).await, "");
    server.stopped().await;
}
