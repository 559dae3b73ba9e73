//! RescheduleShow: let a show take place at another time. Tickets stay valid.

use domain::{
    Show, ShowEvent,
    events::{Schedule, ShowRescheduled},
};

use crate::{Context, Rejection, schedule_show::check_schedule};

/// Let a show take place at another time.
#[derive(Debug, Clone, PartialEq)]
pub struct RescheduleShow {
    /// When, as a whole.
    pub schedule: Schedule,
}

impl RescheduleShow {
    pub(crate) fn decide(&self, show: &Show, _: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        crate::rejection::takes_place(show)?;
        let errors = check_schedule(&self.schedule);
        if !errors.is_empty() {
            return Err(Rejection::Invalid(errors));
        }
        if self.schedule == show.schedule {
            return Ok(Vec::new());
        }
        Ok(vec![ShowRescheduled { schedule: self.schedule }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification::{at, given};

    #[test]
    fn a_show_moves_to_another_day() {
        let schedule = Schedule { doors_at: None, starts_at: at(500_000), ends_at: None };
        given::published().when(RescheduleShow { schedule }).then([ShowRescheduled { schedule }.into()]);
    }
}
