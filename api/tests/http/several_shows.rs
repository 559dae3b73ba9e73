//! Reports of one show, of several and of the whole organization, in two currencies: each currency has its rows and its total, the
//! organization is the sum of its shows, and whatever is asked together, each figure opens to the events that made it.

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    evening::Evening,
    reports::{REPORTS, asked, figures, sum},
    world::World,
};

/// A show in Osaka of five seats at 500 yen, two of them sold, one of these inside and refused again, and one held.
pub async fn in_yen(world: &World) -> String {
    let body = json!({
        "name": "Third",
        "description": "",
        "venue": { "name": "Hall", "address": "Namba 1\nOsaka" },
        "timezone": "Asia/Tokyo",
        "starts_at": "2041-05-05T10:00:00Z",
        "currency": "JPY",
    });
    let show = world.command(Method::POST, "/api/v1/shows", body).await.text_of("/id");
    let at = format!("/api/v1/shows/{show}");
    let rows = json!([{ "label": "1", "first": 1, "last": 5 }]);
    let sections = json!({ "sections": [{ "name": "Stalls-Left", "rows": rows }] });
    world.command(Method::PUT, &format!("{at}/seating"), sections).await;
    let ticket_type = json!({ "name": "Seat", "price": 500, "tax": null });
    let ticket_type = world.command(Method::POST, &format!("{at}/ticket-types"), ticket_type).await.text_of("/id");
    world.command(Method::POST, &format!("{at}/publish"), json!({})).await;
    world.sell(&show, &ticket_type, "Stalls-Left-1-1").await;
    let sold = world.sell(&show, &ticket_type, "Stalls-Left-1-2").await;
    for _ in 0..2 {
        let look = json!({ "ticket": sold.text_of("/tickets/0/id") });
        world.command(Method::POST, &format!("{at}/check-ins"), look).await;
    }
    held(world, &show, &ticket_type, "Stalls-Left-1-3").await;
    show
}

async fn held(world: &World, show: &str, ticket_type: &str, seat: &str) -> String {
    let items = json!({ "items": [{ "ticket_type": ticket_type, "seats": [seat] }] });
    world.command(Method::POST, &format!("/api/v1/shows/{show}/holds"), items).await.position()
}

/// In what a row's money is; nothing where it has none.
fn currency(row: &Value) -> String {
    let mut values = row.as_object().expect("a row").iter().filter(|(name, _)| *name != "key");
    values.find_map(|(_, value)| value["currency"].as_str()).unwrap_or_default().to_owned()
}

/// Figures in the order of their names, which is that of the answer: of each row, with its word and its currency.
fn told<const N: usize>(rows: &Value, word: &str, names: [&str; N]) -> Vec<(String, String, [i64; N])> {
    let rows = rows.as_array().expect("rows").iter();
    rows.map(|row| {
        let of = figures(row);
        assert_eq!(of.len(), N, "{row}");
        (row["key"][word].as_str().unwrap_or_default().to_owned(), currency(row), names.map(|name| of[name]))
    })
    .collect()
}

