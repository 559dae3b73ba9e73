//! Reports to take away, sent as they are read: CSV (RFC 4180), one JSON row a line, XLSX.
//!
//! What always holds: no more than some chunks of an answer are in memory, however long it is. What goes wrong behind the first byte
//! breaks the connection off, so that nobody takes a part for the whole. A reader who stands still does not keep the database's
//! connection for ever, and no more than a few have one at a time.

use std::{
    fs::File,
    io::{Error, Read, Seek},
    time::Duration,
};

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::Response,
};
use bytes::Bytes;
use futures::TryStreamExt;
use projections::reports::OpenReport;
use tokio::sync::{Semaphore, mpsc};
use tokio_stream::wrappers::ReceiverStream;

use super::{
    json::Told,
    params::{Asked, Format},
    table::{Cell, Table},
    xlsx,
};
use crate::{
    answer::{For, caching},
    extract::POSITION_HEADER,
    problem::Problem,
};

/// At a time: each has a connection to the database and reads in one snapshot.
const AT_ONCE_MAX: usize = 3;
static AT_ONCE: Semaphore = Semaphore::const_new(AT_ONCE_MAX);

/// A chunk is sent when it has so many bytes: a few hundred rows.
const CHUNK_BYTES: usize = 64 * 1024;
/// Chunks that wait for the reader.
const CHUNKS_WAITING_MAX: usize = 4;
/// A reader who takes no chunk for so long is gone.
const READER_STANDS_STILL_MAX: Duration = Duration::from_secs(60);

type Chunks = mpsc::Sender<Result<Bytes, Error>>;

/// Answers a report in a format that is streamed.
///
/// # Errors
/// 503 where too many are under way, or the database is away.
pub(super) async fn answer(mut open: OpenReport, asked: Asked) -> Result<Response, Problem> {
    let permit = AT_ONCE.try_acquire().map_err(|_| Problem::overloaded())?;
    open.take_time().await?;
    let (position, name, format) = (open.position, open.report.name, asked.format);
    let (chunks, body) = mpsc::channel(CHUNKS_WAITING_MAX);
    tokio::spawn(async move {
        let sent = match format {
            Format::Csv => csv(open, &asked, &chunks).await,
            Format::Xlsx => spreadsheet(open, &asked, &chunks).await,
            Format::Json | Format::Ndjson => lines(open, &asked, &chunks).await,
        };
        if let Err(error) = sent {
            tracing::warn!(report = name, %error, "a report was broken off");
            // Whoever is gone does not hear it.
            let _ = chunks.try_send(Err(error));
        }
        drop(permit);
    });
    let (kind, ending) = match format {
        Format::Csv => ("text/csv; charset=utf-8; header=present", "csv"),
        Format::Xlsx => ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
        Format::Json | Format::Ndjson => ("application/x-ndjson", "ndjson"),
    };
    let mut response = Response::new(Body::from_stream(ReceiverStream::new(body)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let file = format!("attachment; filename=\"{name}-{position}.{ending}\"");
    if let Ok(file) = HeaderValue::from_str(&file) {
        headers.insert(header::CONTENT_DISPOSITION, file);
    }
    headers.insert(POSITION_HEADER, HeaderValue::from(position));
    caching(headers, For::Caller);
    Ok(response)
}

async fn csv(mut open: OpenReport, asked: &Asked, chunks: &Chunks) -> Result<(), Error> {
    let table = Table::of(&open, asked);
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(table.columns().iter().map(|(name, _)| name))?;
    let mut rows = std::pin::pin!(open.rows());
    while let Some(row) = rows.try_next().await.map_err(Error::other)? {
        writer.write_record(table.cells(&row).iter().map(text))?;
        if writer.get_ref().len() >= CHUNK_BYTES {
            writer.flush()?;
            let full = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
            send(chunks, full).await?;
            writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        }
    }
    send(chunks, writer.into_inner().map_err(csv::IntoInnerError::into_error)?).await
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Count(n) => n.to_string(),
        Cell::Money(money) => money.decimal(),
    }
}

async fn lines(mut open: OpenReport, asked: &Asked, chunks: &Chunks) -> Result<(), Error> {
    let told = Told::of(&open, asked);
    let mut chunk = Vec::with_capacity(CHUNK_BYTES * 2);
    let mut rows = std::pin::pin!(open.rows());
    while let Some(row) = rows.try_next().await.map_err(Error::other)? {
        serde_json::to_writer(&mut chunk, &told.row(&row))?;
        chunk.push(b'\n');
        if chunk.len() >= CHUNK_BYTES {
            send(chunks, std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK_BYTES * 2))).await?;
        }
    }
    send(chunks, chunk).await
}

/// A spreadsheet has its table of contents at its end and is written to a file first, of which nothing is left when it is sent.
async fn spreadsheet(mut open: OpenReport, asked: &Asked, chunks: &Chunks) -> Result<(), Error> {
    let table = Table::of(&open, asked);
    let (cells, filled) = mpsc::channel(1_024);
    let columns = table.columns();
    let name = open.report.name;
    let writing = tokio::task::spawn_blocking(move || xlsx::write(name, &columns, filled));
    {
        let mut rows = std::pin::pin!(open.rows());
        while let Some(row) = rows.try_next().await.map_err(Error::other)? {
            if cells.send(table.cells(&row)).await.is_err() {
                break;
            }
        }
    }
    drop(cells);
    drop(open);
    let mut file = writing.await.map_err(Error::other)??;
    loop {
        let (read, back) = tokio::task::spawn_blocking(move || chunk(file)).await.map_err(Error::other)??;
        file = back;
        if read.is_empty() {
            return Ok(());
        }
        send(chunks, read).await?;
    }
}

fn chunk(mut file: File) -> Result<(Vec<u8>, File), Error> {
    debug_assert!(file.stream_position().is_ok());
    let mut chunk = Vec::with_capacity(CHUNK_BYTES);
    file.by_ref().take(CHUNK_BYTES as u64).read_to_end(&mut chunk)?;
    Ok((chunk, file))
}

async fn send(chunks: &Chunks, chunk: Vec<u8>) -> Result<(), Error> {
    match tokio::time::timeout(READER_STANDS_STILL_MAX, chunks.send(Ok(chunk.into()))).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(Error::other("its reader is gone")),
        Err(_) => Err(Error::other("its reader stands still")),
    }
}
