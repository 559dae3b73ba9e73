//! What stands against those who mean ill, or whose programs went wrong: slow clients, floods, guesses, other origins' pages.
//!
//! Time-outs are set short by settings that stand in no help; without them they are many seconds long.

use std::process::Stdio;
use std::time::{Duration, Instant};

use black_box::{ADMIN_TOKEN, Answer, Client, Exit, Server, Show, eventually, turnout};
use futures::future::join_all;
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longer than anything here takes where nothing is wrong.
const LONG: Duration = Duration::from_secs(30);

/// Requests without credentials that try a secret, at once and from one address; then one a second.
const GUESSES_AT_ONCE: usize = 60;

/// Requests with bad credentials, at once and from one address; then five a second.
const BAD_CREDENTIALS_AT_ONCE: usize = 300;

const IMPATIENT: &[(&str, &str)] = &[
    ("TURNOUT_REQUEST_MILLISECONDS", "1500"),
    ("TURNOUT_HEADER_MILLISECONDS", "400"),
    ("TURNOUT_IDLE_MILLISECONDS", "800"),
    ("TURNOUT_READING_MILLISECONDS", "600"),
    ("TURNOUT_CONNECTIONS_OF_ONE_ADDRESS", "30"),
];

const CONFIGURED: &[(&str, &str)] = &[
    ("TURNOUT_PUBLIC_URL", "https://tickets.example"),
    ("TURNOUT_CORS_ORIGINS", "https://shop.example, http://localhost:5173"),
    ("TURNOUT_SECURITY_CONTACT", "mailto:security@tickets.example"),
    ("TURNOUT_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8"),
    ("TURNOUT_LOG", "trace"),
];

async fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(server.address()).await.expect("a connection")
}

/// All that comes until the server closes, by an end or a reset.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = tokio::time::timeout(LONG, stream.read_to_end(&mut bytes)).await.expect("the server closes the connection");
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn heard(stream: &mut TcpStream, text: &str) {
    let mut bytes = Vec::new();
    let reading = async {
        while !String::from_utf8_lossy(&bytes).contains(text) {
            assert!(stream.read_buf(&mut bytes).await.expect("bytes") > 0, "closed before {text:?} came");
        }
    };
    tokio::time::timeout(LONG, reading).await.unwrap_or_else(|_| panic!("{text:?} did not come"));
}

const HEALTH: &[u8] = b"GET /health/live HTTP/1.1\r\nHost: t\r\n\r\n";

#[tokio::test]
async fn slow_clients_do_not_hold_the_server() {
    let server = Server::start_set(IMPATIENT);
    let (show, _) = Show::standing(&server.staff(), "Patience", 10, json!({})).await;

    // Headers that never end.
    let mut stream = connect(&server).await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: t\r\nX-Slow: ").await.expect("to write");
    assert_eq!(rest(&mut stream).await, "", "headers that never end");

    // A body that never ends.
    let mut stream = connect(&server).await;
    let head = format!(
        "POST /api/v1/shows/{}/holds HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{{",
        show.id
    );
    stream.write_all(head.as_bytes()).await.expect("to write");
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("overloaded"), "{answer}");

    // A client that asks and asks, and reads nothing.
    let mut stream = connect(&server).await;
    let greedy = "GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: t\r\n\r\n".repeat(100);
    stream.write_all(greedy.as_bytes()).await.expect("to write");
    tokio::time::sleep(Duration::from_millis(2_000)).await;
    let taken = rest(&mut stream).await.len();
    assert!(taken < 50 << 20, "an answer that nobody read went on: {taken} bytes");

    // A connection without a next request.
    let mut stream = connect(&server).await;
    stream.write_all(HEALTH).await.expect("to write");
    heard(&mut stream, "{}").await;
    assert_eq!(rest(&mut stream).await, "", "a connection that asks no more");
}

