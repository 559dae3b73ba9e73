//! One evening at the town hall with known figures, made over HTTP, and what every report says of it, written out: each key and each
//! figure, broken down by everything that there is. A report that mixed up two columns would add up with itself all the same; it would
//! not be these tables.

use std::{collections::BTreeMap, sync::Arc};

use axum::http::{Method, StatusCode};
use chrono::{DateTime, Utc};
use event_store::{Clock, FixedClock};
use serde_json::{Value, json};

use crate::world::{ADMIN, Answer, World, request};

/// Who asks: each through another channel.
#[derive(Clone, Copy)]
enum By<'a> {
    /// Anybody: `web`.
    Anybody,
    /// The administrator (`box_office`), a key (`api`), a device (`door`), or whoever has the secret of a hold (`web`).
    Bearer(&'a str),
}

/// An evening, as it was made.
pub struct Evening {
    pub world: World,
    pub show: String,
    clock: Arc<FixedClock>,
    /// What the clock showed at the commands, and the positions that they answered.
    told: Vec<(i64, DateTime<Utc>)>,
    /// The last position of the first day.
    pub first_day: i64,
    device: String,
}

const EVENING: &str = "Evening";
const AT_THE_BOX_OFFICE: By<'_> = By::Bearer(ADMIN);

impl Evening {
    /// A show on the fourth of May 2041 at 20:00 in Berlin (18:00 UTC), and everything that befalls it on that day and the one before.
    #[expect(clippy::too_many_lines, reason = "an evening is told from its beginning to its end")]
    pub async fn told() -> anyhow::Result<Self> {
        let clock = Arc::new(FixedClock::new("2041-05-02T10:00:00Z".parse()?));
        let world = World::at(clock.clone()).await?;
        let none = String::new();
        let mut it = Self { world, show: none.clone(), clock, told: Vec::new(), first_day: 0, device: none };

        let seats = |first: u32, last: u32, category: &str| -> Value {
            (first..=last).map(|n| json!({ "seat": n.to_string(), "category": category })).collect()
        };
        let body = json!({
            "name": EVENING,
            "description": "",
            "venue": { "name": "Town hall", "address": "Market 1\n12345 Town" },
            "timezone": "Europe/Berlin",
            "doors_at": "2041-05-04T17:00:00Z",
            "starts_at": "2041-05-04T18:00:00Z",
            "currency": "EUR",
        });
        it.show = it.world.command(Method::POST, "/api/v1/shows", body).await.text_of("/id");
        let sections = json!({ "sections": [
            { "name": "Stalls", "rows": [{ "label": "1", "seats": seats(1, 6, "A") }] },
            { "name": "Balcony", "rows": [
                { "label": "1", "seats": seats(1, 3, "B") },
                { "label": "2", "seats": seats(1, 2, "A") },
            ] },
            { "name": "Floor", "capacity": 8 },
        ] });
        it.command(AT_THE_BOX_OFFICE, Method::PUT, "/seating", sections).await;
        let tax = json!({ "rate_bps": 1900, "included": true });
        let prices = json!([{ "category": "A", "price": 4000 }, { "category": "B", "price": 2500 }]);
        let seat = json!({ "name": "Seat", "prices": prices, "sections": ["Stalls", "Balcony"], "tax": tax });
        let seat = it.post("/ticket-types", seat).await.text_of("/id");
        let pair = json!({ "name": "Pair", "price": 3000, "sections": ["Floor"], "persons": 2, "tax": tax });
        let pair = it.post("/ticket-types", pair).await.text_of("/id");
        let door = json!({
            "areas": [{ "name": "main" }, { "name": "Lounge" }],
            "gates": [
                { "name": "North", "area": "main", "sections": ["Stalls", "Balcony"] },
                { "name": "South", "area": "main" },
                { "name": "Bar", "area": "Lounge" },
            ],
        });
        it.command(AT_THE_BOX_OFFICE, Method::PUT, "/door", door).await;
        it.post("/publish", json!({})).await;
        let key = json!({ "name": "shop", "role": "seller" });
        let key = it.world.command(Method::POST, "/api/v1/api-keys", key).await.text_of("/token");
        let shop = By::Bearer(&key);
        let pairing = json!({ "name": "Scanner", "shows": [it.show], "gates": ["North"] });
        let pairing = it.world.command(Method::POST, "/api/v1/devices/pairings", pairing).await.text_of("/pairing");
        let paired = it.ask(By::Anybody, Method::POST, "/api/v1/devices", json!({ "pairing": pairing })).await;
        it.device = paired.text_of("/device");
        let token = paired.text_of("/token");
        let scanner = By::Bearer(&token);
        let seats = |names: &[&str]| json!({ "ticket_type": seat, "seats": names });
        let pairs = || json!({ "ticket_type": pair, "quantity": 1 });

        // The third of May, 10:10 in Berlin.
        it.at("2041-05-03T08:10:00Z");
        let a = it.sale(AT_THE_BOX_OFFICE, json!([seats(&["Stalls-1-1", "Stalls-1-2"])])).await;
        let b = it.order(By::Anybody, json!([seats(&["Stalls-1-3", "Balcony-1-1"])]), None).await;
        let (released, secret) = it.hold(By::Anybody, json!([seats(&["Stalls-1-6", "Balcony-1-3"])])).await;
        it.command(By::Bearer(&secret), Method::DELETE, &format!("/holds/{released}"), json!({})).await;
        it.order(By::Anybody, json!([pairs()]), None).await; // It is never paid.
        it.at("2041-05-03T08:50:00Z");
        let b = it.paid(&b, 6500).await;
        // A second before midnight in Berlin.
        it.at("2041-05-03T21:59:59Z");
        let cancelled = it.order(By::Anybody, json!([seats(&["Stalls-1-4"])]), None).await.text_of("/id");
        it.first_day = it.told.last().expect("a command").0;

        // Midnight.
        it.at("2041-05-03T22:00:00Z");
        let pay = json!({ "method": "card_terminal", "amount": 4000 });
        it.post(&format!("/orders/{cancelled}/payments"), pay).await;
        it.hold(By::Anybody, json!([pairs()])).await; // Nobody comes back to it, and it expires.
        it.at("2041-05-03T22:30:00Z");
        it.post(&format!("/orders/{cancelled}/cancel"), json!({ "reason": "ill" })).await;
        // 10:00 in Berlin.
        it.at("2041-05-04T08:00:00Z");
        let d = it.order(By::Anybody, json!([seats(&["Balcony-1-2"])]), None).await.text_of("/id");
        it.post(&format!("/orders/{d}/payments"), json!({ "method": "cash", "amount": 1000 })).await;
        let f = it.sale(shop, json!([seats(&["Stalls-1-5"]), pairs()])).await;
        it.refund(&f, 3000, json!([f.text_of("/tickets/1/id")])).await;
        let g = it.sale(shop, json!([seats(&["Balcony-1-3"])])).await;
        it.refund(&g, 2500, json!([g.text_of("/tickets/0/id")])).await;
        // 12:00 in Berlin: the order of the day before that nobody paid is over.
        it.at("2041-05-04T10:00:00Z");
        let h = it.sale(AT_THE_BOX_OFFICE, json!([seats(&["Stalls-1-6"])])).await;
        it.refund(&h, 500, json!([])).await;
        let void = b.text_of("/tickets/1/id");
        it.post(&format!("/tickets/{void}/void"), json!({ "reason": "sold twice" })).await;
        let moved = a.text_of("/tickets/1/id");
        it.post(&format!("/tickets/{moved}/move"), json!({ "seat": "Balcony-2-1" })).await;
        let blocked = json!([{ "seats": ["Stalls-1-2"] }, { "section": "Floor", "quantity": 2 }]);
        it.post("/blocks", json!({ "label": "Guests", "kind": "guest_list", "places": blocked })).await;
        let unpaid = it.order(AT_THE_BOX_OFFICE, json!([pairs()]), Some("pay_at_door")).await.text_of("/tickets/0/id");
        let k = it.sale(AT_THE_BOX_OFFICE, json!([pairs()])).await.text_of("/tickets/0/id");

        // The door, from 18:59:30 in Berlin.
        let [a, b] = [&a, &b].map(|order| order.text_of("/tickets/0/id"));
        let (f, h) = (f.text_of("/tickets/0/id"), h.text_of("/tickets/0/id"));
        let look = |ticket: &str, gate: &str| json!({ "ticket": ticket, "gate": gate });
        it.at("2041-05-04T16:59:30Z");
        it.looked(scanner, look(&b, "North"), "too_early").await;
        it.at("2041-05-04T17:05:10Z");
        it.looked(AT_THE_BOX_OFFICE, look(&a, "North"), "admitted").await;
        it.looked(AT_THE_BOX_OFFICE, look(&a, "North"), "already_checked_in").await;
        it.looked(AT_THE_BOX_OFFICE, look(&void, "South"), "void").await;
        it.looked(AT_THE_BOX_OFFICE, look("nobody's", "South"), "unknown_code").await;
        it.looked(AT_THE_BOX_OFFICE, json!({ "token": "no token", "gate": "South" }), "bad_signature").await;
        it.looked(AT_THE_BOX_OFFICE, look(&unpaid, "South"), "unpaid").await;
        let all_the_same = json!({ "ticket": unpaid, "gate": "South", "override": { "reason": "friends" } });
        it.looked(AT_THE_BOX_OFFICE, all_the_same, "admitted").await;
        it.looked(scanner, look(&k, "North"), "wrong_gate").await;
        let one_of_two = json!({ "ticket": k, "gate": "South", "persons": 1 });
        it.looked(AT_THE_BOX_OFFICE, one_of_two, "admitted").await;
        it.at("2041-05-04T17:20:00Z");
        let out = |ticket: &str, gate: &str| json!({ "ticket": ticket, "gate": gate, "direction": "out" });
        it.looked(AT_THE_BOX_OFFICE, out(&f, "South"), "not_inside").await;
        it.looked(AT_THE_BOX_OFFICE, out(&a, "North"), "admitted").await;
        it.looked(AT_THE_BOX_OFFICE, look(&a, "South"), "admitted").await;
        it.looked(scanner, look(&b, "North"), "admitted").await;
        it.looked(AT_THE_BOX_OFFICE, look(&b, "Bar"), "admitted").await;
        let undone = it.looked(AT_THE_BOX_OFFICE, look(&moved, "North"), "admitted").await.text_of("/scan");
        it.at("2041-05-04T17:31:00Z");
        it.post(&format!("/check-ins/{undone}/undo"), json!({ "reason": "the wrong one" })).await;
        let offline = json!({ "result": "admitted", "list_position": 1, "sequence": 1 });
        let late = json!({ "ticket": h, "gate": "North", "scanned_at": "2041-05-04T17:06:00Z", "offline": offline });
        it.looked(scanner, late, "admitted").await;
        it.at("2041-05-04T17:40:00Z");
        it.hold(shop, json!([seats(&["Balcony-2-2"]), pairs()])).await; // It is still open.
        it.happened().await?;
        Ok(it)
    }

