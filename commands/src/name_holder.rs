//! NameHolder: say who holds a ticket. Code and token stay.

use domain::{
    Show, ShowEvent,
    events::HolderNamed,
    ids::{PersonId, TicketId},
};

use crate::{Context, Rejection, reissue_ticket::valid_ticket};

/// Say who holds a ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct NameHolder {
    /// Which.
    pub ticket: TicketId,
    /// Who, in the vault.
    pub holder: PersonId,
}

impl NameHolder {
    pub(crate) fn decide(&self, show: &Show, _: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        let ticket = valid_ticket(show, self.ticket)?;
        Ok(vec![HolderNamed { ticket: ticket.id, holder: self.holder }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification::{given, ticket_ids};

    #[test]
    fn a_ticket_gets_a_holder() {
        let given = given::sold_seat("A-1-1");
        let ticket = ticket_ids(given.history())[0];
        let holder = PersonId(uuid::Uuid::from_u128(7));
        given.when(NameHolder { ticket, holder }).then([HolderNamed { ticket, holder }.into()]);
    }
}
