//! Which commands a stream answers, and where: a command that is not here was never recorded, as far as the stream was read,
//! so that a first request asks nobody. That it was read far enough is what the append confirms.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The commands of a stream.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KnownCommands {
    first: HashMap<Uuid, Run>,
    /// Of the few that have more than one: a scan that was sent again and said otherwise.
    later: HashMap<Uuid, Vec<Run>>,
}

/// Events that stand one behind the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Run {
    /// The version of the first of them.
    pub first: i64,
    /// How many.
    pub events: i64,
}

impl KnownCommands {
    /// So many events from a version on answer a command.
    pub(super) fn learn(&mut self, command: Uuid, first: i64, events: i64) {
        let run = Run { first, events };
        let Some(known) = self.first.get_mut(&command) else {
            self.first.insert(command, run);
            return;
        };
        if known.continued(run) {
            return;
        }
        let later = self.later.entry(command).or_default();
        if !later.last_mut().is_some_and(|last| last.continued(run)) {
            later.push(run);
        }
    }

    /// Whether it was recorded.
    pub(super) fn has(&self, command: Uuid) -> bool {
        self.first.contains_key(&command)
    }

    /// Where its events stand, in their order.
    pub(super) fn runs(&self, command: Uuid) -> impl Iterator<Item = Run> {
        let later = self.later.get(&command).into_iter().flatten();
        self.first.get(&command).into_iter().chain(later).copied()
    }
}

impl Run {
    /// Takes in what stands right behind it.
    fn continued(&mut self, run: Run) -> bool {
        let continues = self.first + self.events == run.first;
        if continues {
            self.events += run.events;
        }
        continues
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_one_behind_the_other_are_one_run() {
        let (scan, sale) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let mut known = KnownCommands::default();
        known.learn(scan, 1, 1);
        known.learn(sale, 2, 1);
        known.learn(sale, 3, 2);
        known.learn(scan, 5, 1);
        known.learn(scan, 6, 1);
        assert_eq!(known.runs(sale).collect::<Vec<_>>(), [Run { first: 2, events: 3 }]);
        assert_eq!(known.runs(scan).collect::<Vec<_>>(), [Run { first: 1, events: 1 }, Run { first: 5, events: 2 }]);
        assert!(known.has(scan) && !known.has(Uuid::nil()));
        assert_eq!(known.runs(Uuid::nil()).count(), 0);
    }
}
