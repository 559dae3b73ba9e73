//! ReissueTicket: a new code and token for a ticket; the old ones admit nobody. Admissions stay with the ticket.

use domain::{Show, ShowEvent, events::TicketReissued, ids::TicketId, show::Ticket};

use crate::{Code, Context, Rejection, issuing::next_codes};

/// Give a ticket a new code and token.
#[derive(Debug, Clone, PartialEq)]
pub struct ReissueTicket {
    /// Which.
    pub ticket: TicketId,
}

impl ReissueTicket {
    pub(crate) fn decide(&self, show: &Show, context: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        reissue(show, valid_ticket(show, self.ticket)?, context)
    }
}

/// The ticket, if it admits.
pub(crate) fn valid_ticket(show: &Show, id: TicketId) -> Result<&Ticket, Rejection> {
    let ticket = show.ticket(id).ok_or(Rejection::NotFound)?;
    if ticket.void {
        return Err(Rejection::rule(Code::AlreadyVoid, "The ticket is void; sell a new one.")
            .held_by([crate::HeldBy::Ticket(id)]));
    }
    Ok(ticket)
}

/// The next issue of a ticket.
pub(crate) fn reissue(show: &Show, ticket: &Ticket, context: &Context) -> Result<Vec<ShowEvent>, Rejection> {
    let codes = next_codes(show, 1, context)?;
    Ok(codes
        .into_iter()
        .map(|short_code| {
            TicketReissued {
                ticket: ticket.id,
                short_code,
                issue: ticket.issue + 1,
                iat: context.now.timestamp(),
                kid: context.kid.clone(),
            }
            .into()
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification::{given, ticket_ids};

    #[test]
    fn a_new_issue_has_another_code() {
        let given = given::sold_seat("A-1-1");
        let ticket = ticket_ids(given.history())[0];
        let old = given.state().show().unwrap().ticket(ticket).unwrap().short_code;
        let state = given.when(ReissueTicket { ticket }).state();
        let show = state.show().unwrap();
        let new = show.ticket(ticket).unwrap();
        assert_ne!(new.short_code, old);
        assert_eq!(new.issue, 2);
        assert_eq!(show.ticket_by_code(old).map(|(ticket, issue)| (ticket.id, issue)), Some((ticket, 1)));
    }
}
