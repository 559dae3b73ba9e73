//! Guessing short codes at the door: unknown codes are counted by who typed them and where, sixty at once and then one a
//! second. Past that, everybody but a paired device is turned away (429), and the organization hears of it once in ten minutes.
//!
//! A paired device is never locked out: its door would stand still. Each code is counted before it is looked up and given
//! back when somebody has it: so many at the same time are no more than sixty, and no honest crowd meets this. Counted in
//! memory, by each node for itself.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use domain::ids::ShowId;
use identity::Caller;

use super::{Buckets, Rate, RetryAfter};
use crate::client_address::{ClientAddress, Network};

/// A door that reads badly printed tickets mistypes a code a minute or two; this is an hour of it at once.
const UNKNOWN_CODES: Rate = Rate::per_second(1, 60);

/// How often the organization hears of the same guesser.
const NOTICE_EVERY: Duration = Duration::from_secs(600);

/// Guessers who are remembered at once; past that, those who were quiet for [`NOTICE_EVERY`] are forgotten, then all.
const GUESSERS_MAX: usize = 10_000;

/// Who types codes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Guesser {
    who: Who,
    is_device: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Who {
    Actor(String),
    Somebody(Network),
}

/// What the organization is to hear: becomes the event CodeGuessingNoticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuessingNoticed {
    /// Where codes were tried.
    pub show: ShowId,
    /// Unknown codes since the last time that the organization heard of it.
    pub codes: u32,
    /// Whether whoever it is has to wait now; a paired device does not.
    pub throttled: bool,
}

/// Unknown codes of late.
#[derive(Debug)]
pub struct CodeGuessing {
    tried: Buckets<(Guesser, ShowId)>,
    counts: Mutex<HashMap<(Guesser, ShowId), Count>>,
}

/// A code that is being looked up.
#[derive(Debug)]
#[must_use = "a code that nobody judges was a wrong one"]
pub struct CodeAttempt<'guessing> {
    guessing: &'guessing CodeGuessing,
    key: (Guesser, ShowId),
}

#[derive(Debug, Clone, Copy)]
struct Count {
    codes: u32,
    last_at: Instant,
    noticed_at: Option<Instant>,
}

impl Guesser {
    /// The caller, or, without a name, the address.
    #[must_use]
    pub fn of(caller: &Caller, client: ClientAddress) -> Self {
        match caller.staff() {
            Some(staff) => Self { who: Who::Actor(staff.actor.clone()), is_device: staff.device.is_some() },
            None => Self { who: Who::Somebody(client.network()), is_device: false },
        }
    }
}

impl CodeGuessing {
    /// Nobody has tried any.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self { tried: Buckets::new(UNKNOWN_CODES, now), counts: Mutex::default() }
    }

    /// One code that they are about to try; before it is looked up. Whoever does not say what became of it has guessed wrong.
    ///
    /// # Errors
    /// [`RetryAfter`], for everybody but paired devices.
    pub fn attempt(&self, guesser: &Guesser, show: ShowId, now: Instant) -> Result<CodeAttempt<'_>, RetryAfter> {
        let key = (guesser.clone(), show);
        if guesser.is_device {
            self.tried.charge(&key, 1, now);
        } else {
            self.tried.take(&key, now)?;
        }
        Ok(CodeAttempt { guessing: self, key })
    }

    /// Counts an unknown code; says what the organization is to hear now, if anything.
    fn unknown(&self, key: (Guesser, ShowId), now: Instant) -> Option<GuessingNoticed> {
        // Whoever used up what they may try is noticed now: most of them are turned away before they try one more.
        let may_go_on = self.tried.look(&key, now).is_ok();
        let (throttled, show) = (!key.0.is_device, key.1);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= GUESSERS_MAX {
            counts.retain(|_, count| now.duration_since(count.last_at) < NOTICE_EVERY);
            if counts.len() >= GUESSERS_MAX {
                counts.clear();
            }
        }
        let count = counts.entry(key).or_insert(Count { codes: 0, last_at: now, noticed_at: None });
        if now.duration_since(count.last_at) >= NOTICE_EVERY {
            count.codes = 0;
        }
        count.codes = count.codes.saturating_add(1);
        count.last_at = now;
        let heard_lately = count.noticed_at.is_some_and(|at| now.duration_since(at) < NOTICE_EVERY);
        if may_go_on || heard_lately {
            return None;
        }
        count.noticed_at = Some(now);
        Some(GuessingNoticed { show, codes: std::mem::take(&mut count.codes), throttled })
    }
}

