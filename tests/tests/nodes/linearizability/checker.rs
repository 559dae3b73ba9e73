//! Whether a history is linearizable: whether there is one order of its operations, each at some moment between its call and
//! its return, in which a plain sequential [`Model`] gives every answer that was given (Herlihy and Wing, 1990).
//!
//! Wing and Gong's search in the form that Lowe calls just-in-time ("Testing for linearizability", 2017): calls and returns are
//! followed in the order in which they happened, with the set of all states that the object can be in, each with those
//! operations under way that have already taken effect in it. A return keeps only what has its operation in it. As a set holds
//! nothing twice, nothing is searched twice. The first return that nothing survives is where the history ceases to be
//! linearizable, so the failing history ends there; a [`Violation`] begins at the last quiet moment before it.
//!
//! An operation without an answer has no return: it takes effect at any later moment, or never.

use std::collections::{BTreeSet, HashSet};
use std::fmt::{self, Debug, Write as _};
use std::hash::Hash;

/// What one object does, one operation after the other.
pub trait Model {
    /// What the object remembers.
    type State: Clone + Eq + Hash + Debug;
    /// What is asked of it.
    type Ask: Clone + Debug;
    /// What it says.
    type Answer: Clone + Debug;

    /// The object before the first operation.
    fn initial(&self) -> Self::State;

    /// The states in which the object can be after this operation, had it this answer; none where it cannot have it. Without
    /// an answer: after any that it may have had.
    fn after(&self, state: &Self::State, operation: &Operation<Self>) -> Vec<Self::State>;

    /// Whether an answer says that nothing changed: such an operation may be left out of what a person has to read.
    fn changes_nothing(&self, answer: &Self::Answer) -> bool;
}

/// One operation, as its client saw it.
#[derive(Debug)]
pub struct Operation<M: Model + ?Sized> {
    /// Tells it from the others of its history; also what it made is called by it, where nobody learned another name.
    pub number: usize,
    /// What was asked.
    pub ask: M::Ask,
    /// What was answered, where an answer came.
    pub answer: Option<M::Answer>,
    /// When it was called, by a clock that counts calls and returns of all clients.
    pub called: u64,
    /// When the answer was there; never, without one.
    pub returned: Option<u64>,
}

impl<M: Model + ?Sized> Clone for Operation<M> {
    fn clone(&self) -> Self {
        Self { ask: self.ask.clone(), answer: self.answer.clone(), ..*self }
    }
}

/// Why a history is not linearizable: from any of these states, no order of these operations has these answers.
pub struct Violation<M: Model> {
    /// All that the object can have been before them.
    pub states: Vec<M::State>,
    /// In the order of their calls; the answer of the last one to return is the one that cannot be.
    pub operations: Vec<Operation<M>>,
}

/// A state that the object can be in, with the operations under way that have taken effect in it.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Possible<S> {
    state: S,
    done: BTreeSet<usize>,
}

/// Looks at the operations of one object.
///
/// # Errors
/// What proves that they are not linearizable.
pub fn check<M: Model>(model: &M, history: &[Operation<M>]) -> Result<(), Violation<M>> {
    let mut search = Search::new(model, history);
    // The last moment at which nothing was under way that was answered later: what is wrong comes behind it.
    let mut quiet = search.clone();
    for moment in moments(history) {
        if !search.follow(moment) {
            return Err(quiet.violation(moment.at));
        }
        if search.open.iter().all(|index| history[*index].returned.is_none()) {
            quiet = search.clone();
            quiet.after = Some(moment.at);
        }
    }
    Ok(())
}

/// A call or a return.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Moment {
    at: u64,
    index: usize,
    is_call: bool,
}

/// Calls and returns in the order in which they happened.
fn moments<M: Model>(history: &[Operation<M>]) -> Vec<Moment> {
    let calls = history.iter().enumerate().map(|(index, of)| Moment { at: of.called, index, is_call: true });
    let returns = history.iter().enumerate();
    let returns = returns.filter_map(|(index, of)| Some(Moment { at: of.returned?, index, is_call: false }));
    let mut moments: Vec<_> = calls.chain(returns).collect();
    moments.sort_unstable();
    moments
}

/// How far a history was followed.
struct Search<'a, M: Model> {
    model: &'a M,
    history: &'a [Operation<M>],
    /// All that the object can be.
    possible: HashSet<Possible<M::State>>,
    /// The operations under way, and those that were never answered.
    open: BTreeSet<usize>,
    /// Those that made a difference somewhere.
    tried: BTreeSet<usize>,
    /// The last moment that was followed.
    after: Option<u64>,
}

