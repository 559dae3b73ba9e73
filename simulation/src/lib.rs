//! A simulation of what writes and reads the log, from a seed: real recorders, real desks and real readers of two nodes on
//! a model of the server that holds the log, with faults and in a time of its own.
//!
//! Real are `event_store`'s `Recorder`, `Log` and `Snapshots`, `commands`' `Desks` with all that they decide, and
//! `domain`. A model are `log.append` and the rest of the server (`server`), the network, the clocks, and the follower that stands
//! for the projector (`follower`): the projector's own statements are SQL and run against PostgreSQL elsewhere.
//! What came of it is compared with a plain model (`plain`, `judge`), which shares nothing with the fold in `domain`.
//! One thread, paused time and one source of randomness: a seed is always the same run, which its trace shows.

mod chance;
mod clients;
mod clock;
mod database;
mod follower;
mod judge;
mod nodes;
mod plain;
mod questions;
mod reading;
mod run;
mod server;
mod shows;
mod stored;
mod storm;
mod trace;
mod turns;
mod writers;

pub use run::{Run, run};
pub use server::Bug;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Nothing panics while it holds one of these; and if it does, that is found otherwise.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
