//! The result in Markdown, for a note or the docs.

use std::fmt::Write as _;
use std::time::Duration;

use crate::credentials::Compared;
use crate::in_turn::Ratio;
use crate::measured::Measured;
use crate::row_security::Costs;

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
        "{cores} cores ({processor}) shared by server, database and load; PostgreSQL {postgres}, fsync on; one show, one process.\n"
    )
}

/// The table: the limits first, then what was measured over HTTP, with its events in relation to both limits.
pub fn render(limits: &[Measured], sales: &[Measured], check_ins: &[Measured], commits: f64, batched: f64) -> String {
    let mut text = String::from(
        "The last two columns compare events a second with rows a second, the former with those of the most connections.\n\n\
         | what | connections | a second | p50 | p99 | events a second | of one row a commit | of rows in batches |\n\
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

/// The same requests in several ways, in relation to the first of them.
pub fn ways(compared: &[Compared]) -> String {
    let mut text = String::from(
        "Windows in turn; the last column is the rate beside that of the first way, as the median of the rounds (the least and \
         the most).\n\n\
         | what | connections | by | a second | p50 | p99 | beside the first |\n\
         | --- | ---: | --- | ---: | ---: | ---: | ---: |\n",
    );
    for Compared { what, ways } in compared {
        let Some(first) = ways.first() else { continue };
        for (index, way) in ways.iter().enumerate() {
            let Some(all) = way.together() else { continue };
            let beside = if index == 0 { String::new() } else { ratio(way.beside(first)) };
            let (p50, p99) = (milliseconds(all.percentile(50)), milliseconds(all.percentile(99)));
            let (connections, name, rate) = (all.connections, way.name, all.rate());
            let _ = writeln!(text, "| {what} | {connections} | {name} | {rate:.0} | {p50} | {p99} | {beside} |");
        }
    }
    text
}

/// What row-level security costs of each statement.
pub fn row_security(costs: &[Costs]) -> String {
    let mut text = String::from(
        "Medians on one connection, by turns. Bound: as the server's role, under the policy of row-level security.\n\n\
         | statement | owner alone | bound alone | beside | owner in BEGIN, COMMIT | as served | beside | BEGIN and COMMIT of it |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for cost in costs {
        let of = |part: Duration, whole: Duration| percent(part.as_secs_f64(), whole.as_secs_f64());
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            cost.what,
            microseconds(cost.owner),
            microseconds(cost.bound),
            of(cost.bound, cost.owner),
            microseconds(cost.owner_in_transaction),
            microseconds(cost.as_served),
            of(cost.as_served, cost.owner_in_transaction),
            of(cost.round_trips, cost.as_served),
        );
    }
    text
}

fn ratio(ratio: Ratio) -> String {
    let of = |ratio: f64| ratio * 100.0;
    format!("{:.0} % ({:.0}–{:.0})", of(ratio.median), of(ratio.least), of(ratio.most))
}

fn microseconds(duration: Duration) -> String {
    format!("{} µs", duration.as_micros())
}

fn percent(part: f64, whole: f64) -> String {
    format!("{:.0} %", part / whole * 100.0)
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1_000.0)
}
