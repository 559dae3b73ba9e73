//! VoidTicket: a ticket admits nobody any more. Its place is free again, unless it is kept; while somebody of the
//! ticket is inside, the caller says which of the two it is, lest a seat be sold under somebody.

use domain::{
    Show, ShowEvent,
    events::{BlockKind, PlacesBlocked, TicketVoided},
    ids::{TextId, TicketId},
    money::Amount,
    show::Order,
};

use crate::{Code, Context, Rejection, issuing};

/// Void a ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct VoidTicket {
    /// Which.
    pub ticket: TicketId,
    /// Why, in the vault.
    pub reason: Option<TextId>,
    /// Whether its place stays out of sale.
    pub keep_place: bool,
    /// Whether somebody saw to it that its holder has left.
    pub holder_has_left: bool,
}

impl VoidTicket {
    pub(crate) fn decide(&self, show: &Show, context: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        let ticket = show.ticket(self.ticket).ok_or(Rejection::NotFound)?;
        let order = show.order(ticket.order).ok_or(Rejection::NotFound)?;
        let voiding =
            Voiding { reason: self.reason, keep_places: self.keep_place, holders_have_left: self.holder_has_left };
        voiding.of(show, order, &[self.ticket], context)
    }
}

/// How tickets of an order are voided, by whichever command.
pub(crate) struct Voiding {
    pub reason: Option<TextId>,
    pub keep_places: bool,
    pub holders_have_left: bool,
}

impl Voiding {
    /// The events for these tickets, one after the other.
    pub(crate) fn of(
        &self,
        show: &Show,
        order: &Order,
        tickets: &[TicketId],
        context: &Context,
    ) -> Result<Vec<ShowEvent>, Rejection> {
        let mut events = Vec::new();
        let mut total = order.total();
        let mut due = order.due();
        for id in tickets {
            let ticket = show.ticket(*id).ok_or(Rejection::NotFound)?;
            if ticket.void {
                return Err(Rejection::rule(
                    Code::AlreadyVoid,
                    format!("Ticket {} is void already.", ticket.short_code),
                )
                .held_by([crate::HeldBy::Ticket(*id)]));
            }
            if show.presence.inside_of(*id) > 0 && !self.keep_places && !self.holders_have_left {
                let detail = format!(
                    "Somebody with ticket {} is inside. Keep the place (keep_place), or see that they leave and say so \
                     (holder_has_left), or check them out first.",
                    ticket.short_code
                );
                return Err(Rejection::rule(Code::HolderInside, detail).held_by([crate::HeldBy::Ticket(*id)]));
            }
            // What a discount took off already is not taken off again: nobody is owed more than was paid.
            let amount = order.lines.iter().find(|line| line.id == ticket.line).map_or(Amount(0), |line| line.amount);
            let price = amount.min(total);
            total = total - price;
            due = due - price;
            events.push(
                TicketVoided {
                    ticket: *id,
                    order: order.id,
                    ticket_type: ticket.ticket_type,
                    places: ticket.places.clone(),
                    persons: ticket.persons,
                    price,
                    reason: self.reason,
                    keep_place: self.keep_places,
                    holder_has_left: self.holders_have_left,
                    due,
                    status: issuing::status_with(order.status, due),
                }
                .into(),
            );
            if self.keep_places && ticket.places.iter().any(|place| place.section.is_some()) {
                events.push(
                    PlacesBlocked {
                        block: context.id(),
                        label: None,
                        kind: BlockKind::House,
                        places: ticket.places.clone(),
                    }
                    .into(),
                );
            }
        }
        Ok(events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification::{SEATED, check_in_ticket, given, hold_seats, ticket_ids};

    fn void(ticket: TicketId) -> VoidTicket {
        VoidTicket { ticket, reason: None, keep_place: false, holder_has_left: false }
    }

    #[test]
    fn a_void_tickets_seat_is_free_again() {
        let given = given::sold_seat("A-1-1");
        let ticket = ticket_ids(given.history())[0];
        let voided = given.and(void(ticket));
        assert_eq!(voided.clone().when(hold_seats(SEATED, &["A-1-1"])).events().len(), 1);
        voided.when(void(ticket)).then_rejected(Code::AlreadyVoid, &[]);
    }

    #[test]
    fn a_kept_seat_is_blocked() {
        let given = given::sold_seat("A-1-1");
        let ticket = ticket_ids(given.history())[0];
        given
            .and(VoidTicket { keep_place: true, ..void(ticket) })
            .when(hold_seats(SEATED, &["A-1-1"]))
            .then_rejected(Code::SeatBlocked, &["/items/0/seats/0"]);
    }

    #[test]
    fn nobodys_seat_is_sold_under_them() {
        let given = given::sold_seat("A-1-1");
        let ticket = ticket_ids(given.history())[0];
        let inside = given.and(check_in_ticket(ticket, 1));
        inside.clone().when(void(ticket)).then_rejected(Code::HolderInside, &[]);
        let left = inside.when(VoidTicket { holder_has_left: true, ..void(ticket) }).state();
        assert_eq!(left.show().unwrap().presence.inside_of(ticket), 0);
    }
}
