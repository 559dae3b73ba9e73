//! ChangeSettings: change what the organization has settled. What is not changed stays, and nothing is recorded where
//! nothing does.

use domain::{
    FieldError, Organization, OrganizationEvent,
    codes::CodeLength,
    events::SettingsChanged,
    language::Languages,
    money::Currency,
    organization::{Retention, SalesLimits, Settings},
    text::Name,
    time::Zone,
};

use super::{
    OrganizationContext,
    settings_change::{DoorDefaultsChange, RetentionChange, SalesLimitsChange},
};
use crate::{
    Change, Rejection, nested_change::TaxChange, schedule_show::check_wait, set_door::OPENS_BEFORE_SECONDS_MAX,
};

/// The longest time that people are kept after their show, in days: ten years.
pub const PEOPLE_DAYS_MAX: u32 = 3_650;
/// The longest time that texts about money are kept after their show, in days: twenty years.
pub const MONEY_DAYS_MAX: u32 = 7_300;
/// The most that one address may have open of anything.
pub const LIMIT_MAX: u32 = 100_000;

/// Change the organization's settings; what is cleared goes back to what a new organization begins with.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "each field changes the one of its name in Settings")]
pub struct ChangeSettings {
    /// Cannot be cleared.
    pub name: Option<Name>,
    pub timezone: Change<Zone>,
    pub languages: Change<Languages>,
    pub currency: Change<Currency>,
    pub hold_seconds: Change<u32>,
    pub pay_within_seconds: Change<u32>,
    pub code_length: Change<CodeLength>,
    pub tax: Change<TaxChange>,
    pub retention: Change<RetentionChange>,
    pub public_numbers: Change<bool>,
    pub door: Change<DoorDefaultsChange>,
    pub limits: Change<SalesLimitsChange>,
}

impl ChangeSettings {
    pub(super) fn decide(
        &self,
        organization: &Organization,
        _: &OrganizationContext,
    ) -> Result<Vec<OrganizationEvent>, Rejection> {
        let old = &organization.settings;
        let settings = self.applied(old)?;
        let errors = errors_of(&settings);
        if !errors.is_empty() {
            return Err(Rejection::Invalid(errors));
        }
        let changed = changed(old, &settings);
        Ok(if changed.is_empty() { Vec::new() } else { vec![SettingsChanged { changed, settings }.into()] })
    }

    fn applied(&self, old: &Settings) -> Result<Settings, Rejection> {
        let change = self.clone();
        let old = old.clone();
        let default = Settings::new(old.name.clone());
        Ok(Settings {
            name: change.name.unwrap_or(old.name),
            timezone: change.timezone.apply(old.timezone, default.timezone),
            languages: change.languages.apply(old.languages, default.languages),
            currency: change.currency.apply(old.currency, default.currency),
            hold_seconds: change.hold_seconds.apply(old.hold_seconds, default.hold_seconds),
            pay_within_seconds: change.pay_within_seconds.apply(old.pay_within_seconds, default.pay_within_seconds),
            code_length: change.code_length.apply_optional(old.code_length),
            tax: change.tax.of(old.tax)?,
            retention: change.retention.of_parts(old.retention),
            public_numbers: change.public_numbers.apply(old.public_numbers, default.public_numbers),
            door: change.door.of_parts(old.door),
            limits: change.limits.of_parts(old.limits),
        })
    }
}

fn errors_of(settings: &Settings) -> Vec<FieldError> {
    let Retention { people_days, money_days } = settings.retention;
    let SalesLimits { holds, held_places, unpaid_orders, unpaid_places } = settings.limits;
    let within = |pointer: &str, value: u32, min: u32, max: u32| {
        (!(min..=max).contains(&value)).then(|| FieldError::at(pointer, format!("must be from {min} to {max}")))
    };
    let errors = [
        check_wait("/hold_seconds", settings.hold_seconds),
        check_wait("/pay_within_seconds", settings.pay_within_seconds),
        within("/retention/people_days", people_days, 1, PEOPLE_DAYS_MAX),
        // Of a stay of people that is too long itself, only that is said.
        within("/retention/money_days", money_days, people_days.min(PEOPLE_DAYS_MAX), MONEY_DAYS_MAX),
        within("/door/opens_before_seconds", settings.door.opens_before_seconds, 0, OPENS_BEFORE_SECONDS_MAX),
        within("/limits/holds", holds, 1, LIMIT_MAX),
        within("/limits/held_places", held_places, 1, LIMIT_MAX),
        within("/limits/unpaid_orders", unpaid_orders, 1, LIMIT_MAX),
        within("/limits/unpaid_places", unpaid_places, 1, LIMIT_MAX),
    ];
    errors.into_iter().flatten().collect()
}

