//! Changes of settings that have parts: as in RFC 7396, a part that is left out stays, one that is cleared is back at
//! its default.

use domain::{
    door::{CodeRule, HolderRule, Per, Reentry},
    organization::{DoorDefaults, Retention, SalesLimits},
};

use crate::Change;

/// A change of a value that has parts.
pub trait PartsChange {
    /// What has the parts.
    type Whole: Default;

    /// The value with this change.
    fn of(self, old: Self::Whole) -> Self::Whole;
}

impl<C: PartsChange> Change<C> {
    /// The value with this change; cleared, it is the default as a whole.
    pub fn of_parts(self, old: C::Whole) -> C::Whole {
        match self {
            Self::Keep => old,
            Self::Clear => C::Whole::default(),
            Self::Set(change) => change.of(old),
        }
    }
}

/// What changes of the retention.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field changes the one of its name in Retention")]
pub struct RetentionChange {
    pub people_days: Change<u32>,
    pub money_days: Change<u32>,
}

impl PartsChange for RetentionChange {
    type Whole = Retention;

    fn of(self, old: Retention) -> Retention {
        let default = Retention::default();
        Retention {
            people_days: self.people_days.apply(old.people_days, default.people_days),
            money_days: self.money_days.apply(old.money_days, default.money_days),
        }
    }
}

/// What changes of the door of new shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field changes the one of its name in DoorDefaults")]
pub struct DoorDefaultsChange {
    pub reentry: Change<Reentry>,
    pub per: Change<Per>,
    pub opens_before_seconds: Change<u32>,
    pub codes: Change<CodeRule>,
    pub holder: Change<HolderRule>,
}

impl PartsChange for DoorDefaultsChange {
    type Whole = DoorDefaults;

    fn of(self, old: DoorDefaults) -> DoorDefaults {
        let default = DoorDefaults::default();
        DoorDefaults {
            reentry: self.reentry.apply(old.reentry, default.reentry),
            per: self.per.apply(old.per, default.per),
            opens_before_seconds: self
                .opens_before_seconds
                .apply(old.opens_before_seconds, default.opens_before_seconds),
            codes: self.codes.apply(old.codes, default.codes),
            holder: self.holder.apply(old.holder, default.holder),
        }
    }
}

/// What changes of what one address may have open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field changes the one of its name in SalesLimits")]
pub struct SalesLimitsChange {
    pub holds: Change<u32>,
    pub held_places: Change<u32>,
    pub unpaid_orders: Change<u32>,
    pub unpaid_places: Change<u32>,
}

impl PartsChange for SalesLimitsChange {
    type Whole = SalesLimits;

    fn of(self, old: SalesLimits) -> SalesLimits {
        let default = SalesLimits::default();
        SalesLimits {
            holds: self.holds.apply(old.holds, default.holds),
            held_places: self.held_places.apply(old.held_places, default.held_places),
            unpaid_orders: self.unpaid_orders.apply(old.unpaid_orders, default.unpaid_orders),
            unpaid_places: self.unpaid_places.apply(old.unpaid_places, default.unpaid_places),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_stays_is_set_or_goes_back_to_its_default() {
        let old = Retention { people_days: 30, money_days: 400 };
        let change = RetentionChange { people_days: Change::Clear, money_days: Change::Keep };
        assert_eq!(Change::Set(change).of_parts(old), Retention { people_days: 180, money_days: 400 });
        assert_eq!(Change::<RetentionChange>::Clear.of_parts(old), Retention::default());
        assert_eq!(Change::<RetentionChange>::Keep.of_parts(old), old);
    }
}
