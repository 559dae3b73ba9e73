//! ReleaseHold: give a hold's places back before it runs out.

use domain::{Show, ShowEvent, events::HoldReleased, ids::HoldId, show::HoldState};

use crate::{
    Context, Rejection,
    change_hold::{open_hold, returning},
};

/// Give a hold's places back.
#[derive(Debug, Clone, PartialEq)]
pub struct ReleaseHold {
    /// Which.
    pub hold: HoldId,
}

impl ReleaseHold {
    pub(crate) fn decide(&self, show: &Show, _: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        if matches!(show.hold(self.hold), Some(HoldState::Released)) {
            return Ok(Vec::new());
        }
        let hold = open_hold(show, self.hold)?;
        let items = hold.items.iter().map(|item| returning(show, item)).collect();
        Ok(vec![HoldReleased { hold: self.hold, items }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification::{SEATED, given, hold, hold_id, hold_seats};

    #[test]
    fn released_places_are_free_again_and_a_second_release_changes_nothing() {
        let given = given::published().and(hold_seats(SEATED, &["A-1-1"]));
        let release = ReleaseHold { hold: hold_id(given.history()) };
        let released = given.and(release.clone());
        released.clone().when(release).then([]);
        let again = released.when(hold(SEATED, 10)).state();
        assert_eq!(again.show().unwrap().ticket_type(SEATED).unwrap().held, 10);
    }
}
