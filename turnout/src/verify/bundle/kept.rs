//! Whether the checkpoint of a bundle and one that somebody kept are of one log: that the larger tree begins with the smaller one takes a
//! consistency proof, which the bundle has not, as nobody knows which checkpoint somebody keeps. The server gives it to everybody
//! (`GET /history/consistency`), and nothing that it says is believed: it counts where it leads from one signed root to the other.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, bail};
use event_store::tree::{Hash, Head, consistent};
use serde::Deserialize;

use crate::{counted::counted, verify::findings::Findings};

/// An answer of `/history/consistency`.
#[derive(Deserialize)]
pub(in crate::verify) struct Consistency {
    from: u64,
    to: u64,
    from_root: String,
    to_root: String,
    hashes: Vec<String>,
}

impl Consistency {
    /// Reads answers from files.
    pub(in crate::verify) fn read(files: &[PathBuf]) -> anyhow::Result<Vec<Self>> {
        let read = |file: &PathBuf| {
            let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
            serde_json::from_str(&text)
                .with_context(|| format!("{} is no answer of /history/consistency", file.display()))
        };
        files.iter().map(read).collect()
    }

    fn hashes(&self) -> Option<Vec<Hash>> {
        self.hashes.iter().map(|text| Hash::parse_hash(text).ok()).collect()
    }
}

/// Compares the bundle's checkpoint with those that were kept.
pub(super) fn compare(
    own: &Head,
    kept: &[Head],
    proofs: &[Consistency],
    findings: &mut Findings,
) -> anyhow::Result<()> {
    for kept in kept {
        match compared(own, kept, proofs)? {
            Ok(proved) => findings.note(proved),
            Err(wrong) => findings.add_elsewhere(wrong),
        }
    }
    Ok(())
}

/// What is proved, or what is wrong; an error where a proof is missing.
fn compared(own: &Head, kept: &Head, proofs: &[Consistency]) -> anyhow::Result<Result<String, String>> {
    if own.origin != kept.origin {
        return Ok(Err(format!("the checkpoint that was kept is of another log, {}", kept.origin)));
    }
    let (small, large) = if own.size <= kept.size { (own, kept) } else { (kept, own) };
    let proved = format!(
        "The bundle's checkpoint of {} and the kept one of {} are of one log: nothing that both have was changed.",
        counted(own.size, "event", "events"),
        kept.size
    );
    if small.size == large.size {
        return Ok(if small.root == large.root {
            Ok(proved)
        } else {
            let each = counted(own.size, "event", "events");
            Err(format!("the bundle's checkpoint and the kept one have {each} each, and different ones"))
        });
    }
    let Some(proof) = proofs.iter().find(|proof| (proof.from, proof.to) == (small.size, large.size)) else {
        bail!(
            "that the checkpoint of {} continues the one of {} takes a proof: GET /api/v1/history/consistency?from={}&to={}, \
             whose answer, in a file, is named with --consistency",
            counted(large.size, "event", "events"),
            small.size,
            small.size,
            large.size
        );
    };
    for (size, said, signed) in [(small.size, &proof.from_root, small.root), (large.size, &proof.to_root, large.root)] {
        if *said != signed.to_string() {
            let first = counted(size, "event has", "events have");
            return Ok(Err(format!(
                "the server's proof is of a log whose first {first} the root {said}, and {signed} was signed: events were \
                 changed, added or removed, or it is the proof of another log"
            )));
        }
    }
    let holds =
        proof.hashes().is_some_and(|hashes| consistent(small.size, small.root, large.size, large.root, &hashes));
    Ok(if holds {
        Ok(proved)
    } else {
        Err(format!(
            "the checkpoint of {} does not continue the one of {}: the proof does not lead from one to the other",
            counted(large.size, "event", "events"),
            small.size
        ))
    })
}
