//! A zip archive that is sent while it is written: what comes in goes through deflate on a thread of its own and out in chunks.
//!
//! Both ways are bounded: whoever fills it waits for whoever reads. An archive is whole only when its end was asked for; one whose
//! filling fails breaks off. Files have no times in them, so that the same files make the same archive.

use std::{
    cell::Cell,
    io::{Error, Write},
    time::Duration,
};

use bytes::Bytes;
use tokio::{runtime::Handle, sync::mpsc};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

/// A chunk is sent when it has so many bytes.
const CHUNK_BYTES: usize = 64 * 1024;
/// Chunks that wait for the reader.
const CHUNKS_WAITING_MAX: usize = 4;
/// Pages that wait to be written: each may have a megabyte.
const PARTS_WAITING_MAX: usize = 2;
/// A reader who takes no chunk for so long is gone.
const READER_STANDS_STILL_MAX: Duration = Duration::from_secs(60);

/// What goes into the archive next.
enum Part {
    /// A file begins.
    File(&'static str),
    /// It goes on.
    Bytes(Vec<u8>),
    /// All is in it.
    End,
}

/// Fills an archive. Dropped before its end, it breaks the archive off.
pub(super) struct Pack(mpsc::Sender<Part>);

/// Begins an archive, which comes out of the receiver.
pub(super) fn begin() -> (Pack, mpsc::Receiver<Result<Bytes, Error>>) {
    let (chunks, body) = mpsc::channel(CHUNKS_WAITING_MAX);
    let (parts, filled) = mpsc::channel(PARTS_WAITING_MAX);
    let to = Reader { chunks, within: Handle::current() };
    tokio::task::spawn_blocking(move || {
        if let Err(error) = write(filled, &to) {
            // A reader who is gone does not hear it.
            let _ = to.send(Err(error));
        }
    });
    (Pack(parts), body)
}

impl Pack {
    /// A whole file.
    pub async fn file(&self, name: &'static str, bytes: Vec<u8>) -> Result<(), Error> {
        self.begin_file(name).await?;
        self.bytes(bytes).await
    }

    /// The beginning of a file.
    pub async fn begin_file(&self, name: &'static str) -> Result<(), Error> {
        self.send(Part::File(name)).await
    }

    /// More of it.
    pub async fn bytes(&self, bytes: Vec<u8>) -> Result<(), Error> {
        self.send(Part::Bytes(bytes)).await
    }

    /// The end of the archive.
    pub async fn end(&self) -> Result<(), Error> {
        self.send(Part::End).await
    }

    async fn send(&self, part: Part) -> Result<(), Error> {
        self.0.send(part).await.map_err(|_| Error::other("its reader is gone, or stands still"))
    }
}

fn write(mut parts: mpsc::Receiver<Part>, reader: &Reader) -> Result<(), Error> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .large_file(true);
    let is_whole = Cell::new(true);
    let mut archive = ZipWriter::new_stream(Out { reader, waiting: Vec::new(), is_whole: &is_whole });
    while let Some(part) = parts.blocking_recv() {
        match part {
            Part::File(name) => archive.start_file(name, options)?,
            Part::Bytes(bytes) => archive.write_all(&bytes)?,
            Part::End => return archive.finish()?.into_inner().send(),
        }
    }
    // When it is dropped it writes its end, which is not to be sent.
    is_whole.set(false);
    Err(Error::other("it was not filled to its end"))
}

/// Who takes the archive.
struct Reader {
    chunks: mpsc::Sender<Result<Bytes, Error>>,
    within: Handle,
}

impl Reader {
    fn send(&self, chunk: Result<Bytes, Error>) -> Result<(), Error> {
        let sent = async { tokio::time::timeout(READER_STANDS_STILL_MAX, self.chunks.send(chunk)).await };
        match self.within.block_on(sent) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Error::other("its reader is gone")),
            Err(_) => Err(Error::other("its reader stands still")),
        }
    }
}

/// Where the archive's bytes go.
struct Out<'a> {
    reader: &'a Reader,
    waiting: Vec<u8>,
    is_whole: &'a Cell<bool>,
}

impl Out<'_> {
    fn send(&mut self) -> Result<(), Error> {
        let chunk = std::mem::take(&mut self.waiting);
        if chunk.is_empty() || !self.is_whole.get() { Ok(()) } else { self.reader.send(Ok(chunk.into())) }
    }
}

impl Write for Out<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= CHUNK_BYTES {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Error> {
        Ok(())
    }
}
