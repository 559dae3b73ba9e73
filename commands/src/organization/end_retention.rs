//! EndRetention: forget the people of a show whose time has come: first all but what was typed about money, then that.

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
        organization: &Organization,
        _: &OrganizationContext,
    ) -> Result<Vec<OrganizationEvent>, Rejection> {
        let done = match organization.kept(self.show) {
            None => false,
            Some(KeptData::Money) => self.kept == KeptData::Money,
            Some(KeptData::Nothing) => true,
        };
        Ok(if done { Vec::new() } else { vec![RetentionEnded { show: self.show, kept: self.kept }.into()] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization::specification::{given, show};

    #[test]
    fn people_go_first_then_money_and_nothing_goes_twice() {
        let end = |kept| EndRetention { show: show(1), kept };
        let people_gone = given::owned().by_nobody().and(end(KeptData::Money));
        people_gone.clone().when(end(KeptData::Money)).then([]);
        let all_gone = people_gone.and(end(KeptData::Nothing));
        for kept in [KeptData::Money, KeptData::Nothing] {
            all_gone.clone().when(end(kept)).then([]);
        }
        let both = given::owned().by_nobody().when(end(KeptData::Nothing));
        both.then([RetentionEnded { show: show(1), kept: KeptData::Nothing }.into()]);
    }
}
