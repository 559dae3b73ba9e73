//! The API's description, read for what can be attacked: every parameter, and every field of every body.

use black_box::ADMIN_TOKEN;
use serde_json::{Map, Value, json};

use super::world::World;

/// Deeper than any body of the API.
const DEPTH_MAX: usize = 8;

/// A field that no body has.
pub(super) const NO_SUCH_FIELD: &str = "no_such_field";

/// The description.
pub(super) struct Description(pub(super) Value);

/// One operation, with a request that it should take.
pub(super) struct Operation<'a> {
    pub(super) id: &'a str,
    pub(super) method: String,
    pub(super) path: &'a str,
    /// Name, place and value of each parameter; without a value it is left out.
    pub(super) parameters: Vec<Parameter<'a>>,
    /// The media type and the body.
    pub(super) body: Option<(&'a str, Value)>,
    /// Whether a session asks, and not the admin token.
    pub(super) by_session: bool,
    /// The headers that say who asks.
    pub(super) credentials: Vec<(String, Vec<u8>)>,
    /// Where something can be put into the body: the names and indices that lead there.
    pub(super) fields: Vec<Vec<String>>,
    responses: &'a Map<String, Value>,
    document: &'a Value,
}

pub(super) struct Parameter<'a> {
    pub(super) name: &'a str,
    pub(super) place: &'a str,
    pub(super) value: Option<String>,
}

impl Description {
    pub(super) fn operations<'a>(&'a self, world: &World) -> Vec<Operation<'a>> {
        let mut operations = Vec::new();
        for (path, item) in self.0["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("operations") {
                operations.push(self.operation(path, method, operation, world));
            }
        }
        operations
    }

    fn operation<'a>(&'a self, path: &'a str, method: &str, operation: &'a Value, world: &World) -> Operation<'a> {
        let id = operation["operationId"].as_str().expect("an id");
        let reader = Reader { document: &self.0, operation: id, world };
        let parameters = operation["parameters"].as_array().into_iter().flatten().map(|parameter| {
            let name = parameter["name"].as_str().expect("a name");
            let required = parameter["required"] == true;
            let value = required.then(|| reader.baseline(&parameter["schema"], name, 0)).flatten();
            let value = value.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            Parameter { name, place: parameter["in"].as_str().expect("a place"), value }
        });
        let content = operation["requestBody"]["content"].as_object();
        let schema = content.and_then(|content| content.iter().next());
        let body = schema.map(|(kind, content)| {
            let body =
                world.body(id).or_else(|| reader.baseline(&content["schema"], "", 0)).unwrap_or_else(|| json!({}));
            (kind.as_str(), body)
        });
        let mut fields = Vec::new();
        if let Some((_, content)) = schema {
            fields.push(Vec::new());
            reader.fields(&content["schema"], &mut Vec::new(), &mut fields);
            fields.push(vec![NO_SUCH_FIELD.to_owned()]);
        }
        Operation {
            id,
            method: method.to_uppercase(),
            path,
            parameters: parameters.collect(),
            body,
            by_session: false,
            credentials: vec![("Authorization".to_owned(), format!("Bearer {ADMIN_TOKEN}").into_bytes())],
            fields,
            responses: operation["responses"].as_object().expect("responses"),
            document: &self.0,
        }
    }
}

impl Operation<'_> {
    /// How much could not be asked any more behind it: what ends something comes late, then what ends sessions, then what
    /// uses up the guesses that an address has, which signing in needs, too.
    pub(super) fn ends(&self) -> usize {
        const ENDS: &[&[&str]] = &[
            &["cancel_", "close_", "erase_", "release_", "remove_", "revoke_", "void_"],
            &["end_"],
            &["change_password"],
            &["accept_", "open_", "pair_", "reset_", "set_up", "sign_in"],
        ];
        ENDS.iter().rposition(|starts| starts.iter().any(|start| self.id.starts_with(start))).map_or(0, |rank| rank + 1)
    }

    /// The media types that an answer of this status may have; `None` where the status is not described.
    pub(super) fn media_types(&self, status: u16) -> Option<Vec<&str>> {
        let response = resolved(self.document, self.responses.get(&status.to_string())?);
        Some(response["content"].as_object().into_iter().flatten().map(|(kind, _)| kind.as_str()).collect())
    }
}

struct Reader<'a> {
    document: &'a Value,
    operation: &'a str,
    world: &'a World,
}

impl<'a> Reader<'a> {
    /// A value that the schema takes: its example, what the world knows by the name, or the least there is.
    fn baseline(&self, schema: &'a Value, name: &str, depth: usize) -> Option<Value> {
        if let Some(known) = self.world.known(self.operation, name) {
            return Some(known);
        }
        let described = resolved(self.document, schema);
        for schema in [schema, described] {
            if let Some(example) = schema.get("example").filter(|example| !example.is_null()) {
                return Some(example.clone());
            }
        }
        if let Some(words) = described["enum"].as_array() {
            return words.first().cloned();
        }
        let branches = ["oneOf", "anyOf", "allOf"].iter().find_map(|key| described[*key].as_array());
        if let Some(branch) = branches.and_then(|branches| branches.iter().find(|branch| branch["type"] != "null")) {
            return self.baseline(branch, name, depth + 1);
        }
        let kind = described["type"].as_str().or_else(|| {
            described["type"]
                .as_array()
                .and_then(|kinds| kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"))
        });
        Some(match (kind?, described["format"].as_str().unwrap_or_default()) {
            ("object", _) => self.object(described, depth),
            ("array", _) => Value::Array(
                self.baseline(&described["items"], name.trim_end_matches('s'), depth + 1).into_iter().collect(),
            ),
            ("integer" | "number", _) => {
                described.get("minimum").filter(|least| !least.is_null()).cloned().unwrap_or(json!(1))
            }
            ("boolean", _) => json!(false),
            (_, "uuid") => json!("00000000-0000-7000-8000-000000000001"),
            (_, "date-time") => json!(black_box::EXAMPLE_START),
            (_, _) => json!("x"),
        })
    }

    fn object(&self, schema: &'a Value, depth: usize) -> Value {
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut object = Map::new();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            if depth < DEPTH_MAX
                && required.contains(&name.as_str())
                && let Some(value) = self.baseline(property, name, depth + 1)
            {
                object.insert(name.clone(), value);
            }
        }
        Value::Object(object)
    }

    fn fields(&self, schema: &'a Value, at: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
        if at.len() >= DEPTH_MAX {
            return;
        }
        let schema = resolved(self.document, schema);
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            self.field(property, name, at, found);
        }
        if schema["items"].is_object() {
            self.field(&schema["items"], "0", at, found);
        }
        for branch in ["oneOf", "anyOf", "allOf"].iter().filter_map(|key| schema[*key].as_array()).flatten() {
            self.fields(branch, at, found);
        }
    }

    fn field(&self, schema: &'a Value, name: &str, at: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
        at.push(name.to_owned());
        if !found.contains(at) {
            found.push(at.clone());
        }
        self.fields(schema, at, found);
        at.pop();
    }
}

/// What a reference names.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#')) {
        Some(pointer) => document.pointer(pointer).map_or(value, |named| resolved(document, named)),
        None => value,
    }
}
