//! The settlement of a show: an evening with everything in it, as JSON, as a table that others open, and as a paper.

use std::io::Write as _;
use std::process::Command;
use std::time::Duration;

use black_box::{Client, EXAMPLE_START, Show, eventually, issue_key, shared};
use serde_json::{Value, json};

/// An evening: seats at 19 %, floor at 7 % on top, a refund, a void ticket without one, a goodwill refund, two complimentary tickets,
/// an unpaid order, an invoice that is still open, people who came and one who was refused.
pub(crate) async fn an_evening(staff: &Client, name: &str) -> Show {
    let show = Show::draft(staff, name, json!({})).await;
    show.seating(json!([
        { "name": "Stalls", "rows": [{ "label": "1", "first": 1, "last": 10 }] },
        { "name": "Floor", "capacity": 20 },
    ]))
    .await;
    let seat = json!({
        "name": "Seat", "price": 4000, "sections": ["Stalls"], "tax": { "rate_bps": 1900, "included": true }
    });
    let floor = json!({
        "name": "Floor, \"standing\"", "price": 2500, "sections": ["Floor"], "tax": { "rate_bps": 700, "included": false }
    });
    let (seat, floor) = (show.ticket_type(seat).await, show.ticket_type(floor).await);
    show.publish().await;
    let path = show.path("/tickets");

    let sold = show.sell(json!([{ "ticket_type": seat, "seats": ["Stalls-1-1", "Stalls-1-2", "Stalls-1-3"] }])).await;
    let order = sold.text("order");
    let ticket = |n: usize| sold["tickets"][n]["id"].clone();
    // One goes back with its money, one is void and its money is still owed.
    let refunds = show.path(&format!("/orders/{order}/refunds"));
    let refund = json!({ "amount": 4000, "method": "cash", "tickets": [ticket(0)], "reason": "Ill" });
    show.staff.post(&refunds, &refund).expect(201).await;
    let void = show.path(&format!("/tickets/{}/void", ticket(1).as_str().expect("an id")));
    show.staff.post(&void, &json!({ "reason": "Broken seat" })).expect(200).await;

    // The floor by card, of which one unit goes back for goodwill.
    let body = json!({ "items": [{ "ticket_type": floor, "quantity": 4 }], "payment": { "method": "card_terminal" } });
    let standing = show.staff.post(&path, &body).expect(201).await;
    let refunds = show.path(&format!("/orders/{}/refunds", standing.text("order")));
    show.staff.post(&refunds, &json!({ "amount": 500, "method": "card_terminal", "reason": "Loud" })).expect(201).await;
    let body = json!({ "items": [{ "ticket_type": floor, "quantity": 2 }], "payment": { "complimentary": { "reason": "Press" } } });
    show.staff.post(&path, &body).expect(201).await;

    // Somebody on the web has not paid yet.
    let hold = show.hold(json!([{ "ticket_type": floor, "quantity": 1 }])).await;
    let body = json!({ "hold": hold["id"], "customer": { "name": "Ann", "email": "ann@example.org" } });
    show.anyone.with_bearer(&hold.text("secret")).post(&show.path("/orders"), &body).expect(201).await;

    for n in 0..3 {
        show.check_in(json!({ "ticket": standing["tickets"][n]["id"] })).await;
    }
    show.check_in(json!({ "ticket": standing["tickets"][0]["id"] })).await;
    show
}

/// The body of an answer, of any type, with its headers.
pub(crate) async fn bytes(client: &Client, path: &str) -> (Vec<u8>, reqwest::header::HeaderMap) {
    let response = client.get(path).stream().await;
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.bytes().await.expect("the whole body").to_vec();
    assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&body));
    (body, headers)
}

/// Waits until a signed checkpoint covers a position, which takes a second: from then on the settlement as of it names that checkpoint,
/// and is the same bytes for ever.
async fn covered(show: &Show, position: u64) {
    eventually(Duration::from_secs(20), "a checkpoint that covers it", async || {
        let sheet = show.staff.get(&show.path(&format!("/settlement?at={position}"))).expect(200).await;
        (!sheet["checkpoint"].is_null()).then_some(())
    })
    .await;
}

fn euros(amount: i64) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

