//! As whom PostgreSQL's programs run: PostgreSQL refuses root.
//!
//! Started by root (containers, CI), `initdb` and the server run as `postgres`, else `nobody`, and own the data directory. The
//! standard library changes user, group and supplementary groups before it executes the program.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::unistd::{Gid, Uid, User, chown};

use crate::Error;

/// As whom to run.
#[derive(Debug, Clone)]
pub(crate) enum RunAs {
    /// As whoever runs this program.
    Self_,
    /// As another, because this program is run by root.
    Other { name: String, uid: Uid, gid: Gid },
}

impl RunAs {
    pub(crate) fn decide() -> Result<Self, Error> {
        if !Uid::effective().is_root() {
            return Ok(Self::Self_);
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .map(|user| Self::Other { name: user.name, uid: user.uid, gid: user.gid })
            .ok_or(Error::NoUser)
    }

    /// A program that runs as this user, in the root folder (it may not be able to reach the present one), without the
    /// environment's settings for PostgreSQL.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.current_dir("/").stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            // The server's secrets are no business of whoever looks at its database's processes.
            if text.starts_with("PG") || text.starts_with("TURNOUT_") || text.starts_with("DATABASE_URL") {
                command.env_remove(name);
            }
        }
        if let Self::Other { uid, gid, .. } = self {
            command.uid(uid.as_raw()).gid(gid.as_raw());
        }
        command
    }

    /// Gives a file or directory to the user.
    pub(crate) fn own(&self, path: &Path) -> Result<(), Error> {
        match self {
            Self::Self_ => Ok(()),
            Self::Other { name, uid, gid } => chown(path, Some(*uid), Some(*gid))
                .map_err(|errno| Error::io(format!("cannot give {} to {name}", path.display()))(errno.into())),
        }
    }

    /// Whether this is the user's id.
    pub(crate) fn is(&self, owner: u32) -> bool {
        match self {
            Self::Self_ => Uid::effective().as_raw() == owner,
            Self::Other { uid, .. } => uid.as_raw() == owner,
        }
    }

    /// Tries whether the user can enter the directory.
    pub(crate) fn must_reach(&self, path: &Path) -> Result<(), Error> {
        let Self::Other { name, .. } = self else { return Ok(()) };
        let entered = self
            .command("/bin/sh")
            .args(["-c", r#"cd -- "$1""#, "sh"])
            .arg(path)
            .stderr(Stdio::null())
            .status()
            .map_err(Error::io("cannot run /bin/sh"))?;
        if entered.success() { Ok(()) } else { Err(Error::Unreachable { user: name.clone(), path: path.to_owned() }) }
    }
}
