//! What must never happen, whatever is asked in whatever order: random commands, with time passing and ends by time,
//! against a model that knows only the events ([`plain_model`]). [`commands`] turns random numbers into commands.
//!
//! The random numbers are fixed, so that a run is like every other; `PROPTEST_CASES` asks for more of them. With the
//! feature `properties` tests of other crates play the same histories: [`turns`] draws them, [`PlayedShow`] and
//! [`PlayedOrganization`] let them happen.

mod commands;
mod kinds;
mod plain_model;
mod played_organization;
mod played_show;

use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

pub use commands::{Step, steps, steps_at_the_door};
pub use kinds::{ORGANIZATION_COMMANDS, SHOW_COMMANDS};
pub use played_organization::PlayedOrganization;
pub use played_show::PlayedShow;

/// How many steps a history has at most: enough to sell everything and to run into every limit.
#[cfg(test)]
const STEPS_MAX: usize = 160;

/// One thing that somebody asks, of whom of several, and a number for whoever lets it happen.
#[derive(Debug, Clone)]
pub struct Turn {
    /// Of which, by any number.
    pub who: u16,
    /// What is asked.
    pub step: Step,
    /// For what goes on beside.
    pub beside: u16,
}

/// So many histories, or as many as `PROPTEST_CASES` asks for, of so many turns.
pub fn turns(histories: u32, turns: usize) -> Vec<Vec<Turn>> {
    let turn =
        (any::<u16>(), commands::step(), any::<u16>()).prop_map(|(who, step, beside)| Turn { who, step, beside });
    let history = prop::collection::vec(turn, turns);
    let mut runner = runner(histories);
    (0..runner.config().cases)
        .map(|_| match history.new_tree(&mut runner) {
            Ok(tree) => tree.current(),
            Err(reason) => panic!("no history can be drawn: {reason}"),
        })
        .collect()
}

/// Runs a test with so many cases, or as many as `PROPTEST_CASES` asks for.
#[cfg(test)]
pub(crate) fn run<T: std::fmt::Debug>(cases: u32, strategy: &impl Strategy<Value = T>, test: impl Fn(T)) {
    let outcome = runner(cases).run(strategy, |value| {
        test(value);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

fn runner(cases: u32) -> TestRunner {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|asked| asked.parse().ok());
    let config = Config { cases: asked.unwrap_or(cases), failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[42; 32]))
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, collections::BTreeMap};

    use domain::{ShowEvent, ShowState};

    use super::*;
    use crate::specification::{GROUP, Given, POOLED, given, item, sell};

    fn beginning(draft: bool) -> Given {
        if draft { given::draft() } else { given::published() }
    }

    #[test]
    fn whatever_is_asked_nothing_is_sold_twice_and_every_sum_balances() {
        let seen = RefCell::new(BTreeMap::<&str, u32>::new());
        run(1_200, &(prop::bool::weighted(0.1), steps(STEPS_MAX)), |(draft, steps)| {
            let mut show = PlayedShow::after(&beginning(draft));
            steps.iter().for_each(|step| show.step(step));
            assert_eq!(ShowState::fold(show.history()), *show.state());
            for event in show.history() {
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
            let mut show = PlayedShow::after(&sold.and(group));
            steps.iter().for_each(|step| show.step(step));
            assert_eq!(ShowState::fold(show.history()), *show.state());
        });
    }

    #[test]
    fn events_out_of_order_lost_and_doubled_never_make_the_fold_panic() {
        let disorder = prop::collection::vec((any::<u16>(), any::<u16>(), 0..3_u8), 1..60);
        run(300, &(steps(STEPS_MAX), disorder), |(steps, disorder)| {
            let mut show = PlayedShow::after(&given::published());
            steps.iter().for_each(|step| show.step(step));
            let mut history = show.history().to_vec();
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
}
