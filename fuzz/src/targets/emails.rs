//! E-mail addresses: what is taken is within its limits and kept as it was typed, and in lower case, by which accounts are
//! told apart, it is an address, too, and always the same.

use identity::{EMAIL_CHARACTERS_MAX, Email};

pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(email) = Email::try_from(text.to_owned()) else { return };
    assert_eq!(email.as_str(), text);
    let folded = email.folded();
    for text in [text, folded.as_str()] {
        let characters = text.chars().count();
        assert!((3..=EMAIL_CHARACTERS_MAX).contains(&characters), "{characters} characters");
        assert_eq!(text.matches('@').count(), 1, "{text:?}");
        assert!(!text.contains(|c: char| c.is_control() || c.is_whitespace()), "{text:?}");
    }
    let again = Email::try_from(folded.clone()).expect("an address in lower case is one");
    assert_eq!(again.folded(), folded, "lower case is the same again");
}
