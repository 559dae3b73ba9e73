//! Answers of commands, made from what was recorded: the same for the first request and for its repeats.
//!
//! Every answer of a command carries the position of its last event, by which the same caller reads its own writes.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use commands::desk::Outcome;
use domain::{ShowEvent, place::Place};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{extract::POSITION_HEADER, problem::Problem};

/// The id of what was made.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CreatedAnswer {
    /// Its id.
    pub(super) id: Uuid,
}

/// Nothing to say but that it is done.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct DoneAnswer {}

/// An answer with a body.
pub(super) fn answer(status: StatusCode, outcome: &Outcome, body: impl Serialize) -> Response {
    positioned((status, Json(body)).into_response(), outcome.position)
}

/// 200 `{}`.
pub(super) fn done(outcome: &Outcome) -> Response {
    answer(StatusCode::OK, outcome, DoneAnswer {})
}

/// 201 with the id of what was made.
pub(super) fn created(outcome: &Outcome, id: impl Into<Uuid>) -> Response {
    answer(StatusCode::CREATED, outcome, CreatedAnswer { id: id.into() })
}

/// 204.
pub(super) fn gone(outcome: &Outcome) -> Response {
    positioned(StatusCode::NO_CONTENT.into_response(), outcome.position)
}

/// An answer at a position of the log. Some carry secrets, and none is true for long: nobody keeps it.
pub(super) fn positioned(mut response: Response, position: i64) -> Response {
    response.headers_mut().insert(POSITION_HEADER, HeaderValue::from(position));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// What has to be among a command's events is not: a defect.
#[derive(Debug, thiserror::Error)]
#[error("the answer needs a {0}, and none was recorded")]
pub(crate) struct NotRecorded(pub(crate) &'static str);

/// The first event that `pick` takes; `kind` names it should there be none.
///
/// # Errors
/// 500: the command always records one.
pub(super) fn first<'a, T>(
    outcome: &'a Outcome,
    kind: &'static str,
    pick: impl Fn(&'a ShowEvent) -> Option<&'a T>,
) -> Result<&'a T, Problem> {
    outcome.events.iter().find_map(pick).ok_or_else(|| Problem::internal(&NotRecorded(kind)))
}

/// The first event of a kind, as in `event!(outcome, PoolAdded)?`.
macro_rules! event {
    ($outcome:expr, $kind:ident) => {
        $crate::commands::answer::first($outcome, stringify!($kind), |event| match event {
            domain::ShowEvent::$kind(event) => Some(event),
            _ => None,
        })
    };
}
pub(super) use event;

/// The seat among places, written as an address; none where people stand.
pub(super) fn seat(places: &[Place]) -> Option<String> {
    places.iter().find_map(|place| place.seat.as_ref()).map(ToString::to_string)
}

#[cfg(test)]
pub(super) mod tests {
    use domain::money::Currency;

    use super::*;

    /// An outcome in euros, at position 7.
    pub(crate) fn outcome(events: Vec<ShowEvent>) -> Outcome {
        let currency = Currency::try_from("EUR".to_owned()).unwrap();
        Outcome { events, position: 7, currency, repeated: false, confirm: None, undone: false }
    }

    /// The body that an answer is sent with.
    pub(crate) async fn json_of(response: Response) -> serde_json::Value {
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[tokio::test]
    async fn an_answer_says_how_far_the_log_is() {
        let response = done(&outcome(Vec::new()));
        assert_eq!(response.headers()["Turnout-Position"], "7");
        assert_eq!(json_of(response).await, serde_json::json!({}));
        assert_eq!(gone(&outcome(Vec::new())).status(), StatusCode::NO_CONTENT);
    }

    #[test]
    fn an_answer_without_its_event_is_a_defect() {
        let outcome = outcome(vec![ShowEvent::SalesClosed(domain::events::SalesClosed {})]);
        assert!(event!(&outcome, SalesClosed).is_ok());
        assert_eq!(event!(&outcome, PoolAdded).unwrap_err().code(), "internal");
    }
}
