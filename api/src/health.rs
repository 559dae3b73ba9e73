//! Health, and the keys that tickets are verified with: what needs no credentials and no API.

use axum::{Json, extract::State, response::IntoResponse};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::Conditions,
    app::{App, Node, QuerySide},
    openapi::ServerProblems,
    problem::Problem,
};

/// Nothing more to say.
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
pub struct Done {}

/// That the server can serve, and what somebody has to look at all the same.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Readiness {
    /// Shows and organizations whose read models stand still at an event that cannot be understood; above 0 somebody has to look.
    /// Everything else goes on. Null of a server that writes no read models, which does not know.
    pub stopped_streams: Option<usize>,
}

/// Public keys (RFC 7517).
#[derive(Debug, ToSchema)]
pub struct KeySet {
    /// Each as `{kty: "OKP", crv: "Ed25519", kid, x, alg: "EdDSA", use: "sig"}` (RFC 8037).
    #[schema(value_type = Vec<Object>)]
    pub keys: Vec<Value>,
}

/// Whether the server lives and can serve, of any server.
pub fn router() -> OpenApiRouter<Node> {
    OpenApiRouter::new().routes(routes!(health_live)).routes(routes!(health_ready))
}

/// The keys, for whoever reads.
pub fn keys() -> OpenApiRouter<QuerySide> {
    OpenApiRouter::new().routes(routes!(ticket_keys))
}

/// Whether the server runs
///
/// Answered by the process alone, so that nobody restarts it because its database is down.
#[utoipa::path(get, path = "/health/live", tag = "Operation", security(()), responses((status = OK, body = Done)))]
async fn health_live() -> Json<Done> {
    Json(Done {})
}

/// Whether the server can serve
///
/// 503 `starting` while it cannot: a database that it needs does not answer, or its work has ended.
/// A show whose read models had to stop keeps no server from serving the others: it is told in the answer.
#[utoipa::path(get, path = "/health/ready", tag = "Operation", security(()), responses((status = OK, body = Readiness), ServerProblems))]
async fn health_ready(State(node): State<Node>) -> Result<Json<Readiness>, Problem> {
    if node.is_ready() {
        Ok(Json(Readiness { stopped_streams: *node.stopped_streams.borrow() }))
    } else {
        Err(Problem::starting())
    }
}

/// The keys that ticket tokens are verified with
///
/// A JSON Web Key Set (RFC 7517). A token names its key by `kid`; any JOSE library verifies it, without a network.
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    tag = "Tickets",
    security(()),
    responses((status = OK, body = KeySet, content_type = "application/jwk-set+json"))
)]
async fn ticket_keys(State(app): State<App>, conditions: Conditions) -> impl IntoResponse {
    let text = app.ticket_keys.jwks().to_string();
    conditions.answer(None, crate::answer::For::Everybody, "application/jwk-set+json", text.into())
}