#[tokio::test]
async fn streams_last_and_a_stop_finishes_what_was_accepted() {
    let mut server = Server::start_set(IMPATIENT);
    let (show, floor) = Show::standing(&server.staff(), "Streams", 10, json!({})).await;
    let position = show.staff.get(&show.path("")).expect(200).await.position();
    let mut listening = connect(&server).await;
    let request = format!("GET /api/v1/shows/{}/live HTTP/1.1\r\nHost: t\r\n\r\n", show.id);
    listening.write_all(request.as_bytes()).await.expect("to write");
    heard(&mut listening, "\ndata: {").await;
    let poll = {
        let call = show.anyone.get(&show.path(&format!("/changes?after={position}&wait=20"))).at_once();
        tokio::spawn(call.expect(200))
    };
    // Longer than headers, the next request, reading or an ordinary request may take.
    tokio::time::sleep(Duration::from_millis(2_000)).await;
    show.sell_one(&floor).await;
    heard(&mut listening, "\ndata: {").await;
    let changed = poll.await.expect("the long poll's answer");
    assert!(!changed["availability"].is_null(), "{changed}");

    let mut waiting = connect(&server).await;
    waiting.write_all(HEALTH).await.expect("to write");
    heard(&mut waiting, "{}").await;
    assert_eq!(server.terminate(), Exit::Code(0), "a stream and an idle connection do not keep it");
}

#[tokio::test]
async fn one_address_has_so_many_connections_and_headers_have_a_limit() {
    let server = Server::start_set(&[("TURNOUT_CONNECTIONS_OF_ONE_ADDRESS", "12")]);
    let mut open = Vec::new();
    for _ in 0..12 {
        let mut stream = connect(&server).await;
        stream.write_all(HEALTH).await.expect("to write");
        heard(&mut stream, "{}").await;
        open.push(stream);
    }
    let mut one_more = connect(&server).await;
    let _ = one_more.write_all(HEALTH).await;
    assert_eq!(rest(&mut one_more).await, "", "the thirteenth is closed");
    open.truncate(2);
    eventually(LONG, "a place for a new connection", async || {
        let mut stream = connect(&server).await;
        let _ = stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n").await;
        rest(&mut stream).await.starts_with("HTTP/1.1 200").then_some(())
    })
    .await;

    for headers in [format!("X-Long: {}\r\n", "a".repeat(40_000)), "X-Many: a\r\n".repeat(150)] {
        let mut stream = connect(&server).await;
        stream.write_all(format!("GET / HTTP/1.1\r\nHost: t\r\n{headers}\r\n").as_bytes()).await.expect("to write");
        let answer = rest(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer:.80}");
    }
}

fn guess(client: &Client, number: usize, forwarded_for: Option<&str>) -> impl Future<Output = Answer> + use<> {
    let body = json!({ "email": format!("nobody-{number}@example.org"), "password": "a guess, and a wrong one" });
    let call = client.post("/session", &body);
    match forwarded_for {
        Some(address) => call.header("x-forwarded-for", address).header("forwarded", &format!("for={address}")),
        None => call,
    }
    .send()
}

/// Those of a crowd of answers that were not turned away; all others have to say when to come again.
fn let_through(answers: &[Answer]) -> usize {
    for answer in answers.iter().filter(|answer| answer.status == 429) {
        assert_eq!(answer["code"], "too_many_requests", "{answer}");
        let seconds: u32 = answer.header("retry-after").and_then(|value| value.parse().ok()).expect("Retry-After");
        assert!((1..=600).contains(&seconds), "{seconds}");
        assert!(answer.header("content-security-policy").is_some());
    }
    answers.iter().filter(|answer| answer.status != 429).count()
}

