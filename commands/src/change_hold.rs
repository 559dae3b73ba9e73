//! ChangeHold: add places to a hold and take others out, all or nothing. Its end stays.

use domain::{
    Show, ShowEvent,
    events::{HoldChanged, HoldItem},
    ids::{HoldId, ItemId},
    show::{Hold, HoldState},
};

use crate::{
    Code, Context, Rejection,
    allocation::{ItemRequest, allocate},
};

/// Change what a hold keeps.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeHold {
    /// Which.
    pub hold: HoldId,
    /// What it shall keep as well.
    pub add: Vec<ItemRequest>,
    /// What it shall keep no longer.
    pub remove: Vec<ItemId>,
}

impl ChangeHold {
    pub(crate) fn decide(&self, show: &Show, context: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        let hold = open_hold(show, self.hold)?;
        let mut removed: Vec<HoldItem> = Vec::new();
        for (i, id) in self.remove.iter().enumerate() {
            let item = hold.items.iter().find(|item| item.id == *id);
            match item {
                Some(item) if !removed.iter().any(|other| other.id == *id) => removed.push(returning(show, item)),
                _ => return Err(Rejection::invalid(format!("/remove/{i}"), "is no item of this hold")),
            }
        }
        let kept: Vec<HoldItem> = hold.items.iter().filter(|item| !self.remove.contains(&item.id)).cloned().collect();
        let added = if self.add.is_empty() { Vec::new() } else { allocate(show, &self.add, &kept, "/add", context)? };
        if added.is_empty() && removed.is_empty() {
            return Ok(Vec::new());
        }
        if added.is_empty() && kept.is_empty() {
            return Err(Rejection::invalid("/remove", "would leave the hold empty; release it instead"));
        }
        let total = kept.iter().chain(&added).map(|item| item.price).sum();
        Ok(vec![HoldChanged { hold: self.hold, added, removed, total }.into()])
    }
}

/// The hold, if its places are still kept.
pub(crate) fn open_hold(show: &Show, id: HoldId) -> Result<&Hold, Rejection> {
    match show.hold(id) {
        Some(HoldState::Open(hold)) => Ok(hold),
        Some(HoldState::Used(_)) => {
            Err(Rejection::rule(Code::HoldUsed, "This hold became an order already.")
                .held_by([crate::HeldBy::Hold(id)]))
        }
        Some(HoldState::Expired | HoldState::Released) => {
            Err(Rejection::rule(Code::HoldExpired, "This hold is over; choose places anew.")
                .held_by([crate::HeldBy::Hold(id)]))
        }
        None => Err(Rejection::NotFound),
    }
}

/// The item as it is given back: to its block only if there still is one.
pub(crate) fn returning(show: &Show, item: &HoldItem) -> HoldItem {
    let block = item.block.filter(|block| show.blocks.get(block).is_some_and(|block| !block.released));
    HoldItem { block, ..item.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification::{SEATED, given, hold, hold_id, item, items_of};

    #[test]
    fn places_are_added_and_removed_at_once() {
        let given = given::published().and(hold(SEATED, 2));
        let id = hold_id(given.history());
        let first = items_of(given.history())[0].id;
        let change = ChangeHold { hold: id, add: vec![item(SEATED, 3)], remove: vec![first] };
        let state = given.when(change).state();
        let Some(HoldState::Open(hold)) = state.show().unwrap().hold(id) else { panic!() };
        assert_eq!(hold.items.len(), 4);
        assert_eq!(hold.total().0, 10_000);
        assert_eq!(state.show().unwrap().ticket_type(SEATED).unwrap().held, 4);
    }

    #[test]
    fn all_or_nothing() {
        let given = given::published().and(hold(SEATED, 2));
        let id = hold_id(given.history());
        let first = items_of(given.history())[0].id;
        let too_many = ChangeHold { hold: id, add: vec![item(SEATED, 9)], remove: vec![] };
        given.clone().when(too_many).then_rejected(Code::LimitExceeded, &["/add/0"]);
        let twice = ChangeHold { hold: id, add: vec![], remove: vec![first, first] };
        given.when(twice).then_invalid(&["/remove/1"]);
    }
}
