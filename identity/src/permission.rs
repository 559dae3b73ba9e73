//! Who may do what: the column "who" of `api.md`'s tables, as a table.
//!
//! A handler names the [`Need`]s of its row, any one of which is enough; [`Need::allows`] is the whole matrix. Managers
//! may do what sellers and the door may, owners everything; auditors and analysts only what names them.
//! Which operation has which needs is the table of the API.

use domain::organization::Role;

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
    /// The installation's owner: whoever set it up, or has the admin token.
    InstallationOwner,
    /// *Staff*: any member, key or device of the organization.
    Staff,
}

impl Need {
    /// All needs, in the order of `api.md`.
    pub const ALL: [Self; 10] = [
        Self::Anybody,
        Self::LinkHolder,
        Self::Seller,
        Self::Manager,
        Self::Door,
        Self::Auditor,
        Self::Analyst,
        Self::Owner,
        Self::InstallationOwner,
        Self::Staff,
    ];

    /// Whether `role` meets this need, within its own organization. No role owns the installation.
    #[must_use]
    pub fn allows(self, role: Role) -> bool {
        match self {
            Self::Anybody | Self::Staff => true,
            Self::InstallationOwner => false,
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
                "InstallationOwner - - - - - -",
                "Staff x x x x x x",
            ]
        );
    }
}
