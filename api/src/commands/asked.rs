//! A command as it came over HTTP: its key and its body, not yet judged, and the id by which it is known when it comes
//! again.

mod canonical;

use axum::{
    extract::{FromRequest, FromRequestParts, OriginalUri, Request as HttpRequest},
    http::Method,
};
use identity::Caller;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::{
    app::CommandSide,
    extract::{IdempotencyKey, JsonBody},
    observed::Correlation,
    problem::Problem,
};

/// A command as it came over HTTP. The last parameter of a handler.
pub(crate) struct Asked {
    method: Method,
    path: String,
    /// Judged late, since a show that does not exist comes first.
    key: Result<IdempotencyKey, Problem>,
    /// Judged late as well: there are none.
    parameters: Result<(), Problem>,
    correlation: Uuid,
    body: JsonBody,
}

impl FromRequest<CommandSide> for Asked {
    type Rejection = Problem;

    async fn from_request(request: HttpRequest, app: &CommandSide) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let key = IdempotencyKey::from_request_parts(&mut parts, app).await;
        let parameters = match parts.uri.query() {
            None | Some("") => Ok(()),
            Some(query) => Err(no_parameters(query)),
        };
        let path = match parts.extensions.get::<OriginalUri>() {
            Some(OriginalUri(uri)) => uri.path(),
            None => parts.uri.path(),
        };
        // Paths of commands hold lower-case words and ids: an id means the same in capitals.
        let path = path.to_ascii_lowercase();
        let method = parts.method.clone();
        let correlation = Correlation::of(&parts.extensions).unwrap_or_else(|| app.ids.next());
        let body = JsonBody::from_request(HttpRequest::from_parts(parts, body), app).await?;
        Ok(Self { method, path, key, parameters, correlation, body })
    }
}

impl Asked {
    /// The body of a command that makes a show, which no path names yet.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn body<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        self.body.parse()
    }

    /// The body as it came.
    pub(crate) fn raw(&self) -> &JsonBody {
        &self.body
    }

    /// That it came without parameters.
    ///
    /// # Errors
    /// 422.
    pub(crate) fn without_parameters(&self) -> Result<(), Problem> {
        self.parameters.clone()
    }

    /// By what everything that follows from it is known.
    pub(crate) fn correlation(&self) -> Uuid {
        self.correlation
    }

    /// The key it came with.
    ///
    /// # Errors
    /// 422 for what is no key.
    pub(crate) fn key(&self, caller: &Caller) -> Result<Option<&str>, Problem> {
        match &self.key {
            Ok(key) => key.of(caller),
            Err(problem) => Err(problem.clone()),
        }
    }

    /// The id of the command, and the HMAC by which another request with the same key is noticed.
    pub(crate) fn identity(&self, app: &CommandSide, caller: &Caller, key: Option<&str>) -> (Uuid, Option<[u8; 32]>) {
        let Some(key) = key else { return (app.ids.next(), None) };
        let scope = caller.idempotency_scope();
        let id = app.command_ids.of_request(&scope, self.method.as_str(), &self.path, key);
        (id, Some(app.command_ids.request_hmac(&self.canonical())))
    }

    /// Method, path, and the body whatever its white space and the order of its members.
    fn canonical(&self) -> Vec<u8> {
        let mut text = Vec::with_capacity(self.path.len() + 2 * self.body.bytes.len());
        for part in [self.method.as_str(), " ", &self.path, "\n"] {
            text.extend_from_slice(part.as_bytes());
        }
        canonical::write(&self.body.bytes, &mut text);
        text
    }
}

/// Commands are told by their bodies: a parameter is a mistake, and would be ignored in silence.
fn no_parameters(query: &str) -> Problem {
    let name = query.split(['=', '&']).next().unwrap_or_default();
    Problem::invalid_at(format!("/{name}"), "is no parameter of a command; commands take none")
}
