//! What proves the history to people who trust nobody: signed checkpoints and their keys here, hash tiles, inclusion and
//! consistency proofs beside it.
//!
//! Checkpoints, keys, tiles and consistency are everybody's and say nothing of what happened; that an event is in the tree is
//! proved to whoever may read the event. Formats and how to check them: `docs/history.md`.

mod consistency;
mod inclusion;
mod tiles;

use axum::{extract::State, response::Response};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use event_store::tree::{Checkpoint, Hash};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::{Conditions, For},
    app::QuerySide,
    extract::{Needs, NoParameters, Position},
    openapi::ProofProblems,
    permissions::may,
    problem::Problem,
};

const TEXT: &str = "text/plain; charset=utf-8";

/// The queries of this folder.
pub(super) fn router() -> OpenApiRouter<QuerySide> {
    OpenApiRouter::new()
        .routes(routes!(get_checkpoint))
        .routes(routes!(get_log_keys))
        .merge(tiles::router())
        .merge(consistency::router())
        .merge(inclusion::router())
}

/// The newest checkpoint
///
/// Size and root of the log's tree, signed: C2SP tlog-checkpoint as a C2SP signed-note. One is signed every second while events come. Keep one, and nobody can change what lies before it without your noticing.
#[utoipa::path(
    get,
    path = "/history/checkpoint",
    tag = "History",
    responses((status = OK, body = String, content_type = "text/plain"), ProofProblems),
    security(())
)]
async fn get_checkpoint(
    State(app): State<QuerySide>,
    _: Needs<may::GetCheckpoint>,
    _: Position,
    _: NoParameters,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let checkpoint = newest(&app).await?;
    Ok(conditions.answer(None, For::Everybody, TEXT, checkpoint.note.into()))
}

/// The keys of checkpoints
///
/// The verifier keys of C2SP signed-note (`name+hash+base64`), one a line; the one that signs now is the first, those behind it signed before, and some sign beside it until everybody knows the new one. The name is that of the log, the first line of its checkpoints. Compare them with what you got elsewhere.
#[utoipa::path(
    get,
    path = "/history/keys",
    tag = "History",
    responses((status = OK, body = String, content_type = "text/plain"), ProofProblems),
    security(())
)]
async fn get_log_keys(
    State(app): State<QuerySide>,
    _: Needs<may::GetLogKeys>,
    _: Position,
    _: NoParameters,
    conditions: Conditions,
) -> Result<Response, Problem> {
    Ok(conditions.answer(None, For::Everybody, TEXT, log_keys(&app).into()))
}

/// The verifier keys, one a line.
pub(super) fn log_keys(app: &QuerySide) -> String {
    app.log_keys.borrow().iter().map(|key| format!("{key}\n")).collect()
}

async fn newest(app: &QuerySide) -> Result<Checkpoint, Problem> {
    app.tree.newest().await?.ok_or_else(Problem::not_sealed_yet)
}

fn base64_of(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(|hash| STANDARD.encode(hash.0)).collect()
}
