//! A keep-alive HTTP/1.1 connection with as little of its own as possible, so that the load costs the server few cycles.
//!
//! It understands what the server answers to JSON commands and queries: a status, a `Content-Length`, a body. Of a head it reads
//! those two, and other headers when asked for them. Requests of the load are made once and only their numbers written anew.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use memchr::memmem;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The bearer token of the installation's owner in every run.
pub const ADMIN_TOKEN: &str = "bench-owner-token-0123456789-0123456789";

/// Where a [`Template`] gets the number of the request; as many decimal digits.
pub const NUMBER: &str = "############";

/// Where a [`Template`] gets a ticket's id; as many characters.
pub const TICKET: &str = "TICKET**-****-****-****-************";

/// A ticket's id as it is written in JSON.
pub type Ticket = [u8; TICKET.len()];

/// Bytes of a download that are taken at once.
const DOWNLOADED_TOGETHER: usize = 256 * 1_024;

/// Who a connection says it is, as lines of a request's head.
#[derive(Clone, Debug, Default)]
pub struct Credentials(String);

/// One connection, used for one request after the other.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    host: String,
    credentials: Credentials,
    answer: Vec<u8>,
}

/// What came back. The body stays in the connection until the next request.
#[derive(Debug)]
pub struct Answer<'a> {
    /// The HTTP status code.
    pub status: u16,
    head: &'a [u8],
    /// The body.
    pub body: &'a [u8],
}

/// A request that is the same each time but for the number and the ticket in it.
#[derive(Clone, Debug)]
pub struct Template {
    bytes: Vec<u8>,
    numbers: Vec<usize>,
    tickets: Vec<usize>,
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
        let head = std::str::from_utf8(self.head).ok()?;
        head.lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The log's position that a command reached, or a query answers from.
    pub fn position(&self) -> Option<u64> {
        self.header("turnout-position")?.parse().ok()
    }
}

impl Template {
    /// Of a whole request, with [`NUMBER`] wherever its number goes, and [`TICKET`] wherever a ticket does.
    pub fn new(request: String) -> Self {
        let find = |text: &str| memmem::find_iter(request.as_bytes(), text).collect();
        Self { numbers: find(NUMBER), tickets: find(TICKET), bytes: request.into_bytes() }
    }

    /// The request of this number, for a ticket.
    pub fn about(&mut self, number: u64, ticket: &Ticket) -> &[u8] {
        for start in &self.tickets {
            self.bytes[*start..*start + TICKET.len()].copy_from_slice(ticket);
        }
        self.numbered(number)
    }

    /// The request of this number.
    pub fn numbered(&mut self, number: u64) -> &[u8] {
        for start in &self.numbers {
            let mut rest = number;
            for place in self.bytes[*start..*start + NUMBER.len()].iter_mut().rev() {
                *place = b'0' + (rest % 10) as u8;
                rest /= 10;
            }
        }
        &self.bytes
    }
}

impl Connection {
    /// Connects to `host:port`.
    pub async fn open(address: &str, credentials: &Credentials) -> Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("connecting to {address}"))?;
        stream.set_nodelay(true)?;
        let answer = Vec::with_capacity(4096);
        Ok(Self { stream, host: address.to_owned(), credentials: credentials.clone(), answer })
    }

    /// A command with a JSON body, as it goes over this connection.
    pub fn command(&self, method: &str, path: &str, key: Option<&str>, body: &str) -> String {
        let (start, length) = (self.start(method, path), body.len());
        let key = key.map(|key| format!("Idempotency-Key: {key}\r\n")).unwrap_or_default();
        format!("{start}Content-Type: application/json\r\nContent-Length: {length}\r\n{key}\r\n{body}")
    }

    /// A query, for something as it was at this position of the log or later.
    pub fn query(&self, path: &str, position: Option<u64>) -> String {
        let start = self.start("GET", path);
        let position = position.map(|position| format!("Turnout-Position: {position}\r\n")).unwrap_or_default();
        format!("{start}{position}\r\n")
    }

    fn start(&self, method: &str, path: &str) -> String {
        let (host, Credentials(credentials)) = (&self.host, &self.credentials);
        format!("{method} /api/v1{path} HTTP/1.1\r\nHost: {host}\r\n{credentials}")
    }

    /// Sends a command with a JSON body and reads its whole answer.
    pub async fn send(&mut self, method: &str, path: &str, key: Option<&str>, body: &str) -> Result<Answer<'_>> {
        let request = self.command(method, path, key, body);
        self.exchange(request.as_bytes()).await
    }

    /// Asks for something, as it was at this position of the log or later.
    pub async fn get(&mut self, path: &str, position: Option<u64>) -> Result<Answer<'_>> {
        let request = self.query(path, position);
        self.exchange(request.as_bytes()).await
    }

    /// Sends a whole request and reads its whole answer.
    pub async fn exchange(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        let end = self.head_of(request).await?;
        let head = &self.answer[..end];
        // `HTTP/1.1 200 OK`
        let status = head.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
        let status = status.context("an answer without a status")?;
        let length = match content_length(head) {
            // A length there would be that of the body which is not sent.
            _ if status == 304 => 0,
            length => length.with_context(|| format!("no length: {}", String::from_utf8_lossy(head)))?,
        };
        while self.answer.len() < end + length {
            self.fill().await?;
        }
        let (head, body) = self.answer.split_at(end);
        Ok(Answer { status, head, body })
    }

    /// Sends a request and reads its answer up to the end of the head at least: where that is.
    async fn head_of(&mut self, request: &[u8]) -> Result<usize> {
        self.stream.write_all(request).await?;
        self.answer.clear();
        loop {
            self.fill().await?;
            if let Some(end) = memmem::find(&self.answer, b"\r\n\r\n") {
                return Ok(end + 4);
            }
        }
    }

    async fn fill(&mut self) -> Result<()> {
        if self.stream.read_buf(&mut self.answer).await? == 0 {
            bail!("the server closed the connection");
        }
        Ok(())
    }
}

