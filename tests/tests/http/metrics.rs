//! Metrics, as Prometheus reads them: by a listener of their own, or with their token beside the API. What they are called is
//! what `docs/operations.md` says, no more and no less.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use black_box::{ADMIN_TOKEN, Client, Server, Show, database, eventually, shared};
use serde_json::json;

const TOKEN: &str = "metrics-token-of-the-tests-0123456789";

/// Those that need a PostgreSQL whose settings or version are others.
const ONLY_SOMETIMES: [&str; 2] =
    ["turnout_postgres_wal_write_seconds_total", "turnout_postgres_wal_flush_seconds_total"];

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace")
}

/// Name and kind of every metric that the documentation tells of.
fn documented() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(workspace().join("docs/operations.md")).expect("the documentation");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    rows.filter(|(name, _)| name.starts_with("turnout_") || name.starts_with("process_"))
        .filter_map(|(name, rest)| Some((name.to_owned(), rest.split_once(" | ")?.0.to_owned())))
        .collect()
}

/// Name and kind of every metric in a text.
fn told(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    lines.map(|(name, kind)| (name.to_owned(), kind.to_owned())).collect()
}

/// The value of a sample, labels included in its name as they stand there.
fn value(text: &str, sample: &str) -> f64 {
    let found = text.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
    found.unwrap_or_else(|| panic!("no {sample} in:\n{text}")).parse().expect("a number")
}

/// Where a server's own listener for metrics is.
async fn metrics_address(server: &Server) -> String {
    let line = eventually(Duration::from_secs(5), "where they are is printed", async || {
        let output = server.output();
        output.lines().find_map(|line| line.trim().strip_prefix("metrics:")).map(str::to_owned)
    })
    .await;
    line.trim().strip_prefix("http://").and_then(|rest| rest.strip_suffix("/metrics")).expect("an address").to_owned()
}

async fn read(address: &str) -> String {
    Client::anonymous(address).get("//metrics").expect(200).await.text
}

/// As Prometheus would: nothing wrong, and nothing to complain about.
fn promtool(text: &str) {
    let fetched = workspace().join(".tools/prometheus/promtool");
    let program = if fetched.is_file() { fetched } else { PathBuf::from("promtool") };
    let mut child = Command::new(program)
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool, which scripts/test installs");
    child.stdin.take().expect("its input").write_all(text.as_bytes()).expect("to write");
    let output = child.wait_with_output().expect("promtool's end");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.trim().is_empty(), "promtool: {said}\nof:\n{text}");
}

