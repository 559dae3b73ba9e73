//! What this PostgreSQL can do at most: rows of an event's size with the indexes of an event, and nothing else.

use std::time::{Duration, Instant};

use anyhow::Result;
use sqlx::{Connection as _, Executor as _};
use uuid::Uuid;

use crate::latencies::Latencies;
use crate::measured::Measured;
use crate::report::{Report, Row};
use crate::scene::Scene;
use crate::server::Server;

/// Connections of the limit that sales are compared with.
pub const CONNECTIONS: usize = 64;

/// Rows in a batch.
const BATCH_ROWS: usize = 1_000;

/// A database that the server does not use.
const DATABASE: &str = "postgres";

/// As an event: a payload of some 400 bytes and metadata of some 250 are what a sale records a row.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS bench_event (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, stream uuid NOT NULL, version bigint NOT NULL, type text NOT NULL,
    schema integer NOT NULL, payload json NOT NULL, metadata json NOT NULL, content_hash bytea NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(), UNIQUE (stream, version))";

fn payload() -> String {
    format!(r#"{{"text":"{}"}}"#, "p".repeat(388))
}

fn metadata() -> String {
    format!(r#"{{"text":"{}"}}"#, "m".repeat(238))
}

/// The version, as in `17.2`.
pub async fn version(server: &Server) -> Result<String> {
    let mut connection = server.connect(DATABASE).await?;
    Ok(sqlx::query_scalar("SHOW server_version").fetch_one(&mut connection).await?)
}

/// Measures them.
pub async fn measure(scene: &Scene, report: &mut Report) -> Result<()> {
    let (server, window) = (&scene.server, scene.settings.window);
    for connections in [1, CONNECTIONS] {
        let measured = one_row_a_commit(server, connections, window).await?;
        report.add(Row::of_window("PostgreSQL: one row a commit", connections, &measured));
    }
    let measured = batches(server, window).await?;
    report.add(Row::of_window("PostgreSQL: rows in batches of 1,000", 1, &measured));
    tidy_up(server).await
}

/// Drops what the limits wrote, and lets the database come to rest.
async fn tidy_up(server: &Server) -> Result<()> {
    let mut connection = server.connect(DATABASE).await?;
    connection.execute("DROP TABLE bench_event").await?;
    connection.execute("CHECKPOINT").await?;
    connection.close().await?;
    Ok(())
}

/// Every connection inserts one row a commit, one commit after the other, each into a stream of its own.
async fn one_row_a_commit(server: &Server, connections: usize, window: Duration) -> Result<Measured> {
    server.connect(DATABASE).await?.execute(TABLE).await?;
    let mut opened = Vec::new();
    for _ in 0..connections {
        opened.push(server.connect(DATABASE).await?);
    }
    let started = Instant::now();
    let mut writers = Vec::new();
    for (number, mut connection) in opened.into_iter().enumerate() {
        writers.push(tokio::spawn(async move {
            let stream = Uuid::from_u128(started.elapsed().as_nanos() << 16 | number as u128);
            let (payload, metadata, hash) = (payload(), metadata(), vec![7_u8; 32]);
            let mut latencies = Latencies::default();
            let mut version = 0_i64;
            while started.elapsed() < window {
                version += 1;
                let sent = Instant::now();
                sqlx::query(
                    "INSERT INTO bench_event (stream, version, type, schema, payload, metadata, content_hash)
                     VALUES ($1, $2, 'TicketIssued', 1, $3::text::json, $4::text::json, $5)",
                )
                .bind(stream)
                .bind(version)
                .bind(&payload)
                .bind(&metadata)
                .bind(&hash)
                .execute(&mut connection)
                .await?;
                latencies.note(sent.elapsed());
            }
            anyhow::Ok(latencies)
        }));
    }
    let mut latencies = Latencies::default();
    for writer in writers {
        latencies.add(&writer.await??);
    }
    Ok(Measured::new(started.elapsed(), latencies))
}

/// One connection inserts batches of a thousand rows, a commit each: what a single writer can reach.
async fn batches(server: &Server, window: Duration) -> Result<Measured> {
    let mut connection = server.connect(DATABASE).await?;
    let stream = Uuid::from_u128(1);
    let (payloads, metadatas) = (vec![payload(); BATCH_ROWS], vec![metadata(); BATCH_ROWS]);
    let hashes = vec![vec![7_u8; 32]; BATCH_ROWS];
    let mut latencies = Latencies::default();
    let mut rows = 0_u64;
    let started = Instant::now();
    while started.elapsed() < window {
        let first = i64::try_from(rows)? + 1;
        let versions: Vec<i64> = (first..first + i64::try_from(BATCH_ROWS)?).collect();
        let sent = Instant::now();
        sqlx::query(
            "INSERT INTO bench_event (stream, version, type, schema, payload, metadata, content_hash)
             SELECT $1, version, 'TicketIssued', 1, payload::json, metadata::json, content_hash
             FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bytea[]) AS r (version, payload, metadata, content_hash)",
        )
        .bind(stream)
        .bind(&versions)
        .bind(&payloads)
        .bind(&metadatas)
        .bind(&hashes)
        .execute(&mut connection)
        .await?;
        latencies.note(sent.elapsed());
        rows += BATCH_ROWS as u64;
    }
    let elapsed = started.elapsed();
    connection.close().await?;
    Ok(Measured { elapsed, latencies, count: rows, cpu: None })
}
