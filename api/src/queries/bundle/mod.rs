//! The auditor's bundle of a show: its events with all that proves them, what they come to, and how an outsider checks it.
//!
//! It is sent as it is made: a page of events at a time is in memory, and beside it sixteen bytes for each event and for each hash of
//! the proof. What goes wrong behind the first byte breaks the connection off, so that nobody takes a part for the whole. Whether the
//! log is right is not decided here: who gets the bundle finds out.

mod pack;

use std::io::Error;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, header},
    response::Response,
};
use domain::ids::ShowId;
use event_store::tree::{Checkpoint, subtrees};
use identity::Need;
use projections::{
    queries::{ExportError, Exported},
    settlement::{SettledCheckpoint, Settling, Until},
};
use tokio::sync::Semaphore;
use tokio_stream::wrappers::ReceiverStream;

use self::pack::Pack;
use super::{NoParams, SeenShow, proofs::log_keys};
use crate::{
    answer::{For, caching},
    app::QuerySide,
    extract::{Needs, POSITION_HEADER, POSITION_WAIT_MAX, Params, Position, ShowName},
    openapi::StaffProblems,
    permissions::may,
    problem::Problem,
    web_app,
};

/// At a time: each takes a core.
const AT_ONCE_MAX: usize = 2;
static AT_ONCE: Semaphore = Semaphore::const_new(AT_ONCE_MAX);

/// Hashes of the proof that are read and written at once: a quarter of a megabyte.
const HASHES_AT_ONCE: usize = 4_096;

const README: &str = include_str!("readme.txt");
const PAGE: &str = "verify.html";

/// The auditor's bundle
///
/// A zip archive of the show's events up to the newest signed checkpoint, with what proves them, keys, the settlement as of the last
/// of them, and how to check it all without this server: `README.txt`. Codes that still open a door are withheld from all but
/// managers. 503 `not_sealed_yet` for a second or so after the position that was asked for.
#[utoipa::path(
    get,
    path = "/shows/{show}/bundle",
    tag = "History",
    params(("show" = String, Path, description = "Its id or slug")),
    responses((status = OK, body = Vec<u8>, content_type = "application/zip"), StaffProblems)
)]
pub(super) async fn get_bundle(
    State(app): State<QuerySide>,
    needs: Needs<may::GetBundle>,
    ShowName(name): ShowName,
    position: Position,
    params: Params<NoParams>,
) -> Result<Response, Problem> {
    let seen = SeenShow::find_own(&app, &needs.caller, &name, position).await?;
    params.get()?;
    let staff = seen.staff.ok_or_else(Problem::not_found)?;
    let permit = AT_ONCE.try_acquire().map_err(|_| Problem::overloaded())?;
    let checkpoint = app.tree.newest().await?.ok_or_else(Problem::not_sealed_yet)?;
    let size = i64::try_from(checkpoint.size).unwrap_or(i64::MAX);
    if size < position.at_least() {
        return Err(Problem::not_sealed_yet());
    }
    let show = ShowId(seen.id);
    let events = app.queries.events_until(show, size).await.map_err(ExportError::from)?;
    if events == 0 {
        return Err(Problem::not_sealed_yet());
    }
    // They tell which codes still open a door.
    app.queries.wait_for(size, Some((seen.organization, seen.id)), POSITION_WAIT_MAX).await?;
    let unmask = Need::Manager.allows(staff.role);
    let exported = Exported { organization: seen.organization, show, events, unmask };
    let (pack, body) = pack::begin();
    tokio::spawn(async move {
        if let Err(error) = fill(&app, &exported, &checkpoint, &pack).await {
            tracing::warn!(show = %exported.show, %error, "a bundle was broken off");
        }
        drop(permit);
    });
    let mut response = Response::new(Body::from_stream(ReceiverStream::new(body)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    if let Ok(file) = HeaderValue::from_str(&format!("attachment; filename=\"bundle-{}-{size}.zip\"", seen.id)) {
        headers.insert(header::CONTENT_DISPOSITION, file);
    }
    headers.insert(POSITION_HEADER, HeaderValue::from(size));
    caching(headers, For::Caller);
    Ok(response)
}

/// Puts everything into the bundle.
async fn fill(app: &QuerySide, exported: &Exported, checkpoint: &Checkpoint, pack: &Pack) -> Result<(), Error> {
    let page = web_app::file_named(PAGE);
    let readme = README.replace("{VERIFY}", match page {
        Some(_) => "  verify.html       a page that checks all this in a browser, without a network",
        None => "  (verify.html, a page that checks all this in a browser, is missing: this server was built without its web app)",
    });
    pack.file("README.txt", readme.into()).await?;
    if let Some(page) = page {
        pack.file(PAGE, page).await?;
    }
    pack.file("checkpoint", checkpoint.note.clone().into()).await?;
    pack.file("keys", log_keys(app).into()).await?;

    let (settling, positions) = events(app, exported, pack).await?;
    proof(app, checkpoint, &positions, pack).await?;

    let covering = SettledCheckpoint {
        size: i64::try_from(checkpoint.size).map_err(Error::other)?,
        root: checkpoint.root.to_string(),
    };
    let counted = tokio::task::spawn_blocking(move || settling.sheet(Until::LastEvent, Some(covering)));
    let sheet = counted.await?.ok_or_else(|| Error::other("its events begin no show"))?;
    pack.file("settlement.json", sheet.json()).await?;
    pack.file("settlement.csv", sheet.csv()).await?;
    pack.end().await
}

/// The events, and where they stand.
async fn events(app: &QuerySide, exported: &Exported, pack: &Pack) -> Result<(Settling, Vec<u64>), Error> {
    pack.begin_file("events.ndjson").await?;
    let mut settling = Settling::default();
    let mut positions = Vec::new();
    let mut version = 0;
    loop {
        let page = app.queries.export_page(&app.tree, exported, version).await.map_err(Error::other)?;
        let mut lines = Vec::new();
        for (line, event) in &page {
            settling.take(line.position, line.version, line.recorded_at, event);
            positions.push(u64::try_from(line.position).map_err(Error::other)?);
            version = line.version;
            serde_json::to_writer(&mut lines, line)?;
            lines.push(b'\n');
        }
        if page.is_empty() {
            return Ok((settling, positions));
        }
        pack.bytes(lines).await?;
    }
}

/// The tree, pruned to these positions.
async fn proof(app: &QuerySide, checkpoint: &Checkpoint, positions: &[u64], pack: &Pack) -> Result<(), Error> {
    pack.begin_file("proof.json").await?;
    let subtrees = subtrees(checkpoint.size, positions).map_err(Error::other)?;
    let mut text = format!("{{\"size\":{},\"root\":\"{}\",\"hashes\":[", checkpoint.size, checkpoint.root);
    let mut between = "";
    for some in subtrees.chunks(HASHES_AT_ONCE) {
        for hash in app.tree.of_subtrees(some).await.map_err(Error::other)? {
            text.push_str(&format!("{between}\"{hash}\""));
            between = ",";
        }
        pack.bytes(std::mem::take(&mut text).into_bytes()).await?;
    }
    text.push_str("]}\n");
    pack.bytes(text.into_bytes()).await
}

impl From<ExportError> for Problem {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Query(error) => error.into(),
            ExportError::Tree(error) => error.into(),
        }
    }
}
