//! Why the server could not be started. Messages are for whoever starts the program: they say what to do.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why the server could not be started.
#[derive(Debug, Error)]
pub enum Error {
    /// There are no programs of PostgreSQL where they could be.
    #[error(
        "PostgreSQL 15 or later was not found (looked in {looked_in}). Install it (Debian, Ubuntu: `apt install postgresql`; \
         macOS: `brew install postgresql@17`), name the folder of its programs, or give the URL of a running server instead"
    )]
    NotFound {
        /// Where it was looked for.
        looked_in: String,
    },
    /// There is no program that could copy a database of this version.
    #[error(
        "pg_dump and pg_restore of PostgreSQL {major} or later were not found. Install them (Debian, Ubuntu: `apt install \
         postgresql-client-{major}`; macOS: `brew install postgresql@{major}`)"
    )]
    NoClient {
        /// The server's major version.
        major: u32,
    },
    /// The programs cannot work with this data directory.
    #[error(
        "{} was made by PostgreSQL {directory}, but the programs in {} are of PostgreSQL {programs}. It is left as it is: install \
         PostgreSQL {directory}, or upgrade the directory with pg_upgrade", data_dir.display(), bin_dir.display()
    )]
    OtherVersion {
        /// The data directory.
        data_dir: PathBuf,
        /// Its major version.
        directory: u32,
        /// Where the programs are.
        bin_dir: PathBuf,
        /// Their major version.
        programs: u32,
    },
    /// The directory holds something else.
    #[error("{} is not empty and holds no PostgreSQL database: name another directory", data_dir.display())]
    NotADatabase {
        /// The directory.
        data_dir: PathBuf,
    },
    /// Started by root, and there is no user to run the server as.
    #[error(
        "PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody`: make one, or do not run this as root"
    )]
    NoUser,
    /// A folder on the way to the data directory is closed to the server's user.
    #[error("the user `{user}`, as whom PostgreSQL has to run, cannot reach {}: name a directory outside of closed ones such as /root", path.display())]
    Unreachable {
        /// The server's user.
        user: String,
        /// The directory.
        path: PathBuf,
    },
    /// Somebody else could reach the directory of the socket.
    #[error("{} for the socket exists and is not a directory of the server's user alone: remove it", path.display())]
    NotPrivate {
        /// The directory.
        path: PathBuf,
    },
    /// Another server runs in the directory.
    #[error("another PostgreSQL runs in {}: is this program running already?", data_dir.display())]
    Occupied {
        /// The data directory.
        data_dir: PathBuf,
    },
    /// A program failed.
    #[error("{program} failed: {output}")]
    Failed {
        /// Which.
        program: String,
        /// The end of what it said.
        output: String,
    },
    /// The server runs, but does not answer.
    #[error("PostgreSQL does not take connections")]
    NotReady {
        /// The last attempt's failure.
        #[source]
        source: sqlx::Error,
    },
    /// A file, directory or process could not be made.
    #[error("{what}")]
    Io {
        /// What was tried.
        what: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The server answers, but not as it should.
    #[error("PostgreSQL refused a statement")]
    Sql(#[from] sqlx::Error),
}

impl Error {
    /// For `map_err`: says what was tried.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}
