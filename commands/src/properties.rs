//! What must never happen, whatever is asked in whatever order: random commands, with time passing and ends by time,
//! against a model that knows only the events ([`plain_model`]). [`commands`] turns random numbers into commands.
//!
//! The random numbers are fixed, so that a run is like every other; `PROPTEST_CASES` asks for more of them.

mod commands;
mod plain_model;

use std::{cell::RefCell, collections::BTreeMap};

use domain::{ShowEvent, ShowState};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use crate::{
    Context, Decided,
    end_due::end_due,
    specification::{GROUP, Given, POOLED, at, given, item, sell},
};
use commands::{Step, steps, steps_at_the_door};
use plain_model::PlainModel;

/// How many steps a history has at most: enough to sell everything and to run into every limit.
const STEPS_MAX: usize = 160;

/// A show to which things happen.
struct World {
    history: Vec<ShowEvent>,
    state: ShowState,
    model: PlainModel,
    seconds: i64,
    commands: u64,
}

impl World {
    fn new(given: &Given) -> Self {
        let mut world = Self {
            history: Vec::new(),
            state: ShowState::default(),
            model: PlainModel::default(),
            seconds: 0,
            commands: 0,
        };
        world.happen(given.history().to_vec());
        world
    }

    /// As the desk does it: what is due is ended, then the command is decided.
    fn step(&mut self, step: &Step) {
        self.seconds += step.seconds();
        self.commands += 1;
        if let Some(show) = self.state.show() {
            self.happen(end_due(show, at(self.seconds)));
        }
        let still_due = self.state.show().and_then(domain::Show::next_end).filter(|end| *end <= at(self.seconds));
        assert_eq!(still_due, None, "something is past its end");
        let command = step.command(&self.model, self.commands, at(self.seconds));
        let decided = command.decide(&self.state, &self.context(step));
        if let Ok(Decided::Events(events)) = decided {
            self.happen(events);
        }
        self.model.check_between_commands();
    }

    fn context(&self, step: &Step) -> Context {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.commands.to_be_bytes());
        let mut context = Context::new(at(self.seconds), step.channel(), [7; 32], "testkey1", seed);
        step.asks(&mut context);
        context
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

/// Runs a test with so many cases, or as many as `PROPTEST_CASES` asks for.
pub(crate) fn run<T: std::fmt::Debug>(cases: u32, strategy: &impl Strategy<Value = T>, test: impl Fn(T)) {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|asked| asked.parse().ok());
    let config = Config { cases: asked.unwrap_or(cases), failure_persistence: None, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[42; 32]);
    let outcome = TestRunner::new_with_rng(config, rng).run(strategy, |value| {
        test(value);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

fn beginning(draft: bool) -> Given {
    if draft { given::draft() } else { given::published() }
}

#[test]
fn whatever_is_asked_nothing_is_sold_twice_and_every_sum_balances() {
    let seen = RefCell::new(BTreeMap::<&str, u32>::new());
    run(1_200, &(prop::bool::weighted(0.1), steps(STEPS_MAX)), |(draft, steps)| {
        let mut world = World::new(&beginning(draft));
        steps.iter().for_each(|step| world.step(step));
        assert_eq!(ShowState::fold(&world.history), world.state);
        for event in &world.history {
            *seen.borrow_mut().entry(event.event_type()).or_default() += 1;
        }
    });
    let seen = seen.into_inner();
    let missing: Vec<_> = ShowEvent::TYPES.iter().filter(|name| !seen.contains_key(**name)).collect();
    assert!(missing.is_empty(), "no case came to {missing:?}");
}

#[test]
fn whatever_happens_at_the_door_a_ticket_admits_as_often_as_it_says() {
    run(1_200, &steps_at_the_door(60), |steps| {
        let sold = given::sold_seat("A-1-1").by_staff();
        let group = sell(vec![item(GROUP, 1), item(POOLED, 1)]);
        let mut world = World::new(&sold.and(group));
        steps.iter().for_each(|step| world.step(step));
        assert_eq!(ShowState::fold(&world.history), world.state);
    });
}

#[test]
fn events_out_of_order_lost_and_doubled_never_make_the_fold_panic() {
    let disorder = prop::collection::vec((any::<u16>(), any::<u16>(), 0..3_u8), 1..60);
    run(300, &(steps(STEPS_MAX), disorder), |(steps, disorder)| {
        let mut world = World::new(&given::published());
        steps.iter().for_each(|step| world.step(step));
        let mut history = world.history;
        for (one, other, what) in disorder {
            let (one, other) = (usize::from(one) % history.len(), usize::from(other) % history.len());
            match what {
                0 => history.swap(one, other),
                1 if history.len() > 1 => drop(history.remove(one)),
                _ => history.insert(one, history[other].clone()),
            }
        }
        // A stream begins somewhere; without its beginning nothing else would be looked at.
        history.insert(0, given::scheduled().history()[0].clone());
        assert_eq!(ShowState::fold(&history), ShowState::fold(&history));
    });
}
