//! Faults, done: each returns the moment from which recovery is measured, which for a lasting one is its end.
//!
//! Recovered is who accepts a command that was sent behind the blow: what was sent a moment before may still be accepted.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::load::Asking;
use crate::place::{Mode, Place, kill_postgres};
use crate::schedule::{Fault, Step};

/// A full disk has to be felt: it lasts at least until so many requests were turned away, or so long.
const TURNED_AWAY_MIN: u64 = 20;
const FELT_WITHIN: Duration = Duration::from_secs(20);

/// A server that is killed while it starts has begun so much.
const KILLED_STARTING: Duration = Duration::from_millis(150);

/// A fault that was done.
#[derive(Debug, Clone, Copy)]
pub struct Struck {
    /// From here on recovery is measured.
    pub since: Instant,
    /// What is sent from here on and accepted is recovery.
    pub over: Instant,
    /// Whether it did what it is for; a full disk that nobody felt did not.
    pub felt: bool,
}

/// Does it.
pub async fn strike(place: &mut Place, asking: &Asking, step: Step) -> Result<Struck> {
    let since = Instant::now();
    let blow = || Struck { since, over: Instant::now(), felt: true };
    let struck = match step.fault {
        Fault::KillServer => {
            place.server.kill().await?;
            let struck = blow();
            if step.harder {
                place.server.start_in_vain(KILLED_STARTING).await?;
            }
            struck
        }
        Fault::KillPostgres => {
            kill_postgres(place.postmaster().await?, step.harder)?;
            blow()
        }
        Fault::KillBackend => {
            place.end_backend(step.harder, step.harder).await?;
            blow()
        }
        Fault::KillBoth => {
            let postmaster = place.postmaster().await?;
            if step.harder {
                kill_postgres(postmaster, true)?;
                place.server.kill().await?;
            } else {
                place.server.kill().await?;
                kill_postgres(postmaster, true)?;
            }
            blow()
        }
        Fault::Restart => {
            let exit = place.server.terminate().await?;
            ensure!(exit.success(), "after SIGTERM the server ended with {exit}");
            blow()
        }
        Fault::Stop => {
            place.stop_postgres().await?;
            blow()
        }
        Fault::Cut => through_proxy(place, Mode::Cut, step).await?,
        Fault::Freeze => through_proxy(place, Mode::Frozen, step).await?,
        Fault::LoseReply => through_proxy(place, Mode::LoseReplies, step).await?,
        Fault::DiskFull => fill_disk(place, asking, step).await?,
    };
    if !place.server.is_started() {
        place.server.start_again().await?;
    }
    Ok(struck)
}

/// The end of a lasting fault.
fn lifted(felt: bool) -> Struck {
    let now = Instant::now();
    Struck { since: now, over: now, felt }
}

async fn through_proxy(place: &Place, mode: Mode, step: Step) -> Result<Struck> {
    let outside = place.outside.as_ref().context("there is no proxy here")?;
    outside.set(mode);
    tokio::time::sleep(step.lasts).await;
    // A frozen connection goes on as if nothing had been, or is dead.
    if mode == Mode::Frozen && step.harder {
        outside.set(Mode::Cut);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    outside.set(Mode::Pass);
    Ok(lifted(true))
}

async fn fill_disk(place: &Place, asking: &Asking, step: Step) -> Result<Struck> {
    let disk = place.disk.as_ref().map_err(|no| anyhow::anyhow!("{}", no.0))?;
    let turned_away = || asking.tally.turned_away.load(std::sync::atomic::Ordering::Relaxed);
    let (began, before) = (Instant::now(), turned_away());
    let felt = loop {
        // Old files of the write-ahead log may go meanwhile: what they leave is filled, too.
        disk.fill()?;
        let felt = turned_away() - before >= TURNED_AWAY_MIN;
        if (felt && began.elapsed() >= step.lasts) || began.elapsed() > FELT_WITHIN {
            break felt;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    disk.empty()?;
    Ok(lifted(felt))
}
