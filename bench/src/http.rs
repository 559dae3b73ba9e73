//! A keep-alive HTTP/1.1 connection with as little of its own as possible, so that the load costs the server few cycles.
//!
//! It understands what the server answers to JSON commands: a status, a `Content-Length`, a body. Nothing else.

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The bearer token of the installation's owner in every run.
pub const ADMIN_TOKEN: &str = "bench-owner-token-0123456789-0123456789";

/// One connection, used for one request after the other.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    host: String,
    request: Vec<u8>,
    answer: Vec<u8>,
}

/// What came back. The body stays in the connection until the next request.
#[derive(Debug)]
pub struct Answer<'a> {
    /// The HTTP status code.
    pub status: u16,
    /// The log's position that the command reached; 0 where the answer names none.
    pub position: u64,
    /// The body.
    pub body: &'a [u8],
}

impl Connection {
    /// Connects to `host:port`.
    pub async fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("connecting to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, host: address.to_owned(), request: Vec::new(), answer: Vec::with_capacity(8192) })
    }

    /// Sends a command with a JSON body and reads its whole answer.
    pub async fn send(&mut self, method: &str, path: &str, key: Option<&str>, body: &str) -> Result<Answer<'_>> {
        use std::io::Write as _;

        self.request.clear();
        let length = body.len();
        write!(
            self.request,
            "{method} /api/v1{path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {ADMIN_TOKEN}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n",
            self.host
        )?;
        if let Some(key) = key {
            write!(self.request, "Idempotency-Key: {key}\r\n")?;
        }
        write!(self.request, "\r\n{body}")?;
        self.stream.write_all(&self.request).await?;
        self.read().await
    }

    async fn read(&mut self) -> Result<Answer<'_>> {
        self.answer.clear();
        let head = loop {
            if let Some(end) = self.answer.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            self.fill().await?;
        };
        let text = std::str::from_utf8(&self.answer[..head]).context("a head that is no text")?;
        let status: u16 =
            text.split(' ').nth(1).and_then(|status| status.parse().ok()).context("an answer without a status")?;
        let header = |name: &str| -> Option<u64> {
            text.lines().skip(1).find_map(|line| {
                let (found, value) = line.split_once(':')?;
                if found.eq_ignore_ascii_case(name) { value.trim().parse().ok() } else { None }
            })
        };
        let Some(length) = header("content-length") else { bail!("an answer without a length: {text}") };
        let position = header("turnout-position").unwrap_or_default();
        let end = head + usize::try_from(length)?;
        while self.answer.len() < end {
            self.fill().await?;
        }
        Ok(Answer { status, position, body: &self.answer[head..end] })
    }

    async fn fill(&mut self) -> Result<()> {
        if self.stream.read_buf(&mut self.answer).await? == 0 {
            bail!("the server closed the connection");
        }
        Ok(())
    }
}
