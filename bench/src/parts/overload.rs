//! Overload: two thousand connections sell as fast as they can, while the door goes on.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use super::bare::{CONNECTIONS_MANY, WARM_UP};
use super::hot::DEVICES;
use crate::http::{Credentials, Ticket};
use crate::load::{Expected, Load, Turned};
use crate::measured::Measured;
use crate::report::{Report, Row, milliseconds, thousands};
use crate::scene::Scene;
use crate::show::{CAPACITY, Show, devices, ready_to_sell};

const CONNECTIONS: usize = 2_000;
const DOORS: usize = 8;

/// A window is this many times as long as others.
const WINDOWS: u32 = 2;
/// How soon everything has to be as before.
const AFTERWARDS: Duration = Duration::from_secs(1);

/// Measures it, with the projectors held back.
pub async fn measure(scene: &Scene, report: &mut Report) -> Result<()> {
    let show = Show::standing(&scene.server.address, CAPACITY).await?;
    let devices = devices(&scene.server.address, &[&show], DEVICES).await?;
    let many = scene.sellers(CONNECTIONS_MANY)?;
    // Enough for the door in all windows that follow.
    let mut tickets = show.sell(Load { window: many.window * 4, ..many }).await?.tickets;
    let usual = show.sell(many).await?.measured;
    scene.bare.show.sell(Load { window: WARM_UP, ..scene.bare_load(CONNECTIONS_MANY) }).await?;
    let bare = scene.bare.show.sell(scene.bare_load(CONNECTIONS_MANY)).await?.measured;
    let door = scene.load(&devices, DOORS)?;
    let before = check_in(&show, door, &mut tickets).await?;
    report.add(Row::of_window("bare limit: a sale over HTTP", CONNECTIONS_MANY, &bare));
    report.add(Row::of_window("IssueTicket, one show, before overload", CONNECTIONS_MANY, &usual));
    report.add(Row::of_window("CheckIn alone, before overload", DOORS, &before));
    for (turned, how) in [
        (Turned::AsksAgain, "who is turned away asks again at once"),
        (Turned::Waits, "who is turned away waits as told"),
    ] {
        let window = many.window * WINDOWS;
        let expected = Expected::DoneOrShed(turned);
        scene.server.forget_peak()?;
        let at_rest = scene.server.peak_mebibytes()?;
        // Both begin when all are connected: else most of what the door does is done before anybody else asks.
        let crowd = Load { window, connections: CONNECTIONS, ..many };
        let crowd = ready_to_sell(std::slice::from_ref(&show), crowd, expected).await?;
        // The door's load has a thread of its own: it must not wait behind two thousand others before it is even sent.
        let meanwhile = own_thread(&show, &devices, Load { window, ..door }, std::mem::take(&mut tickets));
        let selling = crowd.send().await;
        let (during, rest) = meanwhile.join().ok().context("the door's load failed")??;
        tickets = rest;
        let selling = selling?;
        let afterwards = show.sell(Load { window: AFTERWARDS, ..many }).await?.measured;
        let door_afterwards = check_in(&show, Load { window: AFTERWARDS, ..door }, &mut tickets).await?;
        let peak = scene.server.peak_mebibytes()?;

        let accepted = &selling.measured;
        let shed = selling.shed as f64 / accepted.elapsed.as_secs_f64();
        let row =
            Row::of_window(&format!("IssueTicket under overload, {how}"), thousands(CONNECTIONS as u64), accepted);
        let row = row.beside_once("bare sales", accepted.rate() / bare.rate());
        let row = row.beside_once("sales before", accepted.rate() / usual.rate()).aim("p99 under 250 ms");
        report.add(row.note(format!(
            "turned away: {} a second; the server's memory at most {peak} MiB, {at_rest} before",
            thousands(shed.round() as u64)
        )));
        let row = Row::of_window("CheckIn meanwhile", DOORS, &during);
        let row = row.beside_once("check-ins before", during.rate() / before.rate()).aim("unhindered");
        report.add(row.note(format!("p99 before: {}", milliseconds(before.percentile(99)))));
        let row = Row::of_window("IssueTicket, in the first second after it", CONNECTIONS_MANY, &afterwards);
        report.add(row.beside_once("sales before", afterwards.rate() / usual.rate()).aim("as before"));
        let row = Row::of_window("CheckIn, in the second after that", DOORS, &door_afterwards);
        report.add(row.beside_once("check-ins before", door_afterwards.rate() / before.rate()).aim("as before"));
    }
    Ok(())
}

/// Checks in some of these tickets, and leaves the rest.
async fn check_in(show: &Show, load: Load<'_>, tickets: &mut Vec<Ticket>) -> Result<Measured> {
    let all: Arc<[Ticket]> = std::mem::take(tickets).into();
    let run = show.check_in(load, Some(all.clone())).await?;
    let used = usize::try_from(run.measured.count)?;
    *tickets = all[used..].to_vec();
    ensure!(!tickets.is_empty(), "too few tickets were sold for the door");
    Ok(run.measured)
}

type Door = std::thread::JoinHandle<Result<(Measured, Vec<Ticket>)>>;

fn own_thread(show: &Show, devices: &[Credentials], load: Load<'_>, mut tickets: Vec<Ticket>) -> Door {
    let (show, devices) = (show.clone(), devices.to_vec());
    let (connections, window, watched) = (load.connections, load.window, load.watched);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let load = Load { who: &devices, connections, window, pace: None, watched };
        let measured = runtime.block_on(check_in(&show, load, &mut tickets))?;
        // What the sellers cost at the same time cannot be told from what the door costs.
        Ok((Measured { cpu: None, ..measured }, tickets))
    })
}
