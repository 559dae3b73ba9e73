//! That the checker refuses what may not be, and takes what may.

use super::checker::{Operation, Violation, check};
use super::models::{Answer, Ask, Places};

const SEAT: Places = Places { capacity: 1, full: "seat_taken" };
const TAKEN: Answer = Answer::No("seat_taken");
use Answer::Done;

/// Operations with the moments of their call and return; without an answer, of their call alone.
fn history(operations: &[(u64, u64, Ask, Option<Answer>)]) -> Vec<Operation<Places>> {
    let operation = |(number, (called, returned, ask, answer)): (usize, &(u64, u64, Ask, Option<Answer>))| Operation {
        number,
        ask: ask.clone(),
        answer: *answer,
        called: *called,
        returned: answer.map(|_| *returned),
    };
    operations.iter().enumerate().map(operation).collect()
}

fn verdict(places: Places, operations: &[(u64, u64, Ask, Option<Answer>)]) -> Result<(), Violation<Places>> {
    check(&places, &history(operations))
}

/// The numbers of the operations that prove it.
fn proof(places: Places, operations: &[(u64, u64, Ask, Option<Answer>)]) -> Vec<usize> {
    let Err(violation) = verdict(places, operations) else { panic!("taken: {operations:?}") };
    violation.operations.iter().map(|operation| operation.number).collect()
}

#[test]
fn a_seat_held_twice_is_refused() {
    assert_eq!(proof(SEAT, &[(0, 1, Ask::Hold(1), Some(Done)), (2, 3, Ask::Hold(1), Some(Done))]), [1]);
    // Also when they overlap: one of them came second.
    assert_eq!(proof(SEAT, &[(0, 2, Ask::Hold(1), Some(Done)), (1, 3, Ask::Issue, Some(Done))]), [0, 1]);
}

#[test]
fn of_two_at_once_either_may_be_first() {
    for (first, second) in [(Done, TAKEN), (TAKEN, Done)] {
        assert!(verdict(SEAT, &[(0, 3, Ask::Hold(1), Some(first)), (1, 2, Ask::Issue, Some(second))]).is_ok());
    }
    assert_eq!(proof(SEAT, &[(0, 3, Ask::Hold(1), Some(TAKEN)), (1, 2, Ask::Issue, Some(TAKEN))]), [1]);
}

#[test]
fn a_stale_rejection_is_refused() {
    let released = [(0, 1, Ask::Hold(1), Some(Done)), (2, 3, Ask::Release(0), Some(Done))];
    let with = |called, returned| [&released[..], &[(called, returned, Ask::Issue, Some(TAKEN))]].concat();
    // Asked after the release was answered: the hold and the release explain nothing, so the rejection stands alone.
    assert_eq!(proof(SEAT, &with(4, 5)), [2]);
    // Asked before: it may have come first.
    assert!(
        verdict(
            SEAT,
            &[(0, 1, Ask::Hold(1), Some(Done)), (2, 4, Ask::Release(0), Some(Done)), (3, 5, Ask::Issue, Some(TAKEN))]
        )
        .is_ok()
    );
}

#[test]
fn a_stale_admission_is_refused() {
    let inside = [(0, 1, Ask::Issue, Some(Done)), (2, 3, Ask::CheckIn(0), Some(Done))];
    assert_eq!(proof(SEAT, &[&inside[..], &[(4, 5, Ask::CheckIn(0), Some(Done))]].concat()), [2]);
    let undone = [&inside[..], &[(4, 5, Ask::UndoCheckIn(1), Some(Done))]].concat();
    assert!(verdict(SEAT, &[&undone[..], &[(6, 7, Ask::CheckIn(0), Some(Done))]].concat()).is_ok());
    let voided = [&undone[..], &[(6, 7, Ask::Void(0), Some(Done))]].concat();
    assert_eq!(proof(SEAT, &[&voided[..], &[(8, 9, Ask::CheckIn(0), Some(Done))]].concat()), [4]);
    assert!(verdict(SEAT, &[&voided[..], &[(8, 9, Ask::CheckIn(0), Some(Answer::No("void")))]].concat()).is_ok());
}

#[test]
fn what_has_no_answer_may_happen_at_any_later_moment_or_never() {
    let held = (0, 1, Ask::Hold(1), Some(Done));
    let left = (2, 0, Ask::Release(0), None);
    for after in [Done, TAKEN] {
        assert!(verdict(SEAT, &[held.clone(), left.clone(), (8, 9, Ask::Issue, Some(after))]).is_ok(), "{after:?}");
    }
    // Late, between two that were told.
    assert!(
        verdict(SEAT, &[held.clone(), left.clone(), (4, 5, Ask::Issue, Some(TAKEN)), (6, 7, Ask::Issue, Some(Done))])
            .is_ok()
    );
    // But not before it was asked, and not twice.
    assert_eq!(proof(SEAT, &[held.clone(), (2, 3, Ask::Issue, Some(Done)), (4, 0, Ask::Release(0), None)]), [1]);
    let again = [held, left, (4, 5, Ask::Issue, Some(Done)), (6, 7, Ask::Issue, Some(Done))];
    assert!(verdict(SEAT, &again).is_err());
}

#[test]
fn no_more_is_held_than_there_is() {
    let floor = Places { capacity: 4, full: "sold_out" };
    let none = Answer::No("sold_out");
    let three = (0, 1, Ask::Hold(3), Some(Done));
    assert!(verdict(floor, &[three.clone(), (2, 3, Ask::Hold(2), Some(none)), (4, 5, Ask::Issue, Some(Done))]).is_ok());
    assert_eq!(proof(floor, &[three.clone(), (2, 3, Ask::Hold(2), Some(Done))]), [1]);
    // One is left, so nobody may hear that none is.
    assert_eq!(proof(floor, &[three, (2, 3, Ask::Issue, Some(none))]), [1]);
}

#[test]
fn what_is_shown_of_a_long_history_is_short() {
    let mut operations = Vec::new();
    let mut moment = 0;
    let mut next = || {
        moment += 2;
        (moment, moment + 1)
    };
    for round in 0..500 {
        for (ask, answer) in [(Ask::Hold(1), Done), (Ask::Issue, TAKEN), (Ask::Release(round * 3), Done)] {
            let (called, returned) = next();
            operations.push((called, returned, ask, Some(answer)));
        }
    }
    assert!(verdict(SEAT, &operations).is_ok());
    let (called, returned) = next();
    operations.push((called, returned, Ask::Hold(1), Some(TAKEN)));
    for _ in 0..500 {
        let (called, returned) = next();
        operations.push((called, returned, Ask::Issue, Some(Done)));
    }
    assert_eq!(proof(SEAT, &operations), [1_500]);
    let shown = format!("{:?}", verdict(SEAT, &operations).expect_err("refused"));
    assert!(shown.contains("#1500 Hold(1) → No(\"seat_taken\")") && shown.lines().count() == 4, "{shown}");
}
