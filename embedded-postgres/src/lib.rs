//! Starts a PostgreSQL of one's own: the system's programs, a private data directory, a Unix socket and nothing else.
//!
//! What always holds: no TCP port is opened; the data directory and the socket's are closed to other users (which is why the
//! socket asks for no password); fsync stays on; the server does not outlive the program, not even by `kill -9`; a data
//! directory of another major version is left alone. Nothing is downloaded. Started by root, the server runs as `postgres`
//! or `nobody`, because PostgreSQL refuses to run as root.

mod data_directory;
mod error;
mod programs;
mod replica;
mod server;
mod temporary;
mod user;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

pub use error::Error;
pub use programs::client_programs;
pub use server::Exit;
pub use temporary::{FreshDatabase, TemporaryPostgres, temporary, temporary_primary};

use data_directory::DataDirectory;
use programs::Programs;
use server::Server;
use user::RunAs;

/// The superuser that the data directory is made with; it owns what migrations make.
pub const OWNER: &str = "turnout_owner";
/// The role that the server program logs in as. Migrations make it.
pub const APP: &str = "turnout";
/// The database that [`EmbeddedPostgres::start`] makes when it is absent.
pub const DATABASE: &str = "turnout";

/// After a crash of both, the old server may take some seconds to go, and `postmaster.pid` stands until then.
const START_WITHIN: Duration = Duration::from_secs(15);
/// Recovery after a crash replays the write-ahead log before it lets anybody in.
const READY_WITHIN: Duration = Duration::from_secs(120);
/// Between two looks whether the server is ready.
const LOOK_AGAIN: Duration = Duration::from_millis(25);

/// What to start, and where.
#[derive(Debug, Clone)]
pub struct Options {
    /// PostgreSQL's data directory; made when absent. Nothing else may be in it.
    pub data_dir: PathBuf,
    /// Where `initdb` and `postgres` are; `None`: look in the usual places.
    pub bin_dir: Option<PathBuf>,
    /// Settings as in `postgresql.conf`, such as `("shared_buffers", "256MB")`.
    pub settings: Vec<(String, String)>,
}

impl Options {
    /// In this directory, with the system's programs and no settings.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self { data_dir: data_dir.into(), bin_dir: None, settings: Vec::new() }
    }
}

/// A running server. Dropping it asks the server to stop and does not wait; [`stop`](Self::stop) does.
pub struct EmbeddedPostgres {
    programs: Programs,
    run_as: RunAs,
    directory: DataDirectory,
    settings: Vec<(String, String)>,
    server: Server,
}

impl EmbeddedPostgres {
    /// Makes the data directory if need be, starts the server, waits until it answers and makes the database `turnout`.
    ///
    /// # Errors
    /// When there is no PostgreSQL 15 or later on this machine, the directory is not fit for it, another server runs in it,
    /// or the server does not come up. The message says what to do.
    pub async fn start(options: Options) -> Result<Self, Error> {
        let run_as = RunAs::decide()?;
        let directory = DataDirectory::at(&options.data_dir, &run_as)?;
        let programs = Programs::find(options.bin_dir.as_deref(), directory.major()?)?;
        directory.prepare(&programs, &run_as).await?;
        let server = start_server(&programs, &run_as, &directory, &options.settings).await?;
        let postgres = Self { programs, run_as, directory, settings: options.settings, server };
        postgres.create_database(DATABASE).await?;
        Ok(postgres)
    }

    /// Starts it again after it has exited, at the same URLs. It stops a running one first.
    ///
    /// # Errors
    /// As of [`start`](Self::start).
    pub async fn restart(&mut self) -> Result<(), Error> {
        self.stop().await;
        self.server = start_server(&self.programs, &self.run_as, &self.directory, &self.settings).await?;
        Ok(())
    }

    /// Stops it: running transactions are rolled back; after 10 s it is stopped at once. Nothing committed is lost either way.
    pub async fn stop(&self) {
        self.server.stop().await;
    }

    /// Returns when the server has exited, for whatever reason; at once when it has already.
    pub async fn wait_exit(&self) -> Exit {
        self.server.wait_exit().await
    }

