//! The wording, reason by reason.

use domain::{
    codes::ShortCode,
    events::{Scan, ShownAs},
    ids::{ScanId, TicketId, TicketTypeId},
    place::{Place, SeatAddress, SectionName},
};
use uuid::Uuid;

use super::*;
use crate::commands::check_ins::scene::tests::scene;

fn at(text: &str) -> Time {
    text.parse().unwrap()
}

fn euros() -> Currency {
    Currency::try_from("EUR".to_owned()).unwrap()
}

fn scan() -> Scan {
    Scan {
        scan: ScanId(Uuid::from_u128(1)),
        shown: ShownAs::Token,
        area: "main".try_into().unwrap(),
        gate: None,
        device: None,
        at: at("2041-05-04T18:30:00Z"),
        offline: None,
    }
}

fn ticket(section: &str, persons: u32) -> SeenTicket {
    let section = SectionName::try_from(section.to_owned()).unwrap();
    let seat = SeatAddress::try_from(format!("{section}-1-2")).unwrap();
    SeenTicket {
        id: TicketId(Uuid::from_u128(2)),
        short_code: ShortCode::try_from("0427").unwrap(),
        ticket_type: TicketTypeId(Uuid::from_u128(3)),
        places: vec![if persons == 1 { Place::seat(section, seat) } else { Place::standing(section, persons) }],
        persons,
        holder: None,
    }
}

fn refusal(reason: RefusalReason) -> CheckInRefused {
    CheckInRefused {
        scan: scan(),
        direction: Direction::In,
        ticket: Some(ticket("Left", 1)),
        persons: 1,
        reason: Some(reason),
        previous: None,
        due: None,
        other_show: None,
        moment: None,
        entries_left: None,
        persons_left: Some(0),
    }
}

fn said(event: &CheckInRefused) -> String {
    refused(event, euros(), &scene(domain::door::HolderRule::Initials, Uuid::nil()))
}

#[test]
fn a_second_scan_is_told_when_and_where_the_first_was_on_the_shows_clock() {
    let previous = |moment| Previous { at: at(moment), gate: Some("North".try_into().unwrap()), device: None };
    let mut event = refusal(RefusalReason::AlreadyCheckedIn);
    event.previous = Some(previous("2041-05-04T17:32:10Z"));
    assert_eq!(said(&event), "Already used at 19:32, gate North. Refuse.");
    event.previous = Some(previous("2041-05-03T17:32:10Z"));
    assert_eq!(said(&event), "Already used at 2041-05-03 19:32, gate North. Refuse.");
    event.persons_left = Some(2);
    event.persons = 3;
    assert_eq!(said(&event), "Only 2 of this ticket may still come in, not 3. Admit 2, refuse the rest.");
}

#[test]
fn another_gate_is_named() {
    let gates =
        |section| said(&CheckInRefused { ticket: Some(ticket(section, 1)), ..refusal(RefusalReason::WrongGate) });
    assert_eq!(gates("Left"), "Another gate serves this ticket: North, South. Send them there.");
    assert_eq!(gates("Right"), "Another gate serves this ticket: South. Send them there.");
}

#[test]
fn what_is_due_the_other_show_and_the_moment_are_named() {
    let unpaid = CheckInRefused { due: Some(Amount(2_505)), ..refusal(RefusalReason::Unpaid) };
    assert_eq!(said(&unpaid), "Not paid: 25.05 EUR is due. Send them to the box office.");
    let wrong =
        CheckInRefused { other_show: Some("Autumn Cup".try_into().unwrap()), ..refusal(RefusalReason::WrongShow) };
    assert_eq!(said(&wrong), "This ticket is for another show: Autumn Cup. Send them to the box office.");
    let early = CheckInRefused { moment: Some(at("2041-05-05T16:00:00Z")), ..refusal(RefusalReason::TooEarly) };
    assert_eq!(said(&early), "Too early: people are let in from 2041-05-05 18:00. Ask them to wait.");
}

#[test]
fn every_reason_says_something_and_ends_with_what_to_do() {
    for reason in [
        RefusalReason::AlreadyCheckedIn,
        RefusalReason::NotInside,
        RefusalReason::UnknownCode,
        RefusalReason::BadSignature,
        RefusalReason::WrongShow,
        RefusalReason::WrongArea,
        RefusalReason::WrongGate,
        RefusalReason::Void,
        RefusalReason::Replaced,
        RefusalReason::Unpaid,
        RefusalReason::TooEarly,
        RefusalReason::NotYetValid,
        RefusalReason::NoLongerValid,
        RefusalReason::AreaFull,
        RefusalReason::ShowCancelled,
    ] {
        assert!(said(&refusal(reason)).ends_with('.'), "{reason:?}");
        assert!(!short(reason).is_empty());
    }
}

#[test]
fn an_admission_says_how_many_where_and_who_may_still_come() {
    let mut event = CheckedIn {
        scan: scan(),
        ticket: Some(ticket("Left", 1)),
        persons: 1,
        returning: 0,
        day: None,
        override_reason: None,
        overridden: None,
        entries_left: Some(0),
        persons_left: 0,
    };
    assert_eq!(admitted(&event), "Come in: 1 person, seat Left-1-2.");
    event.overridden = Some(RefusalReason::Void);
    assert_eq!(admitted(&event), "Come in: 1 person, seat Left-1-2. Against the rule: the ticket is void.");
    let group = CheckedIn { ticket: Some(ticket("Floor", 5)), persons: 2, persons_left: 3, overridden: None, ..event };
    assert_eq!(admitted(&group), "Come in: 2 persons, Floor. 3 of this ticket may still come.");
}

#[test]
fn a_conflict_calls_a_manager() {
    let found = |device_said, server_said| AdmissionConflictFound {
        scan: ScanId(Uuid::from_u128(1)),
        ticket: None,
        area: "main".try_into().unwrap(),
        at: at("2041-05-04T18:30:00Z"),
        device: None,
        device_said,
        server_said,
    };
    let in_all_the_same = found(Verdict::Admitted, Verdict::Refused(Some(RefusalReason::Void)));
    assert_eq!(conflict(&in_all_the_same), "The device let them in, but the ticket is void. Call a manager.");
    let refused = found(Verdict::Refused(None), Verdict::Admitted);
    assert_eq!(conflict(&refused), "The device refused, but the ticket was good. Call a manager.");
}

#[test]
fn money_has_the_digits_of_its_currency() {
    let money = |amount, currency: &str| super::money(Amount(amount), Currency::try_from(currency.to_owned()).unwrap());
    assert_eq!(money(2_500, "EUR"), "25.00 EUR");
    assert_eq!(money(5, "EUR"), "0.05 EUR");
    assert_eq!(money(2_500, "JPY"), "2500 JPY");
    assert_eq!(money(-2_500, "KWD"), "-2.500 KWD");
}
