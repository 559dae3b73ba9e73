//! The table: every figure a row, each beside what limits it in the same run.

use std::fmt::Write as _;
use std::time::Duration;

use crate::cpu::Cpu;
use crate::in_turn::{Ratio, Way};
use crate::latencies::Latencies;
use crate::measured::Measured;

/// A row.
#[derive(Clone, Debug, Default)]
pub struct Row {
    what: String,
    at_once: String,
    rate: Option<f64>,
    p50: Option<Duration>,
    p99: Option<Duration>,
    beside: Vec<String>,
    aim: String,
    cpu: String,
    notes: Vec<String>,
}

/// By how many something was done at once: connections where nothing else is said.
#[derive(Debug)]
pub struct AtOnce(String);

impl From<usize> for AtOnce {
    fn from(connections: usize) -> Self {
        Self(connections.to_string())
    }
}

impl From<String> for AtOnce {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl Row {
    /// With nothing in it but what was done, and by how many.
    pub fn new(what: &str, at_once: impl Into<AtOnce>) -> Self {
        Self { what: what.to_owned(), at_once: at_once.into().0, ..Self::default() }
    }

    /// Of windows in turn.
    pub fn of(what: &str, at_once: impl Into<AtOnce>, way: &Way) -> Self {
        Self::new(what, at_once).showing(way)
    }

    /// Of one window.
    pub fn of_window(what: &str, at_once: impl Into<AtOnce>, measured: &Measured) -> Self {
        Self::new(what, at_once).showing_window(measured)
    }

    /// With what windows in turn showed: the rate is their median, latencies and processor time are of all of them.
    pub fn showing(self, way: &Way) -> Self {
        Self { rate: Some(way.rate()), ..self.showing_window(&way.together()) }
    }

    fn showing_window(self, measured: &Measured) -> Self {
        Self {
            rate: Some(measured.rate()),
            p50: Some(measured.percentile(50)),
            p99: Some(measured.percentile(99)),
            cpu: measured.cpu.map(|cpu| per_request(cpu, measured.count)).unwrap_or_default(),
            ..self
        }
    }

    /// Of something that was done once, or whose times are a few: what it took.
    pub fn taking(mut self, time: Duration) -> Self {
        self.p50 = Some(time);
        self
    }

    /// So many a second.
    pub fn at(mut self, rate: f64) -> Self {
        self.rate = Some(rate);
        self
    }

    /// With what single ones took.
    pub fn showing_latencies(mut self, latencies: &Latencies) -> Self {
        (self.p50, self.p99) = (Some(latencies.percentile(50)), Some(latencies.percentile(99)));
        self
    }

    /// Compared with another way in turn, by rates round by round, and by what each of them costs in processor time.
    pub fn beside(mut self, name: &str, own: &Way, other: &Way) -> Self {
        let Ratio { median, least, most } = own.beside(other);
        let mut text = format!("{} ({:.0}–{:.0}) of {name}", percent(median), least * 100.0, most * 100.0);
        if let (Some(cost), Some(other)) = (own.together().cost(), other.together().cost()) {
            let _ = write!(text, ", {} by processor time", percent(other / cost));
        }
        self.beside.push(text);
        self
    }

    /// Compared with something that was measured once.
    pub fn beside_once(mut self, name: &str, ratio: f64) -> Self {
        self.beside.push(format!("{} of {name}", percent(ratio)));
        self
    }

    /// What is aimed at.
    pub fn aim(mut self, aim: &str) -> Self {
        aim.clone_into(&mut self.aim);
        self
    }

    /// What else is to be said.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

fn percent(ratio: f64) -> String {
    format!("{:.0} %", ratio * 100.0)
}

/// Processor time of the server, of PostgreSQL and of the load, for each of so many requests.
fn per_request(cpu: Cpu, count: u64) -> String {
    let each = |time: Duration| time.as_secs_f64() * 1e6 / count.max(1) as f64;
    format!("{:.0} + {:.0} + {:.0}", each(cpu.server), each(cpu.postgres), each(cpu.client))
}

/// All rows so far. Each is also told to standard error when it is there, since a run takes long.
#[derive(Debug, Default)]
pub struct Report {
    rows: Vec<Row>,
}

impl Report {
    /// One more.
    pub fn add(&mut self, row: Row) {
        eprintln!("{}", line(&row));
        self.rows.push(row);
    }

    /// The table in Markdown.
    pub fn table(&self) -> String {
        let mut text = String::from(
            "| what | at once | a second | p50 | p99 | in the same run | aim | µs a request: server + PostgreSQL + load | notes |\n\
             | --- | ---: | ---: | ---: | ---: | --- | --- | ---: | --- |\n",
        );
        for row in &self.rows {
            let _ = writeln!(text, "{}", line(row));
        }
        text
    }
}

fn line(row: &Row) -> String {
    let rate = row.rate.map(|rate| thousands(rate.round() as u64)).unwrap_or_default();
    let time = |time: Option<Duration>| time.map(milliseconds).unwrap_or_default();
    format!(
        "| {} | {} | {rate} | {} | {} | {} | {} | {} | {} |",
        row.what,
        row.at_once,
        time(row.p50),
        time(row.p99),
        row.beside.join("; "),
        row.aim,
        row.cpu,
        row.notes.join("; "),
    )
}

/// `12,345`
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Two digits where it matters: `0.64 ms`, `12 ms`.
pub fn milliseconds(duration: Duration) -> String {
    let milliseconds = duration.as_secs_f64() * 1_000.0;
    let digits = if milliseconds < 1.0 { 2 } else { usize::from(milliseconds < 100.0) };
    format!("{milliseconds:.digits$} ms")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_easy_to_read() {
        assert_eq!(["7", "1,234", "10,000,000"], [7, 1_234, 10_000_000].map(thousands).each_ref().map(String::as_str));
        let times = [640, 12_300, 4_711_000].map(|microseconds| milliseconds(Duration::from_micros(microseconds)));
        assert_eq!(["0.64 ms", "12.3 ms", "4711 ms"], times.each_ref().map(String::as_str));
    }
}
