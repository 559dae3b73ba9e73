//! Reports over HTTP: figures that open to their events, as of then, for those who may, in formats that other programs open.

use std::{collections::BTreeMap, io::Write, path::Path, process::Command};

use axum::http::{Method, StatusCode};
use futures::StreamExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::{
    evening::Evening,
    several_shows,
    world::{ADMIN, Answer, World, request},
};

/// Reports, and what they are broken down by beside the show and the time.
pub const REPORTS: [(&str, &str); 6] = [
    ("sales", "ticket_type,channel,price,category,section,status"),
    ("attendance", "gate,area,ticket_type,section"),
    ("no-shows", "ticket_type,section,category,channel"),
    ("occupancy", "section,category,ticket_type"),
    ("holds", "ticket_type,channel,outcome"),
    ("refusals", "reason,gate,device,ticket_type"),
];

/// `GET` of the administrator.
pub async fn asked(world: &World, path: &str) -> Answer {
    let answer = world.get(path, &[("authorization", &format!("Bearer {ADMIN}"))]).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    answer
}

/// Sales, a refund, an unpaid order, a released hold, an admission and a refusal; says the last position.
async fn an_evening(world: &World, show: &str, ticket_type: &str, row: u32) -> String {
    let at = format!("/api/v1/shows/{show}");
    let seat = |n: u32| format!("Stalls-Left-{row}-{n}");
    let first = world.sell(show, ticket_type, &seat(1)).await;
    let second = world.sell(show, ticket_type, &seat(2)).await;
    let code = first.text_of("/tickets/0/short_code");
    for _ in 0..2 {
        world.command(Method::POST, &format!("{at}/check-ins"), json!({ "short_code": code })).await;
    }
    let refund = json!({
        "amount": 4000, "method": "cash", "reason": "ill", "tickets": [second.text_of("/tickets/0/id")],
    });
    world.command(Method::POST, &format!("{at}/orders/{}/refunds", second.text_of("/order")), refund).await;
    let hold = |n: u32| json!({ "items": [{ "ticket_type": ticket_type, "seats": [seat(n)] }] });
    let held = world.command(Method::POST, &format!("{at}/holds"), hold(3)).await;
    let order = json!({ "hold": held.text_of("/id"), "customer": { "name": "Bo", "email": "bo@example.org" } });
    world.command(Method::POST, &format!("{at}/orders"), order).await;
    let held = world.command(Method::POST, &format!("{at}/holds"), hold(4)).await;
    world.command(Method::DELETE, &format!("{at}/holds/{}", held.text_of("/id")), json!({})).await.position()
}

/// The figures of a row: counts as they are, money in minor units.
pub fn figures(row: &Value) -> BTreeMap<String, i64> {
    let fields = row.as_object().expect("a row").iter();
    fields
        .filter(|(name, _)| !["key", "events", "position"].contains(&name.as_str()))
        .filter_map(|(name, value)| {
            let number = value.as_i64().or_else(|| value["amount"].as_i64())?;
            Some((name.clone(), number))
        })
        .collect()
}

