//! `/.well-known/security.txt` (RFC 9116): whom to tell of a hole in the server's security. Without a contact there is no file,
//! because one without it is none.

use std::str::FromStr;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use chrono::{Days, NaiveTime, SecondsFormat};

use crate::{
    answer::{Conditions, For},
    app::Node,
    problem::Problem,
};

/// Where it stands.
pub const PATH: &str = "/.well-known/security.txt";

/// The RFC wants less than a year; it is made anew at each request.
const VALID_DAYS: u64 = 180;

/// A mail address or a page: `mailto:security@tickets.example`, `https://tickets.example/security`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityContact(String);

/// The text is no contact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no contact; write mailto:security@tickets.example, or the address of a page that begins with https://"
)]
pub struct NotContact(String);

impl FromStr for SecurityContact {
    type Err = NotContact;

    fn from_str(text: &str) -> Result<Self, NotContact> {
        let text = text.trim();
        let mail = text.strip_prefix("mailto:").is_some_and(|address| {
            address.split_once('@').is_some_and(|(who, host)| !who.is_empty() && !host.is_empty())
        });
        let page = text.strip_prefix("https://").is_some_and(|page| !page.is_empty() && !page.starts_with('/'));
        if (mail || page) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotContact(text.to_owned()))
        }
    }
}

/// The file, or 404.
pub(crate) async fn security_txt(State(node): State<Node>, conditions: Conditions) -> Response {
    let Some(SecurityContact(contact)) = &node.defences.security_contact else {
        return Problem::not_found().into_response();
    };
    // From midnight on, so that it and its tag change once a day.
    let today = node.clock.now().date_naive().and_time(NaiveTime::MIN).and_utc();
    let Some(expires) = today.checked_add_days(Days::new(VALID_DAYS)) else {
        return Problem::not_found().into_response();
    };
    let text = format!(
        "Contact: {contact}\nExpires: {}\nCanonical: {}{PATH}\n",
        expires.to_rfc3339_opts(SecondsFormat::Secs, true),
        node.public_url,
    );
    conditions.answer(None, For::Everybody, "text/plain; charset=utf-8", text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_contact_is_a_contact() {
        for good in ["mailto:security@tickets.example", "https://tickets.example/security"] {
            good.parse::<SecurityContact>().unwrap();
        }
        for bad in [
            "",
            "security@tickets.example",
            "http://tickets.example",
            "mailto:",
            "mailto:@x",
            "https://",
            "https://a\nb",
        ] {
            assert!(bad.parse::<SecurityContact>().is_err(), "{bad}");
        }
    }
}
