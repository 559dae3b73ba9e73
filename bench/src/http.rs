//! A keep-alive HTTP/1.1 connection with as little of its own as possible, so that the load costs the server few cycles.
//!
//! It understands what the server answers to JSON commands and queries: a status, a `Content-Length`, a body. Nothing else.

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The bearer token of the installation's owner in every run.
pub const ADMIN_TOKEN: &str = "bench-owner-token-0123456789-0123456789";

/// Who a connection says it is, as lines of a request's head.
#[derive(Clone, Debug, Default)]
pub struct Credentials(String);

/// One connection, used for one request after the other.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    host: String,
    credentials: Credentials,
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
    head: &'a str,
    /// The body.
    pub body: &'a [u8],
}

impl Credentials {
    /// None: anybody.
    pub fn none() -> Self {
        Self::default()
    }

    /// Whoever runs the installation.
    pub fn admin() -> Self {
        Self::bearer(ADMIN_TOKEN)
    }

    /// Of a key or device.
    pub fn bearer(token: &str) -> Self {
        Self(format!("Authorization: Bearer {token}\r\n"))
    }

    /// Of somebody who signed in: `name=value` of the cookie, and the token that changes need.
    pub fn session(cookie: &str, csrf: &str) -> Self {
        Self(format!("Cookie: {cookie}\r\nX-CSRF-Token: {csrf}\r\n"))
    }
}

impl<'a> Answer<'a> {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        header(self.head, name)
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().skip(1).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

impl Connection {
    /// Connects to `host:port`.
    pub async fn open(address: &str, credentials: &Credentials) -> Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("connecting to {address}"))?;
        stream.set_nodelay(true)?;
        let credentials = credentials.clone();
        Ok(Self {
            stream,
            host: address.to_owned(),
            credentials,
            request: Vec::new(),
            answer: Vec::with_capacity(8192),
        })
    }

    /// Sends a command with a JSON body and reads its whole answer.
    pub async fn send(&mut self, method: &str, path: &str, key: Option<&str>, body: &str) -> Result<Answer<'_>> {
        use std::io::Write as _;

        self.begin(method, path)?;
        write!(self.request, "Content-Type: application/json\r\nContent-Length: {}\r\n", body.len())?;
        if let Some(key) = key {
            write!(self.request, "Idempotency-Key: {key}\r\n")?;
        }
        write!(self.request, "\r\n{body}")?;
        self.stream.write_all(&self.request).await?;
        self.read().await
    }

    /// Asks for something, as it was at this position of the log or later.
    pub async fn get(&mut self, path: &str, position: Option<u64>) -> Result<Answer<'_>> {
        use std::io::Write as _;

        self.begin("GET", path)?;
        if let Some(position) = position {
            write!(self.request, "Turnout-Position: {position}\r\n")?;
        }
        write!(self.request, "\r\n")?;
        self.stream.write_all(&self.request).await?;
        self.read().await
    }

    fn begin(&mut self, method: &str, path: &str) -> Result<()> {
        use std::io::Write as _;

        self.request.clear();
        let (host, Credentials(credentials)) = (&self.host, &self.credentials);
        write!(self.request, "{method} /api/v1{path} HTTP/1.1\r\nHost: {host}\r\n{credentials}")?;
        Ok(())
    }

    async fn read(&mut self) -> Result<Answer<'_>> {
        self.answer.clear();
        let end = loop {
            if let Some(end) = self.answer.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            self.fill().await?;
        };
        let head = std::str::from_utf8(&self.answer[..end]).context("a head that is no text")?;
        let length = header(head, "content-length").and_then(|length| length.parse::<usize>().ok());
        let Some(length) = length else { bail!("an answer without a length: {head}") };
        while self.answer.len() < end + length {
            self.fill().await?;
        }
        let head = std::str::from_utf8(&self.answer[..end])?;
        let status =
            head.split(' ').nth(1).and_then(|status| status.parse().ok()).context("an answer without a status")?;
        let position = header(head, "turnout-position").and_then(|position| position.parse().ok()).unwrap_or_default();
        Ok(Answer { status, position, head, body: &self.answer[end..end + length] })
    }

    async fn fill(&mut self) -> Result<()> {
        if self.stream.read_buf(&mut self.answer).await? == 0 {
            bail!("the server closed the connection");
        }
        Ok(())
    }
}
