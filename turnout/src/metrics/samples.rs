//! What is asked for when the metrics are read: whatever has a state that can be looked at, so that nobody has to count it.

use std::{
    fmt::Write as _,
    sync::Arc,
    time::{Duration, Instant},
};

use commands::desk::Desks;
use event_store::{Clock, Log};
use sqlx::PgPool;
use tokio::sync::{Mutex, watch};

use super::{postgres, process, table};

/// How long the metrics wait for the database; what it does not say in time is left out.
const DATABASE_WITHIN: Duration = Duration::from_secs(1);

/// How often PostgreSQL is asked for its statistics at most, however often the metrics are read.
const POSTGRES_EVERY: Duration = Duration::from_secs(5);

/// What is looked at.
pub struct Sources {
    desks: Option<Desks>,
    log: Log,
    checkpoint: Option<watch::Receiver<i64>>,
    clock: Arc<dyn Clock>,
    pools: Vec<(&'static str, PgPool)>,
    wal: Mutex<Option<(Instant, postgres::Wal)>>,
}

/// Metrics as text, in the order in which they were added; those of one name have to come together.
#[derive(Default)]
pub(super) struct Samples {
    text: String,
    last: &'static str,
}

impl Sources {
    /// The desks, where there are any; the log; how far the read models are, where that is known; and the pools by their names, the first of
    /// which is asked for statistics.
    pub fn new(
        desks: Option<Desks>,
        log: Log,
        checkpoint: Option<watch::Receiver<i64>>,
        clock: Arc<dyn Clock>,
        pools: Vec<(&'static str, PgPool)>,
    ) -> Self {
        Self { desks, log, checkpoint, clock, pools, wal: Mutex::default() }
    }

    /// Everything, as text.
    pub(super) async fn read(&self) -> String {
        let mut samples = Samples::default();
        samples.add("turnout_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1.0);
        self.desks(&mut samples);
        self.pools(&mut samples);
        // A database that is away shall not keep anybody from seeing the rest.
        let lag = tokio::time::timeout(DATABASE_WITHIN, self.lag()).await;
        let answers = matches!(lag, Ok(Ok(_)));
        samples.add("turnout_postgres_answers", &[], if answers { 1.0 } else { 0.0 });
        if let Ok(Ok(lag)) = lag {
            samples.add("turnout_log_head", &[], lag.head as f64);
            if let Some(behind) = lag.behind {
                samples.add("turnout_projector_lag_events", &[], behind.events as f64);
                samples.add("turnout_projector_lag_seconds", &[], behind.seconds);
            }
        }
        if let Some(wal) = self.wal().await {
            wal.write(&mut samples);
        }
        process::write_runtime(&mut samples);
        process::write(&mut samples);
        samples.text
    }

    fn desks(&self, samples: &mut Samples) {
        let Some(load) = self.desks.as_ref().map(Desks::load) else { return };
        samples.add("turnout_desk_open_desks", &[], load.open as f64);
        samples.add("turnout_desk_mailbox_letters", &[("mailbox", "door")], load.door as f64);
        samples.add("turnout_desk_mailbox_letters", &[("mailbox", "sales")], load.sales as f64);
        samples.add("turnout_desk_deepest_mailbox_letters", &[], load.deepest as f64);
    }

    fn pools(&self, samples: &mut Samples) {
        for (name, pool) in &self.pools {
            let idle = pool.num_idle();
            let used = (pool.size() as usize).saturating_sub(idle);
            samples.add("turnout_pool_connections", &[("pool", name), ("state", "idle")], idle as f64);
            samples.add("turnout_pool_connections", &[("pool", name), ("state", "used")], used as f64);
        }
    }

    async fn lag(&self) -> Result<Lag, event_store::ReadError> {
        let head = self.log.head().await?;
        let Some(checkpoint) = &self.checkpoint else { return Ok(Lag { head, behind: None }) };
        let position = *checkpoint.borrow();
        let waiting = if head > position { self.log.event(position + 1).await? } else { None };
        let since = waiting.map(|event| (self.clock.now() - event.recorded_at).to_std().unwrap_or(Duration::ZERO));
        let seconds = since.map_or(0.0, |since| since.as_secs_f64());
        Ok(Lag { head, behind: Some(Behind { events: (head - position).max(0), seconds }) })
    }

    async fn wal(&self) -> Option<postgres::Wal> {
        let mut known = self.wal.lock().await;
        if let Some((at, wal)) = &*known
            && at.elapsed() < POSTGRES_EVERY
        {
            return Some(wal.clone());
        }
        let (_, pool) = self.pools.first()?;
        let wal = tokio::time::timeout(DATABASE_WITHIN, postgres::wal(pool)).await.ok()?.ok()?;
        *known = Some((Instant::now(), wal.clone()));
        Some(wal)
    }
}

/// How far the log goes, and how far the read models are behind it.
struct Lag {
    head: i64,
    behind: Option<Behind>,
}

struct Behind {
    events: i64,
    /// How long the first event that is not to be seen yet has waited.
    seconds: f64,
}

impl Samples {
    /// One more. Names and labels are words of this program, so nothing in them needs escaping.
    pub(super) fn add(&mut self, name: &'static str, labels: &[(&str, &str)], value: f64) {
        if self.last != name {
            self.last = name;
            if let Some(metric) = table::find(name) {
                debug_assert!(labels.iter().map(|(label, _)| label).eq(metric.labels), "the labels of {name}");
                let _ = writeln!(self.text, "# HELP {name} {}\n# TYPE {name} {}", metric.help, metric.kind.as_str());
            }
        }
        self.text.push_str(name);
        for (index, (label, value)) in labels.iter().enumerate() {
            let before = if index == 0 { '{' } else { ',' };
            let _ = write!(self.text, "{before}{label}=\"{value}\"");
        }
        let end = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.text, "{end} {value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_of_one_name_have_one_description() {
        let mut samples = Samples::default();
        samples.add("turnout_desk_mailbox_letters", &[("mailbox", "door")], 2.0);
        samples.add("turnout_desk_mailbox_letters", &[("mailbox", "sales")], 0.5);
        samples.add("turnout_desk_open_desks", &[], 1.0);
        let lines: Vec<&str> = samples.text.lines().filter(|line| !line.starts_with("# HELP")).collect();
        assert_eq!(
            lines,
            [
                "# TYPE turnout_desk_mailbox_letters gauge",
                "turnout_desk_mailbox_letters{mailbox=\"door\"} 2",
                "turnout_desk_mailbox_letters{mailbox=\"sales\"} 0.5",
                "# TYPE turnout_desk_open_desks gauge",
                "turnout_desk_open_desks 1",
            ]
        );
    }
}
