//! `turnout verify --checkpoint`: whether a copy of the log is the one that was signed, by a public key and a checkpoint alone.
//!
//! The events are hashed anew and make their tree; its roots must be those of the checkpoints. Where one is not, the copy's own
//! tiles and kept checkpoints help to say where (`event_store::tree::differences`), as far as they lead to what was signed.
//! It takes 32 bytes of memory for an event.

mod explain;
mod source;

use std::{fs, path::PathBuf, time::Instant};

use anyhow::{Context as _, bail};
use event_store::{
    Log,
    pools::{self, Role},
    tree::{CheckpointKey, Difference, Edge, Hash, Head, NoteError, differences},
};

use self::source::{Hints, Source};
use super::{Looked, Options, chain::Chain, event, findings::Findings};
use crate::{counted::counted, tool_database::Database};

/// What somebody holds against the copy.
pub(crate) struct Trust {
    keys: Vec<CheckpointKey>,
    /// Signed by one of them, ascending by size.
    heads: Vec<Head>,
}

/// The copy's leaves, from the first position on; nothing where an event is missing.
#[derive(Default)]
struct Leaves(Vec<Hash>);

impl Leaves {
    fn insert(&mut self, position: i64, leaf: Hash) {
        if let Some(number) = usize::try_from(position).ok().filter(|position| *position > 0) {
            self.0.resize(self.0.len().max(number), Hash::default());
            self.0[number - 1] = leaf;
        }
    }
}

/// Compares the copy that the options name with their checkpoints.
pub(super) async fn look(options: &Options) -> anyhow::Result<Looked> {
    let trust = Trust::read(&options.key, &options.checkpoint)?;
    if let Some(file) = &options.export {
        return compare(&trust, &Source::File(file.clone())).await;
    }
    let database = Database::find(options.database_url.as_deref(), &options.data).await?;
    let compared = of_database(database.url(), Role::Write, &trust).await;
    database.leave().await;
    compared
}

/// Compares the log that a URL names, logged in to take this role.
pub(crate) async fn of_database(url: &str, role: Role, trust: &Trust) -> anyhow::Result<Looked> {
    let pool = pools::connect(url, role, 2).await.context("the database cannot be reached")?;
    let head = Log::new(pool.clone(), None).head().await.context("the log cannot be read")?;
    let compared = compare(trust, &Source::Database { pool: pool.clone(), head }).await;
    pool.close().await;
    compared
}

impl Trust {
    /// From keys (or files of them) and files of checkpoints.
    pub(crate) fn read(key: &[String], checkpoint: &[PathBuf]) -> anyhow::Result<Self> {
        if key.is_empty() {
            bail!(
                "name with --key the log's public key (name+hash+base64), or a file that has it; one that did not come with the copy"
            );
        }
        let mut keys = Vec::new();
        for text in key {
            keys.extend(keys_of(text)?);
        }
        let head = |file: &PathBuf| -> anyhow::Result<Head> {
            let note = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
            Head::open(&note, &keys).with_context(|| format!("{} is not believed", file.display()))
        };
        let heads = checkpoint.iter().map(head).collect::<anyhow::Result<Vec<_>>>()?;
        Ok(Self::new(keys, heads))
    }

    /// Keys, and what one of them has signed.
    pub(crate) fn new(keys: Vec<CheckpointKey>, mut heads: Vec<Head>) -> Self {
        heads.sort_by_key(|head| head.size);
        Self { keys, heads }
    }

    /// The checkpoints, ascending by size.
    pub(crate) fn into_heads(self) -> Vec<Head> {
        self.heads
    }

    /// One more checkpoint, if one of the keys signed it.
    pub(crate) fn add(&mut self, note: &str) -> Result<(), NoteError> {
        self.heads.push(Head::open(note, &self.keys)?);
        self.heads.sort_by_key(|head| head.size);
        Ok(())
    }
}

/// The keys of a file, a line each, or the one that is said itself.
fn keys_of(text: &str) -> anyhow::Result<Vec<CheckpointKey>> {
    if let Ok(key) = CheckpointKey::parse(text) {
        return Ok(vec![key]);
    }
    let lines = fs::read_to_string(text).with_context(|| format!("{text:?} is no key and no file that can be read"))?;
    let lines = lines.lines().filter(|line| !line.trim().is_empty());
    let keys = lines.map(|line| CheckpointKey::parse(line).with_context(|| format!("in {text}")));
    keys.collect()
}

