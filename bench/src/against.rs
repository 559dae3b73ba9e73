//! Two builds beside each other: sales and check-ins of both in windows in turn, each with a server and a database of its
//! own, of which the other stands still meanwhile.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use crate::credentials::Compared;
use crate::http::Credentials;
use crate::in_turn::{ROUNDS, Way, turns};
use crate::load::{Load, Show};
use crate::server::Server;

/// A window of each build, in each round, at each number of connections.
const WINDOW: Duration = Duration::from_secs(3);
const WARM_UP: Duration = Duration::from_secs(2);

/// Sells and admits by both at each of these numbers of connections; the other build is the first way.
pub async fn measure(ours: &Path, other: &Path, folder: Option<&Path>, connections: &[usize]) -> Result<Vec<Compared>> {
    let servers = [Server::start(other, folder)?, Server::start(ours, folder)?];
    let shows = [Show::standing(&servers[0].address).await?, Show::standing(&servers[1].address).await?];
    let who = &[Credentials::admin()];
    let most = connections.iter().copied().max().unwrap_or(1);
    for show in &shows {
        show.sell(Load { who, connections: most, window: WARM_UP }).await?;
    }
    let mut compared = Vec::new();
    for connections in connections {
        let load = Load { who, connections: *connections, window: WINDOW };
        let mut sales = ["before", "after"].map(Way::new);
        let mut check_ins = ["before", "after"].map(Way::new);
        for round in 0..ROUNDS {
            let mut sold = [Vec::new(), Vec::new()];
            for build in turns(round, 2) {
                shows[build].settle().await?;
                let run = shows[build].sell(load).await?;
                sales[build].add(run.measured);
                sold[build] = run.tickets;
            }
            for build in turns(round, 2) {
                shows[build].settle().await?;
                let tickets = std::mem::take(&mut sold[build]);
                check_ins[build].add(shows[build].check_in(load, tickets).await?);
            }
        }
        compared.push(Compared { what: "IssueTicket", ways: sales.into() });
        compared.push(Compared { what: "CheckIn", ways: check_ins.into() });
    }
    for server in servers {
        server.stop()?;
    }
    Ok(compared)
}
