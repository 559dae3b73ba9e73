//! The built binary as a process: started on a free port in a folder of its own, killed, started again.
//!
//! - Beside every server runs a guard, a few lines of shell that wait for the tests' end, then stop the server and remove
//!   its folder: also when a test is killed, and for the [`shared`] server, which no single test owns.
//! - nextest runs each test in a process of its own. The shared server is therefore found through a file named after the
//!   run; the first test that asks starts it. Under `cargo test` it is one per test binary.
//!
//! `TURNOUT_BIN` names another binary than the one built beside the tests.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt, parent_id};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::{Client, database};

/// The bearer token of the installation's owner in every test.
pub const ADMIN_TOKEN: &str = "black-box-tests-owner-token-0123456789";

/// The secret key of every server that shares a database with others.
pub const SHARED_SECRET_KEY: &str = "the same secret key of every server on one database";

/// A cold start makes a database cluster; on two busy cores this has taken 15 s.
const START_SECONDS_MAX: u64 = 120;
const STOP_SECONDS_MAX: u64 = 30;

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this code.
    Code(i32),
    /// By a signal.
    Signal(i32),
}

/// A server of one test's own.
#[derive(Debug)]
pub struct Server {
    folder: TempDir,
    running: Option<Running>,
    starts: u32,
    port: Option<u16>,
    settings: Settings,
}

/// What a server is started with beside its address and its folder.
#[derive(Debug, Default)]
struct Settings {
    flags: Vec<&'static str>,
    environment: Vec<(&'static str, String)>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    guard: Child,
    address: String,
}

impl Server {
    /// Starts one with an empty database.
    ///
    /// # Panics
    /// When it does not come up.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(Settings::default())
    }

    /// Starts one with the shows to try, as `scripts/start` does.
    ///
    /// # Panics
    /// When it does not come up.
    #[must_use]
    pub fn start_demo() -> Self {
        Self::start_with(Settings { flags: vec!["--demo"], ..Settings::default() })
    }

    /// Starts one on a database of somebody else, which was migrated before; all its servers have one secret key.
    ///
    /// # Panics
    /// When it does not come up.
    #[must_use]
    pub fn start_on(database_url: &str) -> Self {
        Self::start_node(database_url, &[])
    }

