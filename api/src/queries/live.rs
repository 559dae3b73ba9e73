//! What changes, as it changes: server-sent events (WHATWG HTML, section 9.2), resumable by `Last-Event-ID`.
//!
//! The first message says what was missed since `Last-Event-ID`, or, without one, only where the log stands: so whoever
//! listens always has an id to come back with. A listener that is too slow for its feed asks once for what it missed.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::Stream;
use projections::{Audience, LiveChange, views::ChangesView};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use uuid::Uuid;

use super::{NoParams, SeenShow};
use crate::{
    answer::{For, caching},
    app::App,
    extract::{Needs, POSITION_HEADER, Params, Position, ShowName, StillThere},
    openapi::PublicProblems,
    permissions::may,
    problem::Problem,
};

/// A proxy that sees nothing for half a minute takes a connection for dead.
const COMMENT_EVERY: Duration = Duration::from_secs(15);

/// Somebody who listens to a show.
struct Listener {
    app: App,
    organization: Uuid,
    show: Uuid,
    audience: Audience,
    feed: Receiver<Arc<LiveChange>>,
    still_there: StillThere,
}

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
    State(app): State<App>,
    needs: Needs<may::StreamLive>,
    ShowName(name): ShowName,
    position: Position,
    params: Params<NoParams>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let seen = SeenShow::find(&app, &needs.caller, &name, position).await?;
    params.get()?;
    let heard = last_event_id(&headers)?;
    let (organization, show, audience) = (seen.organization, seen.id, seen.audience());
    // Listens before it asks, so that nothing is missed between.
    let feed = app.live.subscribe(organization, show, audience);
    let still_there = StillThere::new(&headers, &needs.caller);
    let listener = Listener { app: app.clone(), organization, show, audience, feed, still_there };
    let known = *app.queries.checkpoint().borrow();
    let mut missed = listener.changes(heard.unwrap_or(known)).await?;
    if heard.is_some_and(|heard| heard > missed.position) {
        // Heard from a history that is no more, such as one before a restored backup.
        missed = ChangesView { reset: true, ..listener.changes(0).await? };
    }
    let begins_at = missed.position;
    let first = event(begins_at, serde_json::to_string(&missed).map_err(|error| Problem::internal(&error))?);
    let events = Sse::new(listener.events(first, begins_at));
    let mut response = events.keep_alive(KeepAlive::new().interval(COMMENT_EVERY)).into_response();
    caching(response.headers_mut(), if seen.staff.is_some() { For::Caller } else { For::Everybody });
    response.headers_mut().insert(POSITION_HEADER, HeaderValue::from(begins_at));
    // Proxies of nginx's kind would collect a stream before they pass it on.
    response.headers_mut().insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let id = value.to_str().ok().and_then(|text| text.parse::<i64>().ok()).filter(|id| *id >= 0);
    id.map(Some).ok_or_else(|| Problem::invalid_at("/Last-Event-ID", "is no id of an event of this stream"))
}

fn event(position: i64, json: String) -> Event {
    Event::default().id(position.to_string()).data(json)
}

impl Listener {
    async fn changes(&self, after: i64) -> Result<ChangesView, Problem> {
        let now = self.app.clock.now();
        Ok(self.app.queries.changes(self.organization, self.show, after, now, self.audience).await?.body)
    }

    /// The first event, then all that come; ends when the server does, or cannot be asked for what was missed, or the
    /// credentials are no more.
    fn events(mut self, first: Event, begins_at: i64) -> impl Stream<Item = Result<Event, Infallible>> {
        async_stream::stream! {
            let gone = self.still_there.clone().until_gone(self.app.clone());
            tokio::pin!(gone);
            yield Ok(first);
            let mut told = begins_at;
            loop {
                let heard = tokio::select! {
                    () = self.app.closing.cancelled() => return,
                    () = &mut gone => return,
                    heard = self.feed.recv() => heard,
                };
                match heard {
                    // At the same position: a sales window opened or closed.
                    Ok(change) if change.position >= told => {
                        told = change.position;
                        yield Ok(event(told, change.json.clone()));
                    }
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => {
                        let Ok(missed) = self.changes(told).await else { return };
                        told = missed.position;
                        if let (false, Ok(json)) = (missed.is_empty(), serde_json::to_string(&missed)) {
                            yield Ok(event(told, json));
                        }
                    }
                    Err(RecvError::Closed) => return,
                }
            }
        }
    }
}
