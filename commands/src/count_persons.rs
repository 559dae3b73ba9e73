//! CountPersons: people without a ticket went in or out: crew, press, a school class at the side door.

use domain::{Show, ShowEvent, ValueError, door::Direction, events::PersonsCounted, ids::TextId, text::DoorName};

use crate::{Context, Rejection};

/// The most people of one count.
pub const PERSONS_MAX: u32 = 10_000;

/// How many people: from 1 to [`PERSONS_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadCount(u32);

impl TryFrom<u32> for HeadCount {
    type Error = ValueError;

    fn try_from(n: u32) -> Result<Self, ValueError> {
        if (1..=PERSONS_MAX).contains(&n) {
            Ok(Self(n))
        } else {
            Err(ValueError(format!("must be from 1 to {PERSONS_MAX}")))
        }
    }
}

impl From<HeadCount> for u32 {
    fn from(count: HeadCount) -> Self {
        count.0
    }
}

/// Count people without a ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct CountPersons {
    /// Where.
    pub area: DoorName,
    /// Which way.
    pub direction: Direction,
    /// How many.
    pub persons: HeadCount,
    /// Why, in the vault.
    pub reason: Option<TextId>,
}

impl CountPersons {
    pub(crate) fn decide(&self, show: &Show, context: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        if show.door.area(&self.area).is_none() {
            return Err(Rejection::invalid("/area", "is no area of this show's door"));
        }
        if let Some(gates) = &context.device_gates {
            let leads_there = |name| show.door.gate(name).is_some_and(|gate| gate.area == self.area);
            if !gates.iter().any(leads_there) {
                let detail = format!("This device's gates do not lead to the area {}; pair it anew.", self.area);
                return Err(Rejection::Forbidden(detail));
            }
        }
        Ok(vec![
            PersonsCounted {
                count: context.id(),
                area: self.area.clone(),
                direction: self.direction,
                persons: self.persons.0,
                at: context.now,
                device: context.device,
                reason: self.reason,
            }
            .into(),
        ])
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::DeviceId;

    use super::*;
    use crate::specification::{BoundDevice, given};

    #[test]
    fn the_count_fills_the_area() {
        let count = |direction, n| CountPersons {
            area: domain::door::main_area(),
            direction,
            persons: HeadCount::try_from(n).unwrap(),
            reason: None,
        };
        let state = given::published().and(count(Direction::In, 5)).when(count(Direction::Out, 2)).state();
        assert_eq!(state.show().unwrap().presence.inside(&domain::door::main_area()), 3);
    }

    #[test]
    fn a_device_counts_only_where_its_gates_lead() {
        let count = CountPersons {
            area: domain::door::main_area(),
            direction: Direction::In,
            persons: HeadCount::try_from(5).unwrap(),
            reason: None,
        };
        let bound = |gates| BoundDevice { device: DeviceId(uuid::Uuid::from_u128(7)), gates, may_override: false };
        let elsewhere = given::published().by_device(bound(vec!["North"])).when(count.clone());
        assert!(matches!(elsewhere.rejection(), Rejection::Forbidden(_)));
        assert_eq!(given::published().by_device(bound(Vec::new())).when(count).events().len(), 1);
    }
}
