//! The languages that the history is told in.

/// A language.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// As BCP 47 writes it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// The one that a reader likes best of those that there are (RFC 9110, section 12.5.4; of a range such as `de-AT` the
    /// language counts): the first of those with the highest weight. English for whoever takes none of them.
    #[must_use]
    pub fn preferred(accepted: &str) -> Self {
        let mut best = (Self::default(), 0);
        for range in accepted.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1000), thousandths).unwrap_or(0);
            let primary = name.split('-').next().unwrap_or_default();
            let found = if name == "*" {
                Some(Self::default())
            } else {
                Self::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(primary))
            };
            if let Some(language) = found.filter(|_| weight > best.1) {
                best = (language, weight);
            }
        }
        best.0
    }
}

/// A weight such as `0.8`, in thousandths.
fn thousandths(text: &str) -> Option<u32> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let is_weight = part.len() <= 3 && part.bytes().all(|digit| digit.is_ascii_digit());
    let weight = format!("{whole}{part:0<3}").parse().ok().filter(|weight| is_weight && *weight <= 1000)?;
    Some(weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_gets_the_language_that_he_likes_best() {
        for (accepted, language) in [
            ("", Language::En),
            ("de", Language::De),
            ("DE-at", Language::De),
            ("fr, de;q=0.5, en;q=0.4", Language::De),
            ("en, de", Language::En),
            ("de;q=0.3, en;q=0.7", Language::En),
            ("de;q=0", Language::En),
            ("fr", Language::En),
            ("*", Language::En),
            ("de;q=2, en;q=x", Language::En),
            ("den", Language::En),
        ] {
            assert_eq!(Language::preferred(accepted), language, "{accepted}");
        }
    }
}
