//! The router that holds all handlers of a server: those of one side, of both, or of none.
//!
//! What always holds: every server knows every operation of the API. What belongs to a side that it does not have is 421
//! `misdirected`, never 404, whoever asks: whoever routes requests has sent it to the wrong server. Whatever answers below
//! `/api` is JSON or `application/problem+json`; whatever else is not an address of the server's own is the web app, where
//! queries are answered. Limits of time and size are in [`layers`], once, for all paths.

use std::sync::Arc;

use axum::{
    Router,
    http::Uri,
    response::IntoResponse,
    routing::{MethodFilter, get, on},
};
use tower::ServiceBuilder;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    access,
    app::{CommandSide, Node, QuerySide},
    around::Put,
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

/// A server: what any has, and the sides that this one has.
pub struct Server {
    /// What any server has.
    pub node: Node,
    /// Whether it takes commands.
    pub commands: Option<CommandSide>,
    /// Whether it answers queries.
    pub queries: Option<QuerySide>,
}

/// Every operation that any server answers.
#[must_use]
pub fn described() -> OpenApi {
    let mut all = openapi::head();
    all.merge(commands().into_openapi());
    all.merge(api_queries().into_openapi());
    all.merge(health::router().into_openapi());
    all.merge(health::keys().into_openapi());
    all
}

fn commands() -> OpenApiRouter<CommandSide> {
    OpenApiRouter::new().nest(BASE, crate::commands::router().merge(access::commands()))
}

fn api_queries() -> OpenApiRouter<QuerySide> {
    OpenApiRouter::new().nest(BASE, access::queries().merge(queries::router()))
}

/// All that a server answers, and routes of the program's own, behind the same defences.
pub fn router(server: Server, own: Router) -> Router {
    let Server { node, commands: command_side, queries: query_side } = server;
    crate::commands::register_metrics();
    let description = described();

    let (commands, of_commands) = commands().split_for_parts();
    let commands = match command_side {
        Some(side) => commands.with_state(side),
        None => elsewhere(&of_commands),
    };
    let (queries, of_queries) = api_queries().merge(health::keys()).split_for_parts();
    let queries = match query_side {
        Some(side) => queries
            .with_state(side)
            .merge(openapi::routes(openapi::finished(&description)))
            .route(security_txt::PATH, get(security_txt::security_txt).with_state(node.clone()))
            .fallback(web_app::page),
        None => elsewhere(&of_queries).fallback(no_side),
    };
    let (health, _) = health::router().split_for_parts();
    health
        .with_state(node.clone())
        .merge(commands)
        .merge(queries)
        .merge(own)
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        // One layer for axum, which puts each into a box; the first is the outermost.
        .layer(
            ServiceBuilder::new()
                .layer(Observe::new(Routes::new(&description), Arc::clone(&node.ids)))
                .layer(Put(SecurityHeaders::of(&node)))
                .map_response(IntoResponse::into_response)
                .option_layer(node.defences.cors.layer())
                .layer(layers::compressed())
                .layer(layers::panics_caught())
                .layer(Put(WithinRates(node.clone())))
                .layer(WithinLimits(node)),
        )
}

/// What other servers answer: here it says so.
fn elsewhere(description: &OpenApi) -> Router {
    let mut router = Router::new();
    for (path, item) in &description.paths.paths {
        for (method, operation) in [
            (MethodFilter::GET, &item.get),
            (MethodFilter::POST, &item.post),
            (MethodFilter::PUT, &item.put),
            (MethodFilter::PATCH, &item.patch),
            (MethodFilter::DELETE, &item.delete),
        ] {
            if operation.is_some() {
                router = router.route(path, on(method, async || Problem::misdirected()));
            }
        }
    }
    router
}

/// Whatever no handler has, where queries are answered elsewhere: it may be a page of the web app.
async fn no_side(uri: Uri) -> Problem {
    if uri.path().starts_with("/api") { Problem::not_found() } else { Problem::misdirected() }
}
