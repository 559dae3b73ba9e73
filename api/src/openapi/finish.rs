//! What the contract says of all handlers, written into the description of each: the headers of commands and queries, which
//! words a text may be, and that answers leave no field out.
//!
//! Works on the JSON, because it looks at everything at once; keys come out sorted, so that the text is always the same.

mod closed_lists;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi as Document;

use crate::router::BASE;

/// How paths below the base begin whose queries have no read model behind them, and so no position: who is who is answered as it is.
const WITHOUT_READ_MODEL: &[&str] = &["api-keys", "devices", "me", "members", "organizations", "sessions", "setup"];

/// The tag of what is no organization's, and so in no stream of the log: neither a key nor a position.
const WITHOUT_STREAM: &str = "Account";

/// Looks at a ticket: the scan's own id stands in for a key.
const WITHOUT_KEY: &[&str] = &["check_in", "check_in_batch"];

const PROBLEM_TYPE: &str = "application/problem+json";

/// The whole description as text.
#[must_use]
pub fn finished(document: &Document) -> String {
    let mut document = serde_json::to_value(document).unwrap_or_default();
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        for (path, operations) in paths {
            let Some(below) = path.strip_prefix(BASE) else { continue };
            let first = below.split('/').nth(1).unwrap_or_default();
            for (method, operation) in operations.as_object_mut().into_iter().flatten() {
                let plain = if method == "get" {
                    WITHOUT_READ_MODEL.contains(&first)
                } else {
                    operation["tags"][0] == WITHOUT_STREAM
                };
                if !plain {
                    with_headers(method, operation);
                }
                // Whoever it is of no use to has no credentials to show.
                if operation["security"] != json!([{}]) {
                    with_organization(operation);
                }
            }
        }
    }
    with_responses(&mut document);
    with_problem_headers(&mut document["components"]["responses"]);
    with_every_field_required(&mut document);
    closed_lists::with_closed_lists(&mut document["components"]["schemas"]);
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        with_named_items(schemas);
        schemas.values_mut().for_each(open_objects);
    }
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn with_headers(method: &str, operation: &mut Value) {
    let is_stream = operation["responses"]["200"]["content"].get("text/event-stream").is_some();
    let parameters = if is_stream {
        Vec::new()
    } else if method == "get" {
        vec![
            header(
                "Turnout-Position",
                &json!({ "type": "integer", "format": "int64", "minimum": 0 }),
                "Answer when the read model has reached this position of the log; at most after 5 s, else 503",
            ),
            header("If-None-Match", &json!({ "type": "string" }), "An `ETag`; 304 where the answer is still the same"),
        ]
    } else if operation["operationId"].as_str().is_some_and(|id| WITHOUT_KEY.contains(&id)) {
        Vec::new()
    } else {
        vec![header(
            "Idempotency-Key",
            &json!({ "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" }),
            "The same key has the same answer and no second effect; from callers without credentials a UUID",
        )]
    };
    if let Some(operation) = operation.as_object_mut()
        && let Some(list) = operation.entry("parameters").or_insert_with(|| json!([])).as_array_mut()
    {
        // A handler may have described a header by itself; these say more of it.
        list.retain(|known| parameters.iter().all(|parameter| parameter["name"] != known["name"]));
        list.extend(parameters);
        list.iter_mut().for_each(|parameter| without_null(&mut parameter["schema"]));
    }
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
    let has_tag = method == "get" && !is_stream;
    for (status, response) in responses.iter_mut() {
        if let (true, Some(response)) = (status.starts_with('2'), response.as_object_mut()) {
            response.insert("headers".to_owned(), answered(has_tag));
        }
    }
    if has_tag {
        let unchanged = json!({ "description": "The asker has this answer already", "headers": answered(true) });
        responses.insert("304".to_owned(), unchanged);
    }
}

fn with_organization(operation: &mut Value) {
    let Some(operation) = operation.as_object_mut() else { return };
    let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
    if let Some(list) = parameters.as_array_mut() {
        list.push(header(
            "Turnout-Organization",
            &json!({ "type": "string", "format": "uuid" }),
            "Which of several organizations of a session it is about; by default the first. Keys and devices belong to one",
        ));
    }
}

/// A parameter is there or not, and never null.
fn without_null(schema: &mut Value) {
    let Some(types) = schema.get_mut("type").filter(|types| types.is_array()) else { return };
    let named = types.as_array().and_then(|types| types.iter().find(|kind| *kind != "null")).cloned();
    *types = named.unwrap_or_default();
}