#[tokio::test]
async fn what_happens_is_counted_and_named_as_documented() {
    // Traces are on, but nothing is followed, so that their metrics are there as well.
    let server = Server::start_set(&[
        ("TURNOUT_METRICS_LISTEN", "127.0.0.1:0"),
        ("TURNOUT_METRICS_TOKEN", TOKEN),
        ("TURNOUT_OTLP_ENDPOINT", "http://127.0.0.1:9"),
        ("TURNOUT_TRACE_SAMPLE", "0"),
    ]);
    let address = metrics_address(&server).await;
    let before = read(&address).await;
    let (show, floor) = Show::standing(&server.staff(), "Counted", 2, json!({})).await;
    let key = "counted-once";
    let body = json!({ "items": [{ "ticket_type": floor, "quantity": 2 }], "payment": { "method": "cash" } });
    let sold = show.staff.post(&show.path("/tickets"), &body).key(key).expect(201).await;
    show.staff.post(&show.path("/tickets"), &body).key(key).expect(201).await;
    show.staff.post(&show.path("/tickets"), &body).problem(409, "sold_out").await;
    show.seen("/tickets", sold.position()).await;
    let after = read(&address).await;
    promtool(&after);

    let grown = |sample: &str, by: f64| {
        let was = if before.contains(sample) { value(&before, sample) } else { 0.0 };
        assert_eq!(value(&after, sample) - was, by, "{sample}");
    };
    let route = "route=\"/api/v1/shows/{show}/tickets\"";
    grown(&format!("turnout_http_requests_total{{method=\"POST\",{route},status=\"2xx\"}}"), 2.0);
    grown(&format!("turnout_http_requests_total{{method=\"POST\",{route},status=\"4xx\"}}"), 1.0);
    grown(&format!("turnout_http_request_duration_seconds_count{{method=\"POST\",{route}}}"), 3.0);
    grown("turnout_http_problems_total{code=\"sold_out\"}", 1.0);
    grown("turnout_desk_commands_total{outcome=\"repeated\"}", 1.0);
    grown("turnout_desk_commands_total{outcome=\"rejected\"}", 1.0);
    // Scheduled, seated, a type, published, sold.
    grown("turnout_desk_commands_total{outcome=\"recorded\"}", 5.0);
    let position = value(&after, "turnout_projector_position");
    assert!(position >= sold.position() as f64, "{position} {sold}");
    assert!(value(&after, "turnout_log_head") >= position);
    assert_eq!(value(&after, "turnout_http_requests_in_flight"), 0.0, "what reads them is not among them");
    assert_eq!(value(&after, "turnout_desk_open_desks"), 1.0);
    assert!(value(&after, "turnout_postgres_wal_bytes_total") > 0.0);
    assert!(!after.contains(&show.id), "no label names a show");

    let (documented, told) = (documented(), told(&after));
    let sometimes: BTreeSet<&str> = ONLY_SOMETIMES.into();
    let missing: Vec<_> =
        documented.iter().filter(|(name, _)| !sometimes.contains(name.as_str()) && !told.contains_key(*name)).collect();
    let unknown: Vec<_> = told.iter().filter(|(name, kind)| documented.get(*name) != Some(kind)).collect();
    assert!(missing.is_empty() && unknown.is_empty(), "missing: {missing:?}; not documented: {unknown:?}");

    // Beside the API they need their token, which opens nothing else.
    let anyone = server.anyone();
    anyone.get("//metrics").problem(401, "unauthenticated").await;
    anyone.with_bearer(ADMIN_TOKEN).get("//metrics").problem(401, "unauthenticated").await;
    let with_token = anyone.with_bearer(TOKEN);
    assert!(with_token.get("//metrics").expect(200).await.text.contains("turnout_build_info"));
    with_token.get("/history").problem(401, "unauthenticated").await;
}

/// Measured against the log itself, not against what a projector has read of it: whoever stands still knows of nothing new.
#[tokio::test]
async fn how_far_the_read_models_are_behind_the_log_is_told_while_nobody_projects() {
    let server = Server::start_set(&[("TURNOUT_METRICS_TOKEN", TOKEN)]);
    let metrics = server.anyone().with_bearer(TOKEN);
    let (show, floor) = Show::standing(&server.staff(), "Behind", 10, json!({})).await;
    show.seen("/availability", show.head().await).await;
    let mut owner = database::connect(&server.data(), "turnout_owner").await;
    database::hold_projectors(&mut owner).await;
    eventually(Duration::from_secs(30), "it follows whoever has the lease", async || {
        (value(&metrics.get("//metrics").expect(200).await.text, "turnout_projector_leads") == 0.0).then_some(())
    })
    .await;
    let shown: i64 = sqlx::query_scalar("SELECT position FROM read.checkpoints WHERE name = 'read'")
        .fetch_one(&mut owner)
        .await
        .expect("the checkpoint");
    for _ in 0..3 {
        show.sell_one(&floor).await;
    }
    // Of what was answered nothing is missing; something else, such as a timer, may have been recorded behind it.
    let (sold, from) = (show.head().await as f64, shown as f64);
    assert!(sold - from >= 3.0, "{sold} is not three events behind {from}");
    let told = metrics.get("//metrics").expect(200).await.text;
    let (events, seconds) =
        (value(&told, "turnout_projector_lag_events"), value(&told, "turnout_projector_lag_seconds"));
    assert!(events >= sold - from, "{events} of {} are told", sold - from);
    assert_eq!(events, value(&told, "turnout_log_head") - from);
    assert!(seconds > 0.0, "{seconds}");
    let later = metrics.get("//metrics").expect(200).await.text;
    assert!(value(&later, "turnout_projector_lag_seconds") > seconds, "it grows as long as nobody projects");

    database::let_projectors_go(&mut owner).await;
    eventually(Duration::from_secs(30), "nothing is left", async || {
        let told = metrics.get("//metrics").expect(200).await.text;
        let lag = ["events", "seconds"].map(|of| value(&told, &format!("turnout_projector_lag_{of}")));
        (lag == [0.0, 0.0] && value(&told, "turnout_projector_position") >= sold).then_some(())
    })
    .await;
}

#[tokio::test]
async fn without_a_setting_there_are_no_metrics() {
    shared().get("//metrics").problem(404, "not_found").await;
}