async fn compare(trust: &Trust, source: &Source) -> anyhow::Result<Looked> {
    let began = Instant::now();
    let (mut chain, mut within, mut leaves) = (Chain::default(), Findings::default(), Leaves::default());
    let hints = source
        .read(|rows| {
            for row in rows {
                // What cannot be hashed differs from whatever was signed.
                let leaf = match (row.line.content_hash, row.line.salt) {
                    (Some(content_hash), Some(salt)) => row.line.leaf_of(content_hash, salt),
                    _ => Hash::default(),
                };
                leaves.insert(row.line.position, leaf);
                chain.take(event::look(row), &mut within);
            }
        })
        .await?;
    let mut findings = Findings::default();
    let mut kept = kept(trust, &hints, &mut findings);
    kept.extend(trust.heads.iter().cloned());
    kept.sort_by_key(|head| head.size);
    let mut explained = 0;
    for head in &trust.heads {
        // What an earlier checkpoint found is not said again.
        explained = against(head, explained, &kept, &leaves.0, &hints, source, &mut findings).await?;
    }
    // What was signed says more than what contradicts itself.
    findings.append(within);
    Ok(Looked { events: chain.events(), streams: chain.streams(), took: began.elapsed(), findings })
}

/// The checkpoints that the copy itself has, as far as they are signed.
fn kept(trust: &Trust, hints: &Hints, findings: &mut Findings) -> Vec<Head> {
    let mut kept = Vec::new();
    let mut by_others = 0;
    for note in &hints.checkpoints {
        match Head::open(note, &trust.keys) {
            Ok(head) => kept.push(head),
            // From before or after a change of keys: that it is here says nothing, and that it is believed nobody asks.
            Err(NoteError::Unknown) => by_others += 1,
            Err(error) => {
                let size = Head::unverified(note).map(|head| counted(head.size, "event", "events"));
                let size = size.unwrap_or_else(|_| "some events".to_owned());
                findings.add_elsewhere(format!("the copy's checkpoint of {size}: {error}"));
            }
        }
    }
    if by_others > 0 {
        findings.note(format!(
            "Of the copy's {}, {} nothing here. Whoever holds the log's earlier keys, too, names them as well.",
            counted(hints.checkpoints.len(), "checkpoint", "checkpoints"),
            counted(
                by_others,
                "was signed by another key than those at hand, and says",
                "were signed by other keys than those at hand, and say"
            )
        ));
    }
    kept
}

/// Compares the leaves with one checkpoint. What it says are positions behind `explained`; it answers how far it has said all.
async fn against(
    head: &Head,
    explained: u64,
    kept: &[Head],
    leaves: &[Hash],
    hints: &Hints,
    source: &Source,
    findings: &mut Findings,
) -> anyhow::Result<u64> {
    let size = usize::try_from(head.size)?;
    let mut signed = leaves[..size.min(leaves.len())].to_vec();
    if leaves.len() < size && explained < head.size {
        findings.add(
            i64::try_from(leaves.len())? + 1,
            format!(
                "the log ends here; {} had been signed, the last {} gone",
                counted(size, "event", "events"),
                counted(size - leaves.len(), "is", "are")
            ),
        );
    }
    signed.resize(size, Hash::default());
    let found = differences(&signed, head.root, &hints.tiles);
    let found = found.into_iter().filter(|difference| match difference {
        Difference::Event(position, _) => (explained + 1..=leaves.len() as u64).contains(position),
        Difference::Among(positions) => explained < positions.end && positions.start <= leaves.len() as u64,
    });
    let (mut events, mut parts) = (Vec::new(), Vec::new());
    for difference in found {
        match difference {
            Difference::Event(position, leaf) => events.push((i64::try_from(position)?, leaf)),
            Difference::Among(positions) => parts.push(positions),
        }
    }
    explain::events(&events, source, findings).await?;
    if !parts.is_empty() {
        let (from, to) = narrowed(kept, leaves, head);
        findings.add(i64::try_from(from)?, format!(
            "the events up to position {to} are not those that were signed; which of them were changed, and whether those behind them are right, cannot be told, since the copy's hash tiles were changed, too, or are missing"
        ));
    }
    Ok(head.size.max(explained))
}

/// Between which positions the first difference lies, by all signed checkpoints at hand, the copy's own among them: once something
/// differs, no later root is right, so it is between the last that is right and the one behind that. They are gone through in order,
/// as that takes one pass over the leaves, and halving would take one for each root.
fn narrowed(kept: &[Head], leaves: &[Hash], head: &Head) -> (u64, u64) {
    let (mut edge, mut right) = (Edge::default(), 0);
    for head in kept.iter().filter(|kept| kept.size <= head.size).chain([head]) {
        let Ok(size) = usize::try_from(head.size) else { break };
        if size > leaves.len() {
            break;
        }
        leaves[usize::try_from(edge.size()).unwrap_or(size)..size].iter().for_each(|leaf| edge.push(*leaf));
        if edge.root() != head.root {
            return (right + 1, head.size);
        }
        right = head.size;
    }
    (right + 1, head.size.min(leaves.len() as u64))
}
