//! A log that Turnout wrote, with whatever may happen in it, and copies of it to lay hands on.

use std::process::Stdio;

use black_box::{Server, Show, fixed_uuid, turnout};
use embedded_postgres::{APP, FreshDatabase, OWNER, TemporaryPostgres, temporary};
use serde_json::{Value, json};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection, postgres::PgConnectOptions,
};

/// The log, and the server that keeps it.
pub struct Written {
    postgres: TemporaryPostgres,
    original: FreshDatabase,
    keys: String,
}

impl Written {
    /// Sells, lets in, takes back: by the program alone.
    pub async fn new() -> Self {
        let postgres = temporary().await.expect("a PostgreSQL");
        let original = postgres.fresh_database().await.expect("a database");
        let migrate = turnout()
            .arg("migrate")
            .env("TURNOUT_OWNER_DATABASE_URL", &original.owner_url)
            .stdin(Stdio::null())
            .output()
            .expect("to migrate");
        assert!(migrate.status.success(), "{}", String::from_utf8_lossy(&migrate.stderr));
        let mut server = Server::start_on(&original.app_url);
        happen(&server).await;
        let keys = server.anyone().get("/history/keys").expect(200).await.text;
        server.terminate();
        Self { postgres, original, keys }
    }

    /// A server goes on with it for a little while, and signs what it wrote when it stops.
    pub async fn goes_on(&self) {
        let mut server = Server::start_on(&self.original.app_url);
        let (standing, floor) = Show::standing(&server.staff(), "Later", 10, json!({})).await;
        standing.sell(json!([{ "ticket_type": floor, "quantity": 2 }])).await;
        server.terminate();
    }

    /// The URL of the log as it was written.
    pub fn url(&self) -> &str {
        &self.original.app_url
    }

    /// The public keys of its checkpoints, a line each.
    pub fn keys(&self) -> &str {
        &self.keys
    }

    /// Its newest checkpoint, which has all of it.
    pub async fn checkpoint(&self) -> String {
        let mut connection = self.connect("fresh_1").await;
        let note = "SELECT note FROM log.checkpoints WHERE size = (SELECT max(position) FROM log.events)";
        let note = sqlx::query_scalar(note).fetch_one(&mut connection).await.expect("all was signed");
        connection.close().await.expect("to leave");
        note
    }

    /// Its owner's URL.
    pub fn owner_url(&self) -> &str {
        &self.original.owner_url
    }

    /// The owner's URL of a changed copy.
    pub fn owner_url_of(&self, name: &str) -> String {
        self.postgres.server().url(OWNER, name)
    }

    /// A copy of the log; what a superuser's statements do to it; and its URL. The statements may use
    /// `pg_temp.rehash(position)`, which makes an event's content hash anew, and `pg_temp.forge(like, payload)`, which
    /// adds an event like another at the log's end, with a right hash.
    pub async fn changed(&self, name: &str, statements: &str) -> String {
        let mut superuser = self.connect("postgres").await;
        let copy = format!("CREATE DATABASE {name} TEMPLATE fresh_1");
        superuser.execute(AssertSqlSafe(copy)).await.expect("a copy");
        superuser.close().await.expect("to leave");
        let mut superuser = self.connect(name).await;
        superuser.execute(FORGING).await.expect("to prepare");
        superuser.execute(AssertSqlSafe(statements.to_owned())).await.expect("to lay hands on the log");
        superuser.close().await.expect("to leave");
        self.postgres.server().url(APP, name)
    }

    /// A number that a statement on the original finds.
    pub async fn number(&self, statement: &str) -> i64 {
        let mut connection = self.connect("fresh_1").await;
        let number = sqlx::query_scalar(AssertSqlSafe(statement.to_owned())).fetch_one(&mut connection).await;
        connection.close().await.expect("to leave");
        number.unwrap_or_else(|error| panic!("{statement}: {error}"))
    }

    /// The numbers that a statement on the original finds.
    pub async fn numbers(&self, statement: &str) -> Vec<i64> {
        let mut connection = self.connect("fresh_1").await;
        let numbers = sqlx::query_scalar(AssertSqlSafe(statement.to_owned())).fetch_all(&mut connection).await;
        connection.close().await.expect("to leave");
        numbers.unwrap_or_else(|error| panic!("{statement}: {error}"))
    }

    /// A text that a statement on the original finds.
    pub async fn text(&self, statement: &str) -> String {
        let mut connection = self.connect("fresh_1").await;
        let text = sqlx::query_scalar(AssertSqlSafe(statement.to_owned())).fetch_one(&mut connection).await;
        connection.close().await.expect("to leave");
        text.unwrap_or_else(|error| panic!("{statement}: {error}"))
    }