/// The figures of several together.
pub fn sum<'a>(rows: impl IntoIterator<Item = &'a Value>) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for (name, n) in rows.into_iter().flat_map(figures) {
        *sums.entry(name).or_default() += n;
    }
    sums
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_figure_opens_to_events_that_add_up_to_it_and_stays_as_of_then() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (show, ticket_type) = world.show("Figures").await;
    let position = an_evening(&world, &show, &ticket_type, 1).await;
    world.seen("/api/v1/shows", &position).await;
    let mut said = Vec::new();
    for (report, words) in REPORTS {
        let units = if ["no-shows", "occupancy"].contains(&report) { "" } else { ",day,hour" };
        for by in format!("show,{words}{units}").split(',') {
            let path = format!("/api/v1/reports/{report}?show={show}&by={by}");
            let answer = asked(&world, &format!("{path}&at={position}")).await;
            assert_eq!(answer.json["by"], json!([by]));
            assert_eq!(answer.position(), position);
            let rows = answer.json["rows"].as_array().unwrap();
            assert!(!rows.is_empty(), "{path}");
            assert_eq!(sum(rows), figures(&answer.json["totals"][0]), "{path}");
            for row in rows {
                let events = asked(&world, row["events"].as_str().unwrap()).await;
                let items = events.json["items"].as_array().unwrap();
                assert!(!items.is_empty(), "{row}");
                assert_eq!(sum(items), figures(row), "{path}: {}", events.text);
            }
            said.push((format!("{path}&at={position}"), answer.json.clone()));
        }
    }
    let totals = &asked(&world, &format!("/api/v1/reports/sales?show={show}")).await.json["totals"][0];
    let told = ["tickets", "voided", "persons", "gross", "cancelled", "refunded", "paid", "net", "tax"];
    let told: Vec<i64> = told.iter().map(|name| figures(totals)[*name]).collect();
    assert_eq!(told, [1, 1, 1, 12_000, 4_000, 4_000, 8_000, 8_000, 0]);

    let later = an_evening(&world, &show, &ticket_type, 2).await;
    world.seen("/api/v1/shows", &later).await;
    for (path, then) in said {
        assert_eq!(asked(&world, &path).await.json, then, "{path}");
    }
    // A page of events leads to the next.
    let path = format!("/api/v1/reports/sales/events?show={show}&limit=3");
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = asked(&world, &format!("{path}{cursor}")).await;
        items.extend(page.json["items"].as_array().unwrap().clone());
        let Some(next) = page.json["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let totals = &asked(&world, &format!("/api/v1/reports/sales?show={show}")).await.json["totals"][0];
    assert_eq!(sum(&items), figures(totals));
    // Those of one figure alone.
    let refunds =
        asked(&world, &format!("/api/v1/reports/sales/events?show={show}&figure=refunded,voided&limit=200")).await;
    let refunds = refunds.json["items"].as_array().unwrap();
    assert!(
        refunds.len() < items.len()
            && refunds.iter().all(|item| figures(item)["refunded"] + figures(item)["voided"] > 0)
    );
    assert_eq!(sum(refunds)["refunded"], figures(totals)["refunded"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn analysts_and_managers_of_the_organization_see_reports_and_nobody_else() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (show, ticket_type) = world.show("Ours").await;
    let position = an_evening(&world, &show, &ticket_type, 1).await;
    world.seen("/api/v1/shows", &position).await;
    for (role, status) in [("analyst", 200), ("manager", 200), ("seller", 403), ("door", 403), ("auditor", 403)] {
        let key = world.command(Method::POST, "/api/v1/api-keys", json!({ "name": role, "role": role })).await;
        let bearer = format!("Bearer {}", key.text_of("/token"));
        for (report, _) in REPORTS {
            for path in [format!("/api/v1/reports/{report}"), format!("/api/v1/reports/{report}/events")] {
                let answer = world.get(&path, &[("authorization", &bearer)]).await;
                assert_eq!(answer.status.as_u16(), status, "{role} at {path}: {}", answer.text);
            }
        }
    }
    let other = world.command(Method::POST, "/api/v1/organizations", json!({ "name": "Theirs" })).await.text_of("/id");
    let bearer = format!("Bearer {ADMIN}");
    let theirs = [("authorization", bearer.as_str()), ("turnout-organization", other.as_str())];
    for (report, _) in REPORTS {
        let all = world.get(&format!("/api/v1/reports/{report}?by=show"), &theirs).await;
        assert_eq!((all.status.as_u16(), &all.json["rows"]), (200, &json!([])), "{}", all.text);
        let named = world.get(&format!("/api/v1/reports/{report}?show={show}"), &theirs).await;
        named.is(422, "invalid");
        assert_eq!(named.json["errors"][0]["pointer"], "/show");
        let events = world.get(&format!("/api/v1/reports/{report}/events"), &theirs).await;
        assert_eq!(events.json["items"], json!([]));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_asked_is_named() -> anyhow::Result<()> {
    let world = World::new().await?;
    for (query, pointer) in [
        ("sales?by=colour", "/by"),
        ("sales?by=hour,day", "/by"),
        ("occupancy?by=day", "/by"),
        ("sales?format=pdf", "/format"),
        ("sales?at=1&as_of=2027-01-01T00:00:00Z", "/at"),
        ("sales?at=999999", "/at"),
        ("sales?show=spring", "/show"),
        ("sales?from=tomorrow", "/from"),
        ("sales/events?gate=North", "/gate"),
        ("sales/events?cursor=x", "/cursor"),
        ("sales/events?figure=gross,profit", "/figure"),
        ("occupancy/events?day=2027-01-01T00:00:00Z", "/day"),
    ] {
        let answer =
            world.get(&format!("/api/v1/reports/{query}"), &[("authorization", &format!("Bearer {ADMIN}"))]).await;
        answer.is(422, "invalid");
        assert_eq!(answer.json["errors"][0]["pointer"], pointer, "{query}");
    }
    Ok(())
}

/// Reads a file with a program of other people: pandas, with openpyxl for spreadsheets.
fn pandas(script: &str, bytes: &[u8], ending: &str) -> Value {
    let mut file = tempfile::Builder::new().suffix(ending).tempfile().expect("a temporary file");
    file.write_all(bytes).expect("room for it");
    python(script, file.path())
}

fn python(script: &str, path: &Path) -> Value {
    let python = if Path::new("/usr/bin/python3").exists() { "/usr/bin/python3" } else { "python3" };
    let output = Command::new(python).arg("-c").arg(script).arg(path).output().expect("python3 is missing");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "pandas could not read it. If it is missing, install python3-pandas and python3-openpyxl: {error}"
    );
    serde_json::from_slice(&output.stdout).expect("JSON from pandas")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn csv_ndjson_and_xlsx_are_opened_by_pandas_with_the_same_figures() -> anyhow::Result<()> {
    let world = World::new().await?;
    let (show, ticket_type) = world.show("Taken \"away\", with a comma").await;
    let position = an_evening(&world, &show, &ticket_type, 1).await;
    world.seen("/api/v1/shows", &position).await;
    let path = format!("/api/v1/reports/sales?by=show,day,ticket_type,price,status&at={position}");
    let rows = asked(&world, &path).await.json["rows"].clone();
    let expected: Vec<Value> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            json!([
                row["key"]["show"],
                "Taken \"away\", with a comma",
                row["key"]["day"]["local"],
                row["key"]["ticket_type"]["name"],
                row["key"]["status"],
                row["tickets"],
                format!(
                    "{}.{:02}",
                    row["gross"]["amount"].as_i64().unwrap() / 100,
                    row["gross"]["amount"].as_i64().unwrap() % 100
                ),
                row["gross"]["currency"],
            ])
        })
        .collect();
    let bytes = async |format: &str| {
        let bearer = format!("Bearer {ADMIN}");
        let asked = request(Method::GET, &format!("{path}&format={format}"), &[("authorization", &bearer)], "".into());
        let response = world.router().oneshot(asked).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let name = response.headers()["content-disposition"].to_str().unwrap().to_owned();
        assert_eq!(name, format!("attachment; filename=\"sales-{position}.{format}\""));
        axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap()
    };
    let table = "import sys, json, pandas
columns = ['show', 'show_name', 'day', 'ticket_type_name', 'status', 'tickets', 'gross', 'currency']
";
    let csv = format!(
        "{table}t = pandas.read_csv(sys.argv[1], dtype={{'gross': str}})\nprint(t[columns].to_json(orient='values'))"
    );
    assert_eq!(pandas(&csv, &bytes("csv").await, ".csv"), json!(expected));
    let xlsx = format!(
        "{table}t = pandas.read_excel(sys.argv[1])\nassert (t['gross'] * 100 == t['gross_minor']).all(), t
t['gross'] = t['gross'].map('{{:.2f}}'.format)\nprint(t[columns].to_json(orient='values'))"
    );
    assert_eq!(pandas(&xlsx, &bytes("xlsx").await, ".xlsx"), json!(expected));
    let ndjson = "import sys, pandas\nprint(pandas.read_json(sys.argv[1], lines=True).to_json(orient='records'))";
    assert_eq!(pandas(ndjson, &bytes("ndjson").await, ".ndjson"), rows);
    Ok(())
}

/// What stands in a cell of CSV and of a spreadsheet, in words: nothing, a text, a number, or an amount in major units.
fn cell(value: &Value) -> String {
    let Some(minor) = value["amount"].as_i64() else {
        return value
            .as_str()
            .map_or_else(|| value.as_i64().map_or_else(String::new, |n| n.to_string()), str::to_owned);
    };
    let sign = if minor < 0 { "-" } else { "" };
    match value["currency"].as_str() {
        Some("JPY") => minor.to_string(),
        _ => format!("{sign}{}.{:02}", minor.abs() / 100, minor.abs() % 100),
    }
}

/// Reads every file of a folder, each as what its name ends with: cells as text by their columns, or rows as JSON has them.
const READ_ALL: &str = "
import json, os, pandas, sys
DIGITS = {'EUR': 2, 'JPY': 0}
def of_row(row):
    cells = {}
    for name, value in row.items():
        if name + '_minor' in row and not pandas.isna(value):
            digits = DIGITS[row['currency']]
            assert isinstance(value, (int, float)) and round(value * 10 ** digits) == row[name + '_minor'], (name, row)
            cells[name] = f'{value:.{digits}f}'
        elif not name.endswith('_minor'):
            cells[name] = '' if pandas.isna(value) else str(value)
    return cells
told = {}
for name in os.listdir(sys.argv[1]):
    path = os.path.join(sys.argv[1], name)
    if name.endswith('.csv'):
        told[name] = pandas.read_csv(path, dtype=str, keep_default_na=False).to_dict(orient='records')
    elif name.endswith('.xlsx'):
        told[name] = [of_row(row) for row in pandas.read_excel(path, dtype=object).to_dict(orient='records')]
    else:
        told[name] = json.loads(pandas.read_json(path, lines=True).to_json(orient='records'))
print(json.dumps(told))
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_report_is_opened_by_pandas_in_every_format_with_each_of_its_figures() -> anyhow::Result<()> {
    let evening = Evening::told().await?;
    let world = &evening.world;
    let yen = several_shows::in_yen(world).await;
    let position = world.command(Method::PATCH, &format!("/api/v1/shows/{yen}"), json!({})).await.position();
    world.seen("/api/v1/shows", &position).await;
    let folder = tempfile::tempdir()?;
    let bearer = format!("Bearer {ADMIN}");
    let mut expected = BTreeMap::new();
    for (report, words) in REPORTS {
        let unit = if ["no-shows", "occupancy"].contains(&report) { "" } else { "hour," };
        let by = format!("show,{unit}{words}");
        let path = format!("/api/v1/reports/{report}?by={by}&at={position}");
        let answer = asked(world, &path).await.json;
        let rows = answer["rows"].as_array().unwrap();
        let named = |id: &Value| answer["shows"].as_array().unwrap().iter().find(|show| show["id"] == *id).unwrap();
        assert!(
            [&evening.show, &yen].iter().all(|show| rows.iter().any(|row| row["key"]["show"] == **show)),
            "{report}"
        );
        let cells = |row: &Value| {
            let mut cells = serde_json::Map::new();
            let mut put = |column: &str, value: &Value| cells.insert(column.to_owned(), cell(value).into());
            for name in by.split(',') {
                let value = &row["key"][name];
                match name {
                    "show" => {
                        put("show", value);
                        put("show_name", &named(value)["name"]);
                    }
                    "ticket_type" => {
                        put("ticket_type", &value["id"]);
                        put("ticket_type_name", &value["name"]);
                    }
                    "hour" => drop(put("hour", &value["local"])),
                    _ => drop(put(name, value)),
                }
            }
            let figures =
                row.as_object().unwrap().iter().filter(|(name, _)| !["key", "events"].contains(&name.as_str()));
            for (name, figure) in figures {
                put(name, figure);
                if let Some(currency) = figure.get("currency") {
                    put("currency", currency);
                }
            }
            Value::Object(cells)
        };
        let table: Value = rows.iter().map(cells).collect();
        for format in ["csv", "xlsx", "ndjson"] {
            let path = format!("{path}&format={format}");
            let asked = request(Method::GET, &path, &[("authorization", &bearer)], "".into());
            let response = world.router().oneshot(asked).await?;
            assert_eq!(response.status(), StatusCode::OK);
            let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await?;
            let name = format!("{report}.{format}");
            std::fs::write(folder.path().join(&name), bytes)?;
            expected.insert(name, if format == "ndjson" { json!(rows) } else { table.clone() });
        }
    }
    let told = python(READ_ALL, folder.path());
    for (name, expected) in expected {
        assert_eq!(told[&name], expected, "{name}");
    }
    Ok(())
}

/// What this process has in memory now, in KiB.
fn resident_kib() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_of_200000_rows_is_streamed_and_memory_stays() -> anyhow::Result<()> {
    const ROWS: usize = 200_000;
    // A program without optimization packs a spreadsheet slowly.
    const SHEET_ROWS: usize = 20_000;
    /// All rows at once would be some 200 MB, the cells of the sheet some 20.
    const GROWTH_KIB_MAX: i64 = 16 * 1024;
    let world = World::new().await?;
    let (show, _) = world.show("Large").await;
    let (sheet, _) = world.show("Sheet").await;
    // A command that changes nothing answers with the position of the show's last event.
    let published = world.command(Method::PATCH, &format!("/api/v1/shows/{sheet}"), json!({})).await.position();
    assert_eq!(world.seen("/api/v1/shows", &published).await.status, 200);
    let owner = sqlx::PgPool::connect(&world.owner_url).await?;
    for (show, rows) in [(&show, ROWS), (&sheet, SHEET_ROWS)] {
        let filled = sqlx::query(
            "INSERT INTO read.sales_facts (show, part, organization, first_position, position, happened_at, price, gross, tickets)
             SELECT s.id, n, s.organization, 1, ARRAY[1], ARRAY[now()], ARRAY[n], ARRAY[n], ARRAY[1]
               FROM read.shows AS s, generate_series(1, $2) AS n
              WHERE s.id = $1::uuid",
        )
        .bind(show)
        .bind(i32::try_from(rows)?)
        .execute(&owner)
        .await?;
        assert_eq!(filled.rows_affected(), u64::try_from(rows)?);
    }
    let bearer = format!("Bearer {ADMIN}");
    let path = |show: &str| format!("/api/v1/reports/sales?show={show}&by=price");
    world.get(&path(&show), &[("authorization", &bearer)]).await.is(422, "invalid");
    for (format, show) in [("csv", &show), ("ndjson", &show), ("xlsx", &sheet)] {
        let path = path(show);
        let before = resident_kib();
        let asked = request(Method::GET, &format!("{path}&format={format}"), &[("authorization", &bearer)], "".into());
        let response = world.router().oneshot(asked).await?;
        let mut body = response.into_body().into_data_stream();
        let (mut bytes, mut lines, mut most) = (0, 0, before);
        while let Some(chunk) = body.next().await {
            let chunk = chunk?;
            bytes += chunk.len();
            lines += chunk.iter().filter(|byte| **byte == b'\n').count();
            most = most.max(resident_kib());
        }
        println!("{format}: {bytes} bytes, {} KiB more in memory at most", most - before);
        let whole = match format {
            "csv" => lines == ROWS + 1,
            "ndjson" => lines == ROWS,
            _ => bytes > 500_000,
        };
        assert!(whole, "{format}: {lines} lines in {bytes} bytes");
        assert!(most - before < GROWTH_KIB_MAX, "{format}: {} KiB more in memory", most - before);
    }
    Ok(())
}
