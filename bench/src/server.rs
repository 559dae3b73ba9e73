//! The measured binary as a process, with a data directory of its own.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _};
use tempfile::TempDir;

use crate::cpu::Processes;
use crate::http::ADMIN_TOKEN;

/// Who signs in, in every run.
pub const OWNER_EMAIL: &str = "owner@bench.example";
/// With what.
pub const OWNER_PASSWORD: &str = "four windows of the same load";

/// Where its output goes, in its folder.
const OUTPUT: &str = "stdout.log";
const LOG: &str = "stderr.log";

const START_SECONDS_MAX: u64 = 60;

/// Below the embedded server's `max_wal_size`, so that one checkpoint is made of it.
const RUN_IN_MEBIBYTES: u32 = 1_400;

/// The embedded PostgreSQL's superuser.
pub const SUPERUSER: &str = "turnout_owner";

/// The running server; it ends with this value.
#[derive(Debug)]
pub struct Server {
    binary: PathBuf,
    folder: TempDir,
    child: Child,
    /// `host:port`.
    pub address: String,
}

/// Where its PostgreSQL is.
#[derive(Clone, Debug)]
pub struct Postgres {
    /// The folder of its Unix socket.
    pub socket: PathBuf,
    /// The port in the socket's name.
    pub port: u16,
    /// Its first process.
    pub process: u32,
}

impl Server {
    /// Starts the binary on a free port with an empty database.
    pub fn start(binary: &Path, parent: Option<&Path>) -> Result<Self> {
        Self::start_with(binary, parent, &[])
    }

    /// The same with settings in its environment.
    pub fn start_with(binary: &Path, parent: Option<&Path>, environment: &[(&str, &str)]) -> Result<Self> {
        let mut builder = tempfile::Builder::new();
        // The embedded server runs as another user where this one is root.
        builder.prefix("turnout-bench-").permissions(Permissions::from_mode(0o755));
        let folder = match parent {
            Some(parent) => builder.tempdir_in(parent)?,
            None => builder.tempdir()?,
        };
        let child = spawn(binary, folder.path(), environment)?;
        let mut server = Self { binary: binary.to_owned(), folder, child, address: String::new() };
        server.wait_until_it_listens()?;
        Ok(server)
    }

    /// Starts another one on this one's database, which has to end before this one does.
    pub fn beside(&self, parent: Option<&Path>) -> Result<Self> {
        self.beside_as("all", parent)
    }

