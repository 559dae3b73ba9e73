//! What sentences need beside their event: looked up for a whole page at once, never for one event.
//!
//! Which that is, the sentences say themselves: they are made twice, the first time only to hear what they ask for
//! ([`Mentioned`]), so that nothing can be forgotten to be looked up. What is not there the second time was erased.

use std::collections::{BTreeSet, HashMap, HashSet};

use domain::{money::Currency, time::Zone};
use uuid::Uuid;

/// What the events of a page mention.
#[derive(Debug, Default)]
pub(super) struct Mentioned {
    /// Entries of the vault.
    pub vault: BTreeSet<Uuid>,
    /// Keys and devices, whose names are entries of the vault.
    pub credentials: BTreeSet<Uuid>,
    /// Members, whose names are with their accounts.
    pub members: BTreeSet<Uuid>,
    /// Orders, whose references are told.
    pub orders: BTreeSet<Uuid>,
    /// Tickets, whose codes and seats are told.
    pub tickets: BTreeSet<Uuid>,
    /// Shows, with their zones, currencies and ticket types.
    pub shows: BTreeSet<Uuid>,
}

/// What was found of it.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Names of people, and texts.
    pub vault: HashMap<Uuid, String>,
    /// By what entry of the vault keys and devices are called.
    pub credentials: HashMap<Uuid, Uuid>,
    /// References of orders.
    pub orders: HashMap<Uuid, String>,
    /// Tickets.
    pub tickets: HashMap<Uuid, KnownTicket>,
    /// Shows.
    pub shows: HashMap<Uuid, KnownShow>,
    /// Codes, each of a show, that still open a door and are not for this reader.
    pub masked: HashSet<(Uuid, String)>,
    /// Whether no code at all is for this reader.
    pub all_masked: bool,
}

/// A ticket as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KnownTicket {
    pub short_code: String,
    pub seat: Option<String>,
}

/// A show as it is now.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct KnownShow {
    pub name: String,
    pub zone: Zone,
    pub currency: Currency,
    /// Names of ticket types.
    pub ticket_types: HashMap<Uuid, String>,
}
