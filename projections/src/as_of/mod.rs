//! The read side as it was: a show's stream folded to a moment of the past, and rendered by the functions that render it now.
//!
//! A moment is a position of the log, or a time, which is a position as well: that of the last event recorded until then.
//! What always holds: an answer of the past is a function of the log up to its position, so it never changes, but for what
//! is joined from the vault: names are told as they are now, and whoever was erased is erased in the past, too. Nothing is
//! read from the read models.

mod fold;
mod lists;
mod moment;
mod past;
mod states;

pub use moment::{Moment, MomentError, Stand};
pub use past::Past;
pub(crate) use states::States;
