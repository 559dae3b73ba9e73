//! Traces: one command followed from its request to the page of the projector that made it visible, as a collector gets it.

mod collector;

use std::time::Duration;

use black_box::{Server, Show, eventually, whole_history};
use serde_json::{Value, json};

use collector::{Collector, Seen};

/// What is done for a command, in this order.
const STEPS: [&str; 8] = [
    "desk.wait",
    "desk.read",
    "desk.decide",
    "desk.ready",
    "desk.append",
    "recorder.wait",
    "log.append",
    "projector.page",
];

const REQUEST: &str = "POST /api/v1/shows/{show}/tickets";

/// The example of W3C's specification.
const CALLERS_TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLERS_SPAN: &str = "00f067aa0ba902b7";

fn sale(ticket_type: &str) -> Value {
    json!({
        "items": [{ "ticket_type": ticket_type, "quantity": 1 }],
        "customer": { "name": "Ada Traced", "email": "ada.traced@example.org" },
        "payment": { "method": "cash", "reference": "Till 7" },
    })
}

/// All of a trace, once its request and its last step have come.
async fn whole(collector: &Collector, trace: &str) -> Vec<Seen> {
    eventually(Duration::from_secs(20), "a whole trace", async || {
        let spans = collector.of_trace(trace);
        let has = |name: &str| spans.iter().any(|span| span.name == name);
        (has(REQUEST) && STEPS.iter().all(|step| has(step))).then_some(spans)
    })
    .await
}

/// Every step is below the request, within time's order, and those that were done for several commands are linked both ways.
fn assert_follows(collector: &Collector, spans: &[Seen]) {
    let request = spans.iter().find(|span| span.name == REQUEST).expect("the request");
    assert_eq!(request.attribute("http.response.status_code"), Some("201"), "{request:?}");
    assert_eq!(request.attribute("http.route"), Some("/api/v1/shows/{show}/tickets"));
    let step = |name: &str| spans.iter().find(|span| span.name == name).expect("a step");
    for name in STEPS {
        assert_eq!(step(name).parent, request.span, "{name} is the request's");
        assert!(step(name).time.0 <= step(name).time.1, "{:?}", step(name));
    }
    // The two clocks are read a moment apart for each span, so neighbours may overlap by less than a millisecond.
    let begins = |name: &str| step(name).time.0 / 1_000_000;
    assert!(begins("desk.wait") <= begins("desk.decide") + 1);
    assert!(begins("desk.decide") <= begins("log.append") + 1);
    assert!(begins("log.append") <= begins("projector.page") + 1);
    for name in ["log.append", "projector.page"] {
        let [together] = step(name).links.as_slice() else { panic!("one link of {:?}", step(name)) };
        let linked = collector.of_trace(together);
        let batch = linked.iter().find(|span| span.name == name).expect("what was done together");
        assert!(batch.links.contains(&request.trace), "{batch:?} is linked with the command's trace");
    }
    let all = format!("{:?}", collector.spans());
    for personal in ["Ada", "ada.traced", "Till 7"] {
        assert!(!all.contains(personal), "{personal} is in a trace");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_is_followed_from_its_request_to_the_page_that_shows_it() {
    let collector = Collector::start().await;
    let mut server = Server::start_set(&[
        ("TURNOUT_OTLP_ENDPOINT", &collector.url),
        ("TURNOUT_TRACE_SAMPLE", "1"),
        ("TURNOUT_LOG", "info,api::observed=debug"),
        ("TURNOUT_LOG_FORMAT", "json"),
    ]);
    let (show, floor) = Show::standing(&server.staff(), "Traced", 10, json!({})).await;
    let sold = show.staff.post(&show.path("/tickets"), &sale(&floor)).expect(201).await;
    let events = whole_history(&show.staff, &format!("show={}", show.id)).await;
    let event = events.iter().find(|event| event.position == sold.position()).expect("its last event");
    let correlation = event.row["correlation"].as_str().expect("a correlation");
    let trace = correlation.replace('-', "");
    let spans = whole(&collector, &trace).await;
    assert_follows(&collector, &spans);
    let request = spans.iter().find(|span| span.name == REQUEST).expect("the request");
    assert_eq!((request.parent.as_str(), request.attribute("turnout.correlation")), ("", Some(correlation)));

    // Its line in the log is known by the same.
    let output = server.output();
    let line = output.lines().find(|line| line.contains(correlation)).expect("a line of the request");
    let line: Value = serde_json::from_str(line).expect("JSON");
    let fields = &line["fields"];
    assert_eq!((&fields["correlation"], &fields["status"]), (&json!(correlation), &json!(201)), "{line}");
    assert_eq!(fields["route"], "/api/v1/shows/{show}/tickets", "{line}");
    assert!(fields["milliseconds"].as_f64().is_some_and(|took| took > 0.0), "{line}");

    // Who sends `traceparent` finds it in a trace of their own.
    let traceparent = format!("00-{CALLERS_TRACE}-{CALLERS_SPAN}-01");
    show.staff.post(&show.path("/tickets"), &sale(&floor)).header("traceparent", &traceparent).expect(201).await;
    let spans = whole(&collector, CALLERS_TRACE).await;
    assert_follows(&collector, &spans);
    let request = spans.iter().find(|span| span.name == REQUEST).expect("the request");
    assert_eq!(request.parent, CALLERS_SPAN);

    // What is asked last is sent before the server ends.
    let before = collector.spans().len();
    show.staff.get(&show.path("/availability")).expect(200).await;
    server.terminate();
    let availability = "GET /api/v1/shows/{show}/availability";
    assert!(collector.spans()[before..].iter().any(|span| span.name == availability));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_its_caller_traces_is_followed_where_nothing_is_sampled() {
    let collector = Collector::start().await;
    let mut server = Server::start_set(&[("TURNOUT_OTLP_ENDPOINT", &collector.url), ("TURNOUT_TRACE_SAMPLE", "0")]);
    let (show, floor) = Show::standing(&server.staff(), "Seldom traced", 10, json!({})).await;
    let path = show.path("/tickets");
    let sell = |traceparent: String| show.staff.post(&path, &sale(&floor)).header("traceparent", &traceparent);
    sell(format!("00-{CALLERS_TRACE}-{CALLERS_SPAN}-00")).expect(201).await;
    sell(format!("00-{CALLERS_TRACE}-{CALLERS_SPAN}-01")).expect(201).await;
    let spans = whole(&collector, CALLERS_TRACE).await;
    assert_eq!(spans.iter().filter(|span| span.name == REQUEST).count(), 1, "only the one that was sampled: {spans:?}");
    server.terminate();
    let others: Vec<Seen> =
        collector.spans().into_iter().filter(|span| span.trace != CALLERS_TRACE && span.links.is_empty()).collect();
    assert!(others.is_empty(), "{others:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_keeps_nobody_from_selling() {
    // Nobody listens at port 9 of this machine.
    let server = Server::start_set(&[("TURNOUT_OTLP_ENDPOINT", "http://127.0.0.1:9"), ("TURNOUT_TRACE_SAMPLE", "1")]);
    let (show, floor) = Show::standing(&server.staff(), "Untraced", 10, json!({})).await;
    show.sell_one(&floor).await;
}
