//! The settings of an organization: what its shows begin with, how long it keeps what it knows of people, and what
//! visitors may have open. A change is recorded as the whole, so that its history reads by itself.

use serde::{Deserialize, Serialize};

use crate::{
    codes::CodeLength,
    door::{Area, CodeRule, DoorRules, HolderRule, Per, Reentry, main_area},
    language::Languages,
    money::{Currency, Tax},
    text::Name,
    time::Zone,
};

/// What an organization has settled for itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Its name.
    pub name: Name,
    /// The zone of new shows, and of its own clock.
    pub timezone: Zone,
    /// The languages that it speaks to visitors, the first one unless they wish another.
    pub languages: Languages,
    /// The currency of new shows.
    pub currency: Currency,
    /// How long a hold lasts at new shows, in seconds.
    pub hold_seconds: u32,
    /// How long an order waits for its payment at new shows, in seconds.
    pub pay_within_seconds: u32,
    /// How many digits the short codes of new shows have; none: by the capacity.
    pub code_length: Option<CodeLength>,
    /// The tax of new ticket types.
    pub tax: Option<Tax>,
    /// How long it keeps what it knows of people.
    pub retention: Retention,
    /// Whether everybody sees how many places are left, in numbers.
    pub public_numbers: bool,
    /// The rules of the door at new shows.
    pub door: DoorDefaults,
    /// What one address without credentials may have open at one show.
    pub limits: SalesLimits,
}

impl Settings {
    /// What a new organization begins with.
    pub fn new(name: Name) -> Self {
        Self {
            name,
            timezone: Zone::UTC,
            languages: Languages::default(),
            currency: Currency::EUR,
            hold_seconds: 900,
            pay_within_seconds: 86_400,
            code_length: None,
            tax: None,
            retention: Retention::default(),
            public_numbers: false,
            door: DoorDefaults::default(),
            limits: SalesLimits::default(),
        }
    }
}

/// How long what is known of people is kept after the end of the show that it was given for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// In days: names, addresses, and what was typed about people.
    pub people_days: u32,
    /// In days: what was typed about money. Not less than `people_days`.
    pub money_days: u32,
}

impl Default for Retention {
    /// Half a year for complaints; ten years, as long as books are kept (in Germany by § 257 HGB, for example).
    fn default() -> Self {
        Self { people_days: 180, money_days: 3_650 }
    }
}

/// The rules of the door that a new show begins with: of one area, without gates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoorDefaults {
    /// Whether people may come back.
    pub reentry: Reentry,
    /// Over what entries are counted.
    pub per: Per,
    /// How long before doors people are let in, in seconds.
    pub opens_before_seconds: u32,
    /// What a short code does.
    pub codes: CodeRule,
    /// How much of the name the door sees.
    pub holder: HolderRule,
}

impl Default for DoorDefaults {
    /// What a show has that says nothing about its door.
    fn default() -> Self {
        Self {
            reentry: Reentry::AfterExit,
            per: Per::Show,
            opens_before_seconds: 0,
            codes: CodeRule::Admit,
            holder: HolderRule::Initials,
        }
    }
}

impl DoorDefaults {
    /// The rules that a new show has to be given; none where they are those of every show.
    pub fn rules(&self) -> Option<DoorRules> {
        let rules = DoorRules {
            areas: vec![Area { name: main_area(), limit: None, reentry: self.reentry, per: self.per }],
            gates: Vec::new(),
            opens_before_seconds: self.opens_before_seconds,
            codes: self.codes,
            holder: self.holder,
        };
        (rules != DoorRules::default()).then_some(rules)
    }
}

/// What one address without credentials may have open at one show, so that nobody empties a hall by holding it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SalesLimits {
    /// Open holds.
    pub holds: u32,
    /// Places in open holds, counted in persons.
    pub held_places: u32,
    /// Orders that await payment.
    pub unpaid_orders: u32,
    /// Places in orders that await payment, counted in persons.
    pub unpaid_places: u32,
}

impl Default for SalesLimits {
    /// Many visitors share an address (a school, a mobile network); a hall has more places than this.
    fn default() -> Self {
        Self { holds: 200, held_places: 400, unpaid_orders: 200, unpaid_places: 400 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_of_the_door_are_those_of_every_show() {
        assert_eq!(DoorDefaults::default().rules(), None);
        let strict = DoorDefaults { reentry: Reentry::Never, opens_before_seconds: 600, ..DoorDefaults::default() };
        let rules = strict.rules().unwrap();
        assert_eq!((rules.areas[0].reentry, rules.opens_before_seconds), (Reentry::Never, 600));
        assert_eq!(rules.areas[0].name, main_area());
    }
}