#[tokio::test]
async fn an_evening_is_settled_to_the_cent() {
    let show = an_evening(&shared(), "Settled").await;
    let sheet = show.seen("/settlement", show.head().await).await.json;
    assert_eq!(sheet["moment"]["provisional"], true, "it is not over yet");
    assert_eq!(
        (&sheet["show"]["starts_at"], &sheet["show"]["starts_at_local"]),
        (&json!(EXAMPLE_START), &json!("2041-05-04T20:00:00+02:00"))
    );

    let rows: Vec<Value> = sheet["tickets"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| {
            json!([
                row["ticket_type"]["name"],
                row["price"]["amount"],
                row["tax_rate_bps"],
                row["sold"],
                row["complimentary"],
                row["voided"],
                row["refunded"],
                row["persons"],
                row["admitted"],
                row["gross"]["amount"],
                row["net"]["amount"],
                row["tax"]["amount"],
            ])
        })
        .collect();
    assert_eq!(
        json!(rows),
        json!([
            ["Seat", 4000, 1900, 1, 0, 2, 1, 1, 0, 4000, 3361, 639],
            ["Floor, \"standing\"", 2675, 700, 4, 0, 0, 0, 4, 3, 10700, 10000, 700],
            ["Floor, \"standing\"", 0, 700, 0, 2, 0, 0, 2, 0, 0, 0, 0],
        ])
    );
    assert_eq!(
        sheet["lines"],
        json!([{ "kind": "discount", "count": 1, "gross": euros(-500), "net": euros(-500), "tax": euros(0) }])
    );
    assert_eq!(
        sheet["totals"],
        json!({
            "sold": 5, "complimentary": 2, "voided": 2, "refunded": 1, "persons": 7, "admitted": 3,
            "gross": euros(14200), "net": euros(12861), "tax": euros(1339),
        })
    );
    assert_eq!(
        sheet["taxes"],
        json!([
            { "rate_bps": null, "gross": euros(-500), "net": euros(-500), "tax": euros(0) },
            { "rate_bps": 700, "gross": euros(10700), "net": euros(10000), "tax": euros(700) },
            { "rate_bps": 1900, "gross": euros(4000), "net": euros(3361), "tax": euros(639) },
        ])
    );
    assert_eq!(
        sheet["reserved"],
        json!({ "orders": 1, "tickets": 1, "gross": euros(2675), "net": euros(2500), "tax": euros(175) })
    );
    assert_eq!(
        sheet["payments"],
        json!([
            { "method": "card_terminal", "paid": euros(10700), "refunded": euros(500), "kept": euros(10200) },
            { "method": "cash", "paid": euros(12000), "refunded": euros(4000), "kept": euros(8000) },
        ])
    );
    assert_eq!(
        sheet["money"],
        json!({
            "total": euros(16875), "paid": euros(22700), "refunded": euros(4500), "kept": euros(18200), "due": euros(-1325),
            "outstanding": euros(2675), "owed": euros(4000),
        })
    );
    assert_eq!(sheet["door"], json!({ "entries": 3, "counted": 0, "refusals": 1 }));
}

#[tokio::test]
async fn a_settlement_is_for_auditors_and_managers_and_of_a_moment() {
    let show = an_evening(&shared(), "Settled for whom").await;
    let path = show.path("/settlement");
    for (role, status) in [("auditor", 200), ("seller", 403), ("analyst", 403)] {
        let (_, key) = issue_key(&show.staff, role, json!({})).await;
        key.get(&path).expect(status).await;
    }
    show.anyone.get(&path).expect(401).await;
    show.staff.get(&format!("{path}?format=docx")).problem(422, "invalid").await;
    show.staff.get(&format!("{path}?as_of=2041-05-04T18:00:00Z")).problem(422, "invalid").await;

    let sold = show.recorded("TicketIssued").await;
    let first = show.staff.get(&format!("{path}?at={}", sold[0].position)).expect(200).await;
    assert_eq!((&first["totals"]["sold"], &first["moment"]["position"]), (&json!(1), &json!(sold[0].position)));
    covered(&show, sold[0].position).await;
    let (one, headers) = bytes(&show.staff, &format!("{path}?format=csv&at={}", sold[0].position)).await;
    let (again, _) = bytes(&show.staff, &format!("{path}?format=csv&at={}", sold[0].position)).await;
    assert_eq!(one, again, "the same log and moment give the same bytes");
    assert_eq!(headers["content-type"], "text/csv; charset=utf-8; header=present");
}

