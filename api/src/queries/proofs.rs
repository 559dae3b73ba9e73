//! What proves the history to people who trust nobody: signed checkpoints, hash tiles, inclusion and consistency proofs.
//!
//! Checkpoints, keys, tiles and consistency are everybody's and say nothing of what happened; that an event is in the tree is
//! proved to whoever may read the event. Formats and how to check them: `docs/history.md`.

use axum::{
    extract::{OriginalUri, State},
    http::{HeaderValue, header},
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use event_store::tree::{Checkpoint, Hash, Salts, TILE_HEIGHT, Tile, TreeError, seed_of};
use projections::{
    history::{HistoryFilter, HistoryItem, Language},
    queries::Page,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{NoParams, changes::After, history::Reader};
use crate::{
    answer::{Conditions, For},
    app::QuerySide,
    extract::{Needs, NoParameters, Params, Position, ReaderLanguage},
    openapi::{ProofProblems, StaffProblems},
    permissions::may,
    problem::Problem,
};

const TEXT: &str = "text/plain; charset=utf-8";

/// A full tile never changes; who has it need not ask again.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// No level above holds a tree whose size is an i64.
const LEVELS: u8 = 8;

/// The queries of this file. A tile's number has slashes where it is over 999: those addresses are here, too.
pub(super) fn router() -> OpenApiRouter<QuerySide> {
    let deeper = axum::routing::get(get_tile);
    OpenApiRouter::new()
        .routes(routes!(get_checkpoint))
        .routes(routes!(get_log_keys))
        .routes(routes!(get_tile))
        .routes(routes!(get_consistency))
        .routes(routes!(get_proof))
        .route("/history/tile/{level}/{number}/{b}", deeper.clone())
        .route("/history/tile/{level}/{number}/{b}/{c}", deeper.clone())
        .route("/history/tile/{level}/{number}/{b}/{c}/{d}", deeper.clone())
        .route("/history/tile/{level}/{number}/{b}/{c}/{d}/{e}", deeper)
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
/// The verifier keys of C2SP signed-note (`name+hash+base64`), one a line; the one that signs now is the first. The name is that of the log, the first line of its checkpoints. Compare them with what you got elsewhere.
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
    let keys: String = app.log_keys.iter().map(|key| format!("{key}\n")).collect();
    Ok(conditions.answer(None, For::Everybody, TEXT, keys.into()))
}

/// A hash tile
///
/// C2SP tlog-tiles: up to 256 hashes of 32 bytes. The number is in groups of three digits, all but the last with an `x` before them and a slash behind (`x001/x234/067`); a tile that is not full ends with `.p/` and its width.
#[utoipa::path(
    get,
    path = "/history/tile/{level}/{number}",
    tag = "History",
    params(
        ("level" = u8, Path, description = "The level of tiles, from 0, that of the leaves", maximum = 7),
        ("number" = String, Path, description = "The tile's number in its level", example = "000")
    ),
    responses((status = OK, body = Vec<u8>, content_type = "application/octet-stream"), ProofProblems),
    security(())
)]
async fn get_tile(
    State(app): State<QuerySide>,
    _: Needs<may::GetTile>,
    OriginalUri(uri): OriginalUri,
    _: Position,
    params: Params<NoParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let tile = tile_of(uri.path()).ok_or_else(Problem::not_found)?;
    let hashes = app.tree.tile(tile).await?.ok_or_else(Problem::not_found)?;
    params.get()?;
    let mut answer = conditions.answer(None, For::Everybody, "application/octet-stream", hashes.into());
    answer.headers_mut().insert(header::CACHE_CONTROL, FOR_EVER);
    Ok(answer)
}

