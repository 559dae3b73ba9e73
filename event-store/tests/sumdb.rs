//! Checkpoints and proofs of another implementation, Go's sumdb/tlog and sumdb/note, are right for ours. (That ours are right for
//! that one is shown with a server, in the black-box tests.)

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use event_store::tree::{CheckpointKey, Edge, Hash, Head, NoteError, consistent, included};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

#[derive(Deserialize)]
struct Made {
    key: String,
    sizes: Vec<Size>,
}

#[derive(Deserialize)]
struct Size {
    size: u64,
    checkpoint: String,
    consistency: Vec<String>,
    inclusion: Vec<Inclusion>,
}

#[derive(Deserialize)]
struct Inclusion {
    leaf: u64,
    hashes: Vec<String>,
}

/// Go's program, with the packages of the distribution where they are there.
fn sumdb() -> Command {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").join("tests/sumdb");
    let packaged = PathBuf::from("/usr/share/gocode/src/golang.org/x/mod");
    let mut go = Command::new("go");
    go.current_dir(folder).args(["run", "main.go"]);
    if packaged.exists() {
        go.envs([("GO111MODULE", "off"), ("GOPATH", "/usr/share/gocode")])
    } else {
        go.env("GOFLAGS", "-mod=mod")
    };
    go
}

fn hashes(texts: &[String]) -> anyhow::Result<Vec<Hash>> {
    texts
        .iter()
        .map(|text| Ok(Hash(STANDARD.decode(text)?.try_into().map_err(|_| anyhow::anyhow!("32 bytes"))?)))
        .collect()
}

fn leaf(number: u64) -> Hash {
    Hash(Sha256::new().chain_update([0]).chain_update(number.to_be_bytes()).finalize().into())
}

#[test]
fn what_go_signs_and_proves_is_right_for_us() -> anyhow::Result<()> {
    let output = sumdb().args(["make", "1000"]).output()?;
    anyhow::ensure!(output.status.success(), "go: {}", String::from_utf8_lossy(&output.stderr));
    let made: Made = serde_json::from_slice(&output.stdout)?;
    let keys = [CheckpointKey::parse(&made.key)?];
    let last = Head::open(&made.sizes.last().expect("the whole tree").checkpoint, &keys)?;
    for made in &made.sizes {
        let head = Head::open(&made.checkpoint, &keys)?;
        let mut edge = Edge::default();
        (0..made.size).for_each(|number| edge.push(leaf(number)));
        assert_eq!((head.size, head.root), (made.size, edge.root()));
        let proof = hashes(&made.consistency)?;
        assert!(consistent(head.size, head.root, last.size, last.root, &proof));
        assert!(!consistent(head.size, leaf(0), last.size, last.root, &proof) || head.root == leaf(0));
        for one in &made.inclusion {
            let proof = hashes(&one.hashes)?;
            assert!(included(one.leaf + 1, leaf(one.leaf), &proof, head.size, head.root));
            assert!(!included(one.leaf + 1, leaf(one.leaf + 1), &proof, head.size, head.root));
        }
        let forged = made.checkpoint.replacen(&format!("\n{}\n", made.size), "\n7\n", 1);
        assert!(matches!(Head::open(&forged, &keys), Err(NoteError::Forged)));
    }
    Ok(())
}
