//! Read models are a function of the log: however its pages were cut, whatever was in memory, and when built anew.

use anyhow::Result;
use projections::views;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    story::{Story, large_seating},
    world::{World, catch_up, options},
};

const ORGANIZATION: Uuid = Uuid::from_u128(0xA);

/// Rows of a show are the view of its state.
async fn rows_are_views(world: &World, story: &Story) -> Result<()> {
    let show = story.show();
    let body = |table: &str, key: &str, id: Uuid| {
        let sql = format!("SELECT body::jsonb FROM read.{table} WHERE {key} = '{id}'");
        let owner = world.owner.clone();
        async move { sqlx::query_scalar::<_, Value>(sqlx::AssertSqlSafe(sql)).fetch_one(&owner).await }
    };
    assert_eq!(body("shows", "id", show.id.0).await?, serde_json::to_value(views::show_view(show))?);
    let availability = serde_json::to_value(views::availability_row(show))?;
    assert_eq!(body("availability", "show", show.id.0).await?, availability);
    assert_eq!(body("attendance", "show", show.id.0).await?, serde_json::to_value(views::attendance_view(show))?);
    let seating = views::seating_view(show.seating.as_ref().unwrap());
    assert_eq!(body("seating", "show", show.id.0).await?, serde_json::to_value(seating)?);
    for order in show.orders() {
        assert_eq!(body("orders", "id", order.id.0).await?, serde_json::to_value(views::order_view(show, order))?);
    }
    for ticket in show.tickets() {
        assert_eq!(body("tickets", "id", ticket.id.0).await?, serde_json::to_value(views::ticket_view(show, ticket))?);
        let listed = serde_json::to_value(views::door_list_ticket(show, ticket))?;
        assert_eq!(body("door_list", "ticket", ticket.id.0).await?, listed);
    }
    let mut seats = sqlx::query_as::<_, (String, String, Option<Uuid>)>(
        "SELECT seat, state, ticket FROM read.seats WHERE show = $1 AND state IS NOT NULL",
    )
    .bind(show.id.0)
    .fetch_all(&world.owner)
    .await?;
    let mut taken: Vec<_> = show
        .places
        .taken_seats()
        .map(|seat| {
            let claim = views::seat_claim(show, &seat.address);
            (seat.address.to_string(), claim.state.unwrap().as_str().to_owned(), claim.ticket)
        })
        .collect();
    seats.sort();
    taken.sort();
    assert_eq!(seats, taken);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_built_live_equal_tables_built_anew() -> Result<()> {
    let world = World::new().await?;
    for seed in 1..=4 {
        let mut stories = [Story::begin(seed), Story::begin(seed + 100)];
        // Small pages, and room for one show in memory: every event of the other one loads it again.
        let mut projector = world.projector(options(1 + (i64::try_from(seed)? - 1) * 3, 1));
        for _ in 0..5 {
            for story in &mut stories {
                story.goes_on(30);
                world.record(ORGANIZATION, story.show.0, story.news()).await?;
                catch_up(&mut projector).await?;
            }
        }
        for story in &mut stories {
            story.ends();
            world.record(ORGANIZATION, story.show.0, story.news()).await?;
            catch_up(&mut projector).await?;
            rows_are_views(&world, story).await?;
        }
        world.leases_end();
    }
    let live = world.rows().await?;
    for (page, shows) in [(1_000, 100), (7, 2)] {
        world.empty().await?;
        catch_up(&mut world.projector(options(page, shows))).await?;
        world.leases_end();
        let anew = world.rows().await?;
        for (live, anew) in live.iter().zip(&anew) {
            assert_eq!(live, anew, "pages of {page}");
        }
    }
    let count = |table: &str| live.iter().find(|(name, _)| *name == table).map_or(0, |(_, rows)| rows.len());
    assert!(count("tickets") > 50 && count("orders") > 50 && count("seats") > 50, "the stories tell too little");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_event_occurs_in_the_stories() -> Result<()> {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 1..=4 {
        for seed in [seed, seed + 100] {
            let mut story = Story::begin(seed);
            story.goes_on(150);
            story.ends();
            seen.extend(story.events.iter().map(domain::ShowEvent::event_type));
        }
    }
    let missing: Vec<_> = domain::ShowEvent::TYPES.iter().filter(|of| !seen.contains(*of)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_show_of_100000_seats_is_projected() -> Result<()> {
    let world = World::new().await?;
    let mut story = Story::begin(9);
    let seating = large_seating(1_000);
    let adopted = domain::events::SeatingAdopted { seats: 100_000, standing: 0, sections: seating };
    story.events.truncate(1);
    story.events.push(adopted.into());
    world.record(ORGANIZATION, story.show.0, &story.events).await?;
    let mut projector = world.projector(options(1_000, 10));
    catch_up(&mut projector).await?;
    let answer = world.queries(&projector).seating(ORGANIZATION, story.show.0).await?;
    assert_eq!(answer.body.sections[0].rows.as_ref().unwrap().len(), 1_000);
    assert_eq!(answer.position, 2);
    Ok(())
}
