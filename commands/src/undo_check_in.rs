//! UndoCheckIn: take an admission or an exit back, because somebody pressed the wrong key. The device that made it may
//! within a quarter of an hour, a manager always. The scan stays in the history.

use chrono::TimeDelta;
use domain::{
    Show, ShowEvent,
    events::CheckInUndone,
    ids::{ScanId, TextId},
};

use crate::{Code, Context, Rejection};

/// How long a device may take its own scan back, in minutes.
pub const UNDO_MINUTES: i64 = 15;

/// Take an admission or an exit back.
#[derive(Debug, Clone, PartialEq)]
pub struct UndoCheckIn {
    /// Which.
    pub scan: ScanId,
    /// Why, in the vault.
    pub reason: Option<TextId>,
}

impl UndoCheckIn {
    pub(crate) fn decide(&self, show: &Show, context: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        let passage = show.presence.passage(self.scan).ok_or(Rejection::NotFound)?;
        // Two people without devices are not the same one.
        let own = context.device.is_some() && passage.device == context.device;
        let recent = context.now - passage.at <= TimeDelta::minutes(UNDO_MINUTES);
        let may = context.manager || (own && recent);
        if !may {
            let detail = format!(
                "Only the device that made the scan may take it back, within {UNDO_MINUTES} minutes; ask a manager."
            );
            return Err(Rejection::Forbidden(detail));
        }
        if passage.undone {
            return Err(Rejection::rule(Code::AlreadyUndone, "The scan was taken back already.")
                .held_by([crate::HeldBy::Scan(self.scan)]));
        }
        Ok(vec![
            CheckInUndone {
                scan: self.scan,
                ticket: passage.ticket,
                ticket_type: passage.ticket_type,
                direction: passage.direction,
                area: passage.area.clone(),
                gate: passage.gate.clone(),
                persons: passage.persons,
                returning: passage.returning,
                day: passage.day,
                scanned_at: passage.at,
                device: context.device,
                reason: self.reason,
            }
            .into(),
        ])
    }
}

#[cfg(test)]
mod tests {
    use domain::{door::Direction, ids::DeviceId};

    use super::*;
    use crate::check_in::CheckIn;
    use crate::specification::{BoundDevice, check_in_ticket, given, ticket_ids};

    #[test]
    fn an_undone_admission_may_be_made_again() {
        let given = given::sold_seat("A-1-1").by_manager();
        let ticket = ticket_ids(given.history())[0];
        let undo = UndoCheckIn { scan: ScanId(uuid::Uuid::from_u128(1)), reason: None };
        let undone = given.and(check_in_ticket(ticket, 1)).and(undo.clone());
        undone.clone().when(undo).then_rejected(Code::AlreadyUndone, &[]);
        let events = undone.when(check_in_ticket(ticket, 2)).events();
        assert!(matches!(&events[..], [ShowEvent::CheckedIn(_)]));
    }

    #[test]
    fn after_a_quarter_of_an_hour_only_a_manager_may() {
        let given = given::sold_seat("A-1-1");
        let ticket = ticket_ids(given.history())[0];
        let undo = UndoCheckIn { scan: ScanId(uuid::Uuid::from_u128(1)), reason: None };
        let late = given.and(check_in_ticket(ticket, 1)).at(100_901);
        assert!(matches!(late.clone().when(undo.clone()).rejection(), Rejection::Forbidden(_)));
        assert_eq!(late.by_manager().when(undo).events().len(), 1);
    }

    #[test]
    fn a_device_takes_its_own_scans_back_and_no_other_ones() {
        let device = |number| BoundDevice {
            device: DeviceId(uuid::Uuid::from_u128(number)),
            gates: Vec::new(),
            may_override: false,
        };
        let sold = given::sold_seat("A-1-1");
        let ticket = ticket_ids(sold.history())[0];
        let undo = UndoCheckIn { scan: ScanId(uuid::Uuid::from_u128(1)), reason: None };
        let scanned = sold.clone().by_device(device(7)).and(check_in_ticket(ticket, 1));
        for (seconds, number, may) in [(900, 7, true), (901, 7, false), (0, 8, false)] {
            let decided = scanned.clone().at(seconds).by_device(device(number)).when(undo.clone());
            assert_eq!(decided.is_accepted(), may, "device {number} after {seconds} seconds");
        }
        let by_a_person = sold.and(check_in_ticket(ticket, 1));
        for who in [by_a_person.clone().by_device(device(7)), by_a_person] {
            assert!(matches!(who.when(undo.clone()).rejection(), Rejection::Forbidden(_)));
        }
    }

    #[test]
    fn whatever_is_taken_back_a_ticket_admits_no_more_people_than_it_says() {
        let sold = given::sold_seat("A-1-1").by_manager();
        let ticket = ticket_ids(sold.history())[0];
        let scan = |number| check_in_ticket(ticket, number);
        let out = CheckIn { direction: Direction::Out, ..scan(2) };
        let undo = |number| UndoCheckIn { scan: ScanId(uuid::Uuid::from_u128(number)), reason: None };
        let back = sold.and(scan(1)).and(out).and(scan(3));
        for number in [1, 2] {
            let given = back.clone().and(undo(number));
            let inside = given.show().presence.inside_of(ticket);
            let admitted = match &given.clone().when(scan(4)).events()[..] {
                [ShowEvent::CheckedIn(event)] => event.persons,
                _ => 0,
            };
            assert!(inside + admitted <= 2 && (inside == 0 || admitted == 0), "{inside} inside, {admitted} more");
        }
    }
}
