//! Read models are built beside those in use and put in their place, while events come and queries are answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result, bail};
use projections::{
    Audience, Differs, ReadModel, ReadModels, Rebuild, RebuildError, Stage, Step,
    queries::{List, OrdersFilter, Page},
};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use uuid::Uuid;

use crate::{
    story::Story,
    world::{World, catch_up, options},
};

const ORGANIZATION: Uuid = Uuid::from_u128(0xA);

/// A world in which some shows have a past, all of it projected.
async fn world_with_a_past() -> Result<(World, Vec<Story>)> {
    let world = World::new().await?;
    world.found(ORGANIZATION).await?;
    let mut stories: Vec<Story> = (1..=4).map(Story::begin).collect();
    for story in &mut stories {
        story.goes_on(80);
        world.record(ORGANIZATION, story.show.0, story.news()).await?;
    }
    catch_up(&mut world.projector(options(7, 2))).await?;
    world.leases_end();
    Ok((world, stories))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_read_model_built_anew_equals_the_one_in_use() -> Result<()> {
    let (world, _) = world_with_a_past().await?;
    let live = world.rows().await?;
    let rebuild = Rebuild::connect(&world.owner_url).await?;
    for model in ReadModel::ALL {
        let built = rebuild.run(ReadModels::of(&[model])).await.with_context(|| model.name())?;
        assert_eq!(built.streams, 5);
        assert_eq!(world.rows().await?, live, "{model}");
    }
    rebuild.run(ReadModels::ALL).await?;
    assert_eq!(world.rows().await?, live);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_built_has_the_shape_of_what_it_replaces() -> Result<()> {
    let (world, _) = world_with_a_past().await?;
    let shape = async || -> Result<Vec<String>> {
        let sql = "SELECT format('%s %s %s', tablename, indexname, indexdef) FROM pg_indexes WHERE schemaname = 'read'
             UNION ALL SELECT format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint
                        WHERE connamespace = 'read'::regnamespace
             UNION ALL SELECT format('%s %s %s %s %s %s', tablename, policyname, roles, cmd, qual, with_check) FROM pg_policies
                        WHERE schemaname = 'read'
             UNION ALL SELECT format('%s %s %s %s %s', c.relname, c.relrowsecurity, c.relforcerowsecurity, a.grantee::regrole, a.privilege_type)
                         FROM pg_class AS c, aclexplode(c.relacl) AS a WHERE c.relnamespace = 'read'::regnamespace AND c.relkind = 'r'
             UNION ALL SELECT format('%s %s %s %s', attrelid::regclass, attnum, attname, atttypid::regtype) FROM pg_attribute
                        WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'read'::regnamespace AND relkind = 'r')
             ORDER BY 1";
        Ok(sqlx::query_scalar(sql).fetch_all(&world.owner).await?)
    };
    let before = shape().await?;
    Rebuild::connect(&world.owner_url).await?.run(ReadModels::ALL).await?;
    assert_eq!(shape().await?, before);
    assert!(before.len() > 100, "{before:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_replaced_can_be_put_back_and_has_missed_nothing() -> Result<()> {
    let (world, mut stories) = world_with_a_past().await?;
    let rebuild = Rebuild::connect(&world.owner_url).await?;
    assert!(matches!(rebuild.roll_back().await, Err(RebuildError::NothingKept)));
    for models in [ReadModels::ALL, ReadModels::of(&[ReadModel::Tickets, ReadModel::Activity])] {
        rebuild.run(models).await?;
        let mut projector = world.projector(options(100, 10));
        for story in &mut stories {
            story.goes_on(20);
            world.record(ORGANIZATION, story.show.0, story.news()).await?;
        }
        catch_up(&mut projector).await?;
        world.leases_end();
        let live = world.rows().await?;
        for _ in 0..2 {
            rebuild.roll_back().await?;
            assert_eq!(world.rows().await?, live);
        }
    }
    rebuild.drop_kept().await?;
    assert!(matches!(rebuild.roll_back().await, Err(RebuildError::NothingKept)));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn read_models_that_were_lost_are_built_from_nothing() -> Result<()> {
    let (world, _) = world_with_a_past().await?;
    let live = world.rows().await?;
    world.empty().await?;
    // A projector was here once: its checkpoint is at the beginning.
    world.projector(options(1, 1)).step().await?;
    world.leases_end();
    Rebuild::connect(&world.owner_url).await?.run(ReadModels::ALL).await?;
    assert_eq!(world.rows().await?, live);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_died_leaves_everything_as_it_was_and_another_begins_anew() -> Result<()> {
    let (world, _) = world_with_a_past().await?;
    let live = world.rows().await?;
    let first = Arc::new(Rebuild::connect(&world.owner_url).await?);
    let second = Rebuild::connect(&world.owner_url).await?;
    let mut progress = first.progress();
    let dies = tokio::spawn({
        let first = Arc::clone(&first);
        async move { first.run(ReadModels::ALL).await }
    });
    progress.wait_for(|progress| progress.of > 0).await?;
    assert!(matches!(second.run(ReadModels::ALL).await, Err(RebuildError::Running)));
    dies.abort();
    assert!(dies.await.is_err_and(|gone| gone.is_cancelled()), "it was not killed in the middle");
    assert_eq!(world.rows().await?, live);
    // The connection with the lock is closed behind it.
    loop {
        match second.run(ReadModels::ALL).await {
            Err(RebuildError::Running) => tokio::task::yield_now().await,
            built => {
                built?;
                break;
            }
        }
    }
    assert_eq!(world.rows().await?, live);
    Ok(())
}

/// What somebody does to the new tables when they are full; the rebuild waits for it.
async fn rebuilt_while(world: &World, tampering: &'static str) -> Result<RebuildError> {
    let rebuild = Rebuild::connect(&world.owner_url).await?;
    let mut progress = rebuild.progress();
    let (mut before, mut meanwhile) = (connect(world).await?, connect(world).await?);
    // What an unfinished one left.
    before.execute("DROP SCHEMA IF EXISTS read_next CASCADE").await?;
    // Nothing can be read from the log, and nothing is filled, until the new tables are there and this has a lock on one.
    before.execute("BEGIN; LOCK TABLE log.events IN ACCESS EXCLUSIVE MODE").await?;
    let running = tokio::spawn(async move { rebuild.run(ReadModels::ALL).await });
    while !sqlx::query_scalar::<_, bool>("SELECT to_regclass('read_next.poisoned_streams') IS NOT NULL")
        .fetch_one(&mut meanwhile)
        .await?
    {
        tokio::task::yield_now().await;
    }
    meanwhile.execute("BEGIN; LOCK TABLE read_next.tickets IN ROW EXCLUSIVE MODE").await?;
    before.execute("COMMIT").await?;
    progress.wait_for(|progress| progress.stage == Stage::Indexing).await?;
    meanwhile.execute(tampering).await?;
    meanwhile.execute("COMMIT").await?;
    running.await?.err().context("it put in place what is wrong")
}

async fn connect(world: &World) -> Result<PgConnection> {
    Ok(PgConnection::connect(&world.owner_url).await?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_what_the_events_say_is_not_put_in_place() -> Result<()> {
    let (world, _) = world_with_a_past().await?;
    let live = world.rows().await?;
    let other =
        "UPDATE read_next.tickets SET status = 'void' WHERE id = (SELECT min(id::text)::uuid FROM read_next.tickets)";
    let RebuildError::NotEqual(differs) = rebuilt_while(&world, other).await? else {
        bail!("another status was not told as a difference")
    };
    assert_eq!((differs.table, differs.how), ("tickets", Differs::In(vec!["status".to_owned()])));
    assert_eq!(world.rows().await?, live);

    let lost = "DELETE FROM read_next.tickets WHERE id = (SELECT min(id::text)::uuid FROM read_next.tickets)";
    let RebuildError::NotWritten { table, rendered, counted } = rebuilt_while(&world, lost).await? else {
        bail!("a lost row was not told")
    };
    assert_eq!((table, counted), ("tickets", i64::try_from(rendered)? - 1));
    assert_eq!(world.rows().await?, live);

    // What is kept was made by another migration's shape.
    let rebuild = Rebuild::connect(&world.owner_url).await?;
    rebuild.run(ReadModels::ALL).await?;
    world.owner.execute("UPDATE read_old.kept SET migration = migration - 1").await?;
    assert!(matches!(rebuild.roll_back().await, Err(RebuildError::KeptBeforeMigration)));
    assert_eq!(world.rows().await?, live);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queries_and_projecting_go_on_while_everything_is_replaced() -> Result<()> {
    let (world, mut stories) = world_with_a_past().await?;
    let world = Arc::new(world);
    let done = Arc::new(AtomicBool::new(false));
    let mut projector = world.projector(options(5, 10));
    let queries = world.queries(&projector);
    let projecting = tokio::spawn({
        let done = Arc::clone(&done);
        async move {
            while !done.load(Ordering::Relaxed) {
                // Replaced together, the read models send whoever leads back to the checkpoint.
                if let Step::Idle(_) = projector.step().await? {
                    tokio::task::yield_now().await;
                }
            }
            loop {
                if let Step::Idle(_) = projector.step().await? {
                    return anyhow::Ok(());
                }
            }
        }
    });
    let show = stories[0].show.0;
    let asking = tokio::spawn({
        let (done, queries) = (Arc::clone(&done), queries.clone());
        async move {
            let (mut asked, mut reached) = (0_u64, 0);
            while !done.load(Ordering::Relaxed) {
                let page = Page { limit: 200, cursor: None };
                let orders: List<_> = queries.orders(ORGANIZATION, show, &OrdersFilter::default(), &page).await?.body;
                let seats = queries.seats(ORGANIZATION, show, None, Audience::Staff).await?;
                assert!(!orders.items.is_empty() && !seats.body.seats.is_empty(), "an empty table was seen");
                assert!(seats.position >= reached, "it went back from {reached} to {}", seats.position);
                reached = seats.position;
                asked += 1;
            }
            anyhow::Ok(asked)
        }
    });
    let rebuild = Rebuild::connect(&world.owner_url).await?;
    for round in 0..6 {
        for story in &mut stories {
            story.goes_on(15);
            world.record(ORGANIZATION, story.show.0, story.news()).await?;
        }
        let models =
            if round % 2 == 0 { ReadModels::ALL } else { ReadModels::of(&[ReadModel::Seats, ReadModel::Orders]) };
        rebuild.run(models).await?;
    }
    done.store(true, Ordering::Relaxed);
    assert!(asking.await?? > 20, "hardly anything was asked");
    projecting.await??;
    let live = world.rows().await?;
    world.leases_end();
    world.empty().await?;
    catch_up(&mut world.projector(options(1_000, 10))).await?;
    assert_eq!(world.rows().await?, live);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_for_a_switch_that_waits_for_vacuum() -> Result<()> {
    let (world, stories) = world_with_a_past().await?;
    let live = world.rows().await?;
    let queries = world.queries(&world.projector(options(1_000, 10)));
    Rebuild::connect(&world.owner_url).await?.run(ReadModels::ALL).await?;
    for table in ["read.tickets", "read_old.tickets"] {
        // What vacuum takes. Only PostgreSQL's own gives way to others.
        let mut vacuum = world.owner.begin().await?;
        let lock = AssertSqlSafe(format!("LOCK TABLE {table} IN SHARE UPDATE EXCLUSIVE MODE"));
        vacuum.execute(lock).await?;
        let rebuild = Rebuild::connect(&world.owner_url).await?;
        let rebuilding = tokio::spawn(async move { rebuild.run(ReadModels::ALL).await });
        let locks = "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = $1::regclass AND NOT granted),
                            EXISTS (SELECT FROM pg_locks WHERE relation = 'read.checkpoints'::regclass AND granted
                                                           AND mode = 'AccessExclusiveLock')";
        loop {
            let locks = sqlx::query_as(locks).bind(table).fetch_one(&mut *vacuum);
            let (waits, keeps_others_waiting): (bool, bool) = locks.await?;
            assert!(!keeps_others_waiting, "whoever asks waits for whoever works at {table}");
            if waits {
                break;
            }
            assert!(!rebuilding.is_finished(), "it did not wait for {table}");
        }
        let seats = queries.seats(ORGANIZATION, stories[0].show.0, None, Audience::Staff).await?;
        assert!(!seats.body.seats.is_empty());
        vacuum.rollback().await?;
        rebuilding.await??;
        assert_eq!(world.rows().await?, live);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_stopped_is_tried_again_once_it_is_understood() -> Result<()> {
    let (world, stories) = world_with_a_past().await?;
    let live = world.rows().await?;
    let sick = stories[1].show.0;
    // As an older program left it that did not know the last event's type: stopped there, its rows as they were before.
    let position: i64 = sqlx::query_scalar("SELECT max(position) FROM log.events WHERE stream = $1")
        .bind(sick)
        .fetch_one(&world.owner)
        .await?;
    let stopped = format!(
        "INSERT INTO read.poisoned_streams VALUES ('{sick}', '{ORGANIZATION}', {position}, 'TicketIssued', 'no such type');
         DELETE FROM read.tickets WHERE show = '{sick}'; UPDATE read.availability SET position = 1 WHERE show = '{sick}'"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(stopped)).execute(&world.owner).await?;
    let mut projector = world.projector(options(10, 10));
    catch_up(&mut projector).await?;
    assert_eq!(*projector.stopped_streams().borrow(), 1);

    let rebuild = Rebuild::connect(&world.owner_url).await?;
    assert!(matches!(rebuild.retry(Uuid::from_u128(0xF)).await, Err(RebuildError::UnknownStream(_))));
    let retried = rebuild.retry(sick).await?;
    assert!(!retried.stopped && retried.events > 50, "{retried:?}");
    assert_eq!(world.rows().await?, live);
    // Whoever leads hears of it by the fence.
    assert_eq!(projector.step().await?, Step::Idle(*projector.checkpoint().borrow()));
    let mut story = stories.into_iter().nth(1).context("a story")?;
    story.goes_on(5);
    world.record(ORGANIZATION, sick, story.news()).await?;
    while !matches!(projector.step().await?, Step::Idle(_)) {}
    assert_eq!(*projector.stopped_streams().borrow(), 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poison_stops_its_stream_in_what_is_built_too() -> Result<()> {
    let (world, mut stories) = world_with_a_past().await?;
    let sick = stories[0].show.0;
    world.record_raw(ORGANIZATION, sick, "ShowPublished", r#"{"code_length":99}"#).await?;
    stories[0].goes_on(10);
    world.record(ORGANIZATION, sick, stories[0].news()).await?;
    catch_up(&mut world.projector(options(3, 2))).await?;
    world.leases_end();
    let live = world.rows().await?;
    let rebuild = Rebuild::connect(&world.owner_url).await?;
    for models in [ReadModels::ALL, ReadModels::of(&[ReadModel::Tickets, ReadModel::Activity])] {
        let built = rebuild.run(models).await?;
        assert_eq!(built.stopped, 1);
        assert_eq!(world.rows().await?, live);
    }
    assert!(rebuild.retry(sick).await?.stopped, "it is still not understood");
    assert_eq!(world.rows().await?, live);
    Ok(())
}
