//! The launcher against the PostgreSQL of this machine: start, stop, restart, and what is refused.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use embedded_postgres::{EmbeddedPostgres, Error, Options, temporary, temporary_primary};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::{Connection, PgConnection};

fn folder() -> tempfile::TempDir {
    tempfile::Builder::new()
        .permissions(std::fs::Permissions::from_mode(0o755))
        .tempdir()
        .expect("a temporary directory")
}

async fn ask(url: &str, sql: &'static str) -> Result<String, sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::query_scalar(sql).fetch_one(&mut connection).await
}

fn alive(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}/stat")).exists()
}

#[tokio::test]
async fn it_starts_in_an_absent_directory_and_again_in_what_it_left() -> anyhow::Result<()> {
    let folder = folder();
    let options = Options::new(folder.path().join("deep/data"));
    let first = EmbeddedPostgres::start(options.clone()).await?;
    let pid = first.pid();
    assert_eq!(
        ask(&first.owner_url(), "SELECT current_user || ' ' || current_database()").await?,
        "turnout_owner turnout"
    );
    assert_eq!(ask(&first.owner_url(), "SHOW fsync").await?, "on");
    assert_eq!(ask(&first.owner_url(), "SHOW data_checksums").await?, "on");
    assert_eq!(ask(&first.owner_url(), "SHOW server_encoding").await?, "UTF8");
    assert_eq!(ask(&first.owner_url(), "SHOW listen_addresses").await?, "");
    assert_eq!(std::fs::metadata(folder.path().join("deep/data"))?.permissions().mode() & 0o777, 0o700);
    sqlx::query("CREATE TABLE kept AS SELECT 'kept'::text AS word")
        .execute(&mut PgConnection::connect(&first.owner_url()).await?)
        .await?;
    first.stop().await;
    assert!(!alive(pid));

    let second = EmbeddedPostgres::start(options).await?;
    assert_eq!(ask(&second.owner_url(), "SELECT word FROM kept").await?, "kept");
    second.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_server_that_died_is_noticed_and_started_again_at_the_same_url() -> anyhow::Result<()> {
    let mut temporary = temporary().await?;
    let server = temporary.server_mut();
    let (url, pid) = (server.owner_url(), server.pid());
    kill(Pid::from_raw(i32::try_from(pid)?), Signal::SIGKILL)?;
    assert_eq!(server.wait_exit().await.signal, Some(9));
    server.restart().await?;
    assert_ne!(server.pid(), pid);
    assert_eq!(server.owner_url(), url);
    assert_eq!(ask(&url, "SELECT 'here'").await?, "here");
    Ok(())
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_works_all_the_same() -> anyhow::Result<()> {
    let folder = folder();
    let server = EmbeddedPostgres::start(Options::new(folder.path().join("x".repeat(120)))).await?;
    let socket_directory = ask(&server.owner_url(), "SHOW unix_socket_directories").await?;
    server.stop().await;
    std::fs::remove_dir_all(&socket_directory)?;
    assert!(socket_directory.starts_with("/tmp/embedded-postgres-"), "{socket_directory}");
    Ok(())
}

#[tokio::test]
async fn settings_are_taken_but_a_port_is_never_opened() -> anyhow::Result<()> {
    let folder = folder();
    let mut options = Options::new(folder.path().join("data"));
    options.settings = vec![("work_mem".into(), "7MB".into()), ("listen_addresses".into(), "*".into())];
    let server = EmbeddedPostgres::start(options).await?;
    assert_eq!(ask(&server.owner_url(), "SHOW work_mem").await?, "7MB");
    assert_eq!(ask(&server.owner_url(), "SHOW listen_addresses").await?, "");
    server.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_directory_of_another_version_is_left_alone() -> anyhow::Result<()> {
    let folder = folder();
    let data_dir = folder.path().join("data");
    std::fs::create_dir(&data_dir)?;
    std::fs::write(data_dir.join("PG_VERSION"), "9\n")?;
    let error = EmbeddedPostgres::start(Options::new(&data_dir)).await.expect_err("version 9 is not of this machine");
    assert!(matches!(error, Error::OtherVersion { directory: 9, .. }), "{error}");
    assert_eq!(std::fs::read_dir(&data_dir)?.count(), 1);
    Ok(())
}

#[tokio::test]
async fn a_directory_with_something_else_in_it_is_left_alone() -> anyhow::Result<()> {
    let folder = folder();
    std::fs::write(folder.path().join("thesis.txt"), "…")?;
    let error = EmbeddedPostgres::start(Options::new(folder.path())).await.expect_err("it is not empty");
    assert!(matches!(error, Error::NotADatabase { .. }), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_second_start_in_the_same_directory_waits_and_is_then_refused() -> anyhow::Result<()> {
    let temporary = temporary().await?;
    let data_dir = ask(&temporary.server().owner_url(), "SHOW data_directory").await?;
    let error = EmbeddedPostgres::start(Options::new(data_dir)).await.expect_err("the first one runs");
    assert!(matches!(error, Error::Occupied { .. }), "{error}");
    assert_eq!(ask(&temporary.server().owner_url(), "SELECT 'unharmed'").await?, "unharmed");
    Ok(())
}

#[tokio::test]
async fn a_start_waits_for_an_earlier_server_to_go() -> anyhow::Result<()> {
    let folder = folder();
    let options = Options::new(folder.path().join("data"));
    let first = EmbeddedPostgres::start(options.clone()).await?;
    // Dropped, not stopped: it is still shutting down when the second one starts.
    drop(first);
    let second = EmbeddedPostgres::start(options).await?;
    assert_eq!(ask(&second.owner_url(), "SELECT 'here'").await?, "here");
    second.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_temporary_server_has_many_databases_and_leaves_nothing() -> anyhow::Result<()> {
    let temporary = temporary().await?;
    let (one, two) = (temporary.fresh_database().await?, temporary.fresh_database().await?);
    let name = "SELECT current_database()::text";
    assert_ne!(ask(&one.owner_url, name).await?, ask(&two.owner_url, name).await?);
    let data_dir = ask(&one.owner_url, "SHOW data_directory").await?;
    let pid = temporary.server().pid();
    drop(temporary);
    assert!(!alive(pid));
    assert!(!Path::new(&data_dir).exists());
    Ok(())
}

/// The test starts itself as the program that is killed: with this variable it is that program.
const VICTIM: &str = "EMBEDDED_POSTGRES_TEST_VICTIM";

#[tokio::test]
async fn a_killed_program_leaves_no_server_behind() -> anyhow::Result<()> {
    if let Some(data_dir) = std::env::var_os(VICTIM) {
        let server = EmbeddedPostgres::start(Options::new(data_dir)).await?;
        println!("\nserver {}", server.pid());
        std::future::pending::<()>().await;
    }
    killed_with_path(&std::env::var("PATH")?).await
}

#[tokio::test]
async fn a_killed_program_leaves_no_server_behind_where_the_kernel_cannot_be_asked() -> anyhow::Result<()> {
    let folder = folder();
    let setpriv = folder.path().join("setpriv");
    std::fs::write(&setpriv, "#!/bin/sh\nexit 1\n")?;
    std::fs::set_permissions(&setpriv, std::fs::Permissions::from_mode(0o755))?;
    killed_with_path(&format!("{}:{}", folder.path().display(), std::env::var("PATH")?)).await
}

async fn killed_with_path(path: &str) -> anyhow::Result<()> {
    let folder = folder();
    let data_dir = folder.path().join("data");
    let mut victim = tokio::process::Command::new(std::env::current_exe()?)
        .args(["--exact", "a_killed_program_leaves_no_server_behind", "--nocapture"])
        .env(VICTIM, &data_dir)
        .env("PATH", path)
        .stdout(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let pid = server_of(&mut victim).await?;
    assert!(alive(pid));
    victim.kill().await?;
    tokio::time::timeout(Duration::from_secs(10), gone(pid)).await?;

    // And the next one comes up without help.
    let server = EmbeddedPostgres::start(Options::new(&data_dir)).await?;
    server.stop().await;
    Ok(())
}

async fn server_of(victim: &mut tokio::process::Child) -> anyhow::Result<u32> {
    use tokio::io::{AsyncBufReadExt as _, BufReader};
    let stdout = victim.stdout.take().ok_or_else(|| anyhow::anyhow!("no output"))?;
    let mut lines = BufReader::new(stdout).lines();
    while let Some(line) = lines.next_line().await? {
        if let Some(pid) = line.strip_prefix("server ") {
            return Ok(pid.parse()?);
        }
    }
    anyhow::bail!("the victim ended without a server")
}

/// Returns when the process is gone: nothing tells a process that is not its parent, so it looks.
async fn gone(pid: u32) {
    while alive(pid) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_replica_has_what_its_primary_has_and_follows_it() -> anyhow::Result<()> {
    let primary = temporary_primary().await?;
    let database = primary.fresh_database().await?;
    let mut writer = PgConnection::connect(&database.owner_url).await?;
    sqlx::query("CREATE TABLE kept AS SELECT 'before'::text AS word").execute(&mut writer).await?;
    let replica = primary.replica().await?;
    let same = replica.same_database(&database);
    assert_eq!(ask(&same.owner_url, "SELECT word FROM kept").await?, "before");
    sqlx::query("UPDATE kept SET word = 'behind'").execute(&mut writer).await?;
    while ask(&same.owner_url, "SELECT word FROM kept").await? != "behind" {
        tokio::task::yield_now().await;
    }
    let refused = sqlx::query("UPDATE kept SET word = 'here'")
        .execute(&mut PgConnection::connect(&same.owner_url).await?)
        .await
        .expect_err("a replica takes no writes");
    assert!(refused.to_string().contains("read-only"), "{refused}");
    Ok(())
}
