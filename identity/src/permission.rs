//! Who may do what: the column "who" of `api.md`'s tables, as a table.
//!
//! A handler names the [`Need`]s of its row, any one of which is enough; [`Need::allows`] is the whole matrix. Managers
//! may do what sellers and the door may, owners everything; auditors and analysts only what names them.

/// What a member, key or device is in its organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

/// One letter of the column "who".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Need {
    /// **P**: anybody.
    Anybody,
    /// **h**: whoever has the hold's or order's secret.
    LinkHolder,
    /// **s**: a seller.
    Seller,
    /// **m**: a manager.
    Manager,
    /// **d**: the door.
    Door,
    /// **a**: an auditor.
    Auditor,
    /// **n**: an analyst.
    Analyst,
    /// **o**: an owner.
    Owner,
    /// *Staff*: any member, key or device of the organization.
    Staff,
}

impl Role {
    /// All roles, those who may most first.
    pub const ALL: [Self; 6] = [Self::Owner, Self::Manager, Self::Seller, Self::Door, Self::Auditor, Self::Analyst];

    /// As in the API and the log: `owner`, `manager` …
    #[must_use]
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
}

impl Need {
    /// All needs, in the order of `api.md`.
    pub const ALL: [Self; 9] = [
        Self::Anybody,
        Self::LinkHolder,
        Self::Seller,
        Self::Manager,
        Self::Door,
        Self::Auditor,
        Self::Analyst,
        Self::Owner,
        Self::Staff,
    ];

    /// Whether `role` meets this need, within its own organization.
    #[must_use]
    pub fn allows(self, role: Role) -> bool {
        match self {
            Self::Anybody | Self::Staff => true,
            Self::Owner | Self::LinkHolder => role == Role::Owner,
            Self::Manager => matches!(role, Role::Owner | Role::Manager),
            Self::Seller => matches!(role, Role::Owner | Role::Manager | Role::Seller),
            Self::Door => matches!(role, Role::Owner | Role::Manager | Role::Door),
            Self::Auditor => matches!(role, Role::Owner | Role::Auditor),
            Self::Analyst => matches!(role, Role::Owner | Role::Analyst),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix_is_as_agreed() {
        let table = Need::ALL.map(|need| {
            let marks = Role::ALL.map(|role| if need.allows(role) { "x" } else { "-" });
            format!("{need:?} {}", marks.join(" "))
        });
        assert_eq!(
            table,
            [
                // owner manager seller door auditor analyst
                "Anybody x x x x x x",
                "LinkHolder x - - - - -",
                "Seller x x x - - -",
                "Manager x x - - - -",
                "Door x x - x - -",
                "Auditor x - - - x -",
                "Analyst x - - - - x",
                "Owner x - - - - -",
                "Staff x x x x x x",
            ]
        );
    }
}
