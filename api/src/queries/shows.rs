//! What is on, and one show.

use axum::{extract::State, response::Response};
use projections::{
    Scope,
    queries::{List, ShowsFilter},
    views::ShowView,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{SeenShow, page};
use crate::{
    answer::{Conditions, For},
    app::QuerySide,
    extract::{AsOf, Cursor, Limit, Moment, Needs, Params, Position, SearchText, ShowName},
    openapi::{PastProblems, PublicProblems},
    permissions::may,
    problem::Problem,
};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ShowsParams {
    /// Part of the name, whatever its case.
    #[param(value_type = Option<String>)]
    q: Option<SearchText>,
    /// Starting then or later.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Moment>,
    /// Starting before.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Moment>,
    /// At most so many items.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50)]
    limit: Limit,
    /// The `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
}

/// What is on
///
/// By start, the earliest first. Staff see all shows of their organization, drafts too, keys and devices that are bound to
/// shows those; everybody else what is published.
#[utoipa::path(
    get,
    path = "/shows",
    tag = "Shows",
    security((), ("bearer" = []), ("session" = [])),
    params(ShowsParams),
    responses((status = OK, body = List<ShowView>), PublicProblems)
)]
pub(super) async fn list_shows(
    State(app): State<QuerySide>,
    needs: Needs<may::ListShows>,
    _: Position,
    params: Params<ShowsParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let params = params.get()?;
    let filter = ShowsFilter {
        q: params.q.map(|q| q.0),
        from: params.from.map(|from| from.0),
        to: params.to.map(|to| to.0),
        reach: needs.caller.staff().and_then(|staff| staff.shows.clone()),
    };
    let (scope, caching) = match needs.caller.staff() {
        Some(staff) => (Scope::Organization(staff.organization), For::Caller),
        None => (Scope::Public, For::Everybody),
    };
    let shows = app.queries.shows(scope, &filter, &page(params.limit, params.cursor)).await?;
    conditions.json(shows.position, caching, &shows.body)
}

/// A show
///
/// What, when, where, on which terms, and the rules of its door. A draft is there for its organization's staff only.
#[utoipa::path(
    get,
    path = "/shows/{show}",
    tag = "Shows",
    security((), ("bearer" = []), ("session" = [])),
    params(("show" = String, Path, description = "Its id or slug"), AsOf),
    responses((status = OK, body = ShowView), PastProblems)
)]
pub(super) async fn get_show(
    State(app): State<QuerySide>,
    needs: Needs<may::GetShow>,
    ShowName(name): ShowName,
    position: Position,
    params: Params<AsOf>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let seen = SeenShow::find(&app, &needs.caller, &name, position).await?;
    if let Some(moment) = params.get()?.moment()? {
        let past = seen.past(&app, moment).await?;
        return conditions.json(past.stand.position, For::Caller, &past.view());
    }
    let show = app.queries.show(seen.scope(), seen.id).await?;
    let view = show.body.ok_or_else(Problem::not_found)?;
    conditions.json(show.position, seen.caching(), &view)
}
