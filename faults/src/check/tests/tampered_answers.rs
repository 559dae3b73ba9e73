//! The journal against the log: what was answered and is not there, what is there and was not answered.

use super::super::Kind;
use super::log::{Run, id, sale, sold};
use crate::journal::Outcome;

/// The request that sold the third time, on the floor.
fn third_sale(run: &Run) -> usize {
    let sold = |outcome: &Outcome| match outcome {
        Outcome::Accepted { facts, .. } => facts.contains(&("OrderPlaced", id(30))),
        _ => false,
    };
    run.journal.iter().position(|entry| sold(&entry.outcome)).unwrap()
}

#[test]
fn an_acknowledged_sale_that_the_log_does_not_have_is_lost() {
    let mut run = sold();
    let position = Some(i64::try_from(run.rows.len()).unwrap());
    run.answered(90, Outcome::Accepted { position, facts: vec![("TicketIssued", id(77))] });
    assert_eq!(run.found(), [Kind::Lost]);
}

#[test]
fn an_answer_with_another_position_is_lost() {
    let mut run = sold();
    let at = third_sale(&run);
    let Outcome::Accepted { position, .. } = &mut run.journal[at].outcome else { unreachable!() };
    *position = position.map(|position| position - 1);
    let found = run.found();
    assert!(found.contains(&Kind::Lost), "{found:?}");
}

#[test]
fn an_answer_that_names_another_ticket_is_lost() {
    let mut run = sold();
    let at = third_sale(&run);
    let Outcome::Accepted { facts, .. } = &mut run.journal[at].outcome else { unreachable!() };
    facts.retain(|fact| fact.0 != "TicketIssued");
    facts.push(("TicketIssued", id(21)));
    assert_eq!(run.found(), [Kind::Lost]);
}

#[test]
fn a_ticket_that_the_answer_did_not_name_is_found() {
    let mut run = sold();
    let at = third_sale(&run);
    let Outcome::Accepted { facts, .. } = &mut run.journal[at].outcome else { unreachable!() };
    facts.retain(|fact| fact.0 != "TicketIssued");
    assert_eq!(run.found(), [Kind::Lost]);
}

#[test]
fn a_sale_that_one_request_made_twice_is_doubled() {
    let mut run = sold();
    let number = run.typed[&id(10)];
    let (events, _) = sale(70, 71, Some("Stalls-A-4"));
    run.recorded(&events);
    // The same request typed the customer of this sale, too.
    run.typed.insert(id(70), number);
    assert_eq!(run.found(), [Kind::Doubled]);
}

#[test]
fn one_command_that_two_requests_were_answered_with_is_doubled() {
    let mut run = sold();
    let again = run.journal[third_sale(&run)].outcome.clone();
    run.answered(91, again);
    let found = run.found();
    assert!(found.contains(&Kind::Doubled), "{found:?}");
}

#[test]
fn a_rejected_request_that_was_recorded_all_the_same_is_found() {
    let mut run = sold();
    let at = third_sale(&run);
    run.journal[at].outcome = Outcome::Rejected { code: "sold_out".to_owned() };
    assert_eq!(run.found(), [Kind::Unasked]);
}

#[test]
fn what_nobody_asked_for_is_found() {
    let mut run = sold();
    let (events, _) = sale(70, 71, Some("Stalls-A-4"));
    run.recorded(&events);
    assert_eq!(run.found(), [Kind::Unasked]);
}

#[test]
fn a_request_without_an_answer_is_found() {
    let mut run = sold();
    run.answered(92, Outcome::Open);
    assert_eq!(run.found(), [Kind::Unavailable]);
}
