//! An organization with some shows, to which things happen, and which are recorded as they do.

use anyhow::Result;
use commands::{
    cancel_show::CancelShow,
    close_sales::CloseSales,
    properties::{PlayedOrganization, PlayedShow, Turn},
};
use domain::ids::{OrganizationId, ShowId};
use event_store::StreamType;
use uuid::Uuid;

use crate::world::World;

/// Shows of an organization.
const SHOWS: u64 = 4;

pub struct Played {
    pub id: Uuid,
    pub organization: PlayedOrganization,
    pub shows: Vec<PlayedShow>,
}

impl Played {
    /// An organization of this number, and its shows; some of them are drafts.
    pub fn begin(number: u64) -> Self {
        let id = Uuid::from_u128(0xA000 + u128::from(number));
        let numbers = (0..SHOWS).map(|n| number * SHOWS + n);
        let shows: Vec<_> = numbers.map(|n| (ShowId(Uuid::from_u128(0xB000 + u128::from(n))), n)).collect();
        Self {
            id,
            organization: PlayedOrganization::founded(
                OrganizationId(id),
                number,
                shows.iter().map(|(id, _)| *id).collect(),
            ),
            shows: shows.iter().map(|(id, n)| PlayedShow::planned(*id, *n, n % 8 == 0)).collect(),
        }
    }

    /// One thing that somebody asks. When most of them are through, one show's sales are closed and another one is cancelled.
    pub fn turn(&mut self, turn: &Turn, n: usize, of: usize) {
        match usize::from(turn.who) % (self.shows.len() + 1) {
            0 => self.organization.step(&turn.step),
            who => self.shows[who - 1].step(&turn.step),
        }
        if n == of * 4 / 5 {
            self.shows[1].by_manager(CloseSales);
            self.shows[2].by_manager(CancelShow { reason: None });
        }
    }

    /// Records what happened since the last time.
    pub async fn record(&self, world: &World, beside: u16) -> Result<()> {
        let events = self.organization.history().iter().map(|event| (event.event_type(), event.payload()));
        world.record(self.id, StreamType::Organization, self.id, events, beside).await?;
        for show in &self.shows {
            let Some(stream) = show.state().show().map(|show| show.id.0) else { continue };
            let events = show.history().iter().map(|event| (event.event_type(), event.payload()));
            world.record(self.id, StreamType::Show, stream, events, beside).await?;
        }
        Ok(())
    }
}
