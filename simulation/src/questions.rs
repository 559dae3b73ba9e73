//! What every node is asked in the end, when nothing breaks any more: does its desk know what the log says?

use std::{fmt, sync::Arc, time::Duration};

use commands::{
    allocation::{ItemRequest, PlacesRequest},
    desk::{DeskError, Resource},
    hold_places::HoldPlaces,
};
use domain::ids::ShowId;

use crate::{
    clients::{Clients, Wish, best},
    follower::decode,
    lock,
    nodes::Node,
    plain::Plain,
    shows::{Sold, submission},
};

/// How often one is asked. What broke last may take some time to be noticed: a call has fifteen seconds, a commit up to twenty.
const TRIES: u32 = 60;

/// Asks all nodes. Wishes are answered as any other, and judged so.
pub async fn ask(clients: &Arc<Clients>) -> Result<(), String> {
    for (show, sold) in clients.shows.iter().enumerate() {
        for node in clients.nodes.all() {
            knows_everything(clients, &node, sold).await?;
            for (wish, places) in wishes(sold) {
                let items = vec![ItemRequest { ticket_type: sold.ticket_type, places, from_block: None }];
                let asks = submission(&clients.server.chance, clients.organization, HoldPlaces { items });
                let mut tries = 1..=TRIES;
                while !clients.ask_once(&node, show, &wish, &asks, false).await {
                    tries.next().ok_or_else(|| format!("a node does not answer {wish:?}, though nothing breaks"))?;
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }
    Ok(())
}

/// For every seat; where people stand, until it is sold out.
fn wishes(sold: &Sold) -> Vec<(Wish, PlacesRequest)> {
    let seats = sold.hall.seats().into_iter().map(|seat| vec![seat]);
    let mut wishes: Vec<_> = seats.map(|seats| (Wish::Seats(seats.clone()), PlacesRequest::Seats(seats))).collect();
    if wishes.is_empty() {
        let some = sold.hall.capacity().div_ceil(3);
        wishes = (0..4).map(|_| (Wish::Best(some), best(some))).collect();
    }
    wishes
}

/// Every command, hold and ticket.
async fn knows_everything(clients: &Clients, node: &Node, sold: &Sold) -> Result<(), String> {
    let (commands, resources) = said(clients, sold.show, sold)?;
    for command in commands {
        knows(&command, || node.desks.has_recorded(sold.show, command)).await?;
    }
    for resource in resources {
        knows(&resource, || node.desks.exists(sold.show, Some(clients.organization), Some(resource))).await?;
    }
    Ok(())
}

async fn knows<F>(what: &impl fmt::Debug, ask: impl Fn() -> F) -> Result<(), String>
where
    F: Future<Output = Result<bool, DeskError>>,
{
    for _ in 0..TRIES {
        match ask().await {
            Ok(true) => return Ok(()),
            Ok(false) => return Err(format!("a desk does not know {what:?}")),
            Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
        }
    }
    Err(format!("a node does not say whether it knows {what:?}, though nothing breaks"))
}

fn said(clients: &Clients, show: ShowId, sold: &Sold) -> Result<(Vec<uuid::Uuid>, Vec<Resource>), String> {
    let state = lock(&clients.server.state);
    let mut commands = Vec::new();
    let mut plain = Plain::new(sold.hall);
    for event in state.stream(show.0) {
        if commands.last() != Some(&event.metadata.command) {
            commands.push(event.metadata.command);
        }
        plain.take(&decode(event).map_err(|error| error.to_string())?)?;
    }
    let holds = plain.holds().map(Resource::Hold);
    let resources = holds.chain(plain.tickets().map(Resource::Ticket)).collect();
    Ok((commands, resources))
}
