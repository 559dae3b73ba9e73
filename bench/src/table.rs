//! The result in Markdown, for a note or the docs.

use std::fmt::Write as _;
use std::time::Duration;

use crate::load::Measured;

/// The line that says what it was measured on.
pub fn machine(postgres: &str) -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let processor = std::fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("model name"))?.to_owned();
            line.split_once(": ").map(|(_, name)| name.to_owned())
        })
        .unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    format!(
        "{cores} cores ({processor}) shared by server, database and load; PostgreSQL {postgres}, fsync on; one show, one process. \
         The last two columns compare events a second with rows a second, the former with those of the most connections.\n"
    )
}

/// The table: the limits first, then what was measured over HTTP, with its events in relation to both limits.
pub fn render(limits: &[Measured], sales: &[Measured], check_ins: &[Measured], commits: f64, batched: f64) -> String {
    let mut text = String::from(
        "| what | connections | a second | p50 | p99 | events a second | of one row a commit | of rows in batches |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for measured in limits.iter().chain(sales).chain(check_ins) {
        let (events, of_commits, of_batches) = match measured.events_rate() {
            Some(rate) => (format!("{rate:.0}"), percent(rate, commits), percent(rate, batched)),
            None => Default::default(),
        };
        let _ = writeln!(
            text,
            "| {} | {} | {:.0} | {} | {} | {events} | {of_commits} | {of_batches} |",
            measured.what,
            measured.connections,
            measured.rate(),
            milliseconds(measured.percentile(50)),
            milliseconds(measured.percentile(99)),
        );
    }
    text
}

fn percent(part: f64, whole: f64) -> String {
    format!("{:.0} %", part / whole * 100.0)
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1_000.0)
}
