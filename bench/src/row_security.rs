//! What row-level security costs: statements of the read side as the server sends them, beside the same ones by the owner,
//! whom it does not bind. One connection each, statement by statement in turn.
//!
//! The texts are those of `projections/src/queries/tickets.rs` and `orders.rs`; who changes them there changes them here.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use uuid::Uuid;

use crate::in_turn::turns;
use crate::server::Server;

/// How often each statement is sent in each way.
const TIMES: usize = 1_500;

/// As many are sent first and not counted: plans are settled after the first few, and pages lie in memory.
const WARM_UP: usize = 100;

/// A page, and one row more that tells whether there is a next one.
const PAGE_ROWS: i64 = 51;

const TICKETS_OF_SHOW: &str =
    "SELECT t.id, t.show, t.order_id, t.holder, t.issue, t.iat, t.kid, t.body::text, t.issued_position
   FROM tickets AS t
  WHERE t.show = $1
    AND ($2::bigint IS NULL OR t.issued_position < $2)
    AND ($3::text IS NULL OR t.short_code = $4 OR t.seat ILIKE $3 OR t.holder = ANY($5)
         OR EXISTS (SELECT FROM orders AS o WHERE o.id = t.order_id
                       AND (o.reference ILIKE $3 OR o.customer = ANY($5))))
  ORDER BY t.issued_position DESC LIMIT $6";

const ORDER_BY_ID: &str = "SELECT id, show, customer, body::text, placed_position FROM orders WHERE id = $1";

/// As `event_store::pools` and the queries begin.
const SETTINGS: &str = "SET search_path = read, public; SET statement_timeout = '10s'; SET lock_timeout = '4s'; \
                        SET idle_in_transaction_session_timeout = '30s'";
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";

/// How long a statement takes at the median, by who sends it and in what.
#[derive(Debug)]
pub struct Costs {
    /// Which statement.
    pub what: &'static str,
    /// By the owner, the statement alone: no policy, no round trip more.
    pub owner: Duration,
    /// As the server's role in a transaction that has begun: the policy, no round trip more.
    pub bound: Duration,
    /// By the owner, with BEGIN and COMMIT: no policy, two round trips more.
    pub owner_in_transaction: Duration,
    /// As the server does it: BEGIN with the organization, the statement under its policy, COMMIT.
    pub as_served: Duration,
    /// Of it, BEGIN and COMMIT.
    pub round_trips: Duration,
}

#[derive(Clone, Copy)]
enum Statement {
    Tickets { show: Uuid },
    Order { id: Uuid },
}

impl Statement {
    fn name(self) -> &'static str {
        match self {
            Self::Tickets { .. } => "50 tickets of a show",
            Self::Order { .. } => "an order by its id",
        }
    }

    async fn send(self, connection: &mut PgConnection) -> Result<Vec<PgRow>> {
        let nothing = None::<String>;
        Ok(match self {
            Self::Tickets { show } => {
                let query =
                    sqlx::query(TICKETS_OF_SHOW).bind(show).bind(None::<i64>).bind(nothing.clone()).bind(nothing);
                query.bind(Vec::<Uuid>::new()).bind(PAGE_ROWS).fetch_all(connection).await?
            }
            Self::Order { id } => sqlx::query(ORDER_BY_ID).bind(id).fetch_all(connection).await?,
        })
    }
}

/// Measures both statements on what was sold of the show.
pub async fn measure(server: &Server, show: &str) -> Result<Vec<Costs>> {
    let show: Uuid = show.parse()?;
    let mut owner = server.connect("turnout").await?;
    owner.execute(SETTINGS).await?;
    // What autovacuum would do within a minute.
    owner.execute("ANALYZE read.tickets, read.orders").await?;
    let (order, organization): (Uuid, Uuid) = sqlx::query_as(
        "SELECT id, organization FROM orders WHERE show = $1 ORDER BY placed_position DESC OFFSET 100 LIMIT 1",
    )
    .bind(show)
    .fetch_one(&mut owner)
    .await
    .context("an order of the show")?;
    let mut costs = Vec::new();
    for statement in [Statement::Tickets { show }, Statement::Order { id: order }] {
        costs.push(cost(server, &mut owner, statement, organization).await?);
    }
    owner.close().await?;
    Ok(costs)
}

async fn cost(server: &Server, owner: &mut PgConnection, statement: Statement, organization: Uuid) -> Result<Costs> {
    let begin = format!("{BEGIN}; SET LOCAL turnout.organization = '{organization}'");
    let mut standing = connect_as_query(server).await?;
    // Without its organization the same statement shows nothing: the policy is what is measured.
    ensure!(statement.send(&mut standing).await?.is_empty(), "row-level security does not hold");
    standing.execute(AssertSqlSafe(begin.clone())).await?;
    let rows = statement.send(owner).await?.len();
    ensure!(rows > 0 && statement.send(&mut standing).await?.len() == rows, "both have to see the same rows");
    let mut serving = connect_as_query(server).await?;

    let mut times: [Vec<Duration>; 4] = Default::default();
    let mut round_trips = Vec::new();
    for time in 0..WARM_UP + TIMES {
        for way in turns(time, times.len()) {
            let started = Instant::now();
            match way {
                0 => drop(statement.send(owner).await?),
                1 => drop(statement.send(&mut standing).await?),
                2 => drop(transaction(owner, BEGIN.to_owned(), statement).await?),
                _ => {
                    let outside = transaction(&mut serving, begin.clone(), statement).await?;
                    if time >= WARM_UP {
                        round_trips.push(outside);
                    }
                }
            }
            if time >= WARM_UP {
                times[way].push(started.elapsed());
            }
        }
    }
    let [owner, bound, owner_in_transaction, as_served] = times.map(median);
    let round_trips = median(round_trips);
    Ok(Costs { what: statement.name(), owner, bound, owner_in_transaction, as_served, round_trips })
}

/// Sends it between BEGIN and COMMIT; how long those two took.
async fn transaction(connection: &mut PgConnection, begin: String, statement: Statement) -> Result<Duration> {
    let started = Instant::now();
    connection.execute(AssertSqlSafe(begin)).await?;
    let begun = started.elapsed();
    statement.send(connection).await?;
    let answered = Instant::now();
    connection.execute("COMMIT").await?;
    Ok(begun + answered.elapsed())
}

async fn connect_as_query(server: &Server) -> Result<PgConnection> {
    let mut connection = server.connect("turnout").await?;
    connection.execute("SET ROLE turnout_query").await?;
    connection.execute(SETTINGS).await?;
    Ok(connection)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
