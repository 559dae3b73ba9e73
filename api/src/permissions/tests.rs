use std::collections::BTreeSet;
use std::fmt::Write;

use identity::{Channel, Credential, Link, Role};
use uuid::Uuid;

use super::*;

fn staff(role: Role) -> Staff {
    Staff {
        actor: "somebody".to_owned(),
        name: None,
        email: None,
        role,
        installation_owner: false,
        organization: Uuid::nil(),
        shows: None,
        device: None,
        channel: Channel::BoxOffice,
        credential: Credential::Session { session: Uuid::nil(), account: Uuid::nil(), member: Uuid::nil() },
    }
}

/// The matrix as a reviewer reads it: one line an operation.
fn matrix() -> String {
    let mut text = String::from(
        "# Who may do what: operation by role, as the table in api/src/permissions.rs says and a test keeps.\n\
         # x: may. k: a credential of this role that is bound to certain shows may not. s: whoever signed in may, no key or\n\
         # device. -: 403. 0: 401.\n\n",
    );
    let roles = Role::ALL.map(|role| format!("{:9}", role.as_str())).join("");
    let _ = writeln!(text, "{:32}{roles}{:9}{:9}installation", "", "link", "nobody");
    for permission in PERMISSIONS {
        let _ = write!(text, "{:32}", permission.operation);
        for role in Role::ALL {
            let key = Staff { credential: Credential::ApiKey(Uuid::nil()), ..staff(role) };
            let bound = Staff { shows: Some(Vec::new()), ..key.clone() };
            let may = |staff| permission.check(&Caller::Staff(staff)).is_ok();
            let mark = match (may(staff(role)), may(key), may(bound)) {
                (true, true, true) => "x",
                (true, true, false) => "k",
                (true, false, _) => "s",
                (false, ..) => "-",
            };
            let _ = write!(text, "{mark:9}");
        }
        let link = permission.check(&Caller::Link(Link::Order(Uuid::nil())));
        let nobody = permission.check(&Caller::Anonymous);
        let installation = Caller::Staff(Staff { installation_owner: true, ..staff(Role::Analyst) });
        let _ = writeln!(
            text,
            "{:9}{:9}{}",
            if link.is_ok() { "x" } else { "-" },
            if nobody.is_ok() { "x" } else { "0" },
            if permission.check(&installation).is_ok() { "x" } else { "-" }
        );
    }
    text
}

#[test]
fn the_matrix_is_as_reviewed() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/permissions.txt");
    if std::env::var_os("UPDATE_PERMISSIONS").is_some() {
        std::fs::write(file, matrix()).unwrap();
    }
    let reviewed = std::fs::read_to_string(file).unwrap_or_default();
    assert_eq!(matrix(), reviewed, "look at the difference; UPDATE_PERMISSIONS=1 writes it down");
}

#[test]
fn every_operation_of_the_description_has_a_row_and_every_row_an_operation() {
    let description = crate::router::described();
    let described = serde_json::to_value(&description).unwrap();
    let operations: BTreeSet<String> = described["paths"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(path, _)| path.starts_with(crate::router::BASE))
        .flat_map(|(_, methods)| methods.as_object().unwrap().values())
        .filter_map(|operation| operation["operationId"].as_str().map(str::to_owned))
        .collect();
    let rows: BTreeSet<String> = PERMISSIONS.iter().map(|permission| permission.operation.to_owned()).collect();
    assert_eq!(operations, rows);
    assert_eq!(rows.len(), PERMISSIONS.len(), "no operation has two rows");
}

/// The Rust files below a folder.
fn sources(folder: &std::path::Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            sources(&entry, found);
        } else if entry.extension().is_some_and(|kind| kind == "rs") {
            found.push(std::fs::read_to_string(&entry).unwrap());
        }
    }
}

#[test]
fn every_handler_says_in_its_signature_what_it_needs() {
    let mut files = Vec::new();
    sources(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut files);
    let mut handlers = BTreeSet::new();
    for file in &files {
        for described in file.split("#[utoipa::path(").skip(1) {
            let Some((name, rest)) = described.split_once("async fn ").and_then(|(_, rest)| rest.split_once('('))
            else {
                continue;
            };
            if !PERMISSIONS.iter().any(|permission| permission.operation == name) {
                continue; // Health checks, beside the API.
            }
            let marker: String = name.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect();
            let signature = rest.split_once("->").map_or("", |(signature, _)| signature);
            assert!(signature.contains(&format!("Needs<may::{marker}>")), "{name}({signature}");
            handlers.insert(name);
        }
    }
    let rows: BTreeSet<&str> = PERMISSIONS.iter().map(|permission| permission.operation).collect();
    assert_eq!(handlers, rows);
}
