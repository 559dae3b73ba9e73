//! What of some holds is still kept from others: by the hold itself, or by its order while that awaits payment. Limits on
//! what one visitor may have open are judged by it.

use domain::{Show, events::OrderStatus, ids::HoldId, show::HoldState, time::Time};

/// A hold whose places nobody else can buy and nobody has paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// The hold.
    pub hold: HoldId,
    /// What keeps its places.
    pub state: KeptState,
    /// How many, counted in persons.
    pub places: u32,
}

/// What keeps a hold's places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptState {
    /// The hold itself.
    Open,
    /// Its order, which awaits payment.
    Unpaid,
}

/// Those of these holds that keep places at `now`, in the order asked for. What is past its end keeps none, also where its
/// end is not recorded yet.
pub(super) fn kept_holds(show: &Show, holds: &[HoldId], now: Time) -> Vec<Kept> {
    holds.iter().filter_map(|hold| kept(show, *hold, now)).collect()
}

fn kept(show: &Show, id: HoldId, now: Time) -> Option<Kept> {
    match show.hold(id)? {
        HoldState::Open(hold) if hold.expires_at > now => {
            let places = hold.items.iter().map(|item| item.persons).sum();
            Some(Kept { hold: id, state: KeptState::Open, places })
        }
        HoldState::Used(order) => {
            let order = show.order(*order)?;
            let awaits = order.status == OrderStatus::AwaitingPayment && order.expires_at.is_none_or(|end| end > now);
            let places = order.lines.iter().map(|line| line.persons).sum();
            awaits.then_some(Kept { hold: id, state: KeptState::Unpaid, places })
        }
        HoldState::Open(_) | HoldState::Expired | HoldState::Released => None,
    }
}

#[cfg(test)]
mod tests {
    use domain::events::Terms;

    use super::*;
    use crate::{
        place_order::PlaceOrder,
        record_payment::RecordPayment,
        release_hold::ReleaseHold,
        specification::{GROUP, Given, SEATED, at, given, hold, hold_id, order_id},
    };

    fn held() -> (Given, HoldId) {
        let given = given::published().and(hold(GROUP, 2));
        let hold = hold_id(given.history());
        (given, hold)
    }

    fn kept_at(given: &Given, hold: HoldId, seconds: i64) -> Option<(KeptState, u32)> {
        let kept = kept_holds(given.show(), &[hold], at(seconds));
        kept.first().map(|kept| (kept.state, kept.places))
    }

    #[test]
    fn a_hold_keeps_its_persons_until_it_ends() {
        let (given, hold) = held();
        assert_eq!(kept_at(&given, hold, 899), Some((KeptState::Open, 8)));
        assert_eq!(kept_at(&given, hold, 900), None);
        assert_eq!(kept_at(&given.and(ReleaseHold { hold }), hold, 0), None);
    }

    #[test]
    fn its_order_keeps_them_until_it_is_paid_or_ends() {
        let (given, hold) = held();
        let order = PlaceOrder { hold, customer: None, holders: Vec::new(), terms: Terms::PayFirst };
        let ordered = given.and(order);
        assert_eq!(kept_at(&ordered, hold, 86_399), Some((KeptState::Unpaid, 8)));
        assert_eq!(kept_at(&ordered, hold, 86_400), None);
        let payment = RecordPayment {
            order: order_id(ordered.history()),
            method: "cash".to_owned().try_into().unwrap(),
            amount: 6_000.try_into().unwrap(),
            reference: None,
        };
        assert_eq!(kept_at(&ordered.by_staff().and(payment), hold, 0), None);
    }

    #[test]
    fn what_is_unknown_keeps_nothing_and_the_rest_stays_in_order() {
        let (given, first) = held();
        let given = given.and(hold(SEATED, 1));
        let second = hold_id(given.history());
        let unknown = HoldId(uuid::Uuid::nil());
        let kept = kept_holds(given.show(), &[second, unknown, first], at(0));
        assert_eq!(kept.iter().map(|kept| kept.hold).collect::<Vec<_>>(), [second, first]);
    }
}
