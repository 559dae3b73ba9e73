//! How soon the desk of a long show is ready: 100,000 seats and 300,000 events, with a snapshot and without.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor as _, Row as _};
use uuid::Uuid;

use super::bare::CONNECTIONS_MANY;
use crate::http::{TICKET, Ticket};
use crate::load::Load;
use crate::projectors::Projectors;
use crate::report::{Report, Row, milliseconds, thousands};
use crate::server::Server;
use crate::show::{Show, sellers};

const SECTIONS: usize = 100;
const ROWS: usize = 20;
const SEATS: usize = 50;

/// Programs that sell; one may ask 5,000 times a second.
const SELLERS: usize = 16;

/// Longer than it takes to sell all seats on any machine; the load ends with the seats.
const SELLING: Duration = Duration::from_secs(3_600);

/// How often it is opened in each way.
const TIMES: usize = 3;

/// Measures it on a server of its own.
pub async fn measure(binary: &Path, folder: Option<&Path>, report: &mut Report) -> Result<()> {
    let mut server = Server::start(binary, folder)?;
    let mut show = sold_out(&server, report).await?;
    let mut reads = Vec::new();
    for _ in 0..TIMES {
        reads.push(read(&server, &show).await?);
    }
    let read = median(reads.iter().map(|(took, _)| *took).collect());
    let events = reads.first().map_or(0, |(_, events)| *events);

    let (mut with, mut without, mut kept) = (Vec::new(), Vec::new(), 0);
    for _ in 0..TIMES {
        server.restart()?;
        show.address.clone_from(&server.address);
        kept = snapshots(&mut server.connect("turnout").await?, Snapshots::Counted).await?;
        with.push(open(&show).await?);
    }
    for _ in 0..TIMES {
        server.restart()?;
        show.address.clone_from(&server.address);
        snapshots(&mut server.connect("turnout").await?, Snapshots::Deleted).await?;
        without.push(open(&show).await?);
    }
    let memory = server.peak_mebibytes()?;
    let row = |what: &str, times: Vec<Duration>| {
        let took = median(times);
        let row =
            Row::new(&format!("first command to a show of 100,000 seats, {} events, {what}", thousands(events)), 1);
        row.taking(took).note(format!(
            "{:.1} times as long as reading its rows ({})",
            took.as_secs_f64() / read.as_secs_f64(),
            milliseconds(read)
        ))
    };
    if kept > 0 {
        report.add(row("from a snapshot", with).aim("under 300 ms").note(format!("{kept} snapshots kept")));
    } else {
        report.add(row("as it was left", with).aim("under 300 ms").note("this build kept no snapshot"));
    }
    let row = row("without snapshots", without).aim("under 2 s");
    report.add(row.note(format!("the server's memory at most {memory} MiB")));
    server.stop()
}

/// A show of 100,000 seats, each sold by itself. The projectors know that there is such a show, and are held back then.
pub(super) async fn sold_out(server: &Server, report: &mut Report) -> Result<Show> {
    let show = Show::with_seating(&server.address, &seating()).await?;
    show.settle().await?;
    Projectors::of(server).await?.hold().await?;
    let who = sellers(&server.address, SELLERS).await?;
    let watched = server.processes()?;
    let load = Load { who: &who, connections: CONNECTIONS_MANY, window: SELLING, pace: None, watched };
    let sold = show.sell_seats(load, seats()?).await?.measured;
    report.add(Row::of_window("IssueTicket, chosen seats, until 100,000 are sold", CONNECTIONS_MANY, &sold));
    Ok(show)
}

/// From the first command's sending to its answer.
async fn open(show: &Show) -> Result<Duration> {
    let sent = Instant::now();
    show.knock().await?;
    Ok(sent.elapsed())
}

/// What no desk can do without: the rows of the show, as text.
async fn read(server: &Server, show: &Show) -> Result<(Duration, u64)> {
    let mut connection = server.connect("turnout").await?;
    let started = Instant::now();
    let rows = sqlx::query("SELECT version, type, payload::text FROM log.events WHERE stream = $1 ORDER BY version")
        .bind(show.id.parse::<Uuid>()?)
        .fetch_all(&mut connection)
        .await?;
    Ok((started.elapsed(), rows.len() as u64))
}

/// What is done with snapshots.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Snapshots {
    /// They are counted.
    Counted,
    /// And deleted.
    Deleted,
}

/// Snapshots of streams, in whatever table this build keeps them.
pub(super) async fn snapshots(connection: &mut PgConnection, what: Snapshots) -> Result<i64> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
          WHERE schemaname IN ('log', 'read', 'reaction') AND tablename LIKE '%snapshot%'",
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut count = 0;
    for table in tables {
        let row = connection.fetch_one(AssertSqlSafe(format!("SELECT count(*) FROM {table}"))).await?;
        count += row.try_get::<i64, _>(0)?;
        if what == Snapshots::Deleted {
            connection.execute(AssertSqlSafe(format!("DELETE FROM {table}"))).await?;
        }
    }
    Ok(count)
}

fn seating() -> Value {
    let labels: Vec<String> = (1..=SEATS).map(|seat| format!("{seat:02}")).collect();
    let rows: Vec<Value> = (1..=ROWS).map(|row| json!({ "label": format!("{row:02}"), "seats": labels })).collect();
    let sections: Vec<Value> =
        (1..=SECTIONS).map(|section| json!({ "name": section_name(section), "rows": rows })).collect();
    json!({ "sections": sections })
}

/// So long that a seat's address is as long as a ticket's id: it takes the same place in a request.
fn section_name(section: usize) -> String {
    format!("Section {section:022}")
}

fn seats() -> Result<Arc<[Ticket]>> {
    let mut all = Vec::with_capacity(SECTIONS * ROWS * SEATS);
    for section in 1..=SECTIONS {
        for row in 1..=ROWS {
            for seat in 1..=SEATS {
                let address = format!("{}-{row:02}-{seat:02}", section_name(section));
                let address: Option<Ticket> = address.as_bytes().try_into().ok();
                all.push(address.with_context(|| format!("an address of {} characters", TICKET.len()))?);
            }
        }
    }
    Ok(all.into())
}

pub(super) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
