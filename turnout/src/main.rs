//! The program: the only place that knows every crate, reads the environment and puts the parts together.
//!
//! Standard output holds what people and scripts wait for (where it listens, how to sign in); logs go to standard error.
//! Secrets come from the environment or from files, never from arguments, which every process on the machine can read.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "people and scripts read what the program prints")]

mod backup;
mod config;
mod counted;
mod database;
mod defence_settings;
mod demo;
mod export;
mod installation;
mod keys;
mod listener;
mod metrics;
mod migrate;
mod observe_settings;
mod rebuild;
mod replay;
mod reset_password;
mod secret_settings;
mod serve;
mod tool_database;
mod traces;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use mimalloc::MiMalloc;

/// Many small allocations for each request, made in one thread and freed in another: what docs/decisions/0005 measured.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Ticketing: sells seats, lets their holders in, and can prove every one of them.
#[derive(Parser)]
#[command(name = "turnout", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API and the web app.
    ///
    /// Without a database URL it runs its own PostgreSQL in the data directory.
    Serve(Box<config::Serve>),
    /// Bring a database that a URL names up to date; TURNOUT_OWNER_DATABASE_URL is its owner's.
    Migrate,
    /// Put the database into one file, while the server goes on.
    ///
    /// Beside a running server it uses its PostgreSQL. Exit code 0: the backup is there. 2: it is not.
    Backup(backup::Options),
    /// Restore a backup into a new data directory or an empty database, and verify the log that came of it.
    ///
    /// Exit code 0: restored, and all is right. 1: the backup is damaged, or its log is not right. 2: it could not be tried.
    Restore(backup::restore::Options),
    /// Build read models anew from the log and put them in place, while the server goes on.
    ///
    /// Beside a running server it uses its PostgreSQL. What was replaced is kept until the next time.
    Rebuild(rebuild::Options),
    /// Write the whole log into a file, with what proves it, to be checked elsewhere: `turnout verify --export FILE`.
    ///
    /// It holds what the log holds, live short codes too; no names and no typed texts, which are not in the log.
    Export(export::Options),
    /// List the keys that sign the log's checkpoints, replace the one that does, or take the trust from one that leaked.
    ///
    /// Beside a running server it uses its PostgreSQL; every server changes within a second.
    #[command(subcommand)]
    Keys(keys::Command),
    /// Print a link by which somebody who signs in chooses a new password; it works once, for a day.
    ///
    /// Beside a running server it uses its PostgreSQL. Pass the link on to the account's owner, to nobody else.
    ResetPassword(reset_password::Options),
    /// Tell a show's story from the log, with its state at each step, and check each step; or print state hashes to compare.
    ///
    /// Exit code 0: all is right. 1: something is wrong. 2: the log could not be looked at.
    Replay(replay::Options),
    /// Read the whole log, and say whether it is as Turnout writes it and whether nothing in it was oversold or admitted once too often.
    ///
    /// Exit code 0: all is right. 1: something is wrong, and the first positions are named. 2: the log could not be looked at.
    Verify(verify::Options),
}

fn main() -> ExitCode {
    match start(Arguments::parse()) {
        Ok(code) => code,
        // The whole chain in one line, as it is meant to be read; a backtrace would tell nobody what to do.
        Err(error) => {
            eprintln!("turnout: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(arguments: Arguments) -> anyhow::Result<ExitCode> {
    config::start_logging()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match arguments.command {
            Command::Serve(options) => serve::run(*options).await?,
            Command::Migrate => migrate::run().await?,
            Command::Backup(options) => return Ok(backup::run(options).await),
            Command::Restore(options) => return Ok(backup::restore::run(options).await),
            Command::Rebuild(options) => rebuild::run(options).await?,
            Command::Export(options) => return Ok(export::run(options).await),
            Command::Keys(command) => keys::run(command).await?,
            Command::ResetPassword(options) => reset_password::run(options).await?,
            Command::Replay(options) => return Ok(replay::run(options).await),
            Command::Verify(options) => return Ok(verify::run(options).await),
        }
        Ok(ExitCode::SUCCESS)
    })
}
