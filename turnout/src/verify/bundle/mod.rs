//! `turnout verify --export BUNDLE`: whether an auditor's bundle of a show is what was signed, and says what follows from it.
//!
//! Everything is found out from the file and a public key: no database, no server, no network. A mistake does not end it: all
//! that can be looked at is looked at, so that one lie does not hide another. Where only the hashes of the whole tree do not fit,
//! nobody can say which event it was.

mod archive;
mod events;
mod kept;
mod settlement;

use std::{path::Path, time::Instant};

use anyhow::Context as _;
use event_store::tree::{CheckpointKey, Hash, Head, NoteError, grown};
use projections::settlement::SettledCheckpoint;
use serde::Deserialize;

pub(super) use self::kept::Consistency;
use self::{archive::Archive, events::Events};
use super::{Looked, findings::Findings};
use crate::counted::counted;

/// The proof of all events of a bundle at once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proof {
    size: u64,
    root: String,
    hashes: Vec<String>,
}

/// Whether a file is a bundle, and not an export of a log.
pub(super) fn is_bundle(file: &Path) -> bool {
    archive::is_zip(file)
}

/// What somebody holds against a bundle.
pub(super) struct Held {
    /// Each the key itself, or a file that has it; without any the bundle's own are believed.
    pub keys: Vec<String>,
    /// Checkpoints that were kept, signed by one of them.
    pub heads: Vec<Head>,
    /// That those and the bundle's are of one log.
    pub proofs: Vec<Consistency>,
}

/// Looks at a bundle.
pub(super) async fn look(file: &Path, held: Held) -> anyhow::Result<Looked> {
    let file = file.to_owned();
    tokio::task::spawn_blocking(move || read(&file, &held)).await?
}

fn read(file: &Path, Held { keys, heads, proofs }: &Held) -> anyhow::Result<Looked> {
    let mut archive = Archive::open(file)?;
    let began = Instant::now();
    let mut findings = Findings::default();
    archive.is_complete(&mut findings);
    let trusted = trusted(&mut archive, keys, &mut findings)?;
    let head = head(&mut archive, &trusted, &mut findings)?;

    let mut events = Events::default();
    if let Some(lines) = archive.lines("events.ndjson")? {
        events.take_all(lines, &mut findings)?;
    }
    if let Some(head) = &head {
        kept::compare(head, heads, proofs, &mut findings)?;
        tree(&mut archive, head, &events.leaves, &mut findings)?;
    }
    let covering = head
        .as_ref()
        .and_then(|head| Some(SettledCheckpoint { size: i64::try_from(head.size).ok()?, root: head.root.to_string() }));
    settlement::compare(&mut archive, &events.settling, covering, &mut findings)?;

    if events.withheld > 0 {
        findings.note(format!(
            "{} on the word of whoever gave the bundle away.",
            counted(
                events.withheld,
                "event has a code withheld: that it is in the log is proved; what it says rests",
                "events have a code withheld: that they are in the log is proved; what they say rests"
            )
        ));
    }
    if let Some(head) = head {
        let (count, show) = (counted(events.leaves.len(), "event", "events"), events.stream());
        findings.note(format!("{count} of the show {show}, in the first {} of the log {}.", head.size, head.origin));
    }
    Ok(Looked { events: events.count, streams: 1, took: began.elapsed(), findings })
}

/// The keys that are believed.
fn trusted(archive: &mut Archive, keys: &[String], findings: &mut Findings) -> anyhow::Result<Vec<CheckpointKey>> {
    let own = archive.text("keys")?.unwrap_or_default();
    let mut trusted = Vec::new();
    let given = keys.iter().map(|key| key_text(key)).collect::<anyhow::Result<Vec<_>>>()?;
    if given.is_empty() {
        findings.note(
            "No --key was given, so the bundle's own keys are believed: whoever forges a bundle brings a key along. Compare this \
             one with one that you got elsewhere:"
                .to_owned(),
        );
    }
    for line in own.lines().filter(|line| !line.trim().is_empty()) {
        match CheckpointKey::parse(line) {
            Ok(key) if given.is_empty() => {
                findings.note(format!("    {line}"));
                trusted.push(key);
            }
            Ok(_) => {}
            Err(error) => findings.add_elsewhere(format!("keys: {line:?}: {error}")),
        }
    }
    let given: Vec<&str> =
        given.iter().flat_map(|text| text.lines()).map(str::trim).filter(|line| !line.is_empty()).collect();
    for line in &given {
        trusted.push(CheckpointKey::parse(line).with_context(|| format!("{line:?}"))?);
    }
    // Of several, some may have come after the bundle, or have gone before it.
    if !given.is_empty() && !own.lines().any(|known| given.contains(&known.trim())) {
        findings.add_elsewhere(format!(
            "keys: the bundle names other keys than the one that was given, {}",
            given.join(" ")
        ));
    }
    Ok(trusted)
}

/// The key that an option says, or those of the file that it names.
fn key_text(option: &str) -> anyhow::Result<String> {
    if CheckpointKey::parse(option).is_ok() {
        return Ok(option.to_owned());
    }
    std::fs::read_to_string(option).with_context(|| format!("{option:?} is no key and no file that can be read"))
}

/// What the checkpoint says; of one that is not believed, too, so that the rest can be compared with it.
fn head(archive: &mut Archive, keys: &[CheckpointKey], findings: &mut Findings) -> anyhow::Result<Option<Head>> {
    let Some(note) = archive.text("checkpoint")? else { return Ok(None) };
    Ok(match Head::open(&note, keys) {
        Ok(head) => Some(head),
        Err(error) => {
            findings.add_elsewhere(format!("checkpoint: {error}"));
            match error {
                NoteError::Malformed => None,
                _ => Head::unverified(&note).ok(),
            }
        }
    })
}

/// Whether the events, with the hashes of the proof, make the tree that was signed.
fn tree(archive: &mut Archive, head: &Head, leaves: &[(u64, Hash)], findings: &mut Findings) -> anyhow::Result<()> {
    let Some(text) = archive.text("proof.json")? else { return Ok(()) };
    let proof: Proof = match serde_json::from_str(&text) {
        Ok(proof) => proof,
        Err(error) => {
            findings.add_elsewhere(format!("proof.json cannot be read: {error}"));
            return Ok(());
        }
    };
    if (proof.size, proof.root.as_str()) != (head.size, head.root.to_string().as_str()) {
        findings.add_elsewhere(format!(
            "proof.json: it is of the tree of {} with the root {}, and the checkpoint of {} with {}",
            counted(proof.size, "event", "events"),
            proof.root,
            head.size,
            head.root
        ));
    }
    let mut hashes = Vec::with_capacity(proof.hashes.len());
    for text in &proof.hashes {
        match Hash::parse_hash(text) {
            Ok(hash) => hashes.push(hash),
            Err(_) => {
                findings.add_elsewhere(format!("proof.json: {text:?} is no hash in Base64"));
                return Ok(());
            }
        }
    }
    match grown(head.size, leaves, &hashes) {
        Ok(root) if root == head.root => {}
        Ok(root) => findings.add_elsewhere(format!(
            "the events and proof.json lead to the root {root}, and {} was signed: an event was changed, added, removed or put elsewhere, \
             with its own hashes made to match, or it is another log's",
            head.root
        )),
        Err(error) => findings.add_elsewhere(format!("the events and proof.json make no tree: {error}")),
    }
    Ok(())
}
