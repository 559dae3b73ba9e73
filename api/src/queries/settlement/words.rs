//! The words of a settlement's paper, in the languages that it is written in.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use projections::{history::Language, views::Money};

/// All words of one language.
pub(super) struct Words {
    pub language: Language,
    pub title: &'static str,
    pub provisional: &'static str,
    pub venue: &'static str,
    pub starts: &'static str,
    pub as_of: &'static str,
    pub zone: &'static str,
    pub status: &'static str,
    pub cancelled: &'static str,
    pub show_id: &'static str,
    pub basis: &'static str,
    /// With `{events}` and `{position}`.
    pub basis_text: &'static str,
    pub tickets: &'static str,
    pub ticket_type: &'static str,
    pub category: &'static str,
    pub price: &'static str,
    pub sold: &'static str,
    pub complimentary: &'static str,
    pub voided: &'static str,
    pub refunded_tickets: &'static str,
    pub admitted: &'static str,
    pub gross: &'static str,
    pub net: &'static str,
    pub tax: &'static str,
    pub total: &'static str,
    pub fee: &'static str,
    pub donation: &'static str,
    pub product: &'static str,
    pub discount: &'static str,
    pub taxes: &'static str,
    pub rate: &'static str,
    pub no_rate: &'static str,
    pub payments: &'static str,
    pub method: &'static str,
    pub cash: &'static str,
    pub card_terminal: &'static str,
    pub bank_transfer: &'static str,
    pub paid: &'static str,
    pub paid_back: &'static str,
    pub kept: &'static str,
    pub money: &'static str,
    pub amount: &'static str,
    pub sales: &'static str,
    /// With `{orders}` and `{tickets}`.
    pub reserved: &'static str,
    pub to_pay: &'static str,
    pub less_kept: &'static str,
    pub due: &'static str,
    pub outstanding: &'static str,
    pub owed: &'static str,
    pub door: &'static str,
    pub count: &'static str,
    pub persons: &'static str,
    pub came: &'static str,
    pub entries: &'static str,
    pub counted: &'static str,
    pub refusals: &'static str,
    pub figures: &'static str,
    pub figures_text: &'static str,
    pub proof: &'static str,
    /// With `{size}` and `{root}`.
    pub proof_text: &'static str,
    pub unproved_text: &'static str,
    pub signatures: [&'static str; 3],
    pub page_words: [&'static str; 2],
    pub thousands: char,
    pub point: char,
    pub date: &'static str,
}

static ENGLISH: Words = Words {
    language: Language::En,
    title: "Settlement",
    provisional: "PROVISIONAL",
    venue: "Venue",
    starts: "Starts",
    as_of: "As of",
    zone: "Time zone",
    status: "Status",
    cancelled: "cancelled",
    show_id: "Event",
    basis: "Basis",
    basis_text: "{events} recorded events, up to position {position} of the log",
    tickets: "Tickets",
    ticket_type: "Ticket type",
    category: "Category",
    price: "Price",
    sold: "Sold",
    complimentary: "Compli- mentary",
    voided: "Void",
    refunded_tickets: "Of these refunded",
    admitted: "Persons admitted",
    gross: "Gross",
    net: "Net",
    tax: "Tax",
    total: "Total",
    fee: "Fees",
    donation: "Donations",
    product: "Products",
    discount: "Discounts",
    taxes: "Tax",
    rate: "Rate",
    no_rate: "none stated",
    payments: "Payments",
    method: "How",
    cash: "Cash",
    card_terminal: "Card terminal",
    bank_transfer: "Bank transfer",
    paid: "Paid",
    paid_back: "Refunded",
    kept: "Kept",
    money: "What is due",
    amount: "Amount",
    sales: "Sales, gross",
    reserved: "Unpaid orders without tickets ({orders} orders, {tickets} tickets)",
    to_pay: "To be paid in all",
    less_kept: "Less payments kept",
    due: "Due",
    outstanding: "of this to come from customers",
    owed: "of this to go back to customers",
    door: "Door",
    count: "Count",
    persons: "Persons of valid tickets",
    came: "of these came",
    entries: "Entries by ticket, all areas and days",
    counted: "Persons counted without a ticket",
    refusals: "Refusals",
    figures: "What is counted",
    figures_text: "Sold and complimentary tickets are those valid at the moment above; void ones are listed apart and are in no amount. \
        Net is gross less tax. Tax is what each price held when it was fixed. A ticket counts as refunded where its price went back in full.",
    proof: "How to verify",
    proof_text: "These figures follow from the recorded events alone, which the signed checkpoint of size {size} covers; its root is\n\
        {root}\n\
        Whoever has the auditor's bundle of this event can recompute and verify them without the server: \
        turnout verify --export bundle.zip --key FILE",
    unproved_text: "These figures follow from the recorded events alone. No signed checkpoint covers them yet.",
    signatures: ["Place, date", "For the promoter", "For the box office"],
    page_words: ["Page", "of"],
    thousands: ',',
    point: '.',
    date: "%-d %B %Y, %H:%M %Z",
};

static GERMAN: Words = Words {
    language: Language::De,
    title: "Abrechnung",
    provisional: "VORLÄUFIG",
    venue: "Ort",
    starts: "Beginn",
    as_of: "Stand",
    zone: "Zeitzone",
    status: "Status",
    cancelled: "abgesagt",
    show_id: "Veranstaltung",
    basis: "Grundlage",
    basis_text: "{events} aufgezeichnete Ereignisse, bis Position {position} des Protokolls",
    tickets: "Karten",
    ticket_type: "Kartenart",
    category: "Kategorie",
    price: "Preis",
    sold: "Verkauft",
    complimentary: "Frei- karten",
    voided: "Storniert",
    refunded_tickets: "Davon erstattet",
    admitted: "Personen eingelassen",
    gross: "Brutto",
    net: "Netto",
    tax: "Steuer",
    total: "Summe",
    fee: "Gebühren",
    donation: "Spenden",
    product: "Waren",
    discount: "Nachlässe",
    taxes: "Steuer",
    rate: "Satz",
    no_rate: "nicht angegeben",
    payments: "Zahlungen",
    method: "Zahlungsart",
    cash: "Bar",
    card_terminal: "Kartenterminal",
    bank_transfer: "Überweisung",
    paid: "Gezahlt",
    paid_back: "Erstattet",
    kept: "Behalten",
    money: "Was offen ist",
    amount: "Betrag",
    sales: "Verkäufe, brutto",
    reserved: "Unbezahlte Bestellungen ohne Karten ({orders} Bestellungen, {tickets} Karten)",
    to_pay: "Insgesamt zu zahlen",
    less_kept: "Abzüglich behaltener Zahlungen",
    due: "Offen",
    outstanding: "davon noch von Kunden zu zahlen",
    owed: "davon noch an Kunden zu erstatten",
    door: "Einlass",
    count: "Anzahl",
    persons: "Personen gültiger Karten",
    came: "davon gekommen",
    entries: "Einlässe mit Karte, alle Bereiche und Tage",
    counted: "Ohne Karte gezählte Personen",
    refusals: "Abweisungen",
    figures: "Was gezählt wird",
    figures_text: "Verkaufte Karten und Freikarten sind die, die zum genannten Stand gültig waren; stornierte stehen für sich und sind in \
        keinem Betrag. Netto ist Brutto ohne Steuer. Die Steuer ist die, die im Preis enthalten war, als er festgelegt wurde. Als erstattet \
        zählt eine Karte, deren Preis ganz zurückgezahlt wurde.",
    proof: "So lässt es sich prüfen",
    proof_text: "Diese Zahlen folgen allein aus den aufgezeichneten Ereignissen, die der signierte Kontrollpunkt der Größe {size} umfasst; \
        seine Wurzel ist\n\
        {root}\n\
        Wer das Prüfpaket dieser Veranstaltung hat, kann sie ohne den Server nachrechnen und prüfen: \
        turnout verify --export bundle.zip --key DATEI",
    unproved_text: "Diese Zahlen folgen allein aus den aufgezeichneten Ereignissen. Noch umfasst sie kein signierter Kontrollpunkt.",
    signatures: ["Ort, Datum", "Für den Veranstalter", "Für die Kasse"],
    page_words: ["Seite", "von"],
    thousands: '.',
    point: ',',
    date: "%-d.%-m.%Y, %H:%M Uhr (%Z)",
};

impl Words {
    /// Those of a language.
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &ENGLISH,
            Language::De => &GERMAN,
        }
    }

