//! What a ticket's holder keeps: the QR code, a page to print, a calendar entry.
//!
//! Pure functions from values to bytes: no I/O, no clock; the same values always give the same bytes, so that an ETag
//! over the values holds for the document.

mod calendar;
mod qr;
mod ticket_pdf;

pub use calendar::{CalendarEntry, show_calendar};
pub use qr::{QrError, ticket_qr_png, ticket_qr_svg};
pub use ticket_pdf::{PdfError, TicketPage, ticket_pdf};
