//! A new installation gets its owner: by a link on standard output that works once, from the environment, and never by a
//! default password.

use std::process::Stdio;
use std::time::Duration;

use black_box::{Client, PASSWORD, Server, eventually, sign_in, turnout};
use reqwest::Method;
use serde_json::{Value, json};

/// The token of the link that a start printed last.
async fn printed(server: &Server) -> String {
    eventually(Duration::from_secs(5), "the link to set it up is printed", async || {
        let output = server.output();
        let link = output.lines().rev().find_map(|line| line.trim().strip_prefix("set it up:"))?.trim().to_owned();
        let (page, token) = link.split_once('#')?;
        assert!(page.ends_with("/setup") && token.starts_with("ts_") && token.len() == 46, "{link}");
        Some(token.to_owned())
    })
    .await
}

fn set_up(token: &str) -> Value {
    json!({
        "token": token,
        "organization": "Riethsporthalle",
        "name": "Ada Example",
        "email": "Ada@Example.org",
        "password": PASSWORD,
        "currency": "CHF",
        "timezone": "Europe/Zurich",
    })
}

#[tokio::test]
async fn the_link_on_standard_output_works_once() {
    let mut server = Server::start();
    let anyone = server.anyone();
    assert_eq!(anyone.get("/setup").expect(200).await["needed"], true);
    let first = printed(&server).await;

    // A restart prints another; until somebody followed one, all of a day work.
    server.terminate();
    server.restart();
    let second = printed(&server).await;
    assert_ne!(first, second);
    let anyone = server.anyone();

    for wrong in ["", "ts_", &first[..45], "ts_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let answer = anyone.post("/setup", &set_up(wrong)).problem(422, "invalid").await;
        assert_eq!(answer.pointers(), ["/token"]);
    }
    let mut weak = set_up(&second);
    for password in ["short", "password123", "Riethsporthalle", "ada@example.org", &"x".repeat(201)] {
        weak["password"] = json!(password);
        let answer = anyone.post("/setup", &weak).problem(422, "invalid").await;
        assert_eq!(answer.pointers(), ["/password"], "{password}");
    }
    assert_eq!(anyone.get("/setup").expect(200).await["needed"], true, "a wrong try uses nothing up");

    let me = anyone.post("/setup", &set_up(&second)).expect(201).await;
    assert_eq!(
        (me.text("name"), me.text("email"), me.text("role")),
        ("Ada Example".into(), "ada@example.org".into(), "owner".into())
    );
    assert_eq!((&me["organization"]["name"], &me["installation_owner"]), (&json!("Riethsporthalle"), &json!(true)));
    let owner = anyone.signed_in(&me);
    owner.get("/members").expect(200).await;
    assert_eq!(anyone.get("/setup").expect(200).await["needed"], false);
    for used in [&first, &second] {
        let answer = anyone.post("/setup", &set_up(used)).problem(422, "invalid").await;
        assert_eq!(answer.pointers(), ["/token"], "the one of the first start is used up as well");
    }
    // What was said is what new shows begin with, and the address in other letters signs in.
    let draft = json!({ "name": "Opening", "description": "", "venue": { "name": "Hall", "address": "Street 1" },
                        "timezone": "Europe/Zurich", "starts_at": "2041-05-04T18:00:00Z", "currency": "CHF" });
    owner.post("/shows", &draft).expect(201).await;
    sign_in(&anyone, "ADA@example.org", PASSWORD).await;

    server.terminate();
    server.restart();
    eventually(Duration::from_secs(5), "it listens", async || server.output().contains("listening").then_some(()))
        .await;
    assert_eq!(server.output().matches("/setup#").count(), 2, "no link while there is an owner");
}

