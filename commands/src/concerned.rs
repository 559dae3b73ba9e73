//! Whom a command is about: what people type with it is erased with that person.

use domain::{
    Show,
    ids::{OrderId, PersonId, TicketId},
};

use crate::{ShowCommand, check_in::Shown};

impl ShowCommand {
    /// The customer or holder whom a command's texts are about, where there is one person.
    pub fn concerned(&self, show: &Show) -> Option<PersonId> {
        match self {
            Self::RecordPayment(command) => of_order(show, command.order),
            Self::CancelOrder(command) => of_order(show, command.order),
            Self::RefundOrder(command) => of_order(show, command.order),
            Self::VoidTicket(command) => of_ticket(show, command.ticket),
            Self::CheckIn(command) => match &command.shown {
                Shown::Ticket(ticket) => of_ticket(show, *ticket),
                Shown::ShortCode(code) => {
                    show.ticket_by_code((*code)?).and_then(|(ticket, _)| of_ticket(show, ticket.id))
                }
                Shown::Token(crate::check_in::Token::Ours { ticket, .. }) => of_ticket(show, *ticket),
                Shown::Token(_) => None,
            },
            Self::UndoCheckIn(command) => {
                show.presence.passage(command.scan).and_then(|passage| of_ticket(show, passage.ticket?))
            }
            _ => None,
        }
    }
}

fn of_order(show: &Show, order: OrderId) -> Option<PersonId> {
    show.order(order)?.customer
}

fn of_ticket(show: &Show, ticket: TicketId) -> Option<PersonId> {
    let ticket = show.ticket(ticket)?;
    ticket.customer.or_else(|| of_order(show, ticket.order)).or(ticket.holder)
}
