//! Writes a spreadsheet, row by row, into a temporary file.
//!
//! A cell of a spreadsheet is a binary fraction of 64 bits, which is the format's own choice. An amount becomes one only here, at
//! the last step, read from its exact decimal text and only where fifteen digits say it: then the program that opens it shows
//! exactly these digits again. Longer ones are text. Beside each column of money stands one of whole minor units.

use std::{
    collections::HashMap,
    fs::File,
    io::{Error, Seek},
};

use domain::money::Currency;
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use tokio::sync::mpsc::Receiver;

use super::table::Cell;

/// Rows of a sheet, its heading among them: what Excel opens.
const ROWS_MAX: u32 = 1_048_576;

/// Decimal digits that every 64-bit binary fraction keeps.
const DIGITS_KEPT: usize = 15;

/// Writes the rows that come; hands back the file, at its beginning.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn write(name: &str, columns: &[(String, bool)], mut rows: Receiver<Vec<Cell>>) -> Result<File, Error> {
    let mut workbook = Workbook::new();
    let mut formats = Formats::default();
    let mut sheets = 0;
    let mut at = ROWS_MAX;
    while let Some(cells) = rows.blocking_recv() {
        if at == ROWS_MAX {
            begin(&mut workbook, name, sheets, columns).map_err(Error::other)?;
            sheets += 1;
            at = 1;
        }
        let sheet = workbook.worksheet_from_index(sheets - 1).map_err(Error::other)?;
        row(sheet, &mut formats, at, columns, &cells).map_err(Error::other)?;
        at += 1;
    }
    if sheets == 0 {
        begin(&mut workbook, name, sheets, columns).map_err(Error::other)?;
    }
    let mut file = tempfile::tempfile()?;
    workbook.save_to_writer(&mut file).map_err(Error::other)?;
    file.rewind()?;
    Ok(file)
}

/// A sheet with its heading.
fn begin(workbook: &mut Workbook, name: &str, sheets: usize, columns: &[(String, bool)]) -> Result<(), XlsxError> {
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    let name = if sheets == 0 { name.to_owned() } else { format!("{name} {}", sheets + 1) };
    sheet.set_name(name)?;
    let bold = Format::new().set_bold();
    let mut at = 0;
    for (column, is_money) in columns {
        sheet.write_string_with_format(0, at, column, &bold)?;
        at += 1;
        if *is_money {
            sheet.write_string_with_format(0, at, format!("{column}_minor"), &bold)?;
            at += 1;
        }
    }
    Ok(())
}

/// How numbers are shown, each way made once.
#[derive(Default)]
struct Formats(HashMap<Option<Currency>, Format>);

impl Formats {
    fn whole(&mut self) -> &Format {
        self.0.entry(None).or_insert_with(|| Format::new().set_num_format("0"))
    }

    fn of(&mut self, currency: Currency) -> &Format {
        self.0.entry(Some(currency)).or_insert_with(|| Format::new().set_num_format(shown(currency)))
    }
}

fn row(
    sheet: &mut Worksheet,
    formats: &mut Formats,
    row: u32,
    columns: &[(String, bool)],
    cells: &[Cell],
) -> Result<(), XlsxError> {
    let mut at = 0;
    for ((_, is_money), cell) in columns.iter().zip(cells) {
        match cell {
            Cell::Empty => {}
            Cell::Text(text) => {
                sheet.write_string(row, at, text)?;
            }
            Cell::Count(n) => number(sheet, row, at, &n.to_string(), formats.whole())?,
            Cell::Money(money) => {
                number(sheet, row, at, &money.decimal(), formats.of(money.currency))?;
                number(sheet, row, at + 1, &money.minor.to_string(), formats.whole())?;
            }
        }
        at += if *is_money { 2 } else { 1 };
    }
    Ok(())
}

/// A decimal number as a number where it stays the same, else as text.
fn number(sheet: &mut Worksheet, row: u32, column: u16, decimal: &str, format: &Format) -> Result<(), XlsxError> {
    match decimal.parse::<f64>() {
        Ok(number) if is_kept(decimal) => {
            sheet.write_number_with_format(row, column, number, format)?;
        }
        _ => {
            sheet.write_string(row, column, decimal)?;
        }
    }
    Ok(())
}

fn is_kept(decimal: &str) -> bool {
    decimal.bytes().filter(u8::is_ascii_digit).count() <= DIGITS_KEPT
}

/// How an amount is shown: with its currency's digits, and its code behind.
fn shown(currency: Currency) -> String {
    let digits = usize::try_from(currency.minor_digits()).unwrap_or(0);
    let fraction = if digits == 0 { String::new() } else { format!(".{}", "0".repeat(digits)) };
    format!("#,##0{fraction} \"{}\"", currency.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fifteen_digits_say_comes_back_from_a_number() {
        for decimal in ["0.10", "-1234567890123.45", "999999999999.999", "0.29", "1.005"] {
            assert!(is_kept(decimal));
            let digits = decimal.split_once('.').map_or(0, |(_, fraction)| fraction.len());
            assert_eq!(format!("{:.digits$}", decimal.parse::<f64>().unwrap()), decimal);
        }
        assert!(!is_kept("92233720368547758.07"));
    }
}
