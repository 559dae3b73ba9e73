//! Which fault comes when: from the seed, known before the first one.

use std::fmt;
use std::time::Duration;

use clap::ValueEnum;
use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom as _, SliceRandom as _};

use crate::place::Where;

/// What is done to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Fault {
    /// `kill -9` of the server; it is started again at once.
    KillServer,
    /// `kill -9` of PostgreSQL: all of it, or its postmaster alone.
    KillPostgres,
    /// The end of one backend, by `kill -9` or by `pg_terminate_backend`.
    KillBackend,
    /// `kill -9` of both.
    KillBoth,
    /// All connections to PostgreSQL broken, new ones refused for a while.
    Cut,
    /// Connections stay open and nothing moves.
    Freeze,
    /// What is sent arrives and is done, answers are thrown away.
    LoseReply,
    /// The file system of the data is filled, and later freed.
    DiskFull,
    /// SIGTERM, and started again.
    Restart,
    /// PostgreSQL is stopped in good order, and started again.
    Stop,
}

impl Fault {
    /// Whether it can be done there: only connections that pass the proxy can be cut.
    pub fn fits(self, place: Where) -> bool {
        place == Where::Outside || !matches!(self, Self::Cut | Self::Freeze | Self::LoseReply)
    }

    /// How long it lasts, between these; `None`: a blow.
    fn lasts(self) -> Option<(u64, u64)> {
        match self {
            Self::KillServer | Self::KillPostgres | Self::KillBackend | Self::KillBoth => None,
            Self::Restart | Self::Stop => None,
            Self::Cut => Some((0, 1_500)),
            Self::Freeze => Some((500, 3_000)),
            Self::LoseReply => Some((50, 500)),
            Self::DiskFull => Some((1_000, 4_000)),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.to_possible_value().map(|value| value.get_name().to_owned());
        out.pad(name.as_deref().unwrap_or_default())
    }
}

/// One fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// So long after the server recovered from the one before.
    pub after: Duration,
    pub fault: Fault,
    /// So long; zero for a blow.
    pub lasts: Duration,
    /// Of two ways to do it, the harder one.
    pub harder: bool,
    /// The next fault does not wait for recovery.
    pub hurried: bool,
}

impl fmt::Display for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "+{:.1}s {}", self.after.as_secs_f64(), self.fault)?;
        if !self.lasts.is_zero() {
            write!(out, " for {:.1}s", self.lasts.as_secs_f64())?;
        }
        match (self.harder, self.hurried) {
            (true, true) => write!(out, " (harder, hurried)"),
            (true, false) => write!(out, " (harder)"),
            (false, true) => write!(out, " (hurried)"),
            (false, false) => Ok(()),
        }
    }
}

/// Each fault once, in any order.
pub fn each_once(rng: &mut StdRng, faults: &[Fault]) -> Vec<Step> {
    let mut faults = faults.to_vec();
    faults.shuffle(rng);
    faults.iter().map(|fault| Step { hurried: false, ..step(rng, *fault, (100, 400)) }).collect()
}

/// More than fit into the time, in any order.
pub fn for_time(rng: &mut StdRng, faults: &[Fault], time: Duration) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut planned = Duration::ZERO;
    while planned < time
        && let Some(fault) = faults.choose(rng)
    {
        let step = step(rng, *fault, (200, 6_000));
        planned += step.after + step.lasts;
        steps.push(step);
    }
    steps
}

fn step(rng: &mut StdRng, fault: Fault, after: (u64, u64)) -> Step {
    let millis = |rng: &mut StdRng, (least, most)| Duration::from_millis(rng.random_range(least..=most));
    Step {
        after: millis(rng, after),
        fault,
        lasts: fault.lasts().map(|lasts| millis(rng, lasts)).unwrap_or_default(),
        harder: rng.random_bool(0.5),
        hurried: rng.random_bool(0.15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    #[test]
    fn a_seed_has_one_schedule() {
        let plan = |seed| for_time(&mut random::source(seed, 0), Fault::value_variants(), Duration::from_secs(600));
        assert_eq!(plan(7), plan(7));
        assert_ne!(plan(7), plan(8));
    }

    #[test]
    fn a_short_run_has_each_fault_once() {
        let steps = each_once(&mut random::source(7, 0), Fault::value_variants());
        let mut faults: Vec<Fault> = steps.iter().map(|step| step.fault).collect();
        faults.sort();
        assert_eq!(faults, Fault::value_variants());
    }

    #[test]
    fn what_the_proxy_does_fits_only_behind_it() {
        assert!(!Fault::Cut.fits(Where::Own));
        assert!(Fault::Cut.fits(Where::Outside) && Fault::DiskFull.fits(Where::Own));
    }
}
