//! `turnout restore`: a backup into a new data directory or an empty database, and whether what came of it is the log that was backed up.
//!
//! Nothing that is there is touched: the target has to be empty. A new data directory comes to its name only when all of it was
//! restored and found right; a database that a URL names is emptied again where it was not.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::{ExitCode, Stdio},
};

use anyhow::{Context as _, bail};
use clap::Args;
use embedded_postgres::EmbeddedPostgres;
use event_store::{Clock as _, SystemClock, tree::Head};
use projections::history::Words;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use super::{
    COULD_NOT, bytes_progress, checkpoint,
    file::{Backup, Damaged, write_private},
    manifest::{self, Manifest},
    programs,
};
use crate::{
    counted::counted,
    secret_settings::{owner_database_url, secret_setting},
    verify::findings::Findings,
};

/// The first migration, whose beginning makes the roles: they belong to a cluster, so that no dump of a database has them.
const FIRST_MIGRATION: &str = include_str!("../../../migrations/0001_log_and_vault.sql");

/// Where the statements end that make roles.
const BEHIND_ROLES: &str = "CREATE SCHEMA log;";

/// What `turnout restore` is told.
#[derive(Args, Clone)]
pub struct Options {
    /// The backup.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where the data shall lie: a directory without a database in it, for the server's own PostgreSQL.
    #[arg(long, env = "TURNOUT_DATA", default_value = "./data", value_name = "DIR")]
    data: PathBuf,
    /// An empty database as its owner, in place of a data directory; one with a password is taken from TURNOUT_OWNER_DATABASE_URL
    /// alone.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// A signed checkpoint that was kept elsewhere: the restored log has to be the one that was signed then. May be named several times.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(super) checkpoint: Vec<PathBuf>,
    /// The public key of the log's checkpoints (name+hash+base64), or a file that has it; one that did not come with the backup.
    #[arg(long, value_name = "KEY|FILE", requires = "checkpoint")]
    pub(super) key: Vec<String>,
    /// Keep what was restored though something is wrong with its log. For when there is no other backup.
    #[arg(long)]
    even_if_wrong: bool,
}

/// What came of it.
struct Restored {
    manifest: Manifest,
    findings: Findings,
    said: String,
    kept: bool,
}

/// Restores. The exit code is 0 when the log is restored and right, 1 when the backup is damaged or its log is wrong, 2 when it
/// could not try.
pub async fn run(options: Options) -> ExitCode {
    match work(&options).await {
        Ok(restored) => {
            println!("{}", restored.said);
            if restored.findings.is_empty() {
                println!("{}", told(&restored.manifest));
                return ExitCode::SUCCESS;
            }
            eprintln!(
                "turnout: the log in this backup is not right. {}",
                if restored.kept {
                    "It was restored all the same."
                } else {
                    "Nothing was restored; --even-if-wrong keeps it."
                }
            );
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("turnout: nothing was restored: {error:#}");
            let damaged = error.downcast_ref::<Damaged>().is_some();
            if damaged { ExitCode::FAILURE } else { ExitCode::from(COULD_NOT) }
        }
    }
}

async fn work(options: &Options) -> anyhow::Result<Restored> {
    let place = options.file.clone();
    let progress = bytes_progress(fs::metadata(&place).ok().map(|file| file.len()));
    progress.set_message("checking");
    let backup = tokio::task::spawn_blocking({
        let progress = progress.clone();
        move || {
            let mut backup = Backup::open(&place)?;
            backup.check(&place, &progress)?;
            anyhow::Ok(backup)
        }
    })
    .await?;
    progress.finish_and_clear();
    let backup = backup?;
    match owner_database_url(options.database_url.as_deref())? {
        Some(url) => into_database(options, backup, &url).await,
        None => {
            if secret_setting("DATABASE_URL")?.is_some() {
                bail!(
                    "DATABASE_URL names a database of its own; set TURNOUT_OWNER_DATABASE_URL to its owner's URL to restore into it"
                );
            }
            into_directory(options, backup).await
        }
    }
}

/// A new database in a data directory.
async fn into_directory(options: &Options, backup: Backup) -> anyhow::Result<Restored> {
    let (place, unfinished) = (options.data.join("postgres"), options.data.join("postgres.restoring"));
    if place.read_dir().is_ok_and(|mut files| files.next().is_some()) || place.is_file() {
        bail!("{} holds a database already; name an empty data directory with --data", options.data.display());
    }
    let key_place = options.data.join("secret-key");
    let key = backup.secret_key.clone();
    if let (Some(key), Ok(there)) = (&key, fs::read_to_string(&key_place))
        && key.trim() != there.trim()
    {
        bail!("{} is another secret key than the one in the backup; which one is right?", key_place.display());
    }
    if embedded_postgres::owner_url_of_running(&unfinished).await?.is_some() {
        bail!("another restore is at work in {}", options.data.display());
    }
    // What an earlier restore left that was broken off.
    remove(&unfinished)?;
    let postgres = EmbeddedPostgres::start(embedded_postgres::Options::new(&unfinished)).await?;
    let done = fill(options, backup, &postgres.owner_url()).await;
    postgres.stop().await;
    let (manifest, findings, said) = match done {
        Ok(done) => done,
        Err(error) => {
            remove(&unfinished)?;
            return Err(error);
        }
    };
    let kept = findings.is_empty() || options.even_if_wrong;
    if kept {
        fs::rename(&unfinished, &place).with_context(|| format!("{} cannot be put in place", place.display()))?;
        if let Some(key) = key.filter(|_| !key_place.exists()) {
            write_private(&key_place, &key)?;
        }
        File::open(&options.data)?.sync_all()?;
    } else {
        remove(&unfinished)?;
    }
    Ok(Restored { manifest, findings, said, kept })
}

