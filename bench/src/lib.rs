//! How fast Turnout sells and admits on this machine, beside what limits it on the same machine at the same time.
//!
//! - Runs the given binary with its own PostgreSQL in a temporary folder, and speaks HTTP to it as any client would.
//! - Beside it, on the same PostgreSQL, runs the bare limit: the same HTTP server and the same batches, without rules ([`bare`]).
//! - What is compared is measured in windows by turns, so that a machine that is busy with something else does not decide it.
//! - Server, database and load share the machine's cores: the load is made to cost little, and what each of them used is said.

#![allow(clippy::print_stderr, reason = "a run takes long: each row is told when it is there")]

pub mod against;
pub mod bare;
pub mod cpu;
pub mod credentials;
pub mod http;
pub mod in_turn;
pub mod latencies;
pub mod limits;
pub mod load;
pub mod measured;
pub mod parts;
pub mod projectors;
pub mod report;
pub mod row_security;
pub mod scene;
pub mod server;
pub mod show;
pub mod table;
pub mod windows;
