//! How fast Turnout sells and admits on this machine, beside how fast its PostgreSQL commits.
//!
//! - Runs the given binary with its own PostgreSQL in a temporary folder, and speaks HTTP to it as any client would.
//! - The limits are measured on that same PostgreSQL, with its settings (fsync on), before the first sale: rows of the size of
//!   an event, one a commit and in batches. Sales are compared with them as events, because a sale records several.
//! - Server, database and load share the machine's cores: the figures are for comparing one run's rows with each other.
//!
//! Deliberately not here: the server's crates. What is measured is what a client sees.

#![allow(clippy::print_stdout, reason = "it prints its table")]

mod http;
mod limits;
mod load;
mod server;
mod table;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;

use crate::load::Measured;

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
    /// Where the temporary data directory is made; on a RAM disk the figures mean nothing.
    #[arg(long)]
    folder: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let window = Duration::from_secs(arguments.seconds);
    let server = server::Server::start(&arguments.binary, arguments.folder.as_deref())?;

    let single = limits::one_row_a_commit(&server, 1, window).await?;
    let commits = limits::one_row_a_commit(&server, limits::CONNECTIONS, window).await?;
    let batched = limits::batches(&server, window).await?;
    let postgres = limits::version(&server).await?;
    limits::tidy_up(&server).await?;

    let show = load::Show::standing(&server.address).await?;
    let mut sales = Vec::new();
    let mut tickets = Vec::new();
    for connections in &arguments.connections {
        let run = show.sell(*connections, window).await?;
        sales.push(run.measured);
        tickets.extend(run.tickets);
    }
    let mut check_ins: Vec<Measured> = Vec::new();
    for connections in &arguments.connections {
        let share = tickets.len() / arguments.connections.len();
        let scanned: Vec<String> = tickets.iter().skip(share * check_ins.len()).take(share).cloned().collect();
        check_ins.push(show.check_in(*connections, window, scanned).await?);
    }
    server.stop()?;

    println!("{}", table::machine(&postgres));
    println!(
        "{}",
        table::render(&[single, commits.clone(), batched.clone()], &sales, &check_ins, commits.rate(), batched.rate())
    );
    Ok(())
}
