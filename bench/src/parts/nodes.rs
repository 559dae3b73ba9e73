//! Several servers on one database: sales of one show with all of them at one server, as the balancer's hash has it, and spread
//! over all, beside one server alone, in turn.
//!
//! Each window runs exactly the servers that it is about. They share this machine's cores: what is seen is the cost of
//! taking turns, not what more machines would give.

use std::path::Path;

use anyhow::{Result, bail, ensure};
use sqlx::Executor as _;

use super::bare::{CONNECTIONS_MANY, WARM_UP};
use crate::cpu::{Cpu, Processes};
use crate::in_turn::{Way, turns};
use crate::latencies::Latencies;
use crate::load::{Expected, Load, Run, Turned};
use crate::measured::Measured;
use crate::projectors::Projectors;
use crate::report::{Report, Row};
use crate::scene::Settings;
use crate::server::Server;
use crate::show::{CAPACITY, Show, sell, sellers};

/// Programs that sell; one may ask 5,000 times a second.
const SELLERS: usize = 16;

/// OrderPlaced, PaymentRecorded, TicketIssued.
const EVENTS_OF_SALE: u64 = 3;

/// A server that is in another one's way may turn somebody away; it is asked again at once, and the row says how often.
const SHED: Expected = Expected::DoneOrShed(Turned::AsksAgain);

/// Servers, and how many of them are asked.
const WAYS: [(&str, usize, usize); 5] = [
    ("one server", 1, 1),
    ("2 servers, the show at one of them", 2, 1),
    ("2 servers, the show at both", 2, 2),
    ("4 servers, the show at one of them", 4, 1),
    ("4 servers, the show at all", 4, 4),
];

/// Measures it on servers of its own, with the projectors held back.
pub async fn measure(binary: &Path, folder: Option<&Path>, settings: &Settings, report: &mut Report) -> Result<()> {
    let mut first = Server::start(binary, folder)?;
    // Four servers have more connections than the hundred that PostgreSQL takes by default.
    first.connect("postgres").await?.execute("ALTER SYSTEM SET max_connections = 200").await?;
    first.restart()?;
    first.run_in().await?;
    let mut projectors = Projectors::of(&first).await?;
    projectors.hold().await?;
    let who = sellers(&first.address, SELLERS).await?;
    let show = Show::standing(&first.address, CAPACITY).await?;
    let mut ways = WAYS.map(|(name, _, _)| Way::new(name));
    let mut shed = [0; WAYS.len()];
    for round in 0..settings.rounds {
        for way in turns(round, ways.len()) {
            let (_, servers, asked) = WAYS[way];
            let others = (1..servers).map(|_| first.beside(folder)).collect::<Result<Vec<_>>>()?;
            let nodes: Vec<&Server> = std::iter::once(&first).chain(&others).collect();
            let postgres = first.postgres()?.process;
            let watched: Vec<Processes> = nodes.iter().map(|node| Processes { server: node.id(), postgres }).collect();
            let load = Load {
                who: &who,
                connections: CONNECTIONS_MANY / asked,
                window: WARM_UP,
                pace: None,
                watched: watched[0],
            };
            // Every server has read the show before it counts: that is what `opening` measures.
            for node in &nodes[..asked] {
                show.at(&node.address).sell_some(&who[0], 1).await?;
            }
            spread(&show, &nodes[..asked], load).await?;
            let before = (projectors.events().await?, used(&watched));
            let (sold, turned_away) = spread(&show, &nodes[..asked], Load { window: settings.window, ..load }).await?;
            let recorded = projectors.events().await? - before.0;
            // Who was turned away may have bought all the same.
            shed[way] += turned_away;
            ensure!(recorded >= sold.count * EVENTS_OF_SALE, "{} answers left {recorded} events", sold.count);
            ways[way].add(sold.costing(used(&watched) - before.1));
        }
    }
    let [one, rest @ ..] = &ways;
    report.add(Row::of("IssueTicket, one show, one server", CONNECTIONS_MANY, one));
    for ((way, (_, _, asked)), shed) in rest.iter().zip(&WAYS[1..]).zip(&shed[1..]) {
        let aim = if *asked == 1 { "one server" } else { "half of one server" };
        let what = format!("IssueTicket, one show, {}", way.name);
        let row = Row::of(&what, CONNECTIONS_MANY, way).beside("one server", way, one).aim(aim);
        report.add(row.note(format!("turned away {shed} times")));
    }
    first.stop()
}

/// Sells at these servers at once, at each the same number of connections.
async fn spread(show: &Show, nodes: &[&Server], load: Load<'_>) -> Result<(Measured, u64)> {
    let at = |index: usize| show.at(&nodes[index].address);
    let runs: Vec<Run> = match nodes.len() {
        1 => vec![sell(&[at(0)], load, SHED).await?],
        2 => {
            let shows = [at(0), at(1)];
            let (one, two) = tokio::try_join!(sell(&shows[0..=0], load, SHED), sell(&shows[1..=1], load, SHED))?;
            vec![one, two]
        }
        4 => {
            let shows = [at(0), at(1), at(2), at(3)];
            let (one, two, three, four) = tokio::try_join!(
                sell(&shows[0..=0], load, SHED),
                sell(&shows[1..=1], load, SHED),
                sell(&shows[2..=2], load, SHED),
                sell(&shows[3..=3], load, SHED)
            )?;
            vec![one, two, three, four]
        }
        other => bail!("the load is not written for {other} servers"),
    };
    let mut latencies = Latencies::default();
    for run in &runs {
        latencies.add(&run.measured.latencies);
    }
    let elapsed = runs.iter().map(|run| run.measured.elapsed).max().unwrap_or_default();
    Ok((Measured::new(elapsed, latencies), runs.iter().map(|run| run.shed).sum()))
}

/// Processor time of all servers, of their PostgreSQL, and of the load.
fn used(watched: &[Processes]) -> Cpu {
    let each: Vec<Cpu> = watched.iter().map(|processes| processes.used()).collect();
    let server = each.iter().map(|cpu| cpu.server).sum();
    each.first().map_or_else(Cpu::default, |first| Cpu { server, ..*first })
}
