//! The data directory: where it is, what it must be, how it is made; and the directory of the socket.
//!
//! A new one is made beside its place and renamed when it is complete, so that a crash leaves nothing half made under the
//! name. It is of mode 0700 and belongs to the server's user. The socket lies in it; where that path would be longer than
//! a socket's may be, in a short directory of its own, as private.

use std::fs::{self, DirBuilder, File, Permissions};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::Error;
use crate::programs::Programs;
use crate::server;
use crate::user::RunAs;

/// Longest path of a Unix socket, without the closing NUL (`sockaddr_un.sun_path`: 108 bytes on Linux, 104 on macOS).
const SOCKET_PATH_BYTES_MAX: usize = if cfg!(target_os = "macos") { 103 } else { 107 };

/// What the server says goes to this file; put away at a start when it is longer than this.
const LOG: &str = "server.log";
const LOG_BYTES_MAX: u64 = 4 << 20;

/// Where the database is.
#[derive(Debug, Clone)]
pub(crate) struct DataDirectory {
    path: PathBuf,
    socket_directory: PathBuf,
}

impl DataDirectory {
    /// Finds or makes the folder around it, and decides where the socket goes.
    pub(crate) fn at(data_dir: &Path, run_as: &RunAs) -> Result<Self, Error> {
        let parent = match data_dir.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        fs::create_dir_all(parent).map_err(Error::io(format!("cannot make {}", parent.display())))?;
        run_as.must_reach(&parent.canonicalize().map_err(Error::io(format!("cannot find {}", parent.display())))?)?;
        let name = data_dir.file_name().ok_or_else(|| Error::NotADatabase { data_dir: data_dir.to_owned() })?;
        let path = parent.canonicalize().map_err(Error::io(format!("cannot find {}", parent.display())))?.join(name);
        let socket_directory = if socket_fits(&path) { path.clone() } else { short_directory(&path) };
        Ok(Self { path, socket_directory })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn socket_directory(&self) -> &Path {
        &self.socket_directory
    }

    /// The server's log, to be written on, and how long it is already. A living server may be writing there.
    pub(crate) fn log_file(&self) -> Result<(File, u64), Error> {
        let path = self.path.join(LOG);
        let length = fs::metadata(&path).map_or(0, |log| log.len());
        if length > LOG_BYTES_MAX {
            fs::rename(&path, self.path.join("server.log.old"))
                .map_err(Error::io("cannot put the server's old log away"))?;
        }
        let file =
            File::options().create(true).append(true).open(&path).map_err(Error::io("cannot open the server's log"))?;
        Ok((file, if length > LOG_BYTES_MAX { 0 } else { length }))
    }

    /// The major version that made it; `None` when there is none yet.
    pub(crate) fn major(&self) -> Result<Option<u32>, Error> {
        match fs::read_to_string(self.path.join("PG_VERSION")) {
            Ok(version) => match version.trim().parse() {
                Ok(major) => Ok(Some(major)),
                Err(_) => Err(Error::NotADatabase { data_dir: self.path.clone() }),
            },
            Err(_) if self.is_empty_or_absent() => Ok(None),
            Err(_) => Err(Error::NotADatabase { data_dir: self.path.clone() }),
        }
    }

    /// Makes it if it is absent; refuses one of another version.
    pub(crate) async fn prepare(&self, programs: &Programs, run_as: &RunAs) -> Result<(), Error> {
        match self.major()? {
            Some(major) if major == programs.major => {}
            Some(major) => {
                return Err(Error::OtherVersion {
                    data_dir: self.path.clone(),
                    directory: major,
                    bin_dir: programs.bin_dir.clone(),
                    programs: programs.major,
                });
            }
            None => self.create(programs, run_as).await?,
        }
        fs::set_permissions(&self.path, Permissions::from_mode(0o700))
            .map_err(Error::io(format!("cannot close {} to others", self.path.display())))?;
        if self.socket_directory != self.path {
            private_directory(&self.socket_directory, run_as)?;
        }
        Ok(())
    }

    /// The process whose directory it is, by its lock file; it may be dead.
    pub(crate) fn served_by(&self) -> Option<u32> {
        fs::read_to_string(self.path.join("postmaster.pid")).ok()?.lines().next()?.trim().parse().ok()
    }

    /// What the server's log says about its exit, from this byte on.
    pub(crate) fn why_it_exited(&self, log_from: u64) -> Error {
        let log = fs::read(self.path.join(LOG)).unwrap_or_default();
        let begin = usize::try_from(log_from).map_or(log.len(), |from| from.min(log.len()));
        let log = String::from_utf8_lossy(&log[begin..]);
        // The lock file of a living server, its shared memory, or its socket's lock file.
        if log.contains("lock file \"") || log.contains("pre-existing shared memory block") {
            return Error::Occupied { data_dir: self.path.clone() };
        }
        Error::Failed { program: "postgres".into(), output: last_lines(&log) }
    }

    fn is_empty_or_absent(&self) -> bool {
        fs::read_dir(&self.path).map_or(!self.path.exists(), |mut entries| entries.next().is_none())
    }

    /// Makes it, empty and closed to others.
    pub(crate) fn make_private(&self, run_as: &RunAs) -> Result<(), Error> {
        private_directory(&self.path, run_as)?;
        run_as.must_reach(&self.path)
    }

    async fn create(&self, programs: &Programs, run_as: &RunAs) -> Result<(), Error> {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(".unfinished");
        let unfinished = self.path.with_file_name(name);
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).map_err(Error::io(format!("cannot remove {}", unfinished.display())))?;
        }
        private_directory(&unfinished, run_as)?;
        run_as.must_reach(&unfinished)?;
        let mut initdb = run_as.command(programs.program("initdb"));
        initdb.arg("--pgdata").arg(&unfinished);
        initdb.args([
            "--username",
            crate::OWNER,
            "--auth=trust",
            "--encoding=UTF8",
            "--data-checksums",
            "--no-instructions",
        ]);
        // macOS has no C.UTF-8; its locale UTF-8 has the character classes only.
        initdb.args(if cfg!(target_os = "macos") {
            &["--locale=C", "--lc-ctype=UTF-8"][..]
        } else {
            &["--locale=C.UTF-8"][..]
        });
        let output = tokio::task::spawn_blocking(move || initdb.output())
            .await
            .map_err(|error| Error::io("cannot wait for initdb")(error.into()))?
            .map_err(Error::io("cannot run initdb"))?;
        if !output.status.success() {
            return Err(Error::Failed {
                program: "initdb".into(),
                output: last_lines(&String::from_utf8_lossy(&output.stderr)),
            });
        }
        // Over an empty directory, if there is one.
        fs::rename(&unfinished, &self.path).map_err(Error::io(format!(
            "cannot rename {} to {}",
            unfinished.display(),
            self.path.display()
        )))
    }
}