    /// It is later.
    fn at(&self, now: &str) {
        self.clock.set(now.parse().expect("a time"));
    }

    async fn ask(&mut self, by: By<'_>, method: Method, path: &str, body: Value) -> Answer {
        let bearer = match by {
            By::Anybody => None,
            By::Bearer(token) => Some(format!("Bearer {token}")),
        };
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
        let answer = self.world.send(request(method.clone(), path, &headers, body.to_string().into())).await;
        assert!(answer.status.is_success(), "{method} {path} {body}: {answer:?}");
        self.told.push((answer.number(), self.clock.now()));
        answer
    }

    async fn command(&mut self, by: By<'_>, method: Method, path: &str, body: Value) -> Answer {
        let path = format!("/api/v1/shows/{}{path}", self.show);
        self.ask(by, method, &path, body).await
    }

    async fn post(&mut self, path: &str, body: Value) -> Answer {
        self.command(AT_THE_BOX_OFFICE, Method::POST, path, body).await
    }

    /// Tickets that are paid when they are bought.
    async fn sale(&mut self, by: By<'_>, items: Value) -> Answer {
        let body = json!({ "items": items, "payment": { "method": "cash" } });
        self.command(by, Method::POST, "/tickets", body).await
    }

    /// A hold and its secret.
    async fn hold(&mut self, by: By<'_>, items: Value) -> (String, String) {
        let held = self.command(by, Method::POST, "/holds", json!({ "items": items })).await;
        (held.text_of("/id"), held.text_of("/secret"))
    }

