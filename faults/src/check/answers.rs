//! The clients' journal against the log: what was accepted is there as it was answered, once; what is there was asked for.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::{Check, Command, Kind};
use crate::journal::{Entry, Fact, Outcome};

/// What a command may record beside what its answer names.
const COMPANIONS: [&str; 3] = ["PaymentRecorded", "TicketVoided", "AdmissionConflictFound"];

/// Compares, and notes what is wrong in the check. `typed`: of each vault entry, the number of the request that typed it.
pub fn compare(check: &mut Check, journal: &[Entry], typed: &HashMap<Uuid, u64>) {
    let mut comparison = Comparison { claimed: HashMap::new(), by_position: HashMap::new(), found: Vec::new() };
    for (id, command) in &check.commands {
        comparison.by_position.insert(command.last, *id);
    }
    for entry in journal {
        match &entry.outcome {
            Outcome::Accepted { position, facts } => comparison.accepted(check, entry, *position, facts, typed),
            Outcome::Rejected { .. } => {}
            Outcome::Open => {
                let what = format!("{}, request {}, sent {} times", entry.what, entry.number, entry.sent);
                comparison.wrong(Kind::Unavailable, format!("never answered: {what}"));
            }
        }
    }
    let rejected: HashMap<u64, &Entry> = journal
        .iter()
        .filter(|entry| matches!(entry.outcome, Outcome::Rejected { .. }))
        .map(|entry| (entry.number, entry))
        .collect();
    comparison.unclaimed(check, typed, &rejected);
    for (position, scan) in std::mem::take(&mut check.conflicts) {
        if !check.facts.contains_key(&("AdmissionConflictFound", scan)) {
            let what = format!(
                "scan {scan} at {position}: a device let in whom the server would not, and no conflict says so"
            );
            comparison.wrong(Kind::AdmittedTooOften, what);
        }
    }
    for (kind, what) in comparison.found {
        check.wrongs.found(kind, what);
    }
}

struct Comparison {
    /// Commands, and the requests that they answer.
    claimed: HashMap<Uuid, u64>,
    /// Commands by the position of their last event.
    by_position: HashMap<i64, Uuid>,
    found: Vec<(Kind, String)>,
}

impl Comparison {
    fn wrong(&mut self, kind: Kind, what: String) {
        self.found.push((kind, what));
    }

    fn accepted(
        &mut self,
        check: &Check,
        entry: &Entry,
        position: Option<i64>,
        facts: &[Fact],
        typed: &HashMap<Uuid, u64>,
    ) {
        let who = format!("{}, request {}, asked at {:.1?}", entry.what, entry.number, entry.at);
        let missing: Vec<&Fact> = facts.iter().filter(|fact| !check.facts.contains_key(fact)).collect();
        if !missing.is_empty() {
            return self.wrong(Kind::Lost, format!("{who}: the log has no {missing:?}"));
        }
        let first = || facts.first().and_then(|fact| check.facts.get(fact)).map(|(_, command)| *command);
        let id = position.map_or_else(first, |at| self.by_position.get(&at).copied());
        let found = id.and_then(|id| check.commands.get(&id).map(|command| (id, command)));
        let Some((id, command)) = found else {
            return self
                .wrong(Kind::Lost, format!("{who}: no command ends at position {position:?}, which was answered"));
        };
        if let Err(what) = same(command, facts) {
            self.wrong(Kind::Lost, format!("{who}: position {position:?} {what}"));
        }
        if command.typed.iter().filter_map(|entry| typed.get(entry)).any(|number| *number != entry.number) {
            self.wrong(Kind::Lost, format!("{who}: position {position:?} is another request's"));
        }
        if let Some(other) = self.claimed.insert(id, entry.number) {
            self.wrong(Kind::Doubled, format!("{who}: answered with what request {other} was answered with"));
        }
    }

    /// What nobody was told of.
    fn unclaimed(&mut self, check: &Check, typed: &HashMap<Uuid, u64>, rejected: &HashMap<u64, &Entry>) {
        let answered: HashSet<u64> = self.claimed.values().copied().collect();
        for (id, command) in &check.commands {
            if command.by_itself || self.claimed.contains_key(id) {
                continue;
            }
            let at = format!("positions {} to {}, {:?}", command.first, command.last, command.facts);
            match command.typed.iter().find_map(|entry| typed.get(entry)) {
                Some(number) if answered.contains(number) => {
                    self.wrong(Kind::Doubled, format!("{at}: request {number} was answered with another command"));
                }
                Some(number) if rejected.contains_key(number) => {
                    self.wrong(Kind::Unasked, format!("{at}: request {number} was rejected"));
                }
                Some(number) => self.wrong(Kind::Unasked, format!("{at}: request {number} was never answered")),
                None => self.wrong(Kind::Unasked, format!("{at}: nobody was told of it")),
            }
        }
    }
}

/// Whether the command recorded what was answered, and nothing that the answer would have had to name.
fn same(command: &Command, facts: &[Fact]) -> Result<(), String> {
    if let Some(other) = facts.iter().find(|fact| !command.facts.contains(fact)) {
        return Err(format!("has no {other:?}"));
    }
    let more = command.facts.iter().find(|fact| !facts.contains(fact) && !COMPANIONS.contains(&fact.0));
    more.map_or(Ok(()), |more| Err(format!("also has {more:?}, which was not answered")))
}
