//! The check: the log, row by row, and then the clients' journal against it.
//!
//! It knows the log's table, the shapes of payloads and the contract, and nothing of the server's code.

mod answers;
mod door;
mod payload;
mod places;
mod row;
mod show;
#[cfg(test)]
mod tests;
mod wrong;

use std::collections::HashMap;

use serde_json::Value;
use uuid::Uuid;

use crate::journal::Fact;

pub use answers::compare;
pub use door::Figures;
pub use row::{COLUMNS, Row};
pub use show::Show;
pub use wrong::{Kind, Wrongs};

/// All events of one command.
#[derive(Debug)]
pub struct Command {
    pub first: i64,
    pub last: i64,
    pub facts: Vec<Fact>,
    /// Vault entries that its events name.
    pub typed: Vec<Uuid>,
    stream: Uuid,
    recorded_micros: i64,
    /// Whether the server did it by itself: the end of a hold or an order.
    pub by_itself: bool,
}

/// The log, folded as far as it was read.
#[derive(Debug, Default)]
pub struct Check {
    pub position: i64,
    recorded_micros: i64,
    versions: HashMap<Uuid, i64>,
    pub shows: HashMap<Uuid, Show>,
    /// Of shows' streams alone.
    pub commands: HashMap<Uuid, Command>,
    /// Where each fact stands first, and by which command.
    pub facts: HashMap<Fact, (i64, Uuid)>,
    /// Scans that a device admitted alone and the server would not have: each is to have its `AdmissionConflictFound`.
    conflicts: Vec<(i64, Uuid)>,
    pub wrongs: Wrongs,
}

/// At most one of these for a scan.
const LOOKS: [&str; 3] = ["CheckedIn", "CheckedOut", "CheckInRefused"];

impl Check {
    /// Takes the next row.
    pub fn take(&mut self, row: &Row) {
        self.take_position(row);
        if row.content_hash != row.hash_of_content() {
            self.wrong(Kind::Log, format!("position {}: the content hash is another's", row.position));
        }
        if row.stream_type != "show" {
            return;
        }
        let Ok(payload) = serde_json::from_str::<Value>(&row.payload) else {
            return self.wrong(Kind::Log, format!("position {}: the payload is no JSON", row.position));
        };
        let fact = payload::fact(&row.kind, row.stream, &payload);
        if let Some(fact) = fact {
            self.take_fact(fact, row);
            let server = payload.pointer("/scan/offline/server");
            if fact.0 == "CheckedIn" && server.is_some_and(|server| server != "admitted") {
                self.conflicts.push((row.position, fact.1));
            }
        }
        self.take_command(row, fact, &payload);
        let show = self.shows.entry(row.stream).or_default();
        if let Err(error) = show.take(row.position, &row.kind, &payload, &mut self.wrongs) {
            self.wrong(Kind::Log, format!("position {}: {} cannot be read: {error:#}", row.position, row.kind));
        }
    }

    fn wrong(&mut self, kind: Kind, what: String) {
        self.wrongs.found(kind, what);
    }

    fn take_position(&mut self, row: &Row) {
        if row.position != self.position + 1 {
            self.wrong(Kind::Log, format!("position {} stands behind {}", row.position, self.position));
        }
        self.position = row.position;
        let version = self.versions.entry(row.stream).or_default();
        *version += 1;
        if *version != row.version {
            let what = format!("position {}: version {} where {version} comes next", row.position, row.version);
            *version = row.version;
            self.wrong(Kind::Log, what);
        }
        if row.recorded_micros < self.recorded_micros {
            self.wrong(Kind::Log, format!("position {} is recorded before the one before", row.position));
        }
        self.recorded_micros = row.recorded_micros;
    }

    fn take_fact(&mut self, fact: Fact, row: &Row) {
        let (kind, id) = fact;
        let looks = LOOKS.contains(&kind).then(|| LOOKS.iter().filter_map(|look| self.facts.get(&(*look, id))).min());
        // What a show is, it may be told again; all else happens once.
        let may_repeat = matches!(kind, "SeatingAdopted" | "DoorSet");
        let earlier = match looks {
            Some(look) => look.copied(),
            None => self.facts.get(&fact).copied(),
        };
        match earlier {
            Some((earlier, _)) if !may_repeat => {
                self.wrong(Kind::Doubled, format!("{kind} of {id} at {}, after {earlier}", row.position));
            }
            _ => {
                self.facts.insert(fact, (row.position, row.command));
            }
        }
    }

    fn take_command(&mut self, row: &Row, fact: Option<Fact>, payload: &Value) {
        let by_itself = matches!(row.kind.as_str(), "HoldExpired" | "OrderExpired");
        // A device that says otherwise of a scan that it sent before: a fact of its own, with the first one's command.
        let afterthought = row.kind == "AdmissionConflictFound";
        match self.commands.get_mut(&row.command) {
            None => {
                let command = Command {
                    first: row.position,
                    last: row.position,
                    facts: fact.into_iter().collect(),
                    typed: payload::typed(payload).collect(),
                    stream: row.stream,
                    recorded_micros: row.recorded_micros,
                    by_itself,
                };
                self.commands.insert(row.command, command);
            }
            Some(command) => {
                let together = command.stream == row.stream
                    && command.last + 1 == row.position
                    && command.recorded_micros == row.recorded_micros;
                let first = command.first;
                if together || !afterthought {
                    command.last = row.position;
                }
                command.facts.extend(fact);
                command.typed.extend(payload::typed(payload));
                command.by_itself &= by_itself;
                if !together && !afterthought {
                    let what =
                        format!("command {} has an effect at {first} and again at {}", row.command, row.position);
                    self.wrong(Kind::Doubled, what);
                }
            }
        }
    }
}
