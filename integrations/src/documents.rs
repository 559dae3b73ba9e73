//! Papers: what a ticket's holder keeps (the QR code, a page to print, a calendar entry), and statements of figures to sign.
//!
//! Pure functions from values to bytes: no I/O, no clock; the same values always give the same bytes, so that an ETag
//! over the values holds for the document.

mod calendar;
mod pdf;
mod qr;
mod statement_pdf;
mod ticket_pdf;
mod typeface;

pub use calendar::{CalendarEntry, show_calendar};
pub use pdf::PdfError;
pub use qr::{QrError, ticket_qr_png, ticket_qr_svg};
pub use statement_pdf::{Column, Statement, Table, statement_pdf};
pub use ticket_pdf::{TicketPage, ticket_pdf};
