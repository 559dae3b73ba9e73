//! PublishShow: let visitors see and buy. From here on the length of the short codes is fixed.

use domain::{Show, ShowEvent, codes::CodeLength, events::ShowPublished};

use crate::{Code, Context, Rejection};

/// Let visitors see and buy.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishShow;

impl PublishShow {
    pub(crate) fn decide(&self, show: &Show, _: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        crate::rejection::takes_place(show)?;
        if show.code_length.is_some() {
            return Err(Rejection::rule(Code::AlreadyPublished, "The show is published already.")
                .held_by([crate::HeldBy::Show]));
        }
        if show.ticket_types.values().all(|ticket_type| show.capacity_of(ticket_type) == 0) {
            let detail = "No ticket type has places to sell; adopt a seating (or give the type a capacity or a pool) \
                          and add a ticket type that opens it.";
            return Err(Rejection::rule(Code::NothingToSell, detail));
        }
        let capacity = show.capacity();
        let code_length = show.wished_code_length.unwrap_or_else(|| CodeLength::for_capacity(capacity));
        Ok(vec![ShowPublished { code_length, capacity }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification::given;

    #[test]
    fn publication_fixes_the_length_of_codes() {
        let code_length = CodeLength::try_from(3).unwrap();
        given::draft().when(PublishShow).then([ShowPublished { code_length, capacity: 70 }.into()]);
    }

    #[test]
    fn a_show_is_published_once_and_only_with_something_to_sell() {
        given::published().when(PublishShow).then_rejected(Code::AlreadyPublished, &[]);
        given::scheduled().when(PublishShow).then_rejected(Code::NothingToSell, &[]);
    }
}
