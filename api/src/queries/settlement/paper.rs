//! A settlement as a paper: which facts and tables stand on it, in which words.

use chrono_tz::Tz;
use integrations::documents::{Column, Statement, Table};
use projections::settlement::{SettledTickets, Settlement};

use super::words::Words;

/// The paper.
pub(super) fn statement(sheet: &Settlement, words: &Words) -> Statement {
    let mut tables = vec![tickets(sheet, words), taxes(sheet, words), money(sheet, words)];
    if !sheet.payments.is_empty() {
        tables.push(payments(sheet, words));
    }
    tables.push(door(sheet, words));
    let moment = &sheet.moment;
    let proof = match &sheet.checkpoint {
        Some(checkpoint) => {
            words.proof_text.replace("{size}", &checkpoint.size.to_string()).replace("{root}", &checkpoint.root)
        }
        None => words.unproved_text.to_owned(),
    };
    Statement {
        language: words.language.code().to_owned(),
        title: words.title.to_owned(),
        heading: sheet.show.name.clone(),
        mark: moment.provisional.then(|| words.provisional.to_owned()),
        facts: facts(sheet, words),
        tables,
        notes: vec![(words.figures.to_owned(), words.figures_text.to_owned()), (words.proof.to_owned(), proof)],
        signatures: words.signatures.map(str::to_owned).to_vec(),
        foot: format!("{}: {} · {}", words.title, sheet.show.name, words.moment(moment.as_of, zone(sheet))),
        page_words: words.page_words.map(str::to_owned),
    }
}

fn facts(sheet: &Settlement, words: &Words) -> Vec<(String, String)> {
    let (show, moment) = (&sheet.show, &sheet.moment);
    let zone = zone(sheet);
    let mut venue = show.venue.name.clone();
    for line in show.venue.address.lines().map(str::trim).filter(|line| !line.is_empty()) {
        venue.push_str(", ");
        venue.push_str(line);
    }
    let basis = words
        .basis_text
        .replace("{events}", &words.number(moment.events))
        .replace("{position}", &words.number(moment.position));
    let mut facts = vec![
        (words.venue, venue),
        (words.starts, words.moment(show.starts_at, zone)),
        (words.as_of, words.moment(moment.as_of, zone)),
        (words.zone, show.timezone.clone()),
    ];
    if show.status == "cancelled" {
        facts.push((words.status, words.cancelled.to_owned()));
    }
    facts.push((words.basis, basis));
    facts.push((words.show_id, show.id.to_string()));
    facts.into_iter().map(|(name, fact)| (name.to_owned(), fact)).collect()
}

/// The show's zone; UTC is not reached, as a zone is parsed when a show is scheduled.
fn zone(sheet: &Settlement) -> Tz {
    sheet.show.timezone.parse().unwrap_or(Tz::UTC)
}

fn tickets(sheet: &Settlement, words: &Words) -> Table {
    let has_categories = sheet.tickets.iter().any(|row| row.category.is_some());
    let mut columns = vec![Column::text(words.ticket_type)];
    if has_categories {
        columns.push(Column::text(words.category));
    }
    let currency = &sheet.show.currency;
    for heading in [
        words.price,
        words.sold,
        words.complimentary,
        words.voided,
        words.refunded_tickets,
        words.admitted,
        &format!("{} {currency}", words.gross),
        &format!("{} {currency}", words.net),
        &format!("{} {currency}", words.tax),
    ] {
        columns.push(Column::figures(heading));
    }
    let category = |text: &str| has_categories.then(|| text.to_owned());
    let row = |row: &SettledTickets| {
        let mut cells = vec![row.ticket_type.name.clone()];
        cells.extend(category(row.category.as_deref().unwrap_or_default()));
        cells.push(words.amount(&row.price));
        cells.extend([row.sold, row.complimentary, row.voided, row.refunded, row.admitted].map(|n| words.number(n)));
        cells.extend([&row.gross, &row.net, &row.tax].map(|money| words.amount(money)));
        cells
    };
    let mut rows: Vec<Vec<String>> = sheet.tickets.iter().map(row).collect();
    for line in &sheet.lines {
        let kind = match line.kind.as_str() {
            "fee" => words.fee,
            "donation" => words.donation,
            "product" => words.product,
            "discount" => words.discount,
            other => other,
        };
        let mut cells = vec![format!("{kind} ({})", words.number(line.count))];
        cells.extend(category(""));
        cells.extend(std::iter::repeat_n(String::new(), 6));
        cells.extend([&line.gross, &line.net, &line.tax].map(|money| words.amount(money)));
        rows.push(cells);
    }
    let whole = &sheet.totals;
    let mut sums = vec![words.total.to_owned()];
    sums.extend(category(""));
    sums.push(String::new());
    sums.extend(
        [whole.sold, whole.complimentary, whole.voided, whole.refunded, whole.admitted].map(|n| words.number(n)),
    );
    sums.extend([&whole.gross, &whole.net, &whole.tax].map(|money| words.amount(money)));
    Table { heading: words.tickets.to_owned(), columns, rows, sums: vec![sums] }
}