    /// An order of what was held for it.
    async fn order(&mut self, by: By<'_>, items: Value, terms: Option<&str>) -> Answer {
        let (hold, secret) = self.hold(by, items).await;
        let mut body = json!({ "hold": hold, "customer": { "name": "Bo", "email": "bo@example.org" } });
        let by = match terms {
            Some(terms) => {
                body["terms"] = terms.into();
                by
            }
            None => By::Bearer(&secret),
        };
        self.command(by, Method::POST, "/orders", body).await
    }

    /// Pays for an order in full: its tickets.
    async fn paid(&mut self, order: &Answer, amount: i64) -> Answer {
        let path = format!("/orders/{}/payments", order.text_of("/id"));
        self.post(&path, json!({ "method": "card_terminal", "amount": amount })).await
    }

    async fn refund(&mut self, sale: &Answer, amount: i64, tickets: Value) {
        let body = json!({ "amount": amount, "method": "cash", "reason": "ill", "tickets": tickets });
        self.post(&format!("/orders/{}/refunds", sale.text_of("/order")), body).await;
    }

    /// A look at a ticket, and what comes of it.
    async fn looked(&mut self, by: By<'_>, body: Value, expected: &str) -> Answer {
        let answer = self.command(by, Method::POST, "/check-ins", body.clone()).await;
        let said = if answer.json["result"] == "refused" { &answer.json["reason"] } else { &answer.json["result"] };
        assert_eq!(said, expected, "{body}: {}", answer.text);
        answer
    }

