//! Two builds beside each other: sales and check-ins of both in windows in turn, each with a server and a database of its
//! own, of which the other stands still meanwhile.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use crate::credentials::Compared;
use crate::http::Credentials;
use crate::http::Ticket;
use crate::in_turn::{ROUNDS, Way, turns};
use crate::load::Load;
use crate::server::Server;
use crate::show::{CAPACITY, Show};

/// A window of each build, in each round, at each number of connections.
const WINDOW: Duration = Duration::from_secs(3);
const WARM_UP: Duration = Duration::from_secs(2);

/// Sells and admits by both at each of these numbers of connections; the other build is the first way.
pub async fn measure(ours: &Path, other: &Path, folder: Option<&Path>, connections: &[usize]) -> Result<Vec<Compared>> {
    let servers = [Server::start(other, folder)?, Server::start(ours, folder)?];
    let shows =
        [Show::standing(&servers[0].address, CAPACITY).await?, Show::standing(&servers[1].address, CAPACITY).await?];
    let who = &[Credentials::admin()];
    let most = connections.iter().copied().max().unwrap_or(1);
    let watched = [servers[0].processes()?, servers[1].processes()?];
    let load =
        |build: usize, connections, window| Load { who, connections, window, pace: None, watched: watched[build] };
    for (build, show) in shows.iter().enumerate() {
        show.sell(load(build, most, WARM_UP)).await?;
    }
    let mut compared = Vec::new();
    for connections in connections {
        let mut sales = ["before", "after"].map(Way::new);
        let mut check_ins = ["before", "after"].map(Way::new);
        for round in 0..ROUNDS {
            let mut sold = [Vec::new(), Vec::new()];
            for build in turns(round, 2) {
                shows[build].settle().await?;
                let run = shows[build].sell(load(build, *connections, WINDOW)).await?;
                sales[build].add(run.measured);
                sold[build] = run.tickets;
            }
            for build in turns(round, 2) {
                shows[build].settle().await?;
                let tickets: Arc<[Ticket]> = std::mem::take(&mut sold[build]).into();
                let run = shows[build].check_in(load(build, *connections, WINDOW), Some(tickets)).await?;
                check_ins[build].add(run.measured);
            }
        }
        compared.push(Compared { what: "IssueTicket", connections: *connections, ways: sales.into() });
        compared.push(Compared { what: "CheckIn", connections: *connections, ways: check_ins.into() });
    }
    for server in servers {
        server.stop()?;
    }
    Ok(compared)
}
