//! Changes of values that have parts: as in RFC 7396, a part that is left out stays.

use domain::{
    events::Venue,
    money::{Tax, TaxRate},
    text::{Address, Name},
    ticket_type::{SalesWindow, Validity},
    time::Time,
};

use crate::{Change, Rejection};

/// What changes of a stretch of time that may be open on either side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WindowChange {
    /// Its first moment.
    pub from: Change<Time>,
    /// The first moment after it.
    pub until: Change<Time>,
}

impl WindowChange {
    /// The sales window with this change.
    pub fn of_sales(self, old: SalesWindow) -> SalesWindow {
        SalesWindow {
            opens_at: self.from.apply_optional(old.opens_at),
            closes_at: self.until.apply_optional(old.closes_at),
        }
    }

    /// The validity with this change.
    pub fn of_validity(self, old: Validity) -> Validity {
        Validity { from: self.from.apply_optional(old.from), until: self.until.apply_optional(old.until) }
    }
}

impl Change<WindowChange> {
    /// The sales window with this change; cleared, it is open on both sides.
    pub fn of_sales(self, old: SalesWindow) -> SalesWindow {
        match self {
            Self::Keep => old,
            Self::Clear => SalesWindow::default(),
            Self::Set(change) => change.of_sales(old),
        }
    }

    /// The validity with this change; cleared, it is open on both sides.
    pub fn of_validity(self, old: Validity) -> Validity {
        match self {
            Self::Keep => old,
            Self::Clear => Validity::default(),
            Self::Set(change) => change.of_validity(old),
        }
    }
}

/// What changes of a venue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field changes the one of its name in Venue")]
pub struct VenueChange {
    pub name: Option<Name>,
    pub address: Option<Address>,
    pub latitude_e7: Change<i32>,
    pub longitude_e7: Change<i32>,
}

impl VenueChange {
    /// The venue with this change.
    pub fn of(self, old: Venue) -> Venue {
        Venue {
            name: self.name.unwrap_or(old.name),
            address: self.address.unwrap_or(old.address),
            latitude_e7: self.latitude_e7.apply_optional(old.latitude_e7),
            longitude_e7: self.longitude_e7.apply_optional(old.longitude_e7),
        }
    }
}

/// What changes of a tax.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field changes the one of its name in Tax")]
pub struct TaxChange {
    pub rate_bps: Option<TaxRate>,
    pub included: Option<bool>,
}

impl Change<TaxChange> {
    /// The tax with this change; a new one needs both its parts.
    pub fn of(self, old: Option<Tax>) -> Result<Option<Tax>, Rejection> {
        let change = match self {
            Self::Keep => return Ok(old),
            Self::Clear => return Ok(None),
            Self::Set(change) => change,
        };
        let missing = |part: &str| Rejection::invalid(format!("/tax/{part}"), "is missing; there is no tax so far");
        let rate_bps = change.rate_bps.or(old.map(|tax| tax.rate_bps)).ok_or_else(|| missing("rate_bps"))?;
        let included = change.included.or(old.map(|tax| tax.included)).ok_or_else(|| missing("included"))?;
        Ok(Some(Tax { rate_bps, included }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification::at;

    #[test]
    fn a_part_that_is_left_out_stays() {
        let old = SalesWindow { opens_at: Some(at(1)), closes_at: Some(at(2)) };
        let change = Change::Set(WindowChange { from: Change::Clear, until: Change::Keep });
        assert_eq!(change.of_sales(old), SalesWindow { opens_at: None, closes_at: Some(at(2)) });
        assert_eq!(Change::<WindowChange>::Clear.of_sales(old), SalesWindow::default());
    }

    #[test]
    fn a_new_tax_needs_both_its_parts() {
        let rate = |bps: u32| TaxRate::try_from(bps).unwrap();
        let change = Change::Set(TaxChange { rate_bps: Some(rate(700)), included: None });
        assert!(matches!(change.clone().of(None), Err(Rejection::Invalid(_))));
        let old = Tax { rate_bps: rate(1_900), included: true };
        assert_eq!(change.of(Some(old)), Ok(Some(Tax { rate_bps: rate(700), included: true })));
    }
}
