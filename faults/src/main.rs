//! The fault harness: breaks a running Turnout in the middle of load from several clients, again and again, and then checks every
//! answer against the log. What it promises to find is proved by its own tests, on logs and journals that were tampered with.
//!
//! It knows the server's binary, its HTTP contract, and the table `log.events`; of the server's crates it uses none.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "people read what the program prints")]

mod check;
mod journal;
mod load;
mod options;
mod place;
mod random;
mod report;
mod run;
mod schedule;
mod strike;
mod verdict;

use std::process::ExitCode;

use clap::Parser as _;

/// The bearer token of the installation's owner.
const ADMIN_TOKEN: &str = "fault-harness-owner-token-0123456789abcdef";

fn main() -> ExitCode {
    let options = options::Options::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("faults: {error}");
            return ExitCode::from(2);
        }
    };
    match runtime.block_on(until_told_to_stop(options)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("faults: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Ctrl-C and SIGTERM end it like any error does: the server is stopped and the file system unmounted.
async fn until_told_to_stop(options: options::Options) -> anyhow::Result<bool> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        done = run::run(options) => done,
        _ = tokio::signal::ctrl_c() => anyhow::bail!("stopped"),
        _ = terminate.recv() => anyhow::bail!("stopped"),
    }
}
