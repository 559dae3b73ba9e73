//! What is past its end is ended: holds run out, orders that were not paid in time expire. Asked by nobody: the desk
//! does it before whatever it decides, so that the log shows no step that oversold.

use domain::{
    Show, ShowEvent,
    events::{HoldExpired, OrderExpired},
    show::{End, HoldState},
    time::Time,
};

use crate::{cancel_order::returning_line, change_hold::returning};

/// The ends of everything that is due at `now`, the earliest first.
pub fn end_due(show: &Show, now: Time) -> Vec<ShowEvent> {
    show.due_ends(now)
        .filter_map(|end| match end {
            End::Hold(id) => match show.hold(id) {
                Some(HoldState::Open(hold)) => {
                    let items = hold.items.iter().map(|item| returning(show, item)).collect();
                    Some(HoldExpired { hold: id, items }.into())
                }
                _ => None,
            },
            End::Order(id) => {
                let lines = show.order(id)?.lines.iter().map(|line| returning_line(show, line)).collect();
                Some(OrderExpired { order: id, lines }.into())
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification::{SEATED, at, given, hold_seats};

    #[test]
    fn a_hold_ends_at_its_end_and_not_before() {
        let held = given::published().and(hold_seats(SEATED, &["A-1-1"]));
        let show = held.show();
        assert!(end_due(show, at(899)).is_empty());
        let ends = end_due(show, at(900));
        assert!(matches!(&ends[..], [ShowEvent::HoldExpired(event)] if event.items.len() == 1));
    }

    #[test]
    fn an_unpaid_order_frees_its_places_in_the_end() {
        let ended = given::ordered(3).at(90_000).ended();
        let show = ended.show();
        assert_eq!(show.places.taken_seats().count(), 0);
        assert_eq!(show.ticket_type(SEATED).unwrap().held, 0);
    }
}