    /// The same, to do only a part of the work (`turnout serve --role`).
    pub fn beside_as(&self, role: &str, parent: Option<&Path>) -> Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("turnout-bench-");
        let folder = match parent {
            Some(parent) => builder.tempdir_in(parent)?,
            None => builder.tempdir()?,
        };
        let Postgres { socket, port, .. } = self.postgres()?;
        let url = format!("postgres://turnout@localhost:{port}/turnout?host={}", socket.display());
        let secret = self.folder.path().join("data/secret-key").display().to_string();
        let environment = [("DATABASE_URL", &*url), ("TURNOUT_SECRET_KEY_FILE", &*secret), ("TURNOUT_ROLE", role)];
        let child = spawn(&self.binary, folder.path(), &environment)?;
        let mut server = Self { binary: self.binary.clone(), folder, child, address: String::new() };
        server.wait_until_it_listens()?;
        Ok(server)
    }

    /// The program.
    pub fn binary(&self) -> &Path {
        &self.binary
    }

    /// Its data directory.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Stops it in good order and starts it again on the same data.
    pub fn restart(&mut self) -> Result<()> {
        self.terminate()?;
        self.child = spawn(&self.binary, self.folder.path(), &[])?;
        self.wait_until_it_listens()
    }

    fn wait_until_it_listens(&mut self) -> Result<()> {
        let started = Instant::now();
        loop {
            let text = fs::read_to_string(self.folder.path().join(OUTPUT))?;
            let listening = text
                .split_inclusive('\n')
                .filter(|line| line.ends_with('\n'))
                .find_map(|line| line.trim().strip_prefix("listening on http://"));
            if let Some(address) = listening {
                address.clone_into(&mut self.address);
                return Ok(());
            }
            if self.child.try_wait()?.is_some() || started.elapsed() > Duration::from_secs(START_SECONDS_MAX) {
                bail!("the server did not start:\n{}", fs::read_to_string(self.folder.path().join(LOG))?);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Stops its work where it is, but not that of its PostgreSQL.
    pub fn freeze(&self) -> Result<()> {
        self.signal("-STOP")
    }

    /// Lets it go on.
    pub fn thaw(&self) -> Result<()> {
        self.signal("-CONT")
    }

    fn signal(&self, signal: &str) -> Result<()> {
        let status = Command::new("kill").args([signal, &self.child.id().to_string()]).status()?;
        ensure!(status.success(), "kill {signal} failed");
        Ok(())
    }

    /// Forgets the most memory that it has had.
    pub fn forget_peak(&self) -> Result<()> {
        // proc(5): 5 resets the peak of the resident set.
        Ok(fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5")?)
    }

    /// The most memory that it has had resident, in MiB; its PostgreSQL's is not in it.
    pub fn peak_mebibytes(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
        let kibibytes: u64 = peak.trim().trim_end_matches(" kB").parse()?;
        Ok(kibibytes / 1_024)
    }

    /// Whose processor time counts.
    pub fn processes(&self) -> Result<Processes> {
        Ok(Processes { server: self.child.id(), postgres: self.postgres()?.process })
    }

    /// A connection to a database of its PostgreSQL, as the superuser.
    pub async fn connect(&self, database: &str) -> Result<PgConnection> {
        let Postgres { socket, port, .. } = self.postgres()?;
        let options = PgConnectOptions::new_without_pgpass().socket(socket).port(port);
        Ok(options.username(SUPERUSER).database(database).connect().await?)
    }

    /// Has its PostgreSQL write so much that windows write into files of the write-ahead log that are there already, as on a
    /// server that has run for a while. A new one fills each file with zeros first, and everybody waits for that.
    pub async fn run_in(&self) -> Result<()> {
        let mut connection = self.connect("postgres").await?;
        let written = format!(
            "SELECT count(pg_logical_emit_message(false, 'bench', repeat(' ', 1048576))) FROM generate_series(1, {RUN_IN_MEBIBYTES})"
        );
        connection.execute(AssertSqlSafe(written)).await?;
        connection.execute("CHECKPOINT").await?;
        Ok(())
    }

    /// Where its PostgreSQL is, from lines 5, 4 and 1 of `postmaster.pid`.
    pub fn postgres(&self) -> Result<Postgres> {
        let text = fs::read_to_string(self.folder.path().join("data/postgres/postmaster.pid"))?;
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let [process, _, _, port, socket, ..] = lines[..] else { bail!("an odd postmaster.pid: {text}") };
        Ok(Postgres { socket: PathBuf::from(socket), port: port.parse()?, process: process.parse()? })
    }

    /// Stops it in good order.
    pub fn stop(mut self) -> Result<()> {
        self.terminate()
    }

    fn terminate(&mut self) -> Result<()> {
        if self.child.try_wait()?.is_none() {
            self.signal("-TERM")?;
            self.child.wait()?;
        }
        Ok(())
    }
}

fn spawn(binary: &Path, folder: &Path, environment: &[(&str, &str)]) -> Result<Child> {
    Command::new(binary)
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder.join("data"))
        .env("TURNOUT_ADMIN_TOKEN", ADMIN_TOKEN)
        .env("TURNOUT_OWNER_EMAIL", OWNER_EMAIL)
        .env("TURNOUT_OWNER_PASSWORD", OWNER_PASSWORD)
        .env_remove("DATABASE_URL")
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(File::create(folder.join(OUTPUT))?)
        .stderr(File::create(folder.join(LOG))?)
        .spawn()
        .with_context(|| format!("starting {}", binary.display()))
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.terminate();
    }
}
