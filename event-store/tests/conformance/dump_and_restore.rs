//! A dump, restored into a fresh cluster: positions, hashes and everybody's checkpoints are what they were.

use event_store::pools::{self, Role};
use event_store::{Append, AppendError, Ids, Log, Recorder, RecorderOptions, SequentialIds, Vault, content_hash};
use serde_json::json;
use sqlx::AssertSqlSafe;

use crate::server::{program, run};
use crate::world::{World, as_written};

/// The same database in a cluster that has never seen it.
async fn restored(world: &World) -> anyhow::Result<World> {
    let directory = tempfile::tempdir()?;
    let (roles, dump) = (directory.path().join("roles.sql"), directory.path().join("database.dump"));
    let from = &world.database.owner_url;
    let globals = run(program(world, "pg_dumpall").await?.args(["--roles-only", "--dbname", from]))?;
    // A fresh cluster has its superuser already.
    let others: Vec<&str> = globals.lines().filter(|line| !line.ends_with("ROLE turnout_owner;")).collect();
    std::fs::write(&roles, others.join("\n"))?;
    run(program(world, "pg_dump").await?.args(["--format=custom", "--dbname", from, "--file"]).arg(&dump))?;

    let postgres = embedded_postgres::temporary().await?;
    let database = postgres.fresh_database().await?;
    let to = &database.owner_url;
    run(program(world, "psql").await?.args(["-qX", "-v", "ON_ERROR_STOP=1", "-d", to, "-f"]).arg(&roles))?;
    run(program(world, "pg_restore").await?.args(["--exit-on-error", "--dbname", to]).arg(&dump))?;
    let owner = pools::connect(to, Role::Owner, 4).await?;
    Ok(World {
        database,
        owner,
        ids: SequentialIds::new(1_800_000_000_000),
        organization: world.organization,
        postgres,
    })
}

#[tokio::test]
async fn a_restored_log_goes_on_where_it_was_and_so_do_its_readers() -> anyhow::Result<()> {
    let before = World::new().await?;
    let (stream, other) = (before.ids.next(), before.ids.next());
    let person = before.person("Ada", "ada@example.org");
    {
        let (recorder, task) = before.recorder().await?;
        recorder.append(before.append(stream, 0, 3)).await?;
        let odd = before.event("{ \"b\":1, \"a\":\"\\u0000 é\", \"b\":2 }");
        recorder
            .append(Append { events: vec![odd], vault: vec![person.clone()], ..before.append(other, 0, 0) })
            .await?;
        let says = before.organization_says(before.organization, "SignedIn", &json!({}));
        recorder.append(says).await?;
        recorder.append(before.append(stream, 3, 4)).await?;
        task.stop().await;
    }
    let original = before.log().await?.page(0, 100).await?;
    let checkpoint = 4;

    let after = restored(&before).await?;
    event_store::migrate(&after.owner).await?;
    let (recorder, _task) = Recorder::start(&after.database.app_url, RecorderOptions::default()).await?;
    let log = Log::new(after.pool(Role::Project).await?, Some(recorder.head()));
    assert_eq!((log.head().await?, *recorder.head().borrow(), log.wait_beyond(checkpoint).await?), (9, 9, 9));
    // A reader goes on exactly there, and what it reads is what it would have read.
    assert_eq!(log.page(checkpoint, 100).await?, original[4..]);
    assert_eq!(log.page(0, 100).await?, original);
    for (read, written) in original.iter().zip(as_written(&log.page(0, 100).await?)) {
        assert_eq!(read.content_hash, content_hash(&written));
    }
    let vault = Vault::new(after.pool(Role::Query).await?);
    assert_eq!(vault.entries(after.organization, &[person.id]).await?[&person.id].fields, person.fields);

    // Versions hold; appending goes on at the next position.
    let stale = recorder.append(after.append(stream, 3, 1)).await;
    assert!(matches!(stale, Err(AppendError::Conflict { current_version: 7 })), "{stale:?}");
    let (woken, appended) = tokio::join!(log.wait_beyond(9), recorder.append(after.append(stream, 7, 2)));
    assert!(woken? >= 10);
    let appended = appended?;
    assert_eq!((appended.first_position, appended.last_position, appended.version), (Some(10), 11, 9));
    assert!(appended.recorded_at >= original[8].recorded_at);
    assert_eq!(log.page(9, 100).await?.len(), 2);
    // The log is as closed as before.
    for change in ["UPDATE log.events SET actor = 'x'", "TRUNCATE log.events"] {
        assert!(sqlx::raw_sql(change).execute(&after.owner).await.is_err(), "{change}");
    }
    Ok(())
}

