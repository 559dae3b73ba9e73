//! Two counts of one show: the judge's, who counts from the events alone, and the folded state's, by which the server decides.
//! They share no code, so that a mistake in one of them is a difference here.

use std::collections::HashMap;

use domain::{ShowState, place::SeatAddress, show::Claim};

use crate::verify::judge::{Judge, Owner};

/// Where the sums differ. Asked at each step: it looks at sections and types, not at seats.
pub(super) fn sums(judge: &Judge, state: &ShowState) -> Vec<String> {
    let Some(show) = state.show() else { return Vec::new() };
    let mut differences = Vec::new();
    let mut same = |what: &str, judged: i64, folded: i64| {
        if judged != folded {
            differences.push(format!("{what}: {judged} by the judge's count, {folded} in the folded state"));
        }
    };
    if show.seating.is_some() {
        let (mut held, mut sold, mut blocked) = (0, 0, 0);
        for tally in show.places.sections().iter().map(domain::show::SectionPlaces::tally) {
            held += i64::from(tally.held);
            sold += i64::from(tally.sold);
            blocked += i64::from(tally.blocked);
        }
        let taken = judge.taken();
        same("places held", taken.held, held);
        same("places sold", taken.sold, sold);
        same("places blocked", taken.blocked, blocked);
    }
    for of_type in show.ticket_types.values() {
        let folded = i64::from(of_type.held) + i64::from(of_type.sold);
        same(&format!("tickets of the type {}", of_type.terms.name), judge.tickets(of_type.id), folded);
    }
    same("valid tickets", judge.valid(), show.attendance.issued.into());
    same("people admitted", judge.admitted(), show.attendance.admitted.into());
    differences
}

/// Where a single seat is in other hands. Asked once, at the end.
pub(super) fn seats(judge: &Judge, state: &ShowState) -> Vec<String> {
    let Some(show) = state.show() else { return Vec::new() };
    let mut judged: HashMap<&SeatAddress, Claim> =
        judge.taken_seats().map(|(seat, owner)| (seat, claim(owner))).collect();
    let mut differences = Vec::new();
    for seat in show.places.taken_seats() {
        let by_judge = judged.remove(&seat.address).unwrap_or(Claim::Free);
        if by_judge != seat.claim {
            differences.push(format!(
                "the seat {}: {by_judge:?} by the judge's count, {:?} in the folded state",
                seat.address, seat.claim
            ));
        }
    }
    differences.extend(
        judged
            .into_iter()
            .map(|(seat, claim)| format!("the seat {seat}: {claim:?} by the judge's count, Free in the folded state")),
    );
    differences.sort();
    differences
}

fn claim(owner: Owner) -> Claim {
    match owner {
        Owner::Hold(id) => Claim::Held(id),
        Owner::Order(id) => Claim::Ordered(id),
        Owner::Ticket(id) => Claim::Sold(id),
        Owner::Block(id) => Claim::Blocked(id),
    }
}
