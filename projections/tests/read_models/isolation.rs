//! One organization never sees another's rows, also when a query forgets to ask.

use anyhow::Result;
use chrono::TimeDelta;
use projections::{
    Scope,
    queries::{Page, ShowsFilter},
};
use uuid::Uuid;

use crate::{
    story::Story,
    world::{TABLES, World, catch_up, noon, options},
};

const OURS: Uuid = Uuid::from_u128(0xA);
const THEIRS: Uuid = Uuid::from_u128(0xB);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn foreign_rows_are_hidden_from_queries_that_forget_to_ask() -> Result<()> {
    let world = World::new().await?;
    let mut theirs = Story::begin(2);
    theirs.goes_on(150);
    world.record(THEIRS, theirs.show.0, &theirs.events).await?;
    world.record_raw(THEIRS, theirs.show.0, "NeverHeardOf", "{}").await?;
    world.found(THEIRS).await?;
    catch_up(&mut world.projector(options(1_000, 10))).await?;

    for scope in ["", "public", &OURS.to_string(), &THEIRS.to_string()] {
        let mut connection = world.query.acquire().await?;
        sqlx::query("SELECT set_config('turnout.organization', $1, false)")
            .bind(scope)
            .execute(&mut *connection)
            .await?;
        for table in TABLES.into_iter().filter(|table| *table != "checkpoints") {
            let count = format!("SELECT count(*) FROM {table}");
            let seen: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(count)).fetch_one(&mut *connection).await?;
            let may_see = scope == THEIRS.to_string() || (scope == "public" && table == "shows");
            assert_eq!(seen > 0, may_see, "{table} in scope {scope:?}");
        }
        sqlx::query("RESET turnout.organization").execute(&mut *connection).await?;
    }
    let written = sqlx::query("DELETE FROM read.seats").execute(&world.query).await;
    assert!(written.is_err(), "a query writes");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_public_sees_published_shows_and_no_drafts() -> Result<()> {
    let world = World::new().await?;
    let (published, draft) = (Story::begin(1), Story::begin(2));
    world.record(OURS, published.show.0, &published.events).await?;
    world.record(THEIRS, draft.show.0, &draft.events[..3]).await?;
    let mut projector = world.projector(options(1_000, 10));
    let head = catch_up(&mut projector).await?;
    let queries = world.queries(&projector);
    let page = Page { limit: 1, cursor: None };

    let shows = queries.shows(Scope::Public, &ShowsFilter::default(), &page).await?;
    assert_eq!(shows.position, head);
    let ids: Vec<_> = shows.body.items.iter().map(|show| show.id).collect();
    assert_eq!((ids, shows.body.next), (vec![published.show.0], None));
    assert!(queries.show(Scope::Public, draft.show.0).await?.body.is_none());
    assert!(queries.show(Scope::Organization(OURS), draft.show.0).await?.body.is_none());
    assert!(queries.show(Scope::Organization(THEIRS), draft.show.0).await?.body.is_some());

    let found = queries.find_show(published.show().slug.as_str()).await?.unwrap();
    assert_eq!((found.id, found.organization, found.is_public), (published.show.0, OURS, true));
    let found = queries.find_show(&draft.show.0.to_string()).await?.unwrap();
    assert_eq!((found.organization, found.is_public), (THEIRS, false));
    assert_eq!(queries.find_show("nothing-like-it").await?, None);

    let later = ShowsFilter { from: Some(noon() + TimeDelta::days(31)), ..ShowsFilter::default() };
    assert!(queries.shows(Scope::Public, &later, &page).await?.body.items.is_empty());
    let named = ShowsFilter { q: Some("spring".to_owned()), ..ShowsFilter::default() };
    assert_eq!(queries.shows(Scope::Organization(OURS), &named, &page).await?.body.items.len(), 1);
    Ok(())
}
