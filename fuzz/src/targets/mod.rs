//! The targets by their names; each file says what it holds to.

mod bodies;
mod cookies;
mod events;
mod headers;
mod json;
mod link_secrets;
mod moments;
mod paths;
mod problems;
mod queries;
mod scan_batches;
mod seatings;
mod short_codes;
mod texts;
mod ticket_tokens;

/// Every target. `scripts/fuzz` reads the names from these lines.
pub const TARGETS: &[(&str, fn(&[u8]))] = &[
    ("bodies", bodies::run),
    ("cookies", cookies::run),
    ("events", events::run),
    ("headers", headers::run),
    ("json", json::run),
    ("link_secrets", link_secrets::run),
    ("moments", moments::run),
    ("paths", paths::run),
    ("problems", problems::run),
    ("queries", queries::run),
    ("scan_batches", scan_batches::run),
    ("seatings", seatings::run),
    ("short_codes", short_codes::run),
    ("texts", texts::run),
    ("ticket_tokens", ticket_tokens::run),
];

/// The first line, which chooses, and what follows it, which is read.
fn chosen(data: &[u8]) -> Option<(&str, &str)> {
    std::str::from_utf8(data).ok()?.split_once('\n')
}
