//! `turnout verify --checkpoint`: with a public key and an earlier checkpoint whatever was done to the log since is found, also by whoever
//! makes every hash match.

use std::{fs, path::Path, process::Command};

use black_box::turnout;
use serde_json::Value;

use super::{run, written::Written};

/// What somebody kept outside: the public key and the newest checkpoint.
struct Kept {
    folder: tempfile::TempDir,
}

impl Kept {
    async fn of(log: &Written) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("keys"), log.keys()).expect("to keep the keys");
        fs::write(folder.path().join("checkpoint"), log.checkpoint().await).expect("to keep the checkpoint");
        Self { folder }
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn verify(&self, look: impl FnOnce(&mut Command) -> &mut Command) -> (Value, i32) {
        let mut verify = turnout();
        verify
            .args(["verify", "--json", "--checkpoint"])
            .arg(self.file("checkpoint"))
            .arg("--key")
            .arg(self.file("keys"));
        look(&mut verify);
        let output = run(&mut verify);
        let said = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            panic!("{error}: {}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
        });
        (said, output.status.code().expect("it ended by itself"))
    }

    fn of_database(&self, url: &str) -> (Value, i32) {
        self.verify(|verify| verify.env("DATABASE_URL", url))
    }

    fn of_export(&self, file: &Path) -> (Value, i32) {
        self.verify(|verify| verify.arg("--export").arg(file))
    }

    /// Something is wrong, and among it this, at this position; in the database, and in an export of it.
    fn assert_wrong(&self, name: &str, url: &str, position: i64, what: &str) {
        let file = self.file(name);
        let exported = run(turnout().arg("export").arg(&file).env("DATABASE_URL", url));
        assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
        for (said, code) in [self.of_database(url), self.of_export(&file)] {
            assert_eq!((code, &said["right"]), (1, &Value::Bool(false)), "{name}: {said:#}");
            let first = said["first"].as_array().expect("what is wrong");
            let is_named =
                |one: &Value| one["position"] == position && one["what"].as_str().unwrap_or("").contains(what);
            assert!(first.iter().any(is_named), "{name}: {what:?} at {position} is not among {said:#}");
        }
    }
}

/// A copy of an event, with other content and a hash that matches.
fn rewritten(position: i64) -> String {
    format!(
        "UPDATE log.events SET actor = actor || ' of old' WHERE position = {position}; SELECT pg_temp.rehash({position});"
    )
}

/// Where the tree, too, may be changed.
const FREE_TREE: &str = "ALTER TABLE log.tiles DISABLE TRIGGER ALL; ALTER TABLE log.seeds DISABLE TRIGGER ALL; \
     ALTER TABLE log.checkpoints DISABLE TRIGGER ALL;";