    /// An amount without its currency, as it is written in this language.
    pub(super) fn amount(&self, money: &Money) -> String {
        let decimal = money.decimal();
        let (sign, digits) = decimal.strip_prefix('-').map_or(("", decimal.as_str()), |digits| ("−", digits));
        let (whole, part) = digits.split_once('.').map_or((digits, None), |(whole, part)| (whole, Some(part)));
        let mut text = sign.to_owned();
        text.push_str(&self.grouped(whole));
        if let Some(part) = part {
            text.push(self.point);
            text.push_str(part);
        }
        text
    }

    /// A whole number.
    pub(super) fn number(&self, n: i64) -> String {
        let sign = if n < 0 { "−" } else { "" };
        format!("{sign}{}", self.grouped(&n.unsigned_abs().to_string()))
    }

    /// A rate in basis points.
    pub(super) fn percent(&self, bps: Option<u32>) -> String {
        let Some(bps) = bps else { return self.no_rate.to_owned() };
        let (whole, part) = (bps / 100, format!("{:02}", bps % 100));
        match part.trim_end_matches('0') {
            "" => format!("{whole} %"),
            part => format!("{whole}{}{part} %", self.point),
        }
    }

    /// A moment on a zone's clock.
    pub(super) fn moment(&self, moment: DateTime<Utc>, zone: Tz) -> String {
        moment.with_timezone(&zone).format(self.date).to_string()
    }

    /// How money moved.
    pub(super) fn payment_method(&self, method: &str) -> String {
        match method {
            "cash" => self.cash.to_owned(),
            "card_terminal" => self.card_terminal.to_owned(),
            "bank_transfer" => self.bank_transfer.to_owned(),
            other => other.replace('_', " "),
        }
    }

    fn grouped(&self, digits: &str) -> String {
        let mut text = String::with_capacity(digits.len() + digits.len() / 3);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(self.thousands);
            }
            text.push(digit);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_people_write_them() {
        let money = |amount, currency: &str| Money { amount, currency: currency.to_owned() };
        assert_eq!(ENGLISH.amount(&money(123_456_789, "EUR")), "1,234,567.89");
        assert_eq!(GERMAN.amount(&money(-123_456, "EUR")), "−1.234,56");
        assert_eq!(ENGLISH.amount(&money(999, "JPY")), "999");
        assert_eq!(ENGLISH.amount(&money(-5, "KWD")), "−0.005");
        assert_eq!((ENGLISH.number(1_000), GERMAN.number(-1_000)), ("1,000".to_owned(), "−1.000".to_owned()));
        assert_eq!((ENGLISH.percent(Some(1_900)), GERMAN.percent(Some(550))), ("19 %".to_owned(), "5,5 %".to_owned()));
    }
}
