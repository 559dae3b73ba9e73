//! How soon the past is told: of a show as most are, and of one with 100,000 seats and 300,000 events; early, in the middle
//! and late, with snapshots and without.
//!
//! Each time another moment is asked for, so that nothing is in memory. The baseline is the same question of now.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::opening::{Snapshots, median, snapshots, sold_out};
use crate::http::{Connection, Credentials};
use crate::report::{Report, Row, milliseconds, thousands};
use crate::server::Server;
use crate::show::Show;

/// Tickets that are sold of a usual show: 1,000 of them are some 3,000 events.
const USUAL: u32 = 1_000;

/// In percent of a show's events.
const MOMENTS: [i64; 3] = [1, 50, 99];

/// How often each is asked.
const TIMES: i64 = 5;

/// Measures it on a server of its own.
pub async fn measure(binary: &Path, folder: Option<&Path>, report: &mut Report) -> Result<()> {
    let server = Server::start(binary, folder)?;
    let usual = Show::standing(&server.address, 2 * USUAL).await?;
    usual.sell_some(&Credentials::admin(), USUAL).await?;
    usual.settle().await?;
    told(&server, &usual, "under 20 ms", report).await?;
    let long = sold_out(&server, report).await?;
    told(&server, &long, "under 1 s", report).await?;
    server.stop()
}

async fn told(server: &Server, show: &Show, aim: &str, report: &mut Report) -> Result<()> {
    let mut database = server.connect("turnout").await?;
    let mut connection = Connection::open(&server.address, &Credentials::admin()).await?;
    let id = show.id.parse::<Uuid>()?;
    let events: i64 = sqlx::query_scalar("SELECT max(version) FROM log.events WHERE stream = $1")
        .bind(id)
        .fetch_one(&mut database)
        .await?;
    let mut live = Vec::new();
    for _ in 0..TIMES {
        live.push(ask(&mut connection, show, "availability", "").await?);
    }
    let live = median(live);
    for percent in MOMENTS {
        for without in [true, false] {
            let mut times = Vec::new();
            for time in 0..TIMES {
                if without {
                    snapshots(&mut database, Snapshots::Deleted).await?;
                }
                // The first ones leave snapshots where there were none.
                let other = time + if without { 0 } else { TIMES };
                let at = position(&mut database, id, (events * percent / 100 - other).max(6)).await?;
                times.push(ask(&mut connection, show, "availability", &format!("?at={at}")).await?);
            }
            let kept = snapshots(&mut database, Snapshots::Counted).await?;
            let how = if without { "without snapshots" } else { "from a snapshot" };
            let what =
                format!("availability as of {percent} % of a show of {} events, {how}", thousands(events.try_into()?));
            let row = Row::new(&what, 1).taking(median(times)).note(format!("now: {}", milliseconds(live)));
            let row = row.note(format!("{kept} snapshots kept then"));
            report.add(if without { row } else { row.aim(aim) });
        }
    }
    for (index, what) in (1..).zip(["seats", "attendance", "orders", "tickets"]) {
        let (mut live, mut past) = (Vec::new(), Vec::new());
        for time in 0..TIMES {
            live.push(ask(&mut connection, show, what, "").await?);
            // Others than above, and than of what was asked before.
            let at = position(&mut database, id, (events / 2 - (2 + index) * TIMES - time).max(6)).await?;
            past.push(ask(&mut connection, show, what, &format!("?at={at}")).await?);
        }
        let what = format!("{what} as of 50 % of a show of {} events, from a snapshot", thousands(events.try_into()?));
        let now = format!("now: {}", milliseconds(median(live)));
        report.add(Row::new(&what, 1).taking(median(past)).aim(aim).note(now));
    }
    Ok(())
}

async fn position(database: &mut PgConnection, show: Uuid, version: i64) -> Result<i64> {
    let position = sqlx::query_scalar("SELECT position FROM log.events WHERE stream = $1 AND version = $2")
        .bind(show)
        .bind(version)
        .fetch_one(database)
        .await?;
    Ok(position)
}

async fn ask(connection: &mut Connection, show: &Show, what: &str, moment: &str) -> Result<Duration> {
    let path = format!("/shows/{}/{what}{moment}", show.id);
    let sent = Instant::now();
    let answer = connection.get(&path, None).await?;
    ensure!(answer.status == 200, "{path}: {} {}", answer.status, String::from_utf8_lossy(answer.body));
    Ok(sent.elapsed())
}
