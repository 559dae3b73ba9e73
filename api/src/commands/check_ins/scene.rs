//! What an answer at the door needs beside its events: the show's clock, its gates, and as much of a holder's name as
//! the door's rule shows.
//!
//! All of it is courtesy: the scan is recorded before, so whatever cannot be looked up is left out and nobody waits.
//! The show's rules come from its read model, which may lag behind by a moment; they hardly ever change.

use std::collections::HashMap;

use chrono_tz::Tz;
use commands::desk::Outcome;
use domain::{
    ShowEvent,
    door::RefusalReason,
    events::SeenTicket,
    ids::{PersonId, ShowId},
    place::SectionName,
    time::Zone,
};
use event_store::VaultRow;
use projections::{
    Scope,
    views::{GateView, ShowView, holder_shown},
};
use uuid::Uuid;

use crate::app::App;

/// What is known beside the events.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) zone: Zone,
    gates: Vec<GateView>,
    /// How much of a name is shown: `none`, `initials` or `full`.
    holder: String,
    people: HashMap<Uuid, VaultRow>,
}

impl Scene {
    /// The scene of these scans of one show.
    pub(super) async fn of(app: &App, organization: Option<Uuid>, show: ShowId, outcomes: &[Outcome]) -> Self {
        let mut scene = Self::bare();
        let Some(organization) = organization else { return scene };
        if !outcomes.iter().any(needs_the_show) {
            return scene;
        }
        match app.queries.show(Scope::Organization(organization), show.0).await {
            Ok(answer) => {
                if let Some(view) = answer.body {
                    scene.take(view);
                }
            }
            Err(error) => tracing::warn!(%error, "the door's rules cannot be looked up now"),
        }
        let people: Vec<Uuid> =
            outcomes.iter().filter_map(seen).filter_map(|ticket| ticket.holder).map(|p| p.0).collect();
        if scene.holder != "none" && !people.is_empty() {
            match app.vault.entries(organization, &people).await {
                Ok(people) => scene.people = people,
                Err(error) => tracing::warn!(%error, "holders cannot be looked up now"),
            }
        }
        scene
    }

    /// Nothing known: UTC, no gates, no names.
    pub(super) fn bare() -> Self {
        Self { zone: utc(), gates: Vec::new(), holder: "none".to_owned(), people: HashMap::new() }
    }

    fn take(&mut self, view: ShowView) {
        if let Ok(zone) = Zone::try_from(view.timezone) {
            self.zone = zone;
        }
        self.gates = view.gates;
        self.holder = view.holder;
    }

    /// As much of a holder's name as the door sees; none once they are erased.
    pub(super) fn name(&self, holder: Option<PersonId>) -> Option<String> {
        let name = self.people.get(&holder?.0)?.text("name")?;
        holder_shown(&self.holder, name)
    }

    /// The gates to `area` that serve a ticket.
    pub(super) fn gates_for(&self, ticket: &SeenTicket, area: &str) -> Vec<&str> {
        let sections: Vec<&str> =
            ticket.places.iter().filter_map(|place| place.section.as_ref()).map(SectionName::as_str).collect();
        self.gates
            .iter()
            .filter(|gate| gate.area == area)
            .filter(|gate| gate.sections.as_ref().is_none_or(|own| own.iter().any(|name| sections.contains(&&**name))))
            .filter(|gate| gate.ticket_types.as_ref().is_none_or(|own| own.contains(&ticket.ticket_type.0)))
            .map(|gate| gate.name.as_str())
            .collect()
    }
}

fn utc() -> Zone {
    #[expect(clippy::expect_used, reason = "a constant that the type accepts")]
    Zone::try_from(Tz::UTC.name().to_owned()).expect("UTC is a zone")
}

/// Whether an answer says a time, a gate or a name.
fn needs_the_show(outcome: &Outcome) -> bool {
    let refusal = outcome.events.iter().any(|event| {
        matches!(event, ShowEvent::CheckInRefused(event) if event.previous.is_some() || event.moment.is_some()
            || event.reason == Some(RefusalReason::WrongGate))
    });
    refusal || seen(outcome).is_some_and(|ticket| ticket.holder.is_some())
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

#[cfg(test)]
pub(super) mod tests {
    use chrono::DateTime;
    use event_store::VaultKind;
    use serde_json::json;

    use super::*;

    /// A scene in Berlin with two gates, `North` for section `Left` and `South` for all, and one person in the vault.
    pub(crate) fn scene(holder: &str, person: Uuid) -> Scene {
        let gate = |name: &str, sections: Option<Vec<String>>| GateView {
            name: name.to_owned(),
            area: "main".to_owned(),
            sections,
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
            gates: vec![gate("North", Some(vec!["Left".to_owned()])), gate("South", None)],
            holder: holder.to_owned(),
            people: HashMap::from([(person, row)]),
        }
    }

    #[test]
    fn a_name_is_shown_as_far_as_the_rule_says_and_not_once_it_is_erased() {
        let person = Uuid::from_u128(1);
        let name = |rule| scene(rule, person).name(Some(PersonId(person)));
        assert_eq!((name("full").as_deref(), name("initials").as_deref()), (Some("Ada Example"), Some("A. E.")));
        assert_eq!((name("none"), scene("full", person).name(None)), (None, None));
        assert_eq!(scene("full", Uuid::from_u128(2)).name(Some(PersonId(person))), None);
    }
}