/// The tile of an address of `…/history/tile/`.
fn tile_of(path: &str) -> Option<Tile> {
    let (level, number) = path.split_once("/history/tile/")?.1.split_once('/')?;
    // The crate of the format panics at what lies beyond.
    if level.parse::<u8>().ok().filter(|level| *level < LEVELS)?.to_string() != level || number.ends_with(".p/0") {
        return None;
    }
    // It writes the height into the path, as the format once did.
    Tile::from_path(&format!("tile/{TILE_HEIGHT}/{level}/{number}")).ok()
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

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Proved {
    /// The event's position.
    #[param(value_type = i64, minimum = 1)]
    position: After,
    /// In the first checkpoint of at least so many events; in the newest one where it is not given.
    #[param(value_type = Option<i64>, minimum = 1)]
    size: Option<After>,
}

/// The canonical row: what the hash of a leaf is made of.
#[derive(Debug, Serialize, ToSchema)]
struct LeafBody {
    position: i64,
    organization: Uuid,
    /// `show` or `organization`.
    stream_type: String,
    stream: Uuid,
    version: i64,
    /// To the microsecond.
    recorded_at: DateTime<Utc>,
    /// In hexadecimal digits. Null where a code of the event is masked.
    content_hash: Option<String>,
    /// In hexadecimal digits. Null where a code of the event is masked: with it the code could be guessed.
    salt: Option<String>,
}

/// That an event is in the tree of a checkpoint.
#[derive(Debug, Serialize, ToSchema)]
struct InclusionProof {
    /// The event's position; its leaf is the one before.
    position: i64,
    /// How many leaves the tree has.
    size: u64,
    leaf: LeafBody,
    /// The hash of the leaf, in base64.
    leaf_hash: String,
    /// The proof (RFC 6962, 2.1.1), from the leaf up, in base64.
    hashes: Vec<String>,
    /// The root that it leads to, in base64.
    root: String,
    /// The signed checkpoint of that root.
    checkpoint: String,
}

/// An inclusion proof
///
/// That the event at a position is in the tree of a checkpoint (RFC 6962, 2.1.1), with the row that its leaf is made of. 503 `not_sealed_yet` for about a second after it was recorded.
#[utoipa::path(
    get,
    path = "/history/proof",
    tag = "History",
    params(Proved),
    responses((status = OK, body = InclusionProof), StaffProblems)
)]
async fn get_proof(
    State(app): State<QuerySide>,
    needs: Needs<may::GetProof>,
    _: Position,
    params: Params<Proved>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let Proved { position, size } = params.get()?;
    let position = position.0;
    let reader = Reader::of(&needs.caller, ReaderLanguage(Language::En))?;
    let alone = HistoryFilter {
        after: Some(position.saturating_sub(1)),
        before: Some(position.saturating_add(1)),
        reach: reader.reach,
        ..HistoryFilter::default()
    };
    let one = Page { limit: 1, cursor: None };
    let event = app.queries.history(reader.organization, &alone, reader.reading, &one).await?;
    let item = event.body.items.into_iter().next().ok_or_else(Problem::not_found)?;
    let wanted = size.map_or(position, |size| size.0.max(position));
    let checkpoint = match size {
        None => app.tree.newest().await?.filter(|newest| newest.size >= number(wanted)),
        Some(_) => app.tree.first_from(number(wanted)).await?,
    };
    let checkpoint = checkpoint.ok_or_else(Problem::not_sealed_yet)?;
    let inclusion = app.tree.inclusion(number(position), &checkpoint).await?;
    let body = InclusionProof {
        position,
        size: checkpoint.size,
        leaf: leaf(&app, item).await?,
        leaf_hash: inclusion.leaf.to_string(),
        hashes: base64_of(&inclusion.hashes),
        root: checkpoint.root.to_string(),
        checkpoint: checkpoint.note,
    };
    conditions.json(event.position, For::Caller, &body)
}

/// The row of an event as its reader may see it.
async fn leaf(app: &QuerySide, item: HistoryItem) -> Result<LeafBody, Problem> {
    let salt = match &item.content_hash {
        None => None,
        Some(_) => {
            let number = seed_of(item.position);
            let seeds = app.tree.seeds(item.position, item.position).await?;
            let seed = seeds.get(&number).ok_or_else(|| TreeError::Damaged(format!("the seed {number} is missing")))?;
            Some(hex::encode(Salts::new(seed).at(item.position)))
        }
    };
    Ok(LeafBody {
        position: item.position,
        organization: item.organization,
        stream_type: item.stream_type,
        stream: item.stream,
        version: item.version,
        recorded_at: item.recorded_at,
        content_hash: item.content_hash,
        salt,
    })
}

async fn newest(app: &QuerySide) -> Result<Checkpoint, Problem> {
    app.tree.newest().await?.ok_or_else(Problem::not_sealed_yet)
}

/// A position as a number of events; none is below 0 by the time it comes here.
fn number(position: i64) -> u64 {
    u64::try_from(position).unwrap_or(0)
}

fn base64_of(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(|hash| STANDARD.encode(hash.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_tiles_are_those_of_the_format() {
        let coordinates = |path: &str| {
            tile_of(&format!("/api/v1/history/tile/{path}"))
                .map(|tile| (tile.level(), tile.level_index(), tile.width()))
        };
        assert_eq!(coordinates("0/000"), Some((0, 0, 256)));
        assert_eq!(coordinates("0/000.p/17"), Some((0, 0, 17)));
        assert_eq!(coordinates("1/x001/x234/067"), Some((1, 1_234_067, 256)));
        assert_eq!(coordinates("1/x001/x234/067.p/1"), Some((1, 1_234_067, 1)));
        for none in [
            "8/000",
            "64/000",
            "00/000",
            "0/0",
            "0/000.p/0",
            "0/000.p/256",
            "0/x001",
            "data/000",
            "0/",
            "0/000.p",
            "-1/000",
        ] {
            assert_eq!(coordinates(none), None, "{none}");
        }
    }
}
