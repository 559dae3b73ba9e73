//! Read models equal by construction, whatever is asked: after random histories of all commands, on shows and on their
//! organization, the tables after live projection are row for row the view of the folded state, what a rebuild writes,
//! and what `turnout verify --read` says they have to be.
//!
//! The histories are those of `commands` with fixed random numbers; `PROPTEST_CASES` asks for more organizations.

mod compared;
mod played;
mod world;

use std::collections::BTreeSet;

use anyhow::Result;
use commands::properties::{ORGANIZATION_COMMANDS, SHOW_COMMANDS, turns};
use domain::{OrganizationEvent, ShowEvent};
use projections::{ReadModel, ReadModels, Rebuild};

use played::Played;
use world::{World, differences};

/// Organizations, each with some shows: so many histories of shows, and a history of its own.
const ORGANIZATIONS: u32 = 8;
/// What is asked of one organization and its shows together.
const TURNS: usize = 500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_asked_tables_are_the_view_of_the_state_live_and_rebuilt() -> Result<()> {
    let world = World::new().await?;
    let mut projecting = world.projecting();
    let mut seen = Seen::default();
    let rebuild = Rebuild::connect(&world.owner_url).await?;
    for (number, turns) in (1..).zip(turns(ORGANIZATIONS, TURNS)) {
        let mut played = Played::begin(number);
        for (n, turn) in turns.iter().enumerate() {
            played.turn(turn, n, turns.len());
            played.record(&world, turn.beside).await?;
            projecting.goes_on(&world, turn.beside).await?;
            if turn.beside % 60 == 7 {
                projecting.catches_up().await?;
                compared::rows_are_views(&world, &played).await?;
            }
        }
        projecting.catches_up().await?;
        compared::rows_are_views(&world, &played).await?;
        seen.takes(&played);
        if number % 4 == 0 {
            // What goes on afterwards goes on on tables that were rebuilt.
            assert_eq!(differences(&world).await?, []);
            let live = world.rows().await?;
            rebuild.run(ReadModels::ALL).await?;
            world.has_rows(&live, "rebuilt together").await?;
            compared::rows_are_views(&world, &played).await?;
        }
    }
    let live = world.rows().await?;
    for model in ReadModel::ALL {
        rebuild.run(ReadModels::of(&[model])).await?;
        world.has_rows(&live, model.name()).await?;
    }
    assert_eq!(differences(&world).await?, []);
    seen.is_everything();
    Ok(())
}

/// What the histories came to.
#[derive(Default)]
struct Seen {
    commands: BTreeSet<&'static str>,
    events: BTreeSet<&'static str>,
}

impl Seen {
    fn takes(&mut self, played: &Played) {
        for show in &played.shows {
            self.commands.extend(show.accepted());
            self.events.extend(show.history().iter().map(ShowEvent::event_type));
        }
        self.commands.extend(played.organization.accepted());
        self.events.extend(played.organization.history().iter().map(OrganizationEvent::event_type));
    }

    /// Every command was accepted and every event occurred, both ends by time among them.
    fn is_everything(&self) {
        let commands = SHOW_COMMANDS.iter().chain(ORGANIZATION_COMMANDS);
        let missing: Vec<_> = commands.filter(|name| !self.commands.contains(**name)).collect();
        assert!(missing.is_empty(), "no history came to accept {missing:?}");
        let events = ShowEvent::TYPES.iter().chain(OrganizationEvent::TYPES);
        let missing: Vec<_> = events.filter(|name| !self.events.contains(**name)).collect();
        assert!(missing.is_empty(), "no history came to {missing:?}");
    }
}
