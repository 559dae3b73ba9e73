//! The result in Markdown, for a note or the docs.

use std::fmt::Write as _;
use std::time::Duration;

use crate::credentials::Compared;
use crate::in_turn::Ratio;
use crate::report::milliseconds;
use crate::row_security::Costs;

/// The line that says what it was measured on.
pub fn machine(postgres: &str, load_average: Option<f64>) -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let processor = std::fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("model name"))?.to_owned();
            line.split_once(": ").map(|(_, name)| name.to_owned())
        })
        .unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let busy = match load_average {
        Some(load) if load > LOAD_OF_QUIET => {
            format!(
                " THE MACHINE WAS BUSY OTHERWISE: load average {load:.2} at the start; ratios hold better than rates."
            )
        }
        Some(load) => format!(" Load average {load:.2} at the start."),
        None => String::new(),
    };
    format!(
        "{cores} cores ({processor}) shared by server, database and load; PostgreSQL {postgres}, fsync on.{busy} Percentages are medians of \
         windows in turn (the least and the most).\n"
    )
}

/// Of a machine that has nothing else to do; the start of the server alone makes a little.
const LOAD_OF_QUIET: f64 = 0.5;

/// Of the last minute, before the bench does anything.
pub fn load_average() -> Option<f64> {
    std::fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

/// The same requests in several ways, in relation to the first of them.
pub fn ways(compared: &[Compared]) -> String {
    let mut text = String::from(
        "Windows in turn; the last column is the rate beside that of the first way, as the median of the rounds (the least and \
         the most).\n\n\
         | what | connections | by | a second | p50 | p99 | beside the first |\n\
         | --- | ---: | --- | ---: | ---: | ---: | ---: |\n",
    );
    for Compared { what, connections, ways } in compared {
        let Some(first) = ways.first() else { continue };
        for (index, way) in ways.iter().enumerate() {
            let all = way.together();
            let beside = if index == 0 { String::new() } else { ratio(way.beside(first)) };
            let (p50, p99) = (milliseconds(all.percentile(50)), milliseconds(all.percentile(99)));
            let (name, rate) = (way.name, all.rate());
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
