//! CloseSales: end sales before their window does.

use domain::{Show, ShowEvent, events::SalesClosed};

use crate::{Context, Rejection, pause_sales::published};

/// End sales.
#[derive(Debug, Clone, PartialEq)]
pub struct CloseSales;

impl CloseSales {
    pub(crate) fn decide(&self, show: &Show, _: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        published(show)?;
        Ok(if show.closed { Vec::new() } else { vec![SalesClosed {}.into()] })
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
    fn a_closed_show_sells_nothing() {
        given::published()
            .and(CloseSales)
            .when(hold(SEATED, 1))
            .then_rejected(Code::NotOnSale, &["/items/0/ticket_type"]);
    }
}