    /// Facts that happened when they were recorded, which is the database's to say, happened when the evening's clock said so.
    async fn happened(&self) -> anyhow::Result<()> {
        let (last, _) = self.told.last().expect("a command");
        assert_eq!(self.world.seen("/api/v1/shows", &last.to_string()).await.status, StatusCode::OK);
        let owner = sqlx::PgPool::connect(&self.world.owner_url).await?;
        let (positions, times): (Vec<i64>, Vec<DateTime<Utc>>) = self.told.iter().copied().unzip();
        for table in ["sales_facts", "hold_facts", "door_facts"] {
            let others: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
                "SELECT count(*) FROM (SELECT unnest(position) AS position, unnest(happened_at) AS at FROM read.{table}) AS f
                   JOIN log.events AS e ON e.position = f.position WHERE e.recorded_at <> f.at",
            )))
            .fetch_one(&owner)
            .await?;
            assert_eq!(others == 0, table != "door_facts", "{table}: {others} happened at another time than recorded");
            sqlx::query(sqlx::AssertSqlSafe(format!(
                "UPDATE read.{table} AS t SET happened_at =
                    (SELECT array_agg(CASE WHEN e.recorded_at = f.at THEN
                                (SELECT c.at FROM unnest($1::bigint[], $2::timestamptz[]) AS c (position, at)
                                  WHERE c.position >= f.position ORDER BY c.position LIMIT 1)
                            ELSE f.at END ORDER BY f.n)
                       FROM unnest(t.position, t.happened_at) WITH ORDINALITY AS f (position, at, n)
                       JOIN log.events AS e ON e.position = f.position)",
            )))
            .bind(&positions)
            .bind(&times)
            .execute(&owner)
            .await?;
        }
        Ok(())
    }

    /// A report on it: by what is asked, what stands in its rows.
    async fn report<const N: usize>(&self, report: &str, figures: [&str; N], by: &str, more: &str) -> Rows<N> {
        let path = format!("/api/v1/reports/{report}?show={}&by={by}{more}", self.show);
        let answer = self.world.get(&path, &[("authorization", &format!("Bearer {ADMIN}"))]).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        let of = |row: &Value| figures.map(|name| number(&row[name]));
        let rows = answer.json["rows"].as_array().expect("rows");
        let mut told: Rows<N> = rows.iter().map(|row| (self.key(&row["key"], by), of(row))).collect();
        assert_eq!(told.len(), rows.len(), "two rows are of the same: {path}");
        let totals = answer.json["totals"].as_array().expect("totals");
        assert_eq!(totals.len(), 1, "{path}");
        told.insert("all".to_owned(), of(&totals[0]));
        told
    }

    /// What a row is of, in words; everything else in its key is null.
    fn key(&self, key: &Value, by: &str) -> String {
        let by: Vec<&str> = by.split(',').collect();
        for (name, value) in key.as_object().expect("a key") {
            assert!(by.contains(&name.as_str()) || value.is_null(), "{name} was not asked for: {key}");
        }
        let words = by.iter().map(|name| match (*name, &key[*name]) {
            (_, Value::Null) => "none".to_owned(),
            ("show", id) => (if *id == self.show { EVENING } else { "another show" }).to_owned(),
            ("device", id) => (if *id == self.device { "Scanner" } else { "another device" }).to_owned(),
            ("ticket_type", ticket_type) => ticket_type["name"].as_str().expect("a name").to_owned(),
            ("price", price) => number(price).to_string(),
            ("minute" | "hour" | "day", bucket) => {
                let [from, to, local] = ["from", "to", "local"].map(|name| bucket[name].as_str().expect("a time"));
                let [begins, shown] = [from, local].map(|text| DateTime::parse_from_rfc3339(text).expect("a time"));
                assert_eq!(begins, shown, "{bucket}");
                format!("{local} until {to}")
            }
            (_, word) => word.as_str().expect("a word").to_owned(),
        });
        words.collect::<Vec<_>>().join(", ")
    }
}

type Rows<const N: usize> = BTreeMap<String, [i64; N]>;

/// A count, or an amount in cents of euros.
fn number(value: &Value) -> i64 {
    let amount = |value: &Value| value["amount"].as_i64().filter(|_| value["currency"] == "EUR");
    value.as_i64().or_else(|| amount(value)).unwrap_or_else(|| panic!("{value} is no count and no amount of euros"))
}

fn rows<const N: usize>(expected: &[(&str, [i64; N])], all: [i64; N]) -> Rows<N> {
    expected.iter().map(|(key, figures)| ((*key).to_owned(), *figures)).chain([("all".to_owned(), all)]).collect()
}

/// What a report says, by each of its dimensions.
type Expected<'a, const N: usize> = [(&'a str, &'a [(&'a str, [i64; N])])];

async fn says<const N: usize>(
    evening: &Evening,
    report: &str,
    figures: [&str; N],
    all: [i64; N],
    expected: &Expected<'_, N>,
) {
    for (by, table) in expected {
        let told = evening.report(report, figures, by, "").await;
        assert_eq!(told, rows(table, all), "{report} by {by}: {}", figures.join(", "));
    }
}

