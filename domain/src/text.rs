//! Texts that a show or its organization publishes, with their limits. A limit keeps a page readable and an event small; it is counted in
//! characters after trimming. NUL and control characters are refused, except line feed and tab in long texts; a text of one
//! line also holds nothing that breaks the line or reorders what stands beside it.

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::ValueError;

/// Gives a type of one text, which nearly always is short enough to need no memory of its own, its ways in and out. Its
/// `check` says what is wrong with a text.
macro_rules! checked_text {
    ($name:ident) => {
        impl $name {
            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<&str> for $name {
            type Error = crate::ValueError;

            fn try_from(text: &str) -> Result<Self, crate::ValueError> {
                Self::check(text)?;
                Ok(Self(text.into()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = crate::ValueError;

            fn try_from(text: String) -> Result<Self, crate::ValueError> {
                Self::check(&text)?;
                Ok(Self(text.into()))
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0.into()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;
                impl serde::de::Visitor<'_> for Text {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a string")
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        $name::try_from(text).map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }
    };
}
pub(crate) use checked_text;

fn check(text: &str, min: usize, max: usize, long: bool) -> Result<(), ValueError> {
    let allowed =
        |c: char| if long { !c.is_control() || c == '\n' || c == '\t' } else { !c.is_control() && !bends_a_line(c) };
    if !is_plain(text)
        && let Some(bad) = text.chars().find(|c| !allowed(*c))
    {
        return Err(ValueError(format!("holds the control character U+{:04X}; remove it", u32::from(bad))));
    }
    let length = text.chars().count();
    if length < min || text.trim().chars().count() < min {
        return Err(ValueError("must not be empty".to_owned()));
    }
    if length > max {
        return Err(ValueError(format!("has {length} characters; at most {max} are allowed")));
    }
    Ok(())
}

/// Whether a text is of printable ASCII alone, as most are: found faster than by looking at each character for itself.
pub(crate) fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b' '..=b'~'))
}

/// Whether a character ends a line, or makes what follows run the other way until another such character says otherwise
/// (Unicode Standard Annex 9, §2.1 to §2.5): on a ticket or a screen, a name with one would turn the words beside it around.
/// Right-to-left scripts need none of them.
pub fn bends_a_line(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Declares a text type with its least and greatest length in characters, and whether it may have several lines.
macro_rules! text {
    ($($(#[$doc:meta])* $name:ident($min:literal..=$max:literal, long: $long:literal);)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(CompactString);

        impl $name {
            fn check(text: &str) -> Result<(), ValueError> {
                check(text, $min, $max, $long)
            }
        }

        checked_text!($name);
    )*};
}

text! {
    /// The name of an organization, a show, a venue, a ticket type or a pool.
    Name(1..=200, long: false);
    /// What a show says of itself; may be empty.
    Description(0..=20_000, long: true);
    /// A postal address; may be empty.
    Address(0..=1_000, long: true);
    /// The name of an area or a gate.
    DoorName(1..=60, long: false);
    /// A seat category such as `Kategorie I`.
    Category(1..=100, long: false);
    /// Something that somebody typed about people or money. It goes to the vault, never into an event.
    Reason(1..=1_000, long: true);
    /// The name of a person. It goes to the vault, never into an event.
    PersonName(1..=200, long: false);
    /// A short text of one line that goes to the vault: a payment's reference, a block's label.
    Note(1..=200, long: false);
}

/// The readable part of a show's or an organization's address, such as `spring-cup-k7q2m`: lower-case letters, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slug(String);

impl Slug {
    /// A show's: made from its name and some random bits, which keep slugs of one name apart across streams.
    pub fn new(name: &Name, random: u32) -> Self {
        Self::made(name, "show", random)
    }

    /// An organization's, made in the same way.
    pub fn of_organization(name: &Name, random: u32) -> Self {
        Self::made(name, "organization", random)
    }

    fn made(name: &Name, fallback: &str, random: u32) -> Self {
        const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        let mut slug = String::new();
        for c in name.as_str().chars().flat_map(char::to_lowercase) {
            let plain = match c {
                'ä' => "ae",
                'ö' => "oe",
                'ü' => "ue",
                'ß' => "ss",
                'à' | 'á' | 'â' | 'å' | 'ã' => "a",
                'è' | 'é' | 'ê' | 'ë' => "e",
                'ì' | 'í' | 'î' | 'ï' => "i",
                'ò' | 'ó' | 'ô' | 'õ' | 'ø' => "o",
                'ù' | 'ú' | 'û' => "u",
                'ç' => "c",
                'ñ' => "n",
                _ => "",
            };
            if !plain.is_empty() {
                slug.push_str(plain);
            } else if c.is_ascii_alphanumeric() {
                slug.push(c);
            } else if !slug.ends_with('-') && !slug.is_empty() {
                slug.push('-');
            }
            if slug.len() >= 60 {
                break;
            }
        }
        let base = slug.trim_matches('-');
        let mut slug = if base.is_empty() { fallback.to_owned() } else { base.to_owned() };
        slug.push('-');
        for i in 0..5 {
            slug.push(char::from(ALPHABET[(random >> (5 * i)) as usize & 31]));
        }
        Self(slug)
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_control_character_is_refused_and_says_which() {
        let refused = Name::try_from("a\u{0}b").unwrap_err();
        assert!(refused.to_string().contains("U+0000"));
        assert!(Name::try_from("two\nlines").is_err());
        assert!(Description::try_from("two\nlines\tand a tab").is_ok());
    }

    #[test]
    fn a_line_is_not_bent_and_right_to_left_scripts_need_no_bending() {
        for bend in ['\u{2028}', '\u{202A}', '\u{202E}', '\u{2066}', '\u{2069}'] {
            let refused = Name::try_from(format!("a{bend}b")).unwrap_err().to_string();
            assert!(refused.contains(&format!("U+{:04X}", u32::from(bend))), "{refused}");
            assert!(Description::try_from(format!("a{bend}b")).is_ok());
        }
        assert!(Name::try_from("مسرح المدينة").is_ok());
        assert!(Name::try_from("👩\u{200D}🎤 live").is_ok());
    }

    #[test]
    fn limits_count_characters_not_bytes() {
        assert!(Name::try_from("ä".repeat(200)).is_ok());
        assert!(Name::try_from("ä".repeat(201)).is_err());
        assert!(Name::try_from("   ").is_err());
    }

    #[test]
    fn a_slug_is_readable_and_plain() {
        let name = Name::try_from("Frühlings-Cup 2027: Finale!").unwrap();
        assert_eq!(Slug::new(&name, 0).as_str(), "fruehlings-cup-2027-finale-00000");
        let name = Name::try_from("東京").unwrap();
        assert_eq!(Slug::new(&name, 31).as_str(), "show-z0000");
        assert_eq!(Slug::of_organization(&name, 31).as_str(), "organization-z0000");
    }
}
