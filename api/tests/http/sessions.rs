//! Signing in, changes by session, organizations.

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use serde_json::json;

use crate::world::{ADMIN, Answer, OWNER_EMAIL, OWNER_PASSWORD, World, request};

async fn sign_in(world: &World, password: &str) -> Answer {
    let body = json!({ "email": OWNER_EMAIL, "password": password }).to_string();
    let headers = [("content-type", "application/json")];
    world.send(request(Method::POST, "/api/v1/session", &headers, Body::from(body))).await
}

#[tokio::test]
async fn a_session_reads_by_its_cookie_and_changes_with_its_csrf_token() -> anyhow::Result<()> {
    let world = World::new().await?;
    sign_in(&world, "wrong").await.is(401, "unauthenticated");
    let signed_in = sign_in(&world, OWNER_PASSWORD).await;
    assert_eq!(signed_in.status, StatusCode::OK, "{signed_in:?}");
    let cookie = signed_in.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
    assert!(signed_in.header("set-cookie").contains("HttpOnly"));

    world.get("/api/v1/me", &[]).await.is(401, "unauthenticated");
    let me = world.get("/api/v1/me", &[("cookie", &cookie)]).await;
    assert_eq!(me.json, signed_in.json);
    assert_eq!(me.json["role"], "owner");
    assert_eq!(me.json["organizations"].as_array().map(Vec::len), Some(1));
    let csrf = me.text_of("/csrf");

    let create = async |headers: &[(&str, &str)]| {
        let body = Body::from(json!({ "name": "Theatre" }).to_string());
        world.send(request(Method::POST, "/api/v1/organizations", headers, body)).await
    };
    let json = ("content-type", "application/json");
    create(&[("cookie", &cookie), json]).await.is(403, "forbidden");
    create(&[("cookie", &cookie), ("x-csrf-token", "guessed"), json]).await.is(403, "forbidden");
    let made = create(&[("cookie", &cookie), ("x-csrf-token", &csrf), json]).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    assert!(made.text_of("/slug").starts_with("theatre"), "{made:?}");

    let sign_out = async |headers: &[(&str, &str)]| {
        world.send(request(Method::DELETE, "/api/v1/session", headers, Body::empty())).await
    };
    sign_out(&[("cookie", &cookie)]).await.is(403, "forbidden");
    let out = sign_out(&[("cookie", &cookie), ("x-csrf-token", &csrf)]).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    world.get("/api/v1/me", &[("cookie", &cookie)]).await.is(401, "unauthenticated");
    Ok(())
}

#[tokio::test]
async fn one_organization_does_not_see_the_drafts_and_orders_of_another() -> anyhow::Result<()> {
    let world = World::new().await?;
    let bearer = format!("Bearer {ADMIN}");
    let made = world.command(Method::POST, "/api/v1/organizations", json!({ "name": "Theatre" })).await;
    let theirs = made.text_of("/id");
    let (show, ticket_type) = world.show("Spring cup").await;
    let sold = world.sell(&show, &ticket_type, "Stalls-Left-1-1").await;
    let (order, position) = (sold.text_of("/order"), sold.position());
    let get = async |path: &str, organization: &str| {
        let headers =
            [("authorization", &*bearer), ("turnout-organization", organization), ("turnout-position", &*position)];
        world.get(&format!("/api/v1{path}"), &headers).await
    };
    for path in [format!("/shows/{show}/orders"), format!("/orders/{order}"), format!("/shows/{show}/attendance")] {
        get(&path, &theirs).await.is(404, "not_found");
    }
    assert_eq!(get(&format!("/shows/{show}/seats"), &theirs).await.json["seats"]["Stalls-Left-1-1"], "taken");
    let known = get("/history", &theirs).await;
    let types: Vec<_> = known.json["items"].as_array().into_iter().flatten().map(|event| &event["type"]).collect();
    assert_eq!(types, ["OrganizationFounded"], "nothing but its own");
    assert_eq!(get("/shows", &theirs).await.json["items"], json!([]));
    get("/shows", "not-an-id").await.is(422, "invalid");
    get("/shows", "0199aa00-0000-7000-8000-000000000000").await.is(422, "invalid");
    Ok(())
}
