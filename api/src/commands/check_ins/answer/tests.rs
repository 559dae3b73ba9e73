//! Answers from events.

use domain::{
    codes::ShortCode,
    door::Direction,
    events::{CheckedIn, ShownAs, Verdict},
    ids::{PersonId, ScanId, TicketId, TicketTypeId},
    place::{Place, SectionName},
};
use serde_json::{Value, json};

use super::*;
use crate::commands::{answer::tests::outcome, check_ins::scene::tests::scene};

const PERSON: Uuid = Uuid::from_u128(9);

fn scan() -> Scan {
    Scan {
        scan: ScanId(Uuid::from_u128(1)),
        shown: ShownAs::ShortCode,
        area: "main".try_into().unwrap(),
        gate: None,
        device: None,
        at: "2041-05-04T18:30:00Z".parse().unwrap(),
        offline: None,
    }
}

fn ticket() -> SeenTicket {
    SeenTicket {
        id: TicketId(Uuid::from_u128(2)),
        short_code: ShortCode::try_from("0427").unwrap(),
        ticket_type: TicketTypeId(Uuid::from_u128(3)),
        places: vec![Place::standing(SectionName::try_from("Floor".to_owned()).unwrap(), 1)],
        persons: 1,
        holder: Some(PersonId(PERSON)),
    }
}

fn admission() -> CheckedIn {
    CheckedIn {
        scan: scan(),
        ticket: Some(ticket()),
        persons: 1,
        returning: 0,
        day: None,
        override_reason: None,
        overridden: None,
        entries_left: Some(0),
        persons_left: 0,
    }
}

fn refusal(reason: RefusalReason) -> CheckInRefused {
    CheckInRefused {
        scan: scan(),
        direction: Direction::In,
        ticket: None,
        persons: 1,
        reason: Some(reason),
        previous: None,
        due: None,
        other_show: None,
        moment: None,
        entries_left: None,
        persons_left: None,
    }
}

fn shown(events: Vec<ShowEvent>) -> Value {
    let answer = answered(&outcome(events), &scene(domain::door::HolderRule::Initials, PERSON)).unwrap();
    serde_json::to_value(answer).unwrap()
}

#[test]
fn an_admission_has_every_field() {
    let expected = json!({
        "scan": Uuid::from_u128(1), "at": "2041-05-04T18:30:00Z", "result": "admitted", "reason": null,
        "overridable": false, "say": "Come in: 1 person, Floor.", "do": "admit",
        "ticket": {
            "id": Uuid::from_u128(2), "short_code": "0427", "ticket_type": Uuid::from_u128(3), "seat": null,
            "persons": 1, "holder": "A. E.", "notes": null,
        },
        "previous": null, "entries_left": 0, "persons_left": 0, "undone": false, "because": [],
    });
    assert_eq!(shown(vec![admission().into()]), expected);
}

#[test]
fn each_reason_says_what_to_do() {
    for (reason, to_do, overridable) in [
        (RefusalReason::AlreadyCheckedIn, "refuse", true),
        (RefusalReason::BadSignature, "refuse", false),
        (RefusalReason::UnknownCode, "send_to_box_office", false),
        (RefusalReason::WrongGate, "other_gate", true),
        (RefusalReason::AreaFull, "wait", true),
    ] {
        let shown = shown(vec![refusal(reason).into()]);
        assert_eq!((&shown["result"], &shown["do"]), (&json!("refused"), &json!(to_do)));
        assert_eq!(shown["overridable"], overridable);
        assert_eq!(shown["ticket"], Value::Null);
    }
}

#[test]
fn a_dispute_between_device_and_server_calls_a_manager() {
    let found = AdmissionConflictFound {
        scan: ScanId(Uuid::from_u128(1)),
        ticket: None,
        area: "main".try_into().unwrap(),
        at: scan().at,
        device: None,
        device_said: Verdict::Admitted,
        server_said: Verdict::Refused(Some(RefusalReason::Void)),
    };
    let mut alone = admission();
    let (verdict, server) = (found.device_said, found.server_said);
    alone.scan.offline = Some(domain::events::OfflineFact { verdict, list_position: 1, sequence: 1, server });
    let disputed = shown(vec![alone.into(), found.clone().into()]);
    assert_eq!((&disputed["result"], &disputed["do"]), (&json!("admitted"), &json!("call_manager")));
    // What a device says of a scan later does not change the answer that was given.
    let later = shown(vec![admission().into(), found.into()]);
    assert_eq!(later["do"], json!("admit"));
}

#[test]
fn a_ticket_to_be_confirmed_is_shown_and_a_repeat_says_whether_it_was_undone() {
    let looked = Looked { scan: scan(), ticket: ticket(), persons: 1, entries_left: Some(1), persons_left: 1 };
    let mut asked = outcome(Vec::new());
    asked.confirm = Some(looked);
    let answer = answered(&asked, &scene(domain::door::HolderRule::None, PERSON)).unwrap();
    assert_eq!((answer.result, answer.persons_left), (CheckInResult::Confirm, Some(1)));
    assert_eq!(answer.ticket.unwrap().holder, None);
    let mut repeated = outcome(vec![admission().into()]);
    repeated.undone = true;
    assert!(answered(&repeated, &Scene::bare()).unwrap().undone);
    assert_eq!(answered(&outcome(Vec::new()), &Scene::bare()).unwrap_err().code(), "internal");
}
