//! What the event store promises, as tests against a real PostgreSQL that know only its public interface: one file a theme,
//! one test a promise. `docs/testing.md` has the list.
//!
//! Each test has a server of its own. Where the order of things matters, a test holds the lock of the log until everything
//! stands where it should ([`log_lock`]); nothing sleeps, and nothing is measured
//! but how long a turn may be waited for.

mod log_lock;
mod proxy;
mod server;
mod world;

mod append_only;
mod batches;
mod crashes;
mod dump_and_restore;
mod foreign_transactions;
mod growth;
mod holes;
mod lost_replies;
mod parallel;
mod roles;
mod round_trips;
mod tailing;
mod tree;
mod turns;
mod vault;
mod versions;
mod wake_ups;
