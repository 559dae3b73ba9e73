//! Members: invitations and how they end, roles that hold at once, owners of whom there is always one, and people who belong to
//! several organizations.

use black_box::{Client, PASSWORD, Server, assert_fields, invite, invite_link, shared, sign_in, whole_history};
use futures::future::join_all;
use serde_json::{Value, json};

/// An organization of this test's own.
async fn organization(name: &str) -> (String, Client) {
    let owner = shared();
    let id = owner.post("/organizations", &json!({ "name": name })).expect(201).await.text("id");
    (id.clone(), owner.in_organization(&id))
}

fn accept(token: &str) -> Value {
    json!({ "token": token, "name": "Grace Example", "password": PASSWORD })
}

async fn member(owner: &Client, id: &str) -> Value {
    let listed = owner.get("/members").expect(200).await;
    let items = listed["items"].as_array().expect("items");
    items.iter().find(|item| item["id"] == id).cloned().unwrap_or(Value::Null)
}

#[tokio::test]
async fn an_invitation_is_opened_as_often_as_wanted_and_accepted_once() {
    let (_, owner) = organization("Invitations").await;
    let (id, token) = invite_link(&owner, "Grace@Invited.example", "seller").await;
    let invited = member(&owner, &id).await;
    assert_fields(
        &invited,
        &["id", "name", "email", "role", "state", "invited_at", "joined_at", "invitation_expires_at"],
    );
    assert_eq!(
        (&invited["state"], &invited["name"], &invited["joined_at"]),
        (&json!("invited"), &Value::Null, &Value::Null)
    );
    assert!(invited["invitation_expires_at"].is_string(), "{invited}");

    let anyone = owner.without_bearer();
    let open = json!({ "token": token });
    for _ in 0..2 {
        let opened = anyone.post("/invitations/open", &open).expect(200).await;
        assert_fields(&opened.json, &["organization", "email", "role", "has_account", "expires_at"]);
        assert_eq!((&opened["organization"]["name"], &opened["role"]), (&json!("Invitations"), &json!("seller")));
        assert_eq!((&opened["has_account"], &opened["expires_at"]), (&json!(false), &invited["invitation_expires_at"]));
    }
    for (body, pointer) in [
        (json!({ "token": token, "password": PASSWORD }), "/name"),
        (json!({ "token": token, "name": "Grace", "password": "password123" }), "/password"),
        (json!({ "token": token, "name": "Grace", "password": "grace@invited.example" }), "/password"),
        (accept("ti_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), "/token"),
    ] {
        let answer = anyone.post("/invitations/accept", &body).problem(422, "invalid").await;
        assert_eq!(answer.pointers(), [pointer], "{answer}");
    }
    let joined = anyone.post("/invitations/accept", &accept(&token)).expect(201).await;
    let session = anyone.signed_in(&joined);
    assert_eq!((&joined["role"], &joined["name"]), (&json!("seller"), &json!("Grace Example")));
    assert_eq!(joined["actor"], format!("member:{id}"));
    session.get("/shows").expect(200).await;
    for path in ["/invitations/open", "/invitations/accept"] {
        let body = if path.ends_with("open") { open.clone() } else { accept(&token) };
        anyone.post(path, &body).problem(409, "invitation_used").await;
    }
    let active = member(&owner, &id).await;
    assert_eq!((&active["state"], &active["invitation_expires_at"]), (&json!("active"), &Value::Null));
    owner
        .post("/members", &json!({ "email": "GRACE@invited.example", "role": "door" }))
        .problem(409, "already_member")
        .await;
}

#[tokio::test]
async fn of_many_who_accept_one_invitation_together_one_does() {
    let server = Server::start_set(&[("TURNOUT_TRUSTED_PROXIES", "127.0.0.1")]);
    let owner = server.staff();
    let (id, token) = invite_link(&owner, "race@example.org", "manager").await;
    let attempts = (0..8).map(|number| {
        let anyone = server.anyone().with_header("x-forwarded-for", &format!("10.3.{number}.1"));
        let body = accept(&token);
        async move { anyone.post("/invitations/accept", &body).send().await }
    });
    let answers = join_all(attempts).await;
    let joined = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(joined, 1, "{:?}", answers.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert!(answers.iter().all(|answer| [201, 409, 422].contains(&answer.status)));
    owner.sees_its_organization().await;
    assert_eq!(whole_history(&owner, "type=MemberJoined").await.len(), 1);
    assert_eq!(member(&owner, &id).await["state"], "active");
    sign_in(&server.anyone(), "race@example.org", PASSWORD).await;
}

#[tokio::test]
async fn inviting_again_makes_the_older_link_worthless_and_removing_all() {
    let (_, owner) = organization("Again").await;
    let anyone = owner.without_bearer();
    let (first, old) = invite_link(&owner, "again@again.example", "seller").await;
    let (second, new) = invite_link(&owner, "Again@Again.example", "auditor").await;
    assert_eq!(first, second, "the same person");
    assert_eq!(owner.get("/members").expect(200).await["items"].as_array().map(Vec::len), Some(1), "listed once");
    for path in ["/invitations/open", "/invitations/accept"] {
        let body = if path.ends_with("open") { json!({ "token": old }) } else { accept(&old) };
        anyone.post(path, &body).problem(409, "invitation_expired").await;
    }
    assert_eq!(anyone.post("/invitations/open", &json!({ "token": new })).expect(200).await["role"], "auditor");

    owner.delete(&format!("/members/{first}")).expect(204).await;
    let withdrawn = anyone.post("/invitations/accept", &accept(&new)).send().await;
    assert!([409, 422].contains(&withdrawn.status), "{withdrawn}");
    assert_eq!(owner.get("/members").expect(200).await["items"], json!([]));
    owner.delete(&format!("/members/{first}")).expect(204).await;
}

#[tokio::test]
async fn who_has_an_account_joins_another_organization_and_acts_in_either() {
    let (one, first) = organization("First house").await;
    let (two, second) = organization("Second house").await;
    let (three, _) = organization("Third house").await;
    let email = "both@houses.example";
    let (_, session) = invite(&first, email, "manager").await;
    let (_, token) = invite_link(&second, email, "auditor").await;
    let anyone = first.without_bearer();
    assert_eq!(anyone.post("/invitations/open", &json!({ "token": token })).expect(200).await["has_account"], true);
    let wrong = json!({ "token": token, "password": "not the password" });
    let answer = anyone.post("/invitations/accept", &wrong).problem(422, "invalid").await;
    assert_eq!(answer.pointers(), ["/password"], "the link alone does not open somebody's account");
    anyone.post("/invitations/accept", &json!({ "token": token, "password": PASSWORD })).expect(201).await;

    let me = session.get("/me").expect(200).await;
    let mine: Vec<&Value> = me["organizations"].as_array().expect("a list").iter().map(|one| &one["id"]).collect();
    assert_eq!(mine, [&one, &two], "in the order in which they were joined");
    assert_eq!(me["organization"]["id"], one, "the first, unless another is named");
    let elsewhere = session.in_organization(&two).get("/me").expect(200).await;
    assert_eq!((&elsewhere["organization"]["id"], &elsewhere["role"]), (&json!(two), &json!("auditor")));
    session.get("/settings").expect(200).await;
    session.in_organization(&two).get("/settings").problem(403, "forbidden").await;
    session.in_organization(&two).get("/history").expect(200).await;
    session.in_organization(&three).get("/me").problem(422, "invalid").await;
    session.in_organization("nothing").get("/me").problem(422, "invalid").await;

    // The cookie of the web app, for what a browser asks without headers.
    let cookie = |organization: &str| {
        let name = "turnout_organization";
        session.with_header("cookie", &format!("{}; {name}={organization}", session_of(&session)))
    };
    assert_eq!(cookie(&two).get("/me").expect(200).await["organization"]["id"], two);
    for ignored in [three.as_str(), "nothing", ""] {
        assert_eq!(cookie(ignored).get("/me").expect(200).await["organization"]["id"], one, "{ignored}");
    }
    assert_eq!(cookie(&two).in_organization(&one).get("/me").expect(200).await["organization"]["id"], one);

    // Removed from one, and then from the other: only then the account is forgotten.
    let id = elsewhere.text("actor").replace("member:", "");
    second.delete(&format!("/members/{id}")).expect(204).await;
    session.in_organization(&two).get("/me").problem(422, "invalid").await;
    session.get("/me").expect(200).await;
    let id = me.text("actor").replace("member:", "");
    first.delete(&format!("/members/{id}")).expect(204).await;
    session.get("/me").problem(401, "unauthenticated").await;
    let gone = json!({ "email": email, "password": PASSWORD });
    anyone.post("/session", &gone).problem(401, "unauthenticated").await;
}

fn session_of(client: &Client) -> String {
    client.sends("cookie").expect("a session's cookie").to_owned()
}

#[tokio::test]
async fn a_role_holds_from_the_next_request_on() {
    let (_, owner) = organization("Roles").await;
    invite(&owner, "owner@roles.example", "owner").await;
    let (id, session) = invite(&owner, "roles@roles.example", "seller").await;
    let path = format!("/members/{id}");
    for (role, may) in [("manager", true), ("door", false), ("owner", true), ("analyst", false)] {
        owner.patch(&path, &json!({ "role": role })).expect(200).await;
        let answer = session.get("/api-keys").send().await;
        assert_eq!(answer.status, if may { 200 } else { 403 }, "{role}: {answer}");
        assert_eq!(session.get("/me").expect(200).await["role"], role);
    }
    owner.patch(&path, &json!({ "role": "analyst" })).expect(200).await;
    let changes = whole_history(&owner, "type=MemberRoleChanged").await;
    assert_eq!(changes.len(), 4, "what changes nothing is no event: {changes:?}");
    let answer = owner.patch(&path, &json!({ "role": "king" })).problem(422, "invalid").await;
    assert_eq!(answer.pointers(), ["/role"]);
    owner.delete(&path).expect(204).await;
    session.get("/me").problem(401, "unauthenticated").await;
}

#[tokio::test]
async fn there_is_always_an_owner() {
    let (_, root) = organization("Owners").await;
    let (one, first) = invite(&root, "one@owners.example", "owner").await;
    for call in
        [first.delete(&format!("/members/{one}")), first.patch(&format!("/members/{one}"), &json!({ "role": "door" }))]
    {
        call.problem(409, "last_owner").await;
    }
    let (two, second) = invite(&first, "two@owners.example", "owner").await;
    // Both leave at once: one stays.
    let answers =
        join_all([first.delete(&format!("/members/{one}")).send(), second.delete(&format!("/members/{two}")).send()])
            .await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert!(statuses == [204, 409] || statuses == [204, 401], "{statuses:?}");
    let owners = root.get("/members").expect(200).await;
    assert_eq!(owners["items"].as_array().map(Vec::len), Some(1), "{owners}");
}

#[tokio::test]
async fn only_owners_touch_members_and_a_repeat_does_not_show_the_link_again() {
    let (_, owner) = organization("Repeats").await;
    let (_, manager) = invite(&owner, "manager@repeats.example", "manager").await;
    let body = json!({ "email": "once@repeats.example", "role": "seller" });
    manager.post("/members", &body).problem(403, "forbidden").await;
    let first = owner.post("/members", &body).key("an-invitation").expect(201).await;
    let again = owner.post("/members", &body).key("an-invitation").expect(201).await;
    assert_eq!((&again["id"], &again["link"]), (&first["id"], &Value::Null), "a link is shown once");
    assert_eq!(again.position(), first.position());
    let other = json!({ "email": "once@repeats.example", "role": "door" });
    owner.post("/members", &other).key("an-invitation").problem(422, "idempotency_key_reused").await;
    let token = black_box::token_of(&first.text("link"));
    owner.without_bearer().post("/invitations/accept", &accept(&token)).expect(201).await;
    for (body, pointer) in [
        (json!({ "email": "nobody", "role": "door" }), "/email"),
        (json!({ "email": "a@b.example", "role": "pope" }), "/role"),
        (json!({ "email": "a@b.example" }), "/role"),
    ] {
        assert_eq!(owner.post("/members", &body).problem(422, "invalid").await.pointers(), [pointer]);
    }
}

#[tokio::test]
async fn what_happened_to_members_is_in_the_history_and_their_names_in_sentences_alone() {
    let (_, owner) = organization("Histories").await;
    let (_, auditor) = invite(&owner, "auditor@histories.example", "auditor").await;
    let (id, _) = invite(&owner, "told@histories.example", "seller").await;
    owner.patch(&format!("/members/{id}"), &json!({ "role": "door" })).expect(200).await;
    owner.delete(&format!("/members/{id}")).expect(204).await;
    let events = whole_history(&auditor, "").await;
    let about: Vec<&str> =
        events.iter().filter(|event| event.payload["member"] == id).map(|event| event.kind.as_str()).collect();
    assert_eq!(about, ["MemberInvited", "MemberJoined", "MemberRoleChanged", "MemberRemoved"]);
    let told: Vec<&str> = events
        .iter()
        .filter(|event| event.payload["member"] == id)
        .filter_map(|event| event.row["sentence"].as_str())
        .collect();
    // Who left has no name here any more, and an address is not for auditors.
    assert!(told.iter().all(|sentence| sentence.starts_with("Member somebody ")), "{told:?}");
    let sentences: Vec<&str> = events.iter().filter_map(|event| event.row["sentence"].as_str()).collect();
    assert!(sentences.iter().any(|told| told.starts_with("Member Ada Example accepted ")), "{sentences:?}");
    assert!(!sentences.iter().any(|told| told.contains("histories.example")), "{sentences:?}");
    let text: String = events.iter().map(|event| event.without_sentence().to_string()).collect();
    for hidden in ["histories.example", "Ada Example", "ti_"] {
        assert!(!text.contains(hidden), "{hidden}");
    }
}