fn header(name: &str, schema: &Value, description: &str) -> Value {
    json!({ "name": name, "in": "header", "required": false, "schema": schema, "description": description })
}

fn answered(has_tag: bool) -> Value {
    let position = json!({
        "description": "The position of the command's last event, or which the query's read model has reached",
        "schema": { "type": "integer", "format": "int64" },
    });
    let mut headers = Map::from_iter([("Turnout-Position".to_owned(), position)]);
    if has_tag {
        let tag = json!({ "description": "A strong tag of the answer", "schema": { "type": "string" } });
        headers.insert("ETag".to_owned(), tag);
    }
    Value::Object(headers)
}

/// Headers that a problem has because of what it says.
fn with_problem_headers(responses: &mut Value) {
    let seconds =
        json!({ "description": "Seconds to wait before asking again", "schema": { "type": "integer", "minimum": 1 } });
    let scheme = json!({ "description": "How to show who is asking", "schema": { "type": "string" } });
    for (name, header, description) in [
        ("Unauthenticated", "WWW-Authenticate", scheme),
        ("TooManyRequests", "Retry-After", seconds.clone()),
        ("Unavailable", "Retry-After", seconds),
    ] {
        if let Some(response) = responses.get_mut(name) {
            response["headers"] = json!({ header: description });
        }
    }
}

/// A response needs a description (OpenAPI 3.1, 4.8.17); a good answer is described by its schema. A problem's schema has a
/// name, wherever it came out written in full.
fn with_responses(document: &mut Value) {
    let operations =
        document["paths"].as_object_mut().into_iter().flatten().filter_map(|(_, path)| path.as_object_mut());
    for (_, operation) in operations.flatten() {
        for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
            let Some(response) = response.as_object_mut().filter(|response| !response.contains_key("$ref")) else {
                continue;
            };
            let description = match status.as_str() {
                "201" => "Made",
                "204" => "Done; there is nothing to say",
                _ => "What was asked for",
            };
            response.entry("description").or_insert_with(|| description.into());
            let Some(content) = response.get_mut("content") else { continue };
            if let Some(schema) = content.get_mut(PROBLEM_TYPE) {
                schema["schema"] = json!({ "$ref": "#/components/schemas/Problem" });
            }
            if let Some(stream) = content.get_mut("text/event-stream") {
                stream["schema"] = event_of(&stream["schema"]);
            }
        }
    }
}

/// OpenAPI 3.1 has no word for a stream; its schema is that of each event, as 3.2 has it in `itemSchema`.
fn event_of(data: &Value) -> Value {
    json!({
        "type": "object",
        "description": "Each event of the stream",
        "required": ["id", "data"],
        "properties": {
            "id": { "type": "string", "description": "The position that it reaches" },
            "data": { "type": "string", "contentMediaType": "application/json", "contentSchema": data },
        },
    })
}

/// The items of a generic list come out written in full; their schema has a name.
fn with_named_items(schemas: &mut Map<String, Value>) {
    let names: BTreeSet<String> = schemas.keys().cloned().collect();
    for (name, schema) in schemas.iter_mut() {
        if let Some(item) = name.strip_prefix("List_").filter(|item| names.contains(*item)) {
            schema["properties"]["items"]["items"] = json!({ "$ref": format!("#/components/schemas/{item}") });
        }
    }
}

/// An object of which nothing is said may hold anything; generators of clients take it for an empty one otherwise.
fn open_objects(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            let says_nothing =
                !["properties", "additionalProperties", "allOf", "oneOf"].iter().any(|key| members.contains_key(*key));
            if says_nothing && members.get("type").is_some_and(|kind| kind == "object") {
                members.insert("additionalProperties".to_owned(), Value::Bool(true));
            }
            members.values_mut().for_each(open_objects);
        }
        Value::Array(items) => items.iter_mut().for_each(open_objects),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What only some problems have: an extension member (RFC 9457, 3.2).
const EXTENSION: &str = "because";

/// In answers every field is present, so every property of a schema that no request has is required.
fn with_every_field_required(document: &mut Value) {
    let mut requested = BTreeSet::new();
    for operation in
        document["paths"].as_object().into_iter().flatten().flat_map(|(_, path)| path.as_object()).flatten()
    {
        names(&operation.1["requestBody"], &document["components"]["schemas"], &mut requested);
    }
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return };
    for (name, schema) in schemas.iter_mut() {
        if !requested.contains(name) {
            require_all(schema);
        }
        if name == "Problem"
            && let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut)
        {
            required.retain(|field| field != EXTENSION);
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
