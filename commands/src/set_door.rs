//! SetDoor: give the door its areas, gates and rules, as a whole.

use domain::{FieldError, Show, ShowEvent, door::DoorRules, events::DoorSet};

use crate::{Context, Rejection, add_ticket_type::NONE_NAMED};

/// The most people that an area's limit may name: more than any place on earth holds.
pub const AREA_LIMIT_MAX: u32 = 1_000_000;

/// The longest that people may come before the doors open: a week.
pub const OPENS_BEFORE_SECONDS_MAX: u32 = 7 * 24 * 60 * 60;

/// Give the door its rules.
#[derive(Debug, Clone, PartialEq)]
pub struct SetDoor {
    /// The rules.
    pub rules: DoorRules,
}

impl SetDoor {
    pub(crate) fn decide(&self, show: &Show, _: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        crate::rejection::takes_place(show)?;
        let rules = &self.rules;
        let mut errors = Vec::new();
        if rules.areas.is_empty() {
            errors.push(FieldError::at("/areas", "name at least one area"));
        }
        for (i, area) in rules.areas.iter().enumerate() {
            if rules.areas[..i].iter().any(|other| other.name == area.name) {
                errors.push(FieldError::at(format!("/areas/{i}/name"), "is there twice"));
            }
            if area.limit.is_some_and(|limit| !(1..=AREA_LIMIT_MAX).contains(&limit)) {
                let detail = format!("must be from 1 to {AREA_LIMIT_MAX}, or null for no limit");
                errors.push(FieldError::at(format!("/areas/{i}/limit"), detail));
            }
        }
        for (i, gate) in rules.gates.iter().enumerate() {
            if rules.gates[..i].iter().any(|other| other.name == gate.name) {
                errors.push(FieldError::at(format!("/gates/{i}/name"), "is there twice"));
            }
            if rules.area(&gate.area).is_none() {
                errors.push(FieldError::at(format!("/gates/{i}/area"), "is none of the areas"));
            }
            for (name, is_empty) in [
                ("sections", gate.sections.as_ref().is_some_and(Vec::is_empty)),
                ("ticket_types", gate.ticket_types.as_ref().is_some_and(Vec::is_empty)),
            ] {
                if is_empty {
                    errors.push(FieldError::at(format!("/gates/{i}/{name}"), NONE_NAMED));
                }
            }
            for (j, section) in gate.sections.iter().flatten().enumerate() {
                if show.places.section(section).is_none() {
                    errors.push(FieldError::at(format!("/gates/{i}/sections/{j}"), "is no section of this show"));
                }
            }
            for (j, ticket_type) in gate.ticket_types.iter().flatten().enumerate() {
                if show.ticket_type(*ticket_type).is_none() {
                    errors
                        .push(FieldError::at(format!("/gates/{i}/ticket_types/{j}"), "is no ticket type of this show"));
                }
            }
        }
        for ticket_type in show.ticket_types.values() {
            for area in ticket_type.terms.areas.iter().flatten().filter(|area| rules.area(area).is_none()) {
                let detail = format!("the ticket type {} admits to {area}; keep that area", ticket_type.terms.name);
                errors.push(FieldError::at("/areas", detail));
            }
        }
        if rules.opens_before_seconds > OPENS_BEFORE_SECONDS_MAX {
            errors.push(FieldError::at(
                "/opens_before_seconds",
                format!("must be at most {OPENS_BEFORE_SECONDS_MAX}, a week"),
            ));
        }
        if !errors.is_empty() {
            return Err(Rejection::Invalid(errors));
        }
        if *rules == show.door {
            return Ok(Vec::new());
        }
        let rules = rules.clone();
        Ok(vec![
            DoorSet {
                areas: rules.areas,
                gates: rules.gates,
                opens_before_seconds: rules.opens_before_seconds,
                codes: rules.codes,
                holder: rules.holder,
            }
            .into(),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification::given;
    use domain::door::Gate;

    #[test]
    fn a_gate_leads_to_an_area_that_there_is() {
        let mut rules = DoorRules::default();
        rules.gates.push(Gate {
            name: "North".try_into().unwrap(),
            area: "balcony".try_into().unwrap(),
            sections: Some(vec!["Nowhere".to_owned().try_into().unwrap()]),
            ticket_types: None,
        });
        given::published().when(SetDoor { rules }).then_invalid(&["/gates/0/area", "/gates/0/sections/0"]);
    }

    #[test]
    fn a_gate_that_serves_nobody_is_a_mistake() {
        let mut rules = DoorRules::default();
        rules.gates.push(Gate {
            name: "North".try_into().unwrap(),
            area: rules.areas[0].name.clone(),
            sections: Some(Vec::new()),
            ticket_types: Some(Vec::new()),
        });
        given::published().when(SetDoor { rules }).then_invalid(&["/gates/0/sections", "/gates/0/ticket_types"]);
    }

    #[test]
    fn limits_are_bounded() {
        let mut rules = DoorRules { opens_before_seconds: OPENS_BEFORE_SECONDS_MAX + 1, ..DoorRules::default() };
        rules.areas[0].limit = Some(AREA_LIMIT_MAX + 1);
        given::published().when(SetDoor { rules }).then_invalid(&["/areas/0/limit", "/opens_before_seconds"]);
    }

    #[test]
    fn the_default_again_changes_nothing() {
        given::published().when(SetDoor { rules: DoorRules::default() }).then([]);
    }
}
