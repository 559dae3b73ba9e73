//! RevisePool: rename a quota, or change it. It never falls below what was taken of it.

use domain::{Show, ShowEvent, events::PoolRevised, ids::PoolId, text::Name, ticket_type::Capacity};

use crate::{Code, Context, Rejection};

/// Change a shared quota.
#[derive(Debug, Clone, PartialEq)]
pub struct RevisePool {
    /// Which.
    pub pool: PoolId,
    /// Its new name.
    pub name: Option<Name>,
    /// The most persons.
    pub capacity: Option<Capacity>,
}

impl RevisePool {
    pub(crate) fn decide(&self, show: &Show, _: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        let pool = show.pools.get(&self.pool).ok_or(Rejection::NotFound)?;
        crate::rejection::takes_place(show)?;
        let name = self.name.clone().unwrap_or_else(|| pool.name.clone());
        let capacity = self.capacity.unwrap_or(pool.capacity);
        let taken = pool.held + pool.sold;
        if u32::from(capacity) < taken {
            let detail = format!("{taken} persons hold or have tickets of this pool; set at least as many.");
            return Err(Rejection::rule_at(Code::BelowSold, "/capacity", detail));
        }
        if name == pool.name && capacity == pool.capacity {
            return Ok(Vec::new());
        }
        Ok(vec![PoolRevised { pool: self.pool, name, capacity }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification::{POOL, given};

    #[test]
    fn a_pool_never_falls_below_what_was_taken() {
        let revise = |n| RevisePool { pool: POOL, name: None, capacity: Some(Capacity::try_from(n).unwrap()) };
        given::sold_from_pool(3).when(revise(2)).then_rejected(Code::BelowSold, &["/capacity"]);
        assert_eq!(given::sold_from_pool(3).when(revise(3)).events().len(), 1);
    }
}
