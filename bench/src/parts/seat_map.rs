//! The seat map of 50,000 seats, none of them free: how many bytes go out, and how long the first answer of a server takes that has
//! just started.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::http::{Connection, Credentials};
use crate::report::{Report, Row, thousands};
use crate::server::Server;
use crate::show::Show;

const SECTIONS: usize = 50;
const ROWS: usize = 25;
const SEATS: usize = 40;

/// What Chromium and Firefox say that they understand.
const AS_BROWSERS: &str = "Accept-Encoding: gzip, deflate, br, zstd\r\n";

/// Starts of the server; the median counts.
const TIMES: usize = 5;

/// Measures it.
pub async fn measure(binary: &Path, folder: Option<&Path>, report: &mut Report) -> Result<()> {
    let mut server = Server::start(binary, folder)?;
    let mut show = Show::with_seating(&server.address, &seating()).await?;
    let other = Show::standing(&server.address, 10).await?;
    block(&show).await?;
    show.settle().await?;
    for (what, rows) in [
        ("seats", "SELECT seat, state, hold, order_id, position FROM read.seats WHERE show = $1::text::uuid"),
        ("seating", "SELECT position, body FROM read.seating WHERE show = $1::text::uuid"),
    ] {
        let (mut cold, mut kept, mut bytes) = (Vec::new(), Vec::new(), (0, 0));
        for _ in 0..TIMES {
            server.restart()?;
            show.address.clone_from(&server.address);
            let mut connection = Connection::open(&server.address, &Credentials::none()).await?;
            // Connections to the database are made, and plans.
            for path in ["seats", "seating", "availability"] {
                connection.get(&format!("/shows/{}/{path}", other.id), None).await?;
            }
            let (took, compressed) = ask(&mut connection, &show, what, AS_BROWSERS).await?;
            cold.push(took);
            kept.push(ask(&mut connection, &show, what, AS_BROWSERS).await?.0);
            bytes = (compressed, ask(&mut connection, &show, what, "").await?.1);
        }
        let row = Row::new(&format!("{what} of 50,000 seats, from a cold cache"), 1).taking(median(cold));
        let (compressed, plain) = (thousands(bytes.0 as u64), thousands(bytes.1 as u64));
        let note =
            format!("{compressed} bytes compressed of {plain}; the next one {:.2} ms", milliseconds(median(kept)));
        let reading = milliseconds(read(&server, &show, rows).await?);
        let row = row.note(format!("reading its rows with one connection: {reading:.1} ms"));
        report.add(row.aim("50 ms, 300 kB").note(note));
    }
    server.stop()
}

/// What it takes to read what the answer is made of, and do nothing with it.
async fn read(server: &Server, show: &Show, rows: &'static str) -> Result<Duration> {
    let mut connection = server.connect("turnout").await?;
    let mut times = Vec::new();
    // Planned first.
    for _ in 0..=TIMES {
        let began = Instant::now();
        let read = sqlx::query(rows).bind(&show.id).fetch_all(&mut connection).await?;
        ensure!(!read.is_empty(), "no rows of {}", show.id);
        times.push(began.elapsed());
    }
    Ok(median(times.split_off(1)))
}

async fn ask(connection: &mut Connection, show: &Show, what: &str, header: &str) -> Result<(Duration, usize)> {
    let request = connection.query(&format!("/shows/{}/{what}", show.id), None);
    let head = request.strip_suffix("\r\n").context("a head")?;
    let request = format!("{head}{header}\r\n");
    let asked = Instant::now();
    let answer = connection.exchange(request.as_bytes()).await?;
    ensure!(answer.status == 200, "{what}: {}", answer.status);
    Ok((asked.elapsed(), answer.body.len()))
}

/// Takes all seats out of sale, a few sections at a time.
async fn block(show: &Show) -> Result<()> {
    let mut connection = Connection::open(&show.address, &Credentials::admin()).await?;
    for sections in (1..=SECTIONS).collect::<Vec<_>>().chunks(5) {
        let mut seats = Vec::new();
        for section in sections {
            for row in 1..=ROWS {
                seats.extend((1..=SEATS).map(|seat| format!("Block {section}-{row}-{seat}")));
            }
        }
        let body = json!({ "label": "All", "kind": "house", "places": [{ "seats": seats }] }).to_string();
        let path = format!("/shows/{}/blocks", show.id);
        let key = crate::load::number().to_string();
        let answer = connection.send("POST", &path, Some(&key), &body).await?;
        ensure!(answer.status == 201, "{}: {}", answer.status, String::from_utf8_lossy(answer.body));
    }
    Ok(())
}

fn seating() -> Value {
    let rows = |section: usize| -> Vec<Value> {
        (1..=ROWS)
            .map(|row| {
                let seats: Vec<Value> = (1..=SEATS)
                    .map(
                        |seat| json!({ "seat": seat.to_string(), "x": section * 50 + seat, "y": row, "category": "I" }),
                    )
                    .collect();
                json!({ "label": row.to_string(), "seats": seats })
            })
            .collect()
    };
    let sections: Vec<Value> =
        (1..=SECTIONS).map(|section| json!({ "name": format!("Block {section}"), "rows": rows(section) })).collect();
    json!({ "sections": sections })
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
