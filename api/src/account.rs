//! Who I am, and for whom I act: sessions of the web app, and organizations.
//!
//! Signing in needs no CSRF token: it changes nothing for whoever is signed in already, and a form of another site cannot
//! send JSON. Members, roles, keys and devices are not here yet.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use identity::{Caller, Credential, Organization, OrganizationName, Role, ended_session_cookie, session_cookie};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    app::App,
    extract::{Anybody, JsonBody, Needs, Owner, StaffMember, session_of},
    openapi::{CommandProblems, SignInProblems, StaffProblems},
    problem::Problem,
};

/// Sessions and organizations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sign_in, sign_out))
        .routes(routes!(get_me))
        .routes(routes!(list_organizations, create_organization))
}

/// Whom somebody signs in as.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    /// The e-mail address.
    #[schema(format = Email)]
    email: String,
    /// The password.
    #[schema(format = Password)]
    password: String,
}

/// Who I am.
#[derive(Debug, Serialize, ToSchema)]
struct Me {
    /// Who I am in the log.
    #[schema(example = "admin")]
    actor: String,
    /// Who I am on a screen.
    name: String,
    /// `owner`, `manager`, `seller`, `door`, `auditor` or `analyst`.
    #[schema(example = "owner")]
    role: &'static str,
    /// For whom I may act; `Turnout-Organization` names one of them.
    organizations: Vec<OrganizationView>,
    /// What changes by session send as `X-CSRF-Token`; null without a session.
    csrf: Option<String>,
}

/// Who sells.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Organization)]
struct OrganizationView {
    /// Its id.
    id: Uuid,
    /// Its name in addresses.
    slug: String,
    /// Its name for people.
    name: String,
}

/// All organizations.
#[derive(Debug, Serialize, ToSchema)]
struct OrganizationList {
    /// The first one first.
    items: Vec<OrganizationView>,
    /// Always null: they are few.
    next: Option<String>,
}

/// An organization to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewOrganization {
    /// Its name, of 1 to 200 characters.
    name: String,
}

/// The organization that was made.
#[derive(Debug, Serialize, ToSchema)]
struct OrganizationCreated {
    /// Its id.
    id: Uuid,
    /// Its name in addresses, made from its name.
    slug: String,
}

impl From<Organization> for OrganizationView {
    fn from(organization: Organization) -> Self {
        Self { id: organization.id, slug: organization.slug, name: organization.name }
    }
}

/// Sign in
///
/// Sets the session's cookie. A wrong address and a wrong password are told alike.
#[utoipa::path(
    post,
    path = "/session",
    tag = "Account",
    security(()),
    request_body = SignIn,
    responses((status = OK, body = Me), SignInProblems)
)]
async fn sign_in(State(app): State<App>, body: JsonBody) -> Result<impl IntoResponse, Problem> {
    let SignIn { email, password } = body.parse()?;
    let now = app.clock.now();
    let signed_in = app.gate.sign_in(&email, &password, now).await?;
    let caller = app.gate.identify(None, Some(&signed_in.cookie_token), None, now).await?;
    let me = me(&app, &caller, Some(signed_in.csrf.clone())).await?;
    Ok(([(header::SET_COOKIE, session_cookie(&signed_in, app.secure_cookies)), no_store()], Json(me)))
}

/// Sign out
///
/// Ends the session, if there is one, and takes its cookie back.
#[utoipa::path(
    delete,
    path = "/session",
    tag = "Account",
    security((), ("session" = [], "csrf" = [])),
    responses((status = NO_CONTENT), SignInProblems)
)]
async fn sign_out(State(app): State<App>, _: Needs<Anybody>, headers: HeaderMap) -> Result<impl IntoResponse, Problem> {
    if let Some(token) = session_of(&headers) {
        app.gate.sign_out(token).await.map_err(|error| Problem::database(&error))?;
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, ended_session_cookie(app.secure_cookies))]))
}

/// Who I am
///
/// With the organizations that I may act for, and what changes by session have to send.
#[utoipa::path(get, path = "/me", tag = "Account", responses((status = OK, body = Me), StaffProblems))]
async fn get_me(
    State(app): State<App>,
    needs: Needs<StaffMember>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    let by_session = needs.caller.staff().is_some_and(|staff| staff.credential == Credential::Session);
    let csrf = session_of(&headers).filter(|_| by_session).map(|token| app.gate.csrf_token(token));
    Ok(([no_store()], Json(me(&app, &needs.caller, csrf).await?)))
}

/// All organizations
///
/// Those of this installation, for its owner.
#[utoipa::path(
    get,
    path = "/organizations",
    tag = "Account",
    responses((status = OK, body = OrganizationList), StaffProblems)
)]
async fn list_organizations(State(app): State<App>, _: Needs<Owner>) -> Result<impl IntoResponse, Problem> {
    let items = organizations(&app).await?;
    Ok(([no_store()], Json(OrganizationList { items, next: None })))
}

/// Make an organization
///
/// A tenant of this installation, with data of its own that no other one sees.
#[utoipa::path(
    post,
    path = "/organizations",
    tag = "Account",
    request_body = NewOrganization,
    responses((status = CREATED, body = OrganizationCreated), CommandProblems)
)]
async fn create_organization(
    State(app): State<App>,
    _: Needs<Owner>,
    body: JsonBody,
) -> Result<impl IntoResponse, Problem> {
    let NewOrganization { name } = body.parse()?;
    let name = OrganizationName::parse(&name).map_err(|error| Problem::invalid_at("/name", error.to_string()))?;
    let made = identity::create(&app.identity_pool, &name, app.ids.next(), app.clock.now()).await?;
    Ok((StatusCode::CREATED, Json(OrganizationCreated { id: made.id, slug: made.slug })))
}

/// Owners act for every organization of the installation, everybody else for the one of their credentials.
async fn me(app: &App, caller: &Caller, csrf: Option<String>) -> Result<Me, Problem> {
    let Some(staff) = caller.staff() else {
        return Err(Problem::unauthenticated("Sign in, or send the header Authorization: Bearer with a valid token."));
    };
    let mut organizations = organizations(app).await?;
    if staff.role != Role::Owner {
        organizations.retain(|organization| organization.id == staff.organization);
    }
    Ok(Me { actor: staff.actor.clone(), name: staff.name.clone(), role: staff.role.as_str(), organizations, csrf })
}

async fn organizations(app: &App) -> Result<Vec<OrganizationView>, Problem> {
    let all = identity::list(&app.identity_pool).await.map_err(|error| Problem::database(&error))?;
    Ok(all.into_iter().map(OrganizationView::from).collect())
}

fn no_store() -> (header::HeaderName, String) {
    (header::CACHE_CONTROL, "no-store".to_owned())
}
