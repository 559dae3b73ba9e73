//! One hot show: sales and check-ins over HTTP, beside the bare limit's, in turn.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::bare::WARM_UP;
use crate::http::{Credentials, Ticket};
use crate::in_turn::{Way, turns};
use crate::load::{Load, Run};
use crate::measured::Measured;
use crate::projectors::Backlog;
use crate::report::{Report, Row, milliseconds, thousands};
use crate::scene::Scene;
use crate::show::{CAPACITY, Show, devices};

/// At the door; each may ask 5,000 times a second.
pub const DEVICES: usize = 8;

/// What the read side does meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Projecting {
    /// Nothing: its lease is held.
    HeldBack,
    /// It follows; before each window it has caught up.
    Running,
}

/// OrderPlaced, PaymentRecorded, TicketIssued.
const EVENTS_OF_SALE: u64 = 3;

/// Tickets at hand before a window of check-ins, of those that were let in in as long a window.
const TICKETS_AHEAD: f64 = 1.5;

const BARE_SALE: usize = 0;
const SALE: usize = 1;
const BARE_CHECK_IN: usize = 2;
const CHECK_IN: usize = 3;

/// Measures at every number of connections.
pub async fn measure(scene: &mut Scene, report: &mut Report, projecting: Projecting) -> Result<()> {
    for connections in scene.settings.connections.clone() {
        let mut hot = Hot::new(scene, projecting).await?;
        let measured = hot.measure(scene, connections).await;
        scene.projectors.hold().await?;
        measured?;
        hot.report(connections, report);
    }
    Ok(())
}

/// Both at one number of connections.
pub struct Hot {
    projecting: Projecting,
    show: Show,
    devices: Vec<Credentials>,
    /// Sold, and not let in yet.
    tickets: Vec<Ticket>,
    /// Check-ins a second in the window before.
    checked_in_rate: f64,
    /// A bare sale, a sale, a bare check-in, a check-in.
    pub ways: [Way; 4],
    backlogs: [Vec<Backlog>; 4],
}

impl Hot {
    /// On a show of its own.
    pub async fn new(scene: &Scene, projecting: Projecting) -> Result<Self> {
        let show = Show::standing(&scene.server.address, CAPACITY).await?;
        let devices = devices(&scene.server.address, &[&show], DEVICES).await?;
        let ways = ["a bare sale", "IssueTicket", "a bare check-in", "CheckIn"].map(Way::new);
        Ok(Self {
            projecting,
            show,
            devices,
            tickets: Vec::new(),
            checked_in_rate: 0.0,
            ways,
            backlogs: Default::default(),
        })
    }

    /// Measures all in turn.
    pub async fn measure(&mut self, scene: &mut Scene, connections: usize) -> Result<()> {
        if self.projecting == Projecting::Running {
            scene.projectors.let_go().await?;
        }
        for way in 0..self.ways.len() {
            self.window(scene, way, connections, WARM_UP).await?;
        }
        for round in 0..scene.settings.rounds {
            for way in turns(round, self.ways.len()) {
                if way == CHECK_IN {
                    self.sell_ahead(scene, connections).await?;
                }
                if self.projecting == Projecting::Running {
                    scene.projectors.drain().await?;
                }
                let measured = self.window(scene, way, connections, scene.settings.window).await?;
                self.ways[way].add(measured);
                if self.projecting == Projecting::Running && matches!(way, SALE | CHECK_IN) {
                    self.backlogs[way].push(scene.projectors.drain().await?);
                }
            }
        }
        Ok(())
    }

    /// Sells what a window of check-ins may need: they may be quicker than sales, and whoever has nobody to let in looks slow.
    async fn sell_ahead(&mut self, scene: &mut Scene, connections: usize) -> Result<()> {
        let needed = TICKETS_AHEAD * self.checked_in_rate * scene.settings.window.as_secs_f64();
        while (self.tickets.len() as f64) < needed {
            self.window(scene, SALE, connections, scene.settings.window).await?;
        }
        Ok(())
    }

    async fn window(
        &mut self,
        scene: &mut Scene,
        way: usize,
        connections: usize,
        window: Duration,
    ) -> Result<Measured> {
        let before = scene.projectors.events().await?;
        let (run, events) = match way {
            BARE_SALE => (scene.bare.show.sell(Load { window, ..scene.bare_load(connections) }).await?, 0),
            BARE_CHECK_IN => {
                let load = Load { window, ..scene.bare_load(connections) };
                (scene.bare.show.check_in(load, None).await?, 0)
            }
            SALE => (self.show.sell(Load { window, ..scene.sellers(connections)? }).await?, EVENTS_OF_SALE),
            _ => {
                let tickets: Arc<[Ticket]> = std::mem::take(&mut self.tickets).into();
                let load = Load { window, ..scene.load(&self.devices, connections)? };
                let run = self.show.check_in(load, Some(tickets.clone())).await?;
                self.checked_in_rate = run.measured.rate();
                self.tickets = tickets[usize::try_from(run.measured.count)?..].to_vec();
                (run, 1)
            }
        };
        let Run { measured, tickets, .. } = run;
        let recorded = scene.projectors.events().await? - before;
        ensure!(recorded == measured.count * events, "{} answers left {recorded} events", measured.count);
        if way == SALE {
            self.tickets.extend(tickets);
        }
        Ok(measured)
    }

    fn report(&self, connections: usize, report: &mut Report) {
        let [bare_sale, sale, bare_check_in, check_in] = &self.ways;
        let (how, aim) = match self.projecting {
            Projecting::HeldBack => ("projectors held back", "half"),
            Projecting::Running => ("projectors running", "a third"),
        };
        let aim = match connections {
            1 => "p50 under 0.8 ms, p99 under 3 ms",
            64 => aim,
            _ => "",
        };
        let with_backlog = |row: Row, way: usize| match worst(&self.backlogs[way]) {
            Some(Backlog { events, drained_in }) => row.note(format!(
                "behind at the end of a window: {} events at most, gone in {}",
                thousands(events),
                milliseconds(drained_in)
            )),
            None => row,
        };
        report.add(Row::of("bare limit: a sale over HTTP", connections, bare_sale));
        report.add(Row::of("bare limit: a check-in over HTTP", connections, bare_check_in));
        let row = Row::of(&format!("IssueTicket, one show, {how}"), connections, sale);
        report.add(with_backlog(row.beside("bare sales", sale, bare_sale).aim(aim), SALE));
        let row = Row::of(&format!("CheckIn, one show, {how}"), connections, check_in);
        let row = row.beside("bare sales", check_in, bare_sale);
        let row = row.beside("bare check-ins", check_in, bare_check_in).aim(aim);
        report.add(with_backlog(row, CHECK_IN));
    }
}

fn worst(backlogs: &[Backlog]) -> Option<Backlog> {
    backlogs.iter().copied().max_by_key(|backlog| backlog.events)
}
