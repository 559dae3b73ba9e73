//! `turnout replay --all`: every stream folded, shows and organizations, and the hash of all their states.

use std::collections::BTreeMap;

use anyhow::Context as _;
use domain::{OrganizationEvent, OrganizationState, ShowEvent, ShowState, StateHash, show::FOLD_VERSION};
use event_store::{Log, RecordedEvent, StreamType};
use serde_json::json;
use uuid::Uuid;

use super::{Out, printed};
use crate::{counted::counted, verify};

/// How many events are read at once.
const PAGE_EVENTS: i64 = 2_000;

enum State {
    Show(ShowState),
    Organization(OrganizationState),
}

struct Stream {
    state: State,
    version: i64,
    /// Of the state as it is; none: it changed since.
    hash: Option<StateHash>,
}

#[derive(Default)]
struct Streams(BTreeMap<Uuid, Stream>);

impl Streams {
    fn take(&mut self, event: &RecordedEvent) -> anyhow::Result<()> {
        let stream = self.0.entry(event.stream).or_insert_with(|| Stream {
            state: match event.stream_type {
                StreamType::Show => State::Show(ShowState::default()),
                StreamType::Organization => State::Organization(OrganizationState::default()),
            },
            version: 0,
            hash: None,
        });
        match &mut stream.state {
            State::Show(state) => state.evolve(&ShowEvent::decode(&event.event_type, event.schema, &event.payload)?),
            State::Organization(state) => {
                state.evolve(&OrganizationEvent::decode(&event.event_type, event.schema, &event.payload)?);
            }
        }
        stream.version = event.version;
        stream.hash = None;
        Ok(())
    }

    /// The hash of all states. Only those that changed are hashed again.
    fn hash(&mut self) -> StateHash {
        StateHash::of_streams(self.0.iter_mut().map(|(id, stream)| (*id, stream.version, stream.hash())))
    }
}

impl Stream {
    fn hash(&mut self) -> StateHash {
        *self.hash.get_or_insert_with(|| match &self.state {
            State::Show(state) => StateHash::of_show(state),
            State::Organization(state) => StateHash::of_organization(state),
        })
    }

    fn kind(&self) -> &'static str {
        match self.state {
            State::Show(_) => "show",
            State::Organization(_) => "organization",
        }
    }
}

/// Folds all streams up to a position, printing the hash of all at each of the points, and each stream's at the end.
pub(super) async fn fold(log: &Log, points: &[i64], until: i64, json: bool, out: &mut Out) -> anyhow::Result<()> {
    let mut streams = Streams::default();
    let mut points = points.iter().copied().filter(|point| *point <= until).peekable();
    let progress = verify::progress(u64::try_from(until)?);
    let mut position = 0;
    while position < until {
        let page = log.page(position, PAGE_EVENTS.min(until - position)).await.context("the log cannot be read")?;
        let Some(last) = page.last() else { break };
        position = last.position;
        progress.inc(page.len() as u64);
        for event in page {
            streams.take(&event).with_context(|| format!("the event at position {} cannot be read", event.position))?;
            if points.next_if_eq(&event.position).is_some() {
                out.line(&printed(event.position, streams.hash(), json))?;
            }
        }
    }
    progress.finish_and_clear();
    let hash = streams.hash();
    if json {
        let each = |(id, stream): (&Uuid, &mut Stream)| json!({ "stream": id, "stream_type": stream.kind(), "events": stream.version, "state_hash": stream.hash().to_string() });
        let each: Vec<_> = streams.0.iter_mut().map(each).collect();
        let end =
            json!({ "position": position, "fold": FOLD_VERSION, "state_hash": hash.to_string(), "streams": each });
        return out.line(&end.to_string());
    }
    for (id, stream) in &mut streams.0 {
        out.line(&format!(
            "{:<12}  {id}  {}  {}",
            stream.kind(),
            stream.hash(),
            counted(stream.version, "event", "events")
        ))?;
    }
    out.line(&format!(
        "{} at position {position}, folded by fold {FOLD_VERSION}: {hash}",
        counted(streams.0.len(), "stream", "streams")
    ))
}
