//! The log's tree: what growing and signing it costs sales, and how fast it grows when there is much to catch up with.

use std::time::Duration;

use anyhow::{Context as _, Result};
use sqlx::{AssertSqlSafe, Executor as _};

use super::bare::WARM_UP;
use crate::cpu::Processes;
use crate::in_turn::{Way, turns};
use crate::report::{Report, Row};
use crate::scene::Scene;
use crate::server::{Postgres, SUPERUSER};
use crate::windows::Program;

const TASKS: usize = 64;

/// Measures it in databases of its own, on the server's PostgreSQL, with the crates that this bench was built with.
pub async fn measure(scene: &mut Scene, report: &mut Report) -> Result<()> {
    let mut connection = scene.server.connect("postgres").await?;
    for database in ["unsigned", "signed"] {
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {database}"))).await?;
    }
    let Postgres { socket, port, process } = scene.server.postgres()?;
    let start = |database: &str, more: &[&str]| {
        Program::start("bench-in-process", |command| {
            command.arg("--socket").arg(&socket).args(["--port", &port.to_string()]);
            command.args(["--owner", SUPERUSER, "--database", database]).args(more);
        })
    };
    let mut programs = [start("unsigned", &[])?.0, start("signed", &["--signed"])?.0];
    let mut ways = ["without", "with"].map(Way::new);
    for program in &mut programs {
        program.window(TASKS, WARM_UP)?;
    }
    for round in 0..scene.settings.rounds {
        for way in turns(round, ways.len()) {
            let watched = Processes { server: programs[way].id(), postgres: process };
            let before = watched.used();
            let measured = programs[way].window(TASKS, scene.settings.window)?;
            ways[way].add(measured.costing(watched.used() - before));
        }
    }
    let [without, with] = &ways;
    let tasks = || format!("{TASKS} tasks");
    report.add(Row::of("IssueTicket in process, the log's tree at rest", tasks(), without));
    let row = Row::of("IssueTicket in process, the log's tree growing and signed", tasks(), with);
    report.add(row.beside("the same at rest", with, without).aim("nothing measurable"));

    drop(programs);
    let (_, said) = start("unsigned", &["--catch-up"])?;
    let mut numbers = said.split_whitespace().skip(1).map(str::parse::<u64>);
    let mut next = || anyhow::Ok(numbers.next().context("two numbers")??);
    let (events, took) = (next()?, Duration::from_micros(next()?));
    let row = Row::new("the log's tree catches up, events", format!("{events} events"));
    report.add(row.at(events as f64 / took.as_secs_f64()).aim("50,000 a second"));
    Ok(())
}