/// How much was downloaded.
#[derive(Clone, Copy, Debug, Default)]
pub struct Downloaded {
    /// Of the body.
    pub bytes: u64,
    /// Line feeds among them.
    pub lines: u64,
}

/// Asks for something, however long, and writes its body into a file as it comes. In HTTP/1.0, where a body without a length is not
/// cut in chunks and ends with the connection (RFC 1945, section 7.2.2).
pub async fn download(address: &str, credentials: &Credentials, path: &str, into: &Path) -> Result<Downloaded> {
    let mut connection = Connection::open(address, credentials).await?;
    let request = connection.query(path, None).replacen(" HTTP/1.1\r\n", " HTTP/1.0\r\n", 1);
    let end = connection.head_of(request.as_bytes()).await?;
    let (head, begun) = connection.answer.split_at(end);
    ensure!(head.get(9..12) == Some(b"200"), "{path}: {}", String::from_utf8_lossy(&connection.answer));
    let mut file = BufWriter::new(File::create(into)?);
    let mut downloaded = Downloaded::default();
    let mut take = |bytes: &[u8]| {
        downloaded.bytes += bytes.len() as u64;
        downloaded.lines += memchr::memchr_iter(b'\n', bytes).count() as u64;
        file.write_all(bytes)
    };
    take(begun)?;
    let mut buffer = vec![0; DOWNLOADED_TOGETHER];
    loop {
        let read = connection.stream.read(&mut buffer).await?;
        if read == 0 {
            break;
        }
        take(&buffer[..read])?;
    }
    file.flush()?;
    Ok(downloaded)
}

fn content_length(head: &[u8]) -> Option<usize> {
    const NAMES: [&[u8]; 2] = [b"\r\ncontent-length: ", b"\r\nContent-Length: "];
    let start = NAMES.iter().find_map(|name| Some(memmem::find(head, name)? + name.len()))?;
    let digits = head[start..].iter().take_while(|byte| byte.is_ascii_digit());
    Some(digits.fold(0, |length, digit| length * 10 + usize::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_wherever_it_belongs() {
        let mut template = Template::new(format!("key {NUMBER}, name {NUMBER}."));
        assert_eq!(template.numbered(4_711), b"key 000000004711, name 000000004711.");
        assert_eq!(template.numbered(12), b"key 000000000012, name 000000000012.");
        let mut template = Template::new(format!("{TICKET} {NUMBER}"));
        let written = template.about(1, b"01a1fe8c-2f78-78b4-861d-b85b07789f44");
        assert_eq!(written, b"01a1fe8c-2f78-78b4-861d-b85b07789f44 000000000001");
    }

    #[test]
    fn a_length_is_found_among_other_headers() {
        let head = b"HTTP/1.1 201 Created\r\ncache-control: no-store\r\ncontent-length: 512\r\ndate: now\r\n\r\n";
        assert_eq!(content_length(head), Some(512));
        assert_eq!(content_length(b"HTTP/1.1 204 No Content\r\n\r\n"), None);
    }
}
