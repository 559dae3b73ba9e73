//! EndTextRetention: forget what an organization typed about itself and nobody needs any more: names of keys and devices that
//! ended long ago, reasons of erasures.
//!
//! As with shows, forgetting again is recorded again, and whoever asks has looked whether anything is left.

use domain::{Organization, OrganizationEvent, events::TextRetentionEnded, time::Time};

use super::OrganizationContext;
use crate::Rejection;

/// Forget names and reasons.
#[derive(Debug, Clone, PartialEq)]
pub struct EndTextRetention {
    /// Names of what ended at this time or before; none: they stay.
    pub names_ended_by: Option<Time>,
    /// Reasons that were typed at this time or before; none: they stay.
    pub reasons_typed_by: Option<Time>,
}

impl EndTextRetention {
    pub(super) fn decide(
        &self,
        _: &Organization,
        _: &OrganizationContext,
    ) -> Result<Vec<OrganizationEvent>, Rejection> {
        let Self { names_ended_by, reasons_typed_by } = *self;
        if names_ended_by.is_none() && reasons_typed_by.is_none() {
            return Ok(Vec::new());
        }
        Ok(vec![TextRetentionEnded { names_ended_by, reasons_typed_by }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization::specification::given;

    fn at(seconds: i64) -> Time {
        Time::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn names_and_reasons_go_as_often_as_their_time_comes_and_nothing_is_said_of_nothing() {
        let end = |names, reasons| EndTextRetention { names_ended_by: names, reasons_typed_by: reasons };
        let ended = |names, reasons| TextRetentionEnded { names_ended_by: names, reasons_typed_by: reasons }.into();
        let gone = given::owned().by_nobody().and(end(Some(at(1)), None));
        gone.clone().when(end(Some(at(1)), None)).then([ended(Some(at(1)), None)]);
        gone.clone().when(end(None, Some(at(2)))).then([ended(None, Some(at(2)))]);
        gone.when(end(None, None)).then([]);
    }
}
