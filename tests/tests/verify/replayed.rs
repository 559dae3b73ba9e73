//! `turnout replay`: the story of a show as the log has it, what is wrong with it at which step, and hashes that say whether two
//! logs come to the same.

use std::{
    io::Write as _,
    process::{Command, Output, Stdio},
};

use black_box::turnout;
use serde_json::{Value, json};

use super::{run, written::Written};

fn replay(database_url: &str, arguments: &[&str]) -> (String, i32) {
    let output: Output = run(turnout().arg("replay").args(arguments).env("DATABASE_URL", database_url));
    let said = String::from_utf8_lossy(if output.stdout.is_empty() { &output.stderr } else { &output.stdout });
    (said.into_owned(), output.status.code().expect("it ended by itself"))
}

/// The same as JSON lines; the last one is the summary.
fn replay_json(database_url: &str, arguments: &[&str]) -> (Vec<Value>, i32) {
    let (said, code) = replay(database_url, &[arguments, &["--json"]].concat());
    let line = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    (said.lines().map(line).collect(), code)
}

const SEATED: &str = "SELECT stream::text FROM log.events WHERE type = 'ShowScheduled' ORDER BY position LIMIT 1";

#[tokio::test(flavor = "multi_thread")]
async fn a_story_is_told_to_its_end_with_the_state_at_each_step() {
    let log = Written::new().await;
    let show = log.text(SEATED).await;
    let slug = log
        .text("SELECT payload->>'slug' FROM log.events WHERE type = 'ShowScheduled' ORDER BY position LIMIT 1")
        .await;
    let events = log.number(&format!("SELECT count(*) FROM log.events WHERE stream = '{show}'")).await;

    let (told, code) = replay(log.url(), &["--show", &slug]);
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("All is right") && told.contains("state hash"), "{told}");
    assert!(told.contains("The show Seated was planned; it starts on "), "{told}");
    assert!(told.contains("free 10, held 0, sold 0, blocked 0"), "{told}");
    let refused = "Ticket ••• (Stalls-1-1) was refused at area main: it had already been let in on ";
    assert!(told.contains("Ticket ••• (Stalls-1-1) was let in at area main"), "{told}");
    assert!(told.contains(refused), "{told}");
    let (german, code) = replay(log.url(), &["--show", &slug, "--language", "de"]);
    assert_eq!((code, german.lines().count()), (0, told.lines().count()), "{german}");
    assert!(german.contains("Die Veranstaltung Seated wurde "), "{german}");
    for said in [
        "Die Zeiten sind die von ",
        "frei 10, vorgemerkt 0, verkauft 0, gesperrt 0",
        ",00 EUR offen aus ",
        "; eingelassen 1, ",
    ] {
        assert!(german.contains(said), "{said}: {german}");
    }
    let ended = format!("nach {events} Ereignissen, an Position ");
    assert!(german.contains(&ended) && german.contains(&format!("Alles ist richtig: {events} Ereignisse")), "{german}");
    for english in
        ["Times are", "free ", "held ", "sold ", " due on ", "inside", "admitted", "All is right", "looked at"]
    {
        assert!(!german.contains(english), "{english}: {german}");
    }
    // Each step's time is written as the language writes it.
    let times = |told: &str, form: &str| {
        let formed = |time: &str| time.replace(|c: char| c.is_ascii_digit(), "9") == form;
        told.lines().filter(|line| line.get(11..30).is_some_and(formed)).count() as i64
    };
    assert_eq!(times(&told, "9999-99-99 99:99:99"), events, "{told}");
    assert_eq!(times(&german, "99.99.9999 99:99:99"), events, "{german}");
    // The log alone: what opens a door, and who somebody is, is not told.
    for code in log.texts("SELECT payload->>'short_code' FROM log.events WHERE type = 'TicketIssued'").await {
        assert!(!told.contains(&format!("icket {code}")), "{code}: {told}");
    }

    let (steps, code) = replay_json(log.url(), &["--show", &show]);
    let (summary, steps) = steps.split_last().expect("a summary");
    assert_eq!((code, steps.len() as i64), (0, events));
    let summary = &summary["summary"];
    assert_eq!(
        (&summary["events"], &summary["right"], &summary["slug"]),
        (&events.into(), &true.into(), &slug.clone().into())
    );
    // The state at each step leads to the one at the end, and the positions are those of the log.
    let last = steps.last().expect("steps");
    assert_eq!(summary["state"], last["state"]);
    assert!(steps.windows(2).all(|two| two[0]["position"].as_i64() < two[1]["position"].as_i64()));
    let sold = |step: &Value| step["state"]["sold"].as_i64().expect("a number");
    // One of any kind, three seats; one was voided and its seat sold again.
    assert_eq!(sold(last), 4, "{last:#}");
    assert_eq!(last["state"]["held"], 1);
    for step in steps.iter().filter(|step| step["type"] == "TicketIssued") {
        assert_eq!(step["wrong"], json!([]));
    }

    // Until a position, and until its time: the same state, here and there.
    let voided = steps.iter().position(|step| step["type"] == "TicketVoided").expect("a voided ticket");
    let until = steps[voided]["position"].to_string();
    let (short, code) = replay_json(log.url(), &["--show", &show, "--until", &until]);
    assert_eq!((code, short.len()), (0, voided + 2));
    assert_eq!(short[voided]["state"], steps[voided]["state"]);
    assert_eq!(short[voided + 1]["summary"]["position"].to_string(), until);
    let at = steps[voided]["recorded_at"].as_str().expect("a time");
    let (by_time, _) = replay_json(log.url(), &["--show", &show, "--until", at]);
    assert!(by_time.last().expect("a summary")["summary"]["state_hash"].is_string());
    assert!(by_time.len() >= short.len() && by_time.len() <= steps.len());

    // The end only.
    let (summary_only, code) = replay(log.url(), &["--show", &show, "--quiet"]);
    assert_eq!(code, 0);
    assert!(summary_only.contains("All is right") && !summary_only.contains("was planned"), "{summary_only}");
    assert!(summary_only.lines().count() < 12, "{summary_only}");

    // What cannot be looked at is neither right nor wrong.
    let (said, code) = replay(log.url(), &["--show", &show, "--step"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("--step waits for somebody at a terminal"), "{said}");
    let (said, code) = replay(log.url(), &["--show", "no-such-show"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("the log has no show no-such-show"), "{said}");
    let (said, code) = replay("postgres://turnout@127.0.0.1:1/turnout", &["--show", &show]);
    assert_eq!(code, 2, "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_have_happened_is_told_at_its_step() {
    let log = Written::new().await;
    let show = log.text(SEATED).await;
    let head = log.number("SELECT max(position) FROM log.events").await;
    let twice = |event_type: &str, field: &str| {
        format!(
            "SELECT pg_temp.forge(position, jsonb_set(payload::jsonb, '{{{field}}}', to_jsonb(gen_random_uuid()::text))::text)
               FROM log.events WHERE position = (SELECT min(position) FROM log.events WHERE type = '{event_type}' AND stream = '{show}')"
        )
    };
    for (name, statement, said) in [
        ("sold_twice", twice("OrderPlaced", "order"), "is given to the order"),
        ("in_twice", twice("CheckedIn", "scan,scan"), "lets 2 into main and admits 1"),
        (
            "refused",
            format!(
                "UPDATE log.events SET payload = replace(payload::text, '\"Seated\"', '\"Standed\"')::json WHERE stream = '{show}' AND version = 1"
            ),
            "content hash",
        ),
    ] {
        let url = log.changed(name, &statement).await;
        let (steps, code) = replay_json(&url, &["--show", &show]);
        let (summary, steps) = steps.split_last().expect("a summary");
        assert_eq!((code, &summary["summary"]["right"]), (1, &false.into()), "{name}: {summary:#}");
        let wrong: Vec<&Value> = steps.iter().filter(|step| step["wrong"] != json!([])).collect();
        assert_eq!(wrong.len(), 1, "{name}: {wrong:#?}");
        assert!(wrong[0]["wrong"].to_string().contains(said), "{name}: {:#}", wrong[0]);
        if name != "refused" {
            assert_eq!(wrong[0]["position"], head + 1, "{name}");
        }
        let (told, _) = replay(&url, &["--show", &show]);
        assert!(
            told.contains("WRONG: ") && told.contains("One thing is wrong") || told.contains("things are wrong"),
            "{told}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_logs_have_the_same_hashes_as_far_as_they_are_the_same() {
    let log = Written::new().await;
    let show = log.text(SEATED).await;
    let copy = log.changed("copy", "TRUNCATE log.snapshots").await;
    let hashes = |url: &str| {
        let (lines, code) = replay_json(url, &["--all", "--hashes", "--every", "1"]);
        assert_eq!(code, 0, "{lines:#?}");
        lines
    };
    let original = hashes(log.url());
    let head = usize::try_from(log.number("SELECT max(position) FROM log.events").await).expect("a head");
    assert_eq!(original.len(), head + 1);
    assert_eq!(original, hashes(&copy), "two programs, two copies, one hash at every position");
    let streams = original[head]["streams"].as_array().expect("streams");
    assert_eq!(streams.len(), 3, "two shows and their organization");

    // The show alone comes to the hash that it has among all, with and without the story.
    let (of_show, _) = replay_json(log.url(), &["--show", &show, "--hashes", "--every", "1"]);
    let hash = &of_show.last().expect("a summary")["summary"]["state_hash"];
    assert_eq!(&of_show[of_show.len() - 2]["state_hash"], hash);
    assert!(streams.iter().any(|stream| &stream["state_hash"] == hash && stream["stream"] == show.as_str()));

    // Another price of one line, with a right content hash: another hash from there on, and the same before.
    let sold = log
        .number(&format!("SELECT min(position) FROM log.events WHERE type = 'OrderPlaced' AND stream = '{show}'"))
        .await;
    let forged = log
        .changed(
            "forged_price",
            &format!(
                "UPDATE log.events SET payload = replace(payload::text, '\"reference\":\"', '\"reference\":\"X')::json WHERE position = {sold};
                 SELECT pg_temp.rehash({sold})"
            ),
        )
        .await;
    let forged = hashes(&forged);
    let sold = usize::try_from(sold).expect("a position");
    assert_eq!(original[..sold - 1], forged[..sold - 1]);
    assert!((sold - 1..=head).all(|at| original[at]["state_hash"] != forged[at]["state_hash"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn at_a_terminal_somebody_goes_step_by_step() {
    let log = Written::new().await;
    let show = log.text(SEATED).await;
    let last = log.number(&format!("SELECT max(position) FROM log.events WHERE stream = '{show}'")).await;
    // A terminal, from the system's own program for that.
    let command = format!("{} replay --show {show} --step", turnout().get_program().to_string_lossy());
    let mut terminal = Command::new("script")
        .args(["--quiet", "--return", "--echo", "never", "--command", &command, "/dev/null"])
        .env("DATABASE_URL", log.url())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("script, of Debian's bsdutils");
    let answers = format!("\n2\nwhat\ng {last}\nq\n");
    terminal.stdin.take().expect("its input").write_all(answers.as_bytes()).expect("to answer");
    let output = terminal.wait_with_output().expect("its end");
    let told = String::from_utf8_lossy(&output.stdout).replace('\r', "");
    let steps = told.lines().filter(|line| line.contains("  free ") || line.contains("held 0, sold 0")).count();
    assert_eq!((output.status.code(), told.matches("g POSITION").count()), (Some(0), 2), "{told}");
    // One by itself, one for Enter, two for the number, the last one for the jump; and the summary.
    assert_eq!(steps, 6, "{told}");
    assert!(told.contains(&format!("at position {last}")) && told.contains("All is right"), "{told}");
}
