//! The WebSocket: the messages of the live stream, resumable, for pages of the server's own origin, as long as credentials hold.

use std::time::Duration;

use black_box::{Client, Show, issue_key, shared};
use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest as _},
};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

const SOON: Duration = Duration::from_secs(20);

/// Opens a socket at a path below the API's base, with more headers.
async fn open(client: &Client, path: &str, headers: &[(&'static str, &str)]) -> Result<Socket, Error> {
    let mut request = format!("ws://{}/api/v1{path}", client.address()).into_client_request().expect("a request");
    let bearer = client.token().map(|token| ("authorization", format!("Bearer {token}")));
    let more = headers.iter().map(|(name, value)| (*name, (*value).to_owned()));
    for (name, value) in bearer.into_iter().chain(more) {
        request.headers_mut().insert(name, value.parse().expect("a header"));
    }
    connect_async(request).await.map(|(socket, _)| socket)
}

/// Reads messages until one is wanted.
async fn hear(socket: &mut Socket, wanted: impl Fn(&Value) -> bool) -> Value {
    let listen = async {
        loop {
            match socket.next().await.expect("the socket goes on").expect("a message") {
                Message::Text(text) => {
                    let data: Value = serde_json::from_str(&text).expect("JSON");
                    if wanted(&data) {
                        return data;
                    }
                }
                Message::Ping(_) => {}
                other => panic!("{other:?}"),
            }
        }
    };
    tokio::time::timeout(SOON, listen).await.expect("the message within 20 s")
}

/// The read side knows the show by now: a socket asks for no position.
async fn known(show: &Show) -> u64 {
    let head = show.head().await;
    show.seen("", head).await;
    head
}

fn status(refused: Result<Socket, Error>) -> u16 {
    match refused {
        Err(Error::Http(answer)) => answer.status().as_u16(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn socket_stream_and_poll_say_the_same() {
    let (show, seat) = Show::seated(&shared(), "Three forms", 1, 5, json!({})).await;
    let start = known(&show).await;
    let client = &show.anyone;
    let mut socket = open(client, &show.path(&format!("/socket?after={start}")), &[]).await.expect("a socket");
    let mut stream =
        client.get(&show.path("/live")).header("last-event-id", &start.to_string()).stream().await.bytes_stream();
    let poll = tokio::spawn(client.get(&show.path(&format!("/changes?after={start}&wait=20"))).expect(200));
    let sold = show.sell(json!([{ "ticket_type": seat, "seats": ["Stalls-1-3"] }])).await;

    let wanted = |data: &Value| data["seats"].get("Stalls-1-3").is_some();
    let mut by_socket = hear(&mut socket, wanted).await;
    let mut by_poll = poll.await.expect("an answer").json;
    let mut text = String::new();
    let by_stream = loop {
        let chunk =
            tokio::time::timeout(SOON, stream.next()).await.expect("in time").expect("goes on").expect("a chunk");
        text.push_str(&String::from_utf8_lossy(&chunk));
        let messages =
            text.lines().filter_map(|line| line.strip_prefix("data:")).filter_map(|d| serde_json::from_str(d).ok());
        if let Some(data) = messages.into_iter().find(wanted) {
            break data;
        }
    };
    assert_eq!(by_socket["seats"], json!({ "Stalls-1-3": "taken" }));
    assert!(by_socket["position"].as_u64() >= Some(sold.position()));
    assert_eq!(by_socket, by_stream);
    // The poll is told by itself: how far that goes depends on what else has happened, with other shows of the organization, say.
    assert!(by_poll["position"].take().as_u64() >= Some(sold.position()));
    by_socket["position"].take();
    assert_eq!(by_socket, by_poll);
    assert!(
        by_socket["attendance"].is_null() && by_socket["availability"]["sections"][0]["sold"].is_null(),
        "{by_socket}"
    );
}

#[tokio::test]
async fn a_socket_goes_on_where_it_broke_off() {
    let (show, seat) = Show::seated(&shared(), "Socket resumed", 1, 5, json!({})).await;
    let first = show.sell(json!([{ "ticket_type": seat, "seats": ["Stalls-1-1"] }])).await;
    let missed = show.sell(json!([{ "ticket_type": seat, "seats": ["Stalls-1-2"] }])).await;
    known(&show).await;
    let path = show.path(&format!("/socket?after={}", first.position()));
    let mut resumed = open(&show.anyone, &path, &[]).await.expect("a socket");
    let data = hear(&mut resumed, |data| data["seats"].get("Stalls-1-2").is_some()).await;
    assert!(data["position"].as_u64() >= Some(missed.position()));
    assert!(data["seats"].get("Stalls-1-1").is_none(), "what was heard before is not told again: {data}");

    // Heard from a history that is no more: begin anew.
    let path = show.path(&format!("/socket?after={}", u32::MAX));
    let mut anew = open(&show.anyone, &path, &[]).await.expect("a socket");
    let data = hear(&mut anew, |_| true).await;
    assert_eq!(
        (&data["reset"], &data["seats"]),
        (&json!(true), &json!({ "Stalls-1-1": "taken", "Stalls-1-2": "taken" }))
    );
}

#[tokio::test]
async fn staff_are_told_more_by_socket_and_may_say_anything() {
    let (show, floor) = Show::standing(&shared(), "Socket door", 10, json!({})).await;
    let ticket = show.sell_one(&floor).await;
    known(&show).await;
    let mut staff = open(&show.staff, &show.path("/socket"), &[]).await.expect("a socket");
    staff.send(Message::text("hello")).await.expect("to be heard");
    show.check_in(json!({ "ticket": ticket["id"] })).await;
    let data = hear(&mut staff, |data| data["attendance"]["admitted"] == 1).await;
    assert_eq!(data["attendance"]["inside"], 1, "{data}");
}

#[tokio::test]
async fn pages_of_other_origins_get_no_socket() {
    let (show, _) = Show::standing(&shared(), "Socket origins", 10, json!({})).await;
    known(&show).await;
    let path = show.path("/socket");
    let (own, foreign) = (format!("http://{}", show.anyone.address()), "https://elsewhere.example");
    assert_eq!(status(open(&show.anyone, &path, &[("origin", foreign)]).await), 403);
    assert_eq!(status(open(&show.anyone, &path, &[("origin", foreign), ("cookie", "turnout_session=any")]).await), 403);
    assert_eq!(status(open(&show.anyone, &path, &[("origin", "null")]).await), 403);
    let mut socket = open(&show.anyone, &path, &[("origin", &own)]).await.expect("a socket");
    hear(&mut socket, |data| data["reset"] == false).await;
}

#[tokio::test]
async fn what_asks_for_no_socket_or_for_a_hidden_show_gets_none() {
    let (show, _) = Show::standing(&shared(), "No socket", 10, json!({})).await;
    known(&show).await;
    show.anyone.get(&show.path("/socket")).problem(422, "invalid").await;
    show.anyone.get(&show.path("/socket?after=-1")).problem(422, "invalid").await;
    let draft = Show::draft(&shared(), "Hidden socket", json!({})).await;
    assert_eq!(status(open(&draft.anyone, &draft.path("/socket"), &[]).await), 404);
    let stranger = shared().with_bearer("tk_nobody");
    assert_eq!(status(open(&stranger, &show.path("/socket"), &[]).await), 401);
}

#[tokio::test]
async fn a_socket_ends_with_its_credentials() {
    let (show, _) = Show::standing(&shared(), "Socket key", 10, json!({})).await;
    known(&show).await;
    let (id, key) = issue_key(&show.staff, "seller", json!({})).await;
    let mut socket = open(&key, &show.path("/socket"), &[]).await.expect("a socket");
    hear(&mut socket, |_| true).await;
    show.staff.delete(&format!("/api-keys/{id}")).expect(204).await;
    let ended = async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Close(frame))) => return frame,
                Some(Ok(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    };
    let frame = tokio::time::timeout(SOON, ended).await.expect("an end within 20 s").expect("a reason");
    assert_eq!(u16::from(frame.code), 1008, "{frame:?}");
}
