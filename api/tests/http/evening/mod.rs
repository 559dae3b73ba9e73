//! One evening at the town hall with known figures, made over HTTP, and how a report of it is read. What every report says of it is
//! written out in [`figures`]; nothing of that is here.

mod figures;

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
