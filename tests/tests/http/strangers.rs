//! One organization meets another: everything that staff of one may do, tried on what belongs to the other.
//!
//! What must hold: no difference, in any byte of an answer, between what belongs to somebody else and what does not exist, and
//! before anything else of the request is looked at; whoever may not do something is told so whatever the path names; what is
//! public is seen as the public sees it; no list holds anything of anybody else.

use std::time::Duration;

use black_box::{Answer, Client, Server, Show};
use futures::StreamExt;
use serde_json::{Value, json};

use crate::tenants::{Operation, ROLES, Tenant, UNKNOWN, code, golden, mark, nothing, said};

/// Behind a proxy that we trust, so that each of thousands of requests may come from somewhere else.
const BEHIND_A_PROXY: &[(&str, &str)] = &[("TURNOUT_TRUSTED_PROXIES", "127.0.0.1")];

/// Two organizations on one server.
struct Neighbours {
    server: Server,
    alpha: Tenant,
    bravo: Tenant,
}

impl Neighbours {
    async fn new() -> Self {
        let server = Server::start_set(BEHIND_A_PROXY);
        let owner = server.staff();
        let (alpha, bravo) = (Tenant::of(&owner, "Alpha").await, Tenant::of(&owner, "Bravo").await);
        Self { server, alpha, bravo }
    }

    /// What a name in a path may be that is the others', beside what is our own: whole paths, each with what names nothing in
    /// its place.
    fn paths(&self, operation: &Operation) -> Vec<(String, String)> {
        let theirs = |name: &str| self.bravo.ids[name].clone();
        let ours = |name: &str| self.alpha.ids[name].clone();
        let nowhere = |name: &str| nothing(name).to_owned();
        let mut pairs = vec![(operation.at(theirs), operation.at(nowhere))];
        let draft = |name: &str| if name == "show" { self.bravo.draft.id.clone() } else { theirs(name) };
        pairs.push((operation.at(draft), operation.at(nowhere)));
        if operation.names.len() > 1 {
            // Their ticket at our show, and our ticket at theirs.
            let their_thing = |name: &str| if name == "show" { ours(name) } else { theirs(name) };
            let no_thing = |name: &str| if name == "show" { ours(name) } else { nowhere(name) };
            pairs.push((operation.at(their_thing), operation.at(no_thing)));
            let their_show = |name: &str| if name == "show" { theirs(name) } else { ours(name) };
            let no_show = |name: &str| if name == "show" { nowhere(name) } else { ours(name) };
            pairs.push((operation.at(their_show), operation.at(no_show)));
        }
        pairs
    }

