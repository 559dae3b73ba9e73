//! What waits for the recorder, and which of it goes into the next batch. Pure: no database, no time.
//!
//! A batch has at most one item of a stream (the version of a second one is not known before the first is decided) and is
//! bounded by events and bytes. What has to wait keeps its order.

use std::collections::{HashSet, VecDeque};

use tokio::sync::oneshot;
use tokio::time::Instant;
use uuid::Uuid;

use crate::event::{Append, Appended};
use crate::hash::content_hash;
use crate::recorder::AppendError;

/// An append on its way, with everything that can be made before its turn comes.
#[derive(Debug)]
pub struct Request {
    pub(super) append: Append,
    /// One per event.
    pub(super) hashes: Vec<[u8; 32]>,
    /// JSON text, one per vault entry.
    pub(super) vault_fields: Vec<String>,
    pub(super) since: Instant,
    pub(super) bytes: usize,
    reply: oneshot::Sender<Result<Appended, AppendError>>,
}

/// Bounds of one batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) events_max: usize,
    pub(super) bytes_max: usize,
}

impl Request {
    pub(super) fn new(append: Append, reply: oneshot::Sender<Result<Appended, AppendError>>) -> Self {
        let hashes = append.events.iter().map(content_hash).collect();
        let vault_fields: Vec<String> = append.vault.iter().map(|entry| entry.fields.to_string()).collect();
        let bytes = append.events.iter().map(|event| event.payload.len()).sum::<usize>()
            + vault_fields.iter().map(String::len).sum::<usize>();
        Self { append, hashes, vault_fields, since: Instant::now(), bytes, reply }
    }

    /// What is to be written, and if the stream is where it says.
    #[must_use]
    pub fn append(&self) -> &Append {
        &self.append
    }

    /// The content hashes of its events.
    #[must_use]
    pub fn hashes(&self) -> &[[u8; 32]] {
        &self.hashes
    }

    /// Nobody may be waiting any more; that is all right.
    pub(super) fn answer(self, answer: Result<Appended, AppendError>) {
        let _ = self.reply.send(answer);
    }

    /// An item without events costs a row of the answer: it counts like an event.
    fn events(&self) -> usize {
        self.append.events.len().max(1)
    }
}

/// Takes the next batch off the front of `waiting`. Never empty unless `waiting` is; the first item is always in it.
pub(super) fn take(waiting: &mut VecDeque<Request>, limits: Limits) -> Vec<Request> {
    let mut batch: Vec<Request> = Vec::new();
    let mut later = VecDeque::new();
    let mut streams: HashSet<Uuid> = HashSet::new();
    let (mut events, mut bytes) = (0, 0);
    while let Some(request) = waiting.pop_front() {
        if !streams.insert(request.append.stream) {
            later.push_back(request);
            continue;
        }
        events += request.events();
        bytes += request.bytes;
        if !batch.is_empty() && (events > limits.events_max || bytes > limits.bytes_max) {
            later.push_back(request);
            break;
        }
        batch.push(request);
    }
    later.append(waiting);
    *waiting = later;
    batch
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::StreamType;

    fn request(stream: u128, expected_version: i64) -> Request {
        let append = Append {
            organization: Uuid::nil(),
            stream_type: StreamType::Show,
            stream: Uuid::from_u128(stream),
            expected_version,
            events: Vec::new(),
            vault: Vec::new(),
            secrets: Vec::new(),
        };
        Request::new(append, oneshot::channel().0)
    }

    fn names(requests: impl IntoIterator<Item = Request>) -> Vec<(u128, i64)> {
        requests.into_iter().map(|request| (request.append.stream.as_u128(), request.append.expected_version)).collect()
    }

    #[test]
    fn a_second_item_of_a_stream_waits_and_keeps_its_order() {
        let mut waiting = VecDeque::from([request(1, 0), request(1, 1), request(2, 0), request(1, 2)]);
        let limits = Limits { events_max: 10, bytes_max: 10 };
        assert_eq!(names(take(&mut waiting, limits)), [(1, 0), (2, 0)]);
        assert_eq!(names(take(&mut waiting, limits)), [(1, 1)]);
        assert_eq!(names(take(&mut waiting, limits)), [(1, 2)]);
        assert!(take(&mut waiting, limits).is_empty());
    }

    #[test]
    fn a_full_batch_leaves_the_rest_in_order() {
        let mut waiting = VecDeque::from([request(1, 0), request(1, 1), request(2, 0), request(3, 0), request(2, 1)]);
        let limits = Limits { events_max: 2, bytes_max: 10 };
        assert_eq!(names(take(&mut waiting, limits)), [(1, 0), (2, 0)]);
        assert_eq!(names(waiting), [(1, 1), (3, 0), (2, 1)]);
    }

    #[test]
    fn an_item_larger_than_a_batch_goes_alone() {
        let mut large = request(1, 0);
        large.bytes = 1000;
        let mut waiting = VecDeque::from([large, request(2, 0)]);
        let limits = Limits { events_max: 10, bytes_max: 10 };
        assert_eq!(names(take(&mut waiting, limits)), [(1, 0)]);
        assert_eq!(names(take(&mut waiting, limits)), [(2, 0)]);
    }
}
