//! That an event is in a signed tree, with all that its hashes are made of for whoever may know it.

use axum::{extract::State, response::Response};
use chrono::{DateTime, Utc};
use event_store::{
    RecordedEvent,
    tree::{Salts, TreeError, seed_of},
};
use projections::{
    history::{HistoryFilter, HistoryItem, Language},
    queries::Page,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::base64_of;
use crate::{
    answer::{Conditions, For},
    app::QuerySide,
    extract::{Needs, Params, Position, ReaderLanguage},
    openapi::StaffProblems,
    permissions::may,
    problem::Problem,
    queries::{changes::After, history::Reader},
};

/// The query of this file.
pub(super) fn router() -> OpenApiRouter<QuerySide> {
    OpenApiRouter::new().routes(routes!(get_proof))
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

/// What the content hash of an event is made of, as in a line of an export.
#[derive(Debug, Serialize, ToSchema)]
struct ContentBody {
    /// Its name.
    #[serde(rename = "type")]
    event_type: String,
    /// The version of the payload's shape.
    schema: i32,
    /// JSON text as it was recorded, byte for byte.
    payload: String,
    /// Who.
    actor: String,
    /// By which device.
    device: Option<Uuid>,
    /// Through what.
    channel: Option<String>,
    /// By which command.
    command: Uuid,
    /// The keyed hash of the request, in hexadecimal digits.
    request_hmac: Option<String>,
    /// Of which request.
    correlation: Uuid,
    /// Caused by what.
    causation: Option<Uuid>,
}

impl From<RecordedEvent> for ContentBody {
    fn from(event: RecordedEvent) -> Self {
        let metadata = event.metadata;
        Self {
            event_type: event.event_type,
            schema: event.schema,
            payload: event.payload,
            actor: metadata.actor,
            device: metadata.device,
            channel: metadata.channel,
            command: metadata.command,
            request_hmac: metadata.request_hmac.map(hex::encode),
            correlation: metadata.correlation,
            causation: metadata.causation,
        }
    }
}

/// That an event is in the tree of a checkpoint.
#[derive(Debug, Serialize, ToSchema)]
struct InclusionProof {
    /// The event's position; its leaf is the one before.
    position: i64,
    /// How many leaves the tree has.
    size: u64,
    leaf: LeafBody,
    /// What the content hash is made of (`docs/history.md`). Null where a code of the event is masked.
    event: Option<ContentBody>,
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
/// That the event at a position is in the tree of a checkpoint (RFC 6962, 2.1.1), with the row that its leaf is made of, and what the content hash in it is made of. 503 `not_sealed_yet` for about a second after it was recorded.
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
    let content = match item.content_hash {
        None => None,
        Some(_) => app.queries.recorded(position).await?.map(ContentBody::from),
    };
    let inclusion = app.tree.inclusion(number(position), &checkpoint).await?;
    let body = InclusionProof {
        position,
        size: checkpoint.size,
        leaf: leaf(&app, item).await?,
        event: content,
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

/// A position as a number of events; none is below 0 by the time it comes here.
fn number(position: i64) -> u64 {
    u64::try_from(position).unwrap_or(0)
}
