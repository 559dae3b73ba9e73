//! The auditor's bundle: complete, provable by hand and by the program, and every hand laid on it is found.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use black_box::{Client, Server, Show, eventually, issue_key, shared, turnout};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::settlement::an_evening;

/// A bundle of a show as a file, and the log's keys as the server says them.
struct Bundle {
    folder: TempDir,
    file: PathBuf,
    keys: PathBuf,
}

impl Bundle {
    /// As a caller gets it who has seen all that was recorded.
    async fn of(show: &Show, caller: &Client) -> Self {
        let head = show.head().await;
        let path = show.path("/bundle");
        let bytes = eventually(Duration::from_secs(20), "a checkpoint that covers it", async || {
            let response = caller.get(&path).at_position(head).stream().await;
            let status = response.status().as_u16();
            let body = response.bytes().await.expect("a whole body");
            assert!([200, 503].contains(&status), "{status}: {}", String::from_utf8_lossy(&body));
            (status == 200).then(|| body.to_vec())
        })
        .await;
        let folder = tempfile::tempdir().expect("a folder");
        let (file, keys) = (folder.path().join("bundle.zip"), folder.path().join("keys"));
        std::fs::write(&file, bytes).expect("room for it");
        std::fs::write(&keys, caller.get("/history/keys").expect(200).await.text).expect("room for it");
        Self { folder, file, keys }
    }

    /// What somebody made of it, and at which position.
    fn spoilt(&self, kind: &str, other: Option<&Self>) -> (PathBuf, i64) {
        let spoilt = self.folder.path().join(format!("{kind}.zip"));
        let mut arguments = vec!["spoil".as_ref(), kind.as_ref(), self.file.as_os_str(), spoilt.as_os_str()];
        arguments.extend(other.map(|other| other.file.as_os_str()));
        let at = by_hand(&arguments).as_i64().expect("a position");
        (spoilt, at)
    }
}

/// What the script says that was written by the README alone.
fn by_hand(arguments: &[&std::ffi::OsStr]) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/http/bundle.py");
    let output = Command::new("python3").arg(script).args(arguments).output().expect("python3 is missing");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// What the program says of a bundle, offline, and its exit code.
fn verify(file: &Path, key: Option<&Path>) -> (Value, i32) {
    let mut command = turnout();
    command.args(["verify", "--json", "--export"]).arg(file);
    if let Some(key) = key {
        command.arg("--key").arg(key);
    }
    let output = command.output().expect("to run the program");
    let said = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    });
    (said, output.status.code().expect("it ended by itself"))
}

