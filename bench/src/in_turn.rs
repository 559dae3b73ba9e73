//! Several ways to do the same, in short windows in turn, so that a machine that slows down or is busy with something else
//! slows all of them down alike.

use crate::measured::Measured;

/// Rounds of windows; each round begins with another way, so that none always follows the same one.
pub const ROUNDS: usize = 4;

/// One way to do it, with a window of each round.
#[derive(Debug)]
pub struct Way {
    /// What is different about it.
    pub name: &'static str,
    windows: Vec<Measured>,
}

/// How one way does beside the first, which is 1.
#[derive(Clone, Copy, Debug)]
pub struct Ratio {
    /// The median of the rounds.
    pub median: f64,
    /// Of the worst round.
    pub least: f64,
    /// Of the best round.
    pub most: f64,
}

impl Way {
    /// Nothing measured yet.
    pub fn new(name: &'static str) -> Self {
        Self { name, windows: Vec::new() }
    }

    /// Adds a window; the ways get theirs round by round.
    pub fn add(&mut self, window: Measured) {
        self.windows.push(window);
    }

    /// All its windows as one.
    pub fn together(&self) -> Option<Measured> {
        Measured::together(&self.windows)
    }

    /// Its rate beside that of another way, round by round.
    pub fn beside(&self, first: &Self) -> Ratio {
        let rounds = self.windows.iter().zip(&first.windows);
        let mut ratios: Vec<f64> = rounds.map(|(own, other)| own.rate() / other.rate()).collect();
        ratios.sort_unstable_by(f64::total_cmp);
        let at = |index: usize| ratios.get(index).copied().unwrap_or(f64::NAN);
        let middle = ratios.len() / 2;
        let median = if ratios.len().is_multiple_of(2) {
            f64::midpoint(at(middle.wrapping_sub(1)), at(middle))
        } else {
            at(middle)
        };
        Ratio { median, least: at(0), most: at(ratios.len().wrapping_sub(1)) }
    }
}

/// Whose turn it is in a round: all ways, another one first each time.
pub fn turns(round: usize, ways: usize) -> impl Iterator<Item = usize> {
    (0..ways).map(move |turn| (turn + round) % ways)
}
