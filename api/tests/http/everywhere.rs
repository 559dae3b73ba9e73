//! What holds on every path.

use axum::{
    body::Body,
    http::{Method, StatusCode},
};

use crate::world::{ADMIN, World, request};

#[tokio::test]
async fn whatever_is_not_there_is_a_problem_below_the_api_and_the_app_elsewhere() -> anyhow::Result<()> {
    let world = World::new().await?;
    for path in ["/api", "/api/v1", "/api/v1/nothing", "/api/v2/shows", "/api/v1/tickets/not-an-id/what"] {
        world.get(path, &[]).await.is(404, "not_found");
    }
    let page = world.get("/e/spring-cup", &[]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.header("content-type").starts_with("text/html"), "{page:?}");
    let wrong = world.send(request(Method::DELETE, "/api/v1/shows", &[], Body::empty())).await;
    wrong.is(405, "method_not_allowed");
    assert!(wrong.header("allow").contains("GET"), "{wrong:?}");

    for path in ["/", "/api/v1/shows", "/api/v1/nothing", "/openapi.json"] {
        let answer = world.get(path, &[]).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(!answer.header("content-security-policy").contains("unsafe-inline"), "{path}");
        assert!(answer.headers.contains_key("referrer-policy"), "{path}");
    }

    let document = world.get("/openapi.json", &[]).await;
    assert_eq!(document.json["openapi"].as_str().map(|version| &version[..3]), Some("3.1"));
    let docs = world.get("/docs/", &[]).await;
    assert!(docs.status.is_success() && !docs.text.contains("src=\"http"), "{docs:?}");
    let keys = world.get("/.well-known/jwks.json", &[]).await;
    assert_eq!(keys.json["keys"][0]["crv"], "Ed25519", "{keys:?}");
    assert_eq!(world.get("/health/live", &[]).await.text, "{}");
    Ok(())
}

#[tokio::test]
async fn a_server_that_is_starting_says_so_and_when_to_come_again() -> anyhow::Result<()> {
    let world = World::new().await?;
    world.ready.send_replace(false);
    for path in ["/api/v1/shows", "/health/ready"] {
        let answer = world.get(path, &[]).await;
        answer.is(503, "starting");
        assert!(answer.headers.contains_key("retry-after"), "{path}");
    }
    assert_eq!(world.get("/health/live", &[]).await.status, StatusCode::OK);
    world.ready.send_replace(true);
    assert_eq!(world.get("/health/ready", &[]).await.status, StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn a_body_over_its_limit_is_413_and_credentials_go_before_it() -> anyhow::Result<()> {
    let world = World::new().await?;
    let bearer = format!("Bearer {ADMIN}");
    let large = || Body::from(" ".repeat(1024 * 1024 + 1));
    let json = ("content-type", "application/json");
    let send = |headers: &[(&str, &str)]| world.send(request(Method::POST, "/api/v1/shows", headers, large()));
    send(&[("authorization", &bearer), json]).await.is(413, "too_large");
    send(&[json]).await.is(401, "unauthenticated");
    send(&[("authorization", "Bearer nobody"), json]).await.is(401, "unauthenticated");
    Ok(())
}