/// An empty database that somebody else runs.
async fn into_database(options: &Options, backup: Backup, url: &str) -> anyhow::Result<Restored> {
    let mut connection = connect(url).await?;
    let objects: i64 = sqlx::query_scalar(
        r"SELECT (SELECT count(*) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                   WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema')
               + (SELECT count(*) FROM pg_namespace WHERE nspname IN ('log', 'vault', 'read', 'identity', 'reaction'))",
    )
    .fetch_one(&mut connection)
    .await
    .context("the database cannot be read")?;
    if objects > 0 {
        bail!("the database is not empty; make a new one for the restored data");
    }
    let has_key = backup.secret_key.is_some();
    let (manifest, findings, mut said) = match fill(options, backup, url).await {
        Ok(done) => done,
        Err(error) => {
            empty(&mut connection).await?;
            return Err(error);
        }
    };
    let kept = findings.is_empty() || options.even_if_wrong;
    if !kept {
        empty(&mut connection).await?;
    }
    if has_key {
        said.push_str(
            "\nThe backup has the secret key in it; `tar xf` takes the file secret-key out, for TURNOUT_SECRET_KEY.",
        );
    }
    connection.close().await?;
    Ok(Restored { manifest, findings, said, kept })
}

async fn connect(url: &str) -> anyhow::Result<PgConnection> {
    PgConnection::connect(url).await.context("the database cannot be reached as its owner")
}

/// Takes out again what was restored. Only ever called on a database that was empty before.
async fn empty(connection: &mut PgConnection) -> anyhow::Result<()> {
    connection
        .execute("DROP SCHEMA IF EXISTS log, vault, read, identity, reaction CASCADE; DROP TABLE IF EXISTS public._sqlx_migrations")
        .await
        .context("what was restored cannot be taken out again")?;
    Ok(())
}

fn remove(directory: &Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} cannot be removed", directory.display()))
        }
        _ => Ok(()),
    }
}

/// Fills an empty database and looks at what it holds then.
async fn fill(options: &Options, backup: Backup, url: &str) -> anyhow::Result<(Manifest, Findings, String)> {
    let mut connection = connect(url).await?;
    make_roles(&mut connection).await?;
    let strange = strange_owner(&mut connection, &backup.manifest.owner).await?;
    let folder = programs::beside(&mut connection).await?;
    let mut command = programs::command(&folder, "pg_restore", url);
    command.args(["--exit-on-error", "--single-transaction", "--no-owner"]).stdin(Stdio::piped());
    let progress = bytes_progress(Some(backup.manifest.dump.bytes));
    progress.set_message("restoring");
    let backup = tokio::task::spawn_blocking({
        let (progress, mut backup) = (progress.clone(), backup);
        move || {
            let mut running = programs::Running::start(&mut command)?;
            let mut stdin = running.child().stdin.take().context("pg_restore does not listen")?;
            let copied = io::copy(&mut progress.wrap_read(backup.dump()?), &mut stdin).and_then(|_| stdin.flush());
            drop(stdin);
            // What it says tells more than that it no longer listens.
            running.end()?;
            copied.context("the backup cannot be read")?;
            anyhow::Ok(backup)
        }
    })
    .await??;
    progress.finish_and_clear();
    if let Some(owner) = strange {
        take_over(&mut connection, &owner).await?;
    }
    connection.execute("ANALYZE").await?;
    let mut looked = checkpoint::look(&mut connection, options, url, &backup.manifest).await?;
    compare(&mut connection, &backup.manifest, &mut looked.findings).await?;
    connection.close().await?;
    let said = looked.findings.text(Words::default(), looked.events, looked.streams, looked.took.as_secs_f64());
    Ok((backup.manifest, looked.findings, said))
}

/// Makes the server's roles where the cluster has none, as the first migration does.
async fn make_roles(connection: &mut PgConnection) -> anyhow::Result<()> {
    let (roles, _) = FIRST_MIGRATION.split_once(BEHIND_ROLES).context("the first migration makes no roles")?;
    connection.execute(roles).await.context("the server's roles cannot be made")?;
    Ok(())
}

