//! What the clients asked and were answered: the other half of what the log is checked against.

use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;

/// A fact by its type in the log and the id that it is about, such as `("TicketIssued", ticket)`.
pub type Fact = (&'static str, Uuid);

/// How a request was answered in the end.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// With success: these facts are in the log, by one command that ends at the position (a batch's scans are told no
    /// position each).
    Accepted { position: Option<i64>, facts: Vec<Fact> },
    /// By the rules (409): nothing of it is in the log.
    Rejected { code: String },
    /// Never, or not as anybody may be answered.
    Open,
}

/// One request, from the first time it was sent to its answer. A scan of a batch is one of its own.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its number in the run; what it typed (names, reasons, references) holds it as `ask-NUMBER.`.
    pub number: u64,
    /// What was asked, such as `IssueTicket`.
    pub what: &'static str,
    /// How often it was sent.
    pub sent: u32,
    /// Since the start of the run, when it was sent first.
    pub at: Duration,
    /// Its answer.
    pub outcome: Outcome,
}

/// A request that was accepted and is asked again in the end, with the answer that it had.
#[derive(Debug, Clone)]
pub struct Again {
    pub method: reqwest::Method,
    pub path: String,
    pub bearer: Option<String>,
    pub key: String,
    pub body: Option<Value>,
    pub answer: Value,
}

/// All that was asked at one place.
#[derive(Debug, Default)]
pub struct Journal {
    pub entries: Vec<Entry>,
    pub again: Vec<Again>,
}

/// What is typed so that the request is found again in the vault.
pub fn mark(number: u64) -> String {
    format!("ask-{number}.")
}

/// The request that typed it.
pub fn number_of(typed: &str) -> Option<u64> {
    let rest = typed.split_once("ask-")?.1;
    rest.split_once('.')?.0.parse().ok()
}
