//! What all PDFs share: their measure, and why there may be none.

use krilla::error::KrillaError;

use super::qr::QrError;

/// A PDF's points in a millimetre.
pub(super) const MM: f32 = 72.0 / 25.4;

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// The token has no QR code.
    #[error("the ticket's QR code could not be made")]
    Qr(#[from] QrError),
    /// The built-in font cannot be read: a bug.
    #[error("the built-in font cannot be read")]
    Font,
    /// The page's measures are none: a bug.
    #[error("the page has no area")]
    Geometry,
    /// The document could not be written.
    #[error("the PDF could not be written: {0:?}")]
    Krilla(KrillaError),
}
