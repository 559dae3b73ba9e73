//! The targets by their names; each file says what it holds to.

mod addresses;
mod bodies;
mod cookies;
mod credentials;
mod emails;
mod events;
mod headers;
mod json;
mod link_secrets;
mod moments;
mod passwords;
mod paths;
mod problems;
mod queries;
mod scan_batches;
mod seatings;
mod short_codes;
mod texts;
mod ticket_tokens;
mod tokens;

/// Takes any bytes; panics where a promise is broken.
pub type Run = fn(&[u8]);

/// Every target. `scripts/fuzz` reads the names from these lines.
pub const TARGETS: &[(&str, Run)] = &[
    ("addresses", addresses::run),
    ("bodies", bodies::run),
    ("cookies", cookies::run),
    ("credentials", credentials::run),
    ("emails", emails::run),
    ("events", events::run),
    ("headers", headers::run),
    ("json", json::run),
    ("link_secrets", link_secrets::run),
    ("moments", moments::run),
    ("passwords", passwords::run),
    ("paths", paths::run),
    ("problems", problems::run),
    ("queries", queries::run),
    ("scan_batches", scan_batches::run),
    ("seatings", seatings::run),
    ("short_codes", short_codes::run),
    ("texts", texts::run),
    ("ticket_tokens", ticket_tokens::run),
    ("tokens", tokens::run),
];

/// The first line, which chooses, and what follows it, which is read.
fn chosen(data: &[u8]) -> Option<(&str, &str)> {
    std::str::from_utf8(data).ok()?.split_once('\n')
}
