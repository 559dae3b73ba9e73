//! How many tickets there are of each type, and how many people's places of each pool: held, ordered and sold.

use std::collections::HashMap;

use domain::{
    ids::{PoolId, TicketTypeId},
    ticket_type::{Entries, TicketTypeTerms},
};

use super::Wrong;
use crate::counted::counted;

struct OfType {
    name: String,
    pools: Vec<PoolId>,
    /// The most tickets; none: no limit.
    capacity: Option<i64>,
    entries: Entries,
    tickets: i64,
    persons: i64,
}

/// What is taken of a show's types and pools.
#[derive(Default)]
pub(super) struct Quotas {
    types: HashMap<TicketTypeId, OfType>,
    /// The most persons of each.
    pools: HashMap<PoolId, i64>,
}

impl Quotas {
    /// A pool has so many persons from now on.
    pub(super) fn pool(&mut self, pool: PoolId, persons: u32, wrong: &mut Wrong) {
        self.pools.insert(pool, persons.into());
        self.check_pool(pool, wrong);
    }

    /// A type has these terms from now on, for what was sold before as well.
    pub(super) fn terms(&mut self, ticket_type: TicketTypeId, terms: &TicketTypeTerms, wrong: &mut Wrong) {
        let (tickets, persons) = self.types.get(&ticket_type).map_or((0, 0), |old| (old.tickets, old.persons));
        let new = OfType {
            name: terms.name.to_string(),
            pools: terms.pools.clone(),
            capacity: terms.capacity.map(|capacity| u32::from(capacity).into()),
            entries: terms.entries,
            tickets,
            persons,
        };
        self.types.insert(ticket_type, new);
        self.check(ticket_type, wrong);
    }

    /// How often each person of such a ticket is admitted; none: as often as they like.
    pub(super) fn entries(&self, ticket_type: TicketTypeId) -> Option<u32> {
        self.types.get(&ticket_type).and_then(|of_type| of_type.entries.times())
    }

    /// How many tickets of a type are held, ordered or sold.
    pub(super) fn tickets(&self, ticket_type: TicketTypeId) -> i64 {
        self.types.get(&ticket_type).map_or(0, |of_type| of_type.tickets)
    }

    /// One more ticket.
    pub(super) fn add(&mut self, ticket_type: TicketTypeId, persons: u32, wrong: &mut Wrong) {
        match self.types.get_mut(&ticket_type) {
            Some(of_type) => {
                of_type.tickets += 1;
                of_type.persons += i64::from(persons);
                self.check(ticket_type, wrong);
            }
            None => wrong.push(format!("there is no ticket type {ticket_type}")),
        }
    }

    /// One ticket less.
    pub(super) fn remove(&mut self, ticket_type: TicketTypeId, persons: u32) {
        if let Some(of_type) = self.types.get_mut(&ticket_type) {
            of_type.tickets -= 1;
            of_type.persons -= i64::from(persons);
        }
    }

    fn check(&self, ticket_type: TicketTypeId, wrong: &mut Wrong) {
        let Some(of_type) = self.types.get(&ticket_type) else { return };
        if let Some(capacity) = of_type.capacity.filter(|capacity| of_type.tickets > *capacity) {
            let (one, several) = (
                format!("ticket of the type {} is", of_type.name),
                format!("tickets of the type {} are", of_type.name),
            );
            wrong.push(format!("{} taken, which has {capacity}", counted(of_type.tickets, &one, &several)));
        }
        for pool in &of_type.pools {
            self.check_pool(*pool, wrong);
        }
    }

    fn check_pool(&self, pool: PoolId, wrong: &mut Wrong) {
        let taken: i64 =
            self.types.values().filter(|of_type| of_type.pools.contains(&pool)).map(|of_type| of_type.persons).sum();
        match self.pools.get(&pool) {
            Some(capacity) if taken > *capacity => {
                let (one, several) =
                    (format!("person of the pool {pool} is"), format!("persons of the pool {pool} are"));
                wrong.push(format!("{} taken, which has {capacity}", counted(taken, &one, &several)));
            }
            None if taken > 0 => wrong.push(format!("there is no pool {pool}")),
            _ => {}
        }
    }
}
