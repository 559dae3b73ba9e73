//! How many sales a second the projectors follow without falling behind: sales at a pace, which rises until they do.

use anyhow::Result;

use super::bare::{CONNECTIONS_MANY, WARM_UP};
use crate::load::Load;
use crate::measured::Measured;
use crate::report::{Report, Row, thousands};
use crate::scene::Scene;
use crate::show::{CAPACITY, Show};

/// Sales a second that any build follows.
const FIRST: f64 = 400.0;
/// Each pace is so much faster than the last one, until it is too fast.
const RISE: f64 = 1.5;
/// Then the pace is sought between the two, as often.
const HALVINGS: u32 = 3;

/// A window is this many times as long as others, so that a projector that is a tenth too slow is seen to be.
const WINDOWS: u32 = 2;
/// Events that may be behind at the end of a window: what was sold in this part of a second.
const BEHIND_SECONDS: f64 = 0.5;
/// The load has to keep its own pace as well.
const ACHIEVED: f64 = 0.97;

const EVENTS_OF_SALE: f64 = 3.0;

/// Measures it.
pub async fn measure(scene: &mut Scene, report: &mut Report) -> Result<()> {
    let bare = scene.bare_load(CONNECTIONS_MANY);
    scene.bare.show.sell(Load { window: WARM_UP, ..bare }).await?;
    let bare = scene.bare.show.sell(bare).await?.measured;
    scene.projectors.let_go().await?;
    let found = seek(scene).await;
    scene.projectors.hold().await?;
    let Some(best) = found? else {
        report.add(Row::new("IssueTicket, as fast as the projectors follow", CONNECTIONS_MANY).note("slower than 400"));
        return Ok(());
    };
    let row = Row::of_window("IssueTicket, as fast as the projectors follow", CONNECTIONS_MANY, &best.measured);
    report.add(row.beside_once("bare sales", best.measured.rate() / bare.rate()).aim("a third").note(format!(
        "paced; {} events behind at the end of {:.0} s",
        thousands(best.behind),
        best.measured.elapsed.as_secs_f64()
    )));
    Ok(())
}

struct Followed {
    measured: Measured,
    behind: u64,
}

async fn seek(scene: &mut Scene) -> Result<Option<Followed>> {
    let show = Show::standing(&scene.server.address, CAPACITY).await?;
    scene.projectors.drain().await?;
    let (mut followed, mut pace) = (None, FIRST);
    let (mut least, mut most) = (0.0, f64::INFINITY);
    let mut halvings = 0;
    while halvings < HALVINGS {
        match at_pace(scene, &show, pace).await? {
            Some(found) => (followed, least) = (Some(found), pace),
            None => most = pace,
        }
        if most.is_finite() {
            halvings += 1;
            pace = f64::midpoint(least, most);
        } else {
            pace *= RISE;
        }
    }
    Ok(followed)
}

/// None: too fast, for the projectors or for the server itself.
async fn at_pace(scene: &mut Scene, show: &Show, pace: f64) -> Result<Option<Followed>> {
    let load = Load { pace: Some(pace), ..scene.sellers(CONNECTIONS_MANY)? };
    let run = show.sell(Load { window: load.window * WINDOWS, ..load }).await?;
    let behind = scene.projectors.behind().await?;
    scene.projectors.drain().await?;
    let kept_up = behind as f64 <= pace * EVENTS_OF_SALE * BEHIND_SECONDS && run.measured.rate() >= pace * ACHIEVED;
    eprintln!("at {pace:.0} a second: {:.0}, {behind} events behind", run.measured.rate());
    Ok(kept_up.then_some(Followed { measured: run.measured, behind }))
}
