//! Pools: AddPool, RevisePool.

use axum::{extract::State, response::Response};
use commands::{add_pool::AddPool, desk::Resource, revise_pool::RevisePool};
use domain::{
    ids::{PoolId, ShowId},
    text::Name,
    ticket_type::Capacity,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    answer::{CreatedAnswer, DoneAnswer, created, done, event},
    merge_patch,
    submit::{Asked, Request},
};
use crate::{
    app::CommandSide,
    extract::{Needs, PathIds, ShowPath},
    openapi::CommandProblems,
    permissions::may,
    problem::Problem,
};

/// A quota that tickets of several types take from.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AddPoolBody {
    /// What sellers call it.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "Saturday")]
    name: Name,
    /// The most persons.
    #[schema(value_type = u32, maximum = 1_000_000, example = 5000)]
    capacity: Capacity,
}

/// What changes of a quota.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RevisePoolBody {
    /// What sellers call it; not null.
    #[serde(default, deserialize_with = "merge_patch::value")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    name: Option<Name>,
    /// The most persons; not null.
    #[serde(default, deserialize_with = "merge_patch::value")]
    #[schema(value_type = Option<u32>, maximum = 1_000_000)]
    capacity: Option<Capacity>,
}

/// Add a shared quota
///
/// A day of a festival, a workshop, the fire limit: ticket types that name it take from it, by persons.
#[utoipa::path(
    post, path = "/shows/{show}/pools", tag = "Planning", request_body = AddPoolBody,
    params(("show" = Uuid, Path, description = "The show's id.")),
    responses(
        (status = 201, description = "It is added.", body = CreatedAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn add_pool(
    State(app): State<CommandSide>,
    needs: Needs<may::AddPool>,
    ShowPath(show): ShowPath,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = Request::new(&app, needs.caller, show, asked)?;
    let body: AddPoolBody = request.body(None).await?;
    let outcome = request.submit(AddPool { name: body.name, capacity: body.capacity }, Vec::new()).await?;
    Ok(created(&outcome, event!(&outcome, PoolAdded)?.pool.0))
}

/// Change a shared quota
///
/// A JSON merge patch (RFC 7396). Its capacity never falls below what was taken of it: 409 `below_sold`.
#[utoipa::path(
    patch, path = "/shows/{show}/pools/{pool}", tag = "Planning", request_body = RevisePoolBody,
    params(
        ("show" = Uuid, Path, description = "The show's id."),
        ("pool" = Uuid, Path, description = "The pool's id."),
    ),
    responses(
        (status = 200, description = "It is changed, or was so already.", body = DoneAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn revise_pool(
    State(app): State<CommandSide>,
    needs: Needs<may::RevisePool>,
    PathIds((show, pool)): PathIds<(ShowId, PoolId)>,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = Request::new(&app, needs.caller, show, asked)?;
    let named = Resource::Pool(pool);
    let body: RevisePoolBody = request.body(Some(named)).await?;
    let command = RevisePool { pool, name: body.name, capacity: body.capacity };
    Ok(done(&request.submit(command, Vec::new()).await?))
}