/// The names of the settings that differ, in alphabetical order.
fn changed(old: &Settings, new: &Settings) -> Vec<String> {
    let differ = [
        ("code_length", old.code_length != new.code_length),
        ("currency", old.currency != new.currency),
        ("door", old.door != new.door),
        ("hold_seconds", old.hold_seconds != new.hold_seconds),
        ("languages", old.languages != new.languages),
        ("limits", old.limits != new.limits),
        ("name", old.name != new.name),
        ("pay_within_seconds", old.pay_within_seconds != new.pay_within_seconds),
        ("public_numbers", old.public_numbers != new.public_numbers),
        ("retention", old.retention != new.retention),
        ("tax", old.tax != new.tax),
        ("timezone", old.timezone != new.timezone),
    ];
    differ.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use domain::money::TaxRate;

    use super::*;
    use crate::organization::specification::given;

    fn everything() -> ChangeSettings {
        ChangeSettings {
            name: Some("Town Hall".try_into().unwrap()),
            timezone: Change::Set("Europe/Vienna".to_owned().try_into().unwrap()),
            languages: Change::Set(vec!["de".to_owned().try_into().unwrap()].try_into().unwrap()),
            currency: Change::Set("CHF".to_owned().try_into().unwrap()),
            hold_seconds: Change::Set(600),
            pay_within_seconds: Change::Set(3_600),
            code_length: Change::Set(5.try_into().unwrap()),
            tax: Change::Set(TaxChange { rate_bps: Some(TaxRate::try_from(700).unwrap()), included: Some(true) }),
            retention: Change::Set(RetentionChange { people_days: Change::Set(30), ..RetentionChange::default() }),
            public_numbers: Change::Set(true),
            door: Change::Set(DoorDefaultsChange {
                opens_before_seconds: Change::Set(600),
                ..DoorDefaultsChange::default()
            }),
            limits: Change::Set(SalesLimitsChange { holds: Change::Set(1), ..SalesLimitsChange::default() }),
        }
    }

    #[test]
    fn what_changed_is_named_and_the_whole_is_recorded() {
        let events = given::founded().when(everything()).events();
        let [OrganizationEvent::SettingsChanged(event)] = &events[..] else { panic!("{events:?}") };
        let serde_json::Value::Object(whole) = serde_json::to_value(&event.settings).unwrap() else { panic!() };
        let mut names: Vec<_> = whole.keys().cloned().collect();
        names.sort();
        assert_eq!(event.changed, names);
        assert_eq!((event.settings.retention.people_days, event.settings.retention.money_days), (30, 3_650));
    }

    #[test]
    fn the_same_again_changes_nothing_and_clearing_goes_back() {
        given::founded().and(everything()).when(everything()).then([]);
        given::founded().when(ChangeSettings::default()).then([]);
        let clear = ChangeSettings { hold_seconds: Change::Clear, tax: Change::Clear, ..ChangeSettings::default() };
        let events = given::founded().and(everything()).when(clear).events();
        let [OrganizationEvent::SettingsChanged(event)] = &events[..] else { panic!("{events:?}") };
        assert_eq!(event.changed, ["hold_seconds", "tax"]);
        assert_eq!((event.settings.hold_seconds, event.settings.tax), (900, None));
    }

    #[test]
    fn what_cannot_be_is_named_all_at_once() {
        let command = ChangeSettings {
            hold_seconds: Change::Set(0),
            pay_within_seconds: Change::Set(7_776_001),
            retention: Change::Set(RetentionChange { people_days: Change::Set(0), money_days: Change::Set(7_301) }),
            door: Change::Set(DoorDefaultsChange {
                opens_before_seconds: Change::Set(604_801),
                ..DoorDefaultsChange::default()
            }),
            limits: Change::Set(SalesLimitsChange {
                holds: Change::Set(0),
                unpaid_places: Change::Set(100_001),
                ..SalesLimitsChange::default()
            }),
            ..ChangeSettings::default()
        };
        given::founded().when(command).then_invalid(&[
            "/hold_seconds",
            "/pay_within_seconds",
            "/retention/people_days",
            "/retention/money_days",
            "/door/opens_before_seconds",
            "/limits/holds",
            "/limits/unpaid_places",
        ]);
    }

    #[test]
    fn texts_about_money_are_kept_as_long_as_people_at_least() {
        let retention = Change::Set(RetentionChange { people_days: Change::Set(100), money_days: Change::Set(99) });
        given::founded()
            .when(ChangeSettings { retention, ..ChangeSettings::default() })
            .then_invalid(&["/retention/money_days"]);
    }
}
