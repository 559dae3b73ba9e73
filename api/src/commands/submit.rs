//! From a request to a desk and back: the one way that every handler of the write side takes.
//!
//! [`Asked`] is what came, not yet looked at; [`Request`] joins it with who asks and which show. A body is judged only
//! once what the path names is known to exist, so that the checks come in the contract's order: 401 and 403 are the
//! extractors' (`Needs<…>` stands first in every handler), then 404, then 422, and 409 is the desk's. No rules here.

use axum::{
    extract::{FromRequest, FromRequestParts, OriginalUri, Request as HttpRequest},
    http::Method,
};
use commands::{
    ShowCommand,
    desk::{Outcome, Resource, Submission},
};
use domain::{
    FieldError,
    ids::{DeviceId, ShowId},
    ticket_type::Channel,
};
use event_store::VaultEntry;
use identity::{Caller, Need, Staff};
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use super::people::Typed;
use crate::{
    app::App,
    extract::{IdempotencyKey, JsonBody},
    problem::Problem,
};

/// Stands for the request of a scan: a scan sent again has the first answer whatever its body says.
const SCAN_HMAC: [u8; 32] = [0; 32];

/// A command as it came over HTTP. The last parameter of a handler.
pub(super) struct Asked {
    method: Method,
    path: String,
    /// Judged late, since a show that does not exist comes first.
    key: Result<IdempotencyKey, Problem>,
    body: JsonBody,
}

impl FromRequest<App> for Asked {
    type Rejection = Problem;

    async fn from_request(request: HttpRequest, app: &App) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let key = IdempotencyKey::from_request_parts(&mut parts, app).await;
        let path = match parts.extensions.get::<OriginalUri>() {
            Some(OriginalUri(uri)) => uri.path(),
            None => parts.uri.path(),
        };
        // Paths of commands hold lower-case words and ids: an id means the same in capitals.
        let path = path.to_ascii_lowercase();
        let method = parts.method.clone();
        let body = JsonBody::from_request(HttpRequest::from_parts(parts, body), app).await?;
        Ok(Self { method, path, key, body })
    }
}

/// A command on a show, with who asks.
pub(super) struct Request<'app> {
    app: &'app App,
    show: ShowId,
    caller: Caller,
    /// The caller as staff, where they ask as that.
    staff: Option<Staff>,
    asked: Asked,
}

impl<'app> Request<'app> {
    /// Whoever the extractor let in. Staff of another organization meet 404.
    pub(super) fn new(app: &'app App, caller: Caller, show: ShowId, asked: Asked) -> Self {
        let staff = caller.staff().cloned();
        Self { app, show, caller, staff, asked }
    }

    /// The same where anybody may ask: staff of another organization count as anonymous.
    ///
    /// # Errors
    /// 404 without such a show.
    pub(super) async fn of_anybody(
        app: &'app App,
        caller: Caller,
        show: ShowId,
        asked: Asked,
    ) -> Result<Self, Problem> {
        let facts = app.desks.find(show).await?.ok_or_else(Problem::not_found)?;
        let staff = caller.of_organization(facts.organization).cloned();
        Ok(Self { app, show, caller, staff, asked })
    }

    /// Whether staff of the show's organization ask.
    pub(super) fn is_staff(&self) -> bool {
        self.staff.is_some()
    }

    /// What the body says.
    ///
    /// # Errors
    /// 404 without what the path names, else what is wrong with the body.
    pub(super) async fn body<T: DeserializeOwned>(&self, named: Option<Resource>) -> Result<T, Problem> {
        self.judged(self.asked.body.parse(), named).await
    }

    /// What the body says, or nothing where there is none.
    ///
    /// # Errors
    /// As [`Self::body`].
    pub(super) async fn body_or_default<T: DeserializeOwned + Default>(
        &self,
        named: Option<Resource>,
    ) -> Result<T, Problem> {
        self.judged(self.asked.body.parse_or_default(), named).await
    }

    /// The body as it came, for what is not only JSON.
    pub(super) fn raw_body(&self) -> &JsonBody {
        &self.asked.body
    }

    /// A part of the body that was looked at more closely.
    ///
    /// # Errors
    /// As [`Self::body`].
    pub(super) async fn valid<T>(
        &self,
        part: Result<T, Vec<FieldError>>,
        named: Option<Resource>,
    ) -> Result<T, Problem> {
        self.judged(part.map_err(Problem::invalid), named).await
    }

    /// A problem only where what the path names exists, else 404.
    ///
    /// # Errors
    /// 404 or the problem.
    pub(super) async fn judged<T>(&self, result: Result<T, Problem>, named: Option<Resource>) -> Result<T, Problem> {
        match result {
            Ok(value) => Ok(value),
            Err(problem) => {
                self.exists(named).await?;
                Err(problem)
            }
        }
    }

    /// Which show.
    pub(super) fn show(&self) -> ShowId {
        self.show
    }

    /// That there is what the path names.
    ///
    /// # Errors
    /// 404.
    pub(super) async fn exists(&self, named: Option<Resource>) -> Result<(), Problem> {
        let exists = self.app.desks.exists(self.show, self.organization(), named).await?;
        if exists { Ok(()) } else { Err(Problem::not_found()) }
    }

