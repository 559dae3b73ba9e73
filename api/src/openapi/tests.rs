//! The description is the one that stands beside the code, and is complete.

use std::{collections::BTreeSet, path::Path};

use serde_json::Value;

use super::finished;
use crate::router::described;

fn document() -> String {
    finished(&described())
}

/// `UPDATE_OPENAPI=1 cargo test -p api` writes it anew.
#[test]
fn the_description_is_the_one_beside_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let document = document();
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&path, &document).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == document, "api/openapi.json is not what the handlers say: UPDATE_OPENAPI=1 cargo test -p api");
}

#[test]
fn every_operation_says_what_it_is_and_may_fail() {
    let document: Value = serde_json::from_str(&document()).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert!(document["info"]["license"]["identifier"].is_string());
    let mut ids = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{id} twice");
            assert!(!operation["summary"].as_str().unwrap_or_default().is_empty(), "{method} {path}");
            assert!(!operation["tags"].as_array().unwrap().is_empty(), "{method} {path}");
            if path.starts_with("/api/") {
                assert!(operation["responses"]["503"].is_object(), "{method} {path}");
            }
        }
    }
}

#[test]
fn every_schema_that_is_named_is_there() {
    let text = document();
    let document: Value = serde_json::from_str(&text).unwrap();
    for part in text.split("\"$ref\": \"#").skip(1) {
        let pointer = part.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}