const SALES: [&str; 9] = ["tickets", "voided", "persons", "gross", "cancelled", "refunded", "paid", "net", "tax"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_organization_is_the_sum_of_its_shows_in_each_currency() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (first, ticket_type) = world.show("First").await;
    let inside = world.sell(&first, &ticket_type, "Stalls-Left-1-1").await.text_of("/tickets/0/id");
    let look = json!({ "ticket": inside });
    world.command(Method::POST, &format!("/api/v1/shows/{first}/check-ins"), look).await;
    let sold = world.sell(&first, &ticket_type, "Stalls-Left-1-2").await;
    let tickets = [sold.text_of("/tickets/0/id")];
    let refund = json!({ "amount": 4000, "method": "cash", "reason": "ill", "tickets": tickets });
    let order = sold.text_of("/order");
    world.command(Method::POST, &format!("/api/v1/shows/{first}/orders/{order}/refunds"), refund).await;
    let (second, ticket_type) = world.show("Second").await;
    world.sell(&second, &ticket_type, "Stalls-Left-1-1").await;
    held(&world, &second, &ticket_type, "Stalls-Left-1-2").await;
    let third = in_yen(&world).await;
    let key = json!({ "name": "abroad", "role": "analyst", "shows": [second, third] });
    let key = world.command(Method::POST, "/api/v1/api-keys", key).await;
    world.seen("/api/v1/shows", &key.position()).await;

    let of_first = [1, 1, 1, 8000, 4000, 4000, 8000, 4000, 0];
    let of_second = [1, 0, 1, 4000, 0, 0, 4000, 4000, 0];
    let of_third = [2, 0, 2, 1000, 0, 0, 1000, 1000, 0];
    let euros = [2, 1, 2, 12_000, 4000, 4000, 12_000, 8000, 0];
    let [a, b, c] = [(&first, "EUR", of_first), (&second, "EUR", of_second), (&third, "JPY", of_third)]
        .map(|(show, currency, figures)| (show.clone(), currency.to_owned(), figures));
    let total = |currency: &str, figures| (String::new(), currency.to_owned(), figures);
    let (of_a, of_b, of_c) = (total("EUR", of_first), total("EUR", of_second), total("JPY", of_third));
    let all = vec![total("EUR", euros), of_c.clone()];
    for (shows, rows, totals) in [
        (format!("show={first}&"), vec![a.clone()], vec![of_a.clone()]),
        (format!("show={third}&"), vec![c.clone()], vec![of_c.clone()]),
        (format!("show={first},{second}&"), vec![a.clone(), b.clone()], vec![total("EUR", euros)]),
        (format!("show={first},{third}&"), vec![a.clone(), c.clone()], vec![of_a, of_c.clone()]),
        (String::new(), vec![a, b.clone(), c.clone()], all.clone()),
    ] {
        let answer = asked(&world, &format!("/api/v1/reports/sales?{shows}by=show")).await.json;
        let mut found = told(&answer["rows"], "show", SALES);
        found.sort_by_key(|(show, ..)| [&first, &second, &third].iter().position(|known| *known == show));
        assert_eq!((found, told(&answer["totals"], "", SALES)), (rows, totals), "{shows}");
    }
    // What is of both currencies is a row of each.
    let by_channel = asked(&world, "/api/v1/reports/sales?by=channel").await.json;
    let box_office = |(_, currency, figures): &(_, String, _)| ("box_office".to_owned(), currency.clone(), *figures);
    let expected: Vec<_> = all.iter().map(box_office).collect();
    assert_eq!(told(&by_channel["rows"], "channel", SALES), expected);
    assert_eq!(told(&asked(&world, "/api/v1/reports/sales").await.json["rows"], "", SALES), all);
    // A key that is bound to shows gets the report of these.
    let bearer = format!("Bearer {}", key.text_of("/token"));
    let bound = world.get("/api/v1/reports/sales?by=show", &[("authorization", &bearer)]).await.json;
    assert_eq!(
        (told(&bound["rows"], "show", SALES), told(&bound["totals"], "", SALES)),
        (vec![b, c], vec![of_b, of_c])
    );

    let totals = async |report: &str| asked(&world, &format!("/api/v1/reports/{report}")).await.json["totals"].clone();
    let holds = told(&totals("holds").await, "", ["holds", "places", "value"]);
    let no_word = String::new;
    assert_eq!(holds, [(no_word(), "EUR".to_owned(), [1, 1, 4000]), (no_word(), "JPY".to_owned(), [1, 1, 500])]);
    let no_shows = told(&totals("no-shows").await, "", ["issued", "admitted", "no_shows"]);
    assert_eq!(no_shows, [(no_word(), no_word(), [4, 2, 2])]);
    let names = ["capacity", "available", "held", "sold", "blocked", "admitted"];
    let occupancy = told(&totals("occupancy").await, "", names);
    assert_eq!(occupancy, [(no_word(), no_word(), [25, 19, 2, 4, 0, 2])]);
    let names = ["admitted", "returned", "departed", "undone", "overridden", "refused"];
    assert_eq!(told(&totals("attendance").await, "", names), [(no_word(), no_word(), [2, 0, 0, 0, 0, 1])]);
    let refusals = told(&totals("refusals").await, "", ["refused", "overridden"]);
    assert_eq!(refusals, [(no_word(), no_word(), [1, 0])]);

    // Yen have no digits behind the point, euros two.
    let csv = asked(&world, "/api/v1/reports/sales?by=show&format=csv").await.text;
    let mut lines: Vec<&str> = csv.split_terminator("\r\n").collect();
    let heading = "show,show_name,tickets,voided,persons,gross,cancelled,refunded,paid,net,tax,currency";
    assert_eq!(lines.remove(0), heading);
    let expected = [
        format!("{first},First,1,1,1,80.00,40.00,40.00,80.00,40.00,0.00,EUR"),
        format!("{second},Second,1,0,1,40.00,0.00,0.00,40.00,40.00,0.00,EUR"),
        format!("{third},Third,2,0,2,1000,0,0,1000,1000,0,JPY"),
    ];
    lines.sort_by_key(|line| expected.iter().position(|known| known == line));
    assert_eq!(lines, expected);
    Ok(())
}