#[track_caller]
fn assert_found(said: &(Value, i32), position: Option<i64>, what: &str) {
    let (said, code) = said;
    assert_eq!((*code, &said["right"]), (1, &json!(false)), "{what}: {said:#}");
    let found = said["first"].as_array().expect("what is wrong").iter().any(|one| {
        one["position"].as_i64() == position && one["what"].as_str().is_some_and(|text| text.contains(what))
    });
    assert!(found, "{what:?} at {position:?} is not among {said:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_is_proved_by_hand_and_by_the_program() {
    let show = an_evening(&shared(), "Bundled").await;
    let bundle = Bundle::of(&show, &show.staff).await;

    let said = by_hand(&["check".as_ref(), bundle.file.as_os_str()]);
    assert_eq!(said["root"], said["signed"], "the events lead to the signed root");
    let versions: Vec<i64> = (1..=i64::try_from(show.history().await.len()).expect("few")).collect();
    assert_eq!((&said["versions"], &said["withheld"]), (&json!(versions), &json!(0)));
    let files: Vec<&str> = said["files"].as_array().expect("files").iter().filter_map(Value::as_str).collect();
    for file in ["README.txt", "checkpoint", "keys", "events.ndjson", "proof.json", "settlement.json", "settlement.csv"]
    {
        assert!(files.contains(&file), "{file} in {files:?}");
    }
    assert_eq!(
        said["readme"].as_str().is_some_and(|text| text.contains("is missing: this server")),
        !files.contains(&"verify.html")
    );
    let sheet = &said["settlement"];
    assert_eq!((&sheet["checkpoint"]["root"], &sheet["checkpoint"]["size"]), (&said["signed"], &said["size"]));
    let asked = show.staff.get(&show.path("/settlement")).expect(200).await.json;
    for part in ["tickets", "lines", "totals", "taxes", "reserved", "payments", "money", "door"] {
        assert_eq!(sheet[part], asked[part], "{part}");
    }

    let (said, code) = verify(&bundle.file, Some(&bundle.keys));
    assert_eq!((code, &said["right"], &said["events"]), (0, &json!(true), &json!(versions.len())), "{said:#}");
    let (said, code) = verify(&bundle.file, None);
    assert_eq!(code, 0, "{said:#}");
    assert!(
        said["notes"][0].as_str().is_some_and(|note| note.contains("whoever forges a bundle brings a key along")),
        "{said:#}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditors_bundle_holds_no_code_that_opens_a_door_and_is_proved_all_the_same() {
    let show = an_evening(&shared(), "Bundled for an auditor").await;
    let (_, auditor) = issue_key(&show.staff, "auditor", json!({})).await;
    let bundle = Bundle::of(&show, &auditor).await;
    let said = by_hand(&["check".as_ref(), bundle.file.as_os_str()]);
    assert_eq!(said["root"], said["signed"]);
    let masked = said["codes"].as_array().expect("codes").iter().filter(|code| **code == json!("•••")).count();
    assert_eq!(masked, 7, "codes of valid tickets; those of the two void ones stand there: {}", said["codes"]);
    let (said, code) = verify(&bundle.file, Some(&bundle.keys));
    assert_eq!((code, &said["right"]), (0, &json!(true)), "{said:#}");
    assert!(said["notes"][0].as_str().is_some_and(|note| note.contains("have a code withheld")), "{said:#}");

    let (_, seller) = issue_key(&show.staff, "seller", json!({})).await;
    seller.get(&show.path("/bundle")).expect(403).await;
    show.anyone.get(&show.path("/bundle")).expect(401).await;
    show.staff.get(&show.path("/bundle?format=tar")).problem(422, "invalid").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_hand_that_is_laid_on_a_bundle_is_found() {
    let show = an_evening(&shared(), "Bundled and spoilt").await;
    let bundle = Bundle::of(&show, &show.staff).await;
    let not_signed = "was signed: an event was changed, added, removed or put elsewhere";
    for (kind, is_at_event, what) in [
        ("edited", true, "its content is not what its content hash was made of"),
        ("edited", false, "settlement.json, line"),
        ("rehashed", false, not_signed),
        ("removed", true, "has to come"),
        ("removed", false, "the events and proof.json"),
        ("added", false, "the events and proof.json"),
        ("swapped", true, "it stands behind the position"),
        ("exchanged", false, not_signed),
        ("earlier", true, "recorded at"),
        ("earlier", false, not_signed),
        ("spaced", true, "its line is not written as the server writes lines"),
        ("withheld", true, "it is withheld, and nothing in it is"),
        ("figure", false, "settlement.json, line"),
        ("table", false, "settlement.csv, line"),
        ("size", false, "the checkpoint's signature is not of this text"),
        ("proof", false, "the proof has too few hashes"),
        ("missing", false, "settlement.csv is not in the bundle"),
        ("stranger", false, "\"program.exe\" is no part of a bundle"),
    ] {
        let (spoilt, at) = bundle.spoilt(kind, None);
        assert_found(&verify(&spoilt, Some(&bundle.keys)), is_at_event.then_some(at), what);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_logs_checkpoint_and_key_prove_nothing() {
    let show = an_evening(&shared(), "Bundled here").await;
    let bundle = Bundle::of(&show, &show.staff).await;
    let server = Server::start();
    let elsewhere = an_evening(&server.staff(), "Bundled elsewhere").await;
    let other = Bundle::of(&elsewhere, &elsewhere.staff).await;

    let (forged, _) = bundle.spoilt("other", Some(&other));
    assert_found(&verify(&forged, Some(&bundle.keys)), None, "none of the keys at hand signed this checkpoint");
    assert_found(&verify(&forged, Some(&bundle.keys)), None, "names other keys than the one that was given");
    // Its own key believes it, and its events do not fit.
    assert_found(&verify(&forged, None), None, "proof.json: it is of the tree of");
    assert_found(&verify(&other.file, Some(&bundle.keys)), None, "none of the keys at hand");
    assert_eq!(verify(&other.file, Some(&other.keys)).1, 0);

    let nothing = bundle.folder.path().join("nothing");
    std::fs::write(&nothing, "no bundle").expect("room for it");
    let output = turnout().args(["verify", "--export"]).arg(&nothing).output().expect("to run the program");
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_is_compared_with_checkpoints_that_somebody_kept() {
    let earlier = an_evening(&shared(), "Bundled before").await;
    let anyone = earlier.anyone.clone();
    let note = async || anyone.get("/history/checkpoint").expect(200).await.text;
    let kept = note().await;
    let show = an_evening(&shared(), "Bundled since").await;
    let bundle = Bundle::of(&show, &show.staff).await;
    an_evening(&shared(), "Bundled after").await;
    let own = by_hand(&["check".as_ref(), bundle.file.as_os_str()])["size"].as_u64().expect("a size");
    let later = eventually(Duration::from_secs(20), "a later checkpoint", async || {
        let later = note().await;
        (size(&later) > own).then_some(later)
    })
    .await;
    let file = |name: &str, text: &str| {
        let file = bundle.folder.path().join(name);
        std::fs::write(&file, text).expect("room for it");
        file
    };
    let proof = async |from: u64, to: u64| {
        anyone.get(&format!("/history/consistency?from={from}&to={to}")).expect(200).await.json
    };
    let compared = |checkpoint: &Path, proof: Option<&Path>| {
        let mut command = turnout();
        command.args(["verify", "--json", "--export"]).arg(&bundle.file).arg("--key").arg(&bundle.keys);
        command.arg("--checkpoint").arg(checkpoint);
        if let Some(proof) = proof {
            command.arg("--consistency").arg(proof);
        }
        let output = command.output().expect("to run the program");
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (said, output.status.code())
    };

    let (before, since) = (file("before", &kept), file("since", &later));
    let (said, code) = compared(&before, None);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains(&format!("/api/v1/history/consistency?from={}&to={own}", size(&kept))), "{said}");
    let true_proof = proof(size(&kept), own).await;
    for (checkpoint, proof) in [(&before, true_proof.clone()), (&since, proof(own, size(&later)).await)] {
        let (said, code) = compared(checkpoint, Some(&file("proof", &proof.to_string())));
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("are of one log"), "{said}");
    }

    // The server may say what it likes.
    let mut other_root = true_proof.clone();
    other_root["from_root"] = true_proof["to_root"].clone();
    let mut other_hashes = true_proof.clone();
    let hash = other_hashes["hashes"].as_array_mut().and_then(Vec::pop).expect("a hash");
    other_hashes["hashes"].as_array_mut().expect("hashes").insert(0, hash);
    let mut no_hashes = true_proof.clone();
    no_hashes["hashes"] = json!([]);
    for (wrong, what) in [
        (other_root, "the server's proof is of a log whose first"),
        (other_hashes, "does not continue the one of"),
        (no_hashes, "does not continue the one of"),
    ] {
        let (said, code) = compared(&before, Some(&file("wrong", &wrong.to_string())));
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(what), "{what}: {said}");
    }
    let (said, code) = compared(&before, Some(&file("none", "{}")));
    assert_eq!(code, Some(2), "{said}");
}

/// The size of a checkpoint.
fn size(note: &str) -> u64 {
    note.lines().nth(1).and_then(|size| size.parse().ok()).expect("a checkpoint")
}
