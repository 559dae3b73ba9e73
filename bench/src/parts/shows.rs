//! Loads of many shows, and of shows that are sold out, beside the bare limit's sales, in turn; the projectors are held back.

use anyhow::Result;

use super::bare::{CONNECTIONS_MANY, WARM_UP};
use crate::in_turn::{Way, turns};
use crate::load::{Expected, Load};
use crate::report::{Report, Row};
use crate::scene::Scene;
use crate::show::{CAPACITY, Show, sell};

const SHOWS: usize = 100;

/// Of the show that is sold out.
const PLACES: u32 = 10;

/// Sales over a hundred shows.
pub async fn many(scene: &Scene, report: &mut Report) -> Result<()> {
    let mut shows = Vec::new();
    for _ in 0..SHOWS {
        shows.push(Show::standing(&scene.server.address, CAPACITY).await?);
    }
    let what = format!("IssueTicket, {SHOWS} shows, projectors held back");
    beside_bare_sales(scene, report, &shows, Expected::Done, Row::new(&what, CONNECTIONS_MANY).aim("half")).await
}

/// Rejections.
pub async fn sold_out(scene: &Scene, report: &mut Report) -> Result<()> {
    let show = Show::standing(&scene.server.address, PLACES).await?;
    show.sell_some(&scene.sellers[0], PLACES).await?;
    let row = Row::new("409 of a show that is sold out", CONNECTIONS_MANY).aim("20,000 a second");
    beside_bare_sales(scene, report, &[show], Expected::Rejected, row).await
}

async fn beside_bare_sales(
    scene: &Scene,
    report: &mut Report,
    shows: &[Show],
    expected: Expected,
    row: Row,
) -> Result<()> {
    let mut ways = ["bare", "shows"].map(Way::new);
    let (load, bare) = (scene.sellers(CONNECTIONS_MANY)?, scene.bare_load(CONNECTIONS_MANY));
    sell(shows, Load { window: WARM_UP, ..load }, expected).await?;
    scene.bare.show.sell(Load { window: WARM_UP, ..bare }).await?;
    for round in 0..scene.settings.rounds {
        for way in turns(round, ways.len()) {
            let run = match way {
                0 => scene.bare.show.sell(bare).await?,
                _ => sell(shows, load, expected).await?,
            };
            ways[way].add(run.measured);
        }
    }
    let [bare, asked] = &ways;
    report.add(Row::of("bare limit: a sale over HTTP", CONNECTIONS_MANY, bare));
    report.add(row.showing(asked).beside("bare sales", asked, bare));
    Ok(())
}
