//! Live on every server for queries: whoever listened at one that is gone goes on at another, and hears everything once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use black_box::{Client, Show};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::replica::Databases;

const WITHIN: Duration = Duration::from_secs(30);
const SEATS: u32 = 120;

/// A listener at one server.
struct Listening {
    stream: reqwest::Response,
    text: String,
}

impl Listening {
    async fn at(server: &Client, show: &Show, heard: Option<u64>) -> Self {
        let live = server.get(&show.path("/live")).at_once();
        let live = match heard {
            Some(heard) => live.header("last-event-id", &heard.to_string()),
            None => live,
        };
        let stream = live.stream().await;
        assert_eq!(stream.status().as_u16(), 200);
        Self { stream, text: String::new() }
    }

    /// The next message and its position; none once the connection is broken.
    async fn next(&mut self) -> Option<(u64, Value)> {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let message: String = self.text.drain(..end + 2).collect();
                let field = |name: &str| message.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
                // What has no data is a comment.
                let Some(data) = field("data:") else { continue };
                let id = field("id:").and_then(|id| id.parse().ok()).expect("an id that is a position");
                return Some((id, serde_json::from_str(data).expect("a message")));
            }
            let chunk = tokio::time::timeout(WITHIN, self.stream.chunk()).await.expect("a message in time");
            self.text.push_str(&String::from_utf8_lossy(&chunk.ok().flatten()?));
        }
    }
}

/// What somebody heard: how often of each seat, and up to where.
#[derive(Default)]
struct Heard {
    seats: BTreeMap<String, u32>,
    up_to: Option<u64>,
}

impl Heard {
    fn take(&mut self, (position, message): (u64, Value)) {
        // Where it begins is said again; nothing is said of what was before.
        assert!(self.up_to.is_none_or(|before| before <= position), "{position} behind {:?}", self.up_to);
        assert_eq!(message["reset"], false, "{message}");
        for (seat, state) in message["seats"].as_object().expect("seats") {
            assert_eq!(state, "taken", "{message}");
            *self.seats.entry(seat.clone()).or_default() += 1;
        }
        self.up_to = Some(position);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_listened_at_a_server_that_was_killed_goes_on_at_another_and_hears_everything_once() {
    let databases = Databases::start().await;
    let commands = databases.node(&[("TURNOUT_ROLE", "commands")]).await;
    let _projectors = databases.node(&[("TURNOUT_ROLE", "projectors")]).await;
    let mut queries = databases.node(&[("TURNOUT_ROLE", "queries")]).await;
    let others = databases.node(&[("TURNOUT_ROLE", "queries")]).await;
    let (show, seat) = Show::seated(&commands.staff(), "Heard everywhere", 1, SEATS, json!({})).await;
    let begin = show.head().await;
    queries.staff().get(&show.path("/seats")).at_position(begin).expect(200).await;

    let mut listening = Listening::at(&queries.anyone(), &show, Some(begin)).await;
    let killed = Arc::new(Semaphore::new(0));
    let selling = tokio::spawn({
        let (show, seat, killed) = (show.clone(), seat.clone(), Arc::clone(&killed));
        async move {
            for number in 1..=SEATS {
                if number > SEATS / 2 {
                    // Whatever happened until then, so much nobody can have heard there.
                    let _ = killed.acquire().await.expect("the kill");
                }
                show.sell_seat(&seat, &format!("Stalls-1-{number}")).await;
            }
        }
    });
    let seats = SEATS as usize;
    let mut heard = Heard::default();
    while heard.seats.len() < 5 {
        heard.take(listening.next().await.expect("it goes on"));
    }
    // In the middle of the sale; what it still said is heard, too.
    queries.kill();
    killed.add_permits(1);
    while let Some(message) = listening.next().await {
        heard.take(message);
    }
    assert!(heard.seats.len() <= seats / 2, "heard at a server that was killed: {:?}", heard.seats);
    // The sale goes on meanwhile.
    let mut listening = Listening::at(&others.anyone(), &show, heard.up_to).await;
    while heard.seats.len() < seats {
        heard.take(listening.next().await.expect("it goes on"));
    }
    selling.await.expect("every seat is sold");
    let again: Vec<_> = heard.seats.iter().filter(|(_, times)| **times > 1).collect();
    assert!(again.is_empty(), "heard again: {again:?}");
}
