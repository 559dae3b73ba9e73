//! Who I am, for whom I may act, and what I may do.

use axum::{Json, extract::State, http::HeaderMap, response::IntoResponse};
use domain::text::PersonName;
use identity::{Caller, Credential, CredentialKind, Role, Staff};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{no_store, sessions::own};
use crate::{
    app::{App, CommandSide},
    extract::{JsonBody, Needs, NoParameters, session_of},
    openapi::PersonalProblems,
    permissions::{PERMISSIONS, may},
    problem::Problem,
};

/// Who I am.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Me {
    /// Who I am in the log: a word and an id.
    #[schema(example = "member:0199aa00-0000-7000-8000-000000000000")]
    actor: String,
    /// Who I am on a screen.
    name: Option<String>,
    /// What I sign in with; null for keys and devices.
    email: Option<String>,
    /// What I am in the organization.
    #[schema(value_type = super::members::RoleName)]
    role: Role,
    /// For whom I act.
    organization: MyOrganization,
    /// For whom I may act; `Turnout-Organization` names one of them.
    organizations: Vec<MyOrganization>,
    /// Whether I own the installation, and may make organizations.
    installation_owner: bool,
    /// The shows that my key or device is bound to; null: all of the organization.
    shows: Option<Vec<Uuid>>,
    /// The door's device that I am.
    device: Option<MyDevice>,
    /// What changes by session send as `X-CSRF-Token`; null without a session.
    csrf: Option<String>,
    /// The operations that I may ask for, by their ids.
    may: Vec<&'static str>,
}

/// An organization that I may act for.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct MyOrganization {
    /// Its id.
    id: Uuid,
    /// Its name in addresses.
    slug: String,
    /// Its name for people.
    name: String,
    /// What I am there.
    #[schema(value_type = super::members::RoleName)]
    role: Role,
}

/// The door's device that asks.
#[derive(Debug, Serialize, ToSchema)]
struct MyDevice {
    /// Its id.
    id: Uuid,
    /// What it is called.
    name: Option<String>,
    /// The shows that it is bound to.
    shows: Vec<Uuid>,
    /// The gates that it is bound to; empty: none in particular.
    gates: Vec<String>,
    /// Whether it may admit against the rules.
    may_override: bool,
}

/// Another name for me.
#[derive(Deserialize, ToSchema)]
#[cfg_attr(feature = "fuzzing", derive(Debug))]
#[serde(deny_unknown_fields)]
pub(super) struct RenameMeBody {
    /// What colleagues call me.
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    name: PersonName,
}

/// Who I am
///
/// With the organizations that I may act for, what I may do, and what changes by session have to send.
#[utoipa::path(get, path = "/me", tag = "Account", responses((status = OK, body = Me), PersonalProblems))]
pub(super) async fn get_me(
    State(app): State<App>,
    needs: Needs<may::GetMe>,
    _: NoParameters,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    answer(&app, &needs.caller, &headers).await
}

/// Change my name
///
/// As colleagues see it.
#[utoipa::path(
    patch,
    path = "/me",
    tag = "Account",
    request_body = RenameMeBody,
    responses((status = OK, body = Me), PersonalProblems)
)]
pub(super) async fn rename_me(
    State(app): State<CommandSide>,
    needs: Needs<may::RenameMe>,
    _: NoParameters,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<impl IntoResponse, Problem> {
    let (_, account) = own(&needs)?;
    let RenameMeBody { name } = body.parse()?;
    app.gate.accounts().rename(account, name.as_str()).await?;
    app.gate.forget_known();
    let caller = match needs.caller {
        Caller::Staff(staff) => Caller::Staff(Staff { name: Some(name.into()), ..staff }),
        other => other,
    };
    answer(&app, &caller, &headers).await
}

async fn answer(app: &App, caller: &Caller, headers: &HeaderMap) -> Result<impl IntoResponse + use<>, Problem> {
    let by_session = caller.staff().is_some_and(|staff| matches!(staff.credential, Credential::Session { .. }));
    let csrf = session_of(headers).filter(|_| by_session).map(|token| app.gate.csrf_token(token));
    Ok(([no_store()], Json(me(app, caller, csrf).await?)))
}

/// What the caller is told about itself.
pub(super) async fn me(app: &App, caller: &Caller, csrf: Option<String>) -> Result<Me, Problem> {
    let Some(staff) = caller.staff() else {
        return Err(Problem::forbidden("You belong to no organization any more; ask an owner to invite you."));
    };
    let organizations = organizations(app, staff).await?;
    let acting = organizations.iter().find(|organization| organization.id == staff.organization);
    let organization = acting.cloned().ok_or_else(Problem::not_found)?;
    let name = match staff.credential {
        Credential::ApiKey(id) => called(app, staff, CredentialKind::ApiKey, id).await?,
        Credential::Device(id) => called(app, staff, CredentialKind::Device, id).await?,
        Credential::AdminToken | Credential::Session { .. } => staff.name.clone(),
    };
    let device = staff.device.as_ref().map(|device| MyDevice {
        id: device.id,
        name: name.clone(),
        shows: staff.shows.clone().unwrap_or_default(),
        gates: device.gates.clone(),
        may_override: device.may_override,
    });
    Ok(Me {
        actor: staff.actor.clone(),
        name,
        email: staff.email.clone(),
        role: staff.role,
        organization,
        organizations,
        installation_owner: staff.installation_owner,
        shows: staff.shows.clone(),
        device,
        csrf,
        may: PERMISSIONS.iter().filter(|row| row.allows(staff)).map(|row| row.operation).collect(),
    })
}

/// What a key or device is called.
async fn called(app: &App, staff: &Staff, kind: CredentialKind, id: Uuid) -> Result<Option<String>, Problem> {
    let listed = identity::list_credentials(&app.identity_pool, staff.organization, kind, app.clock.now()).await;
    let listed = listed.map_err(|error| Problem::database(&error))?;
    Ok(listed.into_iter().find(|credential| credential.id == id).and_then(|credential| credential.name))
}

/// Members act for the organizations that they belong to, whoever has the admin token for all, keys and devices for one.
async fn organizations(app: &App, staff: &Staff) -> Result<Vec<MyOrganization>, Problem> {
    let pool = &app.identity_pool;
    let database = |error: sqlx::Error| Problem::database(&error);
    let of = |id, slug, name, role| MyOrganization { id, slug, name, role };
    Ok(match staff.credential {
        Credential::Session { account, .. } => {
            let memberships = identity::memberships(pool, account).await.map_err(database)?;
            memberships.into_iter().map(|m| of(m.organization, m.slug, m.name, m.role)).collect()
        }
        Credential::AdminToken => {
            let all = identity::list(pool).await.map_err(database)?;
            all.into_iter().map(|o| of(o.id, o.slug, o.name, staff.role)).collect()
        }
        Credential::ApiKey(_) | Credential::Device(_) => {
            let own = identity::find(pool, staff.organization).await.map_err(database)?;
            own.into_iter().map(|o| of(o.id, o.slug, o.name, staff.role)).collect()
        }
    })
}