    /// What people typed, to be given to the vault.
    pub(super) fn typed(&self) -> Typed<'app> {
        Typed::new(&*self.app.ids, self.show)
    }

    /// Has it decided, and recorded.
    ///
    /// # Errors
    /// What the desk says, and a key that is none.
    pub(super) async fn submit(
        &self,
        command: impl Into<ShowCommand>,
        vault: Vec<VaultEntry>,
    ) -> Result<Outcome, Problem> {
        let (command_id, request_hmac) = self.identity(None).await?;
        let submission = self.submission(command.into(), vault, command_id, request_hmac);
        Ok(self.app.desks.submit(self.show, submission).await?)
    }

    /// The same for a scan, which is known by its id whoever sends it.
    ///
    /// # Errors
    /// What the desk says.
    pub(super) async fn submit_scan(
        &self,
        command: commands::check_in::CheckIn,
        vault: Vec<VaultEntry>,
    ) -> Result<Outcome, Problem> {
        let command_id = self.app.command_ids.of_scan(self.show.0, command.scan.0);
        let submission = self.submission(command.into(), vault, command_id, Some(SCAN_HMAC));
        Ok(self.app.desks.submit(self.show, submission).await?)
    }

    /// The command's id, and the HMAC of the request where it may be sent again.
    async fn identity(&self, named: Option<Resource>) -> Result<(Uuid, Option<[u8; 32]>), Problem> {
        let key = match &self.asked.key {
            Ok(key) => key.of(&self.caller),
            Err(problem) => Err(problem.clone()),
        };
        let key = self.judged(key, named).await?;
        Ok(self.asked.identity(self.app, &self.caller, key))
    }

    fn submission(
        &self,
        command: ShowCommand,
        vault: Vec<VaultEntry>,
        command_id: Uuid,
        request_hmac: Option<[u8; 32]>,
    ) -> Submission {
        let staff = self.staff.as_ref();
        Submission {
            command,
            organization: self.organization(),
            vault,
            command_id,
            request_hmac,
            correlation: self.app.ids.next(),
            actor: match (staff, &self.caller) {
                (None, Caller::Staff(_)) => Caller::Anonymous.actor().to_owned(),
                (_, caller) => caller.actor().to_owned(),
            },
            device: staff.and_then(|staff| staff.device).map(DeviceId),
            channel: channel(staff.map_or(identity::Channel::Web, |staff| staff.channel)),
            staff: staff.is_some(),
            manager: staff.is_some_and(|staff| Need::Manager.allows(staff.role)),
        }
    }

    /// The organization whose staff ask.
    pub(super) fn organization(&self) -> Option<Uuid> {
        self.staff.as_ref().map(|staff| staff.organization)
    }
}

impl Asked {
    /// The body of a command that makes a show, which no path names yet.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn body<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        self.body.parse()
    }

    /// The key it came with.
    ///
    /// # Errors
    /// 422 for what is no key.
    pub(super) fn key(&self, caller: &Caller) -> Result<Option<&str>, Problem> {
        match &self.key {
            Ok(key) => key.of(caller),
            Err(problem) => Err(problem.clone()),
        }
    }

    /// The id of the command, and the HMAC by which another request with the same key is noticed.
    pub(super) fn identity(&self, app: &App, caller: &Caller, key: Option<&str>) -> (Uuid, Option<[u8; 32]>) {
        let Some(key) = key else { return (app.ids.next(), None) };
        let scope = caller.idempotency_scope();
        let id = app.command_ids.of_request(&scope, self.method.as_str(), &self.path, key);
        (id, Some(app.command_ids.request_hmac(&self.canonical())))
    }

    /// Method, path, and the body whatever its white space and the order of its members.
    fn canonical(&self) -> Vec<u8> {
        let mut text = format!("{} {}\n", self.method, self.path);
        match serde_json::from_slice(&self.body.bytes) {
            Ok(body) => canonical(&body, &mut text),
            // No body says as much as an empty one.
            Err(_) => text.push_str("{}"),
        }
        text.into_bytes()
    }
}

fn canonical(value: &Value, text: &mut String) {
    match value {
        Value::Array(items) => {
            text.push('[');
            for item in items {
                canonical(item, text);
                text.push(',');
            }
            text.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            text.push('{');
            for (name, member) in members {
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                canonical(member, text);
                text.push(',');
            }
            text.push('}');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

/// The channel as the domain knows it.
pub(super) fn channel(channel: identity::Channel) -> Channel {
    match channel {
        identity::Channel::Web => Channel::Web,
        identity::Channel::BoxOffice => Channel::BoxOffice,
        identity::Channel::Door => Channel::Door,
        identity::Channel::Api => Channel::Api,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(value: &Value) -> String {
        let mut text = String::new();
        canonical(value, &mut text);
        text
    }

    #[test]
    fn the_order_of_members_and_white_space_make_no_other_request() {
        let one: Value = serde_json::from_str(r#"{"b": [1, {"d": null, "c": "x"}], "a": 2.5}"#).unwrap();
        let other: Value = serde_json::from_str(r#"{ "a":2.5,"b":[1,{"c":"x","d":null}] }"#).unwrap();
        assert_eq!(written(&one), written(&other));
    }

    #[test]
    fn another_value_order_or_nesting_is_another_request() {
        let one = written(&json!({ "a": ["x", "y"] }));
        for other in [json!({ "a": ["y", "x"] }), json!({ "a": ["x,y"] }), json!({ "a": [["x", "y"]] }), json!({})] {
            assert_ne!(one, written(&other), "{other}");
        }
    }
}
