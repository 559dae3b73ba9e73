//! The file of a backup: a tar archive of `dump` (PostgreSQL's custom format), perhaps `secret-key`, and `manifest.json` last.
//!
//! `tar xf` and `pg_restore` can read it without this program. It comes to its name when it is whole and on disk, and never in
//! place of another file; only whoever made it may read it. Reading it trusts nothing: the manifest has to be there, and the dump
//! has to have the length and the digest that it says.

use std::{
    fs::{self, File},
    io::{self, Read, Seek as _, SeekFrom, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use indicatif::ProgressBar;
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

use super::manifest::{Dump, FORMAT, Manifest};
use crate::counted::counted;

const DUMP: &str = "dump";
const SECRET_KEY: &str = "secret-key";
const MANIFEST: &str = "manifest.json";

/// Bytes of a block of a tar archive.
const BLOCK: u64 = 512;

/// How much is read at once.
const BUFFER_BYTES: usize = 1 << 18;

/// No manifest and no key is longer.
const SMALL_BYTES_MAX: u64 = 1 << 20;

/// What is wrong with a backup itself, so that another one has to be taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum Damaged {
    /// It ends too early, or is no backup at all.
    #[error("{0} is not a whole backup: {1}")]
    NotWhole(PathBuf, String),
    /// The dump is not the one that was written.
    #[error("the dump in {0} is not what it was when the backup was made: its digest is another one")]
    OtherDump(PathBuf),
}

/// A backup that is being written, beside its place.
pub(super) struct Writing {
    file: NamedTempFile,
    place: PathBuf,
}

impl Writing {
    /// Refuses where something is already.
    pub(super) fn begin(place: &Path) -> anyhow::Result<Self> {
        if place.symlink_metadata().is_ok() {
            bail!("{} exists already: a backup never overwrites anything", place.display());
        }
        let name = place.file_name().context("the backup needs the name of a file")?.to_string_lossy();
        let file = tempfile::Builder::new()
            .prefix(&format!("{name}."))
            .suffix(".unfinished")
            .tempfile_in(folder_of(place))
            .with_context(|| format!("nothing can be written beside {}", place.display()))?;
        Ok(Self { file, place: place.to_owned() })
    }

    /// Writes the dump as it comes.
    pub(super) fn dump(&mut self, from: &mut impl Read, progress: &ProgressBar) -> anyhow::Result<Dump> {
        let file = self.file.as_file_mut();
        // The header stands before the length is known.
        let header_at = file.stream_position()?;
        file.write_all(&[0; BLOCK as usize])?;
        let mut hash = Sha256::new();
        let mut bytes = 0;
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            let read = from.read(&mut buffer).context("the dump broke off")?;
            if read == 0 {
                break;
            }
            hash.update(&buffer[..read]);
            file.write_all(&buffer[..read]).with_context(|| format!("{} cannot be written", self.place.display()))?;
            bytes += read as u64;
            progress.inc(read as u64);
        }
        pad(file, bytes)?;
        let end = file.stream_position()?;
        file.seek(SeekFrom::Start(header_at))?;
        file.write_all(header(DUMP, bytes)?.as_bytes())?;
        file.seek(SeekFrom::Start(end))?;
        Ok(Dump { bytes, sha256: hex(&hash.finalize()) })
    }

    /// Puts the secret key in.
    pub(super) fn secret_key(&mut self, key: &str) -> anyhow::Result<()> {
        self.small(SECRET_KEY, key.as_bytes())
    }

    /// Puts the manifest behind all else, and the file in its place.
    pub(super) fn finish(mut self, manifest: &Manifest) -> anyhow::Result<u64> {
        self.small(MANIFEST, &[serde_json::to_vec_pretty(manifest)?.as_slice(), b"\n"].concat())?;
        let file = self.file.as_file_mut();
        // Two empty blocks end an archive.
        file.write_all(&[0; 2 * BLOCK as usize])?;
        file.sync_all()?;
        let bytes = file.stream_position()?;
        let place = self.place;
        self.file.persist_noclobber(&place).with_context(|| format!("{} cannot be put in place", place.display()))?;
        File::open(folder_of(&place))?.sync_all()?;
        Ok(bytes)
    }

    fn small(&mut self, name: &str, content: &[u8]) -> anyhow::Result<()> {
        let file = self.file.as_file_mut();
        file.write_all(header(name, content.len() as u64)?.as_bytes())?;
        file.write_all(content)?;
        pad(file, content.len() as u64)
    }
}

