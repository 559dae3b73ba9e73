//! AddPool: add a quota that tickets of several types take from.

use domain::{Show, ShowEvent, events::PoolAdded, text::Name, ticket_type::Capacity};

use crate::{Context, Rejection};

/// Add a shared quota.
#[derive(Debug, Clone, PartialEq)]
pub struct AddPool {
    /// What sellers call it.
    pub name: Name,
    /// The most persons.
    pub capacity: Capacity,
}

impl AddPool {
    pub(crate) fn decide(&self, show: &Show, context: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        crate::rejection::takes_place(show)?;
        Ok(vec![PoolAdded { pool: context.id(), name: self.name.clone(), capacity: self.capacity }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification::given;

    #[test]
    fn a_pool_is_added() {
        let name = Name::try_from("Friday").unwrap();
        let capacity = Capacity::try_from(100).unwrap();
        let events = given::draft().when(AddPool { name, capacity }).events();
        assert!(matches!(&events[..], [ShowEvent::PoolAdded(event)] if event.capacity == capacity));
    }
}
