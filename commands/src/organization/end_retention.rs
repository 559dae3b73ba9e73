//! EndRetention: forget the people of a show whose time has come: first all but what was typed about money, then that.
//!
//! Forgetting again is recorded again: something may have been typed since, and goes as well. Whoever asks has looked
//! whether anything is left.

use domain::{
    Organization, OrganizationEvent,
    events::{KeptData, RetentionEnded},
    ids::ShowId,
};

use super::OrganizationContext;
use crate::Rejection;

/// Forget the people of a show.
#[derive(Debug, Clone, PartialEq)]
pub struct EndRetention {
    /// The show.
    pub show: ShowId,
    /// What is left.
    pub kept: KeptData,
}

impl EndRetention {
    pub(super) fn decide(
        &self,
        _: &Organization,
        _: &OrganizationContext,
    ) -> Result<Vec<OrganizationEvent>, Rejection> {
        Ok(vec![RetentionEnded { show: self.show, kept: self.kept }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization::specification::{given, show};

    #[test]
    fn people_go_first_then_money_and_what_came_later_goes_as_well() {
        let end = |kept| EndRetention { show: show(1), kept };
        let ended = |kept| RetentionEnded { show: show(1), kept }.into();
        let people_gone = given::owned().by_nobody().and(end(KeptData::Money));
        people_gone.clone().when(end(KeptData::Money)).then([ended(KeptData::Money)]);
        people_gone.when(end(KeptData::Nothing)).then([ended(KeptData::Nothing)]);
    }
}