impl<M: Model> Clone for Search<'_, M> {
    fn clone(&self) -> Self {
        let Self { model, history, possible, open, tried, after } = self;
        Self { model, history, possible: possible.clone(), open: open.clone(), tried: tried.clone(), after: *after }
    }
}

impl<'a, M: Model> Search<'a, M> {
    fn new(model: &'a M, history: &'a [Operation<M>]) -> Self {
        let possible = HashSet::from([Possible { state: model.initial(), done: BTreeSet::new() }]);
        Self { model, history, possible, open: BTreeSet::new(), tried: BTreeSet::new(), after: None }
    }

    /// One moment further; false where nothing is possible any more.
    fn follow(&mut self, moment: Moment) -> bool {
        if moment.is_call {
            self.open.insert(moment.index);
            return true;
        }
        self.possible = self.with_effect(moment.index);
        self.open.remove(&moment.index);
        !self.possible.is_empty()
    }

    /// Everything that is possible once `returning` has taken effect, in any order with the others that are under way.
    fn with_effect(&mut self, returning: usize) -> HashSet<Possible<M::State>> {
        let mut seen = HashSet::new();
        let mut kept = HashSet::new();
        let mut waiting: Vec<_> = std::mem::take(&mut self.possible).into_iter().collect();
        while let Some(one) = waiting.pop() {
            if one.done.contains(&returning) {
                // Once it has returned it is no longer told apart.
                let mut done = one.done;
                done.remove(&returning);
                kept.insert(Possible { state: one.state, done });
                continue;
            }
            if !seen.insert(one.clone()) {
                continue;
            }
            for index in self.open.difference(&one.done) {
                for state in self.model.after(&one.state, &self.history[*index]) {
                    self.tried.insert(*index);
                    let mut done = one.done.clone();
                    done.insert(*index);
                    waiting.push(Possible { state, done });
                }
            }
        }
        kept
    }

    /// What of a history that fails at `end` a person has to read, from here on: without what was rejected, as far as it fails
    /// without it, too, and without what was never answered and could have changed nothing.
    fn violation(&self, end: u64) -> Violation<M> {
        let later: Vec<Moment> = moments(self.history)
            .into_iter()
            .filter(|moment| moment.at <= end && self.after.is_none_or(|after| moment.at > after))
            .collect();
        let mut left_out = BTreeSet::new();
        let mut tried = self.fails_without(&later, &left_out).expect("it fails from here on");
        for moment in later.iter().filter(|moment| !moment.is_call) {
            let answer = self.history[moment.index].answer.as_ref();
            if !answer.is_some_and(|answer| self.model.changes_nothing(answer)) {
                continue;
            }
            left_out.insert(moment.index);
            match self.fails_without(&later, &left_out) {
                Some(fewer) => tried = fewer,
                None => {
                    left_out.remove(&moment.index);
                }
            }
        }
        let shown = later.iter().map(|moment| moment.index).chain(self.open.iter().copied());
        let shown: BTreeSet<usize> = shown
            .filter(|index| !left_out.contains(index))
            .filter(|index| tried.contains(index) || self.history[*index].returned.is_some_and(|at| at <= end))
            .collect();
        let mut operations: Vec<_> = shown.into_iter().map(|index| self.history[index].clone()).collect();
        for operation in operations.iter_mut().filter(|operation| operation.returned.is_none_or(|at| at > end)) {
            (operation.answer, operation.returned) = (None, None);
        }
        operations.sort_by_key(|operation| operation.called);
        let states: HashSet<M::State> = self.possible.iter().map(|possible| possible.state.clone()).collect();
        Violation { states: states.into_iter().collect(), operations }
    }

    /// Whether nothing is possible in the end also without some operations: then those that made a difference.
    fn fails_without(&self, later: &[Moment], left_out: &BTreeSet<usize>) -> Option<BTreeSet<usize>> {
        let mut search = self.clone();
        search.tried.clear();
        let mut moments = later.iter().filter(|moment| !left_out.contains(&moment.index));
        let failed = !moments.all(|moment| search.follow(*moment));
        failed.then_some(search.tried)
    }
}

impl<M: Model> Debug for Violation<M> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::from("not linearizable. Before, one of:\n");
        for state in &self.states {
            writeln!(text, "    {state:?}")?;
        }
        writeln!(text, "then (called – returned):")?;
        for operation in &self.operations {
            let returned = operation.returned.map_or("never".to_owned(), |returned| returned.to_string());
            let answer = operation.answer.as_ref().map_or("no answer".to_owned(), |answer| format!("{answer:?}"));
            let Operation { number, called, ask, .. } = operation;
            writeln!(text, "    {called:>6} – {returned:>6}  #{number} {ask:?} → {answer}")?;
        }
        out.write_str(&text)
    }
}
