//! People and typed text on their way to the vault.
//!
//! A handler turns whatever somebody typed about people or money into vault entries here and gives the command their
//! ids alone: nothing of it reaches an event. Entries are recorded together with the events that name them.

use domain::{
    ValueError,
    ids::{PersonId, ShowId, TextId},
    text::{PersonName, Reason, bends_a_line},
};
use event_store::{Ids, VaultEntry, VaultKind};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// The longest address that SMTP carries (RFC 5321, section 4.5.3.1.3, without the angle brackets).
const EMAIL_CHARACTERS_MAX: usize = 254;
/// Room for a number with its country, extension and spaces.
const PHONE_CHARACTERS_MAX: usize = 40;
/// The longest language tag that RFC 5646, section 4.4.1, asks everybody to take.
const LOCALE_CHARACTERS_MAX: usize = 35;

/// Somebody who buys.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CustomerBody {
    /// Their name.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "Ada Example")]
    name: PersonName,
    /// Where mail reaches them.
    #[schema(value_type = String, max_length = 254, example = "ada@example.org")]
    email: Email,
    /// Where a call reaches them.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 40)]
    phone: Option<Phone>,
    /// Their language, as a BCP 47 tag.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 35, example = "de-DE")]
    locale: Option<Locale>,
}

/// Somebody who will hold a ticket.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HolderBody {
    /// Their name.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "Grace Example")]
    name: PersonName,
}

/// Why something is done.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReasonBody {
    /// Kept in the vault, shown to staff.
    #[schema(value_type = String, min_length = 1, max_length = 1000, example = "Bought twice")]
    pub(super) reason: Reason,
}

/// Vault entries of one request.
pub(super) struct Typed<'ids> {
    ids: &'ids dyn Ids,
    show: ShowId,
    entries: Vec<VaultEntry>,
}

impl<'ids> Typed<'ids> {
    /// None so far.
    pub(super) fn new(ids: &'ids dyn Ids, show: ShowId) -> Self {
        Self { ids, show, entries: Vec::new() }
    }

    /// Keeps a customer.
    pub(super) fn customer(&mut self, body: CustomerBody) -> PersonId {
        let fields = json!({
            "name": body.name,
            "email": body.email.0,
            "phone": body.phone.map(|phone| phone.0),
            "locale": body.locale.map(|locale| locale.0),
        });
        PersonId(self.keep(VaultKind::Person, "customer", None, fields))
    }

    /// Keeps a holder.
    pub(super) fn holder(&mut self, body: &HolderBody) -> PersonId {
        let fields = json!({ "name": body.name, "email": null, "phone": null, "locale": null });
        PersonId(self.keep(VaultKind::Person, "holder", None, fields))
    }

    /// Keeps a text, which goes with the person it is about when they are erased.
    pub(super) fn text(&mut self, purpose: &str, text: impl Into<String>, about: Option<PersonId>) -> TextId {
        TextId(self.keep(VaultKind::Text, purpose, about, json!({ "text": text.into() })))
    }

    /// What the submission takes along.
    pub(super) fn into_entries(self) -> Vec<VaultEntry> {
        self.entries
    }

    fn keep(
        &mut self,
        kind: VaultKind,
        purpose: &str,
        person: Option<PersonId>,
        fields: serde_json::Value,
    ) -> uuid::Uuid {
        let id = self.ids.next();
        self.entries.push(VaultEntry {
            id,
            kind,
            person: person.map(|person| person.0),
            show: Some(self.show.0),
            purpose: purpose.to_owned(),
            fields,
        });
        id
    }
}

/// An address as far as it can be judged without sending: something, one `@`, something.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
struct Email(String);

impl TryFrom<String> for Email {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Self, ValueError> {
        let plain = !text.chars().any(|c| c.is_control() || c.is_whitespace() || bends_a_line(c));
        let parted =
            text.split_once('@').is_some_and(|(who, at)| !who.is_empty() && !at.is_empty() && !at.contains('@'));
        if plain && parted && text.chars().count() <= EMAIL_CHARACTERS_MAX {
            Ok(Self(text))
        } else {
            let detail = format!("is not an e-mail address of at most {EMAIL_CHARACTERS_MAX} characters");
            Err(ValueError(detail))
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
struct Phone(String);

impl TryFrom<String> for Phone {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Self, ValueError> {
        let length = text.chars().count();
        let digits = text.chars().any(|c| c.is_ascii_digit());
        if digits && length <= PHONE_CHARACTERS_MAX && !text.chars().any(|c| c.is_control() || bends_a_line(c)) {
            Ok(Self(text))
        } else {
            Err(ValueError(format!("is not a phone number of at most {PHONE_CHARACTERS_MAX} characters")))
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
struct Locale(String);

impl TryFrom<String> for Locale {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Self, ValueError> {
        let language = text.split('-').next().unwrap_or_default();
        let fits = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
        let good = language.len() >= 2
            && language.bytes().all(|b| b.is_ascii_alphabetic())
            && text.split('-').all(fits)
            && text.len() <= LOCALE_CHARACTERS_MAX;
        if good { Ok(Self(text)) } else { Err(ValueError("is not a language tag; write it as in de-DE".to_owned())) }
    }
}

#[cfg(test)]
mod tests {
    use event_store::SequentialIds;

    use super::*;

    fn customer(body: serde_json::Value) -> Result<CustomerBody, serde_json::Error> {
        serde_json::from_value(body)
    }

    #[test]
    fn a_customer_goes_to_the_vault_as_a_whole() {
        let ids = SequentialIds::new(0);
        let mut typed = Typed::new(&ids, ShowId(ids.next()));
        let body = customer(json!({ "name": "Ada", "email": "ada@example.org", "locale": "de-DE" })).unwrap();
        let ada = typed.customer(body);
        let why = typed.text("void_reason", "Ill", Some(ada));
        let entries = typed.into_entries();
        assert_eq!((entries[0].id, entries[0].kind), (ada.0, VaultKind::Person));
        let fields = json!({ "name": "Ada", "email": "ada@example.org", "phone": null, "locale": "de-DE" });
        assert_eq!(entries[0].fields, fields);
        assert_eq!((entries[1].id, entries[1].person, &*entries[1].purpose), (why.0, Some(ada.0), "void_reason"));
        assert_eq!(entries[1].fields, json!({ "text": "Ill" }));
    }

    #[test]
    fn what_is_no_address_number_or_language_is_refused() {
        for email in ["", "ada", "@example.org", "ada@", "a@b@c", "a da@example.org", "a\u{0}@b"] {
            assert!(Email::try_from(email.to_owned()).is_err(), "{email}");
        }
        assert!(Email::try_from(format!("{}@example.org", "a".repeat(250))).is_err());
        assert!(Phone::try_from("+49 361 1234-5".to_owned()).is_ok());
        assert!(Phone::try_from("1".repeat(41)).is_err());
        for locale in ["d", "de_DE", "de--DE", "123456789", ""] {
            assert!(Locale::try_from(locale.to_owned()).is_err(), "{locale}");
        }
        assert!(Locale::try_from("zh-Hant-TW".to_owned()).is_ok());
    }

    #[test]
    fn an_unknown_field_of_a_customer_is_an_error() {
        assert!(customer(json!({ "name": "A", "email": "a@b", "e_mail": "a@b" })).is_err());
    }
}
