//! AddTicketType: say what is sold, at which prices, where and when. Also the checks that its revision shares.

use domain::{
    FieldError, Show, ShowEvent,
    events::TicketTypeAdded,
    ticket_type::{Prices, TicketTypeTerms},
};

use crate::{Context, Rejection, schedule_show::check_window};

/// The most tickets of a type in an order that a seller may allow.
pub const PER_ORDER_MAX: u32 = 1_000;

/// An empty list is a mistake: it would be a ticket for nowhere, and is not the same as none.
pub(crate) const NONE_NAMED: &str = "name at least one, or null for all";

/// Say what is sold.
#[derive(Debug, Clone, PartialEq)]
pub struct AddTicketType {
    /// Everything about it.
    pub terms: TicketTypeTerms,
}

impl AddTicketType {
    pub(crate) fn decide(&self, show: &Show, context: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        crate::rejection::takes_place(show)?;
        check_terms(show, &self.terms)?;
        Ok(vec![TicketTypeAdded { ticket_type: context.id(), terms: self.terms.clone() }.into()])
    }
}

/// That terms name only what the show has, and can be met.
pub(crate) fn check_terms(show: &Show, terms: &TicketTypeTerms) -> Result<(), Rejection> {
    let mut errors = Vec::new();
    for (pointer, is_empty) in [
        ("/sections", terms.sections.as_ref().is_some_and(Vec::is_empty)),
        ("/categories", terms.categories.as_ref().is_some_and(Vec::is_empty)),
        ("/channels", terms.channels.as_ref().is_some_and(Vec::is_empty)),
        ("/areas", terms.areas.as_ref().is_some_and(Vec::is_empty)),
    ] {
        if is_empty {
            errors.push(FieldError::at(pointer, NONE_NAMED));
        }
    }
    check_sections(show, terms, &mut errors);
    check_categories(show, terms, &mut errors);
    for (i, pool) in terms.pools.iter().enumerate() {
        if !show.pools.contains_key(pool) {
            errors.push(FieldError::at(format!("/pools/{i}"), "is no pool of this show; add it first"));
        } else if terms.pools[..i].contains(pool) {
            errors.push(FieldError::at(format!("/pools/{i}"), "is named twice"));
        }
    }
    for (i, area) in terms.areas.iter().flatten().enumerate() {
        if show.door.area(area).is_none() {
            errors.push(FieldError::at(format!("/areas/{i}"), "is no area of this show's door; set the door first"));
        }
    }
    if !(1..=PER_ORDER_MAX).contains(&terms.max_per_order) {
        errors.push(FieldError::at("/max_per_order", format!("must be from 1 to {PER_ORDER_MAX}")));
    }
    if terms.min_per_order < 1 || terms.min_per_order > terms.max_per_order {
        errors.push(FieldError::at("/min_per_order", "must be from 1 to max_per_order"));
    }
    errors.extend(check_window("/sales", &terms.sales));
    if let (Some(from), Some(until)) = (terms.valid.from, terms.valid.until)
        && until <= from
    {
        errors.push(FieldError::at("/valid/until", "must be after valid.from"));
    }
    if errors.is_empty() { Ok(()) } else { Err(Rejection::Invalid(errors)) }
}

fn check_sections(show: &Show, terms: &TicketTypeTerms, errors: &mut Vec<FieldError>) {
    let group = u32::from(terms.persons) > 1;
    for (i, name) in terms.sections.iter().flatten().enumerate() {
        match show.places.section(name) {
            None => errors.push(FieldError::at(
                format!("/sections/{i}"),
                format!("the show has no section {name}; draw it in the seating first"),
            )),
            Some(section) if group && section.is_seated() => errors.push(FieldError::at(
                "/persons",
                format!("more than one person per ticket only in standing sections; {name} has seats"),
            )),
            Some(_) => {}
        }
    }
    let nowhere = terms.sections.is_none()
        && show.seating.is_some()
        && show.places.sections().iter().all(domain::show::SectionPlaces::is_seated);
    if group && nowhere {
        errors.push(FieldError::at(
            "/persons",
            "more than one person per ticket only in standing sections; there is none",
        ));
    }
}

fn check_categories(show: &Show, terms: &TicketTypeTerms, errors: &mut Vec<FieldError>) {
    let known = |category: &domain::text::Category| {
        show.places
            .sections()
            .iter()
            .any(|section| section.tallies.iter().any(|(of_section, _)| of_section.as_ref() == Some(category)))
    };
    let unknown = |category| format!("no seat of this show has the category {category}");
    for (i, category) in terms.categories.iter().flatten().enumerate() {
        if !known(category) {
            errors.push(FieldError::at(format!("/categories/{i}"), unknown(category)));
        }
    }
    let Prices::ByCategory(prices) = &terms.prices else { return };
    if prices.is_empty() {
        errors.push(FieldError::at("/prices", "name the price of at least one category"));
    }
    for (i, price) in prices.iter().enumerate() {
        let pointer = format!("/prices/{i}/category");
        if !known(&price.category) {
            errors.push(FieldError::at(pointer, unknown(&price.category)));
        } else if prices[..i].iter().any(|other| other.category == price.category) {
            errors.push(FieldError::at(pointer, "is priced twice"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification::{given, terms};
    use domain::ticket_type::{CategoryPrice, Persons};

    #[test]
    fn a_ticket_type_is_added() {
        let events = given::draft().when(AddTicketType { terms: terms(2_500) }).events();
        assert!(matches!(&events[..], [ShowEvent::TicketTypeAdded(event)] if event.terms == terms(2_500)));
    }

    #[test]
    fn an_empty_list_is_not_everything_and_not_nothing() {
        let mut bad = terms(2_500);
        bad.sections = Some(Vec::new());
        bad.categories = Some(Vec::new());
        bad.channels = Some(Vec::new());
        bad.areas = Some(Vec::new());
        let pointers = ["/sections", "/categories", "/channels", "/areas"];
        given::draft().when(AddTicketType { terms: bad }).then_invalid(&pointers);
    }

    #[test]
    fn it_names_only_what_the_show_has() {
        let mut bad = terms(2_500);
        bad.sections = Some(vec!["Nowhere".to_owned().try_into().unwrap()]);
        bad.prices = Prices::ByCategory(vec![CategoryPrice {
            category: "Platinum".try_into().unwrap(),
            price: 1.try_into().unwrap(),
        }]);
        bad.pools = vec![uuid::Uuid::nil().into()];
        bad.areas = Some(vec!["cellar".try_into().unwrap()]);
        bad.min_per_order = 11;
        given::draft().when(AddTicketType { terms: bad }).then_invalid(&[
            "/sections/0",
            "/prices/0/category",
            "/pools/0",
            "/areas/0",
            "/min_per_order",
        ]);
    }

    #[test]
    fn a_group_stands() {
        let mut group = terms(2_500);
        group.persons = Persons::try_from(4).unwrap();
        group.sections = Some(vec!["A".to_owned().try_into().unwrap()]);
        given::draft().when(AddTicketType { terms: group }).then_invalid(&["/persons"]);
    }
}
