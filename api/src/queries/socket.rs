//! What changes, as it changes, by WebSocket (RFC 6455): the messages of the live stream as text, for whoever finds a socket
//! easier to hold than a stream.
//!
//! The server alone speaks. It pings, and closes on whoever does not answer, whose credentials have ended, or who takes nothing of
//! what waits for them. A browser sends its cookies along with a socket that a page of any origin opens, and asks no leave for
//! that: so an origin that may not use the API gets none.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{
        State, WebSocketUpgrade,
        ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code, rejection::WebSocketUpgradeRejection},
    },
    http::HeaderMap,
    response::Response,
};
use projections::{Listener, LiveChange};
use serde::Deserialize;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use utoipa::IntoParams;

use super::{changes::After, hot::SeenHot, live};
use crate::{
    app::QuerySide,
    extract::{Needs, Params, Position, ShowName, StillThere},
    openapi::PublicProblems,
    permissions::may,
    problem::Problem,
};

/// A proxy that sees nothing for half a minute takes a connection for dead.
const PING_EVERY: Duration = Duration::from_secs(15);

/// A line that moves nothing for so long is dead, as with any other answer of the server.
const SENDING_MAX: Duration = Duration::from_secs(30);

/// What is read ahead of a listener, who has nothing to say but pongs, and what is gathered before it is written: by default they
/// are 128 KB each, which ten thousand listeners would be a gigabyte of.
const BUFFER_BYTES: usize = 1_024;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SocketParams {
    /// The position of the last message that was heard: goes on behind it.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 0)]
    after: Option<After>,
}

/// What changes, as it changes, by WebSocket
///
/// Each text is as an answer of `/changes`. Goes on behind `after`. Pages of other origins need to be listed, as for all requests.
#[utoipa::path(
    get,
    path = "/shows/{show}/socket",
    tag = "Shows",
    security((), ("bearer" = []), ("session" = [])),
    params(("show" = String, Path, description = "Its id or slug"), SocketParams),
    responses((status = SWITCHING_PROTOCOLS, description = "The socket is open"), PublicProblems)
)]
pub(super) async fn open_socket(
    State(app): State<QuerySide>,
    needs: Needs<may::OpenSocket>,
    ShowName(name): ShowName,
    position: Position,
    params: Params<SocketParams>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let seen = SeenHot::find(&app, &needs.caller, &name, position).await?;
    let after = params.get()?.after.map(|After(after)| after);
    if !app.defences.cors.may_connect(&headers, &app.public_url) {
        return Err(Problem::forbidden("Pages of this origin may not use the API."));
    }
    let upgrade =
        upgrade.map_err(|why| Problem::invalid_at("/Upgrade", format!("has to ask for a WebSocket: {why}")))?;
    let mut listener = app.live.listen(&seen.state, seen.audience());
    let first = live::first(&app, &mut listener, after).await?;
    let still_there = StillThere::new(&headers, &needs.caller);
    let upgrade = upgrade
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(BUFFER_BYTES)
        .max_message_size(BUFFER_BYTES)
        .max_frame_size(BUFFER_BYTES);
    Ok(upgrade.on_upgrade(move |socket| tell(socket, app, listener, first, still_there)))
}

/// Tells what changes until the server stops, the credentials end, or the listener goes.
async fn tell(
    mut socket: WebSocket,
    app: QuerySide,
    mut listener: Listener,
    first: Arc<LiveChange>,
    still_there: StillThere,
) {
    let mut gone = still_there.until_gone(&app);
    let mut pings = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut answered = true;
    let mut next = Some(text(&first));
    drop(first);
    loop {
        if let Some(message) = next.take()
            && !sent(&mut socket, message).await
        {
            return;
        }
        let closing = tokio::select! {
            () = app.closing.cancelled() => Some((close_code::AWAY, "the server stops")),
            () = &mut gone => Some((close_code::POLICY, "the credentials have ended")),
            heard = listener.next() => match heard {
                Ok(Some(change)) => {
                    next = Some(text(&change));
                    None
                }
                Ok(None) => Some((close_code::AWAY, "the server stops")),
                Err(_) => Some((close_code::AGAIN, "what was missed cannot be read")),
            },
            _ = pings.tick() => {
                if !answered {
                    return;
                }
                answered = false;
                next = Some(Message::Ping(axum::body::Bytes::new()));
                None
            }
            said = socket.recv() => match said {
                // Whatever they say, they are there.
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => {
                    answered = true;
                    None
                }
            },
        };
        if let Some((code, reason)) = closing {
            sent(&mut socket, Message::Close(Some(CloseFrame { code, reason: Utf8Bytes::from_static(reason) }))).await;
            return;
        }
    }
}

async fn sent(socket: &mut WebSocket, message: Message) -> bool {
    matches!(timeout(SENDING_MAX, socket.send(message)).await, Ok(Ok(())))
}

fn text(change: &LiveChange) -> Message {
    // JSON is UTF-8.
    Message::Text(Utf8Bytes::try_from(change.json.clone()).unwrap_or_default())
}
