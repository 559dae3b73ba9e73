//! A file in the data directory that only its owner reads, made once and never overwritten.
//!
//! The content is written to a file beside it, flushed, and linked to its name: two processes that start together
//! agree on one content, and a crash leaves a whole file or none.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::random;

/// Reads `directory/name`, after making it from `make` (mode 0600) when it is absent.
///
/// # Errors
/// Whatever the file system says, with the path in the message.
pub fn read_or_create(directory: &Path, name: &str, make: impl FnOnce() -> io::Result<String>) -> io::Result<String> {
    let path = directory.join(name);
    match read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        found => return found,
    }
    fs::create_dir_all(directory).map_err(|error| at(directory, &error))?;
    let draft = directory.join(format!(".{name}.{}", draft_suffix()?));
    let written = write_draft(&draft, &make()?).and_then(|()| link_unless_present(&draft, &path));
    // Whether it became the file or lost the race, the draft's own name has no further use.
    let removed = fs::remove_file(&draft);
    written.and(removed).map_err(|error| at(&path, &error))?;
    File::open(directory)?.sync_all()?;
    read(&path)
}

/// Reads such a file.
///
/// # Errors
/// As [`read_or_create`], also when it is absent.
pub fn read(path: &Path) -> io::Result<String> {
    let text = fs::read_to_string(path).map_err(|error| at(path, &error))?;
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 {
        tracing::warn!(path = %path.display(), mode = format!("{:o}", mode & 0o777), "a secret's file is readable by others; chmod 600 it");
    }
    Ok(text)
}

fn draft_suffix() -> io::Result<String> {
    random::bytes::<8>().map(hex::encode).map_err(io::Error::other)
}

fn write_draft(draft: &PathBuf, content: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()
}

fn link_unless_present(draft: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    }
}

fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_made_once_and_only_its_owner_reads_it() -> anyhow::Result<()> {
        let directory = tempfile::tempdir()?;
        let first = read_or_create(directory.path(), "secret", || Ok("one".to_owned()))?;
        let second = read_or_create(directory.path(), "secret", || Ok("two".to_owned()))?;
        assert_eq!((first.as_str(), second.as_str()), ("one", "one"));
        let mode = fs::metadata(directory.path().join("secret"))?.permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(directory.path())?.count(), 1, "no draft is left behind");
        Ok(())
    }

    #[test]
    fn many_that_start_together_agree() -> anyhow::Result<()> {
        let directory = tempfile::tempdir()?;
        let contents: Vec<String> = std::thread::scope(|scope| {
            let started: Vec<_> = (0..8)
                .map(|n| {
                    let path = directory.path();
                    scope.spawn(move || read_or_create(path, "secret", || Ok(format!("content {n}"))))
                })
                .collect();
            started.into_iter().map(|thread| thread.join().unwrap().unwrap()).collect()
        });
        assert!(contents.iter().all(|content| *content == contents[0]), "{contents:?}");
        Ok(())
    }
}
