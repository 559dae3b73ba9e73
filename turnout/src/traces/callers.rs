//! Callers who trace their requests themselves, and say so in the header `traceparent` (W3C Trace Context, level 1).
//!
//! Anybody may send it, so there are only so many at once: the rest is followed as if they had not sent it. One that is not
//! sampled by its caller counts for nothing.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use opentelemetry::trace::{SpanId, TraceId};
use uuid::Uuid;

/// A command is visible to queries long before.
const KEPT_FOR: Duration = Duration::from_secs(30);
/// Within that time: some thirty a second.
const CALLERS_MAX: usize = 1_000;

/// A caller's span, below which a request's is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Caller {
    pub(super) trace: TraceId,
    pub(super) parent: SpanId,
}

/// The callers of the last seconds, by the correlations of their requests.
#[derive(Debug, Default)]
pub(super) struct Callers {
    /// How many there are: without any, nobody takes the lock.
    count: AtomicUsize,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    callers: HashMap<Uuid, Caller>,
    by_age: VecDeque<(Instant, Uuid)>,
}

impl Callers {
    /// Notes a request's caller, if the header says that there is one and how.
    pub(super) fn take_over(&self, correlation: Uuid, traceparent: &str, now: Instant) -> bool {
        let Some(caller) = parse(traceparent) else { return false };
        let mut known = self.known();
        while known.by_age.front().is_some_and(|(at, _)| now.saturating_duration_since(*at) > KEPT_FOR) {
            if let Some((_, old)) = known.by_age.pop_front() {
                known.callers.remove(&old);
            }
        }
        let taken = known.by_age.len() < CALLERS_MAX;
        if taken {
            known.callers.insert(correlation, caller);
            known.by_age.push_back((now, correlation));
        }
        self.count.store(known.callers.len(), Ordering::Release);
        taken
    }

    pub(super) fn know(&self, correlation: Uuid) -> bool {
        self.of(correlation).is_some()
    }

    /// The caller of a request, where there is one.
    pub(super) fn of(&self, correlation: Uuid) -> Option<Caller> {
        if self.count.load(Ordering::Acquire) == 0 {
            return None;
        }
        self.known().callers.get(&correlation).copied()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `00-<trace, 32 digits>-<parent, 16 digits>-<flags, 2 digits>`; a later version may have more behind it. None for what is
/// wrong, and for what its caller does not sample.
fn parse(value: &str) -> Option<Caller> {
    let mut parts = value.trim().splitn(5, '-');
    let version = hexadecimal(parts.next()?, 2)?;
    let trace = hexadecimal(parts.next()?, 32).filter(|trace| *trace != 0)?;
    let parent = hexadecimal(parts.next()?, 16).filter(|parent| *parent != 0)?;
    let flags = hexadecimal(parts.next()?, 2)?;
    if version == 0xff || (version == 0 && parts.next().is_some()) || flags & 1 == 0 {
        return None;
    }
    Some(Caller { trace: TraceId::from(trace), parent: SpanId::from(u64::try_from(parent).ok()?) })
}

/// So many lower-case digits and nothing else.
fn hexadecimal(text: &str, digits: usize) -> Option<u128> {
    let are_digits = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if text.len() != digits || !are_digits {
        return None;
    }
    u128::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    const SENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_sampled_caller_is_taken_over() {
        let caller = parse(SENT).unwrap();
        assert_eq!(caller.trace.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(caller.parent.to_string(), "00f067aa0ba902b7");
        // A later version, with more behind it.
        assert_eq!(parse(&format!("cc{}-more", &SENT[2..])), Some(caller));
    }

    #[test]
    fn what_is_no_caller_or_not_sampled_is_not() {
        for bad in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn there_are_only_so_many_callers_at_once() {
        let callers = Callers::default();
        let now = Instant::now();
        for number in 0..CALLERS_MAX as u128 {
            assert!(callers.take_over(Uuid::from_u128(number), SENT, now));
        }
        let another = Uuid::from_u128(1 << 100);
        assert!(!callers.take_over(another, SENT, now));
        assert!(callers.know(Uuid::from_u128(0)) && !callers.know(another));
        assert!(callers.take_over(another, SENT, now + KEPT_FOR + Duration::from_secs(1)));
        assert!(callers.know(another) && !callers.know(Uuid::from_u128(0)));
    }
}
