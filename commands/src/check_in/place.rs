//! Where somebody is looked at: the gate and the area, as the request and the device that asks say.

use domain::{Show, door::Gate, text::DoorName};

use super::CheckIn;
use crate::{Context, Rejection};

impl CheckIn {
    /// The area and the gate, by their names.
    pub(super) fn place(&self, show: &Show, context: &Context) -> Result<(DoorName, Option<DoorName>), Rejection> {
        if self.offline.is_some() {
            return Ok(self.place_as_it_was(show));
        }
        match &context.device_gates {
            Some(gates) => self.place_of_device(show, gates),
            None => self.place_of_anybody(show),
        }
    }

    /// What a device did alone happened where it says, also where the door has changed since.
    fn place_as_it_was(&self, show: &Show) -> (DoorName, Option<DoorName>) {
        let gate = self.gate.as_ref().and_then(|name| show.door.gate(name));
        let area =
            gate.map(|gate| &gate.area).or(self.area.as_ref()).or(show.door.areas.first().map(|area| &area.name));
        (area.cloned().unwrap_or_else(domain::door::main_area), self.gate.clone())
    }

    fn place_of_anybody(&self, show: &Show) -> Result<(DoorName, Option<DoorName>), Rejection> {
        if let Some(name) = &self.gate {
            return self.at_gate(show, name);
        }
        match (&self.area, show.door.areas.as_slice()) {
            (Some(name), _) if show.door.area(name).is_some() => Ok((name.clone(), None)),
            (Some(_), _) => Err(unknown_area()),
            (None, [only]) => Ok((only.name.clone(), None)),
            (None, _) => Err(Rejection::invalid("/area", "name the gate or the area; the show has several areas")),
        }
    }

    /// A device that is bound to gates always looks at one of them: naming only the area does not pass it by.
    fn place_of_device(&self, show: &Show, gates: &[DoorName]) -> Result<(DoorName, Option<DoorName>), Rejection> {
        if let Some(name) = &self.gate {
            if !gates.contains(name) {
                return Err(elsewhere(&format!("the gate {name}"), gates));
            }
            return self.at_gate(show, name);
        }
        let own: Vec<&Gate> = gates.iter().filter_map(|name| show.door.gate(name)).collect();
        if own.is_empty() {
            let detail = format!("this device is for {}, which the show does not have; pair it anew", names(gates));
            return Err(Rejection::invalid("/gate", detail));
        }
        if let Some(area) = &self.area {
            show.door.area(area).ok_or_else(unknown_area)?;
        }
        let leading: Vec<_> =
            own.into_iter().filter(|gate| self.area.as_ref().is_none_or(|area| *area == gate.area)).collect();
        match (leading.as_slice(), &self.area) {
            ([only], _) => Ok((only.area.clone(), Some(only.name.clone()))),
            ([], Some(area)) => Err(elsewhere(&format!("the area {area}"), gates)),
            _ => Err(Rejection::invalid("/gate", format!("name the gate; this device is for {}", names(gates)))),
        }
    }

    fn at_gate(&self, show: &Show, name: &DoorName) -> Result<(DoorName, Option<DoorName>), Rejection> {
        let gate = show.door.gate(name).ok_or_else(|| Rejection::invalid("/gate", "is no gate of this show"))?;
        if self.area.as_ref().is_some_and(|area| *area != gate.area) {
            let detail = format!("the gate {name} leads to {}; leave the area out", gate.area);
            return Err(Rejection::invalid("/area", detail));
        }
        Ok((gate.area.clone(), Some(name.clone())))
    }
}

fn unknown_area() -> Rejection {
    Rejection::invalid("/area", "is no area of this show's door")
}

fn elsewhere(asked: &str, gates: &[DoorName]) -> Rejection {
    Rejection::Forbidden(format!("This device is for {} and not for {asked}; pair it anew.", names(gates)))
}

fn names(gates: &[DoorName]) -> String {
    let names: Vec<_> = gates.iter().map(DoorName::as_str).collect();
    format!("the gate{} {}", if names.len() == 1 { "" } else { "s" }, names.join(", "))
}

#[cfg(test)]
mod tests {
    use domain::{
        ShowEvent,
        door::{Area, DoorRules, Per, Reentry},
        events::{CheckedIn, Verdict},
        ids::{DeviceId, TextId, TicketId},
    };
    use uuid::Uuid;

    use super::*;
    use crate::{
        check_in::Offline,
        set_door::SetDoor,
        specification::{BoundDevice, Given, check_in_ticket, given, ticket_ids},
    };

