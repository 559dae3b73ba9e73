//! Connections to the database, each in the role that a part of the server may take.
//!
//! The server logs in as one role that owns nothing (`turnout`); a pool takes its role with `SET ROLE` as soon as a connection
//! is made, together with time-outs and keepalives, in one round trip. Nobody gets a connection without a role by accident.
//! Pools must reach PostgreSQL directly or through a pooler in session mode: a role does not survive transaction pooling.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Executor, PgPool, Postgres, Transaction};
use uuid::Uuid;

/// What a connection may do; each is a role of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// `turnout_write`: reads the log, calls `log.append`.
    Write,
    /// `turnout_project`: reads the log, writes `read` for all organizations.
    Project,
    /// `turnout_query`: reads one organization at a time; see [`begin_for`].
    Query,
    /// `turnout_react`: reads the log, writes `reaction`.
    React,
    /// `turnout_identity`: writes accounts, sessions and links in `identity`, reads the rest of it.
    Identity,
    /// Whoever the URL logs in as: migrations and rebuilds. No `SET ROLE`, no time-outs.
    Owner,
}

impl Role {
    /// The role's name in the database; `None` for the owner, who keeps the login's.
    #[must_use]
    pub fn database_role(self) -> Option<&'static str> {
        match self {
            Self::Write => Some("turnout_write"),
            Self::Project => Some("turnout_project"),
            Self::Query => Some("turnout_query"),
            Self::React => Some("turnout_react"),
            Self::Identity => Some("turnout_identity"),
            Self::Owner => None,
        }
    }

    /// What `pg_stat_activity` shows.
    fn application_name(self) -> &'static str {
        match self {
            Self::Write => "turnout write",
            Self::Project => "turnout project",
            Self::Query => "turnout query",
            Self::React => "turnout react",
            Self::Identity => "turnout identity",
            Self::Owner => "turnout owner",
        }
    }

    /// Statements that a fresh connection runs, in one round trip.
    ///
    /// Ten seconds for a statement: a page of the log or a rebuild's step takes far less, and a request is answered 503 after
    /// five. Four for a lock: whoever waits longer should give its connection back. `search_path` for the unqualified SQL
    /// of projectors and queries; what the owner makes is named in full. The writing role asks for single rows and streams
    /// only: a plan made while the log was one page long must not read all of it later (`log.append` says what that costs).
    pub(crate) fn session_settings(self) -> Option<String> {
        let role = self.database_role()?;
        // A projector that was frozen in the middle of a page holds the checkpoint's row: nobody can take over before it goes.
        let idle_seconds = if self == Self::Project { 2 } else { 30 };
        let plans = if self == Self::Write { "SET enable_seqscan = off; " } else { "" };
        Some(format!(
            "SET ROLE {role}; {plans} SET search_path = read, public; SET statement_timeout = '10s'; SET lock_timeout = '4s'; \
             SET idle_in_transaction_session_timeout = '{idle_seconds}s'; {KEEPALIVES}"
        ))
    }
}

/// The server notices within about half a minute that a client is gone. (Without effect on a Unix socket.)
pub(crate) const KEEPALIVES: &str =
    "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3";

/// A pool of at most `connections_max` connections, each in `role`. It connects once before it returns, so that a wrong URL or
/// a missing role is found at the start.
///
/// # Errors
/// When the URL cannot be understood, the server cannot be reached within five seconds, or the login may not take the role.
pub async fn connect(url: &str, role: Role, connections_max: u32) -> Result<PgPool, sqlx::Error> {
    let options = PgConnectOptions::from_str(url)?.application_name(role.application_name());
    PgPoolOptions::new()
        .max_connections(connections_max)
        .acquire_timeout(Duration::from_secs(5))
        .after_connect(move |connection, _| {
            Box::pin(async move {
                match role.session_settings() {
                    Some(settings) => connection.execute(AssertSqlSafe(settings)).await.map(drop),
                    None => Ok(()),
                }
            })
        })
        .connect_with(options)
        .await
}

/// A pool of the owner's connections whose unqualified names mean tables of `schema`: a second copy of the read models is built
/// with the statements that write the first.
///
/// # Errors
/// As [`connect`].
pub async fn connect_owner(url: &str, schema: &'static str, connections_max: u32) -> Result<PgPool, sqlx::Error> {
    let options = PgConnectOptions::from_str(url)?
        .application_name(Role::Owner.application_name())
        .options([("search_path", schema), ("synchronous_commit", "off")]);
    PgPoolOptions::new()
        .max_connections(connections_max)
        .acquire_timeout(Duration::from_secs(5))
        .connect_with(options)
        .await
}

/// Begins a read-only transaction that sees one organization's rows only, in one round trip. For pools of [`Role::Query`]:
/// without it row-level security shows them nothing.
///
/// # Errors
/// As of any statement.
pub async fn begin_for(pool: &PgPool, organization: Uuid) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    // The id is printed as hexadecimal digits and hyphens: nothing in it can end the quotes.
    pool.begin_with(AssertSqlSafe(format!(
        "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL turnout.organization = '{organization}'"
    )))
    .await
}
