//! The shows that a key or a device is bound to.

use domain::{FieldError, ids::ShowId};

/// The most shows that one key or device is bound to: more is better said with all.
pub const SHOWS_MAX: usize = 1_000;

/// At least one show, each once.
pub(super) fn check_shows(shows: &[ShowId]) -> Vec<FieldError> {
    if !(1..=SHOWS_MAX).contains(&shows.len()) {
        return vec![FieldError::at("/shows", format!("name from 1 to {SHOWS_MAX} shows"))];
    }
    twice("/shows", shows)
}

/// What stands in a list again.
pub(super) fn twice<T: PartialEq>(pointer: &str, list: &[T]) -> Vec<FieldError> {
    let again = list.iter().enumerate().filter(|(i, value)| list[..*i].contains(value));
    again.map(|(i, _)| FieldError::at(format!("{pointer}/{i}"), "is there twice")).collect()
}
