//! The bare limit as a program of its own, as the server is one: it sells over HTTP, and in its own process when it is told to.
//!
//! It prints where it listens. Each line that it reads, of a number of tasks and of milliseconds, is a window in its own process,
//! answered by a line (see `bench::windows`).

#![allow(clippy::print_stdout, reason = "it tells the bench where it listens")]

use std::path::PathBuf;

use anyhow::Result;
use bench::bare::{self, Desk};
use bench::windows;
use clap::Parser;
use sqlx::postgres::PgConnectOptions;
use tokio::net::TcpListener;

/// Measures the bare limit; started by the bench.
#[derive(Debug, Parser)]
struct Arguments {
    /// The folder of PostgreSQL's Unix socket.
    #[arg(long)]
    socket: PathBuf,
    /// The port in the socket's name.
    #[arg(long)]
    port: u16,
    /// Who owns the database.
    #[arg(long)]
    user: String,
    /// A database of its own.
    #[arg(long)]
    database: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    let Arguments { socket, port, user, database } = Arguments::parse();
    let options = PgConnectOptions::new_without_pgpass().socket(socket).port(port).username(&user).database(&database);
    let desk = Desk::start(options).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    let serving = tokio::spawn(bare::serve(listener, desk.clone()));
    windows::answer(|tasks, window| bare::window(desk.clone(), tasks, window)).await?;
    serving.abort();
    Ok(())
}
