//! Several ways to do the same, in short windows in turn, so that a machine that slows down or is busy with something else
//! slows all of them down alike.

use crate::measured::Measured;

/// Rounds of windows where nothing else is said; each round begins with another way, so that none always follows the same one.
pub const ROUNDS: usize = 4;

/// One way to do it, with a window of each round.
#[derive(Debug)]
pub struct Way {
    /// What is different about it.
    pub name: &'static str,
    windows: Vec<Measured>,
}

/// How one way does beside another, which is 1.
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
    pub fn together(&self) -> Measured {
        Measured::together(&self.windows)
    }

    /// The median of its windows' rates, a second.
    pub fn rate(&self) -> f64 {
        Ratio::of(self.windows.iter().map(Measured::rate)).median
    }

    /// Its rate beside that of another way, round by round.
    pub fn beside(&self, first: &Self) -> Ratio {
        Ratio::of(self.windows.iter().zip(&first.windows).map(|(own, other)| own.rate() / other.rate()))
    }
}

impl Ratio {
    /// Of each round's; NaN of none.
    pub fn of(rounds: impl Iterator<Item = f64>) -> Self {
        let mut ratios: Vec<f64> = rounds.collect();
        ratios.sort_unstable_by(f64::total_cmp);
        let at = |index: usize| ratios.get(index).copied().unwrap_or(f64::NAN);
        let middle = ratios.len() / 2;
        let median = if ratios.len().is_multiple_of(2) {
            f64::midpoint(at(middle.wrapping_sub(1)), at(middle))
        } else {
            at(middle)
        };
        Self { median, least: at(0), most: at(ratios.len().wrapping_sub(1)) }
    }
}

/// Whose turn it is in a round: all ways, another one first each time.
pub fn turns(round: usize, ways: usize) -> impl Iterator<Item = usize> {
    (0..ways).map(move |turn| (turn + round) % ways)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_in_the_middle() {
        let ratio = Ratio::of([0.5, 0.1, 0.9, 0.7].into_iter());
        assert!(
            (ratio.median - 0.6).abs() < 1e-9 && (ratio.least - 0.1).abs() < 1e-9 && (ratio.most - 0.9).abs() < 1e-9
        );
        assert!(Ratio::of(std::iter::empty()).median.is_nan());
    }

    #[test]
    fn another_way_is_first_each_round() {
        assert_eq!(turns(0, 3).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(turns(1, 3).collect::<Vec<_>>(), [1, 2, 0]);
    }
}
