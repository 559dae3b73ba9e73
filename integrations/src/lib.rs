//! The outside world, one module each, behind small functions and traits.
//!
//! [`documents`] makes what a ticket's holder keeps: QR code, page, calendar entry. Mail, SMS, storage, payments and
//! webhooks come when a step needs them. Nothing here decides anything, and nothing here knows the log.

pub mod documents;
