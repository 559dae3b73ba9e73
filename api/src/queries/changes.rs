//! What changed since a position, in one answer: the long poll, for whoever cannot hold a stream open.

use std::time::Duration;

use axum::{extract::State, http::HeaderMap, response::Response};
use domain::ValueError;
use identity::GateError;
use projections::{Answer, WaitError, views::ChangesView};
use serde::Deserialize;
use tokio::{sync::broadcast::error::RecvError, time::Instant};
use utoipa::IntoParams;

use super::SeenShow;
use crate::{
    answer::Conditions,
    app::App,
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
    State(app): State<App>,
    needs: Needs<may::GetChanges>,
    ShowName(name): ShowName,
    position: Position,
    params: Params<ChangesParams>,
    headers: HeaderMap,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let seen = SeenShow::find(&app, &needs.caller, &name, position).await?;
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
    let answer = tokio::select! {
        answer = first_changes(&app, &seen, after, until) => answer?,
        () = StillThere::new(&headers, &needs.caller).until_gone(app.clone()) => {
            return Err(GateError::Unauthenticated.into());
        }
    };
    conditions.json(answer.position, seen.caching(), &answer.body)
}

/// The first changes after a position, or none once it is time or the server stops.
async fn first_changes(
    app: &App,
    seen: &SeenShow<'_>,
    after: i64,
    until: Instant,
) -> Result<Answer<ChangesView>, Problem> {
    // Listens before it asks, so that nothing is missed between.
    let mut feed = app.live.subscribe(seen.organization, seen.id, seen.audience());
    loop {
        let answer = changes(app, seen, after).await?;
        if !answer.body.is_empty() || Instant::now() >= until {
            return Ok(answer);
        }
        let heard = tokio::select! {
            () = app.closing.cancelled() => return Ok(answer),
            () = tokio::time::sleep_until(until) => return Ok(answer),
            heard = feed.recv() => heard,
        };
        match heard {
            Ok(change) if change.position >= after => return told(app, seen, after).await,
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return Ok(answer),
        }
    }
}

async fn changes(app: &App, seen: &SeenShow<'_>, after: i64) -> Result<Answer<ChangesView>, Problem> {
    let now = app.clock.now();
    Ok(app.queries.changes(seen.organization, seen.id, after, now, seen.audience()).await?)
}

/// What the feed spoke of. Without an event behind it, a sales window opened or closed: then the availability changed.
async fn told(app: &App, seen: &SeenShow<'_>, after: i64) -> Result<Answer<ChangesView>, Problem> {
    let mut answer = changes(app, seen, after).await?;
    if answer.body.is_empty() {
        let now = app.clock.now();
        answer.body.availability =
            app.queries.availability(seen.organization, seen.id, now, seen.audience()).await?.body;
    }
    Ok(answer)
}
