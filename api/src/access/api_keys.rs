//! API keys: issue, list, rotate, revoke.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use commands::organization::{
    issue_api_key::IssueApiKey,
    revoke_api_key::RevokeApiKey,
    rotate_api_key::{OVERLAP_SECONDS, RotateApiKey},
};
use domain::{
    ids::{ApiKeyId, ShowId, TextId},
    text::Note,
};
use event_store::Secret;
use identity::{CredentialKind, ListedCredential, NewToken, Role, TokenKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{members::RoleName, no_store, shows_named};
use crate::{
    app::{App, CommandSide},
    commands::{Asked, OrganizationRequest, organization_answer, organization_event, organization_gone, typed},
    extract::{Moment, Needs, NoParameters, PathIds},
    openapi::{CommandProblems, StaffProblems},
    permissions::may,
    problem::Problem,
};

/// A program's key.
#[derive(Debug, Serialize, ToSchema)]
struct ApiKey {
    /// Its id; as an actor in the history, `key:` and this.
    id: Uuid,
    /// What it is called; null once erased.
    name: Option<String>,
    /// What it may do.
    #[schema(value_type = RoleName)]
    role: Role,
    /// The shows that it is bound to; null: all of the organization.
    shows: Option<Vec<Uuid>>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it ends.
    expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    last_used_at: Option<DateTime<Utc>>,
    /// The key that it took over from.
    replaces: Option<Uuid>,
}

/// The keys of the organization.
#[derive(Debug, Serialize, ToSchema)]
struct ApiKeyList {
    /// The latest first.
    items: Vec<ApiKey>,
    /// Always null: they are few.
    next: Option<String>,
}

/// A key to make.
#[derive(Deserialize, ToSchema)]
#[cfg_attr(feature = "fuzzing", derive(Debug))]
#[serde(deny_unknown_fields)]
pub(super) struct IssueApiKeyBody {
    /// What it is for.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "Website")]
    name: Note,
    /// What it may do: not more than you.
    #[schema(value_type = RoleName)]
    role: Role,
    /// The shows that it is bound to; left out: all of the organization.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Uuid>>, min_items = 1, max_items = 1000)]
    shows: Option<Vec<ShowId>>,
    /// When it ends; left out: when it is revoked.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Moment>,
}

/// A key that takes over.
#[derive(Default, Deserialize, ToSchema)]
#[cfg_attr(feature = "fuzzing", derive(Debug))]
#[serde(deny_unknown_fields)]
pub(super) struct RotateApiKeyBody {
    /// How long the old one is still taken, in seconds; by default a day, at most a week.
    #[serde(default)]
    #[schema(maximum = 604_800)]
    overlap_seconds: Option<u32>,
}

/// A key that was made.
#[derive(Debug, Serialize, ToSchema)]
struct ApiKeyIssuedAnswer {
    /// Its id.
    id: Uuid,
    /// What the program sends as `Authorization: Bearer`, this once. Null where the request was answered before.
    token: Option<String>,
}

impl From<ListedCredential> for ApiKey {
    fn from(listed: ListedCredential) -> Self {
        Self {
            id: listed.id,
            name: listed.name,
            role: listed.role,
            shows: listed.shows,
            created_at: listed.created_at,
            expires_at: listed.ends_at,
            last_used_at: listed.last_used_at,
            replaces: listed.replaces,
        }
    }
}

/// The API keys
///
/// Those that are taken, never their tokens.
#[utoipa::path(
    get,
    path = "/api-keys",
    tag = "Organization",
    responses((status = OK, body = ApiKeyList), StaffProblems)
)]
pub(super) async fn list_api_keys(
    State(app): State<App>,
    needs: Needs<may::ListApiKeys>,
    _: NoParameters,
) -> Result<impl IntoResponse, Problem> {
    let organization = needs.caller.staff().map(|staff| staff.organization).unwrap_or_default();
    let kind = CredentialKind::ApiKey;
    let listed = identity::list_credentials(&app.identity_pool, organization, kind, app.clock.now()).await;
    let items = listed.map_err(|error| Problem::database(&error))?.into_iter().map(ApiKey::from).collect();
    Ok(([no_store()], Json(ApiKeyList { items, next: None })))
}

