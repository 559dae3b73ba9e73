//! Finds PostgreSQL's programs on this machine.
//!
//! In this order: the folder that was named; what `pg_config` says; the packages of Debian (highest version first) and Red Hat;
//! Homebrew; the Postgres app. A folder counts when `postgres` and `initdb` are in it (`pg_config` alone comes with client
//! libraries too) and are of version 15 or later. For an existing data directory one of the same version goes first.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Error;

const MAJOR_MIN: u32 = 15;

/// Folders of versions: what is before and behind the version's number.
const VERSIONED: [(&str, &str, &str); 6] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/opt/homebrew/opt", "postgresql@", "bin"),
    ("/usr/local/opt", "postgresql@", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql@", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
];

/// Where the programs are, and of which version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Programs {
    pub(crate) bin_dir: PathBuf,
    pub(crate) major: u32,
}

impl Programs {
    /// `directory_major`: the version of an existing data directory.
    pub(crate) fn find(named: Option<&Path>, directory_major: Option<u32>) -> Result<Self, Error> {
        if let Some(named) = named {
            return Self::at(named).ok_or_else(|| Error::NotFound { looked_in: named.display().to_string() });
        }
        let found: Vec<Self> = candidates().iter().filter_map(|folder| Self::at(folder)).collect();
        let fitting = found.iter().find(|programs| Some(programs.major) == directory_major);
        fitting.or(found.first()).cloned().ok_or_else(|| Error::NotFound {
            looked_in: "the PATH by pg_config, /usr/lib/postgresql, Homebrew's folders and Postgres.app".into(),
        })
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.bin_dir.join(name)
    }

    fn at(folder: &Path) -> Option<Self> {
        if !folder.join("initdb").is_file() {
            return None;
        }
        let output = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
        let major = major_of(&String::from_utf8_lossy(&output.stdout))?;
        (major >= MAJOR_MIN).then(|| Self { bin_dir: folder.to_owned(), major })
    }
}

/// The folder of `pg_dump` and `pg_restore` for a server of this major version: of the same version, else of a later one, which
/// can do it too. It may be that of a client's package, without a server beside them.
///
/// # Errors
/// When there is none; the message says what to install.
pub fn client_programs(server_major: u32) -> Result<PathBuf, Error> {
    let mut fitting: Vec<(u32, PathBuf)> = candidates()
        .into_iter()
        .filter(|folder| folder.join("pg_restore").is_file())
        .filter_map(|folder| {
            let output = Command::new(folder.join("pg_dump")).arg("--version").output().ok()?;
            let major = major_of(&String::from_utf8_lossy(&output.stdout))?;
            (major >= server_major).then_some((major, folder))
        })
        .collect();
    fitting.sort();
    fitting.into_iter().next().map(|(_, folder)| folder).ok_or(Error::NoClient { major: server_major })
}

fn candidates() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = pg_config().into_iter().collect();
    for (parent, before, bin) in VERSIONED {
        let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir(parent)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| {
                let version = entry.file_name().to_str()?.strip_prefix(before)?.parse().ok()?;
                Some((version, entry.path().join(bin)))
            })
            .collect();
        versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
        folders.extend(versions.into_iter().map(|(_, folder)| folder));
    }
    folders
}

fn pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    let folder = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| PathBuf::from(folder.trim()))
}

/// From `postgres (PostgreSQL) 15.18 (Debian …)`, also `17beta1`.
fn major_of(version: &str) -> Option<u32> {
    let (_, number) = version.split_once("(PostgreSQL) ")?;
    let digits = number.find(|character: char| !character.is_ascii_digit()).unwrap_or(number.len());
    number.get(..digits)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_what_the_program_says() {
        assert_eq!(major_of("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major_of("postgres (PostgreSQL) 19beta2"), Some(19));
        assert_eq!(major_of("pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major_of("postgres (PostgreSQL) 17"), Some(17));
        assert_eq!(major_of("nonsense"), None);
    }

    #[test]
    fn a_named_folder_without_programs_is_an_error_that_names_it() {
        let error = Programs::find(Some(Path::new("/nowhere")), None).expect_err("there is nothing");
        assert!(error.to_string().contains("/nowhere"), "{error}");
    }
}
