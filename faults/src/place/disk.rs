//! A small file system of its own for the data, and the ballast that fills it.
//!
//! Only root can mount one. It is ext4 in a file, by a loop device, where that works, else memory (tmpfs); else there is none,
//! and the run says why. The ballast is allocated and not written, so filling takes no time and no room on the machine's disk.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use nix::errno::Errno;

/// Enough for the write-ahead log of any load here (`max_wal_size` is 1 GiB) and the data of a run of hours.
const BYTES: u64 = 12 << 30;
/// A file system in memory is smaller: its ballast takes memory.
const MEMORY: &str = "size=2g,mode=0755";

/// Why there is no file system that could be filled.
#[derive(Debug, Clone)]
pub struct NoDisk(pub String);

/// A mounted file system; it is unmounted with this value.
#[derive(Debug)]
pub struct Disk {
    path: PathBuf,
    /// `ext4` or `tmpfs`.
    pub kind: &'static str,
}

impl Disk {
    /// Mounts one in a folder.
    pub fn mount(folder: &Path) -> Result<Self, NoDisk> {
        let path = folder.join("disk");
        Self::try_mount(folder, path).map_err(|error| NoDisk(format!("{error:#}")))
    }

    fn try_mount(folder: &Path, path: PathBuf) -> Result<Self> {
        if !cfg!(target_os = "linux") {
            bail!("mounting a small file system is only known for Linux");
        }
        if !nix::unistd::Uid::effective().is_root() {
            bail!("only root can mount a small file system");
        }
        fs::create_dir_all(&path)?;
        let image = folder.join("disk.ext4");
        let ext4 = || -> Result<()> {
            File::create(&image)?.set_len(BYTES)?;
            run(Command::new("mkfs.ext4").args(["-q", "-F", "-m", "0", "-E", "lazy_itable_init=1"]).arg(&image))?;
            run(Command::new("mount").args(["-o", "loop"]).arg(&image).arg(&path))
        };
        let kind = match ext4() {
            Ok(()) => "ext4",
            Err(first) => {
                let _ = fs::remove_file(&image);
                run(Command::new("mount").args(["-t", "tmpfs", "-o", MEMORY, "tmpfs"]).arg(&path))
                    .with_context(|| format!("neither ext4 ({first:#}) nor tmpfs"))?;
                "tmpfs"
            }
        };
        Ok(Self { path, kind })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Fills it to the last block that can be had.
    pub fn fill(&self) -> Result<()> {
        let ballast = File::create(self.ballast())?;
        let mut end: i64 = 0;
        // What is left changes while others write: in ever smaller pieces.
        for piece in [1_i64 << 30, 64 << 20, 4 << 20, 256 << 10, 16 << 10, 4 << 10] {
            loop {
                match allocate(&ballast, end, piece) {
                    Ok(()) => end += piece,
                    Err(Errno::ENOSPC) => break,
                    Err(error) => return Err(error).context("filling the disk"),
                }
            }
        }
        Ok(())
    }

    /// Makes room again.
    pub fn empty(&self) -> Result<()> {
        Ok(fs::remove_file(self.ballast())?)
    }

    fn ballast(&self) -> PathBuf {
        self.path.join("ballast")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: whoever still has a file open there keeps it until they end.
        let _ = run(Command::new("umount").arg("--lazy").arg(&self.path));
    }
}

#[cfg(target_os = "linux")]
fn allocate(file: &File, from: i64, bytes: i64) -> nix::Result<()> {
    nix::fcntl::fallocate(file, nix::fcntl::FallocateFlags::empty(), from, bytes)
}

/// Nothing is mounted there, so nothing is filled.
#[cfg(not(target_os = "linux"))]
fn allocate(_file: &File, _from: i64, _bytes: i64) -> nix::Result<()> {
    Err(Errno::ENOSYS)
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("{command:?}"))?;
    if output.status.success() {
        return Ok(());
    }
    bail!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim());
}
