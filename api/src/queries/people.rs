//! What is known of people: the list, one of them, and all of it to give to them.

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::Response,
};
use domain::ids::PersonId;
use identity::Caller;
use projections::queries::{List, PersonExport, PersonItem, PersonView};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::{NoParams, page};
use crate::{
    answer::{Conditions, For},
    app::App,
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
/// Customers, holders and members, the latest first.
#[utoipa::path(
    get,
    path = "/people",
    tag = "Privacy",
    params(PeopleParams),
    responses((status = OK, body = List<PersonItem>), StaffProblems)
)]
pub(super) async fn list_people(
    State(app): State<App>,
    needs: Needs<may::ListPeople>,
    _: Position,
    params: Params<PeopleParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let params = params.get()?;
    let q = params.q.map(|q| q.0);
    let page = page(params.limit, params.cursor);
    let people = app.queries.list_people(organization(&needs.caller)?, q.as_deref(), &page).await?;
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
    State(app): State<App>,
    needs: Needs<may::GetPerson>,
    PathIds(person): PathIds<PersonId>,
    _: Position,
    params: Params<NoParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let known = app.queries.person(organization(&needs.caller)?, person.0).await?;
    let view = known.body.ok_or_else(Problem::not_found)?;
    params.get()?;
    conditions.json(known.position, For::Caller, &view)
}

/// All that is known of a person
///
/// To be given to them: also every event that is about them, as it is recorded. Nobody keeps it on the way.
#[utoipa::path(
    get,
    path = "/people/{person}/export",
    tag = "Privacy",
    params(("person" = Uuid, Path, description = "The person's id, as in the history")),
    responses((status = OK, body = PersonExport), StaffProblems)
)]
pub(super) async fn export_person(
    State(app): State<App>,
    needs: Needs<may::ExportPerson>,
    PathIds(person): PathIds<PersonId>,
    _: Position,
    params: Params<NoParams>,
) -> Result<Response, Problem> {
    let known = app.queries.export_person(organization(&needs.caller)?, person.0, app.clock.now()).await?;
    let export = known.body.ok_or_else(Problem::not_found)?;
    params.get()?;
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
