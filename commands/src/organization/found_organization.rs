//! FoundOrganization: begin an organization. It has no members yet; who founds it is added next.

use domain::{
    OrganizationEvent,
    events::OrganizationFounded,
    ids::OrganizationId,
    money::Currency,
    organization::Settings,
    text::{Name, Slug},
    time::Zone,
};

use super::OrganizationContext;

/// Begin an organization.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundOrganization {
    /// Its id, chosen by the caller of this code.
    pub organization: OrganizationId,
    /// Its name.
    pub name: Name,
    /// The readable part of its address, where it has one already; else one is made from the name.
    pub slug: Option<Slug>,
    /// The currency of its shows; by default EUR.
    pub currency: Option<Currency>,
    /// The zone of its shows; by default UTC.
    pub timezone: Option<Zone>,
}

impl FoundOrganization {
    pub(super) fn decide(&self, context: &OrganizationContext) -> Vec<OrganizationEvent> {
        let default = Settings::new(self.name.clone());
        let settings = Settings {
            currency: self.currency.unwrap_or(default.currency),
            timezone: self.timezone.unwrap_or(default.timezone),
            ..default
        };
        let slug = self.slug.clone().unwrap_or_else(|| Slug::of_organization(&self.name, context.random));
        let founded = OrganizationFounded { organization: self.organization, slug, name: self.name.clone(), settings };
        vec![founded.into()]
    }
}

#[cfg(test)]
mod tests {
    use domain::OrganizationState;

    use super::*;
    use crate::organization::{
        OrganizationCommand,
        specification::{context, found_organization, given},
    };

    #[test]
    fn an_organization_begins_with_the_defaults_and_an_address_of_its_name() {
        let command =
            FoundOrganization { currency: Some("CHF".to_owned().try_into().unwrap()), ..found_organization() };
        let [OrganizationEvent::OrganizationFounded(event)] = &command.decide(&context())[..] else { panic!() };
        assert!(event.slug.as_str().starts_with("city-theatre-"), "{:?}", event.slug);
        let expected = Settings { currency: event.settings.currency, ..Settings::new(command.name.clone()) };
        assert_eq!((event.settings.currency.as_str(), &event.settings), ("CHF", &expected));
    }

    #[test]
    fn an_organization_is_founded_once() {
        given::founded().when(found_organization()).then([]);
    }

    #[test]
    fn nothing_can_be_asked_before() {
        let command = OrganizationCommand::from(crate::organization::change_settings::ChangeSettings::default());
        assert_eq!(command.decide(&OrganizationState::NotFounded, &context()), Err(crate::Rejection::NotFound));
    }
}
