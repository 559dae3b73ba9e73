//! What a decision on an organization may know beside the state.

use domain::{organization::Role, time::Time};

use crate::Rejection;

/// The circumstances of a command on an organization.
#[derive(Debug, Clone)]
pub struct OrganizationContext {
    /// The later of the clock and the stream's last time.
    pub now: Time,
    /// The role of the member or key that asks. None where it is nobody of the organization: the installation itself, or
    /// who follows an invitation or takes up a pairing.
    pub role: Option<Role>,
    /// Random bits, for an address that nobody else has.
    pub random: u32,
}

impl OrganizationContext {
    /// That an owner asks.
    pub(super) fn by_owner(&self) -> Result<(), Rejection> {
        match self.role {
            Some(Role::Owner) => Ok(()),
            _ => Err(Rejection::Forbidden("Only an owner may change who belongs to the organization.".to_owned())),
        }
    }

    /// That who asks may give a key this role.
    pub(super) fn may_give(&self, role: Role) -> Result<(), Rejection> {
        if self.role.is_some_and(|own| own.may_give(role)) {
            return Ok(());
        }
        Err(Rejection::Forbidden(format!("You may not give a key the role {}; ask an owner.", role.as_str())))
    }
}
