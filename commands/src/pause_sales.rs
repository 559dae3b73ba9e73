//! PauseSales: let sales rest, on some channels or all. Holds and orders that are open go on.

use domain::{Show, ShowEvent, events::SalesPaused, ticket_type::Channel};

use crate::{Code, Context, Rejection, add_ticket_type::NONE_NAMED};

/// Let sales rest.
#[derive(Debug, Clone, PartialEq)]
pub struct PauseSales {
    /// On these channels; none: on all.
    pub channels: Option<Vec<Channel>>,
}

impl PauseSales {
    pub(crate) fn decide(&self, show: &Show, _: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        published(show)?;
        names_some(self.channels.as_deref())?;
        let resting = match &self.channels {
            None => show.paused.all,
            Some(channels) => channels.iter().all(|channel| show.paused.channels.contains(channel)),
        };
        if resting {
            return Ok(Vec::new());
        }
        Ok(vec![SalesPaused { channels: self.channels.clone() }.into()])
    }
}

/// That the show is on sale at all.
pub(crate) fn published(show: &Show) -> Result<(), Rejection> {
    crate::rejection::takes_place(show)?;
    if show.code_length.is_none() {
        return Err(Rejection::rule(Code::NotOnSale, "The show is a draft; publish it first."));
    }
    Ok(())
}

/// That channels, where they are named, are at least one.
pub(crate) fn names_some(channels: Option<&[Channel]>) -> Result<(), Rejection> {
    match channels {
        Some([]) => Err(Rejection::invalid("/channels", NONE_NAMED)),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        resume_sales::ResumeSales,
        specification::{SEATED, given, hold},
    };

    #[test]
    fn no_channel_at_all_is_a_mistake() {
        given::published().when(PauseSales { channels: Some(Vec::new()) }).then_invalid(&["/channels"]);
        given::published().when(ResumeSales { channels: Some(Vec::new()) }).then_invalid(&["/channels"]);
    }

    #[test]
    fn nothing_is_sold_while_sales_rest() {
        given::published()
            .and(PauseSales { channels: None })
            .when(hold(SEATED, 1))
            .then_rejected(Code::SalesPaused, &["/items/0/ticket_type"]);
        let box_office = PauseSales { channels: Some(vec![Channel::BoxOffice]) };
        assert_eq!(given::published().and(box_office).when(hold(SEATED, 1)).events().len(), 1);
    }
}
