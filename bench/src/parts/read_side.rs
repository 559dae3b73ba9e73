//! The read side's projectors: how soon a change is visible, how long a burst takes to drain, how fast read models are built anew,
//! and what that costs those who sell meanwhile.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use sqlx::{Executor as _, Row as _};

use super::bare::CONNECTIONS_MANY;
use crate::http::{Connection, Credentials};
use crate::latencies::Latencies;
use crate::load::{Load, number};
use crate::measured::Measured;
use crate::projectors::Projectors;
use crate::report::{Report, Row, milliseconds, thousands};
use crate::server::Server;
use crate::show::{CAPACITY, Show, sellers};

/// Programs that sell; one may ask 5,000 times a second.
const SELLERS: usize = 16;
/// Events of a sale.
const EVENTS_OF_SALE: f64 = 3.0;
/// Events a second at which changes have to be visible soon.
const PACED_EVENTS: f64 = 5_000.0;
/// How long that is looked at.
const PACED_FOR: Duration = Duration::from_secs(10);
/// A burst, while nobody projects.
const BURST_EVENTS: u64 = 300_000;
/// Sales beside a rebuild are sent as fast as they are answered for so long.
const FULL_SPEED_FOR: Duration = Duration::from_secs(30);
/// One step of filling the log.
const FILLED_FOR: Duration = Duration::from_secs(5);

const READ_MODELS: [&str; 11] = [
    "shows",
    "seating",
    "seats",
    "availability",
    "orders",
    "tickets",
    "attendance",
    "door_list",
    "organizations",
    "activity",
    "facts",
];

/// Measures it on a server of its own, rebuilding from so many events.
pub async fn measure(binary: &Path, folder: Option<&Path>, events: u64, report: &mut Report) -> Result<()> {
    let server = Server::start(binary, folder)?;
    server.run_in().await?;
    let who = sellers(&server.address, SELLERS).await?;
    let show = Show::standing(&server.address, CAPACITY).await?;
    let mut projectors = Projectors::of(&server).await?;
    let watched = server.processes()?;
    let load = Load { who: &who, connections: CONNECTIONS_MANY, window: PACED_FOR, pace: None, watched };

    lag(&show, &show, load, &mut projectors, "", report).await?;
    divided(&server, &show, load, &mut projectors, folder, report).await?;

    projectors.hold().await?;
    let burst = projectors.events().await? + BURST_EVENTS;
    fill(&show, load, &mut projectors, burst).await?;
    let reading = read(&server).await?;
    projectors.let_go().await?;
    let drained = projectors.drain().await?;
    let rate = drained.events as f64 / drained.drained_in.as_secs_f64();
    let row = Row::new(&format!("projecting a burst of {} events", thousands(drained.events)), 1).at(rate);
    report.add(row.taking(drained.drained_in).beside_once("reading the log's rows", rate / reading));

    projectors.hold().await?;
    fill(&show, load, &mut projectors, events).await?;
    projectors.let_go().await?;
    projectors.drain().await?;
    come_to_rest(&server).await?;
    let reading = read(&server).await?;
    let has = projectors.events().await?;
    for models in READ_MODELS.iter().map(|model| vec![*model]).chain([Vec::new()]) {
        let took = rebuild(&server, &models)?;
        let rate = has as f64 / took.as_secs_f64();
        let what = models.first().map_or("all read models".to_owned(), |model| format!("`{model}`"));
        let aim = if models.is_empty() { "30,000" } else { "100,000" };
        let row = Row::new(&format!("rebuilding {what} from {} events", thousands(has)), 1).at(rate).taking(took);
        report.add(row.beside_once("reading the log's rows", rate / reading).aim(aim));
    }
    for (arguments, aim) in [(["verify", "--read"].as_slice(), ""), (&["verify"], "a million in 20 s")] {
        let began = Instant::now();
        let output = tool(&server, arguments)?;
        let took = began.elapsed();
        let row = Row::new(&format!("`turnout {}`, {} events", arguments.join(" "), thousands(has)), 1);
        let rate = has as f64 / took.as_secs_f64();
        let row = row.at(rate).taking(took).beside_once("reading the log's rows", rate / reading).aim(aim);
        report.add(row.note(output.replace('\n', "; ")));
    }

    // The one before may not have places enough left for as long as that takes.
    let show = Show::standing(&server.address, CAPACITY).await?;
    let alone = show.sell(load).await?.measured;
    projectors.drain().await?;
    let (binary, data) = (server.binary().to_owned(), server.data());
    let began = Instant::now();
    let rebuilding = tokio::task::spawn_blocking(move || rebuilt(&binary, &data, &[]));
    let mut sold = Vec::new();
    while !rebuilding.is_finished() {
        // Then at a pace that lets it catch up: two cores cannot sell all they can and build anew what was sold meanwhile.
        let at_full_speed = began.elapsed() < FULL_SPEED_FOR;
        let pace = (!at_full_speed).then_some(PACED_EVENTS / EVENTS_OF_SALE);
        let measured = show.sell(Load { pace, window: Duration::from_secs(1), ..load }).await?.measured;
        if at_full_speed {
            sold.push(measured);
        }
    }
    rebuilding.await??;
    let took = began.elapsed();
    let sales: u64 = sold.iter().map(|measured| measured.count).sum();
    let seconds: f64 = sold.iter().map(|measured| measured.elapsed.as_secs_f64()).sum();
    let slowest = sold.iter().map(|measured| measured.percentile(99)).max().unwrap_or_default();
    let rate = sales as f64 / seconds;
    let row = Row::new("IssueTicket while all read models are rebuilt", CONNECTIONS_MANY).at(rate);
    report.add(row.beside_once("the same without", rate / alone.rate()).note(format!(
        "at full speed for half a minute at most, then 5,000 events a second; the rebuild took {}; slowest second's p99 {}",
        milliseconds(took),
        milliseconds(slowest)
    )));
    server.stop()
}

