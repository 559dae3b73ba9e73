//! The bare limit of the design on this machine: the same HTTP server and the same way into PostgreSQL as Turnout's, and nothing
//! else. One desk drains its mailbox and writes what it finds as one INSERT of many rows, a commit each, into a plain table.
//!
//! No rules, no vault, no credentials, no versions to compare, no read models. Sales write three events and check-ins one, of
//! the size that Turnout's have.

mod desk;
mod http;
mod in_process;

pub use desk::{Desk, Kind};
pub use http::serve;
pub use in_process::window;
