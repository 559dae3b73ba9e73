//! What is left of a hot show, and its seats, asked again and again, beside a trivial handler of the same HTTP server that answers
//! as many bytes and looks at nothing.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use super::bare::{CONNECTIONS_MANY, WARM_UP};
use crate::http::{Connection, Credentials, Template};
use crate::in_turn::{Way, turns};
use crate::load::{self, Expected, Load, Requests};
use crate::measured::Measured;
use crate::report::{Report, Row};
use crate::scene::Scene;
use crate::show::Show;

/// A hall of so many rows of so many seats, some of which are sold.
const ROWS: usize = 20;
const SEATS: usize = 40;
const SOLD: u32 = 100;

/// Measures it.
pub async fn measure(scene: &mut Scene, report: &mut Report) -> Result<()> {
    scene.projectors.let_go().await?;
    let show = Show::with_seating(&scene.server.address, &hall()).await?;
    show.sell_some(&scene.sellers[0], SOLD).await?;
    show.settle().await?;
    let (availability, seats) = (Asked::of(&show, "availability").await?, Asked::of(&show, "seats").await?);
    let nobody = [Credentials::none()];
    let mut ways = ["trivial", "availability", "unchanged", "seats"].map(Way::new);
    for round in 0..=scene.settings.rounds {
        for way in turns(round, ways.len()) {
            let load = match way {
                0 => Load { who: &nobody, ..scene.bare_load(CONNECTIONS_MANY) },
                _ => scene.load(&nobody, CONNECTIONS_MANY)?,
            };
            // The first round warms up.
            let load = if round == 0 { Load { window: WARM_UP, ..load } } else { load };
            let measured = match way {
                0 => scene.bare.show.ask_what_is_left(load).await?,
                1 => availability.again(&show, load, "").await?,
                2 => availability.again(&show, load, &availability.unchanged).await?,
                _ => seats.again(&show, load, "Accept-Encoding: gzip\r\n").await?,
            };
            if round > 0 {
                ways[way].add(measured);
            }
        }
    }
    scene.projectors.hold().await?;
    let [trivial, availability, unchanged, seats] = &ways;
    report.add(Row::of("trivial handler", CONNECTIONS_MANY, trivial));
    for (what, way) in [
        ("availability of a hot show", availability),
        ("availability of a hot show, 304", unchanged),
        ("seats of a hot show, gzip", seats),
    ] {
        report.add(Row::of(what, CONNECTIONS_MANY, way).aim("half").beside("trivial", way, trivial));
    }
    Ok(())
}

/// A path that is asked for.
struct Asked {
    path: String,
    /// The header of whoever has it already.
    unchanged: String,
}

impl Asked {
    async fn of(show: &Show, what: &str) -> Result<Self> {
        let path = format!("/shows/{}/{what}", show.id);
        let mut connection = Connection::open(&show.address, &Credentials::none()).await?;
        let answer = connection.get(&path, None).await?;
        ensure!(answer.status == 200, "{what}: {}", answer.status);
        let tag = answer.header("etag").context("an answer without a tag")?;
        Ok(Self { unchanged: format!("If-None-Match: {tag}\r\n"), path })
    }

    async fn again(&self, show: &Show, load: Load<'_>, header: &str) -> Result<Measured> {
        let of = |connection: &Connection| {
            let request = connection.query(&self.path, None);
            let head = request.strip_suffix("\r\n").unwrap_or(&request);
            vec![Template::new(format!("{head}{header}\r\n"))]
        };
        let expected = if header.starts_with("If-None-Match") { Expected::Unchanged } else { Expected::Done };
        let requests = Requests { of: &of, tickets: None, expected, keep_tickets: false };
        Ok(load::send(&show.address, load, requests).await?.measured)
    }
}

fn hall() -> serde_json::Value {
    let seats: Vec<String> = (1..=SEATS).map(|seat| seat.to_string()).collect();
    let rows: Vec<_> = (1..=ROWS).map(|row| json!({ "label": row.to_string(), "seats": seats })).collect();
    json!({ "sections": [{ "name": "Stalls", "rows": rows }] })
}