fn taxes(sheet: &Settlement, words: &Words) -> Table {
    let currency = &sheet.show.currency;
    let figures = |heading: &str| Column::figures(&format!("{heading} {currency}"));
    let columns = vec![Column::text(words.rate), figures(words.net), figures(words.tax), figures(words.gross)];
    let rows = sheet.taxes.iter().map(|row| {
        let mut cells = vec![words.percent(row.rate_bps)];
        cells.extend([&row.net, &row.tax, &row.gross].map(|money| words.amount(money)));
        cells
    });
    let rows = rows.collect();
    let mut sums = vec![words.total.to_owned()];
    sums.extend([&sheet.totals.net, &sheet.totals.tax, &sheet.totals.gross].map(|money| words.amount(money)));
    Table { heading: words.taxes.to_owned(), columns, rows, sums: vec![sums] }
}

fn money(sheet: &Settlement, words: &Words) -> Table {
    let reserved = words
        .reserved
        .replace("{orders}", &words.number(sheet.reserved.orders))
        .replace("{tickets}", &words.number(sheet.reserved.tickets));
    let line = |what: &str, money| vec![what.to_owned(), words.amount(money)];
    let money = &sheet.money;
    Table {
        heading: words.money.to_owned(),
        columns: vec![Column::text(""), Column::figures(&format!("{} {}", words.amount, sheet.show.currency))],
        rows: vec![
            line(words.sales, &sheet.totals.gross),
            line(&reserved, &sheet.reserved.gross),
            line(words.to_pay, &money.total),
            line(words.less_kept, &money.kept),
        ],
        sums: vec![
            line(words.due, &money.due),
            line(words.outstanding, &money.outstanding),
            line(words.owed, &money.owed),
        ],
    }
}

fn payments(sheet: &Settlement, words: &Words) -> Table {
    let currency = &sheet.show.currency;
    let figures = |heading: &str| Column::figures(&format!("{heading} {currency}"));
    let line = |what: String, of: [&_; 3]| {
        let mut cells = vec![what];
        cells.extend(of.map(|money| words.amount(money)));
        cells
    };
    let rows =
        sheet.payments.iter().map(|row| line(words.payment_method(&row.method), [&row.paid, &row.refunded, &row.kept]));
    let money = &sheet.money;
    Table {
        heading: words.payments.to_owned(),
        columns: vec![Column::text(words.method), figures(words.paid), figures(words.paid_back), figures(words.kept)],
        rows: rows.collect(),
        sums: vec![line(words.total.to_owned(), [&money.paid, &money.refunded, &money.kept])],
    }
}

fn door(sheet: &Settlement, words: &Words) -> Table {
    let line = |what: &str, n: i64| vec![what.to_owned(), words.number(n)];
    Table {
        heading: words.door.to_owned(),
        columns: vec![Column::text(""), Column::figures(words.count)],
        rows: vec![
            line(words.persons, sheet.totals.persons),
            line(words.came, sheet.totals.admitted),
            line(words.entries, sheet.door.entries),
            line(words.counted, sheet.door.counted),
            line(words.refusals, sheet.door.refusals),
        ],
        sums: Vec::new(),
    }
}