    /// Who may do an operation, of the first organization.
    async fn whoever_may(&self, operation: &Operation, sessions: &[(&'static str, Client)]) -> Vec<(String, Client)> {
        let golden = golden();
        let mut whoever = Vec::new();
        for (role, session) in sessions {
            match mark(&golden, operation, role) {
                'x' | 'k' => {
                    whoever.push((format!("a key of {role}"), self.alpha.keys[role].clone()));
                    whoever.push((format!("who signed in as {role}"), session.clone()));
                }
                's' => whoever.push((format!("who signed in as {role}"), session.clone())),
                _ => {}
            }
        }
        if mark(&golden, operation, "link") == 'x' {
            whoever.push(("an order's link".to_owned(), self.server.anyone().with_bearer(&self.alpha.order_secret)));
            whoever.push(("a hold's link".to_owned(), self.server.anyone().with_bearer(&self.alpha.hold_secret)));
        }
        whoever
    }
}

async fn sessions(tenant: &Tenant) -> Vec<(&'static str, Client)> {
    let mut sessions = Vec::new();
    for role in ROLES {
        sessions.push((role, tenant.session(role).await));
    }
    sessions
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_belongs_to_another_organization_is_as_if_it_did_not_exist() {
    let neighbours = Neighbours::new().await;
    let operations = Operation::all(&neighbours.server.anyone()).await;
    let sessions = sessions(&neighbours.alpha).await;
    let golden = golden();
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for operation in operations.iter().filter(|operation| !operation.names.is_empty()) {
        if mark(&golden, operation, "nobody") == 'x' {
            continue;
        }
        for (who, client) in neighbours.whoever_may(operation, &sessions).await {
            for (theirs, nowhere) in neighbours.paths(operation) {
                let (found, missing) = (operation.ask(&client, &theirs).await, operation.ask(&client, &nowhere).await);
                compared += 1;
                // A link opens one hold or order, and is told so: also by a 403.
                let told = found.status == 404 || (found.status == 403 && who.ends_with("link"));
                if !told || said(&found) != said(&missing) {
                    wrong.push(format!("{} as {who}: {found}\n    where nothing is: {missing}", operation.id));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(compared > 700, "only {compared} pairs were compared");
    nothing_happened(&neighbours.bravo).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_may_not_is_told_so_whatever_the_path_names() {
    let neighbours = Neighbours::new().await;
    let golden = golden();
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for operation in Operation::all(&neighbours.server.anyone()).await {
        if operation.names.is_empty() || mark(&golden, &operation, "nobody") == 'x' {
            continue;
        }
        let mut denied: Vec<(String, Client, u16)> = vec![("nobody".to_owned(), neighbours.server.anyone(), 401)];
        for role in ROLES.into_iter().filter(|role| "-s".contains(mark(&golden, &operation, role))) {
            denied.push((format!("a key of {role}"), neighbours.alpha.keys[role].clone(), 403));
        }
        for (who, client, status) in denied {
            let nowhere = operation.ask(&client, &operation.at_nothing()).await;
            if nowhere.status != status {
                wrong.push(format!("{} as {who}: {nowhere}", operation.id));
            }
            for ids in [&neighbours.alpha.ids, &neighbours.bravo.ids] {
                let answer = operation.ask(&client, &operation.at(|name| ids[name].clone())).await;
                compared += 1;
                if said(&answer) != said(&nowhere) {
                    wrong.push(format!("{} as {who}: {answer}\n    where nothing is: {nowhere}", operation.id));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(compared > 400, "only {compared} pairs were compared");
}

/// That the other organization's show is as it was.
async fn nothing_happened(tenant: &Tenant) {
    let expected = ["held", "sold", "sold"];
    let head = tenant.show.head().await;
    let seats = tenant.show.seen("/seats", head).await;
    for (seat, state) in (1..=3).zip(expected) {
        assert_eq!(seats["seats"][format!("Stalls-1-{seat}")], state, "{seats}");
    }
    assert_eq!(seats["seats"]["Stalls-1-30"], "blocked", "{seats}");
    tenant.owner.get("/members").expect(200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_of_another_organization_see_what_the_public_sees() {
    let neighbours = Neighbours::new().await;
    let Neighbours { server, alpha, bravo } = &neighbours;
    let golden = golden();
    let public: Vec<Operation> = Operation::all(&server.anyone())
        .await
        .into_iter()
        .filter(|operation| !operation.names.is_empty() && mark(&golden, operation, "nobody") == 'x')
        .collect();
    assert!(public.len() >= 7, "{public:?}");
    let askers: Vec<Client> = ROLES.iter().map(|role| alpha.keys[role].clone()).collect();
    for operation in public {
        let theirs = operation.at(|name| bravo.ids[name].clone());
        let hidden = operation.at(|_| bravo.draft.id.clone());
        let nowhere = operation.at_nothing();
        if operation.id == "stream_live" {
            for client in &askers {
                assert_eq!(client.get(&hidden).at_once().send().await.status, 404);
                live_as_the_public(client, bravo, &theirs).await;
            }
            continue;
        }
        let query = if operation.id == "get_changes" { "?after=0&wait=0" } else { "" };
        let (theirs, hidden, nowhere) =
            (format!("{theirs}{query}"), format!("{hidden}{query}"), format!("{nowhere}{query}"));
        let seen = operation.ask(&server.anyone(), &theirs).await;
        for client in &askers {
            let answer = operation.ask(client, &theirs).await;
            assert_eq!((answer.status, &answer.text), (seen.status, &seen.text), "{}: {answer}", operation.id);
            let (draft, none) = (operation.ask(client, &hidden).await, operation.ask(client, &nowhere).await);
            assert_eq!(said(&draft), said(&none), "{}: {draft}", operation.id);
            assert_eq!(draft.status, 404, "{}: {draft}", operation.id);
        }
    }
    let as_staff = bravo.show.seen("/seats", bravo.show.head().await).await;
    assert_eq!(as_staff["seats"]["Stalls-1-1"], "held", "staff see more, so that the comparison says something");
    // What is asked as of a moment is for staff of the show alone.
    for (path, with) in [("", "at"), ("/seats", "at"), ("/availability", "at")] {
        let position = &bravo.ids["position"];
        let path = bravo.show.path(&format!("{path}?{with}={position}"));
        let answer = alpha.keys["owner"].get(&path).send().await;
        let anyone = server.anyone().get(&path).send().await;
        assert!(answer.status >= 400 && anyone.status >= 400, "{answer} {anyone}");
    }
}

/// What whoever listens hears first, and when a place is sold: what the public hears.
async fn live_as_the_public(client: &Client, bravo: &Tenant, path: &str) {
    let response = client.get(path).at_once().header("last-event-id", "0").stream().await;
    assert_eq!(response.status(), 200);
    let mut chunks = response.bytes_stream();
    let mut text = String::new();
    let listen = async {
        while text.matches("\n\n").count() < 1 {
            let chunk = chunks.next().await.expect("the stream goes on").expect("a chunk");
            text.push_str(&String::from_utf8_lossy(&chunk));
        }
    };
    tokio::time::timeout(Duration::from_secs(20), listen).await.expect("a message within 20 s");
    let data = text.lines().find_map(|line| line.strip_prefix("data:")).expect("data");
    let data: Value = serde_json::from_str(data).expect("JSON");
    let seats = data["seats"].as_object().expect("seats");
    assert!(seats.len() >= 4 && seats.values().all(|state| state == "taken"), "{data}");
    assert_eq!(data["attendance"], Value::Null, "{data}");
    for part in [&data["availability"]["ticket_types"][0], &data["availability"]["sections"][0]] {
        for number in ["capacity", "available", "held", "sold", "blocked"] {
            assert_eq!(part[number], Value::Null, "{number} of {part}");
        }
    }
    assert!(!text.contains(&bravo.ids["order"]), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_list_holds_anything_of_anybody_else() {
    let neighbours = Neighbours::new().await;
    let Neighbours { server, alpha, bravo } = &neighbours;
    // Numbers are everybody's.
    let named = bravo.ids.iter().filter(|(name, _)| !["position", "level", "number"].contains(*name));
    let mut marks: Vec<String> = named.map(|(_, id)| id.clone()).collect();
    marks.extend([bravo.id.clone(), bravo.draft.id.clone(), bravo.name.to_owned(), bravo.name.to_lowercase()]);
    let sessions = sessions(alpha).await;
    let golden = golden();
    let mut searched = 0;
    for operation in Operation::all(&server.anyone()).await {
        if operation.method != reqwest::Method::GET
            || ["list_organizations", "stream_live"].contains(&operation.id.as_str())
        {
            continue;
        }
        let path = operation.at(|name| alpha.ids[name].clone());
        let mut asked = vec![path.clone()];
        let show = &bravo.show.id;
        match operation.id.as_str() {
            "list_shows" => asked.extend(["?q=bravo", "?limit=200"].map(|query| format!("{path}{query}"))),
            "list_orders" | "list_tickets" | "list_people" => asked.push(format!("{path}?q=bravo&limit=200")),
            "list_history" => {
                for query in [
                    format!("show={show}"),
                    format!("stream={show}"),
                    format!("stream={}", bravo.id),
                    format!("person={}", bravo.ids["person"]),
                    format!("actor=key:{}", bravo.ids["key"]),
                    format!("device={}", bravo.ids["device"]),
                    "limit=200".to_owned(),
                    "limit=200&after=0&type=TicketIssued".to_owned(),
                    format!("ticket={}", bravo.ids["ticket"]),
                    format!("order={}", bravo.ids["order"]),
                    format!("hold={}", bravo.ids["hold"]),
                    format!("block={}", bravo.ids["block"]),
                    format!("scan={}", bravo.ids["scan"]),
                    format!("show={show}&seat=Stalls-1-1"),
                    "format=ndjson".to_owned(),
                ] {
                    asked.push(format!("{path}?{query}"));
                }
            }
            "get_history_timeline" => asked.push(format!("{path}?show={show}")),
            _ => {}
        }
        for (role, session) in &sessions {
            if mark(&golden, &operation, role) == '-' {
                continue;
            }
            for client in [&alpha.keys[role], session] {
                for path in &asked {
                    let path =
                        if operation.id == "get_changes" { format!("{path}?after=0&wait=0") } else { path.clone() };
                    let answer = client.get(&path).send().await;
                    searched += usize::from(answer.status == 200);
                    let mut text = answer.text.clone();
                    // What was asked for may be said again.
                    if answer.status != 200 {
                        text.clear();
                    }
                    let found: Vec<&String> = marks.iter().filter(|mark| text.contains(mark.as_str())).collect();
                    assert!(found.is_empty(), "{role}: {found:?} in {answer}");
                }
            }
        }
    }
    assert!(searched > 150, "only {searched} answers were searched");
    // The marks are where they should be: their owner finds them.
    let own = bravo.owner.get("/history?limit=200").expect(200).await;
    assert!(marks.iter().filter(|mark| own.text.contains(mark.as_str())).count() > 8, "{own}");
}

/// That a body that names something of the others is answered as one that names nothing.
async fn named_in_a_body(client: &Client, path: &str, theirs: Value, nowhere: Value) -> Answer {
    let (found, missing) = (client.post(path, &theirs).send().await, client.post(path, &nowhere).send().await);
    assert_eq!(said(&found), said(&missing), "{theirs}: {found}\nwhere nothing is named: {missing}");
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_body_names_of_another_organization_is_unknown() {
    let Neighbours { server, alpha, bravo } = &Neighbours::new().await;
    let owner = &alpha.owner;
    let show = &alpha.show;
    let ids = &bravo.ids;
    for (path, with) in [
        ("/api-keys".to_owned(), json!({ "name": "Key", "role": "seller" })),
        ("/devices/pairings".to_owned(), json!({ "name": "Device" })),
    ] {
        for (shows, pointer) in [(vec![&show.id, &bravo.show.id], "/shows/1"), (vec![&bravo.draft.id], "/shows/0")] {
            let body = |foreign: Vec<String>| {
                let mut body = with.clone();
                body["shows"] = json!(foreign);
                body
            };
            let theirs: Vec<String> = shows.iter().map(|id| (*id).clone()).collect();
            let nowhere =
                theirs.iter().map(|id| if id == &show.id { id.clone() } else { UNKNOWN.to_owned() }).collect();
            let answer = named_in_a_body(owner, &path, body(theirs), body(nowhere)).await;
            assert_eq!((answer.status, answer.pointers()), (422, vec![pointer]), "{answer}");
        }
    }
    let gates = json!({ "name": "Device", "shows": [show.id], "gates": [format!("{} gate", bravo.name)] });
    let answer = owner.post("/devices/pairings", &gates).problem(422, "invalid").await;
    assert_eq!(answer.pointers(), ["/gates/0"], "a gate of theirs is none of ours");

    let sell = |ticket_type: &str| json!({ "items": [{ "ticket_type": ticket_type, "quantity": 1 }], "payment": { "method": "cash" } });
    let hold = |ticket_type: &str| json!({ "items": [{ "ticket_type": ticket_type, "quantity": 1 }] });
    let from_block = |block: &str| {
        json!({ "items": [{ "ticket_type": alpha.ids["ticket_type"], "quantity": 1, "from_block": block }],
                "payment": { "method": "cash" } })
    };
    let order = |hold: &str| json!({ "hold": hold, "customer": { "name": "Eve", "email": "eve@example.org" } });
    let pools = |pool: &str| json!({ "name": "More", "price": 100, "pools": [pool] });
    for (path, theirs, nowhere) in [
        ("/tickets", sell(&ids["ticket_type"]), sell(UNKNOWN)),
        ("/tickets", from_block(&ids["block"]), from_block(UNKNOWN)),
        ("/holds", hold(&ids["ticket_type"]), hold(UNKNOWN)),
        ("/ticket-types", pools(&ids["pool"]), pools(UNKNOWN)),
        ("/orders", order(&ids["hold"]), order(UNKNOWN)),
    ] {
        let answer = named_in_a_body(owner, &show.path(path), theirs, nowhere).await;
        assert!([409, 422].contains(&answer.status), "{answer}");
    }
    for (path, with) in [("/refunds", json!({ "amount": 1, "method": "cash", "reason": "x" }))] {
        let body = |ticket: &str| {
            let mut body = with.clone();
            body["tickets"] = json!([ticket]);
            body
        };
        let path = show.path(&format!("/orders/{}{path}", alpha.ids["order"]));
        let answer = named_in_a_body(owner, &path, body(&ids["ticket"]), body(UNKNOWN)).await;
        assert_eq!(answer.status, 422, "{answer}");
    }
    a_ticket_of_theirs_at_our_door(show, bravo).await;

    // An organization's own name for a request means nothing to another one.
    let body = sell(&alpha.ids["ticket_type"]);
    let one = owner.post(&show.path("/tickets"), &body).key("the-same-key").expect(201).await;
    let other = sell(&ids["ticket_type"]);
    let two = bravo.owner.post(&bravo.show.path("/tickets"), &other).key("the-same-key").expect(201).await;
    assert_ne!(one["order"], two["order"]);

    // Nor does its header open another's door to a key, whichever it names.
    for id in [bravo.id.as_str(), UNKNOWN] {
        let answer = alpha.keys["owner"].in_organization(id).get("/me").problem(422, "invalid").await;
        assert_eq!(answer.pointers(), ["/Turnout-Organization"]);
    }
    let (session, all) = (alpha.session("manager").await, server.staff().get("/organizations").expect(200).await);
    assert!(all.text.contains(&bravo.id), "{all}");
    let theirs = session.in_organization(&bravo.id).get("/me").send().await;
    let nowhere = session.in_organization(UNKNOWN).get("/me").send().await;
    assert_eq!(said(&theirs), said(&nowhere), "{theirs}");
    assert_eq!((theirs.status, code(&theirs)), (422, Some("invalid")));
}

/// A ticket of another organization is not told from one that does not exist, and nothing of its show is said.
async fn a_ticket_of_theirs_at_our_door(show: &Show, bravo: &Tenant) {
    let outcome = |answer: &Answer| {
        (answer["result"].clone(), answer["reason"].clone(), answer["say"].clone(), answer["do"].clone())
    };
    let theirs = show.check_in(json!({ "ticket": bravo.ids["ticket"] })).await;
    let nowhere = show.check_in(json!({ "ticket": UNKNOWN })).await;
    assert_eq!(outcome(&theirs), outcome(&nowhere), "{theirs}");
    assert_eq!((&theirs["reason"], &theirs["ticket"]), (&json!("unknown_code"), &Value::Null));
    let token = show.check_in(json!({ "token": bravo.ticket_token })).await;
    assert_eq!((&token["result"], &token["ticket"]), (&json!("refused"), &Value::Null), "{token}");
    assert!(!token.text.contains(bravo.name) && !token.text.contains(&bravo.show.id), "{token}");
    let scan = json!({ "ticket": UNKNOWN, "scan": bravo.ids["scan"] });
    let answer = show.check_in(scan).await;
    assert_eq!(answer["result"], "refused", "a scan's id is one of its show: {answer}");
}
