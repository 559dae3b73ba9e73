//! What one event has to do with those before it: positions and versions one after the other, a stream that stays whose it is, a
//! clock that never goes back, and shows in which nothing happens that may not.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{event::Looked, findings::Findings, judge::Judge};

struct Stream {
    organization: Uuid,
    stream_type: String,
    version: i64,
    /// Only of a show.
    judge: Option<Box<Judge>>,
}

/// The log so far. Its memory grows with the shows, not with the log's length.
#[derive(Default)]
pub(super) struct Chain {
    events: u64,
    position: i64,
    recorded_at: Option<DateTime<Utc>>,
    streams: HashMap<Uuid, Stream>,
}

impl Chain {
    /// How many events there were.
    pub(super) fn events(&self) -> u64 {
        self.events
    }

    /// How many streams there are.
    pub(super) fn streams(&self) -> usize {
        self.streams.len()
    }

    /// Takes in the next event.
    pub(super) fn take(&mut self, event: Looked, findings: &mut Findings) {
        self.events += 1;
        self.missing_before(event.position, findings);
        let mut wrong = event.wrong;
        if event.position < 1 {
            wrong.push("positions begin at 1".to_owned());
        }
        self.position = event.position;
        if let Some(before) = self.recorded_at.filter(|before| event.recorded_at < *before) {
            wrong.push(format!("recorded at {}, and the event before at {before}", event.recorded_at));
        }
        self.recorded_at = self.recorded_at.max(Some(event.recorded_at));
        let stream = self.streams.entry(event.stream).or_insert_with(|| Stream {
            organization: event.organization,
            stream_type: event.stream_type.clone(),
            version: 0,
            judge: None,
        });
        if event.version != stream.version + 1 {
            wrong.push(format!(
                "version {} of the stream {}, where {} has to come",
                event.version,
                event.stream,
                stream.version + 1
            ));
        }
        stream.version = stream.version.max(event.version);
        if event.organization != stream.organization {
            wrong.push(format!(
                "of the organization {}, and the stream {} of {}",
                event.organization, event.stream, stream.organization
            ));
        }
        if event.stream_type != stream.stream_type {
            wrong.push(format!("of the type {}, and the stream of the type {}", event.stream_type, stream.stream_type));
        }
        if let Some(event) = &event.of_show {
            wrong.extend(stream.judge.get_or_insert_default().take(event));
        }
        for what in wrong {
            findings.add(event.position, what);
        }
    }

    /// Nothing comes any more, though the log said that it goes to `head`.
    pub(super) fn end(&mut self, head: i64, findings: &mut Findings) {
        self.missing_before(head + 1, findings);
    }

    fn missing_before(&mut self, position: i64, findings: &mut Findings) {
        let expected = self.position + 1;
        if position > expected {
            let what = match position - expected {
                1 => "there is no event".to_owned(),
                _ => format!("there are no events up to {}", position - 1),
            };
            findings.add(expected, what);
        }
    }
}
