//! How the cost grows with the log: sales and check-ins of one show with more and more events of others before them, and with a
//! foreign snapshot left open.
//!
//! The events of others are copies of a real sale's, written by the superuser in bulk: streams of some thousands, with ids of
//! commands at random as they are. They pass by `log.append` only to save hours; every index gets its entry.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, Row as _};

use super::bare::CONNECTIONS_MANY;
use super::hot::{Hot, Projecting};
use crate::in_turn::Way;
use crate::report::{Report, Row, thousands};
use crate::scene::{Scene, Settings};
use crate::server::Server;
use crate::show::{CAPACITY, Show};

/// Events that one INSERT writes.
const CHUNK: u64 = 300_000;

/// How long a foreign snapshot stands.
const SNAPSHOT: Duration = Duration::from_secs(60);

/// Measures it on a server of its own, at each of these numbers of events.
pub async fn measure(
    binary: &Path,
    folder: Option<&Path>,
    settings: Settings,
    events: &[u64],
    report: &mut Report,
) -> Result<()> {
    let server = Server::start(binary, folder)?;
    let mut scene = Scene::set(server, settings).await?;
    let pattern = Show::standing(&scene.server.address, CAPACITY).await?;
    pattern.sell_some(&scene.sellers[0], 1).await?;
    let (mut first, mut last): (Option<Shares>, Option<Shares>) = (None, None);
    for size in events {
        let had = scene.projectors.events().await?;
        fill(&scene, &pattern, *size).await?;
        let has = scene.projectors.events().await?;
        let shares = Shares::measure(&mut scene).await?;
        let what = format!("with {} events in the log", thousands(has));
        let note = format!("{} of them filled in", thousands(has - had));
        shares.report(&what, &note, first.as_ref().map(|first| (first, "with the least")), report);
        first.get_or_insert_with(|| shares.clone());
        last = Some(shares);
    }
    let mut foreign = scene.server.connect("turnout").await?;
    foreign.execute("BEGIN ISOLATION LEVEL REPEATABLE READ").await?;
    foreign.fetch_one("SELECT max(position) FROM log.events").await?;
    let opened = Instant::now();
    while opened.elapsed() < SNAPSHOT {
        Shares::measure(&mut scene).await?;
    }
    let what = format!("with a foreign snapshot of {} s", opened.elapsed().as_secs());
    let shares = Shares::measure(&mut scene).await?;
    shares.report(&what, "under load all the while", last.as_ref().map(|last| (last, "without it")), report);
    foreign.execute("ROLLBACK").await?;
    foreign.close().await?;
    scene.stop()
}

/// What sales and check-ins are beside the bare limit's sales, by rates and by processor time.
#[derive(Clone, Debug)]
struct Shares {
    bare: Arc<Way>,
    ways: [(&'static str, Arc<Way>); 2],
}

impl Shares {
    /// In turn, on a show of their own.
    async fn measure(scene: &mut Scene) -> Result<Self> {
        let mut hot = Hot::new(scene, Projecting::HeldBack).await?;
        hot.measure(scene, CONNECTIONS_MANY).await?;
        let [bare, sale, _, check_in] = hot.ways.map(Arc::new);
        Ok(Self { bare, ways: [("IssueTicket", sale), ("CheckIn", check_in)] })
    }

    fn report(&self, what: &str, note: &str, other: Option<(&Self, &str)>, report: &mut Report) {
        for (index, (name, way)) in self.ways.iter().enumerate() {
            let mut row =
                Row::of(&format!("{name} {what}"), CONNECTIONS_MANY, way).beside("bare sales", way, &self.bare);
            if let Some((other, when)) = other {
                let (rate, cost) = self.share(index);
                let (other_rate, other_cost) = other.share(index);
                row = row.beside_once(&format!("that share {when}"), rate / other_rate);
                row = row.beside_once("it by processor time", cost / other_cost).aim("within 20 %");
            }
            report.add(row.note(note));
        }
    }

    /// By rates, and by processor time.
    fn share(&self, index: usize) -> (f64, f64) {
        let way = &self.ways[index].1;
        let cost = |way: &Way| way.together().cost().unwrap_or(f64::NAN);
        (way.beside(&self.bare).median, cost(&self.bare) / cost(way))
    }
}

/// Fills the log up to so many events; nothing if it has as many.
async fn fill(scene: &Scene, pattern: &Show, size: u64) -> Result<()> {
    let mut connection = scene.server.connect("turnout").await?;
    let started = Instant::now();
    loop {
        let row = connection.fetch_one("SELECT coalesce(max(position), 0) FROM log.events").await?;
        let has = u64::try_from(row.try_get::<i64, _>(0)?)?;
        if has >= size {
            break;
        }
        let count = (size - has).min(CHUNK);
        let statement = copies(&mut connection, &pattern.id, count).await?;
        connection.execute(AssertSqlSafe(statement)).await?;
        eprintln!("{} of {} events, {:.0} s", thousands(has + count), thousands(size), started.elapsed().as_secs_f64());
    }
    // What autovacuum does within minutes.
    connection.execute("VACUUM (ANALYZE) log.events").await?;
    connection.execute("CHECKPOINT").await?;
    connection.close().await?;
    Ok(())
}

/// A statement that appends so many copies of a show's sale. Whatever columns this build has, it copies; those that tell an event
/// from others it makes anew.
async fn copies(connection: &mut PgConnection, show: &str, count: u64) -> Result<String> {
    let columns: Vec<String> = sqlx::query_scalar(
        "SELECT attname::text FROM pg_attribute
          WHERE attrelid = 'log.events'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
    )
    .fetch_all(connection)
    .await?;
    ensure!(columns.iter().any(|column| column == "position"), "log.events has no positions");
    let values: Vec<String> = columns
        .iter()
        .map(|column| match column.as_str() {
            "position" => "head.position + g".to_owned(),
            // Streams of three thousand events, of which none had one before this statement.
            "stream" => "md5(head.position::text || '/' || ((g - 1) / 3000))::uuid".to_owned(),
            "version" => "(g - 1) % 3000 + 1".to_owned(),
            // One for the three events of a sale.
            "command" | "correlation" => format!("md5('{column}' || head.position + (g - 1) / 3)::uuid"),
            "recorded_at" => "head.recorded_at".to_owned(),
            other => format!("p.{other}"),
        })
        .collect();
    let (columns, values) = (columns.join(", "), values.join(", "));
    let show: uuid::Uuid = show.parse().context("a show's id")?;
    Ok(format!(
        "INSERT INTO log.events ({columns})
         SELECT {values}
           FROM generate_series(1, {count}) AS g
          CROSS JOIN (SELECT position, recorded_at FROM log.events ORDER BY position DESC LIMIT 1) AS head
           JOIN (SELECT *, row_number() OVER (ORDER BY position) - 1 AS number FROM log.events
                  WHERE stream = '{show}' AND type IN ('OrderPlaced', 'PaymentRecorded', 'TicketIssued')) AS p
             ON p.number = (g - 1) % 3
          ORDER BY g"
    ))
}
