//! MoveTicket: give a ticket another seat of the same price. Code and token stay.

use domain::{
    Show, ShowEvent,
    events::TicketMoved,
    ids::TicketId,
    place::{Place, SeatAddress},
    show::Claim,
};

use crate::{Code, Context, HeldBy, Rejection, reissue_ticket::valid_ticket};

/// Give a ticket another seat.
#[derive(Debug, Clone, PartialEq)]
pub struct MoveTicket {
    /// Which.
    pub ticket: TicketId,
    /// Where to.
    pub seat: SeatAddress,
}

impl MoveTicket {
    pub(crate) fn decide(&self, show: &Show, _: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        let ticket = valid_ticket(show, self.ticket)?;
        crate::rejection::takes_place(show)?;
        let no = |code, detail: String| Err(Rejection::rule_at(code, "/seat", detail));
        let held = |code, detail: String, claim: &Claim| {
            Err(Rejection::rule_at(code, "/seat", detail).held_by(HeldBy::of(claim)))
        };
        let Some((section, seat)) = show.places.seat(&self.seat) else {
            return no(Code::UnknownSeat, format!("There is no seat {}.", self.seat));
        };
        let Some(from) = ticket.places.first().filter(|place| place.seat.is_some()) else {
            return no(
                Code::SeatNotInTicketType,
                "The ticket is for standing; it has no seat to move from.".to_owned(),
            );
        };
        if from.seat.as_ref() == Some(&self.seat) {
            return Ok(Vec::new());
        }
        let category = section.category(seat);
        let Some(ticket_type) = show.ticket_type(ticket.ticket_type) else { return Err(Rejection::NotFound) };
        let terms = &ticket_type.terms;
        let Some(price) = terms.price_of(category).filter(|_| terms.opens_section(&section.name)) else {
            return no(Code::SeatNotInTicketType, format!("{} does not sell {}.", terms.name, self.seat));
        };
        match seat.claim {
            Claim::Free => {}
            Claim::Blocked(_) => {
                return held(Code::SeatBlocked, format!("{} is not for sale.", self.seat), &seat.claim);
            }
            Claim::Held(_) | Claim::Ordered(_) | Claim::Sold(_) => {
                return held(Code::SeatTaken, format!("{} is taken.", self.seat), &seat.claim);
            }
        }
        // Prices may have changed since the sale: what counts is whether the two seats cost the same today.
        if terms.price_of(ticket.category.as_ref()) != Some(price) {
            let detail = format!("{} has another price; refund the ticket and sell the seat anew.", self.seat);
            return no(Code::PriceDiffers, detail);
        }
        let to = Place::seat(section.name.clone(), self.seat.clone());
        Ok(vec![TicketMoved { ticket: ticket.id, from: from.clone(), to, category: category.cloned() }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification::{CATEGORIES, given, hold_seats, item_seats, sell, ticket_ids};

    fn to(ticket: TicketId, seat: &str) -> MoveTicket {
        MoveTicket { ticket, seat: seat.to_owned().try_into().unwrap() }
    }

    #[test]
    fn the_old_seat_is_free_and_the_new_one_taken() {
        let given = given::published().by_staff().and(sell(vec![item_seats(CATEGORIES, &["A-1-1"])]));
        let ticket = ticket_ids(given.history())[0];
        let moved = given.and(to(ticket, "A-1-7"));
        let holding = |seat| moved.clone().when(hold_seats(CATEGORIES, &[seat]));
        assert_eq!(holding("A-1-1").events().len(), 1);
        holding("A-1-7").then_rejected(Code::SeatTaken, &["/items/0/seats/0"]);
    }

    #[test]
    fn not_to_a_seat_of_another_price_nor_to_a_taken_one() {
        let given = given::published().by_staff().and(sell(vec![item_seats(CATEGORIES, &["A-1-1", "A-1-2"])]));
        let ticket = ticket_ids(given.history())[0];
        given.clone().when(to(ticket, "A-2-1")).then_rejected(Code::PriceDiffers, &["/seat"]);
        given.clone().when(to(ticket, "A-1-2")).then_rejected(Code::SeatTaken, &["/seat"]);
        given.when(to(ticket, "A-8-1")).then_rejected(Code::UnknownSeat, &["/seat"]);
    }
}
