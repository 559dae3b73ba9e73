//! What has to follow from events, outside the desk that recorded them. For now: ends, a hold that runs out and an order
//! that was not paid are ended within a second when nobody asks, also after a restart; and retention, people are forgotten
//! so many days after their show, and the names of keys and devices after these.
//!
//! Each reaction follows the log with a checkpoint of its own, committed together with what it writes. Nothing here
//! decides: a reaction wakes or asks a desk, and the desk decides.

mod ends;
mod retention;

pub use ends::Ends;
pub use retention::{CHECK_EVERY, Retention, RetentionError};
