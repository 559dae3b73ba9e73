//! Ten thousand listeners of one show on one server: from the sending of a sale until each of them has heard of it, and what each
//! takes of the server's memory. All are in this program's one thread, so its time to read ten thousand messages is in the figures.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use memchr::memmem;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::http::{Connection, Credentials};
use crate::latencies::Latencies;
use crate::load::number;
use crate::measured::Measured;
use crate::report::{Report, Row, milliseconds};
use crate::server::Server;
use crate::show::{Show, sellers};

/// On one show and server.
const LISTENERS: usize = 10_000;

/// Sales that are listened for, one after the other.
const SALES: usize = 20;

/// Longer than any change takes.
const HEARD_MAX: Duration = Duration::from_secs(20);

/// How they listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Events,
    Socket,
}

/// What listeners and the bench tell each other.
struct Shared {
    heard: AtomicUsize,
    /// From sending to hearing, of every listener and sale.
    noted: Mutex<Vec<Duration>>,
    sent: watch::Sender<Instant>,
}

/// Measures it.
pub async fn measure(binary: &Path, folder: Option<&Path>, report: &mut Report) -> Result<()> {
    for form in [Form::Events, Form::Socket] {
        let server = Server::start_with(binary, folder, &[("TURNOUT_CONNECTIONS_OF_ONE_ADDRESS", "20000")])?;
        let show = Show::standing(&server.address, 1_000_000).await?;
        let seller = sellers(&server.address, 1).await?.remove(0);
        show.sell_some(&seller, 10).await?;
        show.settle().await?;
        let (alone, _, _) = listen(&server, &show, &seller, form, 1).await?;
        let before = resident(&server)?;
        let (measured, slowest, memory) = listen(&server, &show, &seller, form, LISTENERS).await?;
        let each = memory.saturating_sub(before) * 1_024 / LISTENERS as u64;
        let name = match form {
            Form::Events => "a sale heard by 10,000 listeners, server-sent events",
            Form::Socket => "a sale heard by 10,000 listeners, WebSocket",
        };
        let row = Row::of_window(name, LISTENERS, &measured).aim("p99 under 250 ms");
        let slowest = slowest.as_secs_f64() * 1_000.0;
        let (p50, p99) = (milliseconds(alone.percentile(50)), milliseconds(alone.percentile(99)));
        let row = row.note(format!("one listener alone: {p50} and {p99}"));
        report.add(row.note(format!("the last of a sale after {slowest:.0} ms at most; {each} bytes a listener")));
        server.stop()?;
    }
    Ok(())
}

async fn listen(
    server: &Server,
    show: &Show,
    seller: &Credentials,
    form: Form,
    listeners: usize,
) -> Result<(Measured, Duration, u64)> {
    let shared = Arc::new(Shared {
        heard: AtomicUsize::new(0),
        noted: Mutex::default(),
        sent: watch::Sender::new(Instant::now()),
    });
    let mut tasks = Vec::with_capacity(listeners);
    for _ in 0..listeners {
        let mut stream = TcpStream::connect(&server.address).await?;
        let (path, more) = match form {
            Form::Events => ("live", ""),
            Form::Socket => (
                "socket",
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
            ),
        };
        let (id, host) = (&show.id, &server.address);
        let request = format!("GET /api/v1/shows/{id}/{path} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut start = [0; 12];
        stream.read_exact(&mut start).await?;
        ensure!(&start == b"HTTP/1.1 200" || &start == b"HTTP/1.1 101", "{}", String::from_utf8_lossy(&start));
        tasks.push(tokio::spawn(hear(stream, Arc::clone(&shared))));
    }
    let memory = resident(server)?;
    let mut connection = Connection::open(&server.address, seller).await?;
    let began = Instant::now();
    let before = server.processes()?.used();
    for _ in 0..SALES {
        shared.heard.store(0, Ordering::SeqCst);
        let sent = Instant::now();
        shared.sent.send_replace(sent);
        let mut sale = show.sale(&connection);
        let answer = connection.exchange(sale.numbered(number())).await?;
        ensure!(answer.status == 201, "a sale: {}", answer.status);
        while shared.heard.load(Ordering::SeqCst) < listeners {
            if sent.elapsed() > HEARD_MAX {
                bail!("{} of {listeners} heard of it", shared.heard.load(Ordering::SeqCst));
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // The next tick is another one.
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    let used = server.processes()?.used() - before;
    let elapsed = began.elapsed();
    let (mut latencies, mut slowest) = (Latencies::default(), Duration::ZERO);
    for task in tasks {
        task.abort();
        if let Ok(done) = task.await {
            done?;
        }
    }
    let noted = std::mem::take(&mut *lock(&shared.noted));
    for took in noted {
        latencies.note(took);
        slowest = slowest.max(took);
    }
    Ok((Measured::new(elapsed, latencies).costing(used), slowest, memory))
}

/// Reads messages; the first of each sale counts.
async fn hear(mut stream: TcpStream, shared: Arc<Shared>) -> Result<()> {
    let mut sent = shared.sent.subscribe();
    sent.mark_unchanged();
    let mut buffer = vec![0; 2_048];
    loop {
        let read = stream.read(&mut buffer).await?;
        ensure!(read > 0, "the server closed a listener's connection");
        let is_change = memmem::find(&buffer[..read], br#""availability":{"#).is_some();
        if is_change && sent.has_changed()? {
            let began = *sent.borrow_and_update();
            lock(&shared.noted).push(began.elapsed());
            shared.heard.fetch_add(1, Ordering::SeqCst);
        }
    }
}

fn lock(noted: &Mutex<Vec<Duration>>) -> MutexGuard<'_, Vec<Duration>> {
    noted.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the server has resident now, in KiB.
fn resident(server: &Server) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id()))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse()?)
}
