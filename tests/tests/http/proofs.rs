//! What proves the log to people who trust nobody: checkpoints, tiles and proofs, checked by Go's own sumdb/tlog and sumdb/note.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

use black_box::{Client, Server, Show, assert_fields, eventually, issue_key, shared};
use serde_json::{Value, json};

/// Go's program, with the packages of the distribution where they are there.
fn sumdb() -> Command {
    let packaged = PathBuf::from("/usr/share/gocode/src/golang.org/x/mod");
    let mut go = Command::new("go");
    go.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("sumdb")).args(["run", "main.go"]);
    if packaged.exists() {
        go.envs([("GO111MODULE", "off"), ("GOPATH", "/usr/share/gocode")]);
    } else {
        go.env("GOFLAGS", "-mod=mod");
    }
    go
}

/// What Go says of a log, with these answers of `/history/proof`.
fn check(anyone: &Client, folder: &Path, proofs: &[Value]) -> Output {
    let mut go = sumdb();
    go.args(["check", &format!("http://{}/api/v1/history", anyone.address())]);
    go.arg(folder.join("keys")).arg(folder.join("checkpoint"));
    let mut running = go.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("Go");
    let mut lines = running.stdin.take().expect("its input");
    proofs.iter().for_each(|proof| writeln!(lines, "{proof}").expect("to write a proof"));
    drop(lines);
    running.wait_with_output().expect("Go ends")
}

/// The size of the newest checkpoint.
async fn signed(anyone: &Client) -> u64 {
    let note = anyone.get("/history/checkpoint").expect(200).await.text;
    note.lines().nth(1).and_then(|size| size.parse().ok()).unwrap_or_else(|| panic!("a checkpoint, not {note}"))
}

async fn signed_up_to(anyone: &Client, position: u64) {
    eventually(Duration::from_secs(20), "the event is signed", async || {
        (signed(anyone).await >= position).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_implementation_verifies_checkpoints_tiles_and_proofs() {
    let server = Server::start_demo();
    let (staff, anyone) = (server.staff(), server.anyone());
    let folder = tempfile::tempdir().expect("a folder");
    signed_up_to(&anyone, 100).await;
    let earlier = anyone.get("/history/checkpoint").expect(200).await.text;
    fs::write(folder.path().join("checkpoint"), earlier).expect("to keep it");
    fs::write(folder.path().join("keys"), anyone.get("/history/keys").expect(200).await.text).expect("to keep them");
    let (show, floor) = Show::standing(&staff, "Proved", 500, json!({})).await;
    let head = show.sell(json!([{ "ticket_type": floor, "quantity": 300 }])).await.position();
    signed_up_to(&anyone, head).await;
    let mut proofs = Vec::new();
    for position in [1, 2, 255, 256, 257, 512, 700, head] {
        let proof = staff.get(&format!("/history/proof?position={position}")).expect(200).await;
        proofs.push(proof.json);
    }
    let output = check(&anyone, folder.path(), &proofs);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("8 proofs, 1 earlier checkpoints"), "{said}");

    // That it would find what is wrong.
    for (pointer, value) in
        [("/leaf/version", json!(77)), ("/event/payload", json!("{}")), ("/event/actor", json!("nobody"))]
    {
        let mut wrong = proofs[3].clone();
        *wrong.pointer_mut(pointer).expect("a field") = value;
        let output = check(&anyone, folder.path(), &[wrong]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains("position 256"), "{pointer}: {said}");
    }
}

#[tokio::test]
async fn an_event_is_proved_to_whoever_may_read_it() {
    let (show, floor) = Show::standing(&shared(), "Proof of one", 10, json!({})).await;
    let position = show.sell(json!([{ "ticket_type": floor, "quantity": 1 }])).await.position();
    let anyone = show.staff.without_bearer();
    signed_up_to(&anyone, position).await;
    let path = format!("/history/proof?position={position}");
    let proof = show.staff.get(&path).expect(200).await;
    assert_fields(&proof.json, &["checkpoint", "event", "hashes", "leaf", "leaf_hash", "position", "root", "size"]);
    assert_eq!(proof["position"], position);
    assert!(proof["leaf"]["salt"].is_string() && proof["leaf"]["content_hash"].is_string(), "{}", proof.json);

    // What is hashed is what is shown.
    let listed = show.staff.get(&format!("/history/{position}")).expect(200).await;
    let payload: Value = serde_json::from_str(proof["event"]["payload"].as_str().expect("a text")).expect("JSON");
    assert_eq!((&payload, &proof["event"]["type"]), (&listed["payload"], &listed["type"]));
    assert_fields(
        &proof["event"],
        &[
            "actor",
            "causation",
            "channel",
            "command",
            "correlation",
            "device",
            "payload",
            "request_hmac",
            "schema",
            "type",
        ],
    );

    // An auditor is not told what a live code could be guessed by, and has the same proof.
    let (_, auditor) = issue_key(&show.staff, "auditor", json!({})).await;
    let masked = auditor.get(&format!("{path}&size={}", proof["size"])).expect(200).await;
    assert_eq!((&masked["leaf"]["salt"], &masked["leaf"]["content_hash"]), (&Value::Null, &Value::Null));
    assert_eq!(masked["event"], Value::Null);
    assert_eq!((&masked["leaf_hash"], &masked["hashes"]), (&proof["leaf_hash"], &proof["hashes"]));

    anyone.get(&path).problem(401, "unauthenticated").await;
    let (_, seller) = issue_key(&show.staff, "seller", json!({})).await;
    seller.get(&path).problem(403, "forbidden").await;
    show.staff.get("/history/proof?position=0").problem(404, "not_found").await;
    show.staff.get("/history/proof").problem(422, "invalid").await;
}

#[tokio::test]
async fn tiles_and_consistency_are_everybodys_and_say_what_they_cannot() {
    let (show, floor) = Show::standing(&shared(), "Public proofs", 10, json!({})).await;
    let position = show.sell(json!([{ "ticket_type": floor, "quantity": 5 }])).await.position();
    let anyone = show.staff.without_bearer();
    signed_up_to(&anyone, position).await;
    let size = signed(&anyone).await;
    let proof = anyone.get(&format!("/history/consistency?from=3&to={size}")).expect(200).await;
    assert_fields(&proof.json, &["from", "from_root", "hashes", "to", "to_root"]);
    anyone.get("/history/consistency?from=0").problem(422, "invalid").await;
    anyone.get(&format!("/history/consistency?from={}&to={size}", size + 1)).problem(422, "invalid").await;
    let width = size.min(256);
    let tile = if width == 256 { "/history/tile/0/000".to_owned() } else { format!("/history/tile/0/000.p/{width}") };
    let tile = anyone.get(&tile).expect(200).await;
    assert_eq!(tile.header("content-type"), Some("application/octet-stream"));
    assert!(tile.header("cache-control").is_some_and(|caching| caching.contains("immutable")));
    for none in ["0/999", "0/x001/000", "1/x001/x002/003.p/7", "8/000", "data/000", "0/000.p/0", "0/0"] {
        anyone.get(&format!("/history/tile/{none}")).problem(404, "not_found").await;
    }
}