    /// The same with more settings, as environment variables.
    ///
    /// # Panics
    /// When it does not come up.
    #[must_use]
    pub fn start_node(database_url: &str, environment: &[(&'static str, &str)]) -> Self {
        let shared = [("DATABASE_URL", database_url), ("TURNOUT_SECRET_KEY", SHARED_SECRET_KEY)];
        let environment = shared.iter().chain(environment).map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self::start_with(Settings { environment, ..Settings::default() })
    }

    /// Starts one with an empty database and more settings, as environment variables.
    ///
    /// # Panics
    /// When it does not come up.
    #[must_use]
    pub fn start_set(environment: &[(&'static str, &str)]) -> Self {
        let environment = environment.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self::start_with(Settings { environment, ..Settings::default() })
    }

    /// Starts one on data that `prepare` puts into its data directory, which is not there before.
    ///
    /// # Panics
    /// When it does not come up.
    #[must_use]
    pub fn start_on_data(prepare: impl FnOnce(&Path)) -> Self {
        Self::start_prepared(Settings::default(), prepare)
    }

    fn start_with(settings: Settings) -> Self {
        Self::start_prepared(settings, |_| ())
    }

    fn start_prepared(settings: Settings, prepare: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("turnout-test-")
            // The embedded server runs as another user when the tests run as root, and must get to its own folder.
            .permissions(fs::Permissions::from_mode(0o755))
            .tempdir()
            .expect("a temporary folder");
        prepare(&folder.path().join("data"));
        let mut server = Self { folder, running: None, starts: 0, port: None, settings };
        server.restart();
        server
    }

    /// Starts it again on the data it had, and on the port it had.
    ///
    /// # Panics
    /// When it runs, or does not come up.
    pub fn restart(&mut self) {
        assert!(self.running.is_none(), "the server runs already");
        self.starts += 1;
        let (child, address) = launch(self.folder.path(), self.starts, self.port, &self.settings);
        self.port = address.rsplit(':').next().and_then(|port| port.parse().ok());
        let guard = guard(std::process::id(), child.id(), self.folder.path());
        self.running = Some(Running { child, guard, address });
    }

    /// Where it listens: `host:port`.
    ///
    /// # Panics
    /// When it does not run.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.running.as_ref().expect("a running server").address
    }

    /// A caller without credentials.
    ///
    /// # Panics
    /// When the server does not run.
    #[must_use]
    pub fn anyone(&self) -> Client {
        Client::anonymous(self.address())
    }

    /// The installation's owner.
    #[must_use]
    pub fn staff(&self) -> Client {
        self.anyone().with_bearer(ADMIN_TOKEN)
    }

    /// The program's process id.
    ///
    /// # Panics
    /// When the server does not run.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.running.as_ref().expect("a running server").child.id()
    }

    /// Its data directory.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// All that it has written to standard output and standard error, in this start and the ones before.
    #[must_use]
    pub fn output(&self) -> String {
        let mut text = fs::read_to_string(self.folder.path().join("stderr.log")).unwrap_or_default();
        for start in 1..=self.starts {
            text.push_str(&fs::read_to_string(stdout_file(self.folder.path(), start)).unwrap_or_default());
        }
        text
    }

    /// `kill -9`, as a crash: nothing is finished. Its PostgreSQL has to end by itself.
    ///
    /// # Panics
    /// When it does not run.
    pub fn kill(&mut self) {
        let mut running = self.running.take().expect("a running server");
        running.dismiss_guard();
        running.child.kill().expect("to kill the server");
        running.child.wait().expect("the killed server's end");
    }

    /// `kill -9` of its PostgreSQL, the whole process group, as a crash of the database alone.
    ///
    /// # Panics
    /// When there is none.
    pub fn kill_postgres(&self) {
        let postmaster = Pid::from_raw(database::postmaster(&self.data()));
        killpg(postmaster, Signal::SIGKILL).expect("to kill the PostgreSQL process group");
    }

    /// SIGTERM: what was accepted is finished first.
    ///
    /// # Panics
    /// When it does not end.
    pub fn terminate(&mut self) -> Exit {
        let running = self.running.take().expect("a running server");
        running.stop().unwrap_or_else(|| panic!("the server did not end within {STOP_SECONDS_MAX} s of SIGTERM"))
    }
}

impl Running {
    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }

    /// SIGTERM; where that does not help, SIGKILL and `None`.
    fn stop(mut self) -> Option<Exit> {
        self.dismiss_guard();
        kill(self.pid(), Signal::SIGTERM).expect("to send SIGTERM");
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(STOP_SECONDS_MAX) {
            if let Some(status) = self.child.try_wait().expect("the server's state") {
                let signal = Exit::Signal(status.signal().unwrap_or_default());
                return Some(status.code().map_or(signal, Exit::Code));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        None
    }

    fn dismiss_guard(&mut self) {
        let _ = self.guard.kill();
        let _ = self.guard.wait();
    }
}

impl Drop for Server {
    #[expect(clippy::print_stderr, reason = "a failed test shows what its server said")]
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            if std::thread::panicking() {
                eprintln!("--- the server's last lines ---\n{}", last_lines(self.folder.path()));
            }
            running.stop();
        }
    }
}

/// The owner of the server that all tests of this run share. They make shows of their own and leave it running.
///
/// # Panics
/// When it does not come up.
#[must_use]
pub fn shared() -> Client {
    static ADDRESS: OnceLock<String> = OnceLock::new();
    let address = ADDRESS.get_or_init(|| match std::env::var("NEXTEST_RUN_ID") {
        Ok(run) => shared_by_run(&format!("run-{run}"), parent_id()),
        Err(_) => shared_by_run(&format!("process-{}", std::process::id()), std::process::id()),
    });
    Client::anonymous(address).with_bearer(ADMIN_TOKEN)
}

#[expect(clippy::zombie_processes, reason = "server and guard outlive this process, or end with it")]
fn shared_by_run(name: &str, owner: u32) -> String {
    let folder = std::env::temp_dir().join(format!("turnout-tests-{name}"));
    fs::create_dir_all(&folder).expect("a folder for the shared server");
    let lock = File::create(folder.join("lock")).expect("a lock file");
    lock.lock().expect("the lock");
    let note = folder.join("address");
    if let Ok(address) = fs::read_to_string(&note) {
        assert!(!address.is_empty(), "the shared server did not start: see the first test that needed it");
        return address;
    }
    fs::write(&note, "").expect("to note the start");
    let (child, address) = launch(&folder, 1, None, &Settings::default());
    let _guard = guard(owner, child.id(), &folder);
    fs::write(&note, &address).expect("to note the address");
    address
}

fn binary() -> PathBuf {
    let binary = match std::env::var_os("TURNOUT_BIN") {
        Some(named) => {
            let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
            workspace.join(named)
        }
        // Tests are built into `<target>/<profile>/deps`, the binary beside that folder.
        None => std::env::current_exe()
            .expect("the path of this test")
            .ancestors()
            .nth(2)
            .expect("the folder of the profile")
            .join("turnout"),
    };
    assert!(binary.is_file(), "no server at {}: build it with `cargo build -p turnout`", binary.display());
    binary
}

/// The binary, with nothing of the tests' own environment that would set it.
///
/// # Panics
/// When it was not built.
#[must_use]
pub fn turnout() -> Command {
    let mut command = Command::new(binary());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("TURNOUT_") || text == "DATABASE_URL" || text.starts_with("RUST_") {
            command.env_remove(name);
        }
    }
    command
}