    /// Gates North and South lead to the hall, Stage leads backstage.
    fn with_gates() -> (Given, TicketId) {
        let sold = given::sold_seat("A-1-1");
        let ticket = ticket_ids(sold.history())[0];
        let areas = ["hall", "backstage"].map(|name| Area {
            name: name.try_into().unwrap(),
            limit: None,
            reentry: Reentry::AfterExit,
            per: Per::Show,
        });
        let gates = [("North", "hall"), ("South", "hall"), ("Stage", "backstage")].map(|(name, area)| Gate {
            name: name.try_into().unwrap(),
            area: area.try_into().unwrap(),
            sections: None,
            ticket_types: None,
        });
        let rules = DoorRules { areas: areas.into(), gates: gates.into(), ..DoorRules::default() };
        (sold.and(SetDoor { rules }), ticket)
    }

    fn device(gates: &[&'static str]) -> BoundDevice {
        BoundDevice { device: DeviceId(Uuid::from_u128(7)), gates: gates.to_vec(), may_override: true }
    }

    fn admitted(given: Given, command: CheckIn) -> CheckedIn {
        match &given.when(command).events()[..] {
            [ShowEvent::CheckedIn(event)] => event.clone(),
            other => panic!("{other:?}"),
        }
    }

    fn forbidden(given: Given, command: CheckIn) -> bool {
        matches!(given.when(command).rejection(), Rejection::Forbidden(_))
    }

    fn named(gate: Option<&str>, area: Option<&str>, ticket: TicketId) -> CheckIn {
        let name = |text: &str| text.try_into().unwrap();
        CheckIn { gate: gate.map(name), area: area.map(name), ..check_in_ticket(ticket, 1) }
    }

    #[test]
    fn a_device_of_one_gate_is_at_that_gate() {
        let (given, ticket) = with_gates();
        for area in [None, Some("backstage")] {
            let event = admitted(given.clone().by_device(device(&["Stage"])), named(None, area, ticket));
            assert_eq!(event.scan.gate.as_ref().map(DoorName::as_str), Some("Stage"));
            assert_eq!(
                (event.scan.area.as_str(), event.scan.device),
                ("backstage", Some(DeviceId(Uuid::from_u128(7))))
            );
        }
    }

    #[test]
    fn a_device_of_several_gates_says_at_which_it_is() {
        let (given, ticket) = with_gates();
        let given = given.by_device(device(&["North", "South", "Stage"]));
        given.clone().when(named(None, None, ticket)).then_invalid(&["/gate"]);
        given.clone().when(named(None, Some("hall"), ticket)).then_invalid(&["/gate"]);
        assert!(admitted(given.clone(), named(None, Some("backstage"), ticket)).scan.gate.is_some());
        assert!(admitted(given, named(Some("South"), None, ticket)).scan.gate.is_some());
    }

    #[test]
    fn a_device_does_not_reach_beyond_its_gates() {
        let (given, ticket) = with_gates();
        let given = given.by_device(device(&["North"]));
        assert!(forbidden(given.clone(), named(Some("South"), None, ticket)));
        assert!(forbidden(given.clone(), named(None, Some("backstage"), ticket)));
        given.when(named(None, Some("balcony"), ticket)).then_invalid(&["/area"]);
    }

    #[test]
    fn a_device_whose_gate_has_gone_is_told_so() {
        let (given, ticket) = with_gates();
        given.by_device(device(&["East"])).when(named(None, None, ticket)).then_invalid(&["/gate"]);
    }

    #[test]
    fn a_device_overrides_where_it_may() {
        let (given, ticket) = with_gates();
        let given = given.and(named(Some("North"), None, ticket));
        let again = CheckIn {
            scan: domain::ids::ScanId(Uuid::from_u128(2)),
            override_reason: Some(TextId(Uuid::nil())),
            ..named(None, None, ticket)
        };
        assert!(admitted(given.clone().by_device(device(&["North"])), again.clone()).overridden.is_some());
        let strict = given.by_device(BoundDevice { may_override: false, ..device(&["North"]) });
        assert!(forbidden(strict, again));
    }

    #[test]
    fn what_a_device_did_alone_is_recorded_wherever_it_was() {
        let (given, ticket) = with_gates();
        let strict = given.by_device(BoundDevice { may_override: false, ..device(&["North"]) });
        let offline = Some(Offline { verdict: Verdict::Admitted, list_position: 1, sequence: 1 });
        let command =
            CheckIn { offline, override_reason: Some(TextId(Uuid::nil())), ..named(Some("South"), None, ticket) };
        assert_eq!(admitted(strict, command).scan.gate.as_ref().map(DoorName::as_str), Some("South"));
    }
}