/// How soon a sale at one server is visible at one that may be another, at 5,000 events a second and at full load.
async fn lag(
    selling: &Show,
    asking: &Show,
    load: Load<'_>,
    projectors: &mut Projectors,
    where_: &str,
    report: &mut Report,
) -> Result<()> {
    for (what, pace) in [("at 5,000 events a second", Some(PACED_EVENTS / EVENTS_OF_SALE)), ("at full load", None)] {
        let (measured, Seen { after, alone }) = seen_after(selling, asking, Load { pace, ..load }).await?;
        let behind = projectors.behind().await?;
        let row = Row::new(&format!("a sale's answer, until queries show it, {what}{where_}"), 1);
        let row = row.showing_latencies(&after).aim(if pace.is_some() { "20 ms, 100 ms" } else { "" });
        report.add(
            row.note(format!(
                "beside {} sales a second; {} events behind at the end",
                thousands(measured.rate() as u64),
                thousands(behind)
            ))
            .note(format!(
                "the same question without waiting for the sale: {} and {}",
                milliseconds(alone.percentile(50)),
                milliseconds(alone.percentile(99))
            )),
        );
        projectors.drain().await?;
    }
    Ok(())
}

/// The same with a server for each role. The one whose PostgreSQL it is does nothing meanwhile.
async fn divided(
    server: &Server,
    show: &Show,
    load: Load<'_>,
    projectors: &mut Projectors,
    folder: Option<&Path>,
    report: &mut Report,
) -> Result<()> {
    let [commands, queries, projecting] =
        ["commands", "queries", "projectors"].map(|role| server.beside_as(role, folder));
    let (commands, queries, projecting) = (commands?, queries?, projecting?);
    server.freeze()?;
    let (selling, asking) = (show.at(&commands.address), show.at(&queries.address));
    // The desk has read the show, and the other projector has the lead.
    selling.sell_some(&load.who[0], 1).await?;
    projectors.drain().await?;
    let measured = lag(&selling, &asking, load, projectors, ", a process for each role", report).await;
    server.thaw()?;
    measured?;
    queries.stop()?;
    commands.stop()?;
    projecting.stop()
}