#[tokio::test]
async fn the_table_of_a_settlement_is_read_by_another_program_and_adds_up_there() {
    let show = an_evening(&shared(), "Settled as a table").await;
    show.head().await;
    let (table, _) = bytes(&show.staff, &show.path("/settlement?format=csv")).await;
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(&table).expect("room for it");
    let script = "
import csv, json, sys
from decimal import Decimal
rows = list(csv.DictReader(open(sys.argv[1], encoding='utf-8', newline='')))
total = next(row for row in rows if row['row'] == 'total')
money = next(row for row in rows if row['row'] == 'money')
parts = [row for row in rows if row['row'] in ('ticket', 'fee', 'donation', 'product', 'discount')]
taxes = [row for row in rows if row['row'] == 'tax']
payments = [row for row in rows if row['row'] == 'payment']
add = lambda rows, column: sum(Decimal(row[column] or '0') for row in rows)
for column in ('gross', 'net', 'tax'):
    assert add(parts, column) == Decimal(total[column]) == add(taxes, column), column
for column in ('sold', 'complimentary', 'voided', 'refunded', 'persons', 'admitted'):
    assert add(parts, column) == int(total[column]), column
for column in ('paid', 'paid_back', 'kept'):
    assert add(payments, column) == Decimal(money[column]), column
assert Decimal(money['gross']) - Decimal(money['kept']) == Decimal(money['due'])
print(json.dumps({'rows': [row['row'] for row in rows], 'name': parts[1]['name'], 'gross': total['gross'], 'due': money['due'],
    'columns': len(rows[0]), 'rates': [row['tax_percent'] for row in taxes]}))
";
    let output = Command::new("python3").arg("-c").arg(script).arg(file.path()).output().expect("python3 is missing");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}\n{}", String::from_utf8_lossy(&table));
    let read: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(
        read,
        json!({
            "rows": [
                "ticket", "ticket", "ticket", "discount", "total", "tax", "tax", "tax", "reserved", "payment", "payment", "money",
                "door", "door", "door",
            ],
            "name": "Floor, \"standing\"", "gross": "142.00", "due": "-13.25", "columns": 29, "rates": ["", "7", "19"],
        })
    );
}

#[tokio::test]
async fn the_paper_of_a_settlement_is_read_by_another_program_in_two_languages() {
    let show = an_evening(&shared(), "Settled on paper").await;
    let head = show.head().await;
    let path = show.path(&format!("/settlement?format=pdf&at={head}"));
    covered(&show, head).await;
    let folder = tempfile::tempdir().expect("a folder");
    let read = async |language: &str| {
        let client = show.staff.with_header("accept-language", language);
        let (paper, headers) = bytes(&client, &path).await;
        assert_eq!(
            (&headers["content-type"], &headers["content-language"]),
            (&"application/pdf".parse().unwrap(), &language.parse().unwrap())
        );
        let again = bytes(&client, &path).await.0;
        assert!(paper == again, "the same moment gives the same bytes");
        let file = folder.path().join(format!("{language}.pdf"));
        std::fs::write(&file, paper).expect("room for it");
        let output = Command::new("pdftotext").arg("-layout").arg(&file).arg("-").output();
        let output = output.expect("this test needs pdftotext (Debian: apt-get install poppler-utils)");
        String::from_utf8(output.stdout).expect("text")
    };
    let english = read("en").await;
    for expected in [
        "Settlement",
        "PROVISIONAL",
        "Settled on paper",
        "Town hall",
        "4 May 2041, 20:00 CEST",
        "Europe/Berlin",
        "Floor, \"standing\"",
        "142.00",
        "128.61",
        "13.39",
        "−13.25",
        "How to verify",
        "For the promoter",
        "Page 1 of",
    ] {
        assert!(english.contains(expected), "{expected} in\n{english}");
    }
    let german = read("de").await;
    for expected in [
        "Abrechnung",
        "VORLÄUFIG",
        "4.5.2041, 20:00 Uhr (CEST)",
        "142,00",
        "19 %",
        "Für den Veranstalter",
        "Seite 1 von",
    ] {
        assert!(german.contains(expected), "{expected} in\n{german}");
    }
}