fn stdout_file(folder: &Path, start: u32) -> PathBuf {
    folder.join(format!("stdout-{start}.log"))
}

fn launch(folder: &Path, start: u32, port: Option<u16>, settings: &Settings) -> (Child, String) {
    let stdout = stdout_file(folder, start);
    let stderr = OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join("stderr.log"))
        .expect("a file for the server's log");
    let mut child = turnout()
        .arg("serve")
        .args(["--listen", &format!("127.0.0.1:{}", port.unwrap_or(0))])
        .arg("--data")
        .arg(folder.join("data"))
        .args(&settings.flags)
        .env("TURNOUT_ADMIN_TOKEN", ADMIN_TOKEN)
        .envs(settings.environment.iter().map(|(name, value)| (name, value)))
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(File::create(&stdout).expect("a file for the server's output"))
        .stderr(stderr)
        // Not ended together with a test that only happened to start it.
        .process_group(0)
        .spawn()
        .expect("to start the server");
    let started = Instant::now();
    loop {
        let output = fs::read_to_string(&stdout).unwrap_or_default();
        // The line is whole only with its end.
        let address = output
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'))
            .find_map(|line| line.trim().strip_prefix("listening on http://").map(str::to_owned));
        if let Some(address) = address {
            return (child, address);
        }
        if let Some(status) = child.try_wait().expect("the server's state") {
            panic!("the server ended at its start, {status}:\n{}", last_lines(folder));
        }
        if started.elapsed() > Duration::from_secs(START_SECONDS_MAX) {
            let _ = child.kill();
            panic!("the server did not listen within {START_SECONDS_MAX} s:\n{}", last_lines(folder));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn last_lines(folder: &Path) -> String {
    let log = fs::read_to_string(folder.join("stderr.log")).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}

/// Waits for `owner` to end, then stops the server and removes its folder.
fn guard(owner: u32, server: u32, folder: &Path) -> Child {
    const SCRIPT: &str = r#"
        while kill -0 "$1"; do sleep 1; done
        kill -TERM "$2"
        for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$2" || break; sleep 1; done
        kill -KILL "$2"
        rm -rf "$3"
    "#;
    Command::new("sh")
        .args(["-c", SCRIPT, "guard", &owner.to_string(), &server.to_string()])
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .expect("a guard for the server")
}
