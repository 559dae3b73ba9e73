//! HoldPlaces: keep places for somebody for a few minutes, at today's prices.

use chrono::TimeDelta;
use domain::{Show, ShowEvent, events::HoldPlaced};

use crate::{
    Context, Rejection,
    allocation::{ItemRequest, allocate},
};

/// Keep places for somebody.
#[derive(Debug, Clone, PartialEq)]
pub struct HoldPlaces {
    /// What they want.
    pub items: Vec<ItemRequest>,
}

impl HoldPlaces {
    pub(crate) fn decide(&self, show: &Show, context: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        let items = allocate(show, &self.items, &[], "/items", context)?;
        Ok(vec![
            HoldPlaced {
                hold: context.id(),
                total: items.iter().map(|item| item.price).sum(),
                items,
                expires_at: context.now + TimeDelta::seconds(i64::from(show.hold_seconds)),
                channel: context.channel,
            }
            .into(),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Code,
        specification::{CATEGORIES, SEATED, STANDING, given, hold, hold_seats, item, seats_of},
    };

    #[test]
    fn the_best_adjoining_seats_are_held_at_their_price() {
        let events = given::published().when(hold(SEATED, 2)).events();
        assert_eq!(seats_of(&events), ["A-1-5", "A-1-6"]);
        assert!(matches!(&events[..], [ShowEvent::HoldPlaced(event)] if event.total.0 == 5_000));
    }

    #[test]
    fn the_lowest_priced_category_that_has_enough_is_taken() {
        let events = given::published().when(hold(CATEGORIES, 2)).events();
        assert_eq!(seats_of(&events), ["A-2-5", "A-2-6"]);
    }

    #[test]
    fn a_held_seat_is_taken_for_everybody_else() {
        given::published()
            .and(hold_seats(SEATED, &["A-1-1"]))
            .when(hold_seats(SEATED, &["A-1-2", "A-1-1"]))
            .then_rejected(Code::SeatTaken, &["/items/0/seats/1"]);
    }

    #[test]
    fn what_there_is_not_and_what_the_type_does_not_sell_is_said() {
        given::published().when(hold_seats(SEATED, &["A-9-9"])).then_rejected(Code::UnknownSeat, &["/items/0/seats/0"]);
        given::published()
            .when(hold_seats(STANDING, &["A-1-1"]))
            .then_rejected(Code::SeatNotInTicketType, &["/items/0/seats/0"]);
        given::published().when(hold(uuid::Uuid::max().into(), 1)).then_invalid(&["/items/0/ticket_type"]);
    }

    #[test]
    fn two_items_of_one_hold_never_share_a_place() {
        let command = HoldPlaces { items: vec![item(SEATED, 2), item(SEATED, 2)] };
        let seats = seats_of(&given::published().when(command).events());
        assert_eq!(seats, ["A-1-5", "A-1-6", "A-1-3", "A-1-4"]);
    }

    #[test]
    fn visitors_are_bound_by_the_most_per_order_and_staff_are_not() {
        given::published().when(hold(SEATED, 11)).then_rejected(Code::LimitExceeded, &["/items/0"]);
        assert_eq!(given::published().by_staff().when(hold(SEATED, 11)).events().len(), 1);
    }

    #[test]
    fn it_is_sold_out_only_when_fewer_are_free_than_asked() {
        let full = given::published().by_staff().and(hold(STANDING, 48));
        assert_eq!(full.clone().when(hold(STANDING, 2)).events().len(), 1);
        full.when(hold(STANDING, 3)).then_rejected(Code::SoldOut, &["/items/0/quantity"]);
    }

    #[test]
    fn outside_its_window_only_staff_buy() {
        let late = given::published().at(2_000_000);
        late.clone().when(hold(SEATED, 1)).then_rejected(Code::NotOnSale, &["/items/0/ticket_type"]);
        assert_eq!(late.by_staff().when(hold(SEATED, 1)).events().len(), 1);
    }
}
