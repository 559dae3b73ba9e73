//! The server's process: started on a port that stays, killed, terminated, started again.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, Command};

use crate::ADMIN_TOKEN;

/// A debug binary, on two busy cores, after a crash.
const START_WITHIN: Duration = Duration::from_secs(60);
/// What is accepted is finished within 10 s; then its PostgreSQL stops.
const STOP_WITHIN: Duration = Duration::from_secs(40);
/// The same at every start, so that keys and secrets go on.
const SECRET_KEY: &str = "the fault harness's secret key, 0123456789";

/// The server.
pub struct Server {
    binary: PathBuf,
    folder: PathBuf,
    data: PathBuf,
    database_url: Option<String>,
    child: Option<Child>,
    starts: u32,
    /// `host:port`, the same through all starts.
    pub address: String,
}

/// The program, without settings of the harness's own environment.
pub fn program(binary: &Path) -> Command {
    let mut command = Command::new(binary);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("TURNOUT_") || text.starts_with("DATABASE_URL") || text.starts_with("RUST_") {
            command.env_remove(name);
        }
    }
    command.env("TURNOUT_SECRET_KEY", SECRET_KEY).stdin(Stdio::null());
    command
}

impl Server {
    pub async fn start(binary: &Path, folder: &Path, data: &Path, database_url: Option<String>) -> Result<Self> {
        let mut server = Self {
            binary: binary.to_owned(),
            folder: folder.to_owned(),
            data: data.to_owned(),
            database_url,
            child: None,
            starts: 0,
            address: "127.0.0.1:0".to_owned(),
        };
        server.start_again().await?;
        Ok(server)
    }

    /// What it logs, in all its starts.
    pub fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    /// Starts it, and returns when it listens. A start that fails because its database is not there yet is tried again, as
    /// whatever keeps a service running would.
    pub async fn start_again(&mut self) -> Result<()> {
        let since = Instant::now();
        loop {
            match self.try_start(since).await {
                Ok(()) => return Ok(()),
                Err(error) if since.elapsed() > START_WITHIN => return Err(error),
                Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        }
    }

    /// Starts it, and kills it while it is starting.
    pub async fn start_in_vain(&mut self, after: Duration) -> Result<()> {
        let mut child = self.spawn(Stdio::null())?;
        tokio::time::sleep(after).await;
        child.kill().await?;
        Ok(())
    }

    /// Whether it was started and not ended since.
    pub fn is_started(&self) -> bool {
        self.child.is_some()
    }

    fn spawn(&self, output: impl Into<Stdio>) -> Result<Child> {
        let mut command = program(&self.binary);
        // Its own PostgreSQL is in `postgres` of that folder, where the other place has its one, too.
        command.args(["serve", "--listen", &self.address, "--data"]).arg(&self.data);
        if let Some(url) = &self.database_url {
            command.env("DATABASE_URL", url);
        }
        let log = OpenOptions::new().create(true).append(true).open(self.log())?;
        command.env("TURNOUT_ADMIN_TOKEN", ADMIN_TOKEN).stdout(output).stderr(log);
        // The harness's Ctrl-C is not the server's.
        command.process_group(0).kill_on_drop(true);
        command.spawn().with_context(|| format!("starting {}", self.binary.display()))
    }

    async fn try_start(&mut self, since: Instant) -> Result<()> {
        self.starts += 1;
        let output = self.folder.join(format!("stdout-{}.log", self.starts));
        let mut child = self.spawn(File::create(&output)?)?;
        loop {
            let text = fs::read_to_string(&output)?;
            let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
            if let Some(address) = whole.map(str::trim).find_map(|line| line.strip_prefix("listening on http://")) {
                self.address = address.to_owned();
                self.child = Some(child);
                fs::remove_file(&output)?;
                return Ok(());
            }
            if let Some(status) = child.try_wait()? {
                bail!("the server ended at its start, {status}; see {}", self.log().display());
            }
            ensure!(since.elapsed() < START_WITHIN, "the server does not listen; see {}", self.log().display());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn child(&mut self) -> Result<Child> {
        self.child.take().context("the server does not run")
    }

    /// `kill -9`.
    pub async fn kill(&mut self) -> Result<()> {
        let mut child = self.child()?;
        child.start_kill()?;
        child.wait().await?;
        Ok(())
    }

    /// SIGTERM, and how it ended.
    pub async fn terminate(&mut self) -> Result<ExitStatus> {
        let mut child = self.child()?;
        let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).context("the server ended by itself")?;
        kill(Pid::from_raw(pid), Signal::SIGTERM)?;
        tokio::time::timeout(STOP_WITHIN, child.wait()).await.context("the server does not stop")?.context("its end")
    }

    /// Whether it ended without having been asked to.
    pub fn ended_by_itself(&mut self) -> Result<Option<ExitStatus>> {
        match &mut self.child {
            Some(child) => Ok(child.try_wait()?),
            None => Ok(None),
        }
    }
}
