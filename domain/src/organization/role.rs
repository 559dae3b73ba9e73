//! Roles: what a member, a key or a device is in its organization. Which operation needs which is a table of the API.

use serde::{Deserialize, Serialize};

use crate::ValueError;

/// What a member, key or device is in its organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything.
    Owner,
    /// Plans shows; also sells and lets in.
    Manager,
    /// Sells at the box office.
    Seller,
    /// Lets people in: a person at the door, or a door's device.
    Door,
    /// Reads the history.
    Auditor,
    /// Reads reports.
    Analyst,
}

impl Role {
    /// All roles, those who may most first.
    pub const ALL: [Self; 6] = [Self::Owner, Self::Manager, Self::Seller, Self::Door, Self::Auditor, Self::Analyst];

    /// As in the API and the log: `owner`, `manager` …
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Manager => "manager",
            Self::Seller => "seller",
            Self::Door => "door",
            Self::Auditor => "auditor",
            Self::Analyst => "analyst",
        }
    }

    /// From how it is written.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| ValueError(format!("is no role; write one of {}", Self::ALL.map(Self::as_str).join(", "))))
    }

    /// Whether who has this role may give `role` to a key: nobody gives one above their own, and only owners and
    /// managers give any.
    pub fn may_give(self, role: Self) -> bool {
        match self {
            Self::Owner => true,
            Self::Manager => role != Self::Owner,
            Self::Seller | Self::Door | Self::Auditor | Self::Analyst => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_read_as_it_is_written() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Ok(role));
            assert_eq!(serde_json::to_string(&role).unwrap(), format!("\"{}\"", role.as_str()));
        }
        assert!(Role::parse("Owner").unwrap_err().to_string().contains("owner, manager"));
    }

    #[test]
    fn nobody_gives_a_role_above_their_own() {
        let given = |by: Role| Role::ALL.into_iter().filter(|role| by.may_give(*role)).count();
        assert_eq!(Role::ALL.map(given), [6, 5, 0, 0, 0, 0]);
        assert!(!Role::Manager.may_give(Role::Owner));
    }
}
