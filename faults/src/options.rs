//! What the harness is told.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use crate::place::Where;
use crate::schedule::Fault;

/// Breaks a running Turnout in the middle of load, again and again, and then checks every answer against the log.
///
/// Exit code 1 when anything was lost, doubled, oversold, admitted too often, or otherwise wrong.
#[derive(Debug, Clone, Parser)]
#[command(name = "faults", version)]
pub struct Options {
    /// The server to break.
    #[arg(long, value_name = "PATH")]
    pub binary: PathBuf,
    /// Each fault once at each place, then the check: about a minute.
    #[arg(long, conflicts_with = "duration")]
    pub short: bool,
    /// How long: 90s, 10m, 2h.
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "2m")]
    pub duration: Duration,
    /// Which faults; by default all.
    #[arg(long, value_name = "FAULT,…", value_enum, value_delimiter = ',')]
    pub faults: Vec<Fault>,
    /// On whose PostgreSQL; by default both, at the same time.
    #[arg(long, value_name = "PLACE,…", value_enum, value_delimiter = ',', default_values = ["own", "outside"])]
    pub places: Vec<Where>,
    /// What the faults, their moments and the clients' choices follow from; by default another one each time.
    #[arg(long)]
    pub seed: Option<u64>,
    /// How many clients at each place.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u64).range(3..=500))]
    pub clients: u64,
    /// Where the servers' logs stay when something is wrong; by default in the system's folder for temporary files.
    #[arg(long, value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let seconds = match unit {
        "s" | "" => 1,
        "m" => 60,
        "h" => 3_600,
        _ => return Err("write it as 90s, 10m or 2h".to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| "write it as 90s, 10m or 2h")?;
    Ok(Duration::from_secs(number * seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_a_unit() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("1h"), Ok(Duration::from_secs(3_600)));
        assert!(duration("soon").is_err());
        assert!(duration("3d").is_err());
    }
}
