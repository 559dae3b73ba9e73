//! What is known of people: the list, one of them, and all of it to give to them.
//!
//! The vault knows a member by the address that was invited; their name, and the address that they sign in with now, are in
//! their account. Both are joined here: neither side knows the other.

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::Response,
};
use domain::ids::PersonId;
use identity::{Caller, ListedMember, MemberAccount};
use projections::queries::{ExportedAccount, ExportedSession, List, PersonExport, PersonItem, PersonView};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::{NoParams, page};
use crate::{
    answer::{Conditions, For},
    app::QuerySide,
    extract::{Cursor, Limit, Needs, Params, PathIds, Position, SearchText},
    openapi::StaffProblems,
    permissions::may,
    problem::Problem,
};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PeopleParams {
    /// Part of the name, e-mail address or phone number, whatever its case.
    #[param(value_type = Option<String>)]
    q: Option<SearchText>,
    /// At most so many items.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50)]
    limit: Limit,
    /// The `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
}

/// People who are known
///
/// Customers, holders and members, the latest first. Members have the name and address of their accounts.
#[utoipa::path(
    get,
    path = "/people",
    tag = "Privacy",
    params(PeopleParams),
    responses((status = OK, body = List<PersonItem>), StaffProblems)
)]
pub(super) async fn list_people(
    State(app): State<QuerySide>,
    needs: Needs<may::ListPeople>,
    _: Position,
    params: Params<PeopleParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let params = params.get()?;
    let q = params.q.map(|q| q.0);
    let page = page(params.limit, params.cursor);
    let organization = organization(&needs.caller)?;
    let members = Members::of(&app, organization).await?;
    let also = q.as_deref().map(|q| members.found_by(q)).unwrap_or_default();
    let mut people = app.queries.list_people(organization, q.as_deref(), &also, &page).await?;
    for PersonItem { id, name, email, .. } in &mut people.body.items {
        members.join(*id, name, email);
    }
    conditions.json(people.position, For::Caller, &people.body)
}

/// What is known of a person
///
/// With what was typed about them, what they bought, what admits them, and when they are erased by themselves.
#[utoipa::path(
    get,
    path = "/people/{person}",
    tag = "Privacy",
    params(("person" = Uuid, Path, description = "The person's id, as in the history")),
    responses((status = OK, body = PersonView), StaffProblems)
)]
pub(super) async fn get_person(
    State(app): State<QuerySide>,
    needs: Needs<may::GetPerson>,
    PathIds(person): PathIds<PersonId>,
    _: Position,
    params: Params<NoParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let organization = organization(&needs.caller)?;
    let known = app.queries.person(organization, person.0).await?;
    let mut view = known.body.ok_or_else(Problem::not_found)?;
    params.get()?;
    Members::of(&app, organization).await?.join(view.id, &mut view.name, &mut view.email);
    conditions.json(known.position, For::Caller, &view)
}

/// All that is known of a person
///
/// To be given to them: also every event that is about them, as it is recorded, and of a member the account with its
/// sessions. Nobody keeps it on the way.
#[utoipa::path(
    get,
    path = "/people/{person}/export",
    tag = "Privacy",
    params(("person" = Uuid, Path, description = "The person's id, as in the history")),
    responses((status = OK, body = PersonExport), StaffProblems)
)]
pub(super) async fn export_person(
    State(app): State<QuerySide>,
    needs: Needs<may::ExportPerson>,
    PathIds(person): PathIds<PersonId>,
    _: Position,
    params: Params<NoParams>,
) -> Result<Response, Problem> {
    let organization = organization(&needs.caller)?;
    let account = identity::account_of_member(&app.identity_pool, organization, person.0).await;
    let account = account.map_err(|error| Problem::database(&error))?.map(exported);
    let known = app.queries.export_person(organization, person.0, account, app.clock.now()).await?;
    let mut export = known.body.ok_or_else(Problem::not_found)?;
    params.get()?;
    if let Some(account) = &export.account {
        export.person.name = Some(account.name.clone());
        export.person.email = Some(account.email.clone());
    }
    let mut response = Conditions::default().json(known.position, For::Caller, &export)?;
    let headers = response.headers_mut();
    headers.remove(header::ETAG);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let name = format!("attachment; filename=\"person-{person}.json\"");
    let name = HeaderValue::from_str(&name).map_err(|error| Problem::internal(&error))?;
    headers.insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}

fn organization(caller: &Caller) -> Result<Uuid, Problem> {
    Ok(caller.staff().ok_or_else(Problem::not_found)?.organization)
}

/// Those members of an organization who have an account.
struct Members(Vec<ListedMember>);

impl Members {
    async fn of(app: &QuerySide, organization: Uuid) -> Result<Self, Problem> {
        let listed = identity::list_members(&app.identity_pool, organization).await;
        let mut listed = listed.map_err(|error| Problem::database(&error))?;
        listed.retain(|member| member.account.is_some());
        Ok(Self(listed))
    }

    /// Whose name or address contains this, whatever its case.
    fn found_by(&self, text: &str) -> Vec<Uuid> {
        let text = text.to_lowercase();
        let says = |field: &Option<String>| field.as_ref().is_some_and(|field| field.to_lowercase().contains(&text));
        self.0.iter().filter(|member| says(&member.name) || says(&member.email)).map(|member| member.id).collect()
    }

    /// Has a member be called as their account says.
    fn join(&self, person: Uuid, name: &mut Option<String>, email: &mut Option<String>) {
        if let Some(member) = self.0.iter().find(|member| member.id == person) {
            name.clone_from(&member.name);
            email.clone_from(&member.email);
        }
    }
}

fn exported(account: MemberAccount) -> ExportedAccount {
    let sessions = account.sessions.into_iter().map(|session| ExportedSession {
        id: session.session,
        started_at: session.started_at,
        seen_at: session.seen_at,
        ends_at: session.ends_at,
        client: session.client,
    });
    ExportedAccount {
        id: account.account,
        email: account.email,
        name: account.name,
        installation_owner: account.installation_owner,
        created_at: account.created_at,
        sessions: sessions.collect(),
    }
}
