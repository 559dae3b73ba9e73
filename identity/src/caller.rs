//! Who is asking, once the gate has looked at their credentials.
//!
//! A [`Caller`] says what its credentials prove and nothing else: whether a show is its organization's and within its
//! reach, or a link the one that a path names, is for the handler that knows the show, by [`Caller::of_show`] and
//! [`Caller::opens`].

use uuid::Uuid;

use domain::organization::Role;

use crate::gate::GateError;
use crate::link_secret::Link;
use crate::permission::Need;

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
    Session {
        /// The session's id.
        session: Uuid,
        /// Whose session it is.
        account: Uuid,
        /// As whom it acts in the organization.
        member: Uuid,
    },
    /// A program's key.
    ApiKey(Uuid),
    /// A door device's token.
    Device(Uuid),
}

/// A door's device, and to what it is bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundDevice {
    /// Its id, in the metadata of events.
    pub id: Uuid,
    /// The gates at which it stands; empty: none in particular.
    pub gates: Vec<String>,
    /// Whether it may admit against the rules.
    pub may_override: bool,
}

/// A member, key or device, acting in one organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    /// Who it is in the log, an id and never a person's name: `admin`, `member:0199…`, `key:…`, `device:…`.
    pub actor: String,
    /// Who it is on a screen; of keys and devices nothing, their names are in the vault.
    pub name: Option<String>,
    /// The address that it signs in with, where it does.
    pub email: Option<String>,
    /// What it may do.
    pub role: Role,
    /// Whether it also owns the installation.
    pub installation_owner: bool,
    /// The organization it acts in.
    pub organization: Uuid,
    /// The shows that it is bound to; none: all of the organization.
    pub shows: Option<Vec<Uuid>>,
    /// The door's device, where it is one.
    pub device: Option<BoundDevice>,
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
            Self::Staff(staff) => (needs.iter().any(|need| staff.meets(*need)), GateError::Forbidden),
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

    /// The caller as staff of `organization` whom its credentials let reach `show`, or nothing.
    #[must_use]
    pub fn of_show(&self, organization: Uuid, show: Uuid) -> Option<&Staff> {
        self.of_organization(organization).filter(|staff| staff.reaches(show))
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

impl Staff {
    /// Whether its credentials are not bound to other shows than this one.
    #[must_use]
    pub fn reaches(&self, show: Uuid) -> bool {
        self.shows.as_ref().is_none_or(|shows| shows.contains(&show))
    }

    /// Whether one thing that is needed is there.
    #[must_use]
    pub fn meets(&self, need: Need) -> bool {
        need.allows(self.role) || (need == Need::InstallationOwner && self.installation_owner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seller() -> Caller {
        Caller::Staff(Staff {
            actor: "somebody".to_owned(),
            name: None,
            email: None,
            role: Role::Seller,
            installation_owner: false,
            organization: Uuid::from_u128(1),
            shows: Some(vec![Uuid::from_u128(7)]),
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
    fn a_bound_credential_reaches_its_own_shows_alone() {
        let (ours, theirs) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert!(seller().of_show(ours, Uuid::from_u128(7)).is_some());
        assert!(seller().of_show(ours, Uuid::from_u128(8)).is_none());
        assert!(seller().of_show(theirs, Uuid::from_u128(7)).is_none());
    }

    #[test]
    fn no_role_owns_the_installation() {
        let Caller::Staff(staff) = seller() else { panic!() };
        let owner = Staff { role: Role::Owner, ..staff };
        assert!(!owner.meets(Need::InstallationOwner));
        assert!(Staff { installation_owner: true, ..owner }.meets(Need::InstallationOwner));
    }

    #[test]
    fn a_link_opens_only_what_it_names() {
        let caller = Caller::Link(Link::Order(Uuid::from_u128(1)));
        assert!(caller.opens(Link::Order(Uuid::from_u128(1))));
        assert!(!caller.opens(Link::Hold(Uuid::from_u128(1))));
        assert!(!seller().opens(Link::Order(Uuid::from_u128(1))));
    }
}
