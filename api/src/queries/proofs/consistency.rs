//! That one signed tree begins with another.

use axum::{extract::State, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{base64_of, newest};
use crate::{
    answer::{Conditions, For},
    app::QuerySide,
    extract::{Needs, Params, Position},
    openapi::ProofProblems,
    permissions::may,
    problem::Problem,
    queries::changes::After,
};

/// The query of this file.
pub(super) fn router() -> OpenApiRouter<QuerySide> {
    OpenApiRouter::new().routes(routes!(get_consistency))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Sizes {
    /// The size of the earlier tree.
    #[param(value_type = i64, minimum = 1)]
    from: After,
    /// The size of the later one; the newest checkpoint's where it is not given.
    #[param(value_type = Option<i64>, minimum = 1)]
    to: Option<After>,
}

/// That one tree begins with another.
#[derive(Debug, Serialize, ToSchema)]
struct ConsistencyProof {
    /// The size of the earlier tree.
    from: u64,
    /// The size of the later one.
    to: u64,
    /// The root of the earlier tree, in base64.
    from_root: String,
    /// The root of the later one.
    to_root: String,
    /// The proof (RFC 6962, 2.1.2), in base64.
    hashes: Vec<String>,
}

/// A consistency proof
///
/// That the tree of `to` events begins with that of `from` events (RFC 6962, 2.1.2).
#[utoipa::path(
    get,
    path = "/history/consistency",
    tag = "History",
    params(Sizes),
    responses((status = OK, body = ConsistencyProof), ProofProblems),
    security(())
)]
async fn get_consistency(
    State(app): State<QuerySide>,
    _: Needs<may::GetConsistency>,
    _: Position,
    params: Params<Sizes>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let sizes = params.get()?;
    let newest = newest(&app).await?;
    let to = sizes.to.map_or(Ok(newest.size), |to| size_of("/to", to, newest.size))?;
    let from = size_of("/from", sizes.from, to)?;
    let proof = app.tree.consistency(from, to, &newest).await?;
    let body = ConsistencyProof {
        from,
        to,
        from_root: proof.from_root.to_string(),
        to_root: proof.to_root.to_string(),
        hashes: base64_of(&proof.hashes),
    };
    conditions.json(None, For::Everybody, &body)
}

/// A size between 1 and `most`.
fn size_of(pointer: &str, size: After, most: u64) -> Result<u64, Problem> {
    let size = u64::try_from(size.0).ok().filter(|size| (1..=most).contains(size));
    size.ok_or_else(|| Problem::invalid_at(pointer, format!("must be from 1 to {most}, the size of a signed tree")))
}
