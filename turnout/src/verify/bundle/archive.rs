//! The bundle as an archive: which files it has, and reads them, each up to a size that none of them needs.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

use anyhow::{Context as _, bail};
use zip::{ZipArchive, read::ZipFile, result::ZipError};

use crate::verify::findings::Findings;

/// What every bundle has.
const FILES: [&str; 6] = ["checkpoint", "events.ndjson", "keys", "proof.json", "settlement.csv", "settlement.json"];
/// What is for people alone.
const FOR_PEOPLE: [&str; 2] = ["README.txt", "verify.html"];

/// The hashes of a proof, some sixty bytes each, for more events than a show has.
const TEXT_BYTES_MAX: u64 = 1 << 30;
/// A seating has at most 32 MiB; quoted, twice as much.
const LINE_BYTES_MAX: u64 = 128 << 20;

pub(super) struct Archive(ZipArchive<BufReader<File>>);

/// Whether a file begins as zip archives do.
pub(super) fn is_zip(file: &Path) -> bool {
    let mut begins = [0; 4];
    File::open(file).and_then(|mut file| file.read_exact(&mut begins)).is_ok() && begins == *b"PK\x03\x04"
}

impl Archive {
    pub fn open(file: &Path) -> anyhow::Result<Self> {
        let named = || file.display().to_string();
        let opened = File::open(file).with_context(named)?;
        Ok(Self(ZipArchive::new(BufReader::new(opened)).with_context(|| format!("{} is no bundle", named()))?))
    }

    /// Says which files are missing, and which have no business in it.
    pub fn is_complete(&self, findings: &mut Findings) {
        let names: Vec<String> =
            self.0.file_names().map(|name| name.map_or_else(|error| error.to_string(), Into::into)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        for name in FILES.iter().filter(|name| !names.contains(name)) {
            findings.add_elsewhere(format!("{name} is not in the bundle"));
        }
        for name in names.iter().filter(|name| !FILES.contains(name) && !FOR_PEOPLE.contains(name)) {
            findings.add_elsewhere(format!("{name:?} is no part of a bundle"));
        }
    }

    /// A file's bytes; none where it is missing.
    pub fn bytes(&mut self, name: &str) -> anyhow::Result<Option<Vec<u8>>> {
        let Some(file) = self.file(name)? else { return Ok(None) };
        let mut bytes = Vec::new();
        file.take(TEXT_BYTES_MAX + 1).read_to_end(&mut bytes).with_context(|| format!("{name} cannot be read"))?;
        if bytes.len() as u64 > TEXT_BYTES_MAX {
            bail!("{name} is too large to be what it says");
        }
        Ok(Some(bytes))
    }

    /// The same as text.
    pub fn text(&mut self, name: &str) -> anyhow::Result<Option<String>> {
        let Some(bytes) = self.bytes(name)? else { return Ok(None) };
        Ok(Some(String::from_utf8(bytes).with_context(|| format!("{name} is no text"))?))
    }

    /// A file's lines, one after the other.
    pub fn lines(&mut self, name: &str) -> anyhow::Result<Option<Lines<'_>>> {
        Ok(self.file(name)?.map(|file| Lines(BufReader::with_capacity(1 << 20, file))))
    }

    fn file(&mut self, name: &str) -> anyhow::Result<Option<ZipFile<'_, BufReader<File>>>> {
        match self.0.by_name(name) {
            Ok(file) => Ok(Some(file)),
            Err(ZipError::FileNotFound) => Ok(None),
            Err(error) => Err(error).with_context(|| format!("{name} cannot be read")),
        }
    }
}

/// Lines of a file.
pub(super) struct Lines<'a>(BufReader<ZipFile<'a, BufReader<File>>>);

impl Lines<'_> {
    /// The next line with its end, into `line`; false behind the last.
    pub fn next(&mut self, line: &mut Vec<u8>) -> anyhow::Result<bool> {
        line.clear();
        let read =
            (&mut self.0).take(LINE_BYTES_MAX + 1).read_until(b'\n', line).context("events.ndjson cannot be read")?;
        if read as u64 > LINE_BYTES_MAX {
            bail!("a line of events.ndjson is too long to be an event");
        }
        Ok(read > 0)
    }
}
