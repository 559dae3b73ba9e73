//! The key that signs the log's checkpoints is replaced while several servers run: whoever knows only the old key or only the new one
//! goes on verifying, and a key that leaked is trusted no more.

use std::{fs, path::PathBuf, process::Output, time::Duration};

use black_box::{Client, SHARED_SECRET_KEY, Server, Show, eventually, turnout};
use embedded_postgres::{FreshDatabase, TemporaryPostgres, temporary};
use serde_json::json;

const WITHIN: Duration = Duration::from_secs(20);

/// A database with two servers on it.
struct Two {
    nodes: Vec<Server>,
    folder: tempfile::TempDir,
    database: FreshDatabase,
    _postgres: TemporaryPostgres,
}

impl Two {
    async fn start() -> Self {
        let postgres = temporary().await.expect("a PostgreSQL");
        let database = postgres.fresh_database().await.expect("a database");
        let migrated = turnout().arg("migrate").env("TURNOUT_OWNER_DATABASE_URL", &database.owner_url).output();
        assert!(migrated.expect("to migrate").status.success());
        let nodes = vec![Server::start_on(&database.app_url), Server::start_on(&database.app_url)];
        Self { nodes, folder: tempfile::tempdir().expect("a folder"), database, _postgres: postgres }
    }

    fn turnout(&self, arguments: &[&str], secret: &str) -> Output {
        let mut command = turnout();
        command.args(arguments).env("DATABASE_URL", &self.database.app_url).env("TURNOUT_SECRET_KEY", secret);
        command.output().expect("to run the program")
    }

    /// `turnout keys`, which succeeds.
    #[track_caller]
    fn keys(&self, arguments: &[&str]) -> String {
        let output = self.turnout(&[&["keys"], arguments].concat(), SHARED_SECRET_KEY);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let file = self.folder.path().join(name);
        fs::write(&file, text).expect("a file");
        file
    }

    /// The exit code of verifying with this key and these checkpoints, and what was said.
    fn verify(&self, key: &str, notes: &[&str]) -> (Option<i32>, String) {
        let mut arguments = vec!["verify".to_owned(), "--key".to_owned(), key.to_owned()];
        for (number, note) in notes.iter().enumerate() {
            let file = self.write(&format!("note-{number}"), note);
            arguments.extend(["--checkpoint".to_owned(), file.display().to_string()]);
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = self.turnout(&arguments, SHARED_SECRET_KEY);
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code(), said)
    }

    /// The keys that every node publishes, once they are so many with another one first than `before`.
    async fn published(&self, before: &str, count: usize) -> Vec<String> {
        let mut published = Vec::new();
        for node in &self.nodes {
            let anyone = node.anyone();
            published = eventually(WITHIN, "a node publishes the keys", async || {
                let keys = keys_of(&anyone).await;
                (keys.len() == count && keys[0] != before).then_some(keys)
            })
            .await;
        }
        published
    }
}

async fn keys_of(anyone: &Client) -> Vec<String> {
    anyone.get("/history/keys").expect(200).await.text.lines().map(str::to_owned).collect()
}

/// The newest checkpoint, once it has the position and so many signatures.
async fn note(anyone: &Client, position: u64, signatures: usize) -> String {
    eventually(WITHIN, "a checkpoint is signed by all keys that sign", async || {
        let answer = anyone.get("/history/checkpoint").send().await;
        let size = answer.text.lines().nth(1).and_then(|size| size.parse::<u64>().ok()).unwrap_or(0);
        (size >= position && answer.text.matches("\n— ").count() == signatures).then_some(answer.text)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_knows_one_key_goes_on_verifying_when_another_signs() {
    let two = Two::start().await;
    let (one, other) = (two.nodes[0].anyone(), two.nodes[1].anyone());
    let (show, floor) = Show::standing(&two.nodes[0].staff(), "Signed twice", 100, json!({})).await;
    let sell = async || show.sell(json!([{ "ticket_type": floor, "quantity": 3 }])).await.position();
    let before = note(&one, sell().await, 1).await;
    let old = keys_of(&one).await.remove(0);

    // With another secret no server would start any more: that is refused.
    let refused = two.turnout(&["keys", "rotate"], "another secret key than the one of these servers");
    assert!(!refused.status.success(), "{}", String::from_utf8_lossy(&refused.stdout));
    let told = two.keys(&["rotate"]);
    assert_eq!(told.lines().count(), 2, "{told}");
    let published = two.published(&old, 2).await;
    let new = published[0].clone();
    assert_eq!(published[1], old);

    // Nothing happened since, and the checkpoint that was signed is signed by both.
    let size: u64 = before.lines().nth(1).and_then(|size| size.parse().ok()).expect("a size");
    let again = note(&other, size, 2).await;
    assert!(again.starts_with(&before), "{before}{again}");
    let after = note(&one, sell().await, 2).await;
    for key in [&old, &new] {
        let (code, said) = two.verify(key, &[&again, &after]);
        assert_eq!(code, Some(0), "{said}");
    }
    assert_eq!(two.verify(&old, &[&before]).0, Some(0));

    // Without an overlap the one in between signs no more. What others signed is no mistake to whoever has the last alone.
    two.keys(&["rotate", "--overlap-days", "0"]);
    let published = two.published(&new, 3).await;
    let without = note(&one, sell().await, 2).await;
    let (code, said) = two.verify(&published[0], &[&without]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("signed by other keys"), "{said}");

    // The key that signs is replaced, not revoked; one that was replaced is revoked, and signs and is published no more.
    let active = two.turnout(&["keys", "revoke", &published[0]], SHARED_SECRET_KEY);
    assert!(!active.status.success() && String::from_utf8_lossy(&active.stderr).contains("--leaked"));
    two.keys(&["revoke", &old]);
    let published = two.published(&old, 2).await;
    assert!(!published.contains(&old), "{published:?}");
    let listed = two.keys(&["list"]);
    let states: Vec<&str> = listed.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(states, ["revoked", "retired", "active"], "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_leaked_signs_nothing_any_more_and_the_log_goes_on_with_another() {
    let two = Two::start().await;
    let anyone = two.nodes[1].anyone();
    let (show, floor) = Show::standing(&two.nodes[0].staff(), "Leaked", 100, json!({})).await;
    let sell = async || show.sell(json!([{ "ticket_type": floor, "quantity": 3 }])).await.position();
    let before = note(&anyone, sell().await, 1).await;
    let leaked = keys_of(&anyone).await.remove(0);

    two.keys(&["rotate", "--leaked"]);
    let published = two.published(&leaked, 1).await;
    // What it signed last is signed by the new one, too, so that nobody need trust the old one for anything.
    let size: u64 = before.lines().nth(1).and_then(|size| size.parse().ok()).expect("a size");
    let again = note(&anyone, size, 2).await;
    let after = note(&anyone, sell().await, 1).await;
    let (code, said) = two.verify(&published[0], &[&again, &after]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(two.verify(&leaked, &[&after]).0, Some(2), "nobody believes what the leaked one did not sign");
    // A checkpoint that somebody kept from before the leak is as good as ever, with the key that he kept with it.
    assert_eq!(two.verify(&leaked, &[&before]).0, Some(0));

    // A server that starts later signs with the new one alone.
    let third = Server::start_on(&two.database.app_url);
    assert_eq!(keys_of(&third.anyone()).await, published);
}
