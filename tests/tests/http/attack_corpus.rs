//! Every field of every body and every parameter of every operation that the server describes, filled with the corpus, one at a time.
//!
//! What must hold of every answer: it comes within two seconds; its status is described and no 5xx but a 503; an error is a problem
//! (RFC 9457) and tells nothing of the inside; whatever else has a described type. What must hold afterwards: the server is
//! well, a show that nobody touched is as it was, and the figures of those that were attacked add up.
//!
//! Deliberately not here: who may do what (everything is asked as the owner, by the admin token or, what needs one, by a session),
//! and what a rule decides.

mod corpus;
mod description;
mod world;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use black_box::{RawAnswer, RawConnection, RawRequest, Server};
use serde_json::Value;

use corpus::{Entry, corpus};
use description::{Description, NO_SUCH_FIELD, Operation};
use world::World;

const ANSWER_SECONDS_MAX: u64 = 2;

/// As many as the server has use for on two cores, beside the client.
const CONNECTIONS: usize = 4;

/// Entries take turns: each field gets one in so many, and each entry comes to one field in so many; large ones to far fewer.
/// `TURNOUT_ATTACK_LONG` in the environment puts all into all.
const EVERY: usize = 6;

/// What stands where a value is put in as it is, so that it may be what no JSON library would write.
const HERE: &str = "put it here";

const FORWARDED_FOR: &str = "X-Forwarded-For";

/// Headers that are read whatever the operation, beside those that it describes.
const HEADERS: &[&str] = &[
    "Authorization",
    "Cookie",
    "X-CSRF-Token",
    "Turnout-Organization",
    "Turnout-Position",
    "Idempotency-Key",
    "If-None-Match",
    "Last-Event-ID",
    "Content-Type",
    "Content-Encoding",
    "Accept",
    "Accept-Encoding",
    "Origin",
    FORWARDED_FOR,
    "Forwarded",
    "X-Forwarded-Host",
    "X-HTTP-Method-Override",
    "Expect",
    "Range",
];

/// The operations on which those are tried: one that the public asks, one of staff, one that writes, one that signs in.
const HEADERS_ON: &[&str] = &["get_availability", "get_me", "schedule_show", "sign_in"];

/// What no answer says: names of what is behind it.
const INSIDE: &[&str] = &["panicked", "sqlx", "postgres", "PgDatabaseError", "RUST_BACKTRACE", ".rs:", "root:x:0:0"];

