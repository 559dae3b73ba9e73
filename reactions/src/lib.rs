//! What has to follow from events, outside the desk that recorded them. For now: ends. A hold that runs out and an order
//! that was not paid are ended within a second when nobody asks, also after a restart.
//!
//! Each reaction follows the log with a checkpoint of its own, committed together with what it writes. Nothing here
//! decides: a reaction wakes a desk, and the desk decides.

mod ends;

pub use ends::Ends;
