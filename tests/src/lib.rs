//! The harness of the black-box tests: the built `turnout` binary with its own PostgreSQL, and a client for it.
//!
//! - [`Server`] starts the binary in a folder of its own, kills it, starts it again, and leaves nothing behind.
//!   [`shared`] is one such server for all tests of a run that only make shows of their own in it.
//! - [`Client`] speaks HTTP as `docs` of the contract have it and fails with the whole answer in the message.
//! - [`Show`] is a show that a test made: the few steps that most tests begin with.
//! - [`database`] looks into the server's own PostgreSQL, for what no answer over HTTP can prove.
//!
//! Deliberately not here: anything from the server's crates. What is tested is what the binary does, not what its types say.

mod client;
pub mod database;
mod history;
mod people;
mod raw;
mod server;
mod shows;
mod wait;

pub use client::{Answer, Call, Client};
pub use history::{Recorded, history, whole_history};
pub use people::{PASSWORD, invite, invite_link, issue_key, pair, sign_in, token_of};
pub use raw::{RawAnswer, RawConnection, RawRequest};
pub use server::{ADMIN_TOKEN, Exit, SHARED_SECRET_KEY, Server, shared, turnout};
pub use shows::{EXAMPLE_START, Show, show_body};
pub use wait::eventually;

use serde_json::Value;

/// The names of an object's fields, in alphabetical order.
///
/// # Panics
/// When it is no object.
#[must_use]
pub fn fields(value: &Value) -> Vec<&str> {
    let object = value.as_object().unwrap_or_else(|| panic!("an object was expected, not {value}"));
    let mut names: Vec<&str> = object.keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

/// Asserts that an object has exactly these fields, in any order.
///
/// # Panics
/// When it has others.
#[track_caller]
pub fn assert_fields(value: &Value, expected: &[&str]) {
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(fields(value), expected, "of {value:#}");
}

/// Asserts that an object has at least these fields.
///
/// # Panics
/// When it lacks one.
#[track_caller]
pub fn assert_has_fields(value: &Value, expected: &[&str]) {
    let found = fields(value);
    let missing: Vec<&&str> = expected.iter().filter(|name| !found.contains(*name)).collect();
    assert!(missing.is_empty(), "missing {missing:?} of {value:#}");
}

/// A UUID that is the same in every run: what tests give as keys and scans.
#[must_use]
pub fn fixed_uuid(number: u32) -> uuid::Uuid {
    uuid::Uuid::new_v8((0x7e57_0000_0000_0000_0000_0000_0000_0000_u128 + u128::from(number)).to_be_bytes())
}