#[tokio::test]
async fn guesses_are_turned_away_wherever_they_say_they_come_from() {
    let server = Server::start();
    let anyone = server.anyone();
    let started = Instant::now();
    // Nobody is trusted to speak for others: each of these says that it comes from elsewhere, and all come from here.
    let answers = join_all((0..200_usize).map(|number| {
        let from = format!("203.0.113.{number}");
        guess(&anyone, number, Some(&from))
    }))
    .await;
    let since = usize::try_from(started.elapsed().as_secs()).expect("seconds") + 1;
    let through = let_through(&answers);
    assert!((1..=GUESSES_AT_ONCE + since).contains(&through), "{through} of 200 in {since} s");
    // Everything else goes on.
    anyone.get("/shows").expect(200).await;
    server.staff().get("/me").expect(200).await;
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_counts_for_itself() {
    let server = Server::start_set(CONFIGURED);
    let anyone = server.anyone();
    let started = Instant::now();
    let crowd = join_all((0..100).map(|number| guess(&anyone, number, Some("8.8.8.8, 203.0.113.1, 10.0.0.7")))).await;
    let since = usize::try_from(started.elapsed().as_secs()).expect("seconds") + 1;
    let through = let_through(&crowd);
    assert!((1..=GUESSES_AT_ONCE + since).contains(&through), "{through} of 100 in {since} s");
    let other = guess(&anyone, 0, Some("203.0.113.1, 203.0.113.2")).await;
    assert_ne!(other.status, 429, "{other}");

    let with = |token: &str, from: &str| {
        anyone.with_bearer(token).call(Method::GET, "/me").header("x-forwarded-for", from).send()
    };
    assert_eq!(with(ADMIN_TOKEN, "203.0.113.9").await.status, 200);
    let started = Instant::now();
    let answers = join_all((0..500).map(|number| with(&format!("bad-{number}"), "203.0.113.9"))).await;
    let since = usize::try_from(started.elapsed().as_secs()).expect("seconds") + 1;
    // Whatever is under way at the same time is counted only afterwards.
    let through = let_through(&answers);
    assert!(through >= BAD_CREDENTIALS_AT_ONCE, "{through} of 500 in {since} s");
    // One is let through each fifth of a second, which may be just now.
    let bad = async || (with("one-more", "203.0.113.9").await.status == 429).then_some(());
    eventually(LONG, "bad credentials are turned away", bad).await;
    assert_eq!(with(ADMIN_TOKEN, "203.0.113.9").await.status, 200, "good credentials pass beside bad ones");
    assert_eq!(with("one-more", "203.0.113.10").await.status, 401);

    // Of all that was sent, the log at its most talkative holds no secret and no address.
    server.staff().post("/shows", &json!({ "name": "The free text of nobody" })).send().await;
    let output = server.output();
    assert!(output.contains("TRACE") || output.contains("DEBUG"), "the log was to be talkative");
    for secret in [ADMIN_TOKEN, "bad-17", "nobody-17@example.org", "a guess, and a wrong one", "203.0.113.9"] {
        assert!(!output.contains(secret), "{secret} is in the log");
    }
}

#[tokio::test]
async fn every_answer_tells_browsers_what_they_may_do() {
    let server = Server::start_set(CONFIGURED);
    let anyone = server.anyone();
    for (method, path, status) in [
        (Method::GET, "/shows", 200),
        (Method::GET, "/me", 401),
        (Method::GET, "/nothing", 404),
        (Method::PUT, "/shows", 405),
        (Method::POST, "/shows", 401),
        (Method::GET, "//", 200),
        (Method::GET, "//e/some-show", 200),
        (Method::GET, "//assets/nothing.js", 404),
        (Method::GET, "//docs/", 200),
        (Method::GET, "//docs/swagger-ui-bundle.js", 200),
        (Method::GET, "//openapi.json", 200),
        (Method::GET, "//health/ready", 200),
        (Method::GET, "//.well-known/jwks.json", 200),
        (Method::GET, "//.well-known/security.txt", 200),
    ] {
        let answer = anyone.call(method.clone(), path).expect(status).await;
        let policy = answer.header("content-security-policy").unwrap_or_default();
        for part in ["default-src 'none'", "script-src 'self'", "object-src 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{method} {path}: {policy}");
        }
        for loose in ["unsafe-inline", "unsafe-eval'", "unsafe-hashes", "http:", "https:", "*"] {
            assert!(!policy.replace("'wasm-unsafe-eval'", "").contains(loose), "{method} {path}: {loose} in {policy}");
        }
        for (name, value) in [
            ("strict-transport-security", "max-age=31536000"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{name} of {method} {path}");
        }
        let permissions = answer.header("permissions-policy").unwrap_or_default();
        assert!(permissions.contains("camera=(self)") && permissions.contains("microphone=()"), "{permissions}");
    }
    let page = anyone.get("//").expect(200).await;
    for loose in ["style=\"", "<style", "onclick", "javascript:", "<script>"] {
        assert!(!page.text.contains(loose), "{loose} in {}", page.text);
    }
}

#[tokio::test]
async fn only_listed_origins_may_use_the_api_from_their_pages() {
    let server = Server::start_set(CONFIGURED);
    let anyone = server.anyone();
    let preflight = |origin: &str| {
        anyone
            .call(Method::OPTIONS, "/shows")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,content-type,idempotency-key,turnout-position")
            .send()
    };
    for origin in ["https://shop.example", "http://localhost:5173"] {
        let allowed = preflight(origin).await;
        assert_eq!(allowed.status, 200);
        assert_eq!(allowed.header("access-control-allow-origin"), Some(origin));
        assert_eq!(allowed.header("access-control-allow-credentials"), Some("true"));
        let headers = allowed.header("access-control-allow-headers").unwrap_or_default().to_lowercase();
        for name in ["authorization", "content-type", "idempotency-key", "turnout-position", "x-csrf-token"] {
            assert!(headers.contains(name), "{headers}");
        }
        let answer = anyone.get("/shows").header("origin", origin).expect(200).await;
        assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
        let varies = anyone.get("/shows").header("origin", origin).stream().await;
        let mut varies = varies.headers().get_all("vary").iter().filter_map(|value| value.to_str().ok());
        assert!(varies.any(|names| names.to_lowercase().contains("origin")), "caches have to keep origins apart");
        let exposed = answer.header("access-control-expose-headers").unwrap_or_default().to_lowercase();
        for name in ["turnout-position", "etag", "retry-after"] {
            assert!(exposed.contains(name), "{exposed}");
        }
        let problem = anyone.get("/me").header("origin", origin).expect(401).await;
        assert_eq!(problem.header("access-control-allow-origin"), Some(origin), "problems, too, are to be read");
    }
    for origin in ["https://evil.example", "https://shop.example.evil.example", "http://shop.example", "null"] {
        assert_eq!(preflight(origin).await.header("access-control-allow-origin"), None, "{origin}");
        let answer = anyone.get("/shows").header("origin", origin).expect(200).await;
        assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
    }
}

#[tokio::test]
async fn whoever_finds_a_hole_learns_whom_to_tell() {
    let server = Server::start_set(CONFIGURED);
    let file = server.anyone().get("//.well-known/security.txt").expect(200).await;
    assert_eq!(file.header("content-type"), Some("text/plain; charset=utf-8"));
    let field = |name: &str| {
        let mut values = file.text.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        values.next().unwrap_or_else(|| panic!("no {name} in {}", file.text)).to_owned()
    };
    assert_eq!(field("Contact"), "mailto:security@tickets.example");
    assert_eq!(field("Canonical"), "https://tickets.example/.well-known/security.txt");
    assert!(field("Expires").ends_with("T00:00:00Z"));

    // Without a contact there is none, and without a setting no other origin is let in.
    let plain = Server::start();
    plain.anyone().get("//.well-known/security.txt").problem(404, "not_found").await;
    let answer = plain.anyone().get("/shows").header("origin", "https://shop.example").expect(200).await;
    assert_eq!(answer.header("access-control-allow-origin"), None);
    assert_eq!(answer.header("strict-transport-security"), None, "not where people come by http");
}

#[tokio::test]
async fn bodies_have_a_depth_and_a_size() {
    let server = Server::start();
    let (show, _) = Show::standing(&server.staff(), "Bodies", 10, json!({})).await;
    let post = |body: String| show.anyone.call(Method::POST, &show.path("/holds")).body("application/json", body);
    let nested = |levels: usize| format!("{{\"items\": {}{}}}", "[".repeat(levels), "]".repeat(levels));
    post(nested(126)).problem(422, "invalid").await;
    post(nested(128)).problem(400, "not_json").await;
    post(nested(100_000)).problem(400, "not_json").await;
    let sized = |bytes: usize| format!("{{\"items\": \"{}\"}}", "a".repeat(bytes - 13));
    post(sized(1 << 20)).problem(422, "invalid").await;
    post(sized((1 << 20) + 1)).problem(413, "too_large").await;
    post("{\"items\": [".to_owned() + &"{},".repeat(300_000) + "{}]}").problem(422, "invalid").await;
}

#[tokio::test]
async fn one_address_without_credentials_keeps_so_much_of_a_show_and_no_more() {
    let server = Server::start();
    let limits = json!({ "limits": { "holds": 3, "held_places": 5, "unpaid_orders": 1, "unpaid_places": 3 } });
    server.staff().patch("/settings", &limits).expect(200).await;
    let (show, floor) = Show::standing(&server.staff(), "Kept", 100, json!({})).await;
    let of = |quantity: u32| json!({ "items": [{ "ticket_type": floor, "quantity": quantity }] });
    let hold = |caller: &Client, quantity: u32| caller.post(&show.path("/holds"), &of(quantity));

    let crowd = join_all((0..12).map(|_| hold(&show.anyone, 1).send())).await;
    let held: Vec<&Answer> = crowd.iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(held.len(), 3, "of a crowd from one address");
    for answer in crowd.iter().filter(|answer| answer.status != 201) {
        assert_eq!((answer.status, &answer["code"]), (409, &json!("too_many_holds")), "{answer}");
        assert!(answer.text("detail").contains("release"), "says what to do: {answer}");
    }
    // Staff have no such limit, and another show has its own.
    hold(&show.staff, 10).expect(201).await;
    let (other, floor) = Show::standing(&server.staff(), "Kept elsewhere", 100, json!({})).await;
    let body = json!({ "items": [{ "ticket_type": floor, "quantity": 1 }] });
    other.anyone.post(&other.path("/holds"), &body).expect(201).await;

    // Places count as well, also those that a hold gets later.
    let with_secret = |answer: &Answer| show.anyone.with_bearer(&answer.text("secret"));
    let path = |answer: &Answer| show.path(&format!("/holds/{}", answer.text("id")));
    let add = |quantity: u32| json!({ "add": of(quantity)["items"] });
    with_secret(held[0]).patch(&path(held[0]), &add(3)).problem(409, "too_many_holds").await;
    with_secret(held[0]).patch(&path(held[0]), &add(2)).expect(200).await;

    // What was released is free again.
    with_secret(held[1]).delete(&path(held[1])).expect(204).await;
    hold(&show.anyone, 1).expect(201).await;
    hold(&show.anyone, 1).problem(409, "too_many_holds").await;

    let order = |answer: &Answer| {
        let customer = json!({ "name": "Ada", "email": "ada@example.org" });
        with_secret(answer).post(&show.path("/orders"), &json!({ "hold": answer["id"], "customer": customer }))
    };
    let unpaid = order(held[0]).expect(201).await;
    order(held[2]).problem(409, "too_many_holds").await;
    let paid = json!({ "method": "cash", "amount": 7_500 });
    show.staff.post(&show.path(&format!("/orders/{}/payments", unpaid.text("id"))), &paid).expect(201).await;
    order(held[2]).expect(201).await;
}

/// What a start that fails says.
fn failed_start(environment: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = turnout();
    command
        .args(["serve", "--listen", "127.0.0.1:0"])
        .arg("--data")
        .arg(folder.path())
        .envs(environment.iter().copied());
    let output = command.stdin(Stdio::null()).output().expect("to start the program");
    assert!(!output.status.success(), "it started with {environment:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn settings_that_cannot_be_used_stop_the_start() {
    for (name, value, says) in [
        ("TURNOUT_CORS_ORIGINS", "*", "is no origin"),
        ("TURNOUT_CORS_ORIGINS", "https://shop.example/", "is no origin"),
        ("TURNOUT_TRUSTED_PROXIES", "proxy.example", "is no network"),
        ("TURNOUT_SECURITY_CONTACT", "security@tickets.example", "is no contact"),
        ("TURNOUT_ADMIN_TOKEN_FILE", "/nowhere/token", "cannot be read"),
    ] {
        let said = failed_start(&[(name, value)]);
        assert!(
            said.contains(says) && said.contains(name.trim_end_matches("_FILE")) || said.contains(says),
            "{name}: {said}"
        );
    }
    let token = "a-token-that-nobody-is-to-see-0123456789";
    let said = failed_start(&[("TURNOUT_ADMIN_TOKEN", token), ("TURNOUT_ADMIN_TOKEN_FILE", "/nowhere/token")]);
    assert!(said.contains("both set") && !said.contains(token), "{said}");
}

#[test]
fn a_database_url_that_cannot_be_used_is_not_told_with_its_password() {
    let password = "s3cret-of-the-database";
    for url in [
        format!("postgres://turnout:{password}@127.0.0.1:1/turnout"),
        format!("postgres://turnout:{password}@127.0.0.1:notaport/turnout"),
        format!("mysql://turnout:{password}@127.0.0.1/turnout"),
        format!("postgres://turnout:{password}@127.0.0.1:1/turnout?sslmode=whatever"),
        format!("postgres://127.0.0.1:1/turnout?user=turnout&password={password}"),
        format!("turnout:{password}@127.0.0.1"),
    ] {
        let said = failed_start(&[("DATABASE_URL", &url), ("TURNOUT_LOG", "trace")]);
        assert!(!said.contains(password), "{url}: {said}");
        assert!(!said.contains("command line"), "it came by the environment: {said}");
    }
}

#[test]
fn no_subcommand_takes_a_password_from_its_flags() {
    let password = "s3cret-of-the-database";
    for url in [
        format!("postgres://turnout:{password}@127.0.0.1:1/turnout"),
        format!("postgres://127.0.0.1:1/turnout?user=turnout&password={password}"),
    ] {
        for subcommand in
            [&["serve", "--listen", "127.0.0.1:0"][..], &["reset-password", "ada@example.org"], &["verify", "--json"]]
        {
            let folder = tempfile::tempdir().expect("a folder");
            let mut command = turnout();
            command.args(subcommand).args(["--database-url", &url]).arg("--data").arg(folder.path());
            let output = command.stdin(Stdio::null()).output().expect("to start the program");
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(!output.status.success(), "{subcommand:?}: {said}");
            assert!(said.contains("every process") && said.contains("DATABASE_URL_FILE"), "{subcommand:?}: {said}");
            assert!(!said.contains(password), "{subcommand:?}: {said}");
        }
    }
}

#[tokio::test]
async fn secrets_come_from_files_and_show_nowhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let (token, key) = ("a-token-from-a-file-0123456789abcdef", "a secret key that stands in a file, of many letters");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("{text}\n")).expect("to write a secret");
        path.to_str().expect("a path in UTF-8").to_owned()
    };
    let (token_file, key_file) = (file("token", token), file("key", key));
    let server = Server::start_set(&[
        ("TURNOUT_ADMIN_TOKEN", ""),
        ("TURNOUT_ADMIN_TOKEN_FILE", &token_file),
        ("TURNOUT_SECRET_KEY_FILE", &key_file),
        ("TURNOUT_LOG", "trace"),
    ]);
    let staff = server.anyone().with_bearer(token);
    staff.get("/me").expect(200).await;
    let (show, floor) = Show::standing(&staff, "Secrets", 10, json!({})).await;
    let hold = show
        .anyone
        .post(&show.path("/holds"), &json!({ "items": [{ "ticket_type": floor, "quantity": 1 }] }))
        .expect(201)
        .await;
    let hold_secret = hold.text("secret");
    let order = show
        .anyone
        .with_bearer(&hold_secret)
        .post(
            &show.path("/orders"),
            &json!({ "hold": hold["id"], "customer": { "name": "Planted Person", "email": "planted@example.org" } }),
        )
        .expect(201)
        .await;
    let secrets = [token, key, &hold_secret, &order.text("secret"), "Planted Person", "planted@example.org"];

    let output = server.output();
    for secret in secrets {
        assert!(!output.contains(secret), "{secret} is in what the server wrote");
    }
    // Of the server and of its PostgreSQL: what every process can read of every other one.
    let mut seen = 0;
    for entry in std::fs::read_dir("/proc").expect("the processes").flatten() {
        let Ok(line) = std::fs::read(entry.path().join("cmdline")) else { continue };
        let line = String::from_utf8_lossy(&line).into_owned();
        seen += usize::from(line.contains(server.data().to_str().expect("a path in UTF-8")));
        for secret in secrets {
            assert!(!line.contains(secret), "{secret} is in the process list");
        }
    }
    assert!(seen >= 2, "the server and its PostgreSQL were to be looked at");
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process())).expect("the server's process");
    assert!(status.contains("turnout"), "{status}");
}
