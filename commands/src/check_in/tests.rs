//! The door's decisions, reason by reason.

use domain::{
    door::{Area, CodeRule, DoorRules, Gate, Per, Reentry},
    events::Terms,
    ids::HoldId,
    ticket_type::{Capacity, Entries},
};

use super::*;
use crate::{
    cancel_show::CancelShow,
    place_order::PlaceOrder,
    reissue_ticket::ReissueTicket,
    revise_ticket_type::{ReviseTicketType, TermsChange},
    set_door::SetDoor,
    specification::{GROUP, Given, SEATED, check_in, check_in_ticket, given, hold, hold_id, item, sell, ticket_ids},
    void_ticket::VoidTicket,
};

fn reason(given: Given, command: CheckIn) -> RefusalReason {
    let events = given.when(command).events();
    match &events[..] {
        [ShowEvent::CheckInRefused(event)] => event.reason.unwrap(),
        other => panic!("no refusal but {other:?}"),
    }
}

fn sold() -> (Given, TicketId) {
    let given = given::sold_seat("A-1-1");
    let ticket = ticket_ids(given.history())[0];
    (given, ticket)
}

fn out(ticket: TicketId, scan: u128) -> CheckIn {
    CheckIn { direction: Direction::Out, ..check_in_ticket(ticket, scan) }
}

fn with_door(given: Given, change: impl FnOnce(&mut DoorRules)) -> Given {
    let mut rules = given.show().door.clone();
    change(&mut rules);
    given.and(SetDoor { rules })
}

fn terms(given: Given, changes: TermsChange) -> Given {
    given.and(ReviseTicketType { ticket_type: SEATED, changes })
}

#[test]
fn a_ticket_admits_by_its_code_by_its_token_and_by_its_id() {
    let (given, ticket) = sold();
    let code = given.show().ticket(ticket).unwrap().short_code;
    for shown in [Shown::ShortCode(Some(code)), Shown::Token(Token::Ours { ticket, issue: 1 }), Shown::Ticket(ticket)] {
        let events = given.clone().when(check_in(shown, 1)).events();
        assert!(matches!(&events[..], [ShowEvent::CheckedIn(event)] if event.persons == 1 && event.persons_left == 0));
    }
}