const SALES: [&str; 9] = ["tickets", "voided", "persons", "gross", "cancelled", "refunded", "paid", "net", "tax"];
const HOLDS: [&str; 3] = ["holds", "places", "value"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sales_of_a_known_evening_are_these_figures() -> anyhow::Result<()> {
    let evening = Evening::told().await?;
    let all = [7, 4, 9, 43_500, 15_500, 6000, 36_000, 23_448, 4552];
    let expected: &Expected<'_, 9> = &[
        ("show", &[("Evening", all)]),
        (
            "day",
            &[
                ("2041-05-03T00:00:00+02:00 until 2041-05-03T22:00:00Z", [4, 0, 4, 21_500, 0, 0, 14_500, 18_066, 3434]),
                (
                    "2041-05-04T00:00:00+02:00 until 2041-05-04T22:00:00Z",
                    [3, 4, 5, 22_000, 15_500, 6000, 21_500, 5382, 1118],
                ),
            ],
        ),
        (
            "hour",
            &[
                ("2041-05-03T10:00:00+02:00 until 2041-05-03T09:00:00Z", [4, 0, 4, 17_500, 0, 0, 14_500, 14_705, 2795]),
                ("2041-05-03T23:00:00+02:00 until 2041-05-03T22:00:00Z", [0, 0, 0, 4000, 0, 0, 0, 3361, 639]),
                ("2041-05-04T00:00:00+02:00 until 2041-05-03T23:00:00Z", [0, 1, 0, 0, 4000, 0, 4000, -3361, -639]),
                (
                    "2041-05-04T10:00:00+02:00 until 2041-05-04T09:00:00Z",
                    [1, 2, 1, 12_000, 5500, 5500, 10_500, 5462, 1038],
                ),
                ("2041-05-04T12:00:00+02:00 until 2041-05-04T11:00:00Z", [2, 1, 4, 10_000, 6000, 500, 7000, 3281, 719]),
            ],
        ),
        (
            "ticket_type",
            &[
                ("Seat", [5, 3, 5, 31_500, 9000, 2500, 30_000, 18_906, 3594]),
                ("Pair", [2, 1, 4, 12_000, 6000, 3000, 6000, 5042, 958]),
                // A refund that voids nothing is of no ticket.
                ("none", [0, 0, 0, 0, 500, 500, 0, -500, 0]),
            ],
        ),
        (
            "channel",
            &[
                ("box_office", [5, 0, 7, 18_000, 500, 500, 15_000, 14_625, 2875]),
                ("web", [1, 2, 1, 16_000, 9500, 0, 11_500, 5462, 1038]),
                ("api", [1, 2, 1, 9500, 5500, 5500, 9500, 3361, 639]),
            ],
        ),
        (
            "price",
            &[
                ("4000", [5, 1, 5, 24_000, 4000, 0, 24_000, 16_805, 3195]),
                ("2500", [0, 2, 0, 7500, 5000, 2500, 6000, 2101, 399]),
                ("3000", [2, 1, 4, 12_000, 6000, 3000, 6000, 5042, 958]),
                ("none", [0, 0, 0, 0, 500, 500, 0, -500, 0]),
            ],
        ),
        (
            "category",
            &[
                ("A", [5, 1, 5, 24_000, 4000, 0, 24_000, 16_805, 3195]),
                ("B", [0, 2, 0, 7500, 5000, 2500, 6000, 2101, 399]),
                ("none", [2, 1, 4, 12_000, 6500, 3500, 6000, 4542, 958]),
            ],
        ),
        (
            "section",
            &[
                // A seat was moved from here to there, and what was paid for it was paid here.
                ("Stalls", [4, 1, 4, 20_000, 4000, 0, 24_000, 13_444, 2556]),
                ("Balcony", [1, 2, 1, 11_500, 5000, 2500, 6000, 5462, 1038]),
                ("Floor", [2, 1, 4, 12_000, 6000, 3000, 6000, 5042, 958]),
                ("none", [0, 0, 0, 0, 500, 500, 0, -500, 0]),
            ],
        ),
        (
            "status",
            &[
                ("paid", [6, 2, 7, 28_500, 6000, 3500, 28_500, 18_826, 3674]),
                ("awaiting_payment", [1, 0, 2, 5500, 0, 0, 1000, 4622, 878]),
                ("expired", [0, 0, 0, 3000, 3000, 0, 0, 0, 0]),
                ("cancelled", [0, 1, 0, 4000, 4000, 0, 4000, 0, 0]),
                ("refunded", [0, 1, 0, 2500, 2500, 2500, 2500, 0, 0]),
            ],
        ),
        (
            "day,ticket_type",
            &[
                (
                    "2041-05-03T00:00:00+02:00 until 2041-05-03T22:00:00Z, Seat",
                    [4, 0, 4, 18_500, 0, 0, 14_500, 15_545, 2955],
                ),
                ("2041-05-03T00:00:00+02:00 until 2041-05-03T22:00:00Z, Pair", [0, 0, 0, 3000, 0, 0, 0, 2521, 479]),
                (
                    "2041-05-04T00:00:00+02:00 until 2041-05-04T22:00:00Z, Seat",
                    [1, 3, 1, 13_000, 9000, 2500, 15_500, 3361, 639],
                ),
                (
                    "2041-05-04T00:00:00+02:00 until 2041-05-04T22:00:00Z, Pair",
                    [2, 1, 4, 9000, 6000, 3000, 6000, 2521, 479],
                ),
                ("2041-05-04T00:00:00+02:00 until 2041-05-04T22:00:00Z, none", [0, 0, 0, 0, 500, 500, 0, -500, 0]),
            ],
        ),
    ];
    says(&evening, "sales", SALES, all, expected).await;

    // As of the end of the first day, the order that nobody will pay is not yet over, nor is the other cancelled.
    let then = format!("&at={}", evening.first_day);
    let all = [4, 0, 4, 21_500, 0, 0, 14_500, 18_066, 3434];
    let by_status: &[(&str, _)] = &[
        ("paid", [4, 0, 4, 14_500, 0, 0, 14_500, 12_184, 2316]),
        ("awaiting_payment", [0, 0, 0, 7000, 0, 0, 0, 5882, 1118]),
    ];
    assert_eq!(evening.report("sales", SALES, "status", &then).await, rows(by_status, all));
    // From one time until another, the first counts and the second does not.
    let between = "&from=2041-05-03T08:50:00Z&to=2041-05-03T22:00:00Z";
    let all = [2, 0, 2, 4000, 0, 0, 6500, 3361, 639];
    let by_section: &[(&str, _)] =
        &[("Stalls", [1, 0, 1, 4000, 0, 0, 4000, 3361, 639]), ("Balcony", [1, 0, 1, 0, 0, 0, 2500, 0, 0])];
    assert_eq!(evening.report("sales", SALES, "section", between).await, rows(by_section, all));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn holds_of_a_known_evening_are_these_and_came_to_this() -> anyhow::Result<()> {
    let evening = Evening::told().await?;
    let all = [8, 15, 35_500];
    let expected: &Expected<'_, 3> = &[
        ("show", &[("Evening", all)]),
        (
            "outcome",
            &[
                ("open", [1, 3, 7000]),
                ("released", [1, 2, 6500]),
                // One as a hold, one as the order that nobody paid.
                ("expired", [2, 4, 6000]),
                ("ordered", [4, 6, 16_000]),
            ],
        ),
        ("channel", &[("web", [6, 10, 25_500]), ("box_office", [1, 2, 3000]), ("api", [1, 3, 7000])]),
        // The one that is of both counts with its first item, and its places with their own.
        ("ticket_type", &[("Seat", [5, 7, 23_500]), ("Pair", [3, 8, 12_000])]),
        (
            "day",
            &[
                ("2041-05-03T00:00:00+02:00 until 2041-05-03T22:00:00Z", [4, 7, 20_000]),
                ("2041-05-04T00:00:00+02:00 until 2041-05-04T22:00:00Z", [4, 8, 15_500]),
            ],
        ),
        (
            "hour",
            &[
                ("2041-05-03T10:00:00+02:00 until 2041-05-03T09:00:00Z", [3, 6, 16_000]),
                ("2041-05-03T23:00:00+02:00 until 2041-05-03T22:00:00Z", [1, 1, 4000]),
                ("2041-05-04T00:00:00+02:00 until 2041-05-03T23:00:00Z", [1, 2, 3000]),
                ("2041-05-04T10:00:00+02:00 until 2041-05-04T09:00:00Z", [1, 1, 2500]),
                ("2041-05-04T12:00:00+02:00 until 2041-05-04T11:00:00Z", [1, 2, 3000]),
                ("2041-05-04T19:00:00+02:00 until 2041-05-04T18:00:00Z", [1, 3, 7000]),
            ],
        ),
        (
            "ticket_type,outcome",
            &[
                ("Seat, released", [1, 2, 6500]),
                ("Seat, ordered", [3, 4, 13_000]),
                ("Seat, open", [1, 1, 4000]),
                ("Pair, expired", [2, 4, 6000]),
                ("Pair, ordered", [1, 2, 3000]),
                ("Pair, open", [0, 2, 3000]),
            ],
        ),
    ];
    says(&evening, "holds", HOLDS, all, expected).await;
    // As of the end of the first day, the order that nobody will pay may yet be paid.
    let then = format!("&at={}", evening.first_day);
    let by_outcome: &[(&str, _)] = &[("released", [1, 2, 6500]), ("ordered", [3, 5, 13_500])];
    assert_eq!(evening.report("holds", HOLDS, "outcome", &then).await, rows(by_outcome, [4, 7, 20_000]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_came_to_a_known_evening_who_was_refused_and_who_did_not_come() -> anyhow::Result<()> {
    let evening = Evening::told().await?;
    let attendance = ["admitted", "returned", "departed", "undone", "overridden", "refused"];
    let all = [7, 1, 1, 1, 1, 8];
    let expected: &Expected<'_, 6> = &[
        ("show", &[("Evening", all)]),
        ("gate", &[("North", [3, 0, 1, 1, 0, 3]), ("South", [3, 1, 0, 0, 1, 5]), ("Bar", [1, 0, 0, 0, 0, 0])]),
        ("area", &[("main", [6, 1, 1, 1, 1, 8]), ("Lounge", [1, 0, 0, 0, 0, 0])]),
        ("ticket_type", &[("Seat", [4, 1, 1, 1, 0, 4]), ("Pair", [3, 0, 0, 0, 1, 2]), ("none", [0, 0, 0, 0, 0, 2])]),
        (
            "section",
            &[
                ("Stalls", [4, 1, 1, 0, 0, 3]),
                ("Balcony", [0, 0, 0, 1, 0, 1]),
                ("Floor", [3, 0, 0, 0, 1, 2]),
                ("none", [0, 0, 0, 0, 0, 2]),
            ],
        ),
        (
            "minute",
            &[
                ("2041-05-04T18:59:00+02:00 until 2041-05-04T17:00:00Z", [0, 0, 0, 0, 0, 1]),
                ("2041-05-04T19:05:00+02:00 until 2041-05-04T17:06:00Z", [4, 0, 0, 0, 1, 6]),
                // A device without the network sent this a quarter of an hour later.
                ("2041-05-04T19:06:00+02:00 until 2041-05-04T17:07:00Z", [1, 0, 0, 0, 0, 0]),
                // What was taken back eleven minutes later is taken off here.
                ("2041-05-04T19:20:00+02:00 until 2041-05-04T17:21:00Z", [2, 1, 1, 1, 0, 1]),
            ],
        ),
        (
            "hour",
            &[
                ("2041-05-04T18:00:00+02:00 until 2041-05-04T17:00:00Z", [0, 0, 0, 0, 0, 1]),
                ("2041-05-04T19:00:00+02:00 until 2041-05-04T18:00:00Z", [7, 1, 1, 1, 1, 7]),
            ],
        ),
        ("day", &[("2041-05-04T00:00:00+02:00 until 2041-05-04T22:00:00Z", all)]),
        (
            "minute,gate",
            &[
                ("2041-05-04T18:59:00+02:00 until 2041-05-04T17:00:00Z, North", [0, 0, 0, 0, 0, 1]),
                ("2041-05-04T19:05:00+02:00 until 2041-05-04T17:06:00Z, North", [1, 0, 0, 0, 0, 2]),
                ("2041-05-04T19:05:00+02:00 until 2041-05-04T17:06:00Z, South", [3, 0, 0, 0, 1, 4]),
                ("2041-05-04T19:06:00+02:00 until 2041-05-04T17:07:00Z, North", [1, 0, 0, 0, 0, 0]),
                ("2041-05-04T19:20:00+02:00 until 2041-05-04T17:21:00Z, North", [1, 0, 1, 1, 0, 0]),
                ("2041-05-04T19:20:00+02:00 until 2041-05-04T17:21:00Z, South", [0, 1, 0, 0, 0, 1]),
                ("2041-05-04T19:20:00+02:00 until 2041-05-04T17:21:00Z, Bar", [1, 0, 0, 0, 0, 0]),
            ],
        ),
    ];
    says(&evening, "attendance", attendance, all, expected).await;

    let all = [8, 1];
    let expected: &Expected<'_, 2> = &[
        ("show", &[("Evening", all)]),
        (
            "reason",
            &[
                ("already_checked_in", [1, 0]),
                ("bad_signature", [1, 0]),
                ("not_inside", [1, 0]),
                ("too_early", [1, 0]),
                ("unknown_code", [1, 0]),
                // And then let in all the same.
                ("unpaid", [1, 1]),
                ("void", [1, 0]),
                ("wrong_gate", [1, 0]),
            ],
        ),
        ("gate", &[("North", [3, 0]), ("South", [5, 1])]),
        ("device", &[("Scanner", [2, 0]), ("none", [6, 1])]),
        ("ticket_type", &[("Seat", [4, 0]), ("Pair", [2, 1]), ("none", [2, 0])]),
        (
            "minute",
            &[
                ("2041-05-04T18:59:00+02:00 until 2041-05-04T17:00:00Z", [1, 0]),
                ("2041-05-04T19:05:00+02:00 until 2041-05-04T17:06:00Z", [6, 1]),
                ("2041-05-04T19:20:00+02:00 until 2041-05-04T17:21:00Z", [1, 0]),
            ],
        ),
        (
            "hour",
            &[
                ("2041-05-04T18:00:00+02:00 until 2041-05-04T17:00:00Z", [1, 0]),
                ("2041-05-04T19:00:00+02:00 until 2041-05-04T18:00:00Z", [7, 1]),
            ],
        ),
        ("day", &[("2041-05-04T00:00:00+02:00 until 2041-05-04T22:00:00Z", all)]),
        (
            "reason,gate",
            &[
                ("already_checked_in, North", [1, 0]),
                ("bad_signature, South", [1, 0]),
                ("not_inside, South", [1, 0]),
                ("too_early, North", [1, 0]),
                ("unknown_code, South", [1, 0]),
                ("unpaid, South", [1, 1]),
                ("void, South", [1, 0]),
                ("wrong_gate, North", [1, 0]),
            ],
        ),
    ];
    says(&evening, "refusals", ["refused", "overridden"], all, expected).await;

    let all = [9, 6, 3];
    let expected: &Expected<'_, 3> = &[
        ("show", &[("Evening", all)]),
        ("ticket_type", &[("Seat", [5, 3, 2]), ("Pair", [4, 3, 1])]),
        ("section", &[("Stalls", [4, 3, 1]), ("Balcony", [1, 0, 1]), ("Floor", [4, 3, 1])]),
        // Tickets of B were all voided.
        ("category", &[("A", [5, 3, 2]), ("B", [0, 0, 0]), ("none", [4, 3, 1])]),
        ("channel", &[("box_office", [7, 5, 2]), ("web", [1, 1, 0]), ("api", [1, 0, 1])]),
        (
            "section,channel",
            &[
                ("Stalls, box_office", [2, 2, 0]),
                ("Stalls, web", [1, 1, 0]),
                ("Stalls, api", [1, 0, 1]),
                ("Balcony, box_office", [1, 0, 1]),
                ("Balcony, web", [0, 0, 0]),
                ("Balcony, api", [0, 0, 0]),
                ("Floor, box_office", [4, 3, 1]),
                ("Floor, api", [0, 0, 0]),
            ],
        ),
    ];
    says(&evening, "no-shows", ["issued", "admitted", "no_shows"], all, expected).await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_full_a_known_evening_is() -> anyhow::Result<()> {
    let evening = Evening::told().await?;
    let figures = ["capacity", "available", "held", "sold", "blocked", "admitted"];
    let all = [19, 3, 4, 9, 3, 6];
    let expected: &Expected<'_, 6> = &[
        ("show", &[("Evening", all)]),
        ("section", &[("Stalls", [6, 1, 0, 4, 1, 3]), ("Balcony", [5, 2, 2, 1, 0, 0]), ("Floor", [8, 0, 2, 4, 2, 3])]),
        ("category", &[("A", [8, 1, 1, 5, 1, 3]), ("B", [3, 2, 1, 0, 0, 0]), ("none", [8, 0, 2, 4, 2, 3])]),
        // Capacity and blocked places are of no ticket type; what is held and sold is off what is of none.
        (
            "ticket_type",
            &[("Seat", [0, -7, 2, 5, 0, 3]), ("Pair", [0, -6, 2, 4, 0, 3]), ("none", [19, 16, 0, 0, 3, 0])],
        ),
        (
            "section,category",
            &[
                ("Stalls, A", [6, 1, 0, 4, 1, 3]),
                ("Balcony, A", [2, 0, 1, 1, 0, 0]),
                ("Balcony, B", [3, 2, 1, 0, 0, 0]),
                ("Floor, none", [8, 0, 2, 4, 2, 3]),
            ],
        ),
    ];
    says(&evening, "occupancy", figures, all, expected).await;
    // Where nobody says by what, it is by section.
    let path = format!("/api/v1/reports/occupancy?show={}", evening.show);
    let answer = evening.world.get(&path, &[("authorization", &format!("Bearer {ADMIN}"))]).await;
    assert_eq!(answer.json["by"], json!(["section"]), "{}", answer.text);
    // As of the end of the first day, nobody has been, and what was ordered and not paid is held.
    let then = format!("&at={}", evening.first_day);
    let by_section: &[(&str, _)] =
        &[("Stalls", [6, 2, 1, 3, 0, 0]), ("Balcony", [5, 4, 0, 1, 0, 0]), ("Floor", [8, 6, 2, 0, 0, 0])];
    let told = evening.report("occupancy", figures, "section", &then).await;
    assert_eq!(told, rows(by_section, [19, 12, 3, 4, 0, 0]));
    Ok(())
}
