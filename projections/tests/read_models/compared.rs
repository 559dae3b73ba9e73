//! Read models are compared with the log: every row that says something else is found, and nothing else.

use anyhow::Result;
use projections::{Difference, Differs, ReadCheck};
use uuid::Uuid;

use crate::{
    story::Story,
    world::{World, catch_up, options},
};

const ORGANIZATION: Uuid = Uuid::from_u128(0xA);

async fn compared(world: &World) -> Result<Vec<Difference>> {
    let mut differences = Vec::new();
    let looked = ReadCheck::new(&world.app_url).run(|difference| differences.push(difference)).await?;
    assert!(looked.streams >= 2 && looked.events == looked.of, "{looked:?}");
    Ok(differences)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_live_projection_wrote_is_what_the_events_say() -> Result<()> {
    let world = World::new().await?;
    world.found(ORGANIZATION).await?;
    for seed in 1..=3 {
        let mut story = Story::begin(seed);
        let mut projector = world.projector(options(1 + i64::try_from(seed)? * 5, 1));
        for _ in 0..4 {
            story.goes_on(40);
            world.record(ORGANIZATION, story.show.0, story.news()).await?;
            catch_up(&mut projector).await?;
            assert_eq!(compared(&world).await?, []);
        }
        world.leases_end();
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_change_by_hand_is_found() -> Result<()> {
    let world = World::new().await?;
    world.found(ORGANIZATION).await?;
    let mut story = Story::begin(1);
    story.goes_on(150);
    let show = story.show.0;
    world.record(ORGANIZATION, show, story.news()).await?;
    catch_up(&mut world.projector(options(100, 10))).await?;
    assert_eq!(compared(&world).await?, []);

    let nobody = Uuid::from_u128(0xDEAD);
    // What is done to the tables by hand, what it is found as, and how it is undone.
    let cases = [
        (
            "UPDATE read.tickets SET status = 'void', body = replace(body, '\"valid\"', '\"void\"') WHERE id = (SELECT id FROM read.tickets WHERE status = 'valid' ORDER BY id LIMIT 1)",
            "tickets",
            Differs::In(vec!["body".to_owned(), "status".to_owned()]),
        ),
        ("DELETE FROM read.seats WHERE seat = (SELECT min(seat) FROM read.seats)", "seats", Differs::Missing),
        ("DELETE FROM read.activity WHERE position = 7", "activity", Differs::Missing),
        (
            "UPDATE read.attendance SET body = jsonb_set(body::jsonb, '{admitted}', '99')::text",
            "attendance",
            Differs::In(vec!["body".to_owned()]),
        ),
        (
            "INSERT INTO read.seats SELECT show, 'Stalls-9-99', organization, state, hold, order_id, ticket, position FROM read.seats LIMIT 1",
            "seats",
            Differs::Unfounded,
        ),
        (
            "INSERT INTO read.shows SELECT '00000000-0000-0000-0000-00000000dead', organization, 'x', status, is_public, name, starts_at, body, position FROM read.shows",
            "shows",
            Differs::Unfounded,
        ),
        (
            "UPDATE read.organizations SET public_numbers = NOT public_numbers",
            "organizations",
            Differs::In(vec!["public_numbers".to_owned()]),
        ),
        (
            "UPDATE read.availability SET body = replace(body, '\"held\":', '\"HELD\":')",
            "availability",
            Differs::In(vec!["body".to_owned()]),
        ),
        ("UPDATE read.seating SET position = position - 1", "seating", Differs::In(vec!["position".to_owned()])),
        (
            "UPDATE read.orders SET customer = NULL WHERE id = (SELECT id FROM read.orders WHERE customer IS NOT NULL ORDER BY id LIMIT 1)",
            "orders",
            Differs::In(vec!["customer".to_owned()]),
        ),
        (
            "DELETE FROM read.door_list WHERE ticket = (SELECT min(ticket::text)::uuid FROM read.door_list)",
            "door_list",
            Differs::Missing,
        ),
        (
            "UPDATE read.sales_facts SET gross[1] = coalesce(gross[1], 0) + 1 WHERE part = (SELECT min(part) FROM read.sales_facts)",
            "sales_facts",
            Differs::In(vec!["gross".to_owned()]),
        ),
        (
            "DELETE FROM read.door_facts WHERE part = (SELECT min(part) FROM read.door_facts)",
            "door_facts",
            Differs::Missing,
        ),
        (
            "UPDATE read.hold_facts SET first_position = 1 WHERE part = (SELECT max(part) FROM read.hold_facts)",
            "hold_facts",
            Differs::In(vec!["first_position".to_owned()]),
        ),
    ];
    for (tampering, table, how) in cases {
        sqlx::raw_sql("DROP SCHEMA IF EXISTS untouched CASCADE; CREATE SCHEMA untouched").execute(&world.owner).await?;
        let keep = format!("CREATE TABLE untouched.t AS TABLE read.{table}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(keep)).execute(&world.owner).await?;
        sqlx::raw_sql(tampering).execute(&world.owner).await?;
        let found = compared(&world).await?;
        assert_eq!(found.len(), 1, "{tampering}: {found:?}");
        assert_eq!((found[0].table, &found[0].how), (table, &how), "{tampering}");
        assert!([show, nobody, ORGANIZATION].contains(&found[0].stream), "{found:?}");
        assert!(found[0].to_string().contains(table), "{}", found[0]);
        let undo = format!("DELETE FROM read.{table}; INSERT INTO read.{table} TABLE untouched.t");
        sqlx::raw_sql(sqlx::AssertSqlSafe(undo)).execute(&world.owner).await?;
        assert_eq!(compared(&world).await?, []);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_stopped_is_told_with_what_to_do() -> Result<()> {
    let world = World::new().await?;
    let mut story = Story::begin(1);
    story.goes_on(50);
    let show = story.show.0;
    world.record(ORGANIZATION, show, story.news()).await?;
    let poison = world.record_raw(ORGANIZATION, show, "TicketFolded", "{}").await?;
    world.record(ORGANIZATION, Story::begin(2).show.0, Story::begin(2).news()).await?;
    catch_up(&mut world.projector(options(100, 10))).await?;
    let found = compared(&world).await?;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].how, Differs::StoppedAt(poison));
    assert!(found[0].to_string().ends_with(&format!("`turnout rebuild --stream {show}`")), "{}", found[0]);
    Ok(())
}
