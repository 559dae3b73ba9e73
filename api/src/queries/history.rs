//! The history: what happened, event by event, up to what the read side has reached; told, and explained.
//!
//! Who may read it sees live codes only as a manager, and names of buyers and holders, and what was typed, only where lists of orders
//! show them, too. Who works here is told to every reader.

mod params;
mod stream;

use axum::{extract::State, response::Response};
use identity::{Caller, Need};
use projections::{
    history::{ExplainedEvent, HistoryItem, Reading, Timeline},
    queries::List,
};
use uuid::Uuid;

use self::params::{HistoryParams, TimelineParams};
use super::NoParams;
use crate::{
    answer::{Conditions, For},
    app::QuerySide,
    extract::{Needs, Params, PathIds, Position, ReaderLanguage},
    openapi::StaffProblems,
    permissions::may,
    problem::Problem,
};

/// The history
///
/// Events of the caller's organization, ascending by position; for a key that is bound to shows, of those. Each is told in a sentence, in the language of `Accept-Language` (`en` or `de`). Short codes of valid tickets are masked for all but managers; sentences name buyers and holders, and say what was typed, for managers alone. With `format=ndjson` everything that fits is streamed, one event a line.
#[utoipa::path(
    get,
    path = "/history",
    tag = "History",
    params(HistoryParams, ("Accept-Language" = Option<String>, Header, description = "The language of sentences: `en` or `de`")),
    responses(
        (
            status = OK,
            content((List<HistoryItem> = "application/json"), (String = "application/x-ndjson")),
            headers(("Content-Language" = String, description = "The language of the sentences"))
        ),
        StaffProblems
    )
)]
pub(super) async fn list_history(
    State(app): State<QuerySide>,
    needs: Needs<may::ListHistory>,
    _: Position,
    language: ReaderLanguage,
    params: Params<HistoryParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let reader = Reader::of(&needs.caller, language)?;
    let asked = params.get()?.asked(reader.reach)?;
    let response = match &asked.page {
        Some(page) => {
            let events = app.queries.history(reader.organization, &asked.filter, reader.reading, page).await?;
            conditions.json(events.position, For::Caller, &events.body)?
        }
        None => stream::answer(app.queries.every_event(reader.organization, asked.filter, reader.reading).await?)?,
    };
    Ok(language.said_of(response))
}

/// An event, and why
///
/// By its position in the log, with the events that explain it: what was asked for together with it, what made it so, what rests on it.
#[utoipa::path(
    get,
    path = "/history/{position}",
    tag = "History",
    params(
        ("position" = i64, Path, description = "Its number in the log, from 1"),
        ("Accept-Language" = Option<String>, Header, description = "The language of sentences: `en` or `de`")
    ),
    responses(
        (
            status = OK,
            body = ExplainedEvent,
            headers(("Content-Language" = String, description = "The language of the sentences"))
        ),
        StaffProblems
    )
)]
pub(super) async fn get_history_event(
    State(app): State<QuerySide>,
    needs: Needs<may::GetHistoryEvent>,
    PathIds(number): PathIds<i64>,
    _: Position,
    language: ReaderLanguage,
    params: Params<NoParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let reader = Reader::of(&needs.caller, language)?;
    let reach = reader.reach.as_deref();
    let event = app.queries.history_event(reader.organization, number, reach, reader.reading).await?;
    let item = event.body.ok_or_else(Problem::not_found)?;
    params.get()?;
    Ok(language.said_of(conditions.json(event.position, For::Caller, &item)?))
}

/// A show's history at a glance
///
/// How much happened in equal parts of the time from its first event to its last. Parts in which nothing happened are left out.
#[utoipa::path(
    get,
    path = "/history/timeline",
    tag = "History",
    params(TimelineParams),
    responses((status = OK, body = Timeline), StaffProblems)
)]
pub(super) async fn get_history_timeline(
    State(app): State<QuerySide>,
    needs: Needs<may::GetHistoryTimeline>,
    _: Position,
    params: Params<TimelineParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let staff = needs.caller.staff().ok_or_else(Problem::not_found)?;
    let asked = params.get()?;
    let unknown = || Problem::invalid_at("/show", "is no show of yours; name it by its id");
    if !staff.reaches(asked.show) {
        return Err(unknown());
    }
    let timeline = app.queries.timeline(staff.organization, asked.show, asked.buckets.0).await?;
    let body = timeline.body.ok_or_else(unknown)?;
    conditions.json(timeline.position, For::Caller, &body)
}

/// What somebody may read, and how.
pub(super) struct Reader {
    /// Whose history.
    pub(super) organization: Uuid,
    /// The shows that their credential is bound to.
    pub(super) reach: Option<Vec<Uuid>>,
    pub(super) reading: Reading,
}

impl Reader {
    /// The caller as one.
    pub(super) fn of(caller: &Caller, language: ReaderLanguage) -> Result<Self, Problem> {
        let staff = caller.staff().ok_or_else(Problem::not_found)?;
        Ok(Self {
            organization: staff.organization,
            reach: staff.shows.clone(),
            reading: Reading {
                language: language.0,
                unmask: Need::Manager.allows(staff.role),
                staff: true,
                // As lists of orders do.
                names: Need::Seller.allows(staff.role),
            },
        })
    }
}
