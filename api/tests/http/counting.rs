//! Requests are counted before they cost anything, and a cookie that a browser still has is in nobody's way.

use std::net::SocketAddr;
use std::time::Instant;

use api::rate_limits::{DEFAULTS, Rate, Rates};
use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Method, StatusCode},
};
use serde_json::json;

use crate::world::{Answer, OWNER_EMAIL, OWNER_PASSWORD, World, request};

const JSON: (&str, &str) = ("content-type", "application/json");

/// Two at once of everything that is counted by address, then one a minute.
const FEW: Rates = Rates { reads: Rate::one_in_seconds(60, 2), commands: Rate::one_in_seconds(60, 2), ..DEFAULTS };

/// A request over a connection from elsewhere.
async fn ask(world: &World, host: u8, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request = request(method, path, headers, Body::from(body.to_owned()));
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([203, 0, 113, host], 4711))));
    world.send(request).await
}

async fn get(world: &World, host: u8, path: &str, headers: &[(&str, &str)]) -> Answer {
    ask(world, host, Method::GET, path, headers, "").await
}

async fn sign_in(world: &World, host: u8, headers: &[(&str, &str)]) -> Answer {
    let body = json!({ "email": OWNER_EMAIL, "password": OWNER_PASSWORD }).to_string();
    ask(world, host, Method::POST, "/api/v1/session", &[&[JSON], headers].concat(), &body).await
}

fn cookie_of(signed_in: &Answer) -> String {
    signed_in.header("set-cookie").split(';').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn whether_to_set_up_is_counted_and_asked_of_the_database_once() -> anyhow::Result<()> {
    let world = World::with(FEW).await?;
    let began = Instant::now();
    let first = get(&world, 1, "/api/v1/setup", &[]).await;
    assert_eq!((first.status, &first.json), (StatusCode::OK, &json!({ "needed": false })), "{first:?}");
    world.identity_pool.close().await;
    assert_eq!(get(&world, 1, "/api/v1/setup", &[]).await.json, first.json, "no database is asked again");
    let third = get(&world, 1, "/api/v1/setup", &[]).await;
    third.is(429, "too_many_requests");
    // A minute after the first.
    let seconds: u64 = third.header("retry-after").parse()?;
    assert!((60 - began.elapsed().as_secs()..=60).contains(&seconds), "{seconds}");
    assert_eq!(get(&world, 2, "/api/v1/setup", &[]).await.status, StatusCode::OK, "somebody else");
    Ok(())
}

#[tokio::test]
async fn a_made_up_cookie_is_counted_before_anybody_looks_whose_it_is() -> anyhow::Result<()> {
    let world = World::with(FEW).await?;
    let cookie = cookie_of(&sign_in(&world, 9, &[]).await);
    let me = async |host, cookie: &str| get(&world, host, "/api/v1/me", &[("cookie", cookie)]).await;
    assert_eq!(me(1, &cookie).await.status, StatusCode::OK);
    for made_up in ["turnout_session=one", "turnout_session=two"] {
        me(1, made_up).await.is(401, "unauthenticated");
    }
    // Whose session it is was known, and is believed; of all others nothing is asked: that would be 503 now.
    assert_eq!(me(1, &cookie).await.status, StatusCode::OK);
    world.identity_pool.close().await;
    for made_up in ["turnout_session=three", "turnout_session=four"] {
        me(1, made_up).await.is(429, "too_many_requests");
    }
    me(2, "turnout_session=five").await.is(503, "overloaded");
    Ok(())
}

#[tokio::test]
async fn a_session_is_counted_as_its_account_and_not_as_its_address() -> anyhow::Result<()> {
    let world = World::with(FEW).await?;
    let cookie = cookie_of(&sign_in(&world, 9, &[]).await);
    for _ in 0..10 {
        let me = get(&world, 1, "/api/v1/me", &[("cookie", &cookie)]).await;
        assert_eq!(me.status, StatusCode::OK, "{me:?}");
    }
    for _ in 0..2 {
        assert_eq!(get(&world, 1, "/api/v1/shows", &[]).await.status, StatusCode::OK, "nothing of the address is used");
    }
    Ok(())
}

#[tokio::test]
async fn whoever_brings_a_secret_is_not_asked_for_other_credentials() -> anyhow::Result<()> {
    let world = World::new().await?;
    let old = cookie_of(&sign_in(&world, 1, &[]).await);
    // Without the CSRF token of a session that still runs; with one that never ran; with a key that was revoked.
    for header in [("cookie", &*old), ("cookie", "turnout_session=ended"), ("authorization", "Bearer tk_revoked")] {
        let again = sign_in(&world, 1, &[header]).await;
        assert_eq!(again.status, StatusCode::OK, "{header:?}: {again:?}");
        assert_ne!(cookie_of(&again), old, "a new session");
    }
    for (path, body) in [
        (
            "setup",
            json!({ "token": "ts_no", "organization": "A", "name": "B", "email": "c@example.org", "password": "seven quiet lanterns" }),
        ),
        ("invitations/open", json!({ "token": "ti_no" })),
        ("invitations/accept", json!({ "token": "ti_no", "password": "seven quiet lanterns" })),
        ("password-resets", json!({ "token": "tr_no", "password": "seven quiet lanterns" })),
    ] {
        let headers = [JSON, ("cookie", &*old)];
        let answer = ask(&world, 1, Method::POST, &format!("/api/v1/{path}"), &headers, &body.to_string()).await;
        answer.is(422, "invalid");
        assert_eq!(answer.json["errors"][0]["pointer"], "/token", "{path}: {answer:?}");
    }
    // Whoever is signed out by another site would only be annoyed; it is refused all the same.
    let out = ask(&world, 1, Method::DELETE, "/api/v1/session", &[("cookie", &old)], "").await;
    out.is(403, "forbidden");
    Ok(())
}
