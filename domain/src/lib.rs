//! What Turnout knows about shows and the organizations that sell them: the words of the glossary as types, the facts
//! that are recorded (`events`), and what follows from them (`show` and `organization`: the folded states and the
//! questions that they answer).
//!
//! Pure: no I/O, no async, no clock, no randomness, no floats. Whatever comes from outside (time, ids, random bits)
//! arrives as a value. Nothing here decides about a command; that is the crate `commands`.

pub mod best_seats;
pub mod codes;
pub mod door;
pub mod events;
pub mod ids;
pub mod language;
pub mod money;
pub mod organization;
pub mod place;
pub mod seating;
mod shared;
pub mod show;
pub mod state_hash;
pub mod text;
pub mod ticket_type;
pub mod time;

pub use events::{OrganizationEvent, ShowEvent};
pub use organization::{Organization, OrganizationState};
pub use show::{Show, ShowState};
pub use state_hash::StateHash;

/// Why a text or a number is not a value of the type asked for; says what would be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ValueError(pub String);

/// What is wrong with one part of a request.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FieldError {
    /// RFC 6901 JSON pointer into the request's body; empty for the whole body.
    pub pointer: String,
    /// What is wrong, and what would be right.
    pub detail: String,
}

impl FieldError {
    /// An error at `pointer`.
    pub fn at(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}
