//! A place to break: the server as a process, with a PostgreSQL of its own or with one that somebody else runs behind a proxy,
//! on a file system that can be filled.

mod disk;
mod outside;
mod process;
mod proxy;

use std::fmt;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Row as _};

pub use disk::{Disk, NoDisk};
pub use outside::Outside;
pub use process::Server;
pub use proxy::Mode;

/// Whose PostgreSQL the server works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Where {
    /// The server's own, which it starts and keeps.
    Own,
    /// Another's, named by `DATABASE_URL`, behind the harness's proxy.
    Outside,
}

impl fmt::Display for Where {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Self::Own => "own",
            Self::Outside => "outside",
        })
    }
}

/// The superuser of both.
const SUPERUSER: &str = embedded_postgres::OWNER;
/// A PostgreSQL that was killed may take so long until its files and its new process are to be found.
const FIND_WITHIN: Duration = Duration::from_secs(30);

/// A running installation.
pub struct Place {
    pub server: Server,
    pub outside: Option<Outside>,
    /// What is filled; why not, where there is none.
    pub disk: Result<Disk, NoDisk>,
    data: PathBuf,
}

impl Place {
    /// Makes one in a folder of its own and starts it.
    pub async fn start(binary: &Path, folder: &Path, whose: Where) -> Result<Self> {
        fs::create_dir_all(folder)?;
        // Where the harness is root, PostgreSQL runs as somebody else and has to get to its folder.
        fs::set_permissions(folder, Permissions::from_mode(0o755))?;
        let disk = Disk::mount(folder);
        let data = disk.as_ref().map_or_else(|_| folder.join("data"), |disk| disk.path().join("data"));
        fs::create_dir_all(&data)?;
        let outside = match whose {
            Where::Own => None,
            Where::Outside => Some(Outside::start(binary, &data).await?),
        };
        let url = outside.as_ref().map(Outside::url);
        let server = Server::start(binary, folder, &data, url).await?;
        Ok(Self { server, outside, disk, data })
    }

    /// The process id of PostgreSQL's postmaster, which is its process group, too.
    pub async fn postmaster(&self) -> Result<Pid> {
        let since = Instant::now();
        loop {
            let (pid, ..) = pid_file(&self.data).unwrap_or_default();
            if pid > 0 && kill(Pid::from_raw(pid), None).is_ok() {
                return Ok(Pid::from_raw(pid));
            }
            if since.elapsed() > FIND_WITHIN {
                bail!("there is no PostgreSQL");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// A connection as the superuser, past the proxy.
    pub async fn connect(&self) -> Result<PgConnection> {
        let since = Instant::now();
        loop {
            match self.try_connect().await {
                Ok(connection) => return Ok(connection),
                Err(error) if since.elapsed() > FIND_WITHIN => return Err(error),
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    async fn try_connect(&self) -> Result<PgConnection> {
        let (_, socket, port) = pid_file(&self.data).context("no PostgreSQL runs")?;
        let options = PgConnectOptions::new_without_pgpass().socket(socket).port(port);
        Ok(options.username(SUPERUSER).database(embedded_postgres::DATABASE).connect().await?)
    }

    /// Ends one of the backends that serve the server, the recorder's or any: by `kill -9`, or asked to. Looked for again where
    /// it was gone already, as right after another fault.
    pub async fn end_backend(&self, recorder: bool, kill_it: bool) -> Result<()> {
        let since = Instant::now();
        loop {
            match self.try_end_backend(recorder, kill_it).await {
                Ok(true) => return Ok(()),
                Err(error) if since.elapsed() > FIND_WITHIN => return Err(error),
                Ok(false) if since.elapsed() > FIND_WITHIN => bail!("the server has no backend that could be ended"),
                _ => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    async fn try_end_backend(&self, recorder: bool, kill_it: bool) -> Result<bool> {
        let mut connection = self.try_connect().await?;
        let row = sqlx::query(
            "SELECT pid, CASE WHEN NOT $2 THEN pg_terminate_backend(pid) END AS told
               FROM (SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'turnout %'
                      ORDER BY (application_name = 'turnout recorder') = $1 DESC, random() LIMIT 1) AS one",
        )
        .bind(recorder)
        .bind(kill_it)
        .fetch_optional(&mut connection)
        .await?;
        let Some(row) = row else { return Ok(false) };
        match row.try_get("told")? {
            Some(told) => Ok(told),
            None => Ok(kill(Pid::from_raw(row.try_get("pid")?), Signal::SIGKILL).is_ok()),
        }
    }

    /// Stops PostgreSQL in good order (fast shutdown: connections are ended), and returns when it is gone.
    pub async fn stop_postgres(&self) -> Result<()> {
        let (postmaster, since) = (self.postmaster().await?, Instant::now());
        let _ = kill(postmaster, Signal::SIGINT);
        while kill(postmaster, None).is_ok() {
            if since.elapsed() > FIND_WITHIN {
                bail!("PostgreSQL does not stop");
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    /// Stops everything in good order.
    pub async fn stop(mut self) -> Result<()> {
        self.server.terminate().await?;
        if let Some(outside) = &mut self.outside {
            outside.stop().await;
        }
        Ok(())
    }
}

/// Process, socket's folder and port, from lines 1, 5 and 4 of `postmaster.pid`.
fn pid_file(data: &Path) -> Option<(i32, String, u16)> {
    let text = fs::read_to_string(data.join("postgres/postmaster.pid")).ok()?;
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    Some((lines.first()?.parse().ok()?, (*lines.get(4)?).to_owned(), lines.get(3)?.parse().ok()?))
}

/// `kill -9` of a whole PostgreSQL, or of its postmaster alone, whose backends then find out by themselves.
pub fn kill_postgres(postmaster: Pid, whole: bool) -> Result<()> {
    let killed = if whole { killpg(postmaster, Signal::SIGKILL) } else { kill(postmaster, Signal::SIGKILL) };
    match killed {
        // Gone in this moment: by an earlier fault, or told by its parent's death.
        Ok(()) | Err(Errno::ESRCH) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
