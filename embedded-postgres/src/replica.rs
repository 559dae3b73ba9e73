//! A copy of a running server that follows it by streaming replication, made by `pg_basebackup`.
//!
//! The copy has the primary's databases and roles. It connects through the primary's socket, as the superuser: both run as
//! the same user, and nobody else can enter either directory.

use std::{fs, io};

use crate::Error;
use crate::data_directory::DataDirectory;
use crate::programs::Programs;
use crate::server;
use crate::user::RunAs;

/// Copies the server in `from` into `into`, which is absent or empty, and has the copy follow.
pub(crate) async fn copy(
    programs: &Programs,
    run_as: &RunAs,
    from: &DataDirectory,
    into: &DataDirectory,
) -> Result<(), Error> {
    into.make_private(run_as)?;
    let mut backup = run_as.command(programs.program("pg_basebackup"));
    backup.arg("--pgdata").arg(into.path());
    backup.arg("--host").arg(from.socket_directory());
    backup.args(["--port", &server::PORT.to_string(), "--username", crate::OWNER, "--no-password"]);
    // With what it takes to follow: `standby.signal`, and the primary's address.
    backup.args(["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync"]);
    let output = tokio::task::spawn_blocking(move || backup.output())
        .await
        .map_err(|error| Error::io("cannot wait for pg_basebackup")(error.into()))?
        .map_err(Error::io("cannot run pg_basebackup"))?;
    if !output.status.success() {
        let output = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(Error::Failed { program: "pg_basebackup".into(), output });
    }
    // The lock of the primary's socket lies in its data directory and was copied with it; the primary lives, so that the
    // copy would believe its own socket to be in use.
    match fs::remove_file(into.path().join(format!(".s.PGSQL.{}.lock", server::PORT))) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io("cannot remove a copied lock")(error)),
        _ => Ok(()),
    }
}
