//! The past over HTTP: who may ask, for which moments, and that it is what was answered then.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::world::{ADMIN, Answer, World};

/// What staff may ask of a show's past.
fn paths(show: &str, order: &str, ticket: &str) -> Vec<String> {
    let of_show = ["", "/availability", "/seats", "/attendance", "/orders", "/tickets"];
    let mut paths: Vec<String> = of_show.map(|path| format!("/api/v1/shows/{show}{path}")).into();
    paths.push(format!("/api/v1/orders/{order}"));
    paths.push(format!("/api/v1/tickets/{ticket}"));
    paths
}

/// A `GET` of the administrator.
async fn get(world: &World, path: &str) -> Answer {
    world.get(path, &[("authorization", &format!("Bearer {ADMIN}"))]).await
}

async fn recorded_at(world: &World, position: &str) -> String {
    world.seen(&format!("/api/v1/history/{position}"), position).await.text_of("/recorded_at")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_past_is_answered_as_it_was() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (show, ticket_type) = world.show("Evening").await;
    let sold = world.sell(&show, &ticket_type, "Stalls-Left-1-1").await;
    let (order, ticket) = (sold.text_of("/order"), sold.text_of("/tickets/0/id"));
    let paths = paths(&show, &order, &ticket);
    let position = sold.position();
    let time = recorded_at(&world, &position).await;
    let mut live = Vec::new();
    for path in &paths {
        live.push(world.seen(path, &position).await);
    }

    for seat in ["Stalls-Left-1-2", "Stalls-Left-1-3"] {
        world.sell(&show, &ticket_type, seat).await;
    }
    let void = json!({ "reason": "ill" });
    let void_at = format!("/api/v1/shows/{show}/tickets/{ticket}/void");
    let after = world.command(Method::POST, &void_at, void).await.position();
    for (path, live) in paths.iter().zip(&live) {
        for moment in [format!("at={position}"), format!("as_of={time}")] {
            let past = get(&world, &format!("{path}?{moment}")).await;
            assert_eq!((past.status, &past.json), (StatusCode::OK, &live.json), "{path}?{moment}");
            assert_eq!(past.position(), position, "{path}");
            assert!(past.header("etag").starts_with('"'), "{path}: {}", past.header("etag"));
        }
        let (now, at) = (world.seen(path, &after).await, get(&world, &format!("{path}?at={after}")).await);
        assert_eq!(now.json, at.json, "{path}");
        assert!(now.json != live.json || *path == paths[0], "{path} is another now");
    }

    let again = format!("{}?at={position}", paths[2]);
    let tag = get(&world, &again).await.header("etag").to_owned();
    let bearer = format!("Bearer {ADMIN}");
    let not_modified = world.get(&again, &[("authorization", &bearer), ("if-none-match", &tag)]).await;
    assert_eq!(not_modified.status, StatusCode::NOT_MODIFIED);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_staff_ask_for_the_past_and_only_for_what_has_been() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (show, ticket_type) = world.show("Evening").await;
    let sold = world.sell(&show, &ticket_type, "Stalls-Left-1-1").await;
    let (order, ticket) = (sold.text_of("/order"), sold.text_of("/tickets/0/id"));
    let head: i64 = world.sell(&show, &ticket_type, "Stalls-Left-1-2").await.position().parse()?;
    world.seen(&format!("/api/v1/orders/{order}"), &head.to_string()).await;
    let paths = paths(&show, &order, &ticket);

    for path in &paths[..3] {
        for moment in ["at=1", "as_of=2020-01-01T00:00:00Z"] {
            let refused = world.get(&format!("{path}?{moment}"), &[]).await;
            assert_eq!((refused.status, refused.text_of("/code").as_str()), (StatusCode::FORBIDDEN, "forbidden"));
        }
    }
    let wrong = [
        (format!("at={}", head + 1), "/at"),
        ("at=-1".to_owned(), "/at"),
        ("at=x".to_owned(), "/at"),
        ("as_of=2999-01-01T00:00:00Z".to_owned(), "/as_of"),
        ("as_of=yesterday".to_owned(), "/as_of"),
        ("at=1&as_of=2020-01-01T00:00:00Z".to_owned(), "/at"),
        ("at=1&at=2".to_owned(), "/at"),
    ];
    let reports = ["sales", "attendance", "no-shows", "occupancy", "holds", "refusals"];
    let reports = reports.map(|report| format!("/api/v1/reports/{report}"));
    for path in paths.iter().chain(&reports) {
        for (moment, pointer) in &wrong {
            let refused = get(&world, &format!("{path}?{moment}")).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}?{moment}");
            assert_eq!(refused.json.pointer("/errors/0/pointer"), Some(&Value::from(*pointer)), "{path}?{moment}");
        }
    }
    for path in &paths {
        for moment in ["at=0", "at=1", "as_of=2020-01-01T00:00:00Z"] {
            let missing = get(&world, &format!("{path}?{moment}")).await;
            assert_eq!(missing.status, StatusCode::NOT_FOUND, "{path}?{moment}: there was no show yet");
        }
    }
    let unknown = get(&world, "/api/v1/shows/no-such-show?at=999999999").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND, "404 goes before 422");
    Ok(())
}

/// What was so then is not answered before the read models know it, or the same address would say another thing a moment later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_of_a_moment_waits_until_the_moment_is_projected() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (show, ticket_type) = world.show("Evening").await;
    let before = world.sell(&show, &ticket_type, "Stalls-Left-1-1").await.position();
    world.seen("/api/v1/reports/sales", &before).await;
    let owner = sqlx::PgPool::connect(&world.owner_url).await?;
    // As another node would take the lead; nobody projects until it is let go.
    let held =
        "UPDATE read.leases SET holder = gen_random_uuid(), fence = fence + 1, expires_at = now() + interval '1 day'";
    let let_go = "UPDATE read.leases SET expires_at = now() - interval '1 second'";
    sqlx::query(held).execute(&owner).await?;
    sqlx::query("UPDATE read.checkpoints SET fence = fence + 1").execute(&owner).await?;
    let position: i64 = world.sell(&show, &ticket_type, "Stalls-Left-1-2").await.position().parse()?;
    let recorded = "SELECT to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM log.events WHERE position = $1";
    let time: String = sqlx::query_scalar(recorded).bind(position).fetch_one(&owner).await?;

    for moment in [format!("as_of={time}"), format!("at={position}")] {
        let behind = get(&world, &format!("/api/v1/reports/sales?{moment}")).await;
        behind.is(503, "read_model_behind");
    }
    sqlx::query(let_go).execute(&owner).await?;
    world.seen("/api/v1/reports/sales", &position.to_string()).await;
    for moment in [format!("as_of={time}"), format!("at={position}")] {
        let report = get(&world, &format!("/api/v1/reports/sales?{moment}")).await;
        assert_eq!(report.json["totals"][0]["tickets"], 2, "{moment}: {}", report.text);
    }
    Ok(())
}
