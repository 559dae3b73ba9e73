//! The history, told and explained: what the log holds, in sentences, filtered by what each event touched (the read model
//! `activity`), up to that one's checkpoint.
//!
//! What always holds: payloads are answered as they are stored, byte for byte, except that codes which still open a door are
//! masked for whoever may not see them, in the sentence, too. Names and what people typed stand in sentences alone, only for those
//! who may see them, and are gone from there when they are erased. What a page needs is looked up for the page at once.

mod admission;
mod consequences;
mod explained;
mod filter;
mod items;
mod known;
mod language;
mod lists;
mod look_up;
mod masks;
mod messages;
mod organization;
mod people;
mod planning;
mod reasons;
mod sales;
mod sentence;
mod storyteller;
mod telling;
mod timeline;
mod why;
mod words;

pub use explained::{Because, ExplainedEvent, Relation};
pub use filter::HistoryFilter;
pub use items::{EveryEvent, HistoryItem};
pub use language::Language;
pub(crate) use masks::{mask, short_codes};
pub use storyteller::Storyteller;
pub use timeline::{Timeline, TimelineBucket};
pub use why::Holding;
pub use words::Words;

/// What stands for a code that still opens a door.
const MASK: &str = "•••";

/// How somebody reads the history.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reading {
    /// In which language.
    pub language: Language,
    /// Whether with codes that still open a door.
    pub unmask: bool,
    /// Whether with the names of those who work here, of keys and of devices.
    pub staff: bool,
    /// Whether with the names of buyers and holders, and what was typed about people and money.
    pub names: bool,
}
