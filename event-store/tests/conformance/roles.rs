//! What the roles of the database may do, and that migrations make them wherever they have to.

use event_store::Ids;
use event_store::pools::{self, Role};
use sqlx::{AssertSqlSafe, PgPool};

use crate::world::World;

/// Those that the server takes.
pub(crate) const ROLES: [Role; 5] = [Role::Write, Role::Project, Role::Query, Role::React, Role::Identity];

/// SQLSTATE of the refusal; none when it was done.
pub(crate) async fn refusal(pool: &PgPool, sql: &str) -> Option<String> {
    match sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(pool).await {
        Ok(_) => None,
        Err(error) => Some(error.as_database_error()?.code()?.into_owned()),
    }
}

#[tokio::test]
async fn only_the_writing_role_may_append_and_only_under_read_committed() -> anyhow::Result<()> {
    let world = World::new().await?;
    // An empty batch, whatever the arrays are that it is made of.
    let arrays = world.count("SELECT pronargs::bigint FROM pg_proc WHERE oid = 'log.append'::regproc").await?;
    let nothing = format!("SELECT * FROM log.append({})", vec!["'{}'"; usize::try_from(arrays)?].join(", "));
    for role in ROLES {
        let refused = refusal(&world.pool(role).await?, &nothing).await;
        assert_eq!(refused.as_deref(), (role != Role::Write).then_some("42501"), "{role:?}");
    }
    let writer = world.pool(Role::Write).await?;
    for isolation in ["REPEATABLE READ", "SERIALIZABLE"] {
        let sql = format!("BEGIN ISOLATION LEVEL {isolation}; {nothing}");
        assert_eq!(refusal(&writer, &sql).await.as_deref(), Some("25000"), "{isolation}");
    }
    Ok(())
}

#[tokio::test]
async fn the_querying_role_sees_one_organizations_rows_only() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    let mut mine = world.append(world.ids.next(), 0, 2);
    mine.vault = vec![world.person("Ada", "ada@example.org")];
    let mut theirs = world.append(world.ids.next(), 0, 3);
    theirs.organization = world.ids.next();
    theirs.vault = vec![world.person("Bob", "bob@example.org")];
    let (organization, other) = (mine.organization, theirs.organization);
    recorder.append(mine).await?;
    recorder.append(theirs).await?;

    let pool = world.pool(Role::Query).await?;
    let count = "SELECT (SELECT count(*) FROM log.events) * 10 + (SELECT count(*) FROM vault.entries)";
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&pool).await?, 0);
    for (organization, expected) in [(organization, 21), (other, 31), (world.ids.next(), 0)] {
        let mut transaction = pools::begin_for(&pool, organization).await?;
        assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&mut *transaction).await?, expected);
        transaction.commit().await?;
    }
    // The setting ended with its transaction.
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&pool).await?, 0);
    Ok(())
}

#[tokio::test]
async fn migrations_run_again_and_in_a_second_database_of_the_cluster() -> anyhow::Result<()> {
    let world = World::new().await?;
    event_store::migrate(&world.owner).await?;
    let (one, two) = (world.postgres.fresh_database().await?, world.postgres.fresh_database().await?);
    let (one, two) =
        (pools::connect(&one.owner_url, Role::Owner, 1).await?, pools::connect(&two.owner_url, Role::Owner, 1).await?);
    let (first, second) = tokio::join!(event_store::migrate(&one), event_store::migrate(&two));
    first?;
    second?;
    Ok(())
}

#[tokio::test]
async fn an_owner_without_superuser_rights_migrates_and_the_recorder_works() -> anyhow::Result<()> {
    let world = World::hosted().await?;
    let (recorder, _task) = world.recorder().await?;
    let mut append = world.append(world.ids.next(), 0, 2);
    append.vault = vec![world.person("Ada", "ada@example.org")];
    assert_eq!(recorder.append(append).await?.last_position, 2);
    // Row-level security holds for this owner, and the trigger speaks all the same.
    for sql in ["UPDATE log.events SET actor = 'x'", "DELETE FROM log.events", "TRUNCATE log.events"] {
        assert_eq!(refusal(&world.owner, sql).await.as_deref(), Some("42501"), "{sql}");
    }
    assert_eq!(world.log().await?.page(0, 10).await?.len(), 2);
    Ok(())
}
