//! The measured binary as a process, with a data directory of its own.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use tempfile::TempDir;

use crate::http::ADMIN_TOKEN;

/// Who signs in, in every run.
pub const OWNER_EMAIL: &str = "owner@bench.example";
/// With what.
pub const OWNER_PASSWORD: &str = "four windows of the same load";

const START_SECONDS_MAX: u64 = 60;

/// The embedded PostgreSQL's superuser.
const SUPERUSER: &str = "turnout_owner";

/// The running server; it ends with this value.
#[derive(Debug)]
pub struct Server {
    folder: TempDir,
    child: Child,
    /// `host:port`.
    pub address: String,
}

impl Server {
    /// Starts the binary on a free port with an empty database.
    pub fn start(binary: &Path, parent: Option<&Path>) -> Result<Self> {
        let mut builder = tempfile::Builder::new();
        // The embedded server runs as another user where this one is root.
        builder.prefix("turnout-bench-").permissions(Permissions::from_mode(0o755));
        let folder = match parent {
            Some(parent) => builder.tempdir_in(parent)?,
            None => builder.tempdir()?,
        };
        let output = folder.path().join("stdout.log");
        let log = folder.path().join("stderr.log");
        let child = Command::new(binary)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.path().join("data"))
            .env("TURNOUT_ADMIN_TOKEN", ADMIN_TOKEN)
            .env("TURNOUT_OWNER_EMAIL", OWNER_EMAIL)
            .env("TURNOUT_OWNER_PASSWORD", OWNER_PASSWORD)
            .env_remove("DATABASE_URL")
            .stdin(Stdio::null())
            .stdout(File::create(&output)?)
            .stderr(File::create(&log)?)
            .spawn()
            .with_context(|| format!("starting {}", binary.display()))?;
        let mut server = Self { folder, child, address: String::new() };
        let started = Instant::now();
        loop {
            let text = fs::read_to_string(&output)?;
            let listening = text
                .split_inclusive('\n')
                .filter(|line| line.ends_with('\n'))
                .find_map(|line| line.trim().strip_prefix("listening on http://"));
            if let Some(address) = listening {
                server.address = address.to_owned();
                return Ok(server);
            }
            if server.child.try_wait()?.is_some() || started.elapsed() > Duration::from_secs(START_SECONDS_MAX) {
                bail!("the server did not start:\n{}", fs::read_to_string(&log)?);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A connection to a database of its PostgreSQL, as the superuser.
    pub async fn connect(&self, database: &str) -> Result<PgConnection> {
        let (socket, port) = self.socket()?;
        let options = PgConnectOptions::new_without_pgpass().socket(socket).port(port);
        Ok(options.username(SUPERUSER).database(database).connect().await?)
    }

    /// The Unix socket's folder and the port of its PostgreSQL, from lines 5 and 4 of `postmaster.pid`.
    fn socket(&self) -> Result<(PathBuf, u16)> {
        let text = fs::read_to_string(self.folder.path().join("data/postgres/postmaster.pid"))?;
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let (Some(port), Some(socket)) = (lines.get(3), lines.get(4)) else { bail!("an odd postmaster.pid: {text}") };
        Ok((PathBuf::from(socket), port.parse()?))
    }

    /// Stops it in good order.
    pub fn stop(mut self) -> Result<()> {
        self.terminate()
    }

    fn terminate(&mut self) -> Result<()> {
        if self.child.try_wait()?.is_none() {
            Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
            self.child.wait()?;
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.terminate();
    }
}
