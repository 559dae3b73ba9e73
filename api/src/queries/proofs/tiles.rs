//! Hash tiles, as others' verifiers fetch them.

use axum::{
    extract::{OriginalUri, State},
    http::{HeaderValue, header},
    response::Response,
};
use event_store::tree::{TILE_HEIGHT, Tile};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::{Conditions, For},
    app::QuerySide,
    extract::{Needs, Params, Position},
    openapi::ProofProblems,
    permissions::may,
    problem::Problem,
    queries::NoParams,
};

/// A full tile never changes; who has it need not ask again.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// No level above holds a tree whose size is an i64.
const LEVELS: u8 = 8;

/// A tile's number has slashes where it is over 999: those addresses are here, too.
pub(super) fn router() -> OpenApiRouter<QuerySide> {
    let deeper = axum::routing::get(get_tile);
    OpenApiRouter::new()
        .routes(routes!(get_tile))
        .route("/history/tile/{level}/{number}/{b}", deeper.clone())
        .route("/history/tile/{level}/{number}/{b}/{c}", deeper.clone())
        .route("/history/tile/{level}/{number}/{b}/{c}/{d}", deeper.clone())
        .route("/history/tile/{level}/{number}/{b}/{c}/{d}/{e}", deeper)
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
