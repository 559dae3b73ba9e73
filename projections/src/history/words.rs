//! How a language writes numbers, money and moments; and, for who tells a story elsewhere, the words around its sentences.
//!
//! German sets thousands apart and has a decimal comma. English numbers stay as programs write them, which scripts read.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::money::{Amount, Currency};
use fluent_bundle::FluentValue;

use super::{Language, messages};

/// The words around a story's sentences, in a language.
#[derive(Debug, Clone, Copy, Default)]
pub struct Words(pub Language);

impl Words {
    /// A message of `messages/*.ftl` with its variables filled in.
    pub fn say<'a>(self, id: &str, variables: impl IntoIterator<Item = (&'a str, FluentValue<'a>)>) -> String {
        messages::message(self.0, id, &variables.into_iter().collect())
    }

    /// A number with so many digits behind its point.
    #[must_use]
    pub fn decimal(self, number: f64, digits: usize) -> String {
        written(self.0, &format!("{number:.digits$}"))
    }

    /// An amount with its currency.
    #[must_use]
    pub fn money(self, amount: Amount, currency: Currency) -> String {
        money(self.0, amount, currency)
    }

    /// A moment on a clock, to the second.
    #[must_use]
    pub fn second(self, zone: Tz, moment: DateTime<Utc>) -> String {
        moment.with_timezone(&zone).format(&format!("{}:%S", minute(self.0))).to_string()
    }
}

/// An amount with its currency.
pub(super) fn money(language: Language, amount: Amount, currency: Currency) -> String {
    format!("{} {}", written(language, &amount.decimal(currency)), currency.as_str())
}

/// The form of a moment, to the minute.
pub(super) fn minute(language: Language) -> &'static str {
    match language {
        Language::En => "%Y-%m-%d %H:%M",
        Language::De => "%d.%m.%Y %H:%M",
    }
}

/// A number, of what a program writes.
pub(super) fn written(language: Language, number: &str) -> String {
    match language {
        Language::En => number.to_owned(),
        Language::De => {
            let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
            let (whole, part) = digits.split_once('.').map_or((digits, None), |(whole, part)| (whole, Some(part)));
            let mut written = sign.to_owned();
            for (at, digit) in whole.chars().enumerate() {
                if at > 0 && (whole.len() - at).is_multiple_of(3) {
                    written.push('.');
                }
                written.push(digit);
            }
            part.into_iter().for_each(|part| written.extend([",", part]));
            written
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn german_numbers_have_a_comma_and_thousands_apart() {
        for (number, german) in [
            ("0", "0"),
            ("999", "999"),
            ("1000", "1.000"),
            ("-1234567.05", "-1.234.567,05"),
            ("-100", "-100"),
            ("12.345", "12,345"),
        ] {
            assert_eq!(written(Language::De, number), german);
            assert_eq!(written(Language::En, number), number);
        }
        assert_eq!(Words(Language::De).decimal(1_234.56, 1), "1.234,6");
        assert_eq!(Words(Language::En).decimal(1_234.56, 0), "1235");
    }

    #[test]
    fn money_and_moments_are_written_as_their_readers_do() {
        let euro = Currency::try_from("EUR".to_owned()).unwrap();
        let moment = DateTime::from_timestamp(1_795_344_127, 0).unwrap();
        let written = |language| {
            let words = Words(language);
            (words.money(Amount(123_405), euro), words.second(Tz::Europe__Berlin, moment))
        };
        assert_eq!(written(Language::En), ("1234.05 EUR".to_owned(), "2026-11-22 11:42:07".to_owned()));
        assert_eq!(written(Language::De), ("1.234,05 EUR".to_owned(), "22.11.2026 11:42:07".to_owned()));
    }

    #[test]
    fn counts_in_messages_are_written_so_and_what_is_text_is_left_alone() {
        let said = |language| {
            Words(language).say(
                "replay-ended",
                [
                    ("name", "Gala".into()),
                    ("slug", "gala-1".into()),
                    ("status", "-".into()),
                    ("events", 12_345.into()),
                    ("position", "54321".into()),
                    ("at", "-".into()),
                    ("zone", "UTC".into()),
                ],
            )
        };
        assert!(said(Language::En).contains("after 12345 events, at position 54321,"), "{}", said(Language::En));
        assert!(said(Language::De).contains("nach 12.345 Ereignissen, an Position 54321,"), "{}", said(Language::De));
    }
}
