//! What changes, as it changes: server-sent events (WHATWG HTML, section 9.2), resumable by `Last-Event-ID`.
//!
//! The first message says what was missed since `Last-Event-ID`, or, without one, only where the log stands: so whoever
//! listens always has an id to come back with. A listener that is too slow for its feed is told to begin anew.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::Response,
};
use futures::Stream;
use projections::{Listener, LiveChange, views::ChangesView};
use tokio::time::Instant;

use super::{NoParams, hot::SeenHot};
use crate::{
    answer::caching,
    app::QuerySide,
    extract::{Needs, POSITION_HEADER, Params, Position, ShowName, StillThere},
    openapi::PublicProblems,
    permissions::may,
    problem::Problem,
};

/// A proxy that sees nothing for half a minute takes a connection for dead.
const COMMENT_EVERY: Duration = Duration::from_secs(15);

/// What keeps it open: a comment.
const COMMENT: Bytes = Bytes::from_static(b":\n\n");

/// How long a position that another node told may take to be reached here.
const CATCH_UP_MAX: Duration = Duration::from_secs(2);

/// What changes, as it changes
///
/// Each event's data is as an answer of `/changes`, its id the position that it reaches. Goes on behind `Last-Event-ID`.
#[utoipa::path(
    get,
    path = "/shows/{show}/live",
    tag = "Shows",
    security((), ("bearer" = []), ("session" = [])),
    params(
        ("show" = String, Path, description = "Its id or slug"),
        ("Last-Event-ID" = Option<i64>, Header, description = "The id of the last event that was heard"),
    ),
    responses((status = OK, body = ChangesView, content_type = "text/event-stream"), PublicProblems)
)]
pub(super) async fn stream_live(
    State(app): State<QuerySide>,
    needs: Needs<may::StreamLive>,
    ShowName(name): ShowName,
    position: Position,
    params: Params<NoParams>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let seen = SeenHot::find(&app, &needs.caller, &name, position).await?;
    params.get()?;
    let heard = last_event_id(&headers)?;
    let mut listener = app.live.listen(&seen.state, seen.audience());
    let first = first(&app, &mut listener, heard).await?;
    let still_there = StillThere::new(&headers, &needs.caller);
    let begins_at = HeaderValue::from(first.position);
    let mut response = Response::new(Body::from_stream(events(app.clone(), listener, first, still_there)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    caching(headers, seen.caching());
    headers.insert(POSITION_HEADER, begins_at);
    // Proxies of nginx's kind would collect a stream before they pass it on.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let id = value.to_str().ok().and_then(|text| text.parse::<i64>().ok()).filter(|id| *id >= 0);
    id.map(Some).ok_or_else(|| Problem::invalid_at("/Last-Event-ID", "is no id of an event of this stream"))
}

/// The first message of a listener who heard everything up to a position, or nothing yet.
pub(super) async fn first(
    app: &QuerySide,
    listener: &mut Listener,
    heard: Option<i64>,
) -> Result<Arc<LiveChange>, Problem> {
    let reached = match heard {
        // It may have been heard of another node, which is ahead. If it is never reached, it is from another history.
        Some(heard) if app.queries.wait_for(heard, None, CATCH_UP_MAX).await.is_ok() => heard,
        _ => 0,
    };
    Ok(listener.resume(heard, reached).await?)
}

/// The first event, then all that come; ends when the server does, or cannot be asked for what was missed, or the credentials
/// are no more.
fn events(
    app: QuerySide,
    mut listener: Listener,
    first: Arc<LiveChange>,
    still_there: StillThere,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    async_stream::stream! {
        let mut gone = still_there.until_gone(&app);
        yield Ok(first.event.clone());
        drop(first);
        loop {
            let said_at = Instant::now();
            let event = tokio::select! {
                () = app.closing.cancelled() => return,
                () = &mut gone => return,
                () = tokio::time::sleep_until(said_at + COMMENT_EVERY) => COMMENT,
                heard = listener.next() => match heard {
                    Ok(Some(change)) => change.event.clone(),
                    Ok(None) | Err(_) => return,
                },
            };
            yield Ok(event);
        }
    }
}
