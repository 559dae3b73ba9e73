//! ReviseShow: change what a show says of itself. What did not change is not recorded.

use domain::{
    Show, ShowEvent,
    events::ShowRevised,
    text::{Description, Name},
};

use crate::{
    Change, Context, Rejection,
    nested_change::{VenueChange, WindowChange},
    schedule_show::{HOLD_SECONDS, PAY_WITHIN_SECONDS, check_wait, check_window},
};

/// Change what a show says of itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReviseShow {
    /// Its name; cannot be cleared.
    pub name: Option<Name>,
    /// What it says of itself; cleared, it says nothing.
    pub description: Change<Description>,
    /// Where; cannot be cleared.
    pub venue: Option<VenueChange>,
    /// When it is sold; cleared, from publication to its end.
    pub sales: Change<WindowChange>,
    /// How long a hold lasts, in seconds.
    pub hold_seconds: Change<u32>,
    /// How long an order waits for its payment, in seconds.
    pub pay_within_seconds: Change<u32>,
}

impl ReviseShow {
    pub(crate) fn decide(&self, show: &Show, _: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        crate::rejection::takes_place(show)?;
        let empty =
            Description::try_from(String::new()).map_err(|e| Rejection::invalid("/description", e.to_string()))?;
        let event = ShowRevised {
            name: changed(self.name.clone().unwrap_or_else(|| show.name.clone()), &show.name),
            description: changed(self.description.clone().apply(show.description.clone(), empty), &show.description),
            venue: changed(self.venue.clone().unwrap_or_default().of(show.venue.clone()), &show.venue),
            sales: changed(self.sales.clone().of_sales(show.sales), &show.sales),
            hold_seconds: changed(self.hold_seconds.clone().apply(show.hold_seconds, HOLD_SECONDS), &show.hold_seconds),
            pay_within_seconds: changed(
                self.pay_within_seconds.clone().apply(show.pay_within_seconds, PAY_WITHIN_SECONDS),
                &show.pay_within_seconds,
            ),
        };
        let errors: Vec<_> = [
            event.sales.as_ref().and_then(|sales| check_window("/sales", sales)),
            event.hold_seconds.and_then(|seconds| check_wait("/hold_seconds", seconds)),
            event.pay_within_seconds.and_then(|seconds| check_wait("/pay_within_seconds", seconds)),
        ]
        .into_iter()
        .flatten()
        .collect();
        if !errors.is_empty() {
            return Err(Rejection::Invalid(errors));
        }
        Ok(if event == ShowRevised::default() { Vec::new() } else { vec![event.into()] })
    }
}

fn changed<T: PartialEq>(new: T, old: &T) -> Option<T> {
    (new != *old).then_some(new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification::given;

    #[test]
    fn only_what_changed_is_recorded() {
        let name = Name::try_from("Autumn Cup").unwrap();
        given::published()
            .when(ReviseShow { name: Some(name.clone()), hold_seconds: Change::Clear, ..ReviseShow::default() })
            .then([ShowRevised { name: Some(name), ..ShowRevised::default() }.into()]);
    }

    #[test]
    fn the_same_again_changes_nothing() {
        given::published().when(ReviseShow { sales: Change::Clear, ..ReviseShow::default() }).then([]);
    }
}
