//! ScheduleShow: plan a show. It is a draft until it is published. Where its organization has other rules for doors than
//! every show begins with, its door is set at once.

use domain::{
    FieldError, ShowEvent, ShowState,
    codes::CodeLength,
    door::DoorRules,
    events::{Schedule, ShowScheduled, Venue},
    ids::ShowId,
    money::Currency,
    text::{Description, Name, Slug},
    ticket_type::SalesWindow,
    time::Zone,
};

use crate::{Context, Rejection, set_door::SetDoor};

/// How long a hold lasts unless the seller says otherwise, in seconds.
pub const HOLD_SECONDS: u32 = 900;
/// How long an order waits for its payment unless the seller says otherwise, in seconds.
pub const PAY_WITHIN_SECONDS: u32 = 86_400;
/// The longest time that a hold or an unpaid order lasts, in seconds: 90 days.
pub const WAIT_SECONDS_MAX: u32 = 7_776_000;

/// Plan a show.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduleShow {
    /// Its id, chosen by the caller of this code.
    pub show: ShowId,
    /// Its name.
    pub name: Name,
    /// What it says of itself.
    pub description: Description,
    /// Where.
    pub venue: Venue,
    /// The zone of its clock and calendar.
    pub timezone: Zone,
    /// When.
    pub schedule: Schedule,
    /// The currency of all its money.
    pub currency: Currency,
    /// When it is sold.
    pub sales: SalesWindow,
    /// How long a hold lasts, in seconds.
    pub hold_seconds: u32,
    /// How long an order waits for its payment, in seconds.
    pub pay_within_seconds: u32,
    /// How many digits its short codes shall have.
    pub code_length: Option<CodeLength>,
    /// The rules of its door; none: those of every show.
    pub door: Option<DoorRules>,
}

impl ScheduleShow {
    pub(crate) fn decide(&self, context: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        let mut errors = check_schedule(&self.schedule);
        errors.extend(check_window("/sales", &self.sales));
        errors.extend(check_wait("/hold_seconds", self.hold_seconds));
        errors.extend(check_wait("/pay_within_seconds", self.pay_within_seconds));
        if !errors.is_empty() {
            return Err(Rejection::Invalid(errors));
        }
        let random = u32::try_from(context.number() >> 32).unwrap_or(0);
        let scheduled = ShowScheduled {
            show: self.show,
            slug: Slug::new(&self.name, random),
            name: self.name.clone(),
            description: self.description.clone(),
            venue: self.venue.clone(),
            timezone: self.timezone,
            schedule: self.schedule,
            currency: self.currency,
            sales: self.sales,
            hold_seconds: self.hold_seconds,
            pay_within_seconds: self.pay_within_seconds,
            code_length: self.code_length,
        };
        let mut events = vec![scheduled.into()];
        if let Some(rules) = self.door.clone()
            && let Some(show) = ShowState::fold(&events).show()
        {
            events.extend(SetDoor { rules }.decide(show, context)?);
        }
        Ok(events)
    }
}

/// Doors before the start, the end after it.
pub(crate) fn check_schedule(schedule: &Schedule) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if schedule.doors_at.is_some_and(|doors| doors > schedule.starts_at) {
        errors.push(FieldError::at("/doors_at", "must not be after starts_at"));
    }
    if schedule.ends_at.is_some_and(|ends| ends <= schedule.starts_at) {
        errors.push(FieldError::at("/ends_at", "must be after starts_at"));
    }
    errors
}

/// A window that opens before it closes.
pub(crate) fn check_window(pointer: &str, window: &SalesWindow) -> Option<FieldError> {
    match (window.opens_at, window.closes_at) {
        (Some(opens), Some(closes)) if closes <= opens => {
            Some(FieldError::at(format!("{pointer}/closes_at"), "must be after opens_at"))
        }
        _ => None,
    }
}

/// A time to wait that is neither nothing nor for ever.
pub(crate) fn check_wait(pointer: &str, seconds: u32) -> Option<FieldError> {
    (!(1..=WAIT_SECONDS_MAX).contains(&seconds))
        .then(|| FieldError::at(pointer, format!("must be from 1 to {WAIT_SECONDS_MAX} seconds")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification::{at, context, schedule_show};

    #[test]
    fn a_show_is_scheduled_with_a_readable_address() {
        let events = schedule_show().decide(&context()).unwrap();
        let [ShowEvent::ShowScheduled(event)] = &events[..] else { panic!("{events:?}") };
        assert!(event.slug.as_str().starts_with("spring-cup-"), "{:?}", event.slug);
    }

    #[test]
    fn other_rules_for_its_door_are_set_at_once() {
        let rules = DoorRules { opens_before_seconds: 600, ..DoorRules::default() };
        let command = ScheduleShow { door: Some(rules.clone()), ..schedule_show() };
        let events = command.decide(&context()).unwrap();
        assert!(matches!(&events[..], [ShowEvent::ShowScheduled(_), ShowEvent::DoorSet(_)]), "{events:?}");
        assert_eq!(ShowState::fold(&events).show().map(|show| &show.door), Some(&rules));
        let usual = ScheduleShow { door: Some(DoorRules::default()), ..schedule_show() };
        assert_eq!(usual.decide(&context()).unwrap().len(), 1);
    }

    #[test]
    fn doors_after_the_start_and_an_end_before_it_are_refused_together() {
        let mut command = schedule_show();
        command.schedule.doors_at = Some(command.schedule.starts_at + chrono::TimeDelta::hours(1));
        command.schedule.ends_at = Some(at(0));
        let Err(Rejection::Invalid(errors)) = command.decide(&context()) else { panic!() };
        let pointers: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(pointers, ["/doors_at", "/ends_at"]);
    }
}
