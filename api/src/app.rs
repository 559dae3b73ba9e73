//! What handlers work with, and the router that holds them all.
//!
//! What always holds: whatever answers below `/api` is JSON or `application/problem+json`; whatever else is not an address
//! of the server's own is the web app. Limits of time and size are in [`layers`], once, for all paths.

use std::{ops::Deref, sync::Arc};

use axum::{Router, response::IntoResponse, routing::get};
use commands::{desk::Desks, organization_desk::Organizations};
use event_store::{Clock, Ids, Vault};
use identity::{CommandIds, Gate, LinkSecrets, TicketKeys};
use projections::{LiveFeeds, Queries};
use sqlx::PgPool;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tower::ServiceBuilder;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    access::{self, sign_in_samples::SignInSamples},
    around::Put,
    defences::Defences,
    health,
    layers::{self, WithinLimits},
    observed::{Observe, Routes},
    openapi,
    problem::Problem,
    queries,
    rate_limits::WithinRates,
    security_headers::SecurityHeaders,
    security_txt, web_app,
};

/// Where the API begins.
pub const BASE: &str = "/api/v1";

/// What handlers work with. Cheap to clone: every request does so, several times.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What there is to work with.
pub struct Parts {
    /// The write side.
    pub desks: Desks,
    /// The write side of organizations.
    pub organizations: Organizations,
    /// The read side.
    pub queries: Queries,
    /// What changes, as it changes.
    pub live: LiveFeeds,
    /// Who is asking.
    pub gate: Arc<Gate>,
    /// Secrets of holds and orders.
    pub links: LinkSecrets,
    /// Ids of commands, from idempotency keys.
    pub command_ids: Arc<CommandIds>,
    /// What signs tickets.
    pub ticket_keys: Arc<TicketKeys>,
    /// Names and free text, to read.
    pub vault: Vault,
    /// The pool with role Identity.
    pub identity_pool: PgPool,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Fresh ids.
    pub ids: Arc<dyn Ids>,
    /// Where people reach the server, without a slash at its end: `https://tickets.example`.
    pub public_url: Arc<str>,
    /// What stands against those who mean ill.
    pub defences: Arc<Defences>,
    /// Sign-ins that are not recorded yet.
    pub sign_in_samples: Arc<SignInSamples>,
    /// Whether cookies are for https only.
    pub secure_cookies: bool,
    /// Whether the server can serve; while false the API answers 503 `starting`.
    pub ready: watch::Receiver<bool>,
    /// Cancelled when the server stops: streams that would go on for ever end with it.
    pub closing: CancellationToken,
}

impl From<Parts> for App {
    fn from(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// Whether the server can serve now.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        *self.ready.borrow()
    }
}

/// Every handler of the API, with its description.
pub fn described() -> OpenApiRouter<App> {
    let api = crate::commands::router().merge(access::router()).merge(queries::router());
    OpenApiRouter::with_openapi(openapi::head()).nest(BASE, api).merge(health::router())
}

/// The whole server.
pub fn router(app: App) -> Router {
    router_with(app, Router::new())
}

/// The whole server, and routes of the program's own, behind the same defences.
pub fn router_with(app: App, own: Router) -> Router {
    crate::commands::register_metrics();
    let (described, description) = described().split_for_parts();
    let routes = Routes::new(&description);
    let described = described.merge(openapi::routes(openapi::finished(&description)));
    let described = described.route(security_txt::PATH, get(security_txt::security_txt));
    described
        .merge(own.with_state(()))
        .fallback(web_app::page)
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        // One layer for axum, which puts each into a box; the first is the outermost.
        .layer(
            ServiceBuilder::new()
                .layer(Observe::new(routes, Arc::clone(&app.ids)))
                .layer(Put(SecurityHeaders::of(&app)))
                .map_response(IntoResponse::into_response)
                .option_layer(app.defences.cors.layer())
                .layer(layers::compressed())
                .layer(layers::panics_caught())
                .layer(Put(WithinRates(app.clone())))
                .layer(WithinLimits(app.clone())),
        )
        .with_state(app)
}