impl CodeAttempt<'_> {
    /// Somebody has the code: it costs nothing.
    pub fn known(self, now: Instant) {
        self.guessing.tried.give_back(&self.key, now);
    }

    /// Nobody has the code. Says what the organization is to hear now, if anything.
    #[must_use]
    pub fn unknown(self, now: Instant) -> Option<GuessingNoticed> {
        self.guessing.unknown(self.key, now)
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::ShowId;
    use uuid::Uuid;

    use super::*;

    const SHOW: ShowId = ShowId(Uuid::from_u128(1));
    const OTHER: ShowId = ShowId(Uuid::from_u128(2));

    fn guesser(name: &str, is_device: bool) -> Guesser {
        Guesser { who: Who::Actor(name.to_owned()), is_device }
    }

    fn later(now: Instant, seconds: u64) -> Instant {
        now + Duration::from_secs(seconds)
    }

    fn wrong(guessing: &CodeGuessing, guesser: &Guesser, now: Instant) -> Option<GuessingNoticed> {
        guessing.attempt(guesser, SHOW, now).unwrap().unknown(now)
    }

    #[test]
    fn sixty_unknown_codes_are_noticed_and_the_next_has_to_wait() {
        let now = Instant::now();
        let guessing = CodeGuessing::new(now);
        let mallory = guesser("member:1", false);
        for _ in 0..59 {
            assert_eq!(wrong(&guessing, &mallory, now), None);
        }
        let noticed = wrong(&guessing, &mallory, now).unwrap();
        assert_eq!(noticed, GuessingNoticed { show: SHOW, codes: 60, throttled: true });
        assert_eq!(guessing.attempt(&mallory, SHOW, now).unwrap_err().seconds(), 1);
        guessing.attempt(&mallory, OTHER, now).unwrap().known(now);
        guessing.attempt(&guesser("member:2", false), SHOW, now).unwrap().known(now);
        guessing.attempt(&mallory, SHOW, later(now, 3)).unwrap().known(now);
    }

    #[test]
    fn known_codes_cost_nothing() {
        let now = Instant::now();
        let guessing = CodeGuessing::new(now);
        let usher = guesser("member:1", false);
        for _ in 0..1_000 {
            guessing.attempt(&usher, SHOW, now).unwrap().known(now);
        }
    }

    #[test]
    fn it_is_told_once_in_ten_minutes_with_all_codes_since() {
        let now = Instant::now();
        let guessing = CodeGuessing::new(now);
        let keypad = guesser("device:1", true);
        for _ in 0..59 {
            assert_eq!(wrong(&guessing, &keypad, now), None);
        }
        assert_eq!(wrong(&guessing, &keypad, now).unwrap().codes, 60);
        for second in 1..600 {
            assert_eq!(wrong(&guessing, &keypad, later(now, second)), None);
        }
        assert_eq!(wrong(&guessing, &keypad, later(now, 600)).unwrap().codes, 600);
    }

    #[test]
    fn a_paired_device_is_told_of_and_never_stopped() {
        let now = Instant::now();
        let guessing = CodeGuessing::new(now);
        let keypad = guesser("device:1", true);
        let noticed: Vec<_> = (0..200).filter_map(|_| wrong(&guessing, &keypad, now)).collect();
        assert_eq!(noticed, [GuessingNoticed { show: SHOW, codes: 60, throttled: false }]);
    }

    #[test]
    fn many_at_the_same_time_are_no_more_than_sixty() {
        let now = Instant::now();
        let guessing = CodeGuessing::new(now);
        let mallory = guesser("member:1", false);
        let tried = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        if let Ok(attempt) = guessing.attempt(&mallory, SHOW, now) {
                            tried.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                            let _ = attempt.unknown(now);
                        }
                    }
                });
            }
        });
        assert_eq!(tried.into_inner(), 60);
    }
}
