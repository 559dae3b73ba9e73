//! CancelShow: the show does not take place. Nothing is sold or admitted any more; refunds stay possible.

use domain::{Show, ShowEvent, events::ShowCancelled, ids::TextId};

use crate::{Context, Rejection};

/// Cancel a show.
#[derive(Debug, Clone, PartialEq)]
pub struct CancelShow {
    /// Why, in the vault.
    pub reason: Option<TextId>,
}

impl CancelShow {
    pub(crate) fn decide(&self, show: &Show, _: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        crate::rejection::takes_place(show)?;
        Ok(vec![ShowCancelled { reason: self.reason }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Code,
        specification::{SEATED, given, hold},
    };

    #[test]
    fn a_cancelled_show_sells_nothing() {
        let cancelled = given::published().and(CancelShow { reason: None });
        cancelled.when(hold(SEATED, 1)).then_rejected(Code::ShowCancelled, &["/items/0/ticket_type"]);
    }
}
