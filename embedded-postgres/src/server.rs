//! The server's process: started, watched, stopped.
//!
//! A thread of its own starts the process and waits for its end. On Linux the kernel is asked for a SIGINT when the parent
//! dies, by `setpriv` of util-linux, which then becomes `postgres`; "parent" means the thread that started it, so the thread
//! lives as long as the server. Elsewhere a shell waits on a pipe that only this program holds, and sends it. Either way no
//! `unsafe` is needed, and killing the program never leaves a server behind.
//! The server is its own process group: a Ctrl-C in the terminal reaches this program alone, which then stops it in order.

use std::io;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::sync::{oneshot, watch};

use crate::Error;
use crate::data_directory::DataDirectory;
use crate::programs::Programs;
use crate::user::RunAs;

/// Part of the socket's name only: no port is opened.
pub(crate) const PORT: u16 = 5432;
/// How long an orderly stop may take before the server is stopped at once (and recovers at the next start).
const STOP_WITHIN: Duration = Duration::from_secs(10);
const QUIT_WITHIN: Duration = Duration::from_secs(5);

/// What holds unless the caller says otherwise; what PostgreSQL itself would take is meant for a machine of 1 GB.
///
/// More memory for pages, and checkpoints far enough apart that most pages are not written whole again after each. No
/// compiling of queries, which costs more than ours take. After a crash (on Linux) one call flushes the data directory, which
/// PostgreSQL otherwise does file by file, for seconds.
const SETTINGS: &[(&str, &str)] = &[
    ("shared_buffers", "256MB"),
    ("min_wal_size", "512MB"),
    ("max_wal_size", "2GB"),
    ("checkpoint_timeout", "10min"),
    ("jit", "off"),
];

/// How the server ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit {
    /// The exit code, if it ended by itself.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
}

/// A server's process.
#[derive(Debug)]
pub(crate) struct Server {
    pid: u32,
    /// Where in the log this server's words begin.
    pub(crate) log_from: u64,
    exit: watch::Receiver<Option<Exit>>,
}

impl Server {
    /// Starts it; it is not ready yet.
    pub(crate) async fn spawn(
        programs: &Programs,
        run_as: &RunAs,
        directory: &DataDirectory,
        settings: &[(String, String)],
    ) -> Result<Self, Error> {
        let (log, log_from) = directory.log_file()?;
        let by_kernel = kernel_tells_of_parents_death();
        let mut command = if by_kernel {
            let mut setpriv = run_as.command("setpriv");
            setpriv.args(["--pdeathsig", "INT", "--"]).arg(programs.program("postgres"));
            setpriv
        } else {
            run_as.command(programs.program("postgres"))
        };
        command.arg("-D").arg(directory.path());
        let usual = SETTINGS.iter().map(|(name, value)| (*name, *value));
        let syncfs = cfg!(target_os = "linux").then_some(("recovery_init_sync_method", "syncfs"));
        for (name, value) in usual.chain(syncfs) {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        for (name, value) in settings {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        // Behind the given settings, so that these hold.
        command.args(["-c", "listen_addresses=", "-c", "unix_socket_permissions=0700", "-c", "logging_collector=off"]);
        command.arg("-c").arg(format!("port={PORT}"));
        command.arg("-c").arg(format!("unix_socket_directories={}", directory.socket_directory().display()));
        command.process_group(0).stdout(Stdio::null()).stderr(log);

        let watcher = (!by_kernel).then(|| run_as.command("/bin/sh"));
        let (started, start) = oneshot::channel();
        let (exited, exit) = watch::channel(None);
        std::thread::Builder::new()
            .name("postgres".into())
            .spawn(move || watch_over(command, watcher, started, &exited))
            .map_err(Error::io("cannot start a thread"))?;
        let pid = start
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::BrokenPipe.into()))
            .map_err(Error::io("cannot run postgres"))?;
        Ok(Self { pid, log_from, exit })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    pub(crate) fn exited(&self) -> bool {
        self.exit.borrow().is_some()
    }

    pub(crate) async fn wait_exit(&self) -> Exit {
        let mut exit = self.exit.clone();
        match exit.wait_for(Option::is_some).await {
            Ok(exit) => exit.unwrap_or(Exit { code: None, signal: None }),
            Err(_) => Exit { code: None, signal: None },
        }
    }

    /// SIGINT (fast shutdown), after 10 s SIGQUIT (immediate shutdown).
    pub(crate) async fn stop(&self) {
        self.signal(Signal::SIGINT);
        if tokio::time::timeout(STOP_WITHIN, self.wait_exit()).await.is_err() {
            tracing::warn!(pid = self.pid, "PostgreSQL does not stop; it is told to do so at once");
            self.signal(Signal::SIGQUIT);
            if tokio::time::timeout(QUIT_WITHIN, self.wait_exit()).await.is_err() {
                tracing::error!(pid = self.pid, "PostgreSQL does not stop");
            }
        }
    }

    /// Stops it at once and waits, without a runtime: for the end of a test.
    pub(crate) fn abort(&self) {
        self.signal(Signal::SIGQUIT);
        let until = std::time::Instant::now() + QUIT_WITHIN;
        while !self.exited() && std::time::Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn signal(&self, signal: Signal) {
        if self.exited() {
            return;
        }
        if let Ok(pid) = i32::try_from(self.pid) {
            let _ = kill(Pid::from_raw(pid), signal);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.signal(Signal::SIGINT);
    }
}

/// The thread: starts the process, waits for its end, says so.
fn watch_over(
    mut command: Command,
    watcher: Option<Command>,
    started: oneshot::Sender<io::Result<u32>>,
    exited: &watch::Sender<Option<Exit>>,
) {
    let mut server = match command.spawn() {
        Ok(server) => server,
        Err(error) => {
            let _ = started.send(Err(error));
            return;
        }
    };
    let watcher = watcher.and_then(|command| start_watcher(command, &server));
    let _ = started.send(Ok(server.id()));
    let status = server.wait();
    if let Some(mut watcher) = watcher {
        // Before its pipe closes: the server's process id may be somebody else's from now on.
        let _ = watcher.kill();
        let _ = watcher.wait();
    }
    let status = status.unwrap_or_else(|_| ExitStatus::from_raw(0));
    exited.send_replace(Some(Exit { code: status.code(), signal: status.signal() }));
}

/// A shell that reads from a pipe until this program is gone, and then stops the server.
fn start_watcher(mut command: Command, server: &Child) -> Option<Child> {
    command.args(["-c", r#"read -r _; kill -INT "$1""#, "sh", &server.id().to_string()]);
    command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    match command.spawn() {
        Ok(watcher) => Some(watcher),
        Err(error) => {
            tracing::warn!(%error, "nobody will stop PostgreSQL if this program is killed");
            None
        }
    }
}

/// Whether there is a `setpriv` that knows the option (busybox's does not).
fn kernel_tells_of_parents_death() -> bool {
    cfg!(target_os = "linux")
        && Command::new("setpriv")
            .args(["--pdeathsig", "INT", "--", "true"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
}
