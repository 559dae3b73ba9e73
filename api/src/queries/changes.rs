//! What changed since a position, in one answer: the long poll, for whoever cannot hold a stream open.

use std::time::Duration;

use axum::{body::Bytes, extract::State, http::HeaderMap, response::Response};
use domain::ValueError;
use identity::GateError;
use projections::{WaitError, views::ChangesView};
use serde::Deserialize;
use tokio::time::Instant;
use utoipa::IntoParams;

use super::hot::SeenHot;
use crate::{
    answer::Conditions,
    app::QuerySide,
    extract::{Needs, Params, Position, ShowName, StillThere},
    openapi::PublicProblems,
    permissions::may,
    problem::Problem,
};

const WAIT_SECONDS_MAX: u8 = 60;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ChangesParams {
    /// Changes behind this position: that of the answer before, or of the seats that are known.
    #[param(value_type = i64, minimum = 0)]
    after: After,
    /// How many seconds to wait for the first change.
    #[serde(default)]
    #[param(value_type = Option<u8>, minimum = 0, maximum = 60, default = 0)]
    wait: WaitSeconds,
}

/// A position, from 0.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "i64")]
pub(super) struct After(pub(super) i64);

impl TryFrom<i64> for After {
    type Error = ValueError;

    fn try_from(position: i64) -> Result<Self, ValueError> {
        if position >= 0 { Ok(Self(position)) } else { Err(ValueError("must be a position, from 0".to_owned())) }
    }
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(try_from = "u8")]
struct WaitSeconds(u8);

impl TryFrom<u8> for WaitSeconds {
    type Error = ValueError;

    fn try_from(seconds: u8) -> Result<Self, ValueError> {
        if seconds <= WAIT_SECONDS_MAX {
            Ok(Self(seconds))
        } else {
            Err(ValueError(format!("must be at most {WAIT_SECONDS_MAX} seconds")))
        }
    }
}

/// What changed since a position
///
/// Seats that changed, availability and (for staff) attendance as a whole where they did; waits for the first change, if
/// asked to. `reset`: the seating is another, load it anew.
#[utoipa::path(
    get,
    path = "/shows/{show}/changes",
    tag = "Shows",
    security((), ("bearer" = []), ("session" = [])),
    params(("show" = String, Path, description = "Its id or slug"), ChangesParams),
    responses((status = OK, body = ChangesView), PublicProblems)
)]
pub(super) async fn get_changes(
    State(app): State<QuerySide>,
    needs: Needs<may::GetChanges>,
    ShowName(name): ShowName,
    position: Position,
    params: Params<ChangesParams>,
    headers: HeaderMap,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let seen = SeenHot::find(&app, &needs.caller, &name, position).await?;
    let ChangesParams { after: After(after), wait: WaitSeconds(wait) } = params.get()?;
    let wait = Duration::from_secs(wait.into());
    let until = Instant::now() + wait;
    match app.queries.wait_for(after, None, wait).await {
        Ok(()) | Err(WaitError::Behind { .. }) => {}
        Err(WaitError::BeyondHead { head, .. }) => {
            return Err(Problem::invalid_at("/after", format!("is beyond the last position of the log, {head}")));
        }
        Err(error) => return Err(error.into()),
    }
    let gone = StillThere::new(&headers, &needs.caller).until_gone(&app);
    let (position, json) = tokio::select! {
        answer = first_changes(&app, &seen, after, until) => answer?,
        () = gone => return Err(GateError::Unauthenticated.into()),
    };
    Ok(conditions.answer(Some(position), seen.caching(), "application/json", json))
}

/// The first changes after a position, or none once it is time or the server stops. Nobody who waits asks the tables: what is
/// known already comes from the show's copy, what comes is what the feed writes once for all.
async fn first_changes(
    app: &QuerySide,
    seen: &SeenHot<'_>,
    after: i64,
    until: Instant,
) -> Result<(i64, Bytes), Problem> {
    let state = seen.state.show().at(after).await?;
    // Listens before it looks, so that nothing is missed between.
    let mut listener = app.live.listen(&state, seen.audience());
    let state = seen.state.show().at(after).await?;
    let known = state.changes(Some(after), app.clock.now(), seen.audience()).await?;
    if !known.is_empty || Instant::now() >= until {
        return Ok((known.position, known.json));
    }
    let heard = tokio::select! {
        () = app.closing.cancelled() => None,
        () = tokio::time::sleep_until(until) => None,
        heard = listener.next() => heard?,
    };
    Ok(heard.map_or((known.position, known.json), |change| (change.position, change.json.clone())))
}
