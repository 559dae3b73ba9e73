//! What is printed can be scanned: QR codes and pages are read back by other people's programs.
//!
//! Needs `zbarimg` (Debian: zbar-tools) and `pdftoppm`, `pdftotext` (poppler-utils).

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use chrono::{DateTime, TimeDelta};
use integrations::documents::{Column, Statement, Table, TicketPage, statement_pdf, ticket_pdf, ticket_qr_png};

/// Of the form and length of a real one.
const TOKEN: &str = "eyJhbGciOiJFZERTQSIsImtpZCI6IkFiMi1fOXhZIn0.\
    eyJzdWIiOiJBWm1nc2NMVGNBQ0FBQUFBQUFBQUFRIiwiYXVkIjoiQVptZ3NjTFRjQUNBQUFBQUFBQUFBZyIsImlhdCI6MTc2MzcxMjAwMCwibiI6MX0.\
    c2lnbmF0dXJlLW9mLXNpeHR5LWZvdXItYnl0ZXMtc28tdGhhdC10aGUtbGVuZ3RoLWlzLXJpZ2h0LS0tLS0tLS0tLS0tLQ";

fn run(program: &str, package: &str, arguments: &[&OsStr]) -> anyhow::Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .with_context(|| format!("this test needs `{program}` (Debian: apt-get install {package})"))?;
    ensure!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

fn scan(picture: &Path) -> anyhow::Result<String> {
    let options = ["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"].map(OsStr::new);
    let text = run("zbarimg", "zbar-tools", &[options.as_slice(), &[picture.as_os_str()]].concat())?;
    Ok(text.trim_end().to_owned())
}

fn page() -> TicketPage<'static> {
    TicketPage {
        show_name: "Ein Abend mit zwei Chören und einem ganz besonders langen Namen in Erfurt",
        venue_name: "Riethsporthalle",
        venue_address: "Essener Straße 20\n99089 Erfurt",
        doors_at: DateTime::from_timestamp(1_763_744_400, 0),
        starts_at: DateTime::UNIX_EPOCH + TimeDelta::seconds(1_763_748_000),
        timezone: chrono_tz::Europe::Berlin,
        ticket_type: "Category 1, reduced",
        place: Some("Block A, row 3, seat 12"),
        persons: 1,
        holder: Some("Zoë Müller-Łukasiewicz"),
        short_code: "04711",
        order_reference: Some("K7M2-9QXD"),
        token: TOKEN,
    }
}

#[test]
fn a_tickets_qr_code_is_read_by_a_scanner() -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let longest = "x".repeat(260);
    for token in [TOKEN, longest.as_str(), "short"] {
        let picture = directory.path().join("qr.png");
        std::fs::write(&picture, ticket_qr_png(token)?)?;
        assert_eq!(scan(&picture)?, token);
    }
    Ok(())
}

#[test]
fn a_printed_page_is_read_by_a_scanner_and_says_what_when_and_where() -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("ticket.pdf");
    let pdf = ticket_pdf(&page())?;
    std::fs::write(&file, &pdf)?;
    assert_eq!(pdf, ticket_pdf(&page())?, "the same page gives the same bytes");
    assert!(pdf.len() < 100_000, "{} bytes: is the whole font in it?", pdf.len());

    let prefix = directory.path().join("ticket");
    let options = ["-png", "-r", "203", "-singlefile"].map(OsStr::new);
    run("pdftoppm", "poppler-utils", &[options.as_slice(), &[file.as_os_str(), prefix.as_os_str()]].concat())?;
    assert_eq!(scan(&prefix.with_extension("png"))?, TOKEN);

    let text = run("pdftotext", "poppler-utils", &["-layout".as_ref(), file.as_os_str(), "-".as_ref()])?;
    for expected in [
        "Ein Abend mit zwei Chören",
        "Friday, 21 November 2025, 19:00 CET",
        "Doors open: 18:00",
        "Riethsporthalle",
        "99089 Erfurt",
        "Block A, row 3, seat 12",
        "Zoë Müller-Łukasiewicz",
        "04711",
        "K7M2-9QXD",
    ] {
        assert!(text.contains(expected), "{expected} in\n{text}");
    }
    Ok(())
}

/// A statement of so many rows.
fn statement(rows: usize) -> Statement {
    let columns = ["Ticket type", "Category"].map(Column::text).into_iter();
    let figures = [
        "Price",
        "Sold",
        "Compli- mentary",
        "Void",
        "Of these refunded",
        "Persons admitted",
        "Gross EUR",
        "Net EUR",
        "Tax EUR",
    ];
    let row = |n: usize| {
        let mut cells = vec![format!("Sitzplatz ermäßigt für Mitglieder, Reihe {n}"), format!("Kategorie {n}")];
        cells.extend((1..=9).map(|column| format!("1,{n:03}.{column:02}")));
        cells
    };
    Statement {
        language: "en".to_owned(),
        title: "Settlement".to_owned(),
        heading: "Ein Abend mit zwei Chören".to_owned(),
        mark: Some("PROVISIONAL".to_owned()),
        facts: vec![("Venue".to_owned(), "Riethsporthalle, Essener Straße 20, 99089 Erfurt".to_owned())],
        tables: vec![Table {
            heading: "Tickets".to_owned(),
            columns: columns.chain(figures.map(Column::figures)).collect(),
            rows: (0..rows).map(row).collect(),
            sums: vec![row(999)],
        }],
        notes: vec![("How to verify".to_owned(), "Compare it with the bundle.".to_owned())],
        signatures: vec!["Place, date".to_owned(), "For the promoter".to_owned()],
        foot: "Settlement: Ein Abend".to_owned(),
        page_words: ["Page".to_owned(), "of".to_owned()],
    }
}

#[test]
fn a_long_statement_goes_on_over_pages_and_loses_no_figure() -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    for (rows, pages) in [(0, 1), (5, 1), (120, 4)] {
        let file = directory.path().join("statement.pdf");
        let pdf = statement_pdf(&statement(rows))?;
        ensure!(pdf == statement_pdf(&statement(rows))?, "the same statement gives the same bytes");
        std::fs::write(&file, &pdf)?;
        let text = run("pdftotext", "poppler-utils", &["-layout".as_ref(), file.as_os_str(), "-".as_ref()])?;
        for n in 0..rows {
            for column in 1..=9 {
                ensure!(
                    text.contains(&format!("1,{n:03}.{column:02}")),
                    "row {n}, column {column} of {rows} in\n{text}"
                );
            }
        }
        ensure!(text.contains("1,999.09") && text.contains("For the promoter") && text.contains("PROVISIONAL"));
        assert_eq!(text.matches('\u{c}').count(), pages, "{rows} rows");
        assert!(text.contains(&format!("Page {pages} of {pages}")), "{text}");
        assert_eq!(
            text.matches("Ticket type").count(),
            if rows == 120 { pages } else { 1 },
            "each page has the table's head"
        );
    }
    Ok(())
}
