//! A show to which things happen, as its desk lets them happen: what is due is ended, then the command is decided.

use std::collections::BTreeSet;

use domain::{ShowEvent, ShowState, ids::ShowId, ticket_type::Channel};

use super::{commands::Step, kinds, plain_model::PlainModel};
use crate::{
    Context, Decided, ShowCommand,
    add_pool::AddPool,
    add_ticket_type::AddTicketType,
    adopt_seating::AdoptSeating,
    end_due::end_due,
    publish_show::PublishShow,
    schedule_show::ScheduleShow,
    specification::{Given, at, given, schedule_show},
};

/// A show to which things happen.
#[derive(Default)]
pub struct PlayedShow {
    history: Vec<ShowEvent>,
    state: ShowState,
    model: PlainModel,
    seconds: i64,
    commands: u64,
    /// Of several shows, which: all ids and random numbers of it follow from this.
    number: u64,
    accepted: BTreeSet<&'static str>,
}

impl PlayedShow {
    /// One to which this happened.
    pub fn after(given: &Given) -> Self {
        let mut show = Self::default();
        show.happen(given.history().to_vec());
        show
    }

    /// A show that is planned by commands from its scheduling on, to its publication unless it is to stay a draft. No
    /// two have the same number.
    pub fn planned(id: ShowId, number: u64, draft: bool) -> Self {
        let mut show = Self { number, ..Self::default() };
        show.must(ScheduleShow { show: id, ..schedule_show() });
        for event in given::draft().history() {
            match event.clone() {
                ShowEvent::SeatingAdopted(event) => show.must(AdoptSeating { seating: event.sections }),
                ShowEvent::PoolAdded(event) => show.must(AddPool { name: event.name, capacity: event.capacity }),
                ShowEvent::TicketTypeAdded(event) => {
                    let mut terms = event.terms;
                    // The pool got another id here.
                    terms.pools.iter_mut().for_each(|pool| *pool = show.model.pools[0]);
                    show.must(AddTicketType { terms });
                }
                _ => {}
            }
        }
        if !draft {
            show.must(PublishShow);
        }
        show
    }

    /// Everything so far.
    pub fn history(&self) -> &[ShowEvent] {
        &self.history
    }

    /// The show as it stands.
    pub fn state(&self) -> &ShowState {
        &self.state
    }

    /// Which kinds of commands something followed from.
    pub fn accepted(&self) -> &BTreeSet<&'static str> {
        &self.accepted
    }

    /// One thing that somebody asks.
    pub fn step(&mut self, step: &Step) {
        self.seconds += step.seconds();
        self.commands += 1;
        let now = at(self.seconds);
        if let Some(show) = self.state.show() {
            self.happen(end_due(show, now));
        }
        let still_due = self.state.show().and_then(domain::Show::next_end).filter(|end| *end <= now);
        assert_eq!(still_due, None, "something is past its end");
        let command = step.command(&self.model, (self.number << 32) + self.commands, now);
        let mut context = self.context(step.channel());
        step.asks(&mut context);
        self.ask(&command, &context);
        self.model.check_between_commands();
    }

    /// A manager asks something at the box office; whether something follows.
    pub fn by_manager(&mut self, command: impl Into<ShowCommand>) -> bool {
        self.commands += 1;
        let mut context = self.context(Channel::BoxOffice);
        (context.staff, context.manager) = (true, true);
        self.ask(&command.into(), &context)
    }

    fn must(&mut self, command: impl Into<ShowCommand>) {
        assert!(self.by_manager(command), "a show cannot be planned");
    }

    fn ask(&mut self, command: &ShowCommand, context: &Context) -> bool {
        match command.decide(&self.state, context) {
            Ok(Decided::Events(events)) if !events.is_empty() => {
                self.accepted.insert(kinds::of_show(command));
                self.happen(events);
                true
            }
            _ => false,
        }
    }

    fn context(&self, channel: Channel) -> Context {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.commands.to_be_bytes());
        seed[8..16].copy_from_slice(&self.number.to_be_bytes());
        Context::new(at(self.seconds), channel, [7; 32], "testkey1", seed)
    }

    fn happen(&mut self, events: Vec<ShowEvent>) {
        for event in events {
            let read = ShowEvent::decode(event.event_type(), event.schema(), &event.payload());
            assert_eq!(read.as_ref().ok(), Some(&event), "{read:?}");
            self.model.take(&event);
            self.state.evolve(&event);
            self.history.push(event);
        }
    }
}
