//! `turnout backup` and `turnout restore`: what was sold is there again, on a cluster that has never seen it, and selling goes on; and
//! what is damaged, tampered with or in the way is said before anything is changed.

use std::{
    fs,
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Output},
    time::Duration,
};

use black_box::{Server, Show, database, eventually, turnout};
use embedded_postgres::temporary;
use serde_json::{Value, json};
use sqlx::{Connection as _, Executor as _};
use tempfile::TempDir;

use super::{assert_right, run, written::Written};

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[track_caller]
fn ends(command: &mut Command, code: i32) -> String {
    let output = run(command);
    assert_eq!(output.status.code(), Some(code), "{}", said(&output));
    said(&output)
}

fn backup(data: &Path, file: &Path) -> Command {
    let mut command = turnout();
    command.arg("backup").arg(file).arg("--data").arg(data);
    command
}

fn restore(file: &Path, data: &Path) -> Command {
    let mut command = turnout();
    command.arg("restore").arg(file).arg("--data").arg(data);
    command
}

/// What an archive holds, by the system's own program.
fn extracted(file: &Path, into: &Path) {
    ends(Command::new("tar").arg("-xf").arg(file).arg("-C").arg(into), 0);
}

/// A folder that the embedded server's user can reach, too.
fn open_folder() -> TempDir {
    tempfile::Builder::new().permissions(fs::Permissions::from_mode(0o755)).tempdir().expect("a folder")
}

