//! Who may read the metrics beside the API: whoever has `TURNOUT_METRICS_TOKEN`, which opens nothing else.

use anyhow::bail;
use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::counted::counted;

/// As for the admin token: 128 bits in hexadecimal.
const CHARACTERS_MIN: usize = 32;

/// The token's hash.
pub struct MetricsToken([u8; 32]);

impl MetricsToken {
    /// One that is long enough, and that a header can carry.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let found = text.chars().count();
        if found < CHARACTERS_MIN {
            let found = counted(found, "character", "characters");
            bail!("it has {found}; it needs at least {CHARACTERS_MIN} (try `openssl rand -hex 32`)");
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            bail!("it may hold visible ASCII characters only");
        }
        Ok(Self(hash(text)))
    }

    /// Whether a request carries it as its bearer token; takes as long whatever it carries.
    pub fn is_shown_in(&self, headers: &HeaderMap) -> bool {
        headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .is_some_and(|(_, shown)| hash(shown.trim()).ct_eq(&self.0).into())
    }
}

fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const TOKEN: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn only_the_token_itself_as_a_bearer_opens() {
        let token = MetricsToken::parse(TOKEN).unwrap();
        let opens = |value: &str| {
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap())]);
            token.is_shown_in(&headers)
        };
        assert!(opens(&format!("Bearer {TOKEN}")));
        assert!(opens(&format!("bearer {TOKEN}")));
        for other in [TOKEN.to_owned(), format!("Basic {TOKEN}"), format!("Bearer {}", &TOKEN[1..]), "Bearer ".into()] {
            assert!(!opens(&other), "{other}");
        }
        assert!(!token.is_shown_in(&HeaderMap::new()));
    }

    #[test]
    fn a_token_that_can_be_guessed_or_not_be_sent_is_none() {
        for bad in ["", "short", &TOKEN[1..], "0123456789abcdef 0123456789abcdef", "0123456789abcdef0123456789abcdeä"]
        {
            assert!(MetricsToken::parse(bad).is_err(), "{bad}");
        }
    }
}
