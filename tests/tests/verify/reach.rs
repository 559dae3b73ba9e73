//! Where the log is looked for, and what is said to people.

use std::fs;

use black_box::{Server, Show, turnout};
use serde_json::json;

use super::run;

#[tokio::test(flavor = "multi_thread")]
async fn an_own_database_is_looked_at_beside_its_server_and_without_one() {
    let mut server = Server::start();
    let (show, floor) = Show::standing(&server.staff(), "Looked at", 10, json!({})).await;
    show.sell_one(&floor).await;
    for running in [true, false] {
        if !running {
            server.terminate();
        }
        let output = run(turnout().arg("verify").arg("--data").arg(server.data()));
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{said}{}", String::from_utf8_lossy(&output.stderr));
        assert!(said.starts_with("All is right: "), "{said}");
    }
    // What it started has ended with it: the server comes up again.
    server.restart();
    show.anyone.get(&show.path("")).expect(200).await;
}

#[test]
fn what_cannot_be_looked_at_is_neither_right_nor_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let nothing = run(turnout().arg("verify").arg("--data").arg(folder.path()));
    assert_eq!(nothing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("there is no database in"));
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 0, "nothing is made where nothing was");
    let nobody = run(turnout().arg("verify").env("DATABASE_URL", "postgres://turnout@127.0.0.1:1/turnout"));
    assert_eq!(nobody.status.code(), Some(2));
    assert!(nobody.stdout.is_empty() && !nobody.stderr.is_empty());
}
