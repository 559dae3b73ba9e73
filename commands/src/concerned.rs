//! Whom a command is about: what people type with it is erased with that person.
//!
//! A text hangs on one person. At the door that is whoever came with the ticket, its holder; elsewhere whoever bought it.
//! Where no customer is known, it is the holder if there is only one. A text about nobody goes with its show.

use domain::{
    Show,
    ids::{OrderId, PersonId, TicketId},
};

use crate::{ShowCommand, check_in::Shown};

impl ShowCommand {
    /// The customer or holder whom a command's texts are about, where there is one person.
    pub fn concerned(&self, show: &Show) -> Option<PersonId> {
        match self {
            Self::IssueTicket(command) => {
                command.customer.or_else(|| only(command.holders.iter().map(|(_, holder)| *holder)))
            }
            Self::RecordPayment(command) => of_order(show, command.order),
            Self::CancelOrder(command) => of_order(show, command.order),
            Self::RefundOrder(command) => of_order(show, command.order),
            Self::VoidTicket(command) => of_ticket(show, command.ticket),
            Self::CheckIn(command) => match &command.shown {
                Shown::Ticket(ticket) => at_the_door(show, *ticket),
                Shown::ShortCode(code) => {
                    show.ticket_by_code((*code)?).and_then(|(ticket, _)| at_the_door(show, ticket.id))
                }
                Shown::Token(crate::check_in::Token::Ours { ticket, .. }) => at_the_door(show, *ticket),
                Shown::Token(_) => None,
            },
            Self::UndoCheckIn(command) => {
                show.presence.passage(command.scan).and_then(|passage| at_the_door(show, passage.ticket?))
            }
            _ => None,
        }
    }
}

fn of_order(show: &Show, order: OrderId) -> Option<PersonId> {
    let order = show.order(order)?;
    order.customer.or_else(|| only(order.tickets.iter().filter_map(|ticket| show.ticket(*ticket)?.holder)))
}

fn of_ticket(show: &Show, ticket: TicketId) -> Option<PersonId> {
    let ticket = show.ticket(ticket)?;
    ticket.customer.or_else(|| show.order(ticket.order)?.customer).or(ticket.holder)
}

fn at_the_door(show: &Show, ticket: TicketId) -> Option<PersonId> {
    show.ticket(ticket)?.holder.or_else(|| of_ticket(show, ticket))
}

/// The one person that there is, if there is one.
fn only(mut persons: impl Iterator<Item = PersonId>) -> Option<PersonId> {
    let first = persons.next()?;
    persons.all(|person| person == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        issue_ticket::IssueTicket,
        name_holder::NameHolder,
        specification::{SEATED, check_in_ticket, given, item_seats, sell, ticket_ids},
        void_ticket::VoidTicket,
    };

    const CUSTOMER: PersonId = PersonId(Uuid::from_u128(0xc));
    const HOLDER: PersonId = PersonId(Uuid::from_u128(0xd));

    fn void(ticket: TicketId) -> ShowCommand {
        VoidTicket { ticket, reason: None, keep_place: false, holder_has_left: false }.into()
    }

    #[test]
    fn at_the_door_it_is_the_holder_and_elsewhere_the_customer() {
        let bought = IssueTicket { customer: Some(CUSTOMER), ..sell(vec![item_seats(SEATED, &["A-1-1"])]) };
        let sold = given::published().by_staff().and(bought);
        let ticket = ticket_ids(sold.history())[0];
        let scan: ShowCommand = check_in_ticket(ticket, 1).into();
        assert_eq!(scan.concerned(sold.show()), Some(CUSTOMER));
        let named = sold.and(NameHolder { ticket, holder: HOLDER });
        assert_eq!(scan.concerned(named.show()), Some(HOLDER));
        assert_eq!(void(ticket).concerned(named.show()), Some(CUSTOMER));
    }

    #[test]
    fn without_a_customer_it_is_the_only_holder() {
        let items = || vec![item_seats(SEATED, &["A-1-1", "A-1-2"])];
        let nobody = sell(items());
        let one = IssueTicket { holders: vec![(0, HOLDER)], ..sell(items()) };
        let two = IssueTicket { holders: vec![(0, HOLDER), (0, CUSTOMER)], ..sell(items()) };
        let given = given::published().by_staff();
        for (command, concerned) in [(nobody, None), (one, Some(HOLDER)), (two, None)] {
            let issue: ShowCommand = command.clone().into();
            assert_eq!(issue.concerned(given.show()), concerned);
            let sold = given.clone().and(command);
            let order = sold.show().orders().next().unwrap().id;
            assert_eq!(of_order(sold.show(), order), concerned);
        }
    }
}
