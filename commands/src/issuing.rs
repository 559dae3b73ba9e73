//! From lines of an order to tickets: codes, token issues, holders; and what an order is called.

use domain::{
    Show, ShowEvent,
    codes::ShortCode,
    events::{Line, LineKind, OrderStatus, TicketIssued},
    ids::{ItemId, OrderId, PersonId},
    money::Amount,
    ticket_type::Channel,
};

use crate::{Code, Context, Rejection};

/// Letters and digits that are not taken for each other, on paper or on the phone.
const REFERENCE_ALPHABET: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Five of thirty: 24 million orders a show.
const REFERENCE_LENGTH: usize = 5;

/// The next codes of a show, as many as asked for.
pub(crate) fn next_codes(show: &Show, quantity: usize, context: &Context) -> Result<Vec<ShortCode>, Rejection> {
    let exhausted = || Rejection::rule(Code::CodesExhausted, "Every short code of this show was given.");
    let sequence = context
        .codes(show)
        .ok_or_else(|| Rejection::rule(Code::NotOnSale, "The show is a draft; publish it first."))?;
    let mut index = show.codes_given();
    let mut codes = Vec::with_capacity(quantity);
    while codes.len() < quantity {
        let code = sequence.nth(index).ok_or_else(exhausted)?;
        index += 1;
        // The k-th code is new unless the installation's secret changed in the middle of a show.
        if !show.code_is_given(code) {
            codes.push(code);
        }
    }
    Ok(codes)
}

/// Tickets for these lines of an order.
pub(crate) fn issue(
    show: &Show,
    order: OrderId,
    lines: &[Line],
    channel: Channel,
    holder: impl Fn(ItemId) -> Option<PersonId>,
    context: &Context,
) -> Result<Vec<ShowEvent>, Rejection> {
    let without = |line: &&Line| line.kind == LineKind::Ticket && line.ticket.is_none();
    let lines: Vec<&Line> = lines.iter().filter(without).collect();
    let codes = next_codes(show, lines.len(), context)?;
    Ok(lines
        .into_iter()
        .zip(codes)
        .filter_map(|(line, short_code)| {
            Some(
                TicketIssued {
                    ticket: context.id(),
                    order,
                    line: line.id,
                    ticket_type: line.ticket_type?,
                    places: line.places.clone(),
                    category: line.category.clone(),
                    persons: line.persons,
                    price: line.amount,
                    short_code,
                    issue: 1,
                    iat: context.now.timestamp(),
                    kid: context.kid.clone(),
                    holder: holder(line.id),
                    channel,
                }
                .into(),
            )
        })
        .collect())
}

/// A name for an order that none of the show has.
pub(crate) fn reference(show: &Show, context: &Context) -> String {
    loop {
        let mut number = context.number();
        let mut reference = String::with_capacity(REFERENCE_LENGTH);
        for _ in 0..REFERENCE_LENGTH {
            let index = usize::try_from(number % REFERENCE_ALPHABET.len() as u64).unwrap_or(0);
            reference.push(char::from(REFERENCE_ALPHABET[index]));
            number /= REFERENCE_ALPHABET.len() as u64;
        }
        if show.order_by_reference(&reference).is_none() {
            return reference;
        }
    }
}

/// How an order stands with so much due.
pub(crate) fn status_with(before: OrderStatus, due: Amount) -> OrderStatus {
    match before {
        OrderStatus::Cancelled | OrderStatus::Expired => before,
        OrderStatus::AwaitingPayment | OrderStatus::Paid if due > Amount(0) => OrderStatus::AwaitingPayment,
        OrderStatus::AwaitingPayment | OrderStatus::Paid => OrderStatus::Paid,
    }
}
