//! The run: at each place, all at the same time, shows are planned, clients start, faults strike by the schedule, clients finish, and everything is
//! checked.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::ValueEnum as _;
use futures::future::join_all;
use tempfile::TempDir;

use crate::check::Kind;
use crate::load::{Asking, Load, Pulse};
use crate::options::Options;
use crate::place::{Place, Where};
use crate::random;
use crate::report::{self, AtPlace};
use crate::schedule::{self, Fault, Step};
use crate::strike::{Struck, strike};
use crate::verdict::judge;

/// Nobody waits longer for a server to come back.
const RECOVER_WITHIN: Duration = Duration::from_secs(60);
/// A fault strikes when so many commands were accepted since the one before: in the middle of load, however slow the machine.
const ACCEPTED_BETWEEN: u64 = 25;
/// So much of a long schedule is printed; the seed makes the rest.
const PRINTED_MAX: usize = 60;

/// Runs all of it; whether nothing was wrong.
pub async fn run(options: Options) -> Result<bool> {
    let seed = options.seed.unwrap_or_else(|| u64::from(rand::random::<u32>()));
    println!("seed {seed} (the same faults in the same order: --seed {seed})");
    let folder = match &options.folder {
        Some(parent) => tempfile::Builder::new().prefix("turnout-faults-").tempdir_in(parent)?,
        None => tempfile::Builder::new().prefix("turnout-faults-").tempdir()?,
    };
    // The servers run as somebody else, who has to pass.
    std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    let runs = (1..).zip(&options.places).map(|(part, whose)| {
        let seed = seed.wrapping_add(part);
        let steps = plan(&options, seed, *whose);
        announce(*whose, &steps);
        at_place(&options, seed, folder.path(), *whose, steps)
    });
    let places = match join_all(runs).await.into_iter().collect::<Result<Vec<AtPlace>>>() {
        Ok(places) => places,
        Err(error) => {
            keep(folder);
            return Err(error);
        }
    };
    let right = report::print(&places);
    if !right {
        keep(folder);
    }
    Ok(right)
}

/// Leaves the servers' logs for whoever looks for the reason.
fn keep(folder: TempDir) {
    println!("the servers' logs stay in {}", folder.keep().display());
}

fn plan(options: &Options, seed: u64, whose: Where) -> Vec<Step> {
    let wanted = if options.faults.is_empty() { Fault::value_variants() } else { &options.faults };
    let faults: Vec<Fault> = wanted.iter().copied().filter(|fault| fault.fits(whose)).collect();
    let mut rng = random::source(seed, 0);
    if options.short {
        return schedule::each_once(&mut rng, &faults);
    }
    schedule::for_time(&mut rng, &faults, options.duration)
}

async fn at_place(options: &Options, seed: u64, folder: &Path, whose: Where, steps: Vec<Step>) -> Result<AtPlace> {
    let started = Instant::now();
    let mut at = AtPlace::new(whose);
    let binary = std::fs::canonicalize(&options.binary).with_context(|| options.binary.display().to_string())?;
    let mut place = Place::start(&binary, &folder.join(whose.to_string()), whose).await?;
    let wants_disk = steps.iter().any(|step| step.fault == Fault::DiskFull);
    match &place.disk {
        Ok(disk) => println!("{whose}: the data has a file system of its own ({})", disk.kind),
        Err(no) if wants_disk => at.not_run = Some(no.0.clone()),
        Err(_) => {}
    }
    let mut load = Load::start(&place.server.address, seed, options.clients).await?;
    let end = started + options.duration;
    let mut hurried = false;
    for step in steps {
        if !options.short && Instant::now() + step.after > end {
            break;
        }
        if step.fault == Fault::DiskFull && place.disk.is_err() {
            continue;
        }
        tokio::time::sleep(step.after).await;
        if !hurried {
            amid_load(&load.asking).await;
        }
        hurried = step.hurried;
        let told = one(&mut place, &load, &mut at, step).await;
        println!("{:>7.1}s {whose:<8} {step}: {told}", started.elapsed().as_secs_f64());
        if at.wrongs.count(Kind::Unavailable) > 0 {
            break;
        }
    }
    at.load_seconds = started.elapsed().as_secs_f64();
    settle(&place, &mut load, &mut at).await;
    match place.server.ended_by_itself()? {
        Some(status) => at.wrongs.found(Kind::Unavailable, format!("the server ended by itself, {status}")),
        None if at.wrongs.count(Kind::Unavailable) == 0 => place.stop().await?,
        None => {}
    }
    Ok(at)
}

/// Returns when commands are accepted again in numbers, or are not for as long as recovery may take.
async fn amid_load(asking: &Asking) {
    let accepted = || asking.tally.accepted.load(Ordering::Relaxed);
    let (before, since) = (accepted(), Instant::now());
    while accepted() < before + ACCEPTED_BETWEEN && since.elapsed() < RECOVER_WITHIN {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn announce(whose: Where, steps: &[Step]) {
    println!("\n{whose}: {} faults planned", steps.len());
    for step in steps.iter().take(PRINTED_MAX) {
        println!("  {step}");
    }
    if steps.len() > PRINTED_MAX {
        println!("  … and {} more", steps.len() - PRINTED_MAX);
    }
}

/// One fault, and the recovery from it; how that went, in words.
async fn one(place: &mut Place, load: &Load, at: &mut AtPlace, step: Step) -> String {
    let struck = match strike(place, &load.asking, step).await {
        Ok(struck) => struck,
        Err(error) => {
            at.wrongs.found(Kind::Unavailable, format!("{step}: {error:#}"));
            return format!("{error:#}");
        }
    };
    if !struck.felt {
        at.wrongs.found(Kind::Answer, format!("{step}: nobody was turned away"));
    }
    if step.hurried {
        at.struck(step.fault, None);
        return "the next one does not wait".to_owned();
    }
    let recovered = recovered(&load.asking, struck).await;
    at.struck(step.fault, recovered);
    match recovered {
        Some(time) => format!("recovered in {:.2}s", time.as_secs_f64()),
        None => {
            let what = format!("{step}: no command was accepted within {RECOVER_WITHIN:?} of it");
            at.wrongs.found(Kind::Unavailable, what.clone());
            what
        }
    }
}

/// The clients finish, what was accepted is asked again, and everything is checked.
async fn settle(place: &Place, load: &mut Load, at: &mut AtPlace) {
    load.finish().await;
    if at.wrongs.count(Kind::Unavailable) == 0 {
        load.asking.ask_again().await;
    }
    at.tallied(&load.asking.tally);
    let (journal, wrongs) = load.asking.take();
    at.wrongs.add(wrongs);
    let judged = Instant::now();
    match judge(place, &journal).await {
        Ok(check) => {
            at.events = check.position;
            at.shows = check.shows.len();
            at.wrongs.add(check.wrongs);
        }
        Err(error) => at.wrongs.found(Kind::Unavailable, format!("the log cannot be read: {error:#}")),
    }
    at.check_seconds = judged.elapsed().as_secs_f64();
}

/// Until a command that was sent behind the fault is accepted.
async fn recovered(asking: &Asking, struck: Struck) -> Option<Duration> {
    let pulse: &Pulse = &asking.pulse;
    let over_micros = u64::try_from(asking.since_start(struck.over).as_micros()).unwrap_or(u64::MAX);
    let mut latest = pulse.subscribe();
    let accepted = latest.wait_for(|sent| *sent >= over_micros);
    tokio::time::timeout(RECOVER_WITHIN, accepted).await.ok()?.ok()?;
    Some(struck.since.elapsed())
}
