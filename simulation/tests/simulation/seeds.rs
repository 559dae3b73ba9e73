//! Runs of thousands of seeds, of which each has to find nothing.
//!
//! `TURNOUT_SEED=7` runs that one alone, and shows what happened last; `TURNOUT_SEEDS=100000` runs so many instead of
//! the suite's, from `TURNOUT_FIRST_SEED` on, as `scripts/simulate` does.

use std::collections::BTreeMap;

use simulation::{Run, run};

/// Of all parts together.
const SEEDS: u64 = 2_400;
/// Parts run beside each other.
const PARTS: u64 = 4;

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

fn nothing_is_found(run: &Run) {
    if let Some(finding) = &run.finding {
        let seed = run.seed;
        let last = run.last.join("\n");
        panic!("seed {seed}: {finding}\n\n{last}\n\nAgain: TURNOUT_SEED={seed} cargo test -p simulation part_0");
    }
}

fn part(number: u64) {
    if let Some(seed) = variable("TURNOUT_SEED") {
        if number == 0 {
            let run = run(seed, None);
            println!("{}\n{:?}", run.last.join("\n"), run.counts);
            nothing_is_found(&run);
        }
        return;
    }
    let first = variable("TURNOUT_FIRST_SEED").unwrap_or(1);
    let seeds = variable("TURNOUT_SEEDS").unwrap_or(SEEDS);
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for seed in (first..first + seeds).filter(|seed| seed % PARTS == number) {
        let run = run(seed, None);
        nothing_is_found(&run);
        for (word, count) in run.counts {
            *counts.entry(word).or_default() += count;
        }
    }
    println!("{counts:?}");
    if seeds < SEEDS {
        return;
    }
    for word in STRIKES {
        assert!(counts.get(word).is_some_and(|count| *count >= 5), "{word} hardly ever happened: {counts:?}");
    }
}

/// What has to happen in each part: a simulation in which nothing breaks finds nothing.
const STRIKES: &[&str] = &[
    "lost_before",
    "lost_during",
    "no_reply",
    "later",
    "slow_flush",
    "crash_in_commit",
    "refused",
    "slow_connect",
    "read_fails",
    "slow_read",
    "snapshot_kept",
    "snapshot_read",
    "restart",
    "node_crash",
    "node_restart",
    "clock_jump",
    "follower_sleeps",
    "fenced_off",
    "no_answer",
    "turned_away",
    "turn_taken",
    "turn_missed",
    "rejected",
    "done",
];

#[test]
fn part_0() {
    part(0);
}

#[test]
fn part_1() {
    part(1);
}

#[test]
fn part_2() {
    part(2);
}

#[test]
fn part_3() {
    part(3);
}
