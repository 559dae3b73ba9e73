//! Questions: what handlers ask of a desk that needs no decision.
//!
//! What is there is answered at once, because it stays there; what is decided and not recorded yet, nobody can name. That something is not there is answered only when the state is
//! known to be current: no other node's answer is older than that.

use domain::{
    Show,
    ids::{HoldId, OrderId, TicketId},
};
use event_store::Clock;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{DeskError, Kept, Resource, kept_holds::kept_holds, stream::Stream};

/// Where an answer goes. Whoever asked may have gone; that is no fault.
pub(super) type Reply<T> = oneshot::Sender<Result<T, DeskError>>;

/// What is asked, and where the answer goes.
pub(super) enum Question {
    /// Whether there is such a thing.
    Exists(Resource, Reply<bool>),
    /// Whose a ticket is.
    OrderOf(TicketId, Reply<Option<OrderId>>),
    /// Whether a command was recorded.
    HasRecorded(Uuid, Reply<bool>),
    /// Which of some holds keep places, as far as was read.
    Kept(Vec<HoldId>, Reply<Vec<Kept>>),
    /// To be ready, so that the facts of the show are there and current.
    Open(Reply<()>),
}

impl Question {
    /// Answers it, from a state that is current.
    pub(super) fn answer(self, stream: &Stream, clock: &dyn Clock) {
        let show = stream.state.show();
        match self {
            Self::Exists(resource, reply) => drop(reply.send(Ok(show.is_some_and(|show| has(show, resource))))),
            Self::OrderOf(ticket, reply) => drop(reply.send(Ok(order_of(stream, ticket)))),
            Self::HasRecorded(command, reply) => drop(reply.send(Ok(stream.commands.has(command)))),
            Self::Kept(holds, reply) => {
                let now = clock.now().max(stream.last_time);
                let kept = show.map(|show| kept_holds(show, &holds, now)).unwrap_or_default();
                drop(reply.send(Ok(kept)));
            }
            Self::Open(reply) => drop(reply.send(Ok(()))),
        }
    }

    /// Whether the answer is the same however much was recorded meanwhile.
    pub(super) fn is_settled(&self, stream: &Stream) -> bool {
        match self {
            Self::Exists(resource, _) => stream.state.show().is_some_and(|show| has(show, *resource)),
            Self::OrderOf(ticket, _) => order_of(stream, *ticket).is_some(),
            Self::HasRecorded(command, _) => stream.commands.has(*command),
            Self::Kept(..) => true,
            Self::Open(_) => false,
        }
    }

    /// Says that there is no answer now.
    pub(super) fn refuse(self, error: DeskError) {
        match self {
            Self::Exists(_, reply) | Self::HasRecorded(_, reply) => drop(reply.send(Err(error))),
            Self::OrderOf(_, reply) => drop(reply.send(Err(error))),
            Self::Kept(_, reply) => drop(reply.send(Err(error))),
            Self::Open(reply) => drop(reply.send(Err(error))),
        }
    }
}

/// Whose a ticket is. It never changes.
fn order_of(stream: &Stream, ticket: TicketId) -> Option<OrderId> {
    stream.state.show().and_then(|show| show.ticket(ticket)).map(|ticket| ticket.order)
}

fn has(show: &Show, resource: Resource) -> bool {
    match resource {
        Resource::Pool(id) => show.pools.contains_key(&id),
        Resource::TicketType(id) => show.ticket_types.contains_key(&id),
        Resource::Block(id) => show.blocks.contains_key(&id),
        Resource::Hold(id) => show.hold(id).is_some(),
        Resource::Order(id) => show.order(id).is_some(),
        Resource::Ticket(id) => show.ticket(id).is_some(),
        Resource::Scan(id) => show.presence.passage(id).is_some(),
    }
}