    /// The process id of the server (the postmaster), which also is its process group.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.server.pid()
    }

    /// A URL for migrations and rebuilds: the superuser, at the database `turnout`.
    #[must_use]
    pub fn owner_url(&self) -> String {
        self.url(OWNER, DATABASE)
    }

    /// A URL for the server program: the login role, at the database `turnout`.
    #[must_use]
    pub fn app_url(&self) -> String {
        self.url(APP, DATABASE)
    }

    /// A URL for any role and database; libpq and sqlx understand it. Both names are plain words.
    #[must_use]
    pub fn url(&self, user: &str, database: &str) -> String {
        url(&self.directory, user, database)
    }

    /// Copies the running server into an absent directory: started there, the copy follows this one.
    pub(crate) async fn copy_as_replica(&self, data_dir: &Path) -> Result<(), Error> {
        let into = DataDirectory::at(data_dir, &self.run_as)?;
        replica::copy(&self.programs, &self.run_as, &self.directory, &into).await
    }

    /// Stops it at once and waits, without a runtime.
    pub(crate) fn abort(&self) {
        self.server.abort();
    }

    /// Makes a database that the owner owns, if it is absent. `name` is lower-case letters, digits and underscores.
    pub(crate) async fn create_database(&self, name: &str) -> Result<(), Error> {
        let mut connection = connect(&self.directory).await?;
        let present: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
            .bind(name)
            .fetch_one(&mut connection)
            .await?;
        if !present {
            sqlx::query(AssertSqlSafe(format!(r#"CREATE DATABASE "{name}" OWNER {OWNER}"#)))
                .execute(&mut connection)
                .await?;
        }
        connection.close().await?;
        Ok(())
    }
}

impl fmt::Debug for EmbeddedPostgres {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("EmbeddedPostgres").field("pid", &self.pid()).finish_non_exhaustive()
    }
}

/// The URL of the login role, as [`EmbeddedPostgres::app_url`], at a server that another program runs in `data_dir`; none
/// where nobody answers there.
///
/// # Errors
/// When the directory is not fit for a server.
pub async fn app_url_of_running(data_dir: &Path) -> Result<Option<String>, Error> {
    url_of_running(data_dir, APP).await
}

/// The same for the database's owner, as [`EmbeddedPostgres::owner_url`].
///
/// # Errors
/// When the directory is not fit for a server.
pub async fn owner_url_of_running(data_dir: &Path) -> Result<Option<String>, Error> {
    url_of_running(data_dir, OWNER).await
}

async fn url_of_running(data_dir: &Path, user: &str) -> Result<Option<String>, Error> {
    if !data_dir.exists() {
        return Ok(None);
    }
    let directory = DataDirectory::at(data_dir, &RunAs::decide()?)?;
    match connect(&directory).await {
        Ok(connection) => {
            connection.close().await?;
            Ok(Some(url(&directory, user, DATABASE)))
        }
        Err(_) => Ok(None),
    }
}

fn url(directory: &DataDirectory, user: &str, database: &str) -> String {
    let socket = percent_encode(&directory.socket_directory().to_string_lossy());
    format!("postgres://{user}@localhost:{}/{database}?host={socket}", server::PORT)
}

/// Starts until it is ready; again while an old server is still going.
async fn start_server(
    programs: &Programs,
    run_as: &RunAs,
    directory: &DataDirectory,
    settings: &[(String, String)],
) -> Result<Server, Error> {
    let began = Instant::now();
    loop {
        let server = Server::spawn(programs, run_as, directory, settings).await?;
        match ready(&server, directory).await {
            Ok(()) => return Ok(server),
            Err(Error::Occupied { .. }) if began.elapsed() < START_WITHIN => {
                tracing::info!("an earlier server is still in the data directory; trying again");
                tokio::time::sleep(LOOK_AGAIN * 10).await;
            }
            Err(error) => {
                server.stop().await;
                return Err(error);
            }
        }
    }
}

/// Returns when the server takes connections.
async fn ready(server: &Server, directory: &DataDirectory) -> Result<(), Error> {
    let began = Instant::now();
    loop {
        if server.exited() {
            return Err(directory.why_it_exited(server.log_from));
        }
        // Behind the socket there may still be an earlier server.
        let answer = match directory.served_by() {
            Some(pid) if pid == server.pid() => connect(directory).await,
            _ => Err(io::Error::from(io::ErrorKind::NotConnected).into()),
        };
        match answer {
            Ok(connection) => return Ok(connection.close().await?),
            Err(error) if began.elapsed() > READY_WITHIN => return Err(Error::NotReady { source: error }),
            Err(_) => tokio::time::sleep(LOOK_AGAIN).await,
        }
    }
}

async fn connect(directory: &DataDirectory) -> Result<PgConnection, sqlx::Error> {
    PgConnectOptions::new_without_pgpass()
        .socket(directory.socket_directory())
        .port(server::PORT)
        .username(OWNER)
        .database("postgres")
        .application_name("embedded-postgres")
        .connect()
        .await
}

/// For a query value of a URL (RFC 3986): everything but unreserved characters.
fn percent_encode(text: &str) -> String {
    use fmt::Write as _;
    text.bytes().fold(String::with_capacity(text.len() * 3), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_in_a_url_is_encoded() {
        assert_eq!(percent_encode("/var/my data/ä"), "%2Fvar%2Fmy%20data%2F%C3%A4");
    }
}