#[test]
fn a_second_scan_is_refused_and_tells_of_the_first() {
    let (given, ticket) = sold();
    let events = given.and(check_in_ticket(ticket, 1)).when(check_in_ticket(ticket, 2)).events();
    let [ShowEvent::CheckInRefused(event)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(event.reason, Some(RefusalReason::AlreadyCheckedIn));
    assert_eq!(event.previous.as_ref().map(|previous| previous.at), Some(crate::specification::at(0)));
}

#[test]
fn what_is_no_ticket_of_the_show_is_refused() {
    let (given, _) = sold();
    let code = Some(ShortCode::try_from("99999999").unwrap());
    assert_eq!(reason(given.clone(), check_in(Shown::ShortCode(code), 1)), RefusalReason::UnknownCode);
    assert_eq!(reason(given.clone(), check_in(Shown::ShortCode(None), 1)), RefusalReason::UnknownCode);
    assert_eq!(reason(given.clone(), check_in(Shown::Token(Token::Forged), 1)), RefusalReason::BadSignature);
    let other = Name::try_from("Autumn Cup").unwrap();
    let wrong = check_in(Shown::Token(Token::OfOtherShow(Some(other.clone()))), 1);
    let events = given.when(wrong).events();
    let [ShowEvent::CheckInRefused(event)] = &events[..] else { panic!() };
    assert_eq!((event.reason, event.other_show.as_ref()), (Some(RefusalReason::WrongShow), Some(&other)));
}

#[test]
fn void_and_replaced_tickets_are_refused() {
    let (given, ticket) = sold();
    let old = given.show().ticket(ticket).unwrap().short_code;
    let reissued = given.clone().and(ReissueTicket { ticket });
    assert_eq!(reason(reissued.clone(), check_in(Shown::ShortCode(Some(old)), 1)), RefusalReason::Replaced);
    let old_token = check_in(Shown::Token(Token::Ours { ticket, issue: 1 }), 1);
    assert_eq!(reason(reissued, old_token), RefusalReason::Replaced);
    let void = VoidTicket { ticket, reason: None, keep_place: false, holder_has_left: false };
    assert_eq!(reason(given.and(void), check_in_ticket(ticket, 1)), RefusalReason::Void);
}

#[test]
fn what_is_due_keeps_out_unless_it_is_on_account() {
    let order = |hold: HoldId, terms| PlaceOrder { hold, customer: None, holders: Vec::new(), terms };
    let held = given::published().and(hold(SEATED, 1));
    let id = hold_id(held.history());
    let at_door = held.clone().and(order(id, Terms::PayAtDoor));
    let ticket = ticket_ids(at_door.history())[0];
    let events = at_door.when(check_in_ticket(ticket, 1)).events();
    assert!(matches!(&events[..], [ShowEvent::CheckInRefused(event)] if event.due == Some(Amount(2_500))));
    let on_account = held.and(order(id, Terms::OnAccount));
    let ticket = ticket_ids(on_account.history())[0];
    assert!(matches!(&on_account.when(check_in_ticket(ticket, 1)).events()[..], [ShowEvent::CheckedIn(_)]));
}

#[test]
fn areas_and_gates_serve_their_own_tickets() {
    let (given, ticket) = sold();
    let area =
        |name: &str| Area { name: name.try_into().unwrap(), limit: None, reentry: Reentry::AfterExit, per: Per::Show };
    let given = with_door(given, |rules| {
        rules.areas.push(area("backstage"));
        rules.gates.push(Gate {
            name: "Floor gate".try_into().unwrap(),
            area: "main".try_into().unwrap(),
            sections: Some(vec!["Floor".to_owned().try_into().unwrap()]),
            ticket_types: None,
        });
    });
    let given = terms(
        given,
        TermsChange { areas: crate::Change::Set(vec!["main".try_into().unwrap()]), ..TermsChange::default() },
    );
    given.clone().when(check_in_ticket(ticket, 1)).then_invalid(&["/area"]);
    let backstage = CheckIn { area: Some("backstage".try_into().unwrap()), ..check_in_ticket(ticket, 1) };
    assert_eq!(reason(given.clone(), backstage), RefusalReason::WrongArea);
    let gate = CheckIn { gate: Some("Floor gate".try_into().unwrap()), ..check_in_ticket(ticket, 1) };
    assert_eq!(reason(given.clone(), gate), RefusalReason::WrongGate);
    let nowhere = CheckIn { gate: Some("Nowhere".try_into().unwrap()), ..check_in_ticket(ticket, 1) };
    given.when(nowhere).then_invalid(&["/gate"]);
}

#[test]
fn doors_open_when_they_say() {
    let (given, ticket) = sold();
    let schedule = domain::events::Schedule {
        doors_at: Some(crate::specification::at(10_000)),
        starts_at: crate::specification::at(20_000),
        ends_at: None,
    };
    let given = given.and(crate::reschedule_show::RescheduleShow { schedule });
    let given = with_door(given, |rules| rules.opens_before_seconds = 600);
    assert_eq!(reason(given.clone().at(9_399), check_in_ticket(ticket, 1)), RefusalReason::TooEarly);
    assert_eq!(given.at(9_400).when(check_in_ticket(ticket, 1)).events().len(), 1);
}

#[test]
fn a_ticket_admits_within_its_validity() {
    let (given, ticket) = sold();
    let valid = crate::nested_change::WindowChange {
        from: crate::Change::Set(crate::specification::at(100)),
        until: crate::Change::Set(crate::specification::at(200)),
    };
    let given = terms(given, TermsChange { valid: crate::Change::Set(valid), ..TermsChange::default() });
    assert_eq!(reason(given.clone().at(99), check_in_ticket(ticket, 1)), RefusalReason::NotYetValid);
    assert_eq!(reason(given.clone().at(200), check_in_ticket(ticket, 1)), RefusalReason::NoLongerValid);
    assert!(matches!(given.at(199).when(check_in_ticket(ticket, 1)).events()[0], ShowEvent::CheckedIn(_)));
}

#[test]
fn a_full_area_waits_until_somebody_goes_also_without_a_ticket() {
    let (given, ticket) = sold();
    let given = with_door(given, |rules| rules.areas[0].limit = Some(3));
    let count = |direction| crate::count_persons::CountPersons {
        area: "main".try_into().unwrap(),
        direction,
        persons: 3.try_into().unwrap(),
        reason: None,
    };
    let full = given.and(count(Direction::In));
    assert_eq!(reason(full.clone(), check_in_ticket(ticket, 1)), RefusalReason::AreaFull);
    assert!(matches!(
        full.and(count(Direction::Out)).when(check_in_ticket(ticket, 1)).events()[0],
        ShowEvent::CheckedIn(_)
    ));
}

#[test]
fn re_entry_after_an_exit_uses_no_entry_or_is_not_allowed_or_always_uses_one() {
    let (given, ticket) = sold();
    let again = |given: Given| given.and(check_in_ticket(ticket, 1)).and(out(ticket, 2));
    let after_exit = again(given.clone()).and(check_in_ticket(ticket, 3));
    assert_eq!(reason(after_exit, check_in_ticket(ticket, 4)), RefusalReason::AlreadyCheckedIn);
    let never = with_door(given.clone(), |rules| rules.areas[0].reentry = Reentry::Never);
    assert_eq!(reason(again(never), check_in_ticket(ticket, 3)), RefusalReason::AlreadyCheckedIn);
    let two = TermsChange { entries: crate::Change::Set(Entries::Times(2)), ..TermsChange::default() };
    let always = with_door(terms(given, two), |rules| rules.areas[0].reentry = Reentry::Always);
    let twice = always.and(check_in_ticket(ticket, 1)).and(check_in_ticket(ticket, 2));
    assert_eq!(reason(twice, check_in_ticket(ticket, 3)), RefusalReason::AlreadyCheckedIn);
}

#[test]
fn each_day_counts_for_itself_in_the_shows_own_zone() {
    let (given, ticket) = sold();
    let given = with_door(given, |rules| rules.areas[0].per = Per::Day).at(0);
    let first = given.and(check_in_ticket(ticket, 1));
    // The tests begin at 00:00 UTC, which is 01:00 in Berlin: the next day begins 23 hours later.
    assert_eq!(reason(first.clone().at(82_799), check_in_ticket(ticket, 2)), RefusalReason::AlreadyCheckedIn);
    assert!(matches!(first.at(82_800).when(check_in_ticket(ticket, 2)).events()[0], ShowEvent::CheckedIn(_)));
}

#[test]
fn nobody_leaves_who_is_not_inside() {
    let (given, ticket) = sold();
    assert_eq!(reason(given.clone(), out(ticket, 1)), RefusalReason::NotInside);
    let gone = given.and(check_in_ticket(ticket, 1)).and(out(ticket, 2));
    assert_eq!(reason(gone, out(ticket, 3)), RefusalReason::NotInside);
}

#[test]
fn a_group_comes_in_parts() {
    let given = given::published().by_staff().and(sell(vec![item(GROUP, 1)]));
    let ticket = ticket_ids(given.history())[0];
    let some = |n, scan| CheckIn { persons: Some(n), ..check_in_ticket(ticket, scan) };
    let three = given.and(some(3, 1));
    assert_eq!(reason(three.clone(), some(2, 2)), RefusalReason::AlreadyCheckedIn);
    let events = three.when(check_in_ticket(ticket, 2)).events();
    assert!(matches!(&events[..], [ShowEvent::CheckedIn(event)] if event.persons == 1 && event.persons_left == 0));
}

#[test]
fn an_override_admits_against_the_rules_but_never_without_a_ticket() {
    let (given, ticket) = sold();
    let why = Some(TextId(uuid::Uuid::nil()));
    let over = |command: CheckIn| CheckIn { override_reason: why, ..command };
    let events = given.clone().and(check_in_ticket(ticket, 1)).when(over(check_in_ticket(ticket, 2))).events();
    let [ShowEvent::CheckedIn(event)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(event.overridden, Some(RefusalReason::AlreadyCheckedIn));
    let unknown = over(check_in(Shown::ShortCode(None), 1));
    assert_eq!(reason(given.clone(), unknown), RefusalReason::UnknownCode);
    let cancelled = given.and(CancelShow { reason: None });
    assert_eq!(reason(cancelled, over(check_in_ticket(ticket, 1))), RefusalReason::ShowCancelled);
}

#[test]
fn a_code_to_be_confirmed_records_nothing_and_admits_by_the_ticket() {
    let (given, ticket) = sold();
    let given = with_door(given, |rules| rules.codes = CodeRule::Confirm);
    let code = given.show().ticket(ticket).unwrap().short_code;
    let looked = given.clone().when(check_in(Shown::ShortCode(Some(code)), 1)).looked();
    assert_eq!((looked.ticket.id, looked.persons_left), (ticket, 1));
    assert_eq!(given.clone().when(check_in_ticket(ticket, 1)).events().len(), 1);
    let off = with_door(given, |rules| rules.codes = CodeRule::Off);
    assert_eq!(reason(off, check_in(Shown::ShortCode(Some(code)), 1)), RefusalReason::UnknownCode);
}

fn offline(verdict: Verdict) -> Option<Offline> {
    Some(Offline { verdict, list_position: 7, sequence: 1 })
}

#[test]
fn what_a_device_did_alone_is_recorded_as_it_happened() {
    let (given, ticket) = sold();
    let in_alone = |scan| CheckIn { offline: offline(Verdict::Admitted), ..check_in_ticket(ticket, scan) };
    let first = given.clone().when(in_alone(1)).events();
    assert!(matches!(&first[..], [ShowEvent::CheckedIn(_)]), "{first:?}");
    let second = given.and(check_in_ticket(ticket, 1)).when(in_alone(2)).events();
    let [ShowEvent::CheckedIn(event), ShowEvent::AdmissionConflictFound(conflict)] = &second[..] else {
        panic!("{second:?}")
    };
    assert_eq!(conflict.server_said, Verdict::Refused(Some(RefusalReason::AlreadyCheckedIn)));
    assert_eq!(event.scan.offline.as_ref().map(|fact| fact.server), Some(conflict.server_said));
}

#[test]
fn a_refusal_without_the_network_stands_though_the_server_would_admit() {
    let (given, ticket) = sold();
    let verdict = Verdict::Refused(Some(RefusalReason::UnknownCode));
    let events = given.when(CheckIn { offline: offline(verdict), ..check_in_ticket(ticket, 1) }).events();
    assert!(matches!(
        &events[..],
        [ShowEvent::CheckInRefused(_), ShowEvent::AdmissionConflictFound(conflict)]
            if conflict.server_said == Verdict::Admitted
    ));
}

#[test]
fn somebody_let_in_without_a_ticket_is_inside_all_the_same() {
    let (given, _) = sold();
    let command = CheckIn { offline: offline(Verdict::Admitted), ..check_in(Shown::Token(Token::Forged), 1) };
    let inside = given.and(command);
    assert_eq!(inside.show().presence.inside(&domain::door::main_area()), 1);
}

#[test]
fn a_scan_that_now_says_otherwise_is_a_conflict_once() {
    let (given, ticket) = sold();
    let online = check_in_ticket(ticket, 1);
    let first = given.when(online.clone()).events();
    assert!(online.again(&first).is_empty());
    let admitted = CheckIn { offline: offline(Verdict::Admitted), ..online.clone() };
    assert!(admitted.again(&first).is_empty());
    let refused = CheckIn { offline: offline(Verdict::Refused(None)), ..online };
    let conflict = refused.again(&first);
    assert!(matches!(&conflict[..], [ShowEvent::AdmissionConflictFound(_)]));
    assert!(refused.again(&[first, conflict].concat()).is_empty());
}

#[test]
fn a_capacity_of_nothing_sells_nothing() {
    let changes =
        TermsChange { capacity: crate::Change::Set(Capacity::try_from(0).unwrap()), ..TermsChange::default() };
    let given = terms(given::published(), changes);
    given.when(hold(SEATED, 1)).then_rejected(crate::Code::SoldOut, &["/items/0"]);
}

#[test]
fn nobody_and_more_people_than_there_are_cannot_be_admitted() {
    let (given, ticket) = sold();
    for persons in [0, 10_001, u32::MAX] {
        let command = CheckIn { persons: Some(persons), ..check_in_ticket(ticket, 1) };
        given.clone().when(command).then_invalid(&["/persons"]);
    }
}

#[test]
fn a_scan_without_the_network_is_recorded_though_its_area_is_no_more() {
    let (given, ticket) = sold();
    let gone = CheckIn {
        area: Some("balcony".try_into().unwrap()),
        offline: offline(Verdict::Admitted),
        ..check_in_ticket(ticket, 1)
    };
    let events = given.when(gone).events();
    assert!(matches!(
        &events[..],
        [ShowEvent::CheckedIn(event), ShowEvent::AdmissionConflictFound(_)] if event.scan.area.as_str() == "balcony"
    ));
}

#[test]
fn several_entries_need_an_exit_between_them_unless_they_always_count() {
    let (given, ticket) = sold();
    let three = TermsChange { entries: crate::Change::Set(Entries::Times(3)), ..TermsChange::default() };
    let given = terms(given, three).and(check_in_ticket(ticket, 1));
    assert_eq!(reason(given.clone(), check_in_ticket(ticket, 2)), RefusalReason::AlreadyCheckedIn);
    let returned = given.and(out(ticket, 3)).when(check_in_ticket(ticket, 4)).events();
    assert!(matches!(&returned[..], [ShowEvent::CheckedIn(event)] if event.returning == 1));
}

#[test]
fn an_override_admits_no_more_people_than_the_ticket_is_for() {
    let (given, ticket) = sold();
    let crowd = CheckIn {
        persons: Some(1_000),
        override_reason: Some(TextId(uuid::Uuid::nil())),
        ..check_in_ticket(ticket, 1)
    };
    given.when(crowd).then_invalid(&["/persons"]);
}
