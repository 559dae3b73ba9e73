//! Signing in and out: what is told, what a cookie is like, changes by session, the list of one's sessions, passwords.

use std::time::Duration;

use black_box::{
    Answer, PASSWORD, Server, assert_fields, database, eventually, invite, shared, sign_in, turnout, whole_history,
};
use reqwest::Method;
use serde_json::{Value, json};

const OTHER_PASSWORD: &str = "nine loud trumpets";

fn credentials(email: &str, password: &str) -> Value {
    json!({ "email": email, "password": password })
}

/// The attributes of the session's cookie.
fn attributes(answer: &Answer) -> Vec<String> {
    let cookie = answer.header("set-cookie").unwrap_or_else(|| panic!("no cookie in {answer}"));
    cookie.split("; ").skip(1).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_wrong_address_and_a_wrong_password_are_told_alike() {
    let owner = shared();
    invite(&owner, "alike@example.org", "seller").await;
    let anyone = owner.without_bearer();
    let mut told = Vec::new();
    for (email, password) in [
        ("alike@example.org", "wrong"),
        ("alike@example.org", ""),
        ("nobody@example.org", PASSWORD),
        ("no address", PASSWORD),
        ("", ""),
    ] {
        let answer = anyone.post("/session", &credentials(email, password)).problem(401, "unauthenticated").await;
        assert!(answer.header("set-cookie").is_none(), "{answer}");
        told.push((answer.text.clone(), answer.lasting_headers()));
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
    for body in
        [json!({}), json!({ "email": 1, "password": "x" }), json!({ "email": "a@b", "password": "x", "more": 1 })]
    {
        anyone.post("/session", &body).problem(422, "invalid").await;
    }
}

#[tokio::test]
async fn the_cookie_is_closed_to_scripts_and_other_sites_and_secure_where_tls_is() {
    for (url, secure) in [("https://tickets.example", true), ("http://tickets.example", false)] {
        let environment = [
            ("TURNOUT_OWNER_EMAIL", "owner@example.org"),
            ("TURNOUT_OWNER_PASSWORD", PASSWORD),
            ("TURNOUT_PUBLIC_URL", url),
        ];
        let server = Server::start_set(&environment);
        let (answer, owner) = sign_in(&server.anyone(), "owner@example.org", PASSWORD).await;
        let attributes = attributes(&answer);
        for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=604800"] {
            assert!(attributes.iter().any(|known| known == attribute), "{attribute} of {attributes:?}");
        }
        assert_eq!(attributes.iter().any(|known| known == "Secure"), secure, "{attributes:?}");
        assert!(!attributes.iter().any(|known| known.starts_with("Domain")), "for this host alone: {attributes:?}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let ended = owner.delete("/session").expect(204).await;
        assert!(ended.header("set-cookie").is_some_and(|cookie| cookie.contains("Max-Age=0")), "it is taken back");
    }
}

#[tokio::test]
async fn a_session_changes_nothing_without_its_own_csrf_token() {
    let owner = shared();
    let (_, session) = invite(&owner, "csrf@example.org", "owner").await;
    let (other, _) = sign_in(&owner, "csrf@example.org", PASSWORD).await;
    let (method, path) = (Method::POST, "/api-keys");
    let body = json!({ "name": "By a form", "role": "seller" });
    for token in ["", "guessed", &other.text("csrf"), &other.session()] {
        let forged = session.with_header("x-csrf-token", token);
        forged.call(method.clone(), path).json(&body).problem(403, "forbidden").await;
        forged.delete("/session").problem(403, "forbidden").await;
        forged.call(Method::PATCH, "/me").json(&json!({ "name": "Eve" })).problem(403, "forbidden").await;
        // Before what the body says, and whether the path names anything.
        forged.post("/shows/nothing/publish", &json!([])).problem(403, "forbidden").await;
        assert_eq!(forged.get("/me").expect(200).await["name"], "Ada Example", "reading needs none");
    }
    let keys = session.get("/api-keys").expect(200).await;
    assert!(!keys.text.contains("By a form"), "{keys}");
    session.post(path, &body).expect(201).await;
    // A form of another site sends no JSON.
    session
        .call(method, path)
        .body("application/x-www-form-urlencoded", "name=x")
        .problem(415, "unsupported_media_type")
        .await;
}

#[tokio::test]
async fn me_says_who_i_am_and_what_i_may() {
    let owner = shared();
    let (member, session) = invite(&owner, "me@example.org", "seller").await;
    let me = session.get("/me").expect(200).await;
    assert_fields(
        &me.json,
        &[
            "actor",
            "name",
            "email",
            "role",
            "organization",
            "organizations",
            "installation_owner",
            "shows",
            "device",
            "csrf",
            "may",
        ],
    );
    assert_eq!(me["actor"], format!("member:{member}"));
    assert_eq!((&me["role"], &me["shows"], &me["device"]), (&json!("seller"), &Value::Null, &Value::Null));
    let may: Vec<&str> = me["may"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    for (operation, allowed) in
        [("issue_ticket", true), ("list_sessions", true), ("publish_show", false), ("invite_member", false)]
    {
        assert_eq!(may.contains(&operation), allowed, "{operation} of {may:?}");
    }
    let renamed = session.patch("/me", &json!({ "name": "Grace" })).expect(200).await;
    assert_eq!(renamed["name"], "Grace");
    assert_eq!(session.get("/me").expect(200).await["name"], "Grace");
    session.patch("/me", &json!({ "name": "" })).problem(422, "invalid").await;
}

#[tokio::test]
async fn one_sees_ones_own_sessions_and_ends_any_of_them() {
    let owner = shared();
    let (_, first) = invite(&owner, "sessions@example.org", "auditor").await;
    let (_, stranger) = invite(&owner, "stranger@example.org", "auditor").await;
    let anyone = owner.without_bearer();
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let signed_in = anyone
        .post("/session", &credentials("sessions@example.org", PASSWORD))
        .header("user-agent", firefox)
        .expect(200)
        .await;
    let second = anyone.signed_in(&signed_in);
    let listed = second.get("/sessions").expect(200).await;
    let items = listed["items"].as_array().expect("items");
    assert_eq!((items.len(), &listed["next"]), (2, &Value::Null), "{listed}");
    for item in items {
        assert_fields(item, &["id", "started_at", "seen_at", "ends_at", "client", "current"]);
    }
    let mine = items.iter().find(|item| item["current"] == true).expect("the one that asks");
    let other = items.iter().find(|item| item["current"] == false).expect("the other one");
    assert_eq!(mine["client"], "Firefox on Linux");
    assert!(!listed.text.contains("Mozilla"), "the header is not kept: {listed}");

    let path = |item: &Value| format!("/sessions/{}", item["id"].as_str().expect("an id"));
    let theirs = stranger.delete(&path(other)).problem(404, "not_found").await;
    let nothing = stranger.delete("/sessions/0199aa00-0000-7000-8000-00000000dead").problem(404, "not_found").await;
    assert_eq!(theirs.text, nothing.text, "somebody else's session is none");
    second.delete(&path(other)).expect(204).await;
    first.get("/me").problem(401, "unauthenticated").await;
    second.get("/me").expect(200).await;
    let (_, third) = sign_in(&anyone, "sessions@example.org", PASSWORD).await;
    third.delete("/sessions").expect(204).await;
    for ended in [&second, &third] {
        ended.get("/me").problem(401, "unauthenticated").await;
        assert_eq!(ended.get("/shows").expect(200).await.status, 200, "a public page stays public");
    }
    stranger.get("/me").expect(200).await;
}

#[tokio::test]
async fn another_password_ends_the_other_sessions() {
    let owner = shared();
    let (_, mine) = invite(&owner, "password@example.org", "seller").await;
    let (_, other) = sign_in(&owner, "password@example.org", PASSWORD).await;
    for (current, new, pointer) in [
        ("wrong", OTHER_PASSWORD, "/current"),
        (PASSWORD, "short", "/new"),
        (PASSWORD, "password@example.org", "/new"),
        (PASSWORD, "qwertyuiop", "/new"),
    ] {
        let body = json!({ "current": current, "new": new });
        let answer = mine.put("/me/password", &body).problem(422, "invalid").await;
        assert_eq!(answer.pointers(), [pointer], "{answer}");
    }
    mine.put("/me/password", &json!({ "current": PASSWORD, "new": OTHER_PASSWORD })).expect(200).await;
    mine.get("/me").expect(200).await;
    other.get("/me").problem(401, "unauthenticated").await;
    let anyone = owner.without_bearer();
    anyone.post("/session", &credentials("password@example.org", PASSWORD)).problem(401, "unauthenticated").await;
    sign_in(&anyone, "password@example.org", OTHER_PASSWORD).await;
}

#[tokio::test]
async fn whoever_runs_the_installation_makes_a_link_to_another_password() {
    let server = Server::start();
    let owner = server.staff();
    let (_, session) = invite(&owner, "forgot@example.org", "seller").await;
    let output = turnout()
        .args(["reset-password", "forgot@example.org", "--data"])
        .arg(server.data())
        .output()
        .expect("the subcommand");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said} {}", String::from_utf8_lossy(&output.stderr));
    let token = said.split_once("#tr_").map(|(_, rest)| format!("tr_{}", &rest[..43])).expect("a link");
    let anyone = server.anyone();
    let reset = |token: &str, password: &str| json!({ "token": token, "password": password });
    let weak = anyone.post("/password-resets", &reset(&token, "password123")).problem(422, "invalid").await;
    assert_eq!(weak.pointers(), ["/password"]);
    session.get("/me").expect(200).await;
    anyone.post("/password-resets", &reset(&token, OTHER_PASSWORD)).expect(200).await;
    session.get("/me").problem(401, "unauthenticated").await;
    for used in [token.as_str(), "tr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "", "x"] {
        let answer = anyone.post("/password-resets", &reset(used, PASSWORD)).problem(422, "invalid").await;
        assert_eq!(answer.pointers(), ["/token"]);
    }
    sign_in(&anyone, "forgot@example.org", OTHER_PASSWORD).await;
}

#[tokio::test]
async fn auditors_see_samples_of_sign_ins_and_of_failed_ones() {
    let server = Server::start();
    let owner = server.staff();
    let (member, _) = invite(&owner, "watched@example.org", "seller").await;
    let (_, auditor) = invite(&owner, "auditor@example.org", "auditor").await;
    let anyone = server.anyone();
    for _ in 0..5 {
        anyone.post("/session", &credentials("watched@example.org", "wrong")).problem(401, "unauthenticated").await;
        anyone.post("/session", &credentials("nobody@example.org", "wrong")).problem(401, "unauthenticated").await;
        sign_in(&anyone, "watched@example.org", PASSWORD).await;
    }
    for (kind, count) in [("SignedIn", "sessions"), ("SignInsFailed", "attempts")] {
        let events = eventually(Duration::from_secs(10), "a sample is recorded", async || {
            let events = whole_history(&auditor, &format!("type={kind}")).await;
            (!events.is_empty()).then_some(events)
        })
        .await;
        assert_eq!(events.len(), 1, "ten minutes of them are one event: {events:?}");
        assert_eq!((&events[0].payload["member"], &events[0].payload[count]), (&json!(member), &json!(1)));
    }
    let history = auditor.get("/history?limit=200").expect(200).await;
    for (text, why) in [("watched@example.org", "no address"), (PASSWORD, "no password")] {
        assert!(!history.text.contains(text), "{why} in the history");
    }
    for event in whole_history(&auditor, "").await {
        assert!(!event.without_sentence().to_string().contains("Ada Example"), "names stand in sentences alone");
    }
}

#[tokio::test]
async fn nothing_secret_is_stored_or_logged() {
    let server = Server::start_set(&[("TURNOUT_LOG", "trace")]);
    let owner = server.staff();
    let (_, session) = invite(&owner, "secrets@example.org", "owner").await;
    let (signed_in, _) = sign_in(&server.anyone(), "secrets@example.org", PASSWORD).await;
    let key = session.post("/api-keys", &json!({ "name": "Key", "role": "seller" })).expect(201).await;
    let draft = black_box::Show::draft(&owner, "Secrets", json!({})).await;
    let offered =
        session.post("/devices/pairings", &json!({ "name": "Device", "shows": [draft.id] })).expect(201).await;
    let device = server.anyone().post("/devices", &json!({ "pairing": offered.text("pairing") })).expect(201).await;
    let invited = session.post("/members", &json!({ "email": "new@example.org", "role": "door" })).expect(201).await;
    let cookie = signed_in.session();
    let secrets = [
        PASSWORD.to_owned(),
        cookie.split_once('=').expect("a pair").1.to_owned(),
        signed_in.text("csrf"),
        key.text("token"),
        offered.text("pairing"),
        device.text("token"),
        black_box::token_of(&invited.text("link")),
        black_box::ADMIN_TOKEN.to_owned(),
    ];
    server.anyone().with_bearer(&format!("{}x", key.text("token"))).get("/me").problem(401, "unauthenticated").await;
    let history = owner.get("/history?limit=200").expect(200).await;
    let output: String = server.output().lines().filter(|line| !line.contains("set it up:")).collect();
    let mut postgres = database::connect(&server.data(), "turnout_owner").await;
    for secret in &secrets {
        assert!(!history.text.contains(secret), "in the history: {secret}");
        assert!(!output.contains(secret), "in the log: {secret}");
        let tables = database::tables_with(&mut postgres, secret).await;
        assert!(tables.is_empty(), "{secret} in {tables:?}");
    }
}

#[tokio::test]
async fn failed_sign_ins_to_an_account_are_limited_from_however_many_addresses() {
    let server = Server::start_set(&[("TURNOUT_TRUSTED_PROXIES", "127.0.0.1")]);
    let owner = server.staff();
    let (_, _) = invite(&owner, "attacked@example.org", "seller").await;
    let from = |host: u8| server.anyone().with_header("x-forwarded-for", &format!("203.0.113.{host}"));
    let usual = from(250);
    sign_in(&usual, "attacked@example.org", PASSWORD).await;
    let wrong = |email: &str| credentials(email, "not the password");
    // An address that nobody has is limited alike, so that nothing is told by it.
    for email in ["attacked@example.org", "nobody@example.org"] {
        let mut judged = 0;
        let mut stopped = None;
        for host in 0..20 {
            let answer = from(host).post("/session", &wrong(email)).send().await;
            if answer.status == 429 {
                stopped = Some(answer);
                break;
            }
            assert_eq!(answer.status, 401, "{answer}");
            judged += 1;
        }
        // One more may pass in each half minute that all this takes.
        assert!((10..=12).contains(&judged), "{email}: {judged}");
        let seconds: u64 =
            stopped.expect("to be stopped").header("retry-after").expect("when").parse().expect("seconds");
        assert!((1..=30).contains(&seconds), "{email}: {seconds}");
    }
    // The right password does not help from anywhere new: it would tell whoever tries them.
    from(30).post("/session", &credentials("attacked@example.org", PASSWORD)).problem(429, "too_many_requests").await;
    sign_in(&usual, "attacked@example.org", PASSWORD).await;
    from(1).post("/session", &wrong("somebody.else@example.org")).problem(401, "unauthenticated").await;
}
