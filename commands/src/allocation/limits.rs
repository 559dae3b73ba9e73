//! Whether a type is on sale, and how many of it an order may have.

use domain::{Show, events::HoldItem, show::NotOnSale};

use super::ItemRequest;
use crate::{Code, Context, HeldBy, Rejection};

/// Why something cannot be bought now, for whoever asks.
pub(super) fn not_on_sale(show: &Show, why: NotOnSale, pointer: &str) -> Rejection {
    let zone = show.timezone;
    let (code, detail) = match why {
        NotOnSale::Cancelled => (Code::ShowCancelled, "The show is cancelled.".to_owned()),
        NotOnSale::Draft => (Code::NotOnSale, "The show is a draft; publish it first.".to_owned()),
        NotOnSale::Paused => (Code::SalesPaused, "Sales are paused; try again later.".to_owned()),
        NotOnSale::Closed => (Code::NotOnSale, "Sales are over.".to_owned()),
        NotOnSale::NotYet(at) => {
            (Code::NotOnSale, format!("On sale from {} ({}).", zone.date_and_clock(at), zone.tz()))
        }
        NotOnSale::NoLonger(at) => {
            (Code::NotOnSale, format!("Sales ended at {} ({}).", zone.date_and_clock(at), zone.tz()))
        }
        NotOnSale::Channel => (Code::NotOnSale, "This ticket type is not sold on this channel.".to_owned()),
    };
    let told = match why {
        NotOnSale::Cancelled | NotOnSale::Paused | NotOnSale::Closed => Some(HeldBy::Show),
        NotOnSale::Draft | NotOnSale::NotYet(_) | NotOnSale::NoLonger(_) | NotOnSale::Channel => None,
    };
    Rejection::rule_at(code, pointer, detail).held_by(told)
}

/// The least and the most of each type in an order. Staff may sell more.
pub(super) fn check_limits(
    show: &Show,
    requests: &[ItemRequest],
    already: &[HoldItem],
    pointer: &str,
    context: &Context,
) -> Result<(), Rejection> {
    for (i, request) in requests.iter().enumerate() {
        let Some(ticket_type) = show.ticket_type(request.ticket_type) else { continue };
        let terms = &ticket_type.terms;
        let of_type = requests.iter().filter(|other| other.ticket_type == ticket_type.id).map(ItemRequest::tickets);
        let before = already.iter().filter(|item| item.ticket_type == ticket_type.id).count();
        let count = u32::try_from(of_type.sum::<usize>() + before).unwrap_or(u32::MAX);
        let detail = if count > terms.max_per_order && !context.staff {
            format!("An order has at most {} of {}.", terms.max_per_order, terms.name)
        } else if count < terms.min_per_order {
            format!("An order has at least {} of {}.", terms.min_per_order, terms.name)
        } else {
            continue;
        };
        return Err(Rejection::rule_at(Code::LimitExceeded, format!("{pointer}/{i}"), detail));
    }
    Ok(())
}