fn manifest(file: &Path) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    extracted(file, folder.path());
    let text = fs::read_to_string(folder.path().join("manifest.json")).expect("a manifest");
    serde_json::from_str(&text).expect("JSON")
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// The hashes of all states at some positions or at the checkpoints, as the program prints them.
fn hashes(data: &Path, until: u64, places: &[&str]) -> String {
    let mut replay = turnout();
    replay.args(["replay", "--all", "--hashes", "--until", &until.to_string()]).args(places).arg("--data").arg(data);
    ends(&mut replay, 0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_server_goes_on_selling_where_the_backup_was_taken() {
    let folder = open_folder();
    let file = folder.path().join("tonight.backup");
    let server = Server::start();
    let (show, seat) = Show::seated(&server.staff(), "Backed up", 3, 4, json!({})).await;
    let (came, will_come) = (show.sell_seat(&seat, "Stalls-1-1").await, show.sell_seat(&seat, "Stalls-1-2").await);
    show.check_in(json!({ "ticket": came["id"] })).await;
    let head = show.head().await;
    let mut owner = database::connect(&server.data(), "turnout_owner").await;
    eventually(Duration::from_secs(20), "all is signed", async || {
        let signed = "SELECT EXISTS (SELECT FROM log.checkpoints WHERE size >= $1)";
        let signed: bool =
            sqlx::query_scalar(signed).bind(head.cast_signed()).fetch_one(&mut owner).await.expect("an answer");
        signed.then_some(())
    })
    .await;
    owner.close().await.expect("to leave");

    // Beside the running server; what is sold after it is not in it.
    let told = ends(&mut backup(&server.data(), &file), 0);
    assert!(told.contains(&format!("up to position {head}")) && told.contains("THE SECRET KEY IS NOT IN IT"), "{told}");
    assert_eq!(names(folder.path()), ["tonight.backup"], "nothing unfinished is left");
    let of_backup = manifest(&file);
    assert_eq!((of_backup["head"].as_u64(), of_backup["secret_key"].as_bool()), (Some(head), Some(false)));
    assert_eq!(fs::metadata(&file).expect("the file").permissions().mode() & 0o077, 0, "nobody else may read it");
    show.sell_seat(&seat, "Stalls-1-3").await;
    let again = ends(&mut backup(&server.data(), &file), 2);
    assert!(again.contains("exists already"), "{again}");

    // A data directory that never was.
    let restored = Server::start_on_data(|data| {
        let told = ends(&mut restore(&file, data), 0);
        assert!(told.contains("All is right") && told.contains("the backup was taken at"), "{told}");
        assert!(told.contains(&format!("Up to position {head} it is as its own keys signed it")), "{told}");
        assert!(told.contains("The secret key was not in the backup"), "{told}");
        assert_eq!(names(data), ["postgres"]);
        ends(turnout().arg("verify").arg("--data").arg(data), 0);
        // Another run of the program, on another copy: the same states at every position.
        for places in [&["--every", "1"] as &[_], &[]] {
            assert_eq!(hashes(data, head, places), hashes(&server.data(), head, places));
        }
        fs::copy(server.data().join("secret-key"), data.join("secret-key")).expect("the key");
        // Where a database is, nothing is restored.
        let told = ends(&mut restore(&file, data), 2);
        assert!(told.contains("holds a database already"), "{told}");
    });
    let show = Show { staff: restored.staff(), anyone: restored.anyone(), ..show };

    // Read models come by themselves; tickets sold before are admitted once, by what is printed on them, too.
    let seats = show.seen("/seats", head).await;
    assert_eq!(seats["seats"].as_object().map(serde_json::Map::len), Some(2), "{}", seats.text);
    let answer = |result: &Value| (result["result"].clone(), result["reason"].clone());
    let twice = show.check_in(json!({ "ticket": came["id"] })).await;
    assert_eq!(answer(&twice.json), ("refused".into(), "already_checked_in".into()));
    let token = json!({ "token": will_come["token"] });
    assert_eq!(show.check_in(token.clone()).await["result"], "admitted");
    assert_eq!(answer(&show.check_in(token).await.json), ("refused".into(), "already_checked_in".into()));

    // Selling goes on: what was sold before the backup is sold, what was sold after it is free again.
    let taken = json!({ "items": [{ "ticket_type": seat, "seats": ["Stalls-1-2"] }], "payment": { "method": "cash" } });
    show.staff.post(&show.path("/tickets"), &taken).expect(409).await;
    let new = show.sell_seat(&seat, "Stalls-1-3").await;
    assert_eq!(show.check_in(json!({ "short_code": new["short_code"] })).await["result"], "admitted");
    ends(turnout().args(["verify", "--read"]).arg("--data").arg(restored.data()), 0);
    ends(turnout().arg("verify").arg("--data").arg(restored.data()), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_holds_what_cannot_be_made_anew_and_the_key_only_if_asked() {
    let folder = open_folder();
    let mut server = Server::start();
    let (show, floor) = Show::standing(&server.staff(), "Without a server", 10, json!({})).await;
    show.sell_one(&floor).await;
    server.terminate();

    // Without a running server, too.
    let with_key = folder.path().join("with-key.backup");
    let told = ends(backup(&server.data(), &with_key).arg("--with-secret-key"), 0);
    assert!(told.contains("THE SECRET KEY IS IN IT"), "{told}");
    let entries = folder.path().join("entries");
    fs::create_dir(&entries).expect("a folder");
    extracted(&with_key, &entries);
    assert_eq!(names(&entries), ["dump", "manifest.json", "secret-key"]);
    let key = |data: &Path| fs::read_to_string(data.join("secret-key")).expect("a key");
    assert_eq!(key(&entries), key(&server.data()));

    let restored = Server::start_on_data(|data| {
        ends(&mut restore(&with_key, data), 0);
        assert_eq!(names(data), ["postgres", "secret-key"]);
        assert_eq!(key(data), key(&server.data()));
    });
    let mut owner = database::connect(&restored.data(), "turnout_owner").await;
    let left_out = "SELECT to_regnamespace('read_next') IS NULL AND to_regnamespace('read_old') IS NULL";
    assert!(sqlx::query_scalar::<_, bool>(left_out).fetch_one(&mut owner).await.expect("an answer"));
    owner.close().await.expect("to leave");
    let show = Show { staff: restored.staff(), anyone: restored.anyone(), ..show };
    show.sell_one(&floor).await;

    // Nothing is there to be backed up, or to be restored.
    let empty = tempfile::tempdir().expect("a folder");
    let told = ends(&mut backup(empty.path(), &folder.path().join("nothing")), 2);
    assert!(told.contains("there is no database in"), "{told}");
    ends(&mut restore(&folder.path().join("nothing"), empty.path()), 2);
    assert_eq!((names(empty.path()).len(), folder.path().join("nothing").exists()), (0, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_backup_is_refused_before_anything_is_changed() {
    let folder = open_folder();
    let log = Written::new().await;
    let whole = folder.path().join("whole");
    ends(turnout().arg("backup").arg(&whole).env("TURNOUT_OWNER_DATABASE_URL", log.owner_url()), 0);
    let data = folder.path().join("data");
    fs::create_dir(&data).expect("a folder");
    let refused = |file: &Path, what: &str| {
        let told = ends(&mut restore(file, &data), 1);
        assert!(told.contains(what) && told.contains("nothing was restored"), "{told}");
        assert_eq!(names(&data).len(), 0, "{told}");
    };

    let bytes = fs::read(&whole).expect("the backup");
    let cut = folder.path().join("cut");
    for length in [0, 100, 512, bytes.len() / 2, bytes.len() - 4096] {
        fs::write(&cut, &bytes[..length]).expect("a file");
        refused(&cut, "is not a whole backup");
    }
    let changed = folder.path().join("changed");
    fs::write(&changed, &bytes).expect("a file");
    let mut file = fs::File::options().read(true).write(true).open(&changed).expect("the file");
    let mut byte = [0];
    file.seek(SeekFrom::Start(bytes.len() as u64 / 2)).and_then(|_| file.read_exact(&mut byte)).expect("a byte");
    file.seek(SeekFrom::Start(bytes.len() as u64 / 2)).and_then(|_| file.write_all(&[byte[0] ^ 1])).expect("a byte");
    refused(&changed, "its digest is another one");
    fs::write(&changed, b"certainly no archive").expect("a file");
    refused(&changed, "is not a whole backup");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_ones_own_is_restored_if_it_is_empty_and_only_then() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("backup");
    let log = Written::new().await;
    ends(turnout().arg("backup").arg(&file).env("TURNOUT_OWNER_DATABASE_URL", log.owner_url()), 0);
    // The server's login does not see all of it.
    let told = ends(turnout().arg("backup").arg(folder.path().join("other")).env("DATABASE_URL", log.url()), 2);
    assert!(told.contains("TURNOUT_OWNER_DATABASE_URL"), "{told}");
    let told =
        ends(turnout().arg("backup").arg(folder.path().join("other")).env("TURNOUT_OWNER_DATABASE_URL", log.url()), 2);
    assert!(told.contains("belongs to somebody else"), "{told}");

    let elsewhere = temporary().await.expect("a PostgreSQL");
    let target = elsewhere.fresh_database().await.expect("a database");
    let restore = || {
        let mut command = turnout();
        command.arg("restore").arg(&file).env("TURNOUT_OWNER_DATABASE_URL", &target.owner_url);
        command
    };
    let told = ends(&mut restore(), 0);
    assert!(told.contains("All is right"), "{told}");
    let said = assert_right(&target.app_url);
    assert_eq!(said["events"], log.number("SELECT count(*) FROM log.events").await);
    // A server goes on there; and a second time it is not empty.
    let server = Server::start_on(&target.app_url);
    let shows = server.staff().get("/shows").expect(200).await;
    assert_eq!(shows["items"].as_array().map(Vec::len), Some(2), "{}", shows.text);
    drop(server);
    let told = ends(&mut restore(), 2);
    assert!(told.contains("the database is not empty"), "{told}");
    assert_right(&target.app_url);

    // Another owner, without a superuser's rights, on a cluster that never saw the first one's tables.
    let hosted = temporary().await.expect("a PostgreSQL");
    let database = hosted.fresh_database().await.expect("a database");
    let mut superuser = sqlx::PgConnection::connect(&database.owner_url).await.expect("the superuser");
    for statement in ["CREATE ROLE hosted LOGIN CREATEROLE", "CREATE DATABASE theirs OWNER hosted"] {
        superuser.execute(statement).await.expect("a hosted database");
    }
    superuser.close().await.expect("to leave");
    let theirs = hosted.server().url("hosted", "theirs");
    ends(turnout().arg("restore").arg(&file).env("TURNOUT_OWNER_DATABASE_URL", &theirs), 0);
    let server = Server::start_on(&hosted.server().url("turnout", "theirs"));
    Show::standing(&server.staff(), "Sold elsewhere", 5, json!({})).await;
    drop(server);
    // And back, where its owner is unknown.
    let theirs_file = folder.path().join("theirs");
    ends(turnout().arg("backup").arg(&theirs_file).env("TURNOUT_OWNER_DATABASE_URL", &theirs), 0);
    let back = elsewhere.fresh_database().await.expect("a database");
    ends(turnout().arg("restore").arg(&theirs_file).env("TURNOUT_OWNER_DATABASE_URL", &back.owner_url), 0);
    let server = Server::start_on(&back.app_url);
    Show::standing(&server.staff(), "Sold here again", 5, json!({})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_event_in_a_backup_is_found_though_the_digest_is_right() {
    let folder = open_folder();
    let log = Written::new().await;
    let paid = log.number("SELECT min(position) FROM log.events WHERE type = 'PaymentRecorded'").await;
    let change = format!(
        "UPDATE log.events SET payload = replace(payload::text, '\"amount\":', '\"amount\": ')::json WHERE position = {paid};"
    );
    // Somebody who knows how content hashes are made: only what was signed tells.
    let rehashed = format!("{change} SELECT pg_temp.rehash({paid})");
    for (name, statements, what) in
        [("plainly", &change, "content hash"), ("skilfully", &rehashed, "the event is not the one that was signed")]
    {
        log.changed(name, &format!("{statements}; ALTER TABLE log.events ENABLE TRIGGER ALL")).await;
        let file = folder.path().join(name);
        ends(turnout().arg("backup").arg(&file).env("TURNOUT_OWNER_DATABASE_URL", log.owner_url_of(name)), 0);
        let data = folder.path().join("nowhere");
        let told = ends(&mut restore(&file, &data), 1);
        assert!(told.contains(what) && told.contains("Nothing was restored"), "{told}");
        assert_eq!(names(&data).len(), 0, "{told}");
    }
    // Somebody who took the signatures out as well is found by a checkpoint that was kept elsewhere.
    let unsigned = format!(
        "{rehashed}; ALTER TABLE log.checkpoints DISABLE TRIGGER ALL; DELETE FROM log.checkpoints;
         ALTER TABLE log.checkpoints ENABLE TRIGGER ALL; ALTER TABLE log.events ENABLE TRIGGER ALL"
    );
    log.changed("unsigned", &unsigned).await;
    let (file, data) = (folder.path().join("unsigned"), folder.path().join("anywhere"));
    ends(turnout().arg("backup").arg(&file).env("TURNOUT_OWNER_DATABASE_URL", log.owner_url_of("unsigned")), 0);
    let (kept, key) = (folder.path().join("kept"), folder.path().join("key"));
    fs::write(&kept, log.checkpoint().await).expect("a checkpoint");
    fs::write(&key, log.keys()).expect("its key");
    let told = ends(restore(&file, &data).arg("--checkpoint").arg(&kept).arg("--key").arg(&key), 1);
    assert!(told.contains(&format!("position {paid}: the event is not the one that was signed")), "{told}");
    assert_eq!(names(&data).len(), 0, "{told}");
    let file = folder.path().join("plainly");

    let data = folder.path().join("data");
    fs::create_dir(&data).expect("a folder");
    let told = ends(&mut restore(&file, &data), 1);
    assert!(told.contains(&format!("position {paid}: ")) && told.contains("Nothing was restored"), "{told}");
    assert_eq!(names(&data).len(), 0, "{told}");
    // For whoever has no other.
    let told = ends(restore(&file, &data).arg("--even-if-wrong"), 1);
    assert!(told.contains("restored all the same"), "{told}");
    assert_eq!(names(&data), ["postgres"]);
}
