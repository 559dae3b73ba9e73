//! The read models against a real PostgreSQL: projecting, rebuilding, leading, reading.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests; clippy only sees those that are marked")]

mod as_of;
mod beside;
mod compared;
mod contract;
mod facts;
mod hot;
mod isolation;
mod leading;
mod live;
mod people;
mod poison;
mod reading;
mod rebuilding;
mod reports;
mod settings;
mod settlement;
mod settlement_vectors;
mod statements;
mod story;
mod world;
