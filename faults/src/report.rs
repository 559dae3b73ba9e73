//! What was done and what was found, as a table.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::check::{Kind, Wrongs};
use crate::load::Tally;
use crate::place::Where;
use crate::schedule::Fault;

/// What happened at one place.
#[derive(Debug)]
pub struct AtPlace {
    whose: Where,
    /// Why the disk was not filled.
    pub not_run: Option<String>,
    faults: BTreeMap<Fault, Recoveries>,
    counts: Vec<(&'static str, u64)>,
    pub events: i64,
    pub shows: usize,
    pub load_seconds: f64,
    pub check_seconds: f64,
    pub wrongs: Wrongs,
}

/// How often a fault struck, and how long recovery took where it was waited for.
#[derive(Debug, Default)]
struct Recoveries {
    struck: u32,
    times: Vec<Duration>,
}

/// The place, in words.
fn name(whose: Where) -> &'static str {
    match whose {
        Where::Own => "with its own PostgreSQL",
        Where::Outside => "with an outside PostgreSQL behind a proxy",
    }
}

impl AtPlace {
    /// Nothing yet.
    pub fn new(whose: Where) -> Self {
        Self {
            whose,
            not_run: None,
            faults: BTreeMap::new(),
            counts: Vec::new(),
            events: 0,
            shows: 0,
            load_seconds: 0.0,
            check_seconds: 0.0,
            wrongs: Wrongs::default(),
        }
    }

    /// One more fault.
    pub fn struck(&mut self, fault: Fault, recovered: Option<Duration>) {
        let recoveries = self.faults.entry(fault).or_default();
        recoveries.struck += 1;
        recoveries.times.extend(recovered);
    }

    /// What the clients counted.
    pub fn tallied(&mut self, tally: &Tally) {
        self.counts = [
            ("requests", &tally.requests),
            ("accepted", &tally.accepted),
            ("rejected by the rules", &tally.rejected),
            ("sent again with the same key", &tally.retries),
            ("  after no answer", &tally.unanswered),
            ("  after 503 or 429", &tally.turned_away),
            ("sent twice at once", &tally.twice),
        ]
        .map(|(name, count)| (name, count.load(Ordering::Relaxed)))
        .into();
    }

    fn print(&self) {
        println!("\n=== {}", name(self.whose));
        for (name, count) in &self.counts {
            println!("{name:<32}{count:>10}");
        }
        let (shows, load, check) = (self.shows, self.load_seconds, self.check_seconds);
        println!("{:<32}{:>10}  of {shows} shows, checked in {check:.1} s", "events in the log", self.events);
        println!("{:<32}{load:>9.0}s", "load and faults");
        println!("fault         struck  recovered in (median, longest)");
        for (fault, recoveries) in &self.faults {
            let mut times = recoveries.times.clone();
            times.sort();
            let (median, longest) = (times.get(times.len() / 2), times.last());
            let told = median.zip(longest).map_or_else(
                || "not waited for".to_owned(),
                |(median, longest)| format!("{:>6.2} s {:>6.2} s", median.as_secs_f64(), longest.as_secs_f64()),
            );
            println!("{fault:<14}{:>6}  {told}", recoveries.struck);
        }
        if let Some(why) = &self.not_run {
            let what = format!("disk-full {}: {why}", name(self.whose));
            println!("NOT RUN: {what}");
            not_checked(&format!("faults: {what}"));
        }
        for kind in Kind::ALL {
            println!("{:<32}{:>10}", kind.name(), self.wrongs.count(kind));
        }
        for (kind, what) in self.wrongs.told() {
            println!("WRONG, {}: {what}", kind.name());
        }
    }
}

/// Says it to whoever runs all tests, too: `scripts/test` names a file for what could not be looked at.
fn not_checked(what: &str) {
    let Some(file) = std::env::var_os("TURNOUT_NOT_CHECKED") else { return };
    let file = File::options().create(true).append(true).open(file);
    if let Err(error) = file.and_then(|mut file| writeln!(file, "{what}")) {
        eprintln!("faults: {error}");
    }
}

/// Prints everything; whether nothing was wrong.
pub fn print(places: &[AtPlace]) -> bool {
    for place in places {
        place.print();
    }
    let right = places.iter().all(|place| place.wrongs.is_empty());
    println!(
        "\n{}",
        if right { "Nothing was lost, doubled, oversold or admitted too often." } else { "SOMETHING IS WRONG." }
    );
    right
}
