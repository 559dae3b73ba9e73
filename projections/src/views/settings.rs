//! What an organization has settled, as it is told to those who may change it.

use domain::{
    codes::CodeLength,
    language::Language,
    organization::{DoorDefaults, Retention, SalesLimits, Settings},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{TaxView, word};

/// An organization's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SettingsView {
    /// The readable part of its address.
    #[schema(example = "city-theatre")]
    pub slug: String,
    /// Its name.
    #[schema(example = "City Theatre")]
    pub name: String,
    /// The IANA time zone of new shows.
    #[schema(example = "Europe/Berlin")]
    pub timezone: String,
    /// The languages that it speaks to visitors (BCP 47), the first one unless they wish another.
    #[schema(example = json!(["de", "en"]))]
    pub languages: Vec<String>,
    /// The currency of new shows (ISO 4217).
    #[schema(example = "EUR")]
    pub currency: String,
    /// How long a hold lasts at new shows, in seconds.
    #[schema(example = 900)]
    pub hold_seconds: u32,
    /// How long an order waits for its payment at new shows, in seconds.
    #[schema(example = 86_400)]
    pub pay_within_seconds: u32,
    /// How many digits the short codes of new shows have; null: as few as leave nine codes in ten unused.
    #[schema(minimum = 3, maximum = 8)]
    pub code_length: Option<u8>,
    /// The tax of new ticket types; null: none.
    pub tax: Option<TaxView>,
    /// How long it keeps what it knows of people.
    pub retention: RetentionView,
    /// Whether everybody sees how many places are left, in numbers.
    pub public_numbers: bool,
    /// The rules of the door at new shows.
    pub door: DoorDefaultsView,
    /// What one address without credentials may have open at one show.
    pub limits: SalesLimitsView,
}

/// How long what is known of people is kept after the end of the show that it was given for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RetentionView {
    /// In days: names, addresses, and what was typed about people.
    #[schema(example = 180)]
    pub people_days: u32,
    /// In days: what was typed about money.
    #[schema(example = 3_650)]
    pub money_days: u32,
}

/// The rules of the door that a new show begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DoorDefaultsView {
    /// Whether people may come back: `never`, `after_exit` or `always`.
    #[schema(example = "after_exit")]
    pub reentry: String,
    /// Over what entries are counted: `show` or `day`.
    #[schema(example = "show")]
    pub per: String,
    /// How long before doors people are let in, in seconds.
    pub opens_before_seconds: u32,
    /// What a short code does at the door: `admit`, `confirm` or `off`.
    #[schema(example = "admit")]
    pub codes: String,
    /// How much of the holder's name the door sees: `none`, `initials` or `full`.
    #[schema(example = "initials")]
    pub holder: String,
}

/// What one address without credentials may have open at one show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SalesLimitsView {
    /// Open holds.
    #[schema(example = 200)]
    pub holds: u32,
    /// Places in open holds, in persons.
    #[schema(example = 400)]
    pub held_places: u32,
    /// Orders that await payment.
    #[schema(example = 200)]
    pub unpaid_orders: u32,
    /// Places in orders that await payment, in persons.
    #[schema(example = 400)]
    pub unpaid_places: u32,
}

/// An organization's settings, of its slug and of what it has settled.
#[must_use]
pub fn settings_view(slug: &str, settings: &Settings) -> SettingsView {
    let Settings { retention: Retention { people_days, money_days }, door, limits, .. } = *settings;
    let DoorDefaults { reentry, per, opens_before_seconds, codes, holder } = door;
    let SalesLimits { holds, held_places, unpaid_orders, unpaid_places } = limits;
    SettingsView {
        slug: slug.to_owned(),
        name: settings.name.to_string(),
        timezone: String::from(settings.timezone),
        languages: settings.languages.as_slice().iter().map(Language::as_str).map(str::to_owned).collect(),
        currency: settings.currency.as_str().to_owned(),
        hold_seconds: settings.hold_seconds,
        pay_within_seconds: settings.pay_within_seconds,
        code_length: settings.code_length.map(CodeLength::digits),
        tax: settings.tax.map(Into::into),
        retention: RetentionView { people_days, money_days },
        public_numbers: settings.public_numbers,
        door: DoorDefaultsView {
            reentry: word(&reentry),
            per: word(&per),
            opens_before_seconds,
            codes: word(&codes),
            holder: word(&holder),
        },
        limits: SalesLimitsView { holds, held_places, unpaid_orders, unpaid_places },
    }
}