/// How long queries took.
#[derive(Debug, Default)]
struct Seen {
    /// From a sale's answer, with its position.
    after: Latencies,
    /// From the answer to that, without one.
    alone: Latencies,
}

/// Sells, and beside it asks after single sales until queries show them.
async fn seen_after(show: &Show, at: &Show, load: Load<'_>) -> Result<(Measured, Seen)> {
    let probing = async {
        let mut seen = Seen::default();
        let mut selling = Connection::open(&show.address, &load.who[0]).await?;
        let mut asking = Connection::open(&at.address, &Credentials::admin()).await?;
        let mut sale = show.sale(&selling);
        let path = show.availability();
        let began = Instant::now();
        while began.elapsed() + Duration::from_secs(1) < load.window {
            let answer = selling.exchange(sale.numbered(number())).await?;
            let position = answer.position().with_context(|| format!("answered {}", answer.status))?;
            for (latencies, position) in [(&mut seen.after, Some(position)), (&mut seen.alone, None)] {
                let asked = Instant::now();
                let status = asking.get(&path, position).await?.status;
                ensure!(status == 200, "what is left is answered {status}");
                latencies.note(asked.elapsed());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        anyhow::Ok(seen)
    };
    let (run, seen) = tokio::try_join!(show.sell(load), probing)?;
    Ok((run.measured, seen))
}

/// Sells until the log holds so many events.
pub(super) async fn fill(show: &Show, load: Load<'_>, projectors: &mut Projectors, events: u64) -> Result<()> {
    while projectors.events().await? < events {
        show.sell(Load { window: FILLED_FOR, ..load }).await?;
        eprintln!("{} of {} events", thousands(projectors.events().await?), thousands(events));
    }
    Ok(())
}

/// Has PostgreSQL do now what it would do behind the sales, and beside whatever is measured first: clean up and write out.
async fn come_to_rest(server: &Server) -> Result<()> {
    let mut connection = server.connect("turnout").await?;
    connection.execute("VACUUM (ANALYZE)").await?;
    connection.execute("CHECKPOINT").await?;
    Ok(())
}

/// Events a second when nothing is done but to read the log's rows, in pages by one connection.
pub(super) async fn read(server: &Server) -> Result<f64> {
    let mut connection = server.connect("turnout").await?;
    let began = Instant::now();
    let mut position = 0_i64;
    loop {
        let rows = connection
            .fetch_all(sqlx::AssertSqlSafe(format!(
                "SELECT position, stream, version, type, payload::text, actor, correlation, recorded_at
                   FROM log.events WHERE position > {position} ORDER BY position LIMIT 2000"
            )))
            .await?;
        let Some(last) = rows.last() else { break };
        position = last.try_get(0)?;
    }
    Ok(position as f64 / began.elapsed().as_secs_f64())
}

fn rebuild(server: &Server, models: &[&str]) -> Result<Duration> {
    let began = Instant::now();
    rebuilt(server.binary(), &server.data(), models)?;
    Ok(began.elapsed())
}

fn rebuilt(binary: &Path, data: &Path, models: &[&str]) -> Result<()> {
    let arguments: Vec<&str> = std::iter::once("rebuild").chain(models.iter().copied()).collect();
    run(binary, data, &arguments).map(drop)
}

fn tool(server: &Server, arguments: &[&str]) -> Result<String> {
    run(server.binary(), &server.data(), arguments)
}

/// What the program says when it is run with these arguments.
pub(super) fn run(binary: &Path, data: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new(binary).args(arguments).arg("--data").arg(data).env_remove("DATABASE_URL").output()?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    ensure!(output.status.success(), "turnout {arguments:?}: {said}\n{}", String::from_utf8_lossy(&output.stderr));
    Ok(said)
}
