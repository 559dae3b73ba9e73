//! What an answer at the door needs beside its events: the show's clock, its gates, as much of a holder's name as the
//! door's rule shows, and which events a refusal rests on.
//!
//! The rules are the desk's own. Names are courtesy: the scan is recorded before, so what cannot be looked up is left
//! out and nobody waits.

use std::{collections::HashMap, sync::Arc};

use chrono_tz::Tz;
use commands::desk::Outcome;
use domain::{
    ShowEvent,
    door::{DoorRules, Gate, HolderRule},
    events::{CheckInRefused, SeenTicket},
    ids::{PersonId, ScanId, ShowId},
    time::Zone,
};
use event_store::VaultRow;
use projections::views::holder_shown;
use uuid::Uuid;

use crate::app::CommandSide;

/// What is known beside the events.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) zone: Zone,
    door: Arc<DoorRules>,
    people: HashMap<Uuid, VaultRow>,
    because: HashMap<ScanId, Vec<i64>>,
}

impl Scene {
    /// The scene of these scans of one show.
    pub(super) async fn of(app: &CommandSide, show: ShowId, outcomes: &[Outcome]) -> Self {
        let facts = match app.desks.find(show).await {
            Ok(Some(facts)) => facts,
            Ok(None) => return Self::bare(),
            Err(error) => {
                tracing::warn!(%error, "the door's rules cannot be looked up now");
                return Self::bare();
            }
        };
        let mut scene =
            Self { zone: facts.timezone, door: facts.door, people: HashMap::new(), because: HashMap::new() };
        let people: Vec<Uuid> =
            outcomes.iter().filter_map(seen).filter_map(|ticket| ticket.holder).map(|p| p.0).collect();
        if scene.door.holder != HolderRule::None && !people.is_empty() {
            match app.vault.entries(facts.organization, &people).await {
                Ok(people) => scene.people = people,
                Err(error) => tracing::warn!(%error, "holders cannot be looked up now"),
            }
        }
        let refusals: Vec<_> = outcomes.iter().filter_map(refusal).collect();
        match app.why.refused_because(facts.organization, show.0, &refusals).await {
            Ok(because) => {
                scene.because = refusals.iter().map(|(_, refused)| refused.scan.scan).zip(because).collect();
            }
            Err(error) => tracing::warn!(%error, "what refusals rest on cannot be looked up now"),
        }
        scene
    }

    /// The positions of the events that a refusal rests on.
    pub(super) fn because(&self, scan: ScanId) -> Vec<i64> {
        self.because.get(&scan).cloned().unwrap_or_default()
    }

    /// Nothing known: UTC, no gates, no names.
    pub(super) fn bare() -> Self {
        let door = DoorRules { holder: HolderRule::None, ..DoorRules::default() };
        Self { zone: utc(), door: Arc::new(door), people: HashMap::new(), because: HashMap::new() }
    }

    /// As much of a holder's name as the door sees; none once they are erased.
    pub(super) fn name(&self, holder: Option<PersonId>) -> Option<String> {
        let name = self.people.get(&holder?.0)?.text("name")?;
        let rule = match self.door.holder {
            HolderRule::None => "none",
            HolderRule::Initials => "initials",
            HolderRule::Full => "full",
        };
        holder_shown(rule, name)
    }

    /// The gates to `area` that serve a ticket.
    pub(super) fn gates_for(&self, ticket: &SeenTicket, area: &str) -> Vec<&str> {
        let serves = |gate: &&Gate| {
            gate.sections.as_ref().is_none_or(|own| {
                ticket.places.iter().any(|place| place.section.as_ref().is_some_and(|name| own.contains(name)))
            }) && gate.ticket_types.as_ref().is_none_or(|own| own.contains(&ticket.ticket_type))
        };
        let gates = self.door.gates.iter();
        gates.filter(|gate| gate.area.as_str() == area).filter(serves).map(|gate| gate.name.as_str()).collect()
    }
}

fn utc() -> Zone {
    #[expect(clippy::expect_used, reason = "a constant that the type accepts")]
    Zone::try_from(Tz::UTC.name().to_owned()).expect("UTC is a zone")
}

/// The ticket of an answer.
fn seen(outcome: &Outcome) -> Option<&SeenTicket> {
    if let Some(looked) = &outcome.confirm {
        return Some(&looked.ticket);
    }
    outcome.events.iter().find_map(|event| match event {
        ShowEvent::CheckedIn(event) => event.ticket.as_ref(),
        ShowEvent::CheckedOut(event) => event.ticket.as_ref(),
        ShowEvent::CheckInRefused(event) => event.ticket.as_ref(),
        _ => None,
    })
}

/// The refusal of an answer, recorded at the position beside it or before.
fn refusal(outcome: &Outcome) -> Option<(i64, &CheckInRefused)> {
    outcome.events.iter().find_map(|event| match event {
        ShowEvent::CheckInRefused(event) => Some((outcome.position, event)),
        _ => None,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use chrono::DateTime;
    use event_store::VaultKind;
    use serde_json::json;

    use super::*;

    /// A scene in Berlin with two gates, `North` for section `Left` and `South` for all, and one person in the vault.
    pub(crate) fn scene(holder: HolderRule, person: Uuid) -> Scene {
        let gate = |name: &str, section: Option<&str>| Gate {
            name: name.try_into().unwrap(),
            area: "main".try_into().unwrap(),
            sections: section.map(|name| vec![name.to_owned().try_into().unwrap()]),
            ticket_types: None,
        };
        let row = VaultRow {
            id: person,
            kind: VaultKind::Person,
            person: None,
            show: None,
            purpose: "holder".to_owned(),
            fields: json!({ "name": "Ada Example" }),
            created_at: DateTime::UNIX_EPOCH,
        };
        Scene {
            zone: Zone::try_from("Europe/Berlin".to_owned()).unwrap(),
            door: Arc::new(DoorRules {
                gates: vec![gate("North", Some("Left")), gate("South", None)],
                holder,
                ..DoorRules::default()
            }),
            people: HashMap::from([(person, row)]),
            because: HashMap::new(),
        }
    }

    #[test]
    fn a_name_is_shown_as_far_as_the_rule_says_and_not_once_it_is_erased() {
        let person = Uuid::from_u128(1);
        let name = |rule| scene(rule, person).name(Some(PersonId(person)));
        assert_eq!(
            (name(HolderRule::Full).as_deref(), name(HolderRule::Initials).as_deref()),
            (Some("Ada Example"), Some("A. E."))
        );
        assert_eq!((name(HolderRule::None), scene(HolderRule::Full, person).name(None)), (None, None));
        assert_eq!(scene(HolderRule::Full, Uuid::from_u128(2)).name(Some(PersonId(person))), None);
    }
}
