//! Sales in process: desks and recorder without HTTP, beside the bare limit's desk, in turn.

use anyhow::Result;
use sqlx::Executor as _;

use super::bare::WARM_UP;
use crate::cpu::Processes;
use crate::in_turn::{Way, turns};
use crate::report::{Report, Row};
use crate::scene::Scene;
use crate::server::{Postgres, SUPERUSER};
use crate::windows::Program;

const TASKS: &[usize] = &[64, 256];

/// Measures it in a database of its own, on the server's PostgreSQL. What sells is what this bench was built with, not the given
/// binary.
pub async fn measure(scene: &mut Scene, report: &mut Report) -> Result<()> {
    let mut connection = scene.server.connect("postgres").await?;
    connection.execute("CREATE DATABASE in_process").await?;
    let Postgres { socket, port, process } = scene.server.postgres()?;
    let (mut program, _) = Program::start("bench-in-process", |command| {
        command.arg("--socket").arg(socket).args(["--port", &port.to_string()]);
        command.args(["--owner", SUPERUSER, "--database", "in_process"]);
    })?;
    let watched = Processes { server: program.id(), postgres: process };
    for tasks in TASKS {
        let mut ways = ["bare", "desks"].map(Way::new);
        scene.bare.in_process(*tasks, WARM_UP)?;
        program.window(*tasks, WARM_UP)?;
        for round in 0..scene.settings.rounds {
            for way in turns(round, ways.len()) {
                let window = scene.settings.window;
                let measured = if way == 0 {
                    scene.bare.in_process(*tasks, window)?
                } else {
                    let before = watched.used();
                    let measured = program.window(*tasks, window)?;
                    measured.costing(watched.used() - before)
                };
                ways[way].add(measured);
            }
        }
        let [bare, desks] = &ways;
        let tasks = || format!("{tasks} tasks");
        report.add(Row::of("bare limit: a sale in process", tasks(), bare));
        let row =
            Row::of("IssueTicket in process, one show", tasks(), desks).beside("bare sales in process", desks, bare);
        report.add(row.aim("25,000 a second"));
    }
    Ok(())
}
