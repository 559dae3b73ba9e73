//! AdoptSeating: draw the places of a show, or draw them anew. Once places are taken, every taken one has to stay.

use domain::{
    FieldError, Show, ShowEvent,
    events::SeatingAdopted,
    seating::Seating,
    show::{Claim, Places},
};

use crate::{Code, Context, Rejection};

/// How many taken seats a rejection names.
const NAMED_SEATS_MAX: usize = 100;

/// Draw the places of a show.
#[derive(Debug, Clone, PartialEq)]
pub struct AdoptSeating {
    /// The places, as a whole.
    pub seating: Seating,
}

impl AdoptSeating {
    pub(crate) fn decide(&self, show: &Show, _: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        crate::rejection::takes_place(show)?;
        if show.seating.as_ref() == Some(&self.seating) {
            return Ok(Vec::new());
        }
        let missing = missing_places(show, &Places::new(&self.seating));
        if !missing.is_empty() {
            return Err(Rejection::Rule {
                code: Code::SeatingInUse,
                detail:
                    "Places that are held, sold or blocked are not in the new seating; keep them, or free them first."
                        .to_owned(),
                errors: missing,
                held_by: Vec::new(),
            });
        }
        Ok(vec![
            SeatingAdopted {
                sections: self.seating.clone(),
                seats: self.seating.seat_count(),
                standing: self.seating.standing_count(),
            }
            .into(),
        ])
    }
}

/// Taken places that `new` has no room for.
fn missing_places(show: &Show, new: &Places) -> Vec<FieldError> {
    if show.seating.is_none() && show.ticket_types.values().any(|t| t.held + t.sold > 0) {
        return vec![FieldError::at("/sections", "tickets without a place were sold already")];
    }
    let mut missing: Vec<FieldError> = show
        .places
        .taken_seats()
        .filter(|seat| seat.claim != Claim::Free && new.seat(&seat.address).is_none())
        .take(NAMED_SEATS_MAX)
        .map(|seat| FieldError::at("/sections", seat.address.to_string()))
        .collect();
    for section in show.places.sections().iter().filter(|section| !section.is_seated()) {
        let taken = section.tally().capacity - section.tally().free();
        let room = new.section(&section.name).filter(|new| !new.is_seated()).map_or(0, |new| new.tally().capacity);
        if room < taken {
            let detail = format!("{taken} places of {} are taken; the new seating has {room}", section.name);
            missing.push(FieldError::at("/sections", detail));
        }
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification::{given, seating};

    #[test]
    fn a_taken_seat_has_to_stay() {
        given::sold_seat("A-1-1")
            .when(AdoptSeating { seating: seating(&[("1", 2..=6)], 50) })
            .then_rejected(Code::SeatingInUse, &["/sections"]);
    }

    #[test]
    fn free_seats_may_go_and_new_ones_come() {
        let new = seating(&[("1", 1..=1), ("7", 1..=9)], 50);
        given::sold_seat("A-1-1").when(AdoptSeating { seating: new.clone() }).then([SeatingAdopted {
            sections: new,
            seats: 10,
            standing: 50,
        }
        .into()]);
    }
}