/// What is in the tables of a database, each with the number of its rows, as a superuser sees them.
async fn rows(world: &World, database: &str) -> anyhow::Result<Vec<(String, i64)>> {
    let superuser = pools::connect(&world.postgres.server().url("turnout_owner", database), Role::Owner, 1).await?;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
          WHERE schemaname IN ('log', 'vault', 'identity', 'read', 'reaction', 'public') ORDER BY 1",
    )
    .fetch_all(&superuser)
    .await?;
    let mut rows = Vec::new();
    for table in tables {
        let count = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        rows.push((table, sqlx::query_scalar(count).fetch_one(&superuser).await?));
    }
    Ok(rows)
}

#[tokio::test]
async fn an_owner_without_superuser_rights_dumps_and_restores_every_row() -> anyhow::Result<()> {
    let world = World::hosted().await?;
    let (recorder, task) = world.recorder().await?;
    let stream = world.ids.next();
    let vault = vec![world.person("Ada", "ada@example.org")];
    recorder.append(Append { vault, ..world.append(stream, 0, 3) }).await?;
    let added = json!({"member": world.ids.next(), "role": "owner", "account": world.ids.next()});
    recorder.append(world.organization_says(world.organization, "MemberAdded", &added)).await?;
    task.stop().await;
    // Whatever is in a table that is closed to others, its owner sees all of it; else a dump would lack rows, silently.
    let hidden = "SELECT count(*) FROM pg_class AS c WHERE c.relrowsecurity AND NOT EXISTS (
                    SELECT FROM pg_policy AS p WHERE p.polrelid = c.oid AND p.polcmd IN ('*', 'r') AND c.relowner = ANY (p.polroles)
                       AND pg_get_expr(p.polqual, p.polrelid) = 'true')";
    assert_eq!(world.count(hidden).await?, 0);

    let dump = tempfile::NamedTempFile::new()?;
    let (from, to) = (&world.database.owner_url, world.postgres.server().url("hosted", "restored"));
    // Without the option, pg_dump refuses tables whose row-level security holds for their owner.
    let options = ["--enable-row-security", "--format=custom", "--dbname", from, "--file"];
    run(program(&world, "pg_dump").await?.args(options).arg(dump.path()))?;
    let superuser = pools::connect(&world.postgres.server().owner_url(), Role::Owner, 1).await?;
    sqlx::raw_sql("CREATE DATABASE restored OWNER hosted").execute(&superuser).await?;
    run(program(&world, "pg_restore").await?.args(["--exit-on-error", "--dbname", &to]).arg(dump.path()))?;
    let restored = rows(&world, "restored").await?;
    assert_eq!(restored, rows(&world, "hosted").await?);
    for (table, count) in [("log.events", 4), ("vault.entries", 1), ("identity.members", 1)] {
        assert!(restored.contains(&(table.to_owned(), count)), "{table}: {restored:?}");
    }
    let app = world.postgres.server().url("turnout", "restored");
    let (recorder, _task) = Recorder::start(&app, RecorderOptions::default()).await?;
    assert_eq!(recorder.append(world.append(stream, 3, 1)).await?.last_position, 5);
    Ok(())
}
