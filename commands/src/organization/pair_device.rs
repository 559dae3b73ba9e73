//! PairDevice: take an offer up. Whoever knows its secret is the device that it was shown to.

use domain::{
    Organization, OrganizationEvent,
    events::DevicePaired,
    ids::{DeviceId, PairingId},
};

use super::OrganizationContext;
use crate::{Code, Rejection};

/// Take an offer up.
#[derive(Debug, Clone, PartialEq)]
pub struct PairDevice {
    /// Which.
    pub pairing: PairingId,
    /// The new device's id.
    pub device: DeviceId,
}

impl PairDevice {
    pub(super) fn decide(
        &self,
        organization: &Organization,
        context: &OrganizationContext,
    ) -> Result<Vec<OrganizationEvent>, Rejection> {
        let pairing = organization.pairing(self.pairing).ok_or(Rejection::NotFound)?;
        if pairing.device.is_some() {
            return Err(Rejection::rule(Code::PairingUsed, "A device was paired by this code; show a new one."));
        }
        if context.now >= pairing.expires_at {
            return Err(Rejection::rule(Code::PairingExpired, "The code is older than ten minutes; show a new one."));
        }
        let terms = pairing.terms.clone();
        Ok(vec![
            DevicePaired {
                pairing: self.pairing,
                device: self.device,
                name: terms.name,
                shows: terms.shows,
                gates: terms.gates,
                may_override: terms.may_override,
            }
            .into(),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization::specification::{device, given, offer, pair, pairing, show, text};

    #[test]
    fn a_device_gets_what_was_offered_once() {
        let offered = given::owned().and(offer(1)).by_nobody();
        let expected = DevicePaired {
            pairing: pairing(1),
            device: device(1),
            name: text(1),
            shows: vec![show(1)],
            gates: vec!["North".try_into().unwrap()],
            may_override: false,
        };
        offered.clone().when(pair(1)).then([expected.into()]);
        let other = PairDevice { device: device(2), ..pair(1) };
        offered.and(pair(1)).at(700).when(other).then_rejected(Code::PairingUsed);
    }

    #[test]
    fn an_offer_ends_after_ten_minutes() {
        let offered = given::owned().and(offer(1)).by_nobody();
        offered.clone().at(599).and(pair(1));
        offered.at(600).when(pair(1)).then_rejected(Code::PairingExpired);
    }

    #[test]
    fn there_is_no_offer_that_nobody_made() {
        given::owned().by_nobody().when(pair(9)).then_not_found();
    }
}
