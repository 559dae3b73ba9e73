//! The `Cookie` header: the session's token is found among others' cookies, and nothing else is taken for it.

use identity::{SESSION_COOKIE, session_token};

pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let found = session_token(text);
    if let Some(token) = found {
        assert!(!token.is_empty() && !token.contains(';') && token.trim_end() == token, "{token:?}");
        assert!(text.contains(&format!("{SESSION_COOKIE}={token}")), "{token:?} is not in the header");
    }
    // Behind cookies of others it is still found, and the first one of its name counts.
    let with_ours = format!("{text}; {SESSION_COOKIE}=a-token");
    assert_eq!(session_token(&with_ours), Some(found.unwrap_or("a-token")));
}
