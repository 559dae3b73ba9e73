//! Bodies of commands, the first line names which. One that is refused says where; one that is taken means the same when it is
//! written anew, without its spaces and in another order of members.

use api::{access, commands, extract::JsonBody};
use axum::http::HeaderValue;
use serde_json::Value;

use super::chosen;
use crate::problem;

pub fn run(data: &[u8]) {
    let Some((name, text)) = chosen(data) else { return };
    let mut bodies = commands::fuzzing::BODIES.iter().chain(access::fuzzing::BODIES);
    let Some((_, read)) = bodies.find(|(known, _)| *known == name) else { return };
    match read(&body(text)) {
        Err(refused) => problem::refuses_well(&refused, text),
        Ok(meant) => {
            let value: Value = serde_json::from_str(text).expect("what is taken is JSON");
            // A float may lose its last bit when it is written and read again.
            if !has_floats(&value) {
                assert_eq!(read(&body(&value.to_string())), Ok(meant));
            }
        }
    }
}

fn body(text: &str) -> JsonBody {
    JsonBody { kind: Some(HeaderValue::from_static("application/json")), bytes: text.to_owned().into() }
}

fn has_floats(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(items) => items.iter().any(has_floats),
        Value::Object(members) => members.values().any(has_floats),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}