fn socket_fits(directory: &Path) -> bool {
    directory.as_os_str().len() + "/.s.PGSQL.".len() + server::PORT.to_string().len() <= SOCKET_PATH_BYTES_MAX
}

/// One and the same for a data directory, so that a second server in it finds the first one's lock.
fn short_directory(data_dir: &Path) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    data_dir.hash(&mut hasher);
    PathBuf::from(format!("/tmp/embedded-postgres-{:016x}", hasher.finish()))
}

/// Makes a directory of mode 0700 that belongs to the user; one that is there must already be so.
fn private_directory(path: &Path, run_as: &RunAs) -> Result<(), Error> {
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => run_as.own(path),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let found = fs::symlink_metadata(path).map_err(Error::io(format!("cannot look at {}", path.display())))?;
            let private = found.is_dir() && found.mode() & 0o077 == 0 && run_as.is(found.uid());
            if private { Ok(()) } else { Err(Error::NotPrivate { path: path.to_owned() }) }
        }
        Err(error) => Err(Error::io(format!("cannot make {}", path.display()))(error)),
    }
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_gets_a_short_directory_for_the_socket() {
        assert!(socket_fits(Path::new("/var/lib/turnout/postgres")));
        let long = PathBuf::from(format!("/{}", "x".repeat(100)));
        assert!(!socket_fits(&long));
        assert!(socket_fits(&short_directory(&long)));
        assert_eq!(short_directory(&long), short_directory(&long));
    }
}
