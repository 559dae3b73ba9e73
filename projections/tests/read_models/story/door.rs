//! What happens at the door of a story.

use super::*;

impl Story {
    pub(super) fn scan(&mut self, area: &DoorName) -> Scan {
        let scan = ScanId(self.thing());
        let at = noon() + TimeDelta::seconds(i64::try_from(self.below(7_200)).unwrap());
        let gate = (area.as_str() == "main").then(|| door_name("North"));
        Scan { scan, shown: ShownAs::ShortCode, area: area.clone(), gate, device: None, at, offline: None }
    }

    pub fn enter(&mut self) {
        let Some(ticket) = self.a_ticket() else { return };
        let area = door_name(["main", "backstage"][self.below(2)]);
        let scan = self.scan(&area);
        let show = self.show();
        let area = show.door.area(&area).unwrap().clone();
        let day = (area.per == Per::Day).then(|| show.timezone.day(scan.at));
        let entries = show.ticket_type(ticket.ticket_type).unwrap().terms.entries;
        let room = show.presence.room(ticket.id, ticket.persons, entries, &area, day);
        if room.persons == 0 {
            return;
        }
        self.scans.push(scan.scan);
        self.say(CheckedIn {
            scan,
            ticket: Some(seen(&ticket)),
            persons: room.persons,
            returning: room.returning.min(room.persons),
            day,
            override_reason: None,
            overridden: None,
            entries_left: room.entries,
            persons_left: 0,
        });
    }

    pub(super) fn leave(&mut self) {
        let Some(ticket) = self.a_ticket() else { return };
        let area = door_name("main");
        let Some(stay) = self.show().presence.stay_inside(ticket.id, &area).cloned() else { return };
        let scan = self.scan(&area);
        self.scans.push(scan.scan);
        self.say(CheckedOut {
            scan,
            ticket: Some(seen(&ticket)),
            persons: stay.inside,
            day: stay.day,
            override_reason: None,
            overridden: None,
            entries_left: None,
            persons_left: stay.inside,
        });
    }

    /// Whoever goes out without having come in came in unseen.
    pub(super) fn leave_unseen(&mut self) {
        let ticket = self.a_ticket().unwrap();
        let scan = self.scan(&door_name("main"));
        self.say(CheckedOut {
            scan,
            ticket: Some(seen(&ticket)),
            persons: ticket.persons,
            day: None,
            override_reason: None,
            overridden: None,
            entries_left: None,
            persons_left: 0,
        });
    }

    pub(super) fn undo(&mut self) {
        let Some(scan) = self.scans.pop() else { return };
        let Some(passage) = self.show().presence.passage(scan).cloned() else { return };
        self.say(CheckInUndone {
            scan,
            ticket: passage.ticket,
            ticket_type: passage.ticket_type,
            direction: passage.direction,
            area: passage.area,
            gate: passage.gate,
            persons: passage.persons,
            returning: passage.returning,
            day: passage.day,
            scanned_at: passage.at,
            device: None,
            reason: None,
        });
    }

    pub(super) fn refuse_or_count(&mut self) {
        let scan = self.scan(&door_name("main"));
        if self.below(2) == 0 {
            let ticket = self.a_ticket().as_ref().map(seen);
            self.say(CheckInRefused {
                scan,
                direction: Direction::In,
                ticket,
                persons: 1,
                reason: Some(RefusalReason::UnknownCode),
                previous: None,
                due: None,
                other_show: None,
                moment: None,
                entries_left: None,
                persons_left: None,
            });
        } else {
            let count = CountId(self.thing());
            let (area, at) = (scan.area, scan.at);
            self.say(PersonsCounted {
                count,
                area,
                direction: Direction::In,
                persons: 2,
                at,
                device: None,
                reason: None,
            });
        }
    }
}

fn seen(ticket: &domain::show::Ticket) -> SeenTicket {
    SeenTicket {
        id: ticket.id,
        short_code: ticket.short_code,
        ticket_type: ticket.ticket_type,
        places: ticket.places.clone(),
        persons: ticket.persons,
        holder: ticket.holder,
    }
}