/// One request, and where what was put into it.
struct Attack {
    what: String,
    /// From another address each, as a proxy would say, so that nobody asks too often.
    request: RawRequest,
    /// Whether it may be something else than the operation by now: a path with a part that is none, a header that is none.
    astray: bool,
    /// Whether it holds what the operation has no name for, and so must not be taken.
    typo: bool,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_put_into_a_field_is_answered_as_described() {
    let server = Server::start_set(&[("TURNOUT_DEMO", "true"), ("TURNOUT_TRUSTED_PROXIES", "127.0.0.1")]);
    let staff = server.staff();
    let world = World::of(&server).await;
    let description = Description(staff.get("//openapi.json").expect(200).await.json);
    let entries = corpus();
    let mut operations = description.operations(&world);
    operations.sort_by_key(Operation::ends);
    let failures = Mutex::new(Vec::new());
    let statuses = Mutex::new(BTreeMap::new());

    let mut of_no_use = Vec::new();
    let mut connection = RawConnection::to(server.address());
    for operation in &mut operations {
        let mut answer = connection.ask(&request(operation)).await.expect("an answer to a good request");
        if answer.status == 403 {
            operation.by_session = true;
            operation.credentials = world.session(&server).await;
            answer = connection.ask(&request(operation)).await.expect("an answer to a good request");
        }
        // A rule that says no was reached all the same.
        if answer.status >= 300 && answer.status != 409 {
            of_no_use.push(format!("{} {}", answer.status, operation.id));
        }
        judge(operation, &format!("{}: as it should be", operation.id), false, &answer, &failures);
    }
    // What is left needs a link that only the installation's output shows.
    println!("refused at their best: {}", of_no_use.join(", "));
    assert!(of_no_use.len() * 8 <= operations.len(), "too many requests of no use: {}", of_no_use.join(", "));

    let every = if std::env::var_os("TURNOUT_ATTACK_LONG").is_some() { 1 } else { EVERY };
    let mut asked = 0;
    for operation in &mut operations {
        // The one before may have ended it.
        if operation.by_session {
            operation.credentials = world.session(&server).await;
        }
        let operation = &*operation;
        let attacks = attacks(operation, &entries, every);
        asked += attacks.len();
        let attacks = Mutex::new(attacks.into_iter());
        let workers = (0..CONNECTIONS).map(|_| async {
            let mut connection = RawConnection::to(server.address());
            while let Some(attack) = { attacks.lock().expect("no panic").next() } {
                carry_out(&mut connection, operation, attack, &failures, &statuses).await;
            }
        });
        futures::future::join_all(workers).await;
    }
    let statuses = statuses.into_inner().expect("no panic");
    println!("{asked} requests; answers by status: {statuses:?}");
    let failures = failures.into_inner().expect("no panic");
    assert!(
        failures.is_empty(),
        "{} of {asked}, such as:\n{}",
        failures.len(),
        failures[..failures.len().min(40)].join("\n")
    );
    assert!(asked > 20_000, "only {asked} requests");

    staff.get("//health/ready").expect(200).await;
    world.is_sound().await;
}

async fn carry_out(
    connection: &mut RawConnection,
    operation: &Operation<'_>,
    attack: Attack,
    failures: &Mutex<Vec<String>>,
    statuses: &Mutex<BTreeMap<u16, usize>>,
) {
    let mut seconds = Vec::new();
    // Once more where it took long: the machine may have been busy with something else.
    for _ in 0..2 {
        let began = Instant::now();
        let answer = tokio::time::timeout(Duration::from_secs(20), connection.ask(&attack.request)).await;
        match answer {
            Ok(Ok(answer)) => {
                judge(operation, &attack.what, attack.astray, &answer, failures);
                if attack.typo && answer.status < 400 {
                    fail(failures, format!("{}: taken with {}", attack.what, answer.status));
                }
                *statuses.lock().expect("no panic").entry(answer.status).or_insert(0) += 1;
            }
            Ok(Err(error)) => return fail(failures, format!("{}: no answer: {error}", attack.what)),
            Err(_) => return fail(failures, format!("{}: no answer within 20 s", attack.what)),
        }
        seconds.push(began.elapsed().as_secs_f32());
        if began.elapsed() < Duration::from_secs(ANSWER_SECONDS_MAX) {
            return;
        }
    }
    fail(failures, format!("{}: took {seconds:?} s", attack.what));
}

fn fail(failures: &Mutex<Vec<String>>, what: String) {
    failures.lock().expect("no panic").push(what);
}

fn judge(operation: &Operation<'_>, what: &str, astray: bool, answer: &RawAnswer, failures: &Mutex<Vec<String>>) {
    let body = String::from_utf8_lossy(&answer.body);
    if let Some(wrong) = wrong(operation, astray, answer, &body) {
        let start: String = body.chars().take(300).collect();
        fail(failures, format!("{what}: {wrong}: {} {start}", answer.status));
    }
}

fn wrong(operation: &Operation<'_>, astray: bool, answer: &RawAnswer, body: &str) -> Option<String> {
    let kind = answer.header("content-type").unwrap_or_default();
    let described = operation.media_types(answer.status);
    if answer.status >= 500 && (answer.status != 503 || described.is_none()) {
        return Some("a defect".to_owned());
    }
    if let Some(word) = INSIDE.iter().find(|word| body.contains(*word)) {
        return Some(format!("tells of the inside: {word}"));
    }
    if answer.header("x-injected").is_some() {
        return Some("a header was injected".to_owned());
    }
    if astray && (answer.body.is_empty() || answer.status < 400) {
        // What is no HTTP any more is refused without a word; what names something else is that one's.
        return None;
    }
    let Some(kinds) = described.or_else(|| (astray && answer.status < 500).then(Vec::new)) else {
        return Some("not described".to_owned());
    };
    if answer.status >= 400 {
        return not_a_problem(answer.status, kind, body);
    }
    let fits = kinds.is_empty() || kinds.iter().any(|described| kind.starts_with(described));
    (!fits).then(|| format!("the type is {kind:?}"))
}

fn not_a_problem(status: u16, kind: &str, body: &str) -> Option<String> {
    if kind != "application/problem+json" {
        return Some(format!("no problem, but {kind:?}"));
    }
    let Ok(problem) = serde_json::from_str::<Value>(body) else { return Some("a problem that is no JSON".to_owned()) };
    let texts = ["type", "title", "detail", "code"]
        .iter()
        .all(|name| problem[*name].as_str().is_some_and(|text| !text.is_empty()));
    (!texts || problem["status"] != status || !problem["errors"].is_array()).then(|| "half a problem".to_owned())
}

/// The request that an operation should take.
fn request(operation: &Operation<'_>) -> RawRequest {
    request_with(operation, None, operation.body.as_ref().map(|(_, body)| body.to_string()))
}

/// The same with another value of one parameter, and another body.
fn request_with(operation: &Operation<'_>, other: Option<(&str, Vec<u8>)>, body: Option<String>) -> RawRequest {
    let mut path = operation.path.as_bytes().to_vec();
    let mut query = Vec::new();
    let mut headers = operation.credentials.clone();
    if let Some((kind, _)) = &operation.body {
        headers.push(("Content-Type".to_owned(), kind.as_bytes().to_vec()));
    }
    for parameter in &operation.parameters {
        let value = match &other {
            Some((name, value)) if *name == parameter.name => Some(value.clone()),
            _ => parameter.value.clone().map(String::into_bytes),
        };
        let Some(value) = value else { continue };
        match parameter.place {
            "path" => path = replaced(&path, format!("{{{}}}", parameter.name).as_bytes(), &value),
            "query" => {
                query.push(if query.is_empty() { b'?' } else { b'&' });
                query.extend_from_slice(parameter.name.as_bytes());
                query.push(b'=');
                query.extend_from_slice(&value);
            }
            _ => headers.push((parameter.name.to_owned(), value)),
        }
    }
    // Of a header that is not described by the operation.
    if let Some((name, value)) = other
        && operation.parameters.iter().all(|parameter| parameter.name != name)
    {
        headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        headers.push((name.to_owned(), value));
    }
    path.extend(query);
    RawRequest { method: operation.method.clone(), target: path, headers, body: body.unwrap_or_default().into_bytes() }
}

fn attacks(operation: &Operation<'_>, entries: &[Entry], every: usize) -> Vec<Attack> {
    let mut attacks = Vec::new();
    let in_turn = |field: usize, entry: usize, large: bool| {
        // Operations begin at another entry each, or their like fields would all get the same.
        let turn = operation.path.len() + field + entry;
        turn.is_multiple_of(every) && (!large || turn.is_multiple_of(every * every))
    };
    let body = operation.body.as_ref().map(|(_, body)| body.to_string());
    for (number, parameter) in operation.parameters.iter().enumerate() {
        let entries = entries.iter().enumerate().filter(|(index, entry)| in_turn(number, *index, entry.large));
        for (_, entry) in entries.filter(|(_, entry)| entry.text.len() <= 5_000) {
            // A long poll waits for as long as it is asked to.
            if parameter.name == "wait" && entry.json.trim_matches('"').parse::<u8>().is_ok_and(|wait| wait > 1) {
                continue;
            }
            let mut put = |value: Vec<u8>, astray: bool| {
                let what = format!("{} {} {}: {:?}", operation.id, parameter.place, parameter.name, lossy(&value));
                let request = request_with(operation, Some((parameter.name, value)), body.clone());
                attacks.push(Attack { what, request, astray, typo: false });
            };
            match parameter.place {
                "path" => {
                    // An empty part, or one of dots, makes another path of it.
                    put(encoded(&entry.text), entry.text.is_empty() || entry.text.iter().all(|byte| *byte == b'.'));
                    if is_target(&entry.text) {
                        put(entry.text.clone(), true);
                    }
                }
                "query" => put(encoded(&entry.text), false),
                _ => put(one_line(&entry.text), is_no_header(&entry.text)),
            }
        }
    }
    if HEADERS_ON.contains(&operation.id) {
        let pairs =
            HEADERS.iter().enumerate().flat_map(|header| entries.iter().enumerate().map(move |entry| (header, entry)));
        for ((number, header), (index, entry)) in pairs {
            let described = operation.parameters.iter().any(|known| known.name == *header);
            if described || entry.text.len() > 5_000 || !in_turn(number, index, entry.large) {
                continue;
            }
            let what = format!("{} header {header}: {:?}", operation.id, lossy(&entry.text));
            let request = request_with(operation, Some((header, one_line(&entry.text))), body.clone());
            attacks.push(Attack {
                what,
                request,
                astray: is_no_header(&entry.text) || *header == "Expect",
                typo: false,
            });
        }
    }
    if operation.path.starts_with("/api/") {
        let what = format!("{} with a parameter that there is not", operation.id);
        let mut request = request(operation);
        request.target.extend_from_slice(if request.target.contains(&b'?') {
            b"&no_such_parameter=1"
        } else {
            b"?no_such_parameter=1"
        });
        attacks.push(Attack { what, request, astray: false, typo: true });
    }
    attacks.extend(attacks_on_fields(operation, entries, in_turn));
    for (number, attack) in attacks.iter_mut().enumerate() {
        let headers = &mut attack.request.headers;
        if !headers.iter().any(|(name, _)| name == FORWARDED_FOR) {
            headers
                .push((FORWARDED_FOR.to_owned(), format!("10.{}.{}.1", number / 256 % 256, number % 256).into_bytes()));
        }
    }
    attacks
}

fn attacks_on_fields(
    operation: &Operation<'_>,
    entries: &[Entry],
    in_turn: impl Fn(usize, usize, bool) -> bool,
) -> Vec<Attack> {
    let mut attacks = Vec::new();
    let Some((_, body)) = &operation.body else { return attacks };
    for (number, field) in operation.fields.iter().enumerate() {
        let mut template = body.clone();
        put_at(&mut template, field, Value::from(HERE));
        let template = template.to_string();
        let typo = field.first().is_some_and(|name| name == NO_SUCH_FIELD);
        for (index, entry) in entries.iter().enumerate() {
            if !in_turn(number, index, entry.large) {
                continue;
            }
            let what = format!("{} body /{}: {:.200}", operation.id, field.join("/"), entry.json);
            let body = template.replace(&format!("\"{HERE}\""), &entry.json);
            attacks.push(Attack { what, request: request_with(operation, None, Some(body)), astray: false, typo });
        }
    }
    attacks
}

/// Puts a value where names and indices lead, and makes what is not there on the way.
fn put_at(body: &mut Value, field: &[String], value: Value) {
    let Some((name, rest)) = field.split_first() else {
        *body = value;
        return;
    };
    match name.parse::<usize>() {
        Ok(index) => {
            if !body.is_array() {
                *body = Value::Array(Vec::new());
            }
            let items = body.as_array_mut().expect("a list");
            if items.len() <= index {
                items.resize(index + 1, Value::Null);
            }
            put_at(&mut items[index], rest, value);
        }
        Err(_) => {
            if !body.is_object() {
                *body = Value::Object(serde_json::Map::new());
            }
            put_at(&mut body[name.as_str()], rest, value);
        }
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().take(200).collect()
}

fn replaced(text: &[u8], what: &[u8], with: &[u8]) -> Vec<u8> {
    match text.windows(what.len()).position(|window| window == what) {
        Some(at) => [&text[..at], with, &text[at + what.len()..]].concat(),
        None => text.to_vec(),
    }
}

fn encoded(text: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(text.len());
    for byte in text {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(byte) {
            encoded.push(*byte);
        } else {
            encoded.extend_from_slice(format!("%{byte:02x}").as_bytes());
        }
    }
    encoded
}

/// Whether it can stand in the line of a request as it is: no white space, no control characters.
fn is_target(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_graphic)
}

/// A header's value has one line; a line's end in it would be another header, of a request that is no attack.
fn one_line(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|byte| *byte != b'\r' && *byte != b'\n').collect()
}

/// Whether HTTP itself refuses it in a header (RFC 9110, 5.5).
fn is_no_header(text: &[u8]) -> bool {
    text.iter().any(|byte| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\r' | b'\n'))
}
