//! What the contract says of all handlers, written into the description of each: the headers of commands and queries, and
//! that answers leave no field out.
//!
//! Works on the JSON, because it looks at everything at once; keys come out sorted, so that the text is always the same.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi as Document;

use crate::app::BASE;

/// Paths below the base that have no read model behind them, and so no position.
const WITHOUT_POSITION: &[&str] = &["/session", "/me", "/organizations"];

/// The whole description as text.
#[must_use]
pub fn finished(document: Document) -> String {
    let mut document = serde_json::to_value(&document).unwrap_or_default();
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        for (path, operations) in paths {
            let Some(below) = path.strip_prefix(BASE) else { continue };
            if WITHOUT_POSITION.contains(&below) {
                continue;
            }
            for (method, operation) in operations.as_object_mut().into_iter().flatten() {
                with_headers(method, operation);
            }
        }
    }
    with_every_field_required(&mut document);
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn with_headers(method: &str, operation: &mut Value) {
    let parameters = if method == "get" {
        vec![
            header(
                "Turnout-Position",
                json!({ "type": "integer", "format": "int64", "minimum": 0 }),
                "Answer when the read model has reached this position of the log; at most after 5 s, else 503",
            ),
            header("If-None-Match", json!({ "type": "string" }), "An `ETag`; 304 where the answer is still the same"),
        ]
    } else {
        vec![header(
            "Idempotency-Key",
            json!({ "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" }),
            "The same key has the same answer and no second effect; from callers without credentials a UUID",
        )]
    };
    if let Some(operation) = operation.as_object_mut()
        && let Some(list) = operation.entry("parameters").or_insert_with(|| json!([])).as_array_mut()
    {
        list.extend(parameters);
    }
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
    for (status, response) in responses.iter_mut() {
        if let (true, Some(response)) = (status.starts_with('2'), response.as_object_mut()) {
            response.insert("headers".to_owned(), answered(method));
        }
    }
    if method == "get" {
        let unchanged = json!({ "description": "The asker has this answer already", "headers": answered(method) });
        responses.insert("304".to_owned(), unchanged);
    }
}

fn header(name: &str, schema: Value, description: &str) -> Value {
    json!({ "name": name, "in": "header", "required": false, "schema": schema, "description": description })
}

fn answered(method: &str) -> Value {
    let position = json!({
        "description": "The position of the command's last event, or which the query's read model has reached",
        "schema": { "type": "integer", "format": "int64" },
    });
    let mut headers = Map::from_iter([("Turnout-Position".to_owned(), position)]);
    if method == "get" {
        let tag = json!({ "description": "A strong tag of the answer", "schema": { "type": "string" } });
        headers.insert("ETag".to_owned(), tag);
    }
    Value::Object(headers)
}

/// In answers every field is present, so every property of a schema that no request has is required.
fn with_every_field_required(document: &mut Value) {
    let mut requested = BTreeSet::new();
    for operation in document["paths"].as_object().into_iter().flatten().flat_map(|(_, path)| path.as_object()).flatten() {
        names(&operation.1["requestBody"], &document["components"]["schemas"], &mut requested);
    }
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return };
    for (name, schema) in schemas.iter_mut() {
        if !requested.contains(name) {
            require_all(schema);
        }
    }
}

/// Every schema that `value` names, and those that they name.
fn names(value: &Value, schemas: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(name) = members.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next())
                && found.insert(name.to_owned())
            {
                names(&schemas[name], schemas, found);
            }
            members.values().for_each(|member| names(member, schemas, found));
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, schemas, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn require_all(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if let Some(properties) = members.get("properties").and_then(Value::as_object) {
                let all: Vec<Value> = properties.keys().map(|name| Value::String(name.clone())).collect();
                members.insert("required".to_owned(), Value::Array(all));
            }
            members.values_mut().for_each(require_all);
        }
        Value::Array(items) => items.iter_mut().for_each(require_all),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
