//! A Unix socket before PostgreSQL's that can lose what passes: the client sees its connection break, the server sees nothing.

use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loss {
    /// Passes everything.
    None,
    /// Ends the client's connection now.
    Now,
    /// Ends the client's connection in place of the next thing that the server says.
    NextReply,
}

pub(crate) struct Proxy {
    pub(crate) url: String,
    loss: watch::Sender<Loss>,
    _directory: TempDir,
}

impl Proxy {
    /// Stands before the server of this URL (as `embedded_postgres` makes it).
    pub(crate) fn before(url: &str) -> anyhow::Result<Self> {
        let (start, socket) = url.rsplit_once("?host=").ok_or_else(|| anyhow::anyhow!("no socket in {url}"))?;
        let server = format!("{}/.s.PGSQL.5432", socket.replace("%2F", "/"));
        let directory = tempfile::tempdir()?;
        let listener = UnixListener::bind(directory.path().join(".s.PGSQL.5432"))?;
        let url = format!("{start}?host={}", directory.path().display().to_string().replace('/', "%2F"));
        let (loss, _) = watch::channel(Loss::None);
        let passing = loss.clone();
        // The server's ends of lost connections stay open, as over a network that broke silently.
        let kept = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = UnixStream::connect(&server).await else { continue };
                let (loss, kept) = (passing.subscribe(), Arc::clone(&kept));
                tokio::spawn(async move {
                    let server = pass(client, server, loss).await;
                    kept.lock().expect("nobody panics with it").push(server);
                });
            }
        });
        Ok(Self { url, loss, _directory: directory })
    }

    pub(crate) fn lose(&self, loss: Loss) {
        self.loss.send_replace(loss);
    }
}

async fn pass(mut client: UnixStream, mut server: UnixStream, mut loss: watch::Receiver<Loss>) -> UnixStream {
    // What was asked for before this connection is not meant for it.
    loss.mark_unchanged();
    let mut losing = Loss::None;
    let (mut from_client, mut from_server) = (vec![0; 65536], vec![0; 65536]);
    loop {
        tokio::select! {
            biased;
            changed = loss.changed() => {
                losing = *loss.borrow_and_update();
                if changed.is_err() || losing == Loss::Now {
                    return server;
                }
            }
            read = client.read(&mut from_client) => match read {
                Ok(bytes) if bytes > 0 && server.write_all(&from_client[..bytes]).await.is_ok() => {}
                _ => return server,
            },
            read = server.read(&mut from_server) => match read {
                Ok(bytes) if bytes > 0 && losing == Loss::None && client.write_all(&from_server[..bytes]).await.is_ok() => {}
                _ => return server,
            },
        }
    }
}
