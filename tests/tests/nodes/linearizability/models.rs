//! What a show promises, said as plainly as possible: one seat with its tickets at the door, and a number of standing places.
//! Nothing here knows how the server does it.
//!
//! What concerns different seats is judged apart, and the standing places apart from both: a history of many objects is
//! linearizable exactly if that of each is (Herlihy and Wing's locality), and each alone is quick to judge.

use std::collections::BTreeMap;

use super::checker::{Model, Operation};

/// How somebody names a hold, a ticket or a scan: the operation that made it.
pub type Maker = usize;

/// What is asked of a seat or of the standing places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Keep so many places.
    Hold(u32),
    Extend(Maker),
    Release(Maker),
    /// Sell one place.
    Issue,
    Void(Maker),
    CheckIn(Maker),
    UndoCheckIn(Maker),
}

/// What is said to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is done.
    Done,
    /// Rejected or refused, with its code or reason.
    No(&'static str),
}

/// A hold, by what was done to it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Held {
    places: u32,
    extended: bool,
}

/// A ticket.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Ticket {
    /// The check-in by which its holder is inside.
    inside: Option<Maker>,
}

/// What is held and sold, and who is inside. Who asks for a hold or a ticket that is not here has learned of it before, so it was
/// released or voided; holds live longer than a test.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    holds: BTreeMap<Maker, Held>,
    tickets: BTreeMap<Maker, Ticket>,
}

/// So many places, which are one seat or a standing section.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    /// How many.
    pub capacity: u32,
    /// What is said when there are too few.
    pub full: &'static str,
}

impl State {
    fn taken(&self) -> u32 {
        let held: u32 = self.holds.values().map(|held| held.places).sum();
        held + u32::try_from(self.tickets.len()).expect("few")
    }
}

impl Places {
    /// What happens, and what is said.
    fn step(self, state: &State, number: Maker, ask: &Ask) -> (State, Answer) {
        let mut next = state.clone();
        let answer = match *ask {
            Ask::Hold(places) if state.taken() + places > self.capacity => Answer::No(self.full),
            Ask::Issue if state.taken() + 1 > self.capacity => Answer::No(self.full),
            Ask::Hold(places) => {
                next.holds.insert(number, Held { places, extended: false });
                Answer::Done
            }
            Ask::Issue => {
                next.tickets.insert(number, Ticket { inside: None });
                Answer::Done
            }
            Ask::Extend(hold) => match next.holds.get_mut(&hold) {
                Some(Held { extended: true, .. }) => Answer::No("limit_exceeded"),
                Some(held) => {
                    held.extended = true;
                    Answer::Done
                }
                None => Answer::No("hold_expired"),
            },
            // A second time it changes nothing, and is no fault.
            Ask::Release(hold) => {
                next.holds.remove(&hold);
                Answer::Done
            }
            Ask::Void(ticket) => match state.tickets.get(&ticket) {
                Some(Ticket { inside: Some(_) }) => Answer::No("holder_inside"),
                Some(Ticket { inside: None }) => {
                    next.tickets.remove(&ticket);
                    Answer::Done
                }
                None => Answer::No("already_void"),
            },
            Ask::CheckIn(ticket) => match next.tickets.get_mut(&ticket) {
                Some(Ticket { inside: Some(_) }) => Answer::No("already_checked_in"),
                Some(ticket) => {
                    ticket.inside = Some(number);
                    Answer::Done
                }
                None => Answer::No("void"),
            },
            Ask::UndoCheckIn(scan) => match next.tickets.values_mut().find(|ticket| ticket.inside == Some(scan)) {
                Some(ticket) => {
                    ticket.inside = None;
                    Answer::Done
                }
                None => Answer::No("already_undone"),
            },
        };
        (next, answer)
    }
}

impl Model for Places {
    type State = State;
    type Ask = Ask;
    type Answer = Answer;

    fn initial(&self) -> State {
        State::default()
    }

    fn after(&self, state: &State, operation: &Operation<Self>) -> Vec<State> {
        let (next, answer) = self.step(state, operation.number, &operation.ask);
        let possible = match operation.answer {
            Some(given) => given == answer,
            // That it never happens is possible anyway.
            None => next != *state,
        };
        if possible { vec![next] } else { Vec::new() }
    }

    fn changes_nothing(&self, answer: &Answer) -> bool {
        matches!(answer, Answer::No(_))
    }
}
