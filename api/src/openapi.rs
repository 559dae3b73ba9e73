//! The API's description, OpenAPI 3.1, made from the handlers; `api/openapi.json` is the same, kept for review and for the
//! web client that is generated from it.
//!
//! Handlers say what is their own; what the contract says of all of them is added here, once: headers of commands and of
//! queries, and that answers always have every field. [`CommandProblems`] and its like are the problems by kind of handler.

mod finish;

use std::{collections::BTreeMap, sync::Arc};

use axum::{Router, http::header, routing::get};
use utoipa::{
    IntoResponses, Modify, OpenApi,
    openapi::{
        Content, OpenApi as Document, Ref, RefOr, Response, ResponseBuilder,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::problem::{FieldProblem, ProblemBody};

pub use finish::finished;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Turnout",
        description = "Sells tickets and lets people in. Commands (POST, PUT, PATCH, DELETE) answer with the header \
            `Turnout-Position`; a query sent with it has seen that position. Every error is an RFC 9457 problem whose `code` \
            says which. Money is in minor units, time in UTC.",
        license(name = "AGPL-3.0-or-later", identifier = "AGPL-3.0-or-later"),
        contact(name = "Whoever runs this server")
    ),
    servers((url = "/", description = "This server")),
    tags(
        (name = "Shows", description = "What is on, what is left, and what changes"),
        (name = "Planning", description = "What takes place, where and when, and on which terms it is sold"),
        (name = "Selling", description = "Holds, orders, payments, refunds"),
        (name = "Tickets", description = "Rights of admission, with their codes and tokens"),
        (name = "Door", description = "Who is let in, and who was"),
        (name = "Reports", description = "Figures of sales, of the door and of holds, and the events that made them"),
        (name = "History", description = "What happened, in order and for ever"),
        (name = "Account", description = "Who I am, and for whom I act"),
        (name = "Organization", description = "Who belongs to it, by what keys, and what it has settled"),
        (name = "Privacy", description = "What is known of people, to give to them and to forget"),
        (name = "Operation", description = "For those who run the server"),
    ),
    security(("bearer" = []), ("session" = [], "csrf" = [])),
    components(schemas(ProblemBody, FieldProblem)),
    modifiers(&Shared)
)]
struct Head;

/// What all handlers share: security schemes and problems.
struct Shared;

impl Modify for Shared {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An API key, a device's token, or the secret of a hold or an order"))
            .build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let session = ApiKeyValue::with_description(identity::SESSION_COOKIE, "The web app's session");
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(session)));
        let csrf =
            ApiKeyValue::with_description("X-CSRF-Token", "The `csrf` of `GET /me`, with every change by session");
        components.add_security_scheme("csrf", SecurityScheme::ApiKey(ApiKey::Header(csrf)));
        for (_, name, description) in PROBLEMS {
            components.responses.insert((*name).to_owned(), RefOr::T(problem(description)));
        }
    }
}

/// Status, name and meaning of every problem.
const PROBLEMS: &[(&str, &str, &str)] = &[
    ("400", "NotJson", "`not_json`: the body is not JSON"),
    ("401", "Unauthenticated", "`unauthenticated`: no credentials where some are needed, or bad ones"),
    ("403", "Forbidden", "`forbidden`: the role may not, whatever the path names"),
    ("404", "NotFound", "`not_found`: unknown, or another organization's"),
    ("409", "Rejected", "A rule says no; `code` says which, `errors` what it was about"),
    ("413", "TooLarge", "`too_large`: the body is over 1 MiB, of a seating 32 MiB"),
    ("415", "UnsupportedMediaType", "`unsupported_media_type`: the body is of another type"),
    ("422", "Invalid", "`invalid` or `idempotency_key_reused`; `errors` names each part that cannot be"),
    ("429", "TooManyRequests", "`too_many_requests`: later, as `Retry-After` says"),
    ("500", "Internal", "`internal`: a defect of the server"),
    (
        "503",
        "Unavailable",
        "`overloaded`, `starting`, `read_model_behind` or `not_sealed_yet`: later, as `Retry-After` says",
    ),
];

fn problem(description: &str) -> Response {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    ResponseBuilder::new().description(description).content("application/problem+json", content).build()
}

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident: $($status:literal)+;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                let wanted: &[&str] = &[$($status),+];
                PROBLEMS
                    .iter()
                    .filter(|(status, _, _)| wanted.contains(status))
                    .map(|(status, name, _)| ((*status).to_owned(), RefOr::Ref(Ref::from_response_name(*name))))
                    .collect()
            }
        }
    )*};
}

problems! {
    /// Of commands.
    CommandProblems: "400" "401" "403" "404" "409" "413" "415" "422" "429" "500" "503";
    /// Of queries that the public may ask.
    PublicProblems: "401" "404" "422" "429" "500" "503";
    /// Of queries that the public may ask of now, and staff alone of the past.
    PastProblems: "401" "403" "404" "422" "429" "500" "503";
    /// Of queries that need somebody.
    StaffProblems: "401" "403" "404" "422" "429" "500" "503";
    /// Of signing in.
    SignInProblems: "400" "401" "413" "415" "422" "429" "500" "503";
    /// Of what proves the history to everybody.
    ProofProblems: "404" "422" "429" "500" "503";
    /// Of links that somebody follows once.
    InvitationProblems: "400" "409" "413" "415" "422" "429" "500" "503";
    /// Of what anybody may ask about the installation.
    StatusProblems: "422" "429" "500" "503";
    /// Of what concerns the caller alone.
    PersonalProblems: "400" "401" "403" "404" "413" "415" "422" "429" "500" "503";
    /// Of the server itself.
    ServerProblems: "429" "503";
}

/// The description before any handler is in it.
#[must_use]
pub fn head() -> Document {
    Head::openapi()
}

/// `/openapi.json`, and `/docs`, which shows it.
pub fn routes(document: String) -> Router {
    let document: Arc<str> = document.into();
    let json = async move || ([(header::CONTENT_TYPE, "application/json")], document.to_string());
    Router::new().route("/openapi.json", get(json)).merge(SwaggerUi::new("/docs").config(Config::from("/openapi.json")))
}

#[cfg(test)]
mod tests;
