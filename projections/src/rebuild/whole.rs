//! Folds whole streams, and renders their rows once, at the end: what live projection writes again with every change.
//!
//! What always holds: the rows of a stream say the same as if it had been projected event by event up to the position, poison
//! included. Pages are read and decoded ahead by tasks of their own, so that reading, folding and writing overlap.

use std::collections::HashSet;

use domain::{ShowEvent, events::DecodeError};
use event_store::{Log, ReadError, RecordedEvent, StreamHead, StreamType};
use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};

use crate::projector::{page, rows::Rows, states::Folded, touched::Touched};

/// Events in a page of a stream: a megabyte or two.
const PAGE_EVENTS: i64 = 2_000;
/// Pages read and decoded ahead of the fold.
const PAGES_AHEAD: usize = 4;
/// Rows of one table that are rendered together.
const RENDERED_TOGETHER: usize = 1_000;

/// An event, and what it says where it is a show's.
type Decoded = (RecordedEvent, Option<Result<ShowEvent, DecodeError>>);

/// Takes rows as they come, and has them written.
pub(crate) trait Sink {
    /// Why they are not written; also why they could not be read.
    type Error: From<ReadError>;

    /// Where more rows go.
    fn rows(&mut self) -> &mut Rows;
    /// So many more events were folded; whatever is full is handed on.
    async fn progress(&mut self, events: u64) -> Result<(), Self::Error>;
}

/// A stream that was folded.
pub(crate) struct Whole {
    /// Its state, as far as it goes; of a show.
    pub folded: Folded,
    /// Whether it stopped at an event that cannot be understood.
    pub stopped: bool,
}

/// Folds a stream, and renders its rows into `sink`.
///
/// `stops_at`: where the live tables stopped at a poison that is to be respected, even if it can be understood by now.
pub(crate) async fn fold<S: Sink>(
    log: &Log,
    head: StreamHead,
    stops_at: Option<i64>,
    sink: &mut S,
) -> Result<Whole, S::Error> {
    match head.stream_type {
        StreamType::Show => show(log, head, stops_at, sink).await,
        StreamType::Organization => organization(log, head, stops_at, sink).await,
    }
}

async fn show<S: Sink>(log: &Log, head: StreamHead, stops_at: Option<i64>, sink: &mut S) -> Result<Whole, S::Error> {
    let mut folded = Folded::default();
    let mut touched = Touched::default();
    let mut stopped = false;
    let mut pages = pages(log, head);
    while let Some(page) = pages.try_next().await? {
        let events = page.len() as u64;
        for (recorded, event) in page {
            let subjects = match event {
                _ if stopped => page::named(&recorded).unwrap_or_default(),
                _ if stops_at == Some(recorded.position) => {
                    stopped = true;
                    Vec::new()
                }
                Some(Ok(event)) => folded.take(&mut touched, sink.rows(), &recorded, &event),
                Some(Err(error)) => {
                    stopped = true;
                    sink.rows().stop(page::poison(&recorded, &error));
                    Vec::new()
                }
                // Not reached: every event of a show's stream was decoded.
                None => Vec::new(),
            };
            sink.rows().enter(&recorded, subjects);
        }
        sink.progress(events).await?;
    }
    folded.tell_facts(sink.rows());
    if let Some(show) = folded.state.show() {
        for part in touched.in_parts_of(RENDERED_TOGETHER) {
            sink.rows().render(head.organization, show, &part);
            sink.progress(0).await?;
        }
    }
    Ok(Whole { folded, stopped })
}

async fn organization<S: Sink>(
    log: &Log,
    head: StreamHead,
    stops_at: Option<i64>,
    sink: &mut S,
) -> Result<Whole, S::Error> {
    let mut stopped = HashSet::new();
    let mut pages = pages(log, head);
    while let Some(page) = pages.try_next().await? {
        let events = page.len() as u64;
        for (recorded, _) in page {
            let subjects = if stopped.contains(&recorded.stream) {
                page::named(&recorded)
            } else if stops_at == Some(recorded.position) {
                stopped.insert(recorded.stream);
                None
            } else {
                page::of_organization(&mut stopped, sink.rows(), &recorded)
            };
            sink.rows().enter(&recorded, subjects.unwrap_or_default());
        }
        sink.progress(events).await?;
    }
    Ok(Whole { folded: Folded::default(), stopped: !stopped.is_empty() })
}

/// A stream's pages up to its head, in order, some of them read and decoded ahead.
fn pages(log: &Log, head: StreamHead) -> impl Stream<Item = Result<Vec<Decoded>, ReadError>> + Unpin + use<> {
    let log = log.clone();
    let span = usize::try_from(PAGE_EVENTS).unwrap_or(1);
    let pages = (0..head.version).step_by(span).map(move |after| {
        let log = log.clone();
        tokio::spawn(async move {
            let events = log.stream(head.stream, after, PAGE_EVENTS.min(head.version - after)).await?;
            if events.is_empty() {
                return Err(ReadError::Hole { expected: after + 1, found: head.version + 1 });
            }
            Ok(events.into_iter().map(decoded).collect())
        })
    });
    Box::pin(stream::iter(pages).buffered(PAGES_AHEAD).map(|page| {
        page.unwrap_or_else(|gone| Err(ReadError::Corrupt { what: format!("a page could not be decoded: {gone}") }))
    }))
}

fn decoded(recorded: RecordedEvent) -> Decoded {
    let event = match recorded.stream_type {
        StreamType::Show => Some(ShowEvent::decode(&recorded.event_type, recorded.schema, &recorded.payload)),
        StreamType::Organization => None,
    };
    (recorded, event)
}
