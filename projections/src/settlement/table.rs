//! A settlement written down: JSON, and one CSV table (RFC 4180) in which a column says what each row is.
//!
//! Amounts in CSV are decimal text of major units with as many digits as the currency has, exact, as in reports. What a row has
//! nothing to say of is empty. Each row names the show, the moment and the checkpoint, so that tables of several shows can be put
//! below each other.

use domain::money::{Amount, Currency};

use super::Settlement;
use crate::views::Money;

/// The columns, in their order.
const COLUMNS: [&str; 29] = [
    "row",
    "ticket_type",
    "name",
    "category",
    "price",
    "tax_percent",
    "count",
    "sold",
    "complimentary",
    "voided",
    "refunded",
    "persons",
    "admitted",
    "gross",
    "net",
    "tax",
    "paid",
    "paid_back",
    "kept",
    "due",
    "outstanding",
    "owed",
    "currency",
    "show",
    "as_of",
    "provisional",
    "position",
    "checkpoint_size",
    "checkpoint_root",
];

/// What stands in a row, by column.
type Cells = Vec<(&'static str, String)>;

impl Settlement {
    /// As JSON, set out for people to read.
    #[must_use]
    pub fn json(&self) -> Vec<u8> {
        // Our own structs of texts and numbers.
        let mut text = serde_json::to_vec_pretty(self).expect("a settlement is always writable as JSON");
        text.push(b'\n');
        text
    }

    /// As CSV.
    #[must_use]
    pub fn csv(&self) -> Vec<u8> {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        let mut write = |record: Vec<&str>| {
            writer.write_record(record).expect("memory takes every record of the same length");
        };
        write(COLUMNS.to_vec());
        let common = self.common();
        for row in self.rows() {
            let cell = |column: &&'static str| {
                let found = row.iter().chain(&common).find(|(name, _)| name == column);
                found.map_or("", |(_, text)| text.as_str())
            };
            write(COLUMNS.iter().map(cell).collect());
        }
        writer.into_inner().expect("memory takes what is left")
    }

    fn rows(&self) -> Vec<Cells> {
        let amounts = |gross: &Money, net: &Money, tax: &Money| {
            vec![("gross", decimal(gross)), ("net", decimal(net)), ("tax", decimal(tax))]
        };
        let kind = |kind: &str| vec![("row", kind.to_owned())];
        let mut rows = Vec::new();
        for row in &self.tickets {
            let what = vec![
                ("ticket_type", row.ticket_type.id.to_string()),
                ("name", row.ticket_type.name.clone()),
                ("category", row.category.clone().unwrap_or_default()),
                ("price", decimal(&row.price)),
                ("tax_percent", percent(row.tax_rate_bps)),
                ("sold", row.sold.to_string()),
                ("complimentary", row.complimentary.to_string()),
                ("voided", row.voided.to_string()),
                ("refunded", row.refunded.to_string()),
                ("persons", row.persons.to_string()),
                ("admitted", row.admitted.to_string()),
            ];
            rows.push([kind("ticket"), what, amounts(&row.gross, &row.net, &row.tax)].concat());
        }
        for row in &self.lines {
            let count = vec![("count", row.count.to_string())];
            rows.push([kind(&row.kind), count, amounts(&row.gross, &row.net, &row.tax)].concat());
        }
        let whole = &self.totals;
        let counts = vec![
            ("sold", whole.sold.to_string()),
            ("complimentary", whole.complimentary.to_string()),
            ("voided", whole.voided.to_string()),
            ("refunded", whole.refunded.to_string()),
            ("persons", whole.persons.to_string()),
            ("admitted", whole.admitted.to_string()),
        ];
        rows.push([kind("total"), counts, amounts(&whole.gross, &whole.net, &whole.tax)].concat());
        for row in &self.taxes {
            let rate = vec![("tax_percent", percent(row.rate_bps))];
            rows.push([kind("tax"), rate, amounts(&row.gross, &row.net, &row.tax)].concat());
        }
        let waiting = &self.reserved;
        let count = vec![("count", waiting.tickets.to_string())];
        rows.push([kind("reserved"), count, amounts(&waiting.gross, &waiting.net, &waiting.tax)].concat());
        for row in &self.payments {
            let moved = vec![
                ("name", row.method.clone()),
                ("paid", decimal(&row.paid)),
                ("paid_back", decimal(&row.refunded)),
                ("kept", decimal(&row.kept)),
            ];
            rows.push([kind("payment"), moved].concat());
        }
        let money = &self.money;
        let moved = vec![
            ("gross", decimal(&money.total)),
            ("paid", decimal(&money.paid)),
            ("paid_back", decimal(&money.refunded)),
            ("kept", decimal(&money.kept)),
            ("due", decimal(&money.due)),
            ("outstanding", decimal(&money.outstanding)),
            ("owed", decimal(&money.owed)),
        ];
        rows.push([kind("money"), moved].concat());
        for (name, count) in
            [("entries", self.door.entries), ("counted", self.door.counted), ("refusals", self.door.refusals)]
        {
            rows.push([kind("door"), vec![("name", name.to_owned()), ("count", count.to_string())]].concat());
        }
        rows
    }

    fn common(&self) -> Cells {
        let checkpoint = self.checkpoint.as_ref();
        vec![
            ("currency", self.show.currency.clone()),
            ("show", self.show.id.to_string()),
            ("as_of", self.moment.as_of_local.clone()),
            ("provisional", self.moment.provisional.to_string()),
            ("position", self.moment.position.to_string()),
            ("checkpoint_size", checkpoint.map(|checkpoint| checkpoint.size.to_string()).unwrap_or_default()),
            ("checkpoint_root", checkpoint.map(|checkpoint| checkpoint.root.clone()).unwrap_or_default()),
        ]
    }
}

impl Money {
    /// In major units, as a decimal number that says exactly the same.
    #[must_use]
    pub fn decimal(&self) -> String {
        match Currency::try_from(self.currency.clone()) {
            Ok(currency) => Amount(self.amount).decimal(currency),
            // Not reached: a show's currency was parsed when it was scheduled.
            Err(_) => self.amount.to_string(),
        }
    }
}

fn decimal(money: &Money) -> String {
    money.decimal()
}

/// Of basis points: `19`, `5.5`.
fn percent(bps: Option<u32>) -> String {
    let Some(bps) = bps else { return String::new() };
    match (bps / 100, bps % 100) {
        (whole, 0) => whole.to_string(),
        (whole, part) if part % 10 == 0 => format!("{whole}.{}", part / 10),
        (whole, part) => format!("{whole}.{part:02}"),
    }
}
