//! What a door's device needs to decide alone.

use axum::{extract::State, response::Response};
use projections::views::DoorListView;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{SeenShow, changes::After};
use crate::{
    answer::{Conditions, For},
    app::QuerySide,
    extract::{Needs, Params, Position, ShowName},
    openapi::StaffProblems,
    permissions::may,
    problem::Problem,
};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DoorListParams {
    /// Only what changed behind this position, that of the list before.
    #[param(value_type = Option<i64>, minimum = 0)]
    after: Option<After>,
}

/// What a device needs to decide alone
///
/// Tickets with their codes and what is left of them, gates, areas, rules, and the public keys of tokens: whole, or what
/// changed since a position. Entries replace those of the same id.
#[utoipa::path(
    get,
    path = "/shows/{show}/door-list",
    tag = "Door",
    params(("show" = String, Path, description = "Its id or slug"), DoorListParams),
    responses((status = OK, body = DoorListView), StaffProblems)
)]
pub(super) async fn get_door_list(
    State(app): State<QuerySide>,
    needs: Needs<may::GetDoorList>,
    ShowName(name): ShowName,
    position: Position,
    params: Params<DoorListParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let seen = SeenShow::find_own(&app, &needs.caller, &name, position).await?;
    let after = params.get()?.after.map(|After(after)| after);
    // A position that is not reached yet comes from another log, such as one before a restored backup: then all of it.
    let after = after.filter(|after| *after <= *app.queries.checkpoint().borrow());
    let list = app.queries.door_list(seen.organization, seen.id, after).await?;
    let mut view = list.body.ok_or_else(Problem::not_found)?;
    let mut keys = app.ticket_keys.jwks();
    if let Some(keys) = keys["keys"].as_array_mut() {
        view.keys = std::mem::take(keys);
    }
    // The position moves with other shows' events, too; it alone is no other list.
    let essence = (&view.whole, &view.show, &view.ticket_types, &view.areas, &view.gates, &view.tickets, &view.keys);
    conditions.json_tagged(list.position, For::Caller, &view, &essence)
}
