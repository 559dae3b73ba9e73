//! TransferTicket: give a ticket to somebody else. It gets a new code and token, so that the former holder's admit
//! nobody. Not once somebody was admitted with it.

use domain::{
    Show, ShowEvent,
    events::TicketTransferred,
    ids::{PersonId, TicketId},
};

use crate::{
    Code, Context, Rejection,
    reissue_ticket::{reissue, valid_ticket},
};

/// Give a ticket to somebody else.
#[derive(Debug, Clone, PartialEq)]
pub struct TransferTicket {
    /// Which.
    pub ticket: TicketId,
    /// To whom, in the vault.
    pub customer: PersonId,
}

impl TransferTicket {
    pub(crate) fn decide(&self, show: &Show, context: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        let ticket = valid_ticket(show, self.ticket)?;
        if show.presence.was_admitted(self.ticket) {
            let detail = "Somebody was admitted with this ticket; it stays with them.";
            return Err(Rejection::rule(Code::AlreadyAdmitted, detail).held_by([crate::HeldBy::Ticket(self.ticket)]));
        }
        let mut events = vec![TicketTransferred { ticket: self.ticket, customer: self.customer }.into()];
        events.extend(reissue(show, ticket, context)?);
        Ok(events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification::{check_in_ticket, given, ticket_ids};

    #[test]
    fn a_transferred_ticket_has_a_new_code_and_an_admitted_one_stays() {
        let given = given::sold_seat("A-1-1");
        let transfer =
            TransferTicket { ticket: ticket_ids(given.history())[0], customer: PersonId(uuid::Uuid::from_u128(7)) };
        let kinds: Vec<_> = given.clone().when(transfer.clone()).events().iter().map(ShowEvent::event_type).collect();
        assert_eq!(kinds, ["TicketTransferred", "TicketReissued"]);
        let admitted = given.and(check_in_ticket(transfer.ticket, 1));
        admitted.when(transfer).then_rejected(Code::AlreadyAdmitted, &[]);
    }
}
