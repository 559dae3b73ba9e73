//! What is done to the server itself: other settings, a crash, programs of its own.

use std::path::PathBuf;
use std::process::Command;

use embedded_postgres::TemporaryPostgres;
use event_store::pools::{self, Role};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::world::World;

/// Starts the server again with this setting.
pub(crate) async fn restart_with(world: &mut World, setting: &'static str) -> anyhow::Result<()> {
    sqlx::raw_sql(setting).execute(&world.owner).await?;
    world.postgres.server_mut().restart().await?;
    Ok(())
}

/// Kills every process of the server in the midst of its work, as a loss of power would, and starts it again. `processes` are
/// those that wrote, see [`processes`].
pub(crate) async fn crash(postgres: &mut TemporaryPostgres, processes: &[i32]) -> anyhow::Result<()> {
    let server = i32::try_from(postgres.server().pid())?;
    for process in std::iter::once(&server).chain(processes) {
        // One that has ended in this moment cannot be killed any more.
        let _ = kill(Pid::from_raw(*process), Signal::SIGKILL);
    }
    postgres.server().wait_exit().await;
    postgres.server_mut().restart().await?;
    Ok(())
}

/// The server's processes beside the first: those of connections, and those that write for all.
pub(crate) async fn processes(world: &World) -> anyhow::Result<Vec<i32>> {
    Ok(sqlx::query_scalar("SELECT pid FROM pg_stat_activity").fetch_all(&world.owner).await?)
}

/// One of the programs that belong to the server, such as `pg_dump`.
pub(crate) async fn program(world: &World, name: &str) -> anyhow::Result<Command> {
    let superuser = pools::connect(&world.postgres.server().owner_url(), Role::Owner, 1).await?;
    let folder: String =
        sqlx::query_scalar("SELECT setting FROM pg_config WHERE name = 'BINDIR'").fetch_one(&superuser).await?;
    Ok(Command::new(PathBuf::from(folder).join(name)))
}

/// Runs a program to its end and gives what it printed; what it complained of is the error.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output()?;
    anyhow::ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}
