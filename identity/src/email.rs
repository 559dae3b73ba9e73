//! E-mail addresses as somebody types them.
//!
//! Judged only as far as that can be done without sending: something, one `@`, something, no white space. The part
//! before the `@` may mean another mailbox in capitals by RFC 5321, section 2.4, but nobody's does: signing in compares
//! addresses in lower case, and what is mailed to is what was typed.

use domain::ValueError;
use serde::Deserialize;

/// The longest address that SMTP carries (RFC 5321, section 4.5.3.1.3, without the angle brackets).
pub const EMAIL_CHARACTERS_MAX: usize = 254;

/// An e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Email(String);

impl Email {
    /// As it was typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As accounts are told apart: in lower case.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

impl TryFrom<String> for Email {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Self, ValueError> {
        let plain = !text.chars().any(|c| c.is_control() || c.is_whitespace());
        let parted =
            text.split_once('@').is_some_and(|(who, at)| !who.is_empty() && !at.is_empty() && !at.contains('@'));
        // Lower case may be longer than what was typed (İ), and both have to fit.
        let fits =
            text.chars().count() <= EMAIL_CHARACTERS_MAX && text.to_lowercase().chars().count() <= EMAIL_CHARACTERS_MAX;
        if plain && parted && fits {
            Ok(Self(text))
        } else {
            Err(ValueError(format!("is not an e-mail address of at most {EMAIL_CHARACTERS_MAX} characters")))
        }
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_an_address_is_refused() {
        for good in ["ada@example.org", "a+b@b", "ä@ö.example", "Ada.Lovelace@EXAMPLE.org"] {
            assert!(Email::try_from(good.to_owned()).is_ok(), "{good}");
        }
        let long = format!("{}@example.org", "a".repeat(EMAIL_CHARACTERS_MAX));
        for bad in ["", "ada", "@example.org", "ada@", "a@b@c", "a b@c", "a\n@b", "a@b\0", long.as_str()] {
            assert!(Email::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn capitals_make_no_other_account() {
        let typed = Email::try_from("Ada@Example.ORG".to_owned()).unwrap();
        assert_eq!((typed.as_str(), typed.folded().as_str()), ("Ada@Example.ORG", "ada@example.org"));
    }
}
