//! ReviseTicketType: change the terms of a ticket type. Prices change for what is bought from now on; a capacity never
//! falls below what is sold, and how many people a ticket admits is fixed once one is out.

use domain::{
    Show, ShowEvent,
    events::TicketTypeRevised,
    ids::{PoolId, TicketTypeId},
    place::SectionName,
    text::{Category, DoorName, Name},
    ticket_type::{Capacity, Channel, Entries, Persons, Prices, TicketTypeTerms},
};

use crate::{
    Change, Code, Context, Rejection,
    add_ticket_type::check_terms,
    nested_change::{TaxChange, WindowChange},
};

/// The most tickets of a type in a visitor's order, unless the seller says otherwise.
pub const MAX_PER_ORDER: u32 = 10;

/// Change the terms of a ticket type.
#[derive(Debug, Clone, PartialEq)]
pub struct ReviseTicketType {
    /// Which.
    pub ticket_type: TicketTypeId,
    /// What changes.
    pub changes: TermsChange,
}

/// What changes of a ticket type's terms.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "each field changes the one of its name in TicketTypeTerms")]
pub struct TermsChange {
    pub name: Option<Name>,
    pub prices: Option<Prices>,
    pub sections: Change<Vec<SectionName>>,
    pub categories: Change<Vec<Category>>,
    pub pools: Change<Vec<PoolId>>,
    pub capacity: Change<Capacity>,
    pub persons: Change<Persons>,
    pub max_per_order: Change<u32>,
    pub min_per_order: Change<u32>,
    pub sales: Change<WindowChange>,
    pub channels: Change<Vec<Channel>>,
    pub areas: Change<Vec<DoorName>>,
    pub entries: Change<Entries>,
    pub valid: Change<WindowChange>,
    pub tax: Change<TaxChange>,
}

impl TermsChange {
    fn apply(self, old: TicketTypeTerms, one: Persons) -> Result<TicketTypeTerms, Rejection> {
        Ok(TicketTypeTerms {
            name: self.name.unwrap_or(old.name),
            prices: self.prices.unwrap_or(old.prices),
            sections: self.sections.apply_optional(old.sections),
            categories: self.categories.apply_optional(old.categories),
            pools: self.pools.apply(old.pools, Vec::new()),
            capacity: self.capacity.apply_optional(old.capacity),
            persons: self.persons.apply(old.persons, one),
            max_per_order: self.max_per_order.apply(old.max_per_order, MAX_PER_ORDER),
            min_per_order: self.min_per_order.apply(old.min_per_order, 1),
            sales: self.sales.of_sales(old.sales),
            channels: self.channels.apply_optional(old.channels),
            areas: self.areas.apply_optional(old.areas),
            entries: self.entries.apply(old.entries, Entries::Times(1)),
            valid: self.valid.of_validity(old.valid),
            tax: self.tax.of(old.tax)?,
        })
    }
}

impl ReviseTicketType {
    pub(crate) fn decide(&self, show: &Show, _: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        let old = show.ticket_type(self.ticket_type).ok_or(Rejection::NotFound)?;
        crate::rejection::takes_place(show)?;
        let one = Persons::try_from(1).map_err(|e| Rejection::invalid("/persons", e.to_string()))?;
        let terms = self.changes.clone().apply(old.terms.clone(), one)?;
        check_terms(show, &terms)?;
        let taken = old.held + old.sold;
        if taken > 0 && terms.persons != old.terms.persons {
            let detail = "tickets of this type are out; add another type for another number of people";
            return Err(Rejection::invalid("/persons", detail));
        }
        if terms.capacity.is_some_and(|capacity| u32::from(capacity) < taken) {
            let detail = format!("{taken} tickets of this type are held or sold; set at least as many.");
            return Err(Rejection::rule_at(Code::BelowSold, "/capacity", detail));
        }
        self.check_new_pools(show, &terms, taken * u32::from(terms.persons))?;
        if terms == old.terms {
            return Ok(Vec::new());
        }
        Ok(vec![TicketTypeRevised { ticket_type: self.ticket_type, terms }.into()])
    }

    /// A pool that is added has to have room for the tickets that are out.
    fn check_new_pools(&self, show: &Show, terms: &TicketTypeTerms, persons: u32) -> Result<(), Rejection> {
        let old = show.ticket_type(self.ticket_type).map_or(&[][..], |old| &old.terms.pools);
        for (i, id) in terms.pools.iter().enumerate().filter(|(_, id)| !old.contains(id)) {
            if show.pools.get(id).is_some_and(|pool| pool.left() < persons) {
                let detail = format!("The pool has no room for the {persons} persons with tickets of this type.");
                return Err(Rejection::rule_at(Code::BelowSold, format!("/pools/{i}"), detail));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification::{SEATED, given};

    fn revise(changes: TermsChange) -> ReviseTicketType {
        ReviseTicketType { ticket_type: SEATED, changes }
    }

    #[test]
    fn capacity_never_falls_below_what_is_sold() {
        let zero = || TermsChange { capacity: Change::Set(Capacity::try_from(0).unwrap()), ..TermsChange::default() };
        given::sold_seat("A-1-1").when(revise(zero())).then_rejected(Code::BelowSold, &["/capacity"]);
        assert_eq!(given::published().when(revise(zero())).events().len(), 1);
    }

    #[test]
    fn a_new_price_changes_no_old_sale() {
        let prices = Some(Prices::Flat(9_900.try_into().unwrap()));
        let state = given::sold_seat("A-1-1").when(revise(TermsChange { prices, ..TermsChange::default() })).state();
        let show = state.show().unwrap();
        assert!(show.tickets().all(|ticket| ticket.price.0 == 2_500));
    }
}