#[tokio::test]
async fn of_many_who_follow_the_link_together_one_becomes_the_owner() {
    let server = Server::start_set(&[("TURNOUT_TRUSTED_PROXIES", "127.0.0.1")]);
    let token = printed(&server).await;
    let attempts = (0..10).map(|number| {
        let mut body = set_up(&token);
        body["email"] = json!(format!("number-{number}@example.org"));
        let anyone = server.anyone().with_header("x-forwarded-for", &format!("10.1.{number}.1"));
        async move { anyone.post("/setup", &body).send().await }
    });
    let answers = futures::future::join_all(attempts).await;
    let owners: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(owners.len(), 1, "{:?}", answers.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert!(answers.iter().all(|answer| [201, 422, 429, 503].contains(&answer.status)));
    let members = server.anyone().signed_in(owners[0]).get("/members").expect(200).await;
    assert_eq!(members["items"].as_array().map(Vec::len), Some(1), "{members}");
}

#[tokio::test]
async fn the_environment_names_an_owner_and_no_link_is_printed() {
    let environment = [("TURNOUT_OWNER_EMAIL", "owner@example.org"), ("TURNOUT_OWNER_PASSWORD", PASSWORD)];
    let mut server = Server::start_set(&environment);
    assert!(!server.output().contains("/setup#"), "nothing to set up");
    let (me, owner) = sign_in(&server.anyone(), "owner@example.org", PASSWORD).await;
    assert_eq!((&me["role"], &me["installation_owner"]), (&json!("owner"), &json!(true)), "{me}");
    assert_eq!(server.anyone().get("/setup").expect(200).await["needed"], false);

    // The environment makes an owner once: a password that was changed since stays.
    let other = "nine loud trumpets";
    owner.call(Method::PUT, "/me/password").json(&json!({ "current": PASSWORD, "new": other })).expect(200).await;
    server.terminate();
    server.restart();
    sign_in(&server.anyone(), "owner@example.org", other).await;
    let old = json!({ "email": "owner@example.org", "password": PASSWORD });
    server.anyone().post("/session", &old).problem(401, "unauthenticated").await;
    let members = server.staff().get("/members").expect(200).await;
    assert_eq!(members["items"].as_array().map(Vec::len), Some(1), "{members}");
    assert!(!server.output().contains(PASSWORD), "a password reached the log");
}

#[test]
fn a_weak_password_or_half_an_owner_stops_the_start_and_says_what_to_do() {
    for (environment, told) in [
        (vec![("TURNOUT_OWNER_EMAIL", "owner@example.org")], "set both or neither"),
        (vec![("TURNOUT_OWNER_PASSWORD", PASSWORD)], "set both or neither"),
        (
            vec![("TURNOUT_OWNER_EMAIL", "owner@example.org"), ("TURNOUT_OWNER_PASSWORD", "password123")],
            "TURNOUT_OWNER_PASSWORD",
        ),
        (vec![("TURNOUT_OWNER_EMAIL", "nobody"), ("TURNOUT_OWNER_PASSWORD", PASSWORD)], "TURNOUT_OWNER_EMAIL"),
    ] {
        let folder = tempfile::Builder::new().prefix("turnout-test-").tempdir().expect("a folder");
        std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("its mode");
        let output = turnout()
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.path().join("data"))
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .output()
            .expect("its end");
        assert!(!output.status.success(), "{environment:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(told), "{environment:?}: {said}");
        assert!(!said.contains("password123"), "the password itself is not said: {said}");
    }
}

#[tokio::test]
async fn nobody_signs_in_where_nobody_was_set_up() {
    let server = Server::start_set(&[("TURNOUT_TRUSTED_PROXIES", "127.0.0.1")]);
    let emails = [
        "admin",
        "admin@localhost",
        "admin@example.org",
        "demo@turnout.example",
        "owner@example.org",
        "root@localhost",
    ];
    let passwords = ["", "admin", "password", "turnout", "demo", "changeme", "secret"];
    for (number, (email, password)) in
        emails.iter().flat_map(|email| passwords.map(|password| (email, password))).enumerate()
    {
        let client: Client = server.anyone().with_header("x-forwarded-for", &format!("10.2.{number}.1"));
        let answer = client.post("/session", &json!({ "email": email, "password": password })).send().await;
        assert_eq!(answer.status, 401, "{email} {password}: {answer}");
    }
}
