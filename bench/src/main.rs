//! How fast Turnout sells and admits on this machine, beside how fast its PostgreSQL commits.
//!
//! - Runs the given binary with its own PostgreSQL in a temporary folder, and speaks HTTP to it as any client would.
//! - The limits are measured on that same PostgreSQL, with its settings (fsync on), before the first sale: rows of the size of
//!   an event, one a commit and in batches. Sales are compared with them as events, because a sale records several.
//! - What credentials and row-level security cost is measured in windows by turns, so that a machine that is busy with
//!   something else does not decide it; so is another build beside this one.
//! - Server, database and load share the machine's cores: the figures are for comparing one run's rows with each other.
//!
//! Deliberately not here: the server's crates. What is measured is what a client sees.

#![allow(clippy::print_stdout, reason = "it prints its table")]

mod against;
mod credentials;
mod http;
mod in_turn;
mod limits;
mod load;
mod measured;
mod row_security;
mod server;
mod table;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::{Parser, ValueEnum};

use crate::http::Credentials;
use crate::load::{Load, Show};
use crate::measured::Measured;
use crate::server::Server;

/// Measures Turnout beside the limit of PostgreSQL on this machine.
#[derive(Debug, Parser)]
struct Arguments {
    /// The built `turnout`.
    #[arg(long, default_value = "target/release/turnout")]
    binary: PathBuf,
    /// Seconds that each row of the table is measured for.
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// Connections, one row of the table each.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 64])]
    connections: Vec<usize>,
    /// One part only.
    #[arg(long)]
    only: Option<Part>,
    /// Another build of `turnout`: instead of all else its sales and check-ins, `before`, in turn with this one's, `after`.
    #[arg(long, conflicts_with = "only")]
    against: Option<PathBuf>,
    /// Where the temporary data directory is made; on a RAM disk the figures mean nothing.
    #[arg(long)]
    folder: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Sales and check-ins beside the limits of PostgreSQL.
    Throughput,
    /// What credentials and row-level security cost.
    Credentials,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if let Some(other) = &arguments.against {
        let folder = arguments.folder.as_deref();
        let compared = against::measure(&arguments.binary, other, folder, &arguments.connections).await?;
        print!("{}", table::ways(&compared));
        return Ok(());
    }
    let server = Server::start(&arguments.binary, arguments.folder.as_deref())?;
    println!("{}", table::machine(&limits::version(&server).await?));
    if arguments.only != Some(Part::Credentials) {
        throughput(&server, &arguments).await?;
    }
    if arguments.only != Some(Part::Throughput) {
        costs(&server).await?;
    }
    server.stop()
}

/// The limits first, then sales and check-ins beside them.
async fn throughput(server: &Server, arguments: &Arguments) -> Result<()> {
    let window = Duration::from_secs(arguments.seconds);
    let single = limits::one_row_a_commit(server, 1, window).await?;
    let commits = limits::one_row_a_commit(server, limits::CONNECTIONS, window).await?;
    let batched = limits::batches(server, window).await?;
    limits::tidy_up(server).await?;

    let show = Show::standing(&server.address).await?;
    let who = &[Credentials::admin()];
    let mut sales = Vec::new();
    let mut tickets = Vec::new();
    for connections in &arguments.connections {
        let run = show.sell(Load { who, connections: *connections, window }).await?;
        sales.push(run.measured);
        tickets.extend(run.tickets);
    }
    let mut check_ins: Vec<Measured> = Vec::new();
    for connections in &arguments.connections {
        let share = tickets.len() / arguments.connections.len();
        let scanned: Vec<String> = tickets.iter().skip(share * check_ins.len()).take(share).cloned().collect();
        check_ins.push(show.check_in(Load { who, connections: *connections, window }, scanned).await?);
    }
    let limits = [single, commits.clone(), batched.clone()];
    println!("{}", table::render(&limits, &sales, &check_ins, commits.rate(), batched.rate()));
    Ok(())
}

/// What credentials cost, then what row-level security does, on a show of their own.
async fn costs(server: &Server) -> Result<()> {
    let show = Show::standing(&server.address).await?;
    println!("{}", table::ways(&credentials::measure(server, &show, limits::CONNECTIONS).await?));
    show.settle().await?;
    println!("{}", table::row_security(&row_security::measure(server, &show.id).await?));
    Ok(())
}