/// A whole backup.
pub(super) struct Backup {
    file: File,
    dump_at: u64,
    pub manifest: Manifest,
    pub secret_key: Option<String>,
}

impl Backup {
    /// Opens it and reads what it says of itself; the dump is looked at by [`check`](Self::check).
    pub(super) fn open(place: &Path) -> anyhow::Result<Self> {
        let file = File::open(place).with_context(|| format!("{} cannot be opened", place.display()))?;
        let not_whole = |why: String| Damaged::NotWhole(place.to_owned(), why);
        let (mut dump, mut secret_key, mut manifest) = (None, None, None);
        let mut archive = tar::Archive::new(file);
        for entry in archive.entries_with_seek()? {
            let mut entry = entry.map_err(|error| not_whole(error.to_string()))?;
            let name = entry.path().map_err(|error| not_whole(error.to_string()))?.to_string_lossy().into_owned();
            match name.as_str() {
                DUMP => dump = Some((entry.raw_file_position(), entry.size())),
                SECRET_KEY => secret_key = Some(text(&mut entry).map_err(|error| not_whole(error.to_string()))?),
                MANIFEST => manifest = Some(text(&mut entry).map_err(|error| not_whole(error.to_string()))?),
                _ => {}
            }
        }
        let manifest = manifest.ok_or_else(|| not_whole(format!("it has no {MANIFEST}")))?;
        let shape: serde_json::Value = serde_json::from_str(&manifest).map_err(|error| not_whole(error.to_string()))?;
        if shape["format"].as_u64().is_some_and(|format| format > FORMAT.into()) {
            bail!(
                "{} was made by a later version of Turnout ({}): restore it with that",
                place.display(),
                shape["turnout"]
            );
        }
        let manifest: Manifest = serde_json::from_value(shape).map_err(|error| not_whole(error.to_string()))?;
        let (dump_at, bytes) = dump.ok_or_else(|| not_whole(format!("it has no {DUMP}")))?;
        if bytes != manifest.dump.bytes {
            return Err(not_whole(format!(
                "its dump has {} and not {}",
                counted(bytes, "byte", "bytes"),
                manifest.dump.bytes
            ))
            .into());
        }
        Ok(Self { file: archive.into_inner(), dump_at, manifest, secret_key })
    }

    /// Reads the whole dump: it has to be the one that was written.
    pub(super) fn check(&mut self, place: &Path, progress: &ProgressBar) -> anyhow::Result<()> {
        let mut hash = Sha256::new();
        let mut dump = progress.wrap_read(self.dump()?);
        let (mut copied, mut buffer) = (0, vec![0; BUFFER_BYTES]);
        loop {
            let read = dump.read(&mut buffer).context("the backup cannot be read")?;
            if read == 0 {
                break;
            }
            hash.update(&buffer[..read]);
            copied += read as u64;
        }
        drop(dump);
        if copied != self.manifest.dump.bytes {
            let why = format!("its dump ends after {copied} of {}", counted(self.manifest.dump.bytes, "byte", "bytes"));
            return Err(Damaged::NotWhole(place.to_owned(), why).into());
        }
        if hex(&hash.finalize()) != self.manifest.dump.sha256 {
            return Err(Damaged::OtherDump(place.to_owned()).into());
        }
        Ok(())
    }

    /// The dump, from its beginning.
    pub(super) fn dump(&mut self) -> io::Result<impl Read> {
        self.file.seek(SeekFrom::Start(self.dump_at))?;
        Ok((&self.file).take(self.manifest.dump.bytes))
    }
}

fn text(entry: &mut impl Read) -> io::Result<String> {
    let mut text = String::new();
    entry.take(SMALL_BYTES_MAX).read_to_string(&mut text)?;
    Ok(text)
}

fn header(name: &str, bytes: u64) -> io::Result<tar::Header> {
    let mut header = tar::Header::new_gnu();
    header.set_path(name)?;
    header.set_size(bytes);
    header.set_mode(0o600);
    header.set_mtime(0);
    header.set_cksum();
    Ok(header)
}

fn pad(file: &mut File, bytes: u64) -> anyhow::Result<()> {
    let over = usize::try_from(bytes % BLOCK)?;
    if over > 0 {
        file.write_all(&[0; BLOCK as usize][over..])?;
    }
    Ok(())
}

fn folder_of(place: &Path) -> &Path {
    place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes a file that only its owner may read, where there is none.
pub(super) fn write_private(place: &Path, text: &str) -> anyhow::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(place)
        .with_context(|| format!("{} cannot be made", place.display()))?;
    file.write_all(text.as_bytes())?;
    Ok(file.sync_all()?)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