    /// The texts that a statement on the original finds.
    pub async fn texts(&self, statement: &str) -> Vec<String> {
        let mut connection = self.connect("fresh_1").await;
        let texts = sqlx::query_scalar(AssertSqlSafe(statement.to_owned())).fetch_all(&mut connection).await;
        connection.close().await.expect("to leave");
        texts.unwrap_or_else(|error| panic!("{statement}: {error}"))
    }

    /// The superuser, in a database.
    pub async fn connect(&self, database: &str) -> PgConnection {
        let options: PgConnectOptions = self.postgres.server().url(OWNER, database).parse().expect("a URL");
        options.connect().await.expect("the superuser's connection")
    }
}

/// What only whoever owns the database can do. The hash is written from its description, not taken from the program.
const FORGING: &str = r"
ALTER TABLE log.events DISABLE TRIGGER ALL;
CREATE FUNCTION pg_temp.word(word text) RETURNS bytea LANGUAGE sql AS $$
    SELECT int8send(octet_length(word)) || convert_to(word, 'UTF8') $$;
CREATE FUNCTION pg_temp.perhaps(value bytea) RETURNS bytea LANGUAGE sql AS $$
    SELECT CASE WHEN value IS NULL THEN '\x00'::bytea ELSE '\x01'::bytea || value END $$;
CREATE FUNCTION pg_temp.rehash(of_position bigint) RETURNS void LANGUAGE sql AS $$
    UPDATE log.events SET content_hash = sha256(pg_temp.word('turnout event content v1') || pg_temp.word(type) || int4send(schema)
        || pg_temp.word(payload::text) || pg_temp.word(actor) || pg_temp.perhaps(uuid_send(device))
        || pg_temp.perhaps(pg_temp.word(channel)) || uuid_send(command) || pg_temp.perhaps(request_hmac)
        || uuid_send(correlation) || pg_temp.perhaps(uuid_send(causation)))
     WHERE position = of_position $$;
CREATE FUNCTION pg_temp.forge(like_position bigint, of_payload text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    head bigint := (SELECT max(position) FROM log.events);
    last bigint := (SELECT max(e.version) FROM log.events AS e JOIN log.events AS o USING (stream) WHERE o.position = like_position);
BEGIN
    INSERT INTO log.events SELECT head + 1, organization, stream_type, stream, last + 1, type, schema, of_payload::json, actor, device,
           channel, gen_random_uuid(), request_hmac, correlation, causation, content_hash, now()
      FROM log.events WHERE position = like_position;
    PERFORM pg_temp.rehash(head + 1);
END $$;";

async fn happen(server: &Server) {
    let staff = server.staff();
    let (seated, seat) = Show::seated(&staff, "Seated", 2, 5, json!({})).await;
    let pool = seated.pool("House", 3).await;
    let few = seated.ticket_type(json!({ "name": "Few", "price": 100, "pools": [pool], "capacity": 2 })).await;
    seated.sell_one(&few).await;
    let tickets: Vec<Value> = [
        seated.sell_seat(&seat, "Stalls-1-1").await,
        seated.sell_seat(&seat, "Stalls-1-2").await,
        seated.sell_seat(&seat, "Stalls-2-1").await,
    ]
    .into();
    seated.hold(json!([{ "ticket_type": seat, "seats": ["Stalls-2-5"] }])).await;
    seated.check_in(json!({ "ticket": tickets[0]["id"] })).await;
    // A second time: refused by the rules, and admitted against them by two devices without the network.
    seated.check_in(json!({ "ticket": tickets[0]["id"] })).await;
    for (number, ticket) in [(1_u32, &tickets[1]), (2, &tickets[1])] {
        let offline = json!({ "result": "admitted", "list_position": 1, "sequence": number });
        let scan = json!({ "ticket": ticket["id"], "scan": fixed_uuid(number).to_string(), "offline": offline,
                           "scanned_at": "2026-01-01T12:00:00Z" });
        assert_eq!(seated.check_in(scan).await["result"], "admitted");
    }
    let void = seated.path(&format!("/tickets/{}/void", tickets[2]["id"].as_str().expect("an id")));
    staff.post(&void, &json!({ "reason": "Ill" })).expect(200).await;
    seated.sell_seat(&seat, "Stalls-2-1").await;
    let (standing, floor) = Show::standing(&staff, "Standing", 10, json!({})).await;
    standing.sell(json!([{ "ticket_type": floor, "quantity": 4 }])).await;
    let group = standing.ticket_type(json!({ "name": "Group", "price": 100, "persons": 3 })).await;
    let ticket = standing.sell_one(&group).await;
    let came = standing.check_in(json!({ "ticket": ticket["id"], "persons": 2 })).await;
    standing.check_in(json!({ "ticket": ticket["id"], "direction": "out", "persons": 1 })).await;
    standing.check_in(json!({ "ticket": ticket["id"], "persons": 2 })).await;
    let undo = standing.path(&format!("/check-ins/{}/undo", came.text("scan")));
    staff.post(&undo, &json!({ "reason": "Wrong button" })).expect(200).await;
}