/// Make an API key
///
/// Its token is shown this once.
#[utoipa::path(
    post,
    path = "/api-keys",
    tag = "Organization",
    request_body = IssueApiKeyBody,
    responses((status = CREATED, body = ApiKeyIssuedAnswer), CommandProblems)
)]
pub(super) async fn issue_api_key(
    State(app): State<CommandSide>,
    needs: Needs<may::IssueApiKey>,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = OrganizationRequest::new(&app, needs.caller, asked)?;
    let IssueApiKeyBody { name, role, shows, expires_at } = request.body()?;
    shows_named::all_known(&app, request.organization().0, shows.as_deref().unwrap_or_default()).await?;
    let (key, text) = (ApiKeyId(app.ids.next()), TextId(app.ids.next()));
    let token = make()?;
    let command = IssueApiKey { key, name: text, role, shows, expires_at: expires_at.map(|at| at.0) };
    let vault = vec![typed(text.0, "api_key_name", name)];
    let outcome = request.submit(command, vault, vec![Secret { id: key.0, hash: token.hash }]).await?;
    let recorded = organization_event!(&outcome, ApiKeyIssued)?;
    let body = ApiKeyIssuedAnswer { id: recorded.key.0, token: (!outcome.repeated).then_some(token.text) };
    Ok(organization_answer(StatusCode::CREATED, &outcome, body))
}

/// Let another key take over
///
/// With the same name, role and shows. The old one is taken as long as the overlap says, so that no program stands still.
#[utoipa::path(
    post,
    path = "/api-keys/{key}/rotate",
    tag = "Organization",
    params(("key" = Uuid, Path, description = "The old one's id")),
    request_body = Option<RotateApiKeyBody>,
    responses((status = CREATED, body = ApiKeyIssuedAnswer), CommandProblems)
)]
pub(super) async fn rotate_api_key(
    State(app): State<CommandSide>,
    needs: Needs<may::RotateApiKey>,
    PathIds(key): PathIds<ApiKeyId>,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = OrganizationRequest::new(&app, needs.caller, asked)?;
    let organization = app.organizations.find(request.organization()).await?.ok_or_else(Problem::not_found)?;
    organization.key(key).ok_or_else(Problem::not_found)?;
    let body: RotateApiKeyBody = request.body_or_default()?;
    let successor = ApiKeyId(app.ids.next());
    let token = make()?;
    let overlap_seconds = body.overlap_seconds.unwrap_or(OVERLAP_SECONDS);
    let command = RotateApiKey { key, successor, overlap_seconds };
    let outcome = request.submit(command, Vec::new(), vec![Secret { id: successor.0, hash: token.hash }]).await?;
    let recorded = organization_event!(&outcome, ApiKeyIssued)?;
    let body = ApiKeyIssuedAnswer { id: recorded.key.0, token: (!outcome.repeated).then_some(token.text) };
    Ok(organization_answer(StatusCode::CREATED, &outcome, body))
}

/// Revoke an API key
///
/// Within a second it is taken nowhere any more.
#[utoipa::path(
    delete,
    path = "/api-keys/{key}",
    tag = "Organization",
    params(("key" = Uuid, Path, description = "Its id")),
    responses((status = NO_CONTENT), CommandProblems)
)]
pub(super) async fn revoke_api_key(
    State(app): State<CommandSide>,
    needs: Needs<may::RevokeApiKey>,
    PathIds(key): PathIds<ApiKeyId>,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = OrganizationRequest::new(&app, needs.caller, asked)?;
    Ok(organization_gone(&request.submit(RevokeApiKey { key }, Vec::new(), Vec::new()).await?))
}

fn make() -> Result<NewToken, Problem> {
    TokenKind::ApiKey.make().map_err(|error| Problem::internal(&error))
}
