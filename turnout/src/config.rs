//! Settings: flags and environment variables of `turnout serve`, and where logs go.

use std::{net::SocketAddr, path::PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use identity::{AdminToken, SecretKey};
use tracing_subscriber::EnvFilter;

use crate::{
    defence_settings::DefenceOptions,
    observe_settings::ObserveOptions,
    secret_settings::{self, secret_setting},
};

/// What a server does. Several servers on one database may divide the work among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ServerRole {
    /// All of it.
    All,
    /// Takes commands, records events, and has what follows from them be done.
    Commands,
    /// Answers queries and live streams, and serves the web app.
    Queries,
    /// Writes the read models; of several, one does.
    Projectors,
}

impl ServerRole {
    /// Whether it takes commands.
    pub fn commands(self) -> bool {
        matches!(self, Self::All | Self::Commands)
    }

    /// Whether it answers queries.
    pub fn queries(self) -> bool {
        matches!(self, Self::All | Self::Queries)
    }

    /// Whether it writes read models.
    pub fn projects(self) -> bool {
        matches!(self, Self::All | Self::Projectors)
    }

    /// Whether it has to know who is asking.
    pub fn asks_who(self) -> bool {
        self != Self::Projectors
    }

    /// As it is written in the settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Commands => "commands",
            Self::Queries => "queries",
            Self::Projectors => "projectors",
        }
    }
}

/// What `turnout serve` is told. Every flag is also an environment variable.
#[derive(Args, Clone)]
pub struct Serve {
    /// Where to listen.
    #[arg(long, env = "TURNOUT_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// What it does: takes commands, answers queries, projects, or all of it. Divided, several servers share one database,
    /// which a URL names; docs/several-nodes.md says how.
    #[arg(long, env = "TURNOUT_ROLE", value_enum, default_value = "all", value_name = "ROLE")]
    pub role: ServerRole,
    /// Where the data lies: the embedded PostgreSQL, the secret key.
    #[arg(long, env = "TURNOUT_DATA", default_value = "./data", value_name = "DIR")]
    pub data: PathBuf,
    /// A PostgreSQL that somebody else runs; without one, Turnout runs its own. A URL with a password is taken from the
    /// environment variable DATABASE_URL alone, or the file that DATABASE_URL_FILE names: every process can read a flag.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Fill an empty installation with shows to try, and let a demo account sign in.
    #[arg(
        long,
        env = "TURNOUT_DEMO",
        value_parser = clap::builder::BoolishValueParser::new(),
        action = clap::ArgAction::SetTrue
    )]
    pub demo: bool,
    /// Where people reach the server, such as https://tickets.example; by default where it listens.
    #[arg(long, env = "TURNOUT_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// How often it is looked whose data has been kept long enough, in seconds.
    #[arg(
        long,
        env = "TURNOUT_RETENTION_CHECK_SECONDS",
        default_value_t = reactions::CHECK_EVERY.as_secs(),
        value_parser = clap::value_parser!(u64).range(1..=86_400),
        value_name = "SECONDS"
    )]
    pub retention_check_seconds: u64,
    /// How the server defends itself.
    #[command(flatten)]
    pub defences: DefenceOptions,
    /// How it lets itself be watched.
    #[command(flatten)]
    pub observe: ObserveOptions,
}

impl Serve {
    /// That the settings go together.
    pub fn check(&self) -> anyhow::Result<()> {
        let role = self.role.as_str();
        if self.role != ServerRole::All && self.database_url()?.is_none() {
            bail!(
                "a server of role {role} works on a database that it shares with others; set DATABASE_URL to it (only role all \
                 runs a PostgreSQL of its own)"
            );
        }
        if self.demo && !self.role.commands() {
            bail!(
                "the demo's shows are made by commands; a server of role {role} takes none, so start it without the demo"
            );
        }
        if !self.role.queries() && self.read_database_url()?.is_some() {
            bail!("TURNOUT_READ_DATABASE_URL is for queries; a server of role {role} answers none");
        }
        Ok(())
    }

    /// The secret key: from TURNOUT_SECRET_KEY, else from a file in the data directory, made when there is none.
    pub fn secret_key(&self) -> anyhow::Result<SecretKey> {
        match secret_setting("TURNOUT_SECRET_KEY")? {
            Some(text) => SecretKey::parse(&text).context("TURNOUT_SECRET_KEY cannot be used"),
            None => {
                SecretKey::load_or_create(&self.data).context("the secret key in the data directory cannot be used")
            }
        }
    }

    /// The token of the installation's owner, where there is one.
    pub fn admin_token(&self) -> anyhow::Result<Option<AdminToken>> {
        let text = secret_setting("TURNOUT_ADMIN_TOKEN")?;
        text.map(|text| AdminToken::parse(&text).context("TURNOUT_ADMIN_TOKEN cannot be used")).transpose()
    }

    /// The URL of a database that somebody else runs: the flag, else DATABASE_URL.
    pub fn database_url(&self) -> anyhow::Result<Option<String>> {
        secret_settings::database_url(self.database_url.as_deref())
    }

    /// The URL of the streaming replica that queries are answered from, where there is one: TURNOUT_READ_DATABASE_URL.
    ///
    /// # Errors
    /// Where the database itself is our own: nobody follows that one.
    pub fn read_database_url(&self) -> anyhow::Result<Option<String>> {
        let url = secret_setting("TURNOUT_READ_DATABASE_URL")?;
        if url.is_some() && self.database_url()?.is_none() {
            bail!("TURNOUT_READ_DATABASE_URL names a replica; set DATABASE_URL to its primary, too");
        }
        Ok(url)
    }

    /// Where people reach the server, without a slash at its end.
    pub fn public_url(&self, listening: SocketAddr) -> anyhow::Result<String> {
        let Some(url) = &self.public_url else { return Ok(format!("http://{listening}")) };
        if !url.starts_with("http://") && !url.starts_with("https://") {
            bail!("TURNOUT_PUBLIC_URL is {url:?}; write it as https://tickets.example");
        }
        Ok(url.trim_end_matches('/').to_owned())
    }
}

/// Logs to standard error: what happens, without personal data. `TURNOUT_LOG` filters as `RUST_LOG` does elsewhere,
/// `TURNOUT_LOG_FORMAT` is `pretty` or `json`.
pub fn start_logging() -> anyhow::Result<()> {
    let filter = match std::env::var("TURNOUT_LOG") {
        Ok(filter) => EnvFilter::try_new(&filter).with_context(|| format!("TURNOUT_LOG is {filter:?}"))?,
        Err(_) => EnvFilter::new("info,sqlx=warn"),
    };
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match std::env::var("TURNOUT_LOG_FORMAT").as_deref() {
        Ok("json") => builder.json().init(),
        Ok("pretty") | Err(_) => builder.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).init(),
        Ok(other) => bail!("TURNOUT_LOG_FORMAT is {other:?}; use pretty or json"),
    }
    Ok(())
}
