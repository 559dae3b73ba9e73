//! PostgreSQL's own programs that copy a database, as this program calls them.
//!
//! They connect by the same URL; a password in it goes through the environment, since every process on the machine can read
//! their arguments. What they say on standard error becomes the error.

use std::{
    io::Read,
    path::PathBuf,
    process::{Child, ChildStderr, Command, Stdio},
    thread::{self, JoinHandle},
};

use anyhow::{Context as _, bail};
use sqlx::PgConnection;

/// Where the programs for a server are.
pub(super) async fn beside(connection: &mut PgConnection) -> anyhow::Result<PathBuf> {
    let version: i32 =
        sqlx::query_scalar("SELECT current_setting('server_version_num')::integer").fetch_one(connection).await?;
    Ok(embedded_postgres::client_programs(u32::try_from(version / 10_000)?)?)
}

/// A program that connects by a URL.
pub(super) fn command(folder: &std::path::Path, program: &str, url: &str) -> Command {
    let mut command = Command::new(folder.join(program));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("TURNOUT_") || text.starts_with("DATABASE_URL") {
            command.env_remove(name);
        }
    }
    let (url, password) = without_password(url);
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    command.args(["--no-password", "--dbname", &url]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// A program that runs, and what it says.
pub(super) struct Running {
    program: String,
    child: Child,
    said: JoinHandle<String>,
}

impl Running {
    /// Starts it.
    pub(super) fn start(command: &mut Command) -> anyhow::Result<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        let mut child = command.spawn().with_context(|| format!("{program} cannot be run"))?;
        let stderr = child.stderr.take();
        let said = thread::spawn(move || stderr.map_or_else(String::new, last_lines));
        Ok(Self { program, child, said })
    }

    /// The program itself, for what it reads or writes.
    pub(super) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Waits for its end, which has to be a good one.
    pub(super) fn end(mut self) -> anyhow::Result<()> {
        drop(self.child.stdin.take());
        let status = self.child.wait().with_context(|| format!("{} cannot be waited for", self.program))?;
        let said = self.said.join().unwrap_or_default();
        if !status.success() {
            bail!("{} failed: {said}", self.program);
        }
        Ok(())
    }
}

fn last_lines(mut stderr: ChildStderr) -> String {
    let mut said = Vec::new();
    // What could be read is said.
    let _ = stderr.read_to_end(&mut said);
    let said = String::from_utf8_lossy(&said).into_owned();
    let lines: Vec<&str> = said.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}

/// A URL without its password, and the password.
fn without_password(url: &str) -> (String, Option<String>) {
    let Some((scheme, rest)) = url.split_once("://") else { return (url.to_owned(), None) };
    let (place, query) = rest.split_once('?').map_or((rest, None), |(place, query)| (place, Some(query)));
    let (authority, path) = place.split_once('/').map_or((place, None), |(authority, path)| (authority, Some(path)));
    let (mut password, mut authority) = (None, authority.to_owned());
    if let Some((user, host)) = authority.clone().rsplit_once('@')
        && let Some((user, of_user)) = user.split_once(':')
    {
        password = Some(decoded(of_user));
        authority = format!("{user}@{host}");
    }
    let mut kept = Vec::new();
    for pair in query.into_iter().flat_map(|query| query.split('&')) {
        match pair.strip_prefix("password=") {
            Some(of_query) => password = Some(decoded(of_query)),
            None => kept.push(pair),
        }
    }
    let path = path.map_or_else(String::new, |path| format!("/{path}"));
    let query = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
    (format!("{scheme}://{authority}{path}{query}"), password)
}

/// Percent-encoding taken back.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut plain, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        let code = (*byte == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                plain.push(byte);
                at += 3;
            }
            None => {
                plain.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_taken_out_of_a_url() {
        for (url, without, password) in [
            (
                "postgres://o:s%40c%2Fret@db:5433/t?sslmode=require",
                "postgres://o@db:5433/t?sslmode=require",
                Some("s@c/ret"),
            ),
            ("postgres://db/t?user=o&password=x%20y", "postgres://db/t?user=o", Some("x y")),
            ("postgres://o@localhost:5432/t?host=%2Frun%2Fx", "postgres://o@localhost:5432/t?host=%2Frun%2Fx", None),
            ("postgres:///t", "postgres:///t", None),
        ] {
            assert_eq!(without_password(url), (without.to_owned(), password.map(str::to_owned)), "{url}");
        }
    }
}
