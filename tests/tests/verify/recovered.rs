//! Going back to a moment, as `docs/backup.md` describes it, by PostgreSQL's own programs: what was sold until then is there, what came
//! later is not, and selling goes on.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use black_box::{Server, Show, database, turnout};
use nix::unistd::Uid;
use serde_json::json;
use sqlx::Connection as _;

use super::run;

/// A program of PostgreSQL's, as the user that the server runs as: itself, or who it drops to when it is started by root.
fn program(name: &str) -> Command {
    let path = embedded_postgres::client_programs(15).expect("PostgreSQL's programs").join(name);
    let mut command = if Uid::effective().is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(path);
        command
    } else {
        Command::new(path)
    };
    command.current_dir("/");
    command
}

#[track_caller]
fn succeeds(command: &mut Command) -> String {
    let output = run(command);
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {said}");
    said
}

fn append(file: &Path, lines: &str) {
    let text = fs::read_to_string(file).expect("the settings");
    fs::write(file, format!("{text}\n{lines}\n")).expect("to write the settings");
}

/// Waits until it takes writes: it answers before that.
fn recovered(postgres: &Path) {
    let ask = "DO $$ BEGIN WHILE pg_is_in_recovery() LOOP PERFORM pg_sleep(0.02); END LOOP; END $$";
    let mut psql = program("psql");
    psql.arg("--host").arg(postgres).args(["--username", "turnout_owner", "--no-psqlrc", "--command", ask, "turnout"]);
    succeeds(&mut psql);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_goes_back_to_a_moment_and_on_from_there() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).expect("an open folder");
    let archive = folder.path().join("archive");
    fs::create_dir(&archive).expect("a folder");
    fs::set_permissions(&archive, fs::Permissions::from_mode(0o777)).expect("an open folder");
    let mut server = Server::start();
    let (show, seat) = Show::seated(&server.staff(), "Gone back", 2, 4, json!({})).await;
    server.terminate();
    let at = archive.display();
    append(
        &server.data().join("postgres/postgresql.conf"),
        &format!(
            "archive_mode = on\n\
             archive_command = 'test ! -f {at}/%f && cp %p {at}/%f.part && sync {at}/%f.part && mv {at}/%f.part {at}/%f'"
        ),
    );
    server.restart();
    show.sell_seat(&seat, "Stalls-1-1").await;
    let base = folder.path().join("base");
    let socket = server.data().join("postgres");
    let mut backup = program("pg_basebackup");
    backup.arg("--host").arg(&socket).args(["--port", "5432", "--username", "turnout_owner", "--checkpoint=fast"]);
    succeeds(backup.arg("--pgdata").arg(&base));

    let before = show.sell_seat(&seat, "Stalls-1-2").await;
    let head = show.head().await;
    let mut owner = database::connect(&server.data(), "turnout_owner").await;
    let moment: String =
        sqlx::query_scalar("SELECT clock_timestamp()::text").fetch_one(&mut owner).await.expect("a time");
    let after = show.sell_seat(&seat, "Stalls-1-3").await;
    sqlx::query("SELECT pg_switch_wal()").execute(&mut owner).await.expect("a full segment");
    owner.close().await.expect("to leave");
    let key: PathBuf = server.data().join("secret-key");
    // It waits until all is archived.
    server.terminate();

    let restored = Server::start_on_data(|data| {
        fs::create_dir(data).expect("a data directory");
        fs::copy(&key, data.join("secret-key")).expect("the key");
        let postgres = data.join("postgres");
        succeeds(Command::new("cp").arg("-a").arg(&base).arg(&postgres));
        append(
            &postgres.join("postgresql.conf"),
            &format!(
                "restore_command = 'cp {at}/%f %p'\nrecovery_target_time = '{moment}'\n\
                 recovery_target_action = 'promote'\narchive_mode = off"
            ),
        );
        fs::write(postgres.join("recovery.signal"), "").expect("to ask for recovery");
        let options = format!("-c listen_addresses='' -c unix_socket_directories={}", postgres.display());
        let control = |action: &[&str]| {
            succeeds(
                program("pg_ctl").arg("--pgdata").arg(&postgres).args(["--wait", "--log", "/dev/null"]).args(action),
            )
        };
        control(&["start", "-o", &options]);
        recovered(&postgres);
        control(&["stop"]);
        let said = succeeds(turnout().arg("verify").arg("--data").arg(data));
        assert!(said.contains(&format!("All is right: {head} events")), "{said}");
    });
    let show = Show { staff: restored.staff(), anyone: restored.anyone(), ..show };
    let seats = show.seen("/seats", head).await;
    assert_eq!(seats["seats"].as_object().map(serde_json::Map::len), Some(2), "{}", seats.text);
    assert_eq!(show.check_in(json!({ "ticket": before["id"] })).await["result"], "admitted");
    // Whoever bought later has a ticket that the log does not know, and their seat is sold again.
    assert_eq!(show.check_in(json!({ "ticket": after["id"] })).await["result"], "refused");
    let again = show.sell_seat(&seat, "Stalls-1-3").await;
    assert_eq!(show.check_in(json!({ "ticket": again["id"] })).await["result"], "admitted");
}