/// That what is asked adds up: rows to the totals of their currency, and the events of each row and of each total to it.
async fn opens(world: &World, report: &str, asks: &str, by: &str) {
    let path = format!("/api/v1/reports/{report}?{asks}&by={by}");
    let answer = asked(world, &path).await.json;
    let mut by_currency: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for row in answer["rows"].as_array().expect("rows") {
        by_currency.entry(currency(row)).or_default().push(row);
        let events = asked(world, &format!("{}&limit=200", row["events"].as_str().expect("an address"))).await.json;
        assert_eq!(events["next"], Value::Null, "more than a page: {row}");
        let items = events["items"].as_array().expect("items");
        assert!(!items.is_empty(), "{path}: {row}");
        assert_eq!(sum(items), figures(row), "{path}: {row}");
        assert!(items.iter().all(|item| currency(item) == currency(row)), "{path}: {row}");
        let of_show = |item: &Value| row["key"]["show"].is_null() || item["show"] == row["key"]["show"];
        assert!(items.iter().all(of_show), "{path}: {row}");
    }
    let totals = answer["totals"].as_array().expect("totals");
    for total in totals {
        let currency = currency(total);
        let rows = by_currency.remove(&currency).unwrap_or_default();
        let of_rows = sum(rows);
        assert!(of_rows.iter().all(|(name, n)| figures(total)[name] == *n), "{path}: {of_rows:?}, {total}");
        let currency = if currency.is_empty() { currency } else { format!("&currency={currency}") };
        let (mut items, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/v1/reports/{report}/events?{asks}{currency}&limit=200{cursor}");
            let page = asked(world, &path).await.json;
            items.extend(page["items"].as_array().expect("items").clone());
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert!(!items.is_empty(), "{path}: {total}");
        assert_eq!(sum(&items), figures(total), "{path}: events of {total}");
    }
    assert!(by_currency.is_empty(), "{path}: a currency without a total: {by_currency:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_dimensions_together_open_to_events_as_do_totals_and_what_is_between_two_times() -> anyhow::Result<()> {
    let evening = Evening::told().await?;
    let world = &evening.world;
    let third = in_yen(world).await;
    let position = world.command(Method::PATCH, &format!("/api/v1/shows/{third}"), json!({})).await.position();
    world.seen("/api/v1/shows", &position).await;
    for (report, words) in REPORTS {
        let units: &[&str] = match report {
            "no-shows" | "occupancy" => &[],
            "sales" | "holds" => &["hour", "day"],
            _ => &["minute", "hour", "day"],
        };
        let words: Vec<&str> = ["show"].into_iter().chain(words.split(',')).collect();
        for (n, first) in words.iter().enumerate() {
            for second in units.iter().chain(&words[n + 1..]) {
                opens(world, report, &format!("at={position}"), &format!("{first},{second}")).await;
            }
        }
        // In the middle of the evening, between two times that are moments of events as well.
        let (from, to) = ("2041-05-03T08:50:00Z", "2041-05-04T17:20:00Z");
        for by in words.iter().chain(units) {
            opens(world, report, &format!("at={position}&from={from}&to={to}&show={}", evening.show), by).await;
        }
        opens(world, report, &format!("at={position}&show={},{third}", evening.show), "show").await;
        // On the first day the door was closed.
        if !["attendance", "refusals"].contains(&report) {
            opens(world, report, &format!("at={}", evening.first_day), "show").await;
        }
    }
    Ok(())
}
