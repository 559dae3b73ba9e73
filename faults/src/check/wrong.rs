//! What was found wrong: of which kind, how often, and the first of each in words.

use std::collections::BTreeMap;

/// So many of a kind are told in words; the rest is counted.
const TOLD_MAX: usize = 20;

/// A broken promise. The first four are those that the whole is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Answered with success, and not in the log as it was answered.
    Lost,
    /// In the log twice: a key, an id, a scan.
    Doubled,
    /// A seat in two hands, or a capacity or pool exceeded, at any step.
    Oversold,
    /// Let in more often than the ticket or the area allows, at any step.
    AdmittedTooOften,
    /// In the log, and nobody asked for it, or it was rejected.
    Unasked,
    /// A hole in positions or versions, a wrong content hash, time that runs back.
    Log,
    /// A read model that says otherwise than the log.
    ReadModel,
    /// An answer that no caller may get: 500, 401 with a good token, another answer to the same key.
    Answer,
    /// A request that never got an answer, or a server that did not come back.
    Unavailable,
}

impl Kind {
    /// All, in the order of the table.
    pub const ALL: [Self; 9] = [
        Self::Lost,
        Self::Doubled,
        Self::Oversold,
        Self::AdmittedTooOften,
        Self::Unasked,
        Self::Log,
        Self::ReadModel,
        Self::Answer,
        Self::Unavailable,
    ];

    /// As the table says it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Doubled => "doubled",
            Self::Oversold => "oversold",
            Self::AdmittedTooOften => "admitted too often",
            Self::Unasked => "recorded unasked",
            Self::Log => "holes, hashes, times",
            Self::ReadModel => "read model differs",
            Self::Answer => "wrong answers",
            Self::Unavailable => "unanswered, not recovered",
        }
    }
}

/// All that was found.
#[derive(Debug, Default)]
pub struct Wrongs {
    counts: BTreeMap<Kind, u64>,
    told: Vec<(Kind, String)>,
}

impl Wrongs {
    /// One more.
    pub fn found(&mut self, kind: Kind, what: impl Into<String>) {
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        if *count <= TOLD_MAX as u64 {
            self.told.push((kind, what.into()));
        }
    }

    /// Those of another, too.
    pub fn add(&mut self, other: Self) {
        for (kind, count) in other.counts {
            *self.counts.entry(kind).or_default() += count;
        }
        self.told.extend(other.told);
    }

    /// How often.
    pub fn count(&self, kind: Kind) -> u64 {
        self.counts.get(&kind).copied().unwrap_or(0)
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// The first of each kind, in words.
    pub fn told(&self) -> impl Iterator<Item = (Kind, &str)> {
        self.told.iter().map(|(kind, what)| (*kind, what.as_str()))
    }
}
