//! Writers without a desk: each appends to a stream of its own and holds the recorder to what it answers.
//!
//! A desk tells its clients less than the recorder tells it. That nothing of an append was written which was refused is seen here.

use std::{sync::Arc, time::Duration};

use event_store::{Append, AppendError, Appended, Metadata, NewEvent, StreamType};
use uuid::Uuid;

use crate::{lock, nodes::Nodes, server::Server};

/// The type of their events, which no show has.
pub const NOTED: &str = "Noted";

/// An append and its answer.
#[derive(Debug)]
pub struct Noted {
    pub stream: Uuid,
    pub command: Uuid,
    pub events: i64,
    pub answer: Answer,
}

/// What an answer says.
#[derive(Debug)]
pub enum Answer {
    Written(Appended),
    /// Nothing of it was written.
    NotWritten,
    /// Nobody said.
    Open,
}

/// Appends so many times, through whichever node, and says what was answered.
pub async fn write(server: Arc<Server>, nodes: Arc<Nodes>, organization: Uuid, times: u32) -> Vec<Noted> {
    let chance = server.chance.clone();
    let stream = chance.id();
    let mut version = 0;
    let mut noted = Vec::new();
    for _ in 0..times {
        tokio::time::sleep(chance.millis(0, 600)).await;
        let command = chance.id();
        let events = chance.between(1, 3);
        let append = append(organization, stream, command, version, events);
        let node = nodes.any().await;
        let answer = tokio::select! {
            biased;
            () = node.network.is_cut() => None,
            answer = tokio::time::timeout(Duration::from_secs(60), node.recorder.append(append)) => answer.ok(),
        };
        server.trace("noted", &format!("{command} {answer:?}"));
        let answer = match answer {
            Some(Ok(appended)) => {
                version = appended.version;
                Answer::Written(appended)
            }
            Some(Err(AppendError::Conflict { current_version })) => {
                version = current_version;
                Answer::NotWritten
            }
            Some(Err(AppendError::Stopped)) | None => Answer::Open,
            Some(Err(_)) => Answer::NotWritten,
        };
        if matches!(answer, Answer::Open) {
            version = lock(&server.state).version(stream);
        }
        noted.push(Noted { stream, command, events: events.into(), answer });
    }
    noted
}

fn append(organization: Uuid, stream: Uuid, command: Uuid, expected_version: i64, events: u32) -> Append {
    let event = |number: u32| NewEvent {
        event_type: NOTED.to_owned(),
        schema: 1,
        payload: number.to_string(),
        metadata: Metadata {
            actor: "simulation".to_owned(),
            device: None,
            channel: None,
            command,
            request_hmac: None,
            correlation: command,
            causation: None,
        },
    };
    Append {
        organization,
        stream_type: StreamType::Show,
        stream,
        expected_version,
        events: (0..events).map(event).collect(),
        vault: Vec::new(),
        secrets: Vec::new(),
    }
}
