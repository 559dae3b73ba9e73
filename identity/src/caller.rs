//! Who is asking, once the gate has looked at their credentials.
//!
//! A [`Caller`] says what its credentials prove and nothing else: whether a show is its organization's, or a link the
//! one that a path names, is for the handler that knows the show, by [`Caller::of_organization`] and
//! [`Caller::opens`].

use uuid::Uuid;

use crate::gate::GateError;
use crate::link_secret::Link;
use crate::permission::{Need, Role};

/// Where a sale or scan comes from, by its credentials; recorded with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// The public, on the show's page.
    Web,
    /// A person who sells.
    BoxOffice,
    /// A person or device that lets people in.
    Door,
    /// Another program, by its API key.
    Api,
}

/// By what staff proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Credential {
    /// The installation's admin token.
    AdminToken,
    /// The web app's session cookie: changes also need the CSRF token.
    Session,
}

/// A member, key or device, acting in one organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    /// Who it is in the log, an id and never a person's name: `admin`, `demo`.
    pub actor: String,
    /// Who it is on a screen.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The organization it acts in.
    pub organization: Uuid,
    /// The door's device, where it is one.
    pub device: Option<Uuid>,
    /// Where what it does comes from.
    pub channel: Channel,
    /// What it showed.
    pub credential: Credential,
}

/// Who is asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Somebody without credentials.
    Anonymous,
    /// Whoever has the secret of a hold or order.
    Link(Link),
    /// Staff of an organization.
    Staff(Staff),
}

impl Channel {
    /// As in the API and the log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::BoxOffice => "box_office",
            Self::Door => "door",
            Self::Api => "api",
        }
    }
}

impl Caller {
    /// Lets the caller pass where any one of `needs` is enough. With [`Need::LinkHolder`] every link passes: the
    /// handler then asks [`Self::opens`] for the one its path names.
    ///
    /// # Errors
    /// [`GateError::Unauthenticated`] without credentials, [`GateError::Forbidden`] with ones that may not.
    pub fn require(&self, needs: &[Need]) -> Result<(), GateError> {
        if needs.contains(&Need::Anybody) {
            return Ok(());
        }
        let (may, otherwise) = match self {
            Self::Anonymous => (false, GateError::Unauthenticated),
            Self::Link(_) => (needs.contains(&Need::LinkHolder), GateError::Forbidden),
            Self::Staff(staff) => (needs.iter().any(|need| need.allows(staff.role)), GateError::Forbidden),
        };
        if may { Ok(()) } else { Err(otherwise) }
    }

    /// Whether the caller has the secret of exactly this hold or order.
    #[must_use]
    pub fn opens(&self, link: Link) -> bool {
        *self == Self::Link(link)
    }

    /// The caller as staff of `organization`, or nothing: then it sees the public view of what is public.
    #[must_use]
    pub fn of_organization(&self, organization: Uuid) -> Option<&Staff> {
        self.staff().filter(|staff| staff.organization == organization)
    }

    /// The caller as staff, of whichever organization.
    #[must_use]
    pub fn staff(&self) -> Option<&Staff> {
        match self {
            Self::Staff(staff) => Some(staff),
            Self::Anonymous | Self::Link(_) => None,
        }
    }

    /// Where what it does comes from.
    #[must_use]
    pub fn channel(&self) -> Channel {
        self.staff().map_or(Channel::Web, |staff| staff.channel)
    }

    /// Who it is in the log: `anonymous`, `hold`, `order`, or the actor of staff. Never a secret.
    #[must_use]
    pub fn actor(&self) -> &str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Link(Link::Hold(_)) => "hold",
            Self::Link(Link::Order(_)) => "order",
            Self::Staff(staff) => &staff.actor,
        }
    }

    /// Whose idempotency keys these are: the `scope` of [`crate::CommandIds::of_request`]. Of callers without
    /// credentials it is the same for all, as the path holds the show; of a link, its hold or order.
    #[must_use]
    pub fn idempotency_scope(&self) -> String {
        match self {
            Self::Anonymous => "anonymous".to_owned(),
            Self::Link(Link::Hold(hold)) => format!("hold/{hold}"),
            Self::Link(Link::Order(order)) => format!("order/{order}"),
            Self::Staff(staff) => format!("staff/{}/{}", staff.organization, staff.actor),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seller() -> Caller {
        Caller::Staff(Staff {
            actor: "somebody".to_owned(),
            name: "Somebody".to_owned(),
            role: Role::Seller,
            organization: Uuid::from_u128(1),
            device: None,
            channel: Channel::BoxOffice,
            credential: Credential::AdminToken,
        })
    }

    #[test]
    fn without_credentials_it_is_unauthenticated_and_with_the_wrong_ones_forbidden() {
        let manager = [Need::Manager];
        assert!(matches!(Caller::Anonymous.require(&manager), Err(GateError::Unauthenticated)));
        assert!(matches!(seller().require(&manager), Err(GateError::Forbidden)));
        assert!(matches!(Caller::Link(Link::Hold(Uuid::nil())).require(&manager), Err(GateError::Forbidden)));
    }

    #[test]
    fn any_one_need_is_enough() {
        let order = [Need::LinkHolder, Need::Seller];
        assert!(seller().require(&order).is_ok());
        assert!(Caller::Link(Link::Hold(Uuid::nil())).require(&order).is_ok());
        assert!(Caller::Anonymous.require(&[Need::Anybody]).is_ok());
    }

    #[test]
    fn staff_of_another_organization_are_the_public() {
        assert!(seller().of_organization(Uuid::from_u128(1)).is_some());
        assert!(seller().of_organization(Uuid::from_u128(2)).is_none());
    }

    #[test]
    fn a_link_opens_only_what_it_names() {
        let caller = Caller::Link(Link::Order(Uuid::from_u128(1)));
        assert!(caller.opens(Link::Order(Uuid::from_u128(1))));
        assert!(!caller.opens(Link::Hold(Uuid::from_u128(1))));
        assert!(!seller().opens(Link::Order(Uuid::from_u128(1))));
    }
}
