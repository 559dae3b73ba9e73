//! The demo, as somebody meets it who has just started Turnout: how to sign in is told, and there are shows to try.

use std::time::Duration;

use black_box::{Answer, Server, eventually};
use serde_json::json;

const EMAIL: &str = "demo@turnout.example";

fn password(server: &Server) -> String {
    std::fs::read_to_string(server.data().join("demo-password")).expect("the demo's password").trim().to_owned()
}

/// `name=value` of the session's cookie.
fn cookie(signed_in: &Answer) -> String {
    let set = signed_in.header("set-cookie").unwrap_or_else(|| panic!("no cookie in {signed_in}"));
    assert!(set.contains("HttpOnly") && set.contains("SameSite"), "{set}");
    set.split(';').next().expect("a pair").to_owned()
}

#[tokio::test]
async fn the_demo_tells_how_to_sign_in_and_has_shows_to_try() {
    let mut server = Server::start_demo();
    let password = password(&server);
    eventually(Duration::from_secs(5), "how to sign in is printed", async || {
        let output = server.output();
        (output.contains(EMAIL) && output.contains(&password)).then_some(())
    })
    .await;

    let anyone = server.anyone();
    let wrong = json!({ "email": EMAIL, "password": "not the password" });
    anyone.post("/session", &wrong).problem(401, "unauthenticated").await;
    let signed_in = anyone.post("/session", &json!({ "email": EMAIL, "password": password })).send().await;
    assert!([200, 201].contains(&signed_in.status), "{signed_in}");
    let cookie = cookie(&signed_in);
    anyone.get("/me").problem(401, "unauthenticated").await;
    let me = anyone.get("/me").header("cookie", &cookie).expect(200).await;
    assert_eq!(me["role"], "owner", "{me}");

    // They may still be projected when it begins to listen.
    let shows = eventually(Duration::from_secs(20), "the hall, the festival, the theatre", async || {
        let shows = anyone.get("/shows").expect(200).await;
        (shows["items"].as_array().expect("items").len() == 3).then_some(shows)
    })
    .await;
    let ids: Vec<String> = shows["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|show| show["id"].as_str().expect("an id").to_owned())
        .collect();
    let mut seats = Vec::new();
    let mut standing = Vec::new();
    for id in &ids {
        let seating = anyone.get(&format!("/shows/{id}/seating")).expect(200).await;
        let sections = seating["sections"].as_array().expect("sections").clone();
        seats.push(
            sections
                .iter()
                .filter_map(|section| section["rows"].as_array())
                .flatten()
                .filter_map(|row| row["seats"].as_array())
                .flatten()
                .filter(|seat| !seat.is_null())
                .count(),
        );
        standing.push(sections.iter().filter_map(|section| section["capacity"].as_u64()).sum::<u64>());
    }
    assert!(seats.contains(&1231), "the real hall: {seats:?}");
    assert!(standing.iter().any(|places| *places >= 5000), "the festival: {standing:?}");

    // Cookies alone do not command: another site could send them.
    let forged = anyone
        .post(&format!("/shows/{}/pause-sales", ids[0]), &json!({}))
        .header("cookie", &cookie)
        .header("origin", "https://evil.example")
        .header("sec-fetch-site", "cross-site")
        .send()
        .await;
    assert!([401, 403].contains(&forged.status), "{forged}");

    // Started again, it neither adds shows nor changes the password.
    server.terminate();
    server.restart();
    let again = server.anyone().get("/shows").expect(200).await;
    assert_eq!(again["items"].as_array().map(Vec::len), Some(3), "{again}");
    let body = json!({ "email": EMAIL, "password": password });
    assert!(server.anyone().post("/session", &body).send().await.status < 300, "the password still holds");
}

#[tokio::test]
async fn whoever_signs_out_is_out() {
    let server = Server::start_demo();
    let anyone = server.anyone();
    let body = json!({ "email": EMAIL, "password": password(&server) });
    let cookie = cookie(&anyone.post("/session", &body).send().await);
    anyone.delete("/session").header("cookie", &cookie).problem(403, "forbidden").await;
    let token = anyone.get("/me").header("cookie", &cookie).expect(200).await.text("csrf");
    anyone.delete("/session").header("cookie", &cookie).header("x-csrf-token", &token).expect(204).await;
    anyone.get("/me").header("cookie", &cookie).problem(401, "unauthenticated").await;
}
