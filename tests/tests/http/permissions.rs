//! Who may do what, tried out: every operation that the server describes, asked by everybody there is, against the golden table
//! that reviewers read (`api/permissions.txt`). What the table grants is never 401 or 403; what it denies is, always.

use std::collections::BTreeMap;

use black_box::{Client, PASSWORD, Server, invite, issue_key, pair, sign_in};
use serde_json::json;

use crate::tenants::{Operation, Permissions, ROLES, Tenant, code, golden, mark};

/// Behind a proxy that we trust, so that each of thousands of requests may come from somewhere else.
const BEHIND_A_PROXY: &[(&str, &str)] = &[("TURNOUT_TRUSTED_PROXIES", "127.0.0.1")];

/// Somebody who asks for everything.
struct Asker {
    what: String,
    client: Client,
    /// The marks of the golden table that let them pass, and the column.
    column: String,
    passes: &'static str,
}

impl Asker {
    fn new(what: impl Into<String>, client: &Client, column: &str, passes: &'static str) -> Self {
        Self { what: what.into(), client: client.clone(), column: column.to_owned(), passes }
    }
}

fn from_somewhere(client: &Client, number: usize) -> Client {
    client.with_header("x-forwarded-for", &format!("10.{}.{}.7", number / 250 % 250, number % 250))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_table_holds_against_everybody_who_tries_everything() {
    let server = Server::start_set(BEHIND_A_PROXY);
    let tenant = Tenant::of(&server.staff(), "Alpha").await;
    let (golden, operations) = (golden(), Operation::all(&server.anyone()).await);
    let mut askers = Vec::new();
    for role in ROLES {
        askers.push(Asker::new(format!("a key of {role}"), &tenant.keys[role], role, "xk"));
        let (_, bound) = issue_key(&tenant.owner, role, json!({ "shows": [tenant.show.id] })).await;
        askers.push(Asker::new(format!("a bound key of {role}"), &bound, role, "x"));
        askers.push(Asker::new(format!("who signed in as {role}"), &tenant.session(role).await, role, "xks"));
    }
    let (_, device) = pair(&tenant.show, "Matrix", json!({})).await;
    askers.push(Asker::new("a device", &device, "door", "x"));
    let anyone = server.anyone();
    askers.push(Asker::new("nobody", &anyone, "nobody", "x"));
    askers.push(Asker::new("the admin token", &server.staff(), "owner", "xk"));

    let mut wrong = Vec::new();
    let mut number = 0;
    let mut tried = BTreeMap::new();
    for operation in &operations {
        for asker in &askers {
            let mut passes = asker.passes.contains(mark(&golden, operation, &asker.column));
            // The installation's owner is one beside being an owner.
            passes |= asker.what == "the admin token" && ends_installation(operation);
            // What would end the session that asks is tried last, by one of its own.
            if passes && ["end_sessions", "sign_out"].contains(&operation.id.as_str()) {
                continue;
            }
            number += 1;
            let answer = operation.ask(&from_somewhere(&asker.client, number), &operation.at_nothing()).await;
            let expected = match (passes, asker.column.as_str()) {
                (true, _) => None,
                (false, "nobody") => Some((401, "unauthenticated")),
                (false, _) => Some((403, "forbidden")),
            };
            let told = [401, 403].contains(&answer.status).then(|| (answer.status, code(&answer).unwrap_or_default()));
            // A password that is wrong is no missing permission.
            let judged = if operation.id == "sign_in" { None } else { told };
            if judged != expected || answer.status >= 500 {
                wrong.push(format!("{} as {}: {expected:?} was expected of {answer}", operation.id, asker.what));
            }
            *tried.entry(expected.map(|expected| expected.0)).or_insert(0) += 1;
        }
    }
    println!("{number} requests by what was expected: {tried:?}");
    assert!(wrong.is_empty(), "{} of {number}:\n{}", wrong.len(), wrong.join("\n"));
    links_open_what_they_name(&server, &tenant, &golden, &operations).await;
    whoever_signed_in_may_sign_out(&tenant).await;
}

fn ends_installation(operation: &Operation) -> bool {
    ["list_organizations", "create_organization"].contains(&operation.id.as_str())
}

/// Of what the table grants to links, an order's opens the order and its tickets, a hold's the hold; and nothing else does.
async fn links_open_what_they_name(server: &Server, tenant: &Tenant, golden: &Permissions, operations: &[Operation]) {
    let anyone = server.anyone();
    for (secret, names) in [(&tenant.hold_secret, "hold"), (&tenant.order_secret, "order")] {
        let link = anyone.with_bearer(secret);
        for (number, operation) in operations.iter().enumerate().filter(|(_, operation)| operation.id != "stream_live")
        {
            let answer =
                operation.ask(&from_somewhere(&link, number), &operation.at(|name| tenant.ids[name].clone())).await;
            let granted = mark(golden, operation, "link") == 'x';
            if !granted {
                assert_eq!((answer.status, code(&answer)), (403, Some("forbidden")), "{names}'s link: {answer}");
            } else if mark(golden, operation, "nobody") == '0'
                && operation.names.last().is_some_and(|name| name == names)
            {
                assert!(![401, 403, 404].contains(&answer.status), "{names}'s link opens it: {answer}");
            }
        }
    }
}

async fn whoever_signed_in_may_sign_out(tenant: &Tenant) {
    for role in ROLES {
        let email = format!("leaving-{role}@alpha.example");
        let (_, one) = invite(&tenant.owner, &email, role).await;
        let (_, other) = sign_in(&one, &email, PASSWORD).await;
        let (_, third) = sign_in(&one, &email, PASSWORD).await;
        one.delete("/session").expect(204).await;
        one.get("/me").problem(401, "unauthenticated").await;
        other.delete("/sessions").expect(204).await;
        third.get("/me").problem(401, "unauthenticated").await;
    }
}
