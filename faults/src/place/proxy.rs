//! Between the server and PostgreSQL: a TCP proxy that can cut every connection, freeze them all, or lose what the database
//! answers.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;

/// How connections are treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Passed through.
    Pass,
    /// Broken, and new ones refused.
    Cut,
    /// Kept open, and nothing moves.
    Frozen,
    /// What the server says arrives and is done; each answer is thrown away, and its connection broken.
    LoseReplies,
}

/// The proxy; it ends with this value.
pub struct Proxy {
    /// `host:port`.
    pub address: String,
    mode: watch::Sender<Mode>,
    task: tokio::task::JoinHandle<()>,
}

impl Proxy {
    /// Listens on a free port of this machine, for a Unix socket.
    pub async fn start(socket: PathBuf) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let (mode, now) = watch::channel(Mode::Pass);
        let task = tokio::spawn(async move {
            loop {
                match listener.accept().await {
                    Ok((client, _)) => drop(tokio::spawn(serve(client, socket.clone(), now.clone()))),
                    Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            }
        });
        Ok(Self { address, mode, task })
    }

    pub fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(client: TcpStream, socket: PathBuf, mut now: watch::Receiver<Mode>) {
    if *now.borrow_and_update() == Mode::Cut {
        return;
    }
    let Ok(database) = UnixStream::connect(socket).await else { return };
    let _ = client.set_nodelay(true);
    let (from_client, to_client) = client.into_split();
    let (from_database, to_database) = database.into_split();
    // Whichever way ends first ends the other: both sides see a connection that broke.
    tokio::select! {
        _ = pass(from_client, to_database, now.clone(), false) => {}
        _ = pass(from_database, to_client, now.clone(), true) => {}
        _ = now.wait_for(|mode| *mode == Mode::Cut) => {}
    }
}

async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut now: watch::Receiver<Mode>,
    replies: bool,
) -> io::Result<()> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = from.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        let mode = now.wait_for(|mode| *mode != Mode::Frozen).await.map_or(Mode::Cut, |mode| *mode);
        if mode == Mode::Cut || (replies && mode == Mode::LoseReplies) {
            return Ok(());
        }
        to.write_all(&buffer[..count]).await?;
    }
}
