//! What happened to events that are not what was signed, as far as it can be told: changed, removed, added, moved.
//!
//! The hash of the leaf that was signed at a position is known. Whatever event of the copy, put at that position, has this hash is the
//! one that stood there.

use std::collections::HashMap;

use event_store::{ExportLine, tree::Hash};

use super::{super::findings::Findings, source::Source};
use crate::counted::counted;

/// How many events are looked at for where they went; of further ones it is said that they differ. Each is compared with each.
const COMPARED_MAX: usize = 500;

/// How many events in a row may have been removed or added for the others to be recognized.
const SHIFT_MAX: u8 = 64;

/// Says what became of these events: position, and the hash of the leaf that was signed there. They ascend.
pub(super) async fn events(differing: &[(i64, Hash)], source: &Source, findings: &mut Findings) -> anyhow::Result<()> {
    let compared = &differing[..differing.len().min(COMPARED_MAX)];
    // Where those went may be a little further on.
    let around = differing.iter().take(COMPARED_MAX + usize::from(SHIFT_MAX));
    let positions: Vec<i64> = around.map(|(position, _)| *position).collect();
    let lines = source.at(&positions).await?;
    let salts = source.salts(&positions, &lines).await?;
    let seen = Seen { signed: differing.iter().copied().collect(), lines, salts };
    let mut shift = 0;
    for (position, _) in compared {
        if shift != 0 && seen.stood_at(*position, position + shift) {
            // It moved with those before it, and that was said.
            continue;
        }
        match seen.shift_at(*position) {
            Some(moved) if moved != 0 => {
                shift = moved;
                findings.add(*position, shifted(moved));
            }
            _ => findings.add(*position, seen.what_became_of(*position)),
        }
    }
    if let Some((position, _)) = differing.get(COMPARED_MAX) {
        findings.add(*position, differ(differing.len() - COMPARED_MAX));
    }
    Ok(())
}

/// Of an event and those behind it, together this many.
fn differ(events: usize) -> String {
    match events {
        0 | 1 => "this event is not what was signed".to_owned(),
        _ => {
            format!("this and {} are not what was signed", counted(events - 1, "further event", "further events"))
        }
    }
}

fn shifted(moved: i64) -> String {
    match moved {
        1 => "the event that was signed here was removed; those behind it moved up".to_owned(),
        2.. => format!("{moved} events that were signed here were removed; those behind them moved up"),
        -1 => "an event was added here; those behind it moved down".to_owned(),
        _ => format!("{} events were added here; those behind them moved down", -moved),
    }
}

/// What there is at the positions that differ, and what was signed there.
struct Seen {
    signed: HashMap<i64, Hash>,
    lines: HashMap<i64, ExportLine>,
    salts: HashMap<i64, [u8; 32]>,
}

impl Seen {
    /// Whether the event that is at `position` now is the one that was signed at `at`.
    fn stood_at(&self, position: i64, at: i64) -> bool {
        let (Some(line), Some(signed), Some(salt)) =
            (self.lines.get(&position), self.signed.get(&at), self.salts.get(&at))
        else {
            return false;
        };
        let Some(content_hash) = line.content_hash else { return false };
        // Whoever moves an event may have given it the version and the time that belong there, or have left its own.
        let there = self.lines.get(&at).unwrap_or(line);
        let versions = [line.version, there.version, line.version + (at - position)];
        let times = [line.recorded_at, there.recorded_at];
        versions.iter().any(|version| {
            times.iter().any(|recorded_at| {
                let moved = ExportLine { position: at, version: *version, recorded_at: *recorded_at, ..line.clone() };
                moved.leaf_of(content_hash, *salt) == *signed
            })
        })
    }

    /// By how many positions the events from here on were moved, if they were. Two in a row must agree: a single one that stands elsewhere was
    /// moved by itself.
    fn shift_at(&self, position: i64) -> Option<i64> {
        let is_shift = |shift: &i64| match shift {
            0 => false,
            1.. => (0..2).all(|next| self.stood_at(position + next, position + next + shift)),
            _ => (0..2).all(|next| self.stood_at(position - shift + next, position + next)),
        };
        let shift = (1..=i64::from(SHIFT_MAX)).flat_map(|by| [by, -by]).find(is_shift)?;
        // What stood before belongs to another change.
        let is_first = !self.stood_at(position - 1, position - 1 + shift);
        is_first.then_some(shift)
    }

    fn what_became_of(&self, position: i64) -> String {
        if !self.lines.contains_key(&position) {
            return "the event that was signed here was removed".to_owned();
        }
        let is_here = |found: &&i64| self.stood_at(**found, position);
        match self.lines.keys().filter(|found| **found != position).find(is_here) {
            Some(found) => format!("the event that was signed here stands at position {found} now"),
            None => "the event is not the one that was signed: it was changed, or another one was put in its place"
                .to_owned(),
        }
    }
}
