//! ExtendHold: keep a hold's places longer, once: for those who need more time than a countdown gives.

use chrono::TimeDelta;
use domain::{Show, ShowEvent, events::HoldExtended, ids::HoldId};

use crate::{Code, Context, Rejection, change_hold::open_hold};

/// Keep a hold's places longer.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtendHold {
    /// Which.
    pub hold: HoldId,
}

impl ExtendHold {
    pub(crate) fn decide(&self, show: &Show, context: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        let hold = open_hold(show, self.hold)?;
        if hold.extended {
            return Err(Rejection::rule(Code::LimitExceeded, "A hold is extended once; order now, or choose anew."));
        }
        let expires_at = context.now + TimeDelta::seconds(i64::from(show.hold_seconds));
        Ok(vec![HoldExtended { hold: self.hold, expires_at: expires_at.max(hold.expires_at) }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification::{SEATED, at, given, hold, hold_id};

    #[test]
    fn a_hold_is_extended_once_from_now() {
        let given = given::published().and(hold(SEATED, 1)).at(600);
        let extend = ExtendHold { hold: hold_id(given.history()) };
        let events = given.clone().when(extend.clone()).events();
        assert!(matches!(&events[..], [ShowEvent::HoldExtended(event)] if event.expires_at == at(1_500)));
        given.and(extend.clone()).when(extend).then_rejected(Code::LimitExceeded, &[]);
    }

    #[test]
    fn a_lapsed_hold_stays_lapsed() {
        let given = given::published().and(hold(SEATED, 1));
        let extend = ExtendHold { hold: hold_id(given.history()) };
        given.at(901).ended().when(extend).then_rejected(Code::HoldExpired, &[]);
    }
}
