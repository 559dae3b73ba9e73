//! Everything that fits, one event a line, sent as it is read.
//!
//! What always holds: no more than two pages of events and some chunks of an answer are in memory, however long it is, and a reader
//! who is slow holds no connection to the database. What goes wrong behind the first byte breaks the connection off, so that nobody
//! takes a part for the whole.

use std::{io::Error, time::Duration};

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::Response,
};
use bytes::Bytes;
use projections::history::EveryEvent;
use tokio::sync::{Semaphore, mpsc};
use tokio_stream::wrappers::ReceiverStream;

use crate::{
    answer::{For, caching},
    extract::POSITION_HEADER,
    problem::Problem,
};

/// At a time: each reads page after page.
const AT_ONCE_MAX: usize = 3;
static AT_ONCE: Semaphore = Semaphore::const_new(AT_ONCE_MAX);

/// A chunk is sent when it has so many bytes.
const CHUNK_BYTES: usize = 64 * 1024;
/// Chunks that wait for the reader.
const CHUNKS_WAITING_MAX: usize = 4;
/// A reader who takes no chunk for so long is gone.
const READER_STANDS_STILL_MAX: Duration = Duration::from_secs(60);

type Chunks = mpsc::Sender<Result<Bytes, Error>>;

/// Answers events one a line.
///
/// # Errors
/// 503 where too many are under way.
pub(super) fn answer(events: EveryEvent) -> Result<Response, Problem> {
    let permit = AT_ONCE.try_acquire().map_err(|_| Problem::overloaded())?;
    let position = events.position;
    let (chunks, body) = mpsc::channel(CHUNKS_WAITING_MAX);
    tokio::spawn(async move {
        if let Err(error) = lines(events, &chunks).await {
            tracing::warn!(%error, "a history was broken off");
            // Whoever is gone does not hear it.
            let _ = chunks.try_send(Err(error));
        }
        drop(permit);
    });
    let mut response = Response::new(Body::from_stream(ReceiverStream::new(body)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    let file = format!("attachment; filename=\"history-{position}.ndjson\"");
    if let Ok(file) = HeaderValue::from_str(&file) {
        headers.insert(header::CONTENT_DISPOSITION, file);
    }
    headers.insert(POSITION_HEADER, HeaderValue::from(position));
    caching(headers, For::Caller);
    Ok(response)
}

async fn lines(mut events: EveryEvent, chunks: &Chunks) -> Result<(), Error> {
    let mut chunk = Vec::with_capacity(CHUNK_BYTES * 2);
    while let Some(page) = events.next_page().await.map_err(Error::other)? {
        for event in page {
            serde_json::to_writer(&mut chunk, &event)?;
            chunk.push(b'\n');
            if chunk.len() >= CHUNK_BYTES {
                send(chunks, std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK_BYTES * 2))).await?;
            }
        }
    }
    send(chunks, chunk).await
}

async fn send(chunks: &Chunks, chunk: Vec<u8>) -> Result<(), Error> {
    match tokio::time::timeout(READER_STANDS_STILL_MAX, chunks.send(Ok(chunk.into()))).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(Error::other("its reader is gone")),
        Err(_) => Err(Error::other("its reader stands still")),
    }
}
