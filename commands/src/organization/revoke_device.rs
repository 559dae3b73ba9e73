//! RevokeDevice: let a device in no longer.

use domain::{Organization, OrganizationEvent, events::DeviceRevoked, ids::DeviceId};

use super::OrganizationContext;
use crate::Rejection;

/// Let a device in no longer.
#[derive(Debug, Clone, PartialEq)]
pub struct RevokeDevice {
    /// Which.
    pub device: DeviceId,
}

impl RevokeDevice {
    pub(super) fn decide(
        &self,
        organization: &Organization,
        _: &OrganizationContext,
    ) -> Result<Vec<OrganizationEvent>, Rejection> {
        let device = organization.device(self.device).ok_or(Rejection::NotFound)?;
        Ok(if device.revoked { Vec::new() } else { vec![DeviceRevoked { device: self.device }.into()] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization::specification::{device, given, offer, pair};

    #[test]
    fn a_device_is_revoked_once() {
        let revoke = RevokeDevice { device: device(1) };
        let paired = given::owned().and(offer(1)).and(pair(1));
        paired.clone().when(revoke.clone()).then([DeviceRevoked { device: device(1) }.into()]);
        paired.and(revoke.clone()).when(revoke).then([]);
    }

    #[test]
    fn there_is_no_device_that_nobody_paired() {
        given::owned().when(RevokeDevice { device: device(9) }).then_not_found();
    }
}
