//! The QR code of a ticket: 30 mm wide, sharp on a receipt printer of 203 dpi.
//!
//! 30 mm at 203 dpi are 240 dots. Every module is a whole number of dots, or scanners stumble over uneven edges; what
//! is left over becomes margin. A token of 260 characters takes 65 modules a side at error correction M (version 12);
//! with the quiet zone of 4 modules around it (ISO/IEC 18004) that is 73, so each module gets 3 dots (0.375 mm).

use png::{BitDepth, ColorType, Encoder, PixelDimensions, Unit};
use qrcode::{Color, EcLevel, QrCode};

/// The whole picture's width and height: 30 mm at 203 dpi.
const DOTS: usize = 240;

/// 203 dpi, as a PNG says it.
const DOTS_PER_METRE: u32 = 7_992;

/// Light modules around the code, by ISO/IEC 18004.
const QUIET_MODULES: usize = 4;

/// Below three dots a module, cheap printers and scanners give up.
const DOTS_PER_MODULE_MIN: usize = 3;

/// Why there is no QR code.
#[derive(Debug, thiserror::Error)]
pub enum QrError {
    /// The text is too long for three dots a module: above 425 bytes (version 13 at error correction L).
    #[error("{bytes} bytes do not fit a QR code of 30 mm")]
    TooLong {
        /// The text's length.
        bytes: usize,
    },
    /// The picture could not be written: a bug.
    #[error("the QR code's picture could not be written")]
    Png(#[from] png::EncodingError),
}

/// A code's modules, without the quiet zone.
pub(super) struct Modules {
    /// Modules a side.
    pub(super) side: usize,
    dark: Vec<Color>,
}

impl Modules {
    /// The code of `text`: with error correction M, or L where M does not leave three dots to a module.
    pub(super) fn of(text: &str) -> Result<Self, QrError> {
        [EcLevel::M, EcLevel::L]
            .into_iter()
            .filter_map(|level| QrCode::with_error_correction_level(text, level).ok())
            .map(|code| Self { side: code.width(), dark: code.into_colors() })
            .find(|modules| modules.dots_per_module() >= DOTS_PER_MODULE_MIN)
            .ok_or(QrError::TooLong { bytes: text.len() })
    }

    /// Every run of dark modules, from left to right and top to bottom: (column, row, length).
    pub(super) fn dark_runs(&self) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
        self.dark.chunks(self.side).enumerate().flat_map(|(row, colors)| {
            let mut column = 0;
            colors.chunk_by(|one, next| one == next).filter_map(move |run| {
                let start = column;
                column += run.len();
                (run[0] == Color::Dark).then_some((start, row, run.len()))
            })
        })
    }

    /// Modules a side, with the quiet zone.
    pub(super) fn side_with_quiet_zone(&self) -> usize {
        self.side + 2 * QUIET_MODULES
    }

    fn dots_per_module(&self) -> usize {
        DOTS / self.side_with_quiet_zone()
    }
}

/// The QR code of `token` as a PNG of 240 × 240 black and white dots at 203 dpi, with its quiet zone.
///
/// # Errors
/// [`QrError::TooLong`] for what no ticket token is.
pub fn ticket_qr_png(token: &str) -> Result<Vec<u8>, QrError> {
    let modules = Modules::of(token)?;
    let mut png = Vec::new();
    let side = DOTS as u32;
    let mut encoder = Encoder::new(&mut png, side, side);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::One);
    encoder.set_pixel_dims(Some(PixelDimensions { xppu: DOTS_PER_METRE, yppu: DOTS_PER_METRE, unit: Unit::Meter }));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&bits(&modules))?;
    writer.finish()?;
    Ok(png)
}

/// The QR code of `token` as an SVG of 30 mm, with its quiet zone, black on white.
///
/// # Errors
/// [`QrError::TooLong`] for what no ticket token is.
pub fn ticket_qr_svg(token: &str) -> Result<String, QrError> {
    let modules = Modules::of(token)?;
    let side = modules.side_with_quiet_zone();
    let path: String = modules
        .dark_runs()
        .map(|(column, row, length)| {
            format!("M{} {}h{length}v1h-{length}z", column + QUIET_MODULES, row + QUIET_MODULES)
        })
        .collect();
    Ok(format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="30mm" height="30mm" viewBox="0 0 {side} {side}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{path}"/></svg>"##
    ))
}

/// The picture's rows, eight dots a byte, a set bit being white.
fn bits(modules: &Modules) -> Vec<u8> {
    const ROW_BYTES: usize = DOTS / 8;
    let dots = modules.dots_per_module();
    let margin = (DOTS - modules.side * dots) / 2;
    let mut bits = vec![0xff; ROW_BYTES * DOTS];
    for (column, row, length) in modules.dark_runs() {
        for y in margin + row * dots..margin + (row + 1) * dots {
            for x in margin + column * dots..margin + (column + length) * dots {
                bits[y * ROW_BYTES + x / 8] &= !(0x80 >> (x % 8));
            }
        }
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_token_gets_three_dots_a_module() {
        let modules = Modules::of(&"x".repeat(260)).unwrap();
        assert_eq!((modules.side, modules.dots_per_module()), (65, 3));
    }

    #[test]
    fn the_picture_is_thirty_millimetres_at_203_dpi() {
        let png = ticket_qr_png("a token").unwrap();
        let reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
        assert_eq!(reader.info().size(), (240, 240));
        let dims = reader.info().pixel_dims.unwrap();
        assert_eq!((dims.xppu, dims.yppu), (7_992, 7_992));
        assert_eq!(240 * 1_000 / dims.xppu, 30);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(matches!(ticket_qr_png(&"x".repeat(3_000)), Err(QrError::TooLong { bytes: 3_000 })));
        assert!(ticket_qr_svg(&"x".repeat(425)).is_ok());
        assert!(matches!(ticket_qr_svg(&"x".repeat(426)), Err(QrError::TooLong { bytes: 426 })));
    }

    #[test]
    fn runs_cover_exactly_the_dark_modules() {
        let modules = Modules::of("a token").unwrap();
        let covered: usize = modules.dark_runs().map(|(_, _, length)| length).sum();
        assert_eq!(covered, modules.dark.iter().filter(|color| **color == Color::Dark).count());
    }
}
