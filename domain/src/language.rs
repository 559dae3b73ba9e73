//! Languages, as BCP 47 (RFC 5646) writes them: a language with, where it matters, its script and region.

use serde::{Deserialize, Serialize};

use crate::ValueError;

/// The most languages of an organization.
pub const LANGUAGES_MAX: usize = 10;

/// A language such as `de`, `de-AT` or `zh-Hant-TW`, in the canonical case of RFC 5646 §2.1.1, so that two that are equal
/// are written alike. Variants and extensions are not taken: nothing is translated by them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(String);

impl Language {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Language {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Self, ValueError> {
        let mut parts = text.split('-').peekable();
        let language = parts.next().is_some_and(is_language);
        parts.next_if(|part| is_script(part));
        parts.next_if(|part| is_region(part));
        if language && parts.next().is_none() {
            Ok(Self(text))
        } else {
            Err(ValueError("is no language of BCP 47; write it as in de or de-AT".to_owned()))
        }
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.0
    }
}

fn is_language(part: &str) -> bool {
    matches!(part.len(), 2 | 3) && part.bytes().all(|b| b.is_ascii_lowercase())
}

fn is_script(part: &str) -> bool {
    let bytes = part.as_bytes();
    bytes.len() == 4 && bytes[0].is_ascii_uppercase() && bytes[1..].iter().all(u8::is_ascii_lowercase)
}

fn is_region(part: &str) -> bool {
    (part.len() == 2 && part.bytes().all(|b| b.is_ascii_uppercase()))
        || (part.len() == 3 && part.bytes().all(|b| b.is_ascii_digit()))
}

/// From one to [`LANGUAGES_MAX`] languages, each once, the preferred one first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Language>", into = "Vec<Language>")]
pub struct Languages(Vec<Language>);

impl Languages {
    /// The preferred one first.
    pub fn as_slice(&self) -> &[Language] {
        &self.0
    }
}

impl Default for Languages {
    /// English.
    fn default() -> Self {
        Self(vec![Language("en".to_owned())])
    }
}

impl TryFrom<Vec<Language>> for Languages {
    type Error = ValueError;

    fn try_from(languages: Vec<Language>) -> Result<Self, ValueError> {
        if !(1..=LANGUAGES_MAX).contains(&languages.len()) {
            return Err(ValueError(format!("must be from 1 to {LANGUAGES_MAX} languages")));
        }
        let twice = languages.iter().enumerate().find(|(i, language)| languages[..*i].contains(language));
        if let Some((_, language)) = twice {
            return Err(ValueError(format!("names {} twice", language.as_str())));
        }
        Ok(Self(languages))
    }
}

impl From<Languages> for Vec<Language> {
    fn from(languages: Languages) -> Self {
        languages.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(text: &str) -> Result<Language, ValueError> {
        Language::try_from(text.to_owned())
    }

    #[test]
    fn a_language_is_written_in_one_way() {
        for good in ["de", "en", "de-AT", "zh-Hant-TW", "sr-Latn", "gsw-CH", "es-419"] {
            assert!(language(good).is_ok(), "{good}");
        }
        for bad in ["", "d", "DE", "de-at", "de_AT", "de-", "-de", "german", "de-AT-AT", "de-Xx", "dé", "de-x-a"] {
            assert!(language(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn languages_are_some_and_each_once() {
        let languages =
            |texts: &[&str]| Languages::try_from(texts.iter().flat_map(|t| language(t)).collect::<Vec<_>>());
        assert!(languages(&["de", "de-AT"]).is_ok());
        assert!(languages(&[]).is_err());
        assert!(languages(&["de", "en", "de"]).unwrap_err().to_string().contains("de"));
        let eleven = ["aa", "ab", "af", "ak", "am", "an", "ar", "as", "av", "ay", "az"];
        assert!(languages(&eleven).is_err() && languages(&eleven[1..]).is_ok());
    }
}
