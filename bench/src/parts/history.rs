//! Giving the history away: a show's bundle, its verification, and the whole log as NDJSON; how fast each is, and what it takes of the
//! server's memory.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::bare::CONNECTIONS_MANY;
use super::read_side::{fill, read, run};
use crate::http::{Credentials, Downloaded, download};
use crate::load::Load;
use crate::projectors::Projectors;
use crate::report::{Report, Row, thousands};
use crate::server::Server;
use crate::show::{CAPACITY, Show, sellers};

/// Programs that sell, to fill the log.
const SELLERS: usize = 16;
/// Events of the bundle, about.
const BUNDLE_EVENTS: u64 = 300_000;
/// The checkpoint that a bundle rests on is signed once a second.
const SIGNED_WITHIN: Duration = Duration::from_secs(3);

/// Measures it on a server of its own, with so many events in the log at last.
pub async fn measure(binary: &Path, folder: Option<&Path>, events: u64, report: &mut Report) -> Result<()> {
    let server = Server::start(binary, folder)?;
    server.run_in().await?;
    let who = sellers(&server.address, SELLERS).await?;
    let mut projectors = Projectors::of(&server).await?;
    let watched = server.processes()?;
    let window = Duration::from_secs(3);
    let load = Load { who: &who, connections: CONNECTIONS_MANY, window, pace: None, watched };

    let show = Show::standing(&server.address, CAPACITY).await?;
    fill(&show, load, &mut projectors, BUNDLE_EVENTS.min(events)).await?;
    projectors.drain().await?;
    tokio::time::sleep(SIGNED_WITHIN).await;
    let bundle = server.data().join("bundle.zip");
    let has = projectors.events().await?;
    let reading = read(&server).await?;
    let (took, downloaded, memory) = give_away(&server, &format!("/shows/{}/bundle", show.id), &bundle).await?;
    let rate = has as f64 / took.as_secs_f64();
    let row = Row::new(&format!("a bundle of {} events", thousands(has)), 1).at(rate).taking(took);
    let row = row.beside_once("reading the log's rows", rate / reading);
    report.add(row.note(format!("{} bytes; {memory}", thousands(downloaded.bytes))));
    let began = Instant::now();
    run(server.binary(), &server.data(), &["verify", "--export", &bundle.to_string_lossy()])?;
    let took = began.elapsed();
    let row = Row::new("`turnout verify` of that bundle", 1).at(has as f64 / took.as_secs_f64()).taking(took);
    report.add(row);

    let show = Show::standing(&server.address, CAPACITY).await?;
    fill(&show, load, &mut projectors, events).await?;
    projectors.drain().await?;
    let has = projectors.events().await?;
    let reading = read(&server).await?;
    let lines = server.data().join("history.ndjson");
    let (took, downloaded, memory) = give_away(&server, "/history?format=ndjson", &lines).await?;
    ensure!(downloaded.lines == has, "{} lines of {has} events", downloaded.lines);
    let rate = has as f64 / took.as_secs_f64();
    let row = Row::new(&format!("the history of {} events as NDJSON, each told", thousands(has)), 1);
    let row = row.at(rate).taking(took).beside_once("reading the log's rows", rate / reading);
    report.add(row.note(format!("{} bytes; {memory}", thousands(downloaded.bytes))));
    server.stop()
}

/// Downloads what is at a path: how long it takes, how much it is, and what it takes of the server's memory, in words.
async fn give_away(server: &Server, path: &str, file: &Path) -> Result<(Duration, Downloaded, String)> {
    server.forget_peak()?;
    let before = server.peak_mebibytes()?;
    let began = Instant::now();
    let downloaded = download(&server.address, &Credentials::admin(), path, file).await?;
    let took = began.elapsed();
    let memory = format!("the server's memory at most {} MiB, {before} before", server.peak_mebibytes()?);
    Ok((took, downloaded, memory))
}
