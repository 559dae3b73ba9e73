//! OfferPairing: let a device be paired for some shows, at some gates. The offer works once, for ten minutes: as long as it
//! takes to hold a phone before a screen.

use chrono::TimeDelta;
use domain::{
    Organization, OrganizationEvent,
    events::DevicePairingOffered,
    ids::{PairingId, ShowId, TextId},
    text::DoorName,
};

use super::{
    OrganizationContext,
    show_list::{check_shows, twice},
};
use crate::Rejection;

/// How long an offer may be taken, in seconds.
pub const PAIRING_SECONDS: i64 = 600;

/// Let a device be paired.
#[derive(Debug, Clone, PartialEq)]
pub struct OfferPairing {
    /// The offer's id.
    pub pairing: PairingId,
    /// What the device will be called, in the vault.
    pub name: TextId,
    /// At which shows, that the caller of this code knows to exist.
    pub shows: Vec<ShowId>,
    /// At which gates of them, likewise; empty: at all.
    pub gates: Vec<DoorName>,
    /// Whether it may admit against the rules.
    pub may_override: bool,
}

impl OfferPairing {
    pub(super) fn decide(
        &self,
        _: &Organization,
        context: &OrganizationContext,
    ) -> Result<Vec<OrganizationEvent>, Rejection> {
        let mut errors = check_shows(&self.shows);
        errors.extend(twice("/gates", &self.gates));
        if !errors.is_empty() {
            return Err(Rejection::Invalid(errors));
        }
        Ok(vec![
            DevicePairingOffered {
                pairing: self.pairing,
                name: self.name,
                shows: self.shows.clone(),
                gates: self.gates.clone(),
                may_override: self.may_override,
                expires_at: context.now + TimeDelta::seconds(PAIRING_SECONDS),
            }
            .into(),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization::specification::{at, given, offer, pairing, show, text};

    #[test]
    fn an_offer_is_open_for_ten_minutes() {
        let expected = DevicePairingOffered {
            pairing: pairing(1),
            name: text(1),
            shows: vec![show(1)],
            gates: vec!["North".try_into().unwrap()],
            may_override: false,
            expires_at: at(600),
        };
        given::owned().when(offer(1)).then([expected.into()]);
    }

    #[test]
    fn a_device_is_for_shows_that_are_named_once() {
        given::owned().when(OfferPairing { shows: Vec::new(), ..offer(1) }).then_invalid(&["/shows"]);
        let gates = vec!["North".try_into().unwrap(); 2];
        given::owned().when(OfferPairing { gates, ..offer(1) }).then_invalid(&["/gates/1"]);
    }
}
