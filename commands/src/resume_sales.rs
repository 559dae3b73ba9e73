//! ResumeSales: let sales go on, on some channels or all.

use domain::{Show, ShowEvent, events::SalesResumed, ticket_type::Channel};

use crate::{
    Context, Rejection,
    pause_sales::{names_some, published},
};

/// Let sales go on.
#[derive(Debug, Clone, PartialEq)]
pub struct ResumeSales {
    /// On these channels; none: on all.
    pub channels: Option<Vec<Channel>>,
}

impl ResumeSales {
    pub(crate) fn decide(&self, show: &Show, _: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        published(show)?;
        names_some(self.channels.as_deref())?;
        let resting = match &self.channels {
            None => show.paused.all || !show.paused.channels.is_empty(),
            Some(channels) => channels.iter().any(|channel| show.paused.channels.contains(channel)),
        };
        if !resting {
            return Ok(Vec::new());
        }
        Ok(vec![SalesResumed { channels: self.channels.clone() }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        pause_sales::PauseSales,
        specification::{SEATED, given, hold},
    };

    #[test]
    fn sales_go_on() {
        let rested = given::published().and(PauseSales { channels: None }).and(ResumeSales { channels: None });
        assert_eq!(rested.when(hold(SEATED, 1)).events().len(), 1);
        given::published().when(ResumeSales { channels: None }).then([]);
    }
}