/// Policies name the owner. Where the backup's was somebody else than who restores, the name has to exist until they are rewritten;
/// none: it is the same.
async fn strange_owner(connection: &mut PgConnection, owner: &str) -> anyhow::Result<Option<Strange>> {
    let (me, there): (String, bool) =
        sqlx::query_as("SELECT current_user::text, EXISTS (SELECT FROM pg_roles WHERE rolname = $1)")
            .bind(owner)
            .fetch_one(&mut *connection)
            .await?;
    if me == owner {
        return Ok(None);
    }
    if !there {
        let quoted: String =
            sqlx::query_scalar("SELECT quote_ident($1)").bind(owner).fetch_one(&mut *connection).await?;
        connection.execute(AssertSqlSafe(format!("CREATE ROLE {quoted} NOLOGIN"))).await?;
    }
    Ok(Some(Strange { name: owner.to_owned(), made: !there }))
}

/// An owner of the database that was backed up, who owns nothing here.
struct Strange {
    name: String,
    /// Whether there was no such role before.
    made: bool,
}

/// What the owner of the backed up database was allowed by policies is allowed who owns the tables now.
async fn take_over(connection: &mut PgConnection, owner: &Strange) -> anyhow::Result<()> {
    let statements: Vec<String> = sqlx::query_scalar(
        "SELECT format('ALTER POLICY %I ON %s TO %s', p.polname, p.polrelid::regclass,
                       string_agg(CASE WHEN r.rolname = $1 THEN 'CURRENT_USER' ELSE quote_ident(r.rolname) END, ', '))
           FROM pg_policy AS p JOIN pg_roles AS r ON r.oid = ANY (p.polroles)
          WHERE EXISTS (SELECT FROM pg_roles AS o WHERE o.rolname = $1 AND o.oid = ANY (p.polroles))
          GROUP BY p.polname, p.polrelid",
    )
    .bind(&owner.name)
    .fetch_all(&mut *connection)
    .await?;
    for statement in statements {
        connection.execute(AssertSqlSafe(statement)).await?;
    }
    if owner.made {
        let quoted: String =
            sqlx::query_scalar("SELECT quote_ident($1)").bind(&owner.name).fetch_one(&mut *connection).await?;
        connection.execute(AssertSqlSafe(format!("DROP OWNED BY {quoted}; DROP ROLE {quoted}"))).await?;
    }
    Ok(())
}

/// What is restored against what the backup says of itself.
async fn compare(connection: &mut PgConnection, manifest: &Manifest, findings: &mut Findings) -> anyhow::Result<()> {
    let head: i64 =
        sqlx::query_scalar("SELECT coalesce(max(position), 0) FROM log.events").fetch_one(&mut *connection).await?;
    if head != manifest.head {
        findings.add_elsewhere(format!("the log goes to position {head}, and was backed up to {}", manifest.head));
    }
    let rows = manifest::rows(&mut *connection).await?;
    for (table, backed_up) in &manifest.rows {
        match rows.get(table) {
            Some(restored) if restored == backed_up => {}
            Some(restored) => {
                let has = counted(*restored, "row", "rows");
                findings.add_elsewhere(format!("{table} has {has}, of {backed_up} that were backed up"));
            }
            None => {
                let had = counted(*backed_up, "row was", "rows were");
                findings.add_elsewhere(format!("there is no table {table}, of which {had} backed up"));
            }
        }
    }
    if manifest::newest_checkpoint(connection).await? != manifest.checkpoint {
        findings.add_elsewhere("the log's newest checkpoint is not the one that the backup names".to_owned());
    }
    Ok(())
}

/// What was restored, and how old it is.
fn told(manifest: &Manifest) -> String {
    let age = SystemClock.now().signed_duration_since(manifest.taken_at);
    let age = match (age.num_days(), age.num_hours(), age.num_minutes()) {
        (0, 0, minutes) => counted(minutes, "minute", "minutes"),
        (0, hours, _) => counted(hours, "hour", "hours"),
        (days, ..) => counted(days, "day", "days"),
    };
    let mut told = format!("The log is restored up to position {}", manifest.head);
    if let Some(at) = manifest.head_recorded_at {
        told.push_str(&format!(", recorded at {}", at.format("%Y-%m-%d %H:%M:%S UTC")));
    }
    told.push_str(&format!(
        "; the backup was taken at {} ({age} ago). What was sold or scanned after that is not in it.\n",
        manifest.taken_at.format("%Y-%m-%d %H:%M:%S UTC")
    ));
    if !manifest.secret_key {
        told.push_str(
            "The secret key was not in the backup: before the server starts, put the old one's file secret-key into the data directory \
             (or set TURNOUT_SECRET_KEY). With another key it cannot start.\n",
        );
    }
    if let Some(signed) = manifest.checkpoint.as_deref().and_then(|note| Head::unverified(note).ok()) {
        told.push_str(&format!(
            "Up to position {} it is as its own keys signed it; compare it with a checkpoint that was kept elsewhere, too: turnout verify --checkpoint.\n",
            signed.size
        ));
    }
    told.push_str("The server builds its read models anew when it starts.");
    told
}
