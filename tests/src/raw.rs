//! HTTP/1.1 written by hand: what a proper client would never send, such as a path with `..` in it or bytes that are no text.
//!
//! One connection, one request after the other; it connects anew where the server closed. Of a stream of events only the head is
//! read.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// A connection to a server at an address (`host:port`).
#[derive(Debug)]
pub struct RawConnection {
    address: String,
    stream: Option<BufReader<TcpStream>>,
}

/// A request, as its bytes.
#[derive(Debug, Clone)]
pub struct RawRequest {
    /// `GET` and its like.
    pub method: String,
    /// What stands behind it, with the query.
    pub target: Vec<u8>,
    /// The headers, beside `Host` and `Content-Length`.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Vec<u8>,
}

/// An answer, whatever it is.
#[derive(Debug, Clone)]
pub struct RawAnswer {
    /// The HTTP status code.
    pub status: u16,
    headers: Vec<(String, String)>,
    /// The body as it came.
    pub body: Vec<u8>,
}

impl RawConnection {
    /// Connects when there is something to say.
    #[must_use]
    pub fn to(address: &str) -> Self {
        Self { address: address.to_owned(), stream: None }
    }

    /// Sends a request and reads its answer. A connection that was closed since the last one is made anew, once.
    ///
    /// # Errors
    /// When the server closes before it answered, or answers what is no HTTP.
    pub async fn ask(&mut self, request: &RawRequest) -> io::Result<RawAnswer> {
        if let Some(stream) = self.stream.take()
            && let Ok(answer) = self.ask_on(stream, request).await
        {
            return Ok(answer);
        }
        let stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        self.ask_on(BufReader::new(stream), request).await
    }

    async fn ask_on(&mut self, mut stream: BufReader<TcpStream>, request: &RawRequest) -> io::Result<RawAnswer> {
        // A server that refuses a request by its head may answer, and close, before the body is out.
        let sent = stream.write_all(&request.bytes(&self.address)).await;
        let answer = match read_answer(&mut stream).await {
            Ok(answer) => answer,
            Err(unread) => return Err(sent.err().unwrap_or(unread)),
        };
        let goes_on = !answer.is_stream() && answer.header("connection").is_none_or(|value| value != "close");
        self.stream = (sent.is_ok() && goes_on).then_some(stream);
        Ok(answer)
    }
}

impl RawRequest {
    fn bytes(&self, host: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(512 + self.body.len());
        bytes.extend_from_slice(self.method.as_bytes());
        bytes.push(b' ');
        bytes.extend_from_slice(&self.target);
        bytes.extend_from_slice(format!(" HTTP/1.1\r\nHost: {host}\r\n").as_bytes());
        for (name, value) in &self.headers {
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(format!("Content-Length: {}\r\n\r\n", self.body.len()).as_bytes());
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

impl RawAnswer {
    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether it is a stream of events, which goes on for ever and was not read.
    #[must_use]
    pub fn is_stream(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream"))
    }
}

async fn read_answer(stream: &mut BufReader<TcpStream>) -> io::Result<RawAnswer> {
    let start = read_line(stream).await?;
    let status = start.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| io::Error::other(format!("no answer of HTTP: {start:?}")))?;
    let mut answer = RawAnswer { status, headers: Vec::new(), body: Vec::new() };
    loop {
        let line = read_line(stream).await?;
        let Some((name, value)) = line.split_once(':') else { break };
        answer.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    if answer.is_stream() || matches!(status, 204 | 304) {
        return Ok(answer);
    }
    if answer.header("transfer-encoding").is_some_and(|value| value == "chunked") {
        loop {
            let line = read_line(stream).await?;
            let size = usize::from_str_radix(line.trim(), 16).map_err(io::Error::other)?;
            read_into(stream, &mut answer.body, size).await?;
            read_line(stream).await?;
            if size == 0 {
                return Ok(answer);
            }
        }
    }
    let size = answer.header("content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
    read_into(stream, &mut answer.body, size).await?;
    Ok(answer)
}

async fn read_into(stream: &mut BufReader<TcpStream>, body: &mut Vec<u8>, size: usize) -> io::Result<()> {
    let start = body.len();
    body.resize(start + size, 0);
    stream.read_exact(&mut body[start..]).await?;
    Ok(())
}

/// A line without its end.
async fn read_line(stream: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = Vec::new();
    stream.read_until(b'\n', &mut line).await?;
    if line.pop() != Some(b'\n') {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned())
}
