//! The session's cookie on its way to the browser and back (RFC 6265).
//!
//! `HttpOnly` keeps it from scripts, `SameSite=Lax` from other sites' forms; `Secure` where the public URL is https, so
//! that a first try on `http://127.0.0.1` works, too.

use crate::sessions::{LIFETIME_DAYS, SignedIn};

/// The cookie that carries a session's token.
pub const SESSION_COOKIE: &str = "turnout_session";

const SECONDS_PER_DAY: i64 = 86_400;

/// The value of `Set-Cookie` for whoever signed in. `secure`: whether the public URL is https.
#[must_use]
pub fn session_cookie(signed_in: &SignedIn, secure: bool) -> String {
    cookie(&signed_in.cookie_token, LIFETIME_DAYS * SECONDS_PER_DAY, secure)
}

/// The value of `Set-Cookie` for whoever signed out.
#[must_use]
pub fn ended_session_cookie(secure: bool) -> String {
    cookie("", 0, secure)
}

/// The session's token in the value of a `Cookie` header, which may hold others' cookies.
#[must_use]
pub fn session_token(cookie_header: &str) -> Option<&str> {
    cookie_value(cookie_header, SESSION_COOKIE)
}

/// A cookie in the value of a `Cookie` header; an empty one counts as none.
#[must_use]
pub fn cookie_value<'a>(cookie_header: &'a str, wanted: &str) -> Option<&'a str> {
    cookie_header
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == wanted && !value.is_empty()).then_some(value))
}

fn cookie(value: &str, max_age_seconds: i64, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("{SESSION_COOKIE}={value}; Path=/; Max-Age={max_age_seconds}; HttpOnly; SameSite=Lax{secure}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_found_among_other_cookies() {
        assert_eq!(session_token("a=b; turnout_session=token; c"), Some("token"));
        assert_eq!(session_token("turnout_session=token"), Some("token"));
        for none in ["", "turnout_session", "turnout_session=", "xturnout_session=token", ";;=;"] {
            assert_eq!(session_token(none), None, "{none}");
        }
    }

    #[test]
    fn a_cookie_is_closed_to_scripts_and_to_plain_http_where_that_is_asked() {
        let kept = cookie("token", 60, true);
        assert_eq!(kept, "turnout_session=token; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
        assert_eq!(ended_session_cookie(false), "turnout_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    }
}
