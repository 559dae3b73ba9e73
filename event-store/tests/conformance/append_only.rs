//! The log is only ever appended to, and only by `log.append`: whoever tries anything else is refused.

use event_store::pools::Role;
use event_store::{Ids, RecordedEvent};
use sqlx::postgres::PgPoolOptions;

use crate::roles::{ROLES, refusal};
use crate::world::World;

/// Not enough rights.
const REFUSED: Option<&str> = Some("42501");

const INSERT: &str = "INSERT INTO log.events (position, organization, stream_type, stream, version, type, schema, payload, actor, \
     command, correlation, content_hash, recorded_at) SELECT position + 100, organization, stream_type, stream, version + 100, type, \
     schema, payload, actor, command, correlation, content_hash, recorded_at FROM log.events";

/// What would change an event, by any of the ways that SQL has.
const CHANGES: [&str; 7] = [
    "UPDATE log.events SET actor = 'somebody else'",
    "UPDATE log.events SET actor = 'somebody else' WHERE false",
    "UPDATE ONLY log.events SET position = position + 1",
    "DELETE FROM log.events",
    "DELETE FROM log.events WHERE false",
    "TRUNCATE log.events",
    "MERGE INTO log.events AS e USING (SELECT 1) AS x ON true WHEN MATCHED THEN DELETE",
];

/// What would take away the net below, stop writers, or write without `log.append`.
const TRICKS: [&str; 17] = [
    INSERT,
    "COPY log.events FROM PROGRAM 'true'",
    "SELECT * FROM log.events FOR UPDATE",
    "DO $$ BEGIN LOCK TABLE log.events IN SHARE MODE; END $$",
    "ALTER TABLE log.events DISABLE TRIGGER events_are_never_changed",
    "ALTER TABLE log.events DISABLE TRIGGER ALL",
    "ALTER TABLE log.events DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE log.events OWNER TO CURRENT_USER",
    "ALTER FUNCTION log.append OWNER TO CURRENT_USER",
    "DROP TRIGGER events_are_never_changed ON log.events",
    "CREATE RULE nothing AS ON INSERT TO log.events DO INSTEAD NOTHING",
    "CREATE TABLE log.others (id integer)",
    "CREATE FUNCTION public.mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "SET session_replication_role = replica",
    "SET ROLE turnout_owner",
    "SET SESSION AUTHORIZATION turnout_owner",
    "RESET ROLE; SELECT 1 FROM log.events",
];

async fn world_with_events() -> anyhow::Result<(World, Vec<RecordedEvent>)> {
    let world = World::new().await?;
    let (recorder, _task) = world.recorder().await?;
    recorder.append(world.append(world.ids.next(), 0, 2)).await?;
    let events = world.log().await?.page(0, 10).await?;
    Ok((world, events))
}

#[tokio::test]
async fn no_role_of_the_server_can_insert_update_delete_or_truncate() -> anyhow::Result<()> {
    let (world, events) = world_with_events().await?;
    for role in ROLES {
        let pool = world.pool(role).await?;
        for sql in CHANGES.iter().chain(&TRICKS) {
            assert_eq!(refusal(&pool, sql).await.as_deref(), REFUSED, "{role:?}: {sql}");
        }
    }
    assert_eq!(world.log().await?.page(0, 10).await?, events);
    Ok(())
}

#[tokio::test]
async fn whoever_logs_in_and_takes_no_role_can_not_even_read() -> anyhow::Result<()> {
    let (world, _) = world_with_events().await?;
    let login = PgPoolOptions::new().max_connections(1).connect(&world.database.app_url).await?;
    for sql in CHANGES.iter().chain(&TRICKS).chain(&["SELECT 1 FROM log.events", "SELECT 1 FROM vault.entries"]) {
        assert_eq!(refusal(&login, sql).await.as_deref(), REFUSED, "{sql}");
    }
    // It may take the server's roles, and no other.
    for role in ROLES {
        let name = role.database_role().expect("it has one");
        assert_eq!(refusal(&login, &format!("SET ROLE {name}; RESET ROLE")).await, None, "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn the_owner_though_a_superuser_can_not_change_what_is_written() -> anyhow::Result<()> {
    let (world, events) = world_with_events().await?;
    for sql in CHANGES {
        assert_eq!(refusal(&world.owner, sql).await.as_deref(), REFUSED, "{sql}");
        // This takes ordinary triggers away.
        let as_replica = format!("SET session_replication_role = replica; {sql}");
        assert_eq!(refusal(&world.owner, &as_replica).await.as_deref(), REFUSED, "{as_replica}");
    }
    // Nor put something in the place of an event, or beside it.
    for (what, position, version) in
        [("a position", "position", "version + 100"), ("a version", "position + 100", "version")]
    {
        let sql =
            INSERT.replace("SELECT position + 100", &format!("SELECT {position}")).replace("version + 100", version);
        assert_eq!(refusal(&world.owner, &sql).await.as_deref(), Some("23505"), "{what} twice");
        let instead = format!("{sql} ON CONFLICT (position) DO UPDATE SET actor = 'somebody else'");
        assert_eq!(refusal(&world.owner, &instead).await.as_deref(), REFUSED, "{what} twice");
    }
    assert_eq!(world.log().await?.page(0, 10).await?, events);
    let writer = world.pool(Role::Write).await?;
    assert_eq!(refusal(&writer, "SELECT 1 FROM log.events").await, None);
    Ok(())
}
