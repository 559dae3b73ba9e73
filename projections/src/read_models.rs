//! The read models by name: what can be rebuilt and verified each by itself, and the tables that hold it.

use std::{fmt, str::FromStr};

use thiserror::Error;

/// A read model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadModel {
    /// What shows say of themselves.
    Shows,
    /// Their places as drawn.
    Seating,
    /// Who has which seat.
    Seats,
    /// What is left.
    Availability,
    /// Orders.
    Orders,
    /// Tickets.
    Tickets,
    /// The figures of the door.
    Attendance,
    /// What door devices need.
    DoorList,
    /// Organizations and their settings.
    Organizations,
    /// What the history is filtered by.
    Activity,
    /// What each event changed in figures, for reports.
    Facts,
}

impl ReadModel {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Shows,
        Self::Seating,
        Self::Seats,
        Self::Availability,
        Self::Orders,
        Self::Tickets,
        Self::Attendance,
        Self::DoorList,
        Self::Organizations,
        Self::Activity,
        Self::Facts,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Shows => "shows",
            Self::Seating => "seating",
            Self::Seats => "seats",
            Self::Availability => "availability",
            Self::Orders => "orders",
            Self::Tickets => "tickets",
            Self::Attendance => "attendance",
            Self::DoorList => "door_list",
            Self::Organizations => "organizations",
            Self::Activity => "activity",
            Self::Facts => "facts",
        }
    }

    /// Its tables, each with the column that says whose stream a row is of.
    pub(crate) fn tables(self) -> &'static [Table] {
        match self {
            Self::Shows => &[Table { name: "shows", stream: "id", key: &["id"] }],
            Self::Seating => &[Table { name: "seating", stream: "show", key: &["show"] }],
            Self::Seats => &[Table { name: "seats", stream: "show", key: &["show", "seat"] }],
            Self::Availability => &[Table { name: "availability", stream: "show", key: &["show"] }],
            Self::Orders => &[Table { name: "orders", stream: "show", key: &["id"] }],
            Self::Tickets => &[Table { name: "tickets", stream: "show", key: &["id"] }],
            Self::Attendance => &[Table { name: "attendance", stream: "show", key: &["show"] }],
            Self::DoorList => &[Table { name: "door_list", stream: "show", key: &["ticket"] }],
            Self::Organizations => &[Table { name: "organizations", stream: "organization", key: &["organization"] }],
            Self::Activity => &[Table { name: "activity", stream: "stream", key: &["position"] }],
            Self::Facts => &[
                Table { name: "sales_facts", stream: "show", key: &["show", "part"] },
                Table { name: "door_facts", stream: "show", key: &["show", "part"] },
                Table { name: "hold_facts", stream: "show", key: &["show", "part"] },
            ],
        }
    }
}

impl fmt::Display for ReadModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// There is no such read model.
#[derive(Debug, Error)]
#[error("{0:?} is no read model; there are {all}", all = ReadModel::ALL.map(ReadModel::name).join(", "))]
pub struct UnknownReadModel(String);

impl FromStr for ReadModel {
    type Err = UnknownReadModel;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|model| model.name() == name).ok_or_else(|| UnknownReadModel(name.to_owned()))
    }
}

/// Where streams that stopped are written down: a table of all read models together.
pub(crate) const POISONED: Table = Table { name: "poisoned_streams", stream: "stream", key: &["stream"] };

/// A table of a read model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Table {
    /// Its name, in whichever schema.
    pub name: &'static str,
    /// The column that holds the stream.
    pub stream: &'static str,
    /// Its primary key.
    pub key: &'static [&'static str],
}

/// Some of the read models, or all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadModels(u32);

impl ReadModels {
    /// All of them, and the list of the streams that stopped.
    pub const ALL: Self = Self((1 << ReadModel::ALL.len()) - 1);

    /// These; all where none is named.
    #[must_use]
    pub fn of(models: &[ReadModel]) -> Self {
        if models.is_empty() { Self::ALL } else { Self(models.iter().fold(0, |set, model| set | 1 << *model as u32)) }
    }

    /// Whether this one is among them.
    #[must_use]
    pub fn has(self, model: ReadModel) -> bool {
        self.0 & (1 << model as u32) != 0
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = ReadModel> {
        ReadModel::ALL.into_iter().filter(move |model| self.has(*model))
    }

    /// Those all of whose tables are named.
    pub(crate) fn that_have(tables: &[String]) -> Self {
        let has = |table: &Table| tables.iter().any(|name| name == table.name);
        Self(
            ReadModel::ALL
                .iter()
                .filter(|model| model.tables().iter().all(has))
                .fold(0, |set, model| set | 1 << *model as u32),
        )
    }

    /// Their tables. The list of stopped streams goes with all read models together, or with none.
    pub(crate) fn tables(self) -> Vec<Table> {
        let own = self.iter().flat_map(|model| model.tables().iter().copied());
        own.chain((self == Self::ALL).then_some(POISONED)).collect()
    }
}

impl Default for ReadModels {
    fn default() -> Self {
        Self::ALL
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_model_is_found_by_its_name() {
        for model in ReadModel::ALL {
            assert_eq!(model.name().parse::<ReadModel>().unwrap(), model);
        }
        let told = "sales".parse::<ReadModel>().unwrap_err().to_string();
        assert!(told.starts_with("\"sales\" is no read model; there are shows, seating, seats,"), "{told}");
    }

    #[test]
    fn only_all_of_them_have_the_list_of_stopped_streams() {
        assert!(ReadModels::of(&ReadModel::ALL).tables().contains(&POISONED));
        let some = ReadModels::of(&[ReadModel::Orders, ReadModel::Seats]);
        assert_eq!(some.tables().iter().map(|table| table.name).collect::<Vec<_>>(), ["seats", "orders"]);
        assert_eq!(ReadModels::of(&[]), ReadModels::ALL);
    }
}