/// Makes room at a position, or closes it, without a trace in versions and times.
fn moved(from: i64, by: i64) -> String {
    format!(
        "UPDATE log.events SET position = position + {by} + 5000000 WHERE position >= {from};
         UPDATE log.events SET position = position - 5000000 WHERE position > 5000000;"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_holds_a_checkpoint_finds_what_was_done_to_the_log() {
    let log = Written::new().await;
    let kept = Kept::of(&log).await;
    let head = log.number("SELECT max(position) FROM log.events").await;
    let (said, code) = kept.of_database(log.url());
    assert_eq!((code, &said["right"], &said["events"]), (0, &Value::Bool(true), &head.into()), "{said:#}");
    let sold = log.number("SELECT min(position) FROM log.events WHERE type = 'TicketIssued'").await;
    let paid = log.number("SELECT min(position) FROM log.events WHERE type = 'PaymentRecorded'").await;

    let edited = format!("UPDATE log.events SET actor = 'nobody' WHERE position = {sold}");
    kept.assert_wrong("edited", &log.changed("edited", &edited).await, sold, "content hash");

    // From here on every content hash is right.
    let url = log.changed("rehashed", &rewritten(sold)).await;
    kept.assert_wrong("rehashed", &url, sold, "not the one that was signed");

    let url = log
        .changed(
            "later",
            &format!(
                "UPDATE log.events SET recorded_at = recorded_at + interval '1 microsecond' WHERE position = {head}"
            ),
        )
        .await;
    kept.assert_wrong("later", &url, head, "not the one that was signed");

    let url = log.changed("removed", &format!("DELETE FROM log.events WHERE position = {sold}")).await;
    kept.assert_wrong("removed", &url, sold, "was removed");

    let closed = format!("DELETE FROM log.events WHERE position = {sold}; {}", moved(sold, -1));
    let url = log.changed("closed", &closed).await;
    kept.assert_wrong("closed", &url, sold, "was removed; those behind it moved up");

    let swapped = format!(
        "CREATE TEMP TABLE two AS SELECT position, version, recorded_at FROM log.events WHERE position IN ({sold}, {paid});
         UPDATE log.events SET position = position + 5000000, version = version + 1000000 WHERE position IN ({sold}, {paid});
         UPDATE log.events AS e SET position = two.position, version = two.version, recorded_at = two.recorded_at FROM two
          WHERE e.position > 5000000 AND two.position = {sold} + {paid} + 5000000 - e.position"
    );
    let url = log.changed("swapped", &swapped).await;
    kept.assert_wrong("swapped", &url, sold, &format!("stands at position {paid} now"));
    kept.assert_wrong("swapped_2", &url, paid, &format!("stands at position {sold} now"));

    let added = format!(
        "SELECT pg_temp.forge({sold}, payload::text) FROM log.events WHERE position = {sold};
         UPDATE log.events SET position = 1000000 WHERE position = {head} + 1; {}
         UPDATE log.events SET position = {sold} WHERE position = 1000000 + 1",
        moved(sold, 1)
    );
    kept.assert_wrong("added", &log.changed("added", &added).await, sold, "an event was added here");

    let url = log.changed("cut", &format!("DELETE FROM log.events WHERE position > {head} - 3")).await;
    kept.assert_wrong("cut", &url, head - 2, "the last 3 are gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_rewrites_the_tree_as_well_is_found_by_what_was_signed() {
    let log = Written::new().await;
    for _ in 0..2 {
        log.goes_on().await;
    }
    let kept = Kept::of(&log).await;
    let head = log.number("SELECT max(position) FROM log.events").await;
    let sold = log.number("SELECT min(position) FROM log.events WHERE type = 'TicketIssued'").await;
    let url = log.changed("no_tiles", &format!("{FREE_TREE} DELETE FROM log.tiles; {}", rewritten(sold))).await;
    let from = 1 + log.number(&format!("SELECT coalesce(max(size), 0) FROM log.checkpoints WHERE size < {sold}")).await;
    let to = log.number(&format!("SELECT min(size) FROM log.checkpoints WHERE size >= {sold}")).await;
    kept.assert_wrong(
        "no_tiles",
        &url,
        from,
        &format!("the events up to position {to} are not those that were signed"),
    );

    // Wherever it is, it is told as closely as checkpoints were signed: all that are kept count, not only the one at hand.
    let sizes = log.numbers("SELECT size FROM log.checkpoints ORDER BY size").await;
    assert!(sizes.len() >= 3, "too few checkpoints to tell them apart: {sizes:?}");
    for (number, between) in sizes.windows(2).take(4).enumerate() {
        let name = format!("between_{number}");
        let statements = format!("{FREE_TREE} DELETE FROM log.tiles; {}", rewritten(between[1]));
        let (said, code) = kept.of_database(&log.changed(&name, &statements).await);
        let first = &said["first"][0];
        assert_eq!((code, &first["position"]), (1, &(between[0] + 1).into()), "{said:#}");
        let until = format!("the events up to position {} are", between[1]);
        assert!(first["what"].as_str().is_some_and(|what| what.contains(&until)), "{said:#}");
    }
    // Where checkpoints were removed, too, it is told as closely as those that are left.
    let (first, last) = (sizes[0], sizes[sizes.len() - 1]);
    let gone = format!("DELETE FROM log.checkpoints WHERE size NOT IN ({first}, {last})");
    let statements = format!("{FREE_TREE} DELETE FROM log.tiles; {gone}; {}", rewritten(sizes[1]));
    kept.assert_wrong(
        "gone",
        &log.changed("gone", &statements).await,
        first + 1,
        &format!("up to position {last} are"),
    );

    // An old dump, and others' events since, with a tree of its own as far as it goes.
    let old = format!(
        "{FREE_TREE} DELETE FROM log.events WHERE position >= {sold}; DELETE FROM log.checkpoints; DELETE FROM log.tiles;
         SELECT pg_temp.forge(1, payload::text) FROM log.events, generate_series(1, {head}) WHERE position = 1"
    );
    kept.assert_wrong("old", &log.changed("old", &old).await, 1, "are not those that were signed");

    let url = log.changed("seeds", &format!("{FREE_TREE} UPDATE log.seeds SET seed = sha256(seed)")).await;
    kept.assert_wrong("seeds", &url, 1, "not the one that was signed");

    let url = log.changed("notes", &format!("{FREE_TREE} UPDATE log.checkpoints SET note = replace(note, E'\\n' || size || E'\\n', E'\\n' || size + 1 || E'\\n')")).await;
    let (said, code) = kept.of_database(&url);
    assert_eq!(code, 1, "{said:#}");
    assert!(said.to_string().contains("signature is not of this text"), "{said:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_of_another_log_or_without_its_key_is_not_believed() {
    let (log, other) = (Written::new().await, Written::new().await);
    let (kept, others) = (Kept::of(&log).await, Kept::of(&other).await);
    let verify = |checkpoint: &Path, key: Option<&Path>| {
        let mut verify = turnout();
        verify.args(["verify", "--checkpoint"]).arg(checkpoint).env("DATABASE_URL", log.url());
        if let Some(key) = key {
            verify.arg("--key").arg(key);
        }
        let output = run(&mut verify);
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, said) = verify(&others.file("checkpoint"), Some(&kept.file("keys")));
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("none of the keys at hand signed"), "{said}");
    let (code, said) = verify(&kept.file("checkpoint"), None);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("--key"), "{said}");
    let (code, said) = verify(&others.file("checkpoint"), Some(&others.file("keys")));
    assert_eq!(code, Some(1), "another log, with its own key: {said}");
}
