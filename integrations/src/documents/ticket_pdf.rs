//! A ticket to print or to keep on a phone: one page of A6, in PDF.
//!
//! From top to bottom: what, when (in the show's zone), where, which place, and at the foot the QR code as vectors
//! with the short code beside it, large, for when no scanner reads it. Set in DejaVu Sans (its licence allows
//! embedding; only the glyphs used are); scripts that it lacks, such as Chinese, show as boxes until a font for them
//! is added. Long texts are cut with an ellipsis: a page never runs over.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use krilla::Document;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::text::TextDirection;

use super::{
    pdf::{MM, PdfError},
    qr::Modules,
    typeface::Typeface,
};

const PAGE_WIDTH: f32 = 105.0 * MM;
const PAGE_HEIGHT: f32 = 148.0 * MM;
const MARGIN: f32 = 8.0 * MM;
const TEXT_WIDTH: f32 = PAGE_WIDTH - 2.0 * MARGIN;

/// With its quiet zone. Larger than the 30 mm that must do: there is room, and phones' screens are scanned, too.
const QR_WIDTH: f32 = 46.0 * MM;

/// What the page says.
#[derive(Clone, Copy, Debug)]
pub struct TicketPage<'text> {
    /// The show's name.
    pub show_name: &'text str,
    /// The venue's name.
    pub venue_name: &'text str,
    /// The venue's address, in lines; may be empty.
    pub venue_address: &'text str,
    /// When doors open, where the show says.
    pub doors_at: Option<DateTime<Utc>>,
    /// When it starts.
    pub starts_at: DateTime<Utc>,
    /// The show's zone, in which times are written.
    pub timezone: Tz,
    /// The ticket type's name.
    pub ticket_type: &'text str,
    /// The place as people read it, such as `Block A, row 3, seat 12`; nothing where one stands anywhere.
    pub place: Option<&'text str>,
    /// How many people the ticket admits.
    pub persons: u32,
    /// Whose ticket it is, where that is known.
    pub holder: Option<&'text str>,
    /// The short code.
    pub short_code: &'text str,
    /// The order's reference, where there is one.
    pub order_reference: Option<&'text str>,
    /// The ticket's token, for the QR code.
    pub token: &'text str,
}

/// Where the next line goes.
struct Pen {
    x: f32,
    y: f32,
    width: f32,
}

/// The ticket's page, `application/pdf`; the same page always gives the same bytes.
///
/// # Errors
/// [`PdfError::Qr`] for a token that is none; all others are bugs.
pub fn ticket_pdf(page: &TicketPage<'_>) -> Result<Vec<u8>, PdfError> {
    let modules = Modules::of(page.token)?;
    let regular = Typeface::read(dejavu::sans::regular()).ok_or(PdfError::Font)?;
    let bold = Typeface::read(dejavu::sans::bold()).ok_or(PdfError::Font)?;
    let mut document = Document::new();
    document.set_metadata(Metadata::new().title(page.show_name.to_owned()).language("en".to_owned()));
    let settings = PageSettings::from_wh(PAGE_WIDTH, PAGE_HEIGHT).ok_or(PdfError::Geometry)?;
    let mut sheet = document.start_page_with(settings);
    let mut surface = sheet.surface();
    surface.set_fill(Some(Fill::default()));
    draw_facts(&mut surface, page, &regular, &bold);
    draw_qr(&mut surface, &modules)?;
    draw_code(&mut surface, page, &regular, &bold);
    surface.finish();
    sheet.finish();
    document.finish().map_err(PdfError::Krilla)
}

fn draw_facts(surface: &mut Surface<'_>, page: &TicketPage<'_>, regular: &Typeface<'_>, bold: &Typeface<'_>) {
    let mut pen = Pen { x: MARGIN, y: MARGIN, width: TEXT_WIDTH };
    pen.write(surface, bold, 16.0, 2, page.show_name);
    pen.skip(2.0 * MM);
    let starts_at = page.starts_at.with_timezone(&page.timezone);
    pen.write(surface, bold, 10.5, 1, &starts_at.format("%A, %-d %B %Y, %H:%M %Z").to_string());
    if let Some(doors_at) = page.doors_at {
        let doors_at = doors_at.with_timezone(&page.timezone);
        // Doors of a festival may open the day before.
        let form = if doors_at.date_naive() == starts_at.date_naive() { "%H:%M" } else { "%-d %B, %H:%M" };
        pen.write(surface, regular, 9.0, 1, &format!("Doors open: {}", doors_at.format(form)));
    }
    pen.skip(2.0 * MM);
    pen.write(surface, bold, 9.0, 1, page.venue_name);
    for line in page.venue_address.lines().map(str::trim).filter(|line| !line.is_empty()).take(3) {
        pen.write(surface, regular, 9.0, 1, line);
    }
    pen.skip(2.0 * MM);
    let ticket_type = match page.persons {
        1 => page.ticket_type.to_owned(),
        persons => format!("{}, admits {persons}", page.ticket_type),
    };
    pen.write(surface, regular, 10.5, 1, &ticket_type);
    if let Some(place) = page.place {
        pen.write(surface, bold, 12.0, 2, place);
    }
    if let Some(holder) = page.holder {
        pen.write(surface, regular, 9.0, 1, holder);
    }
}

fn draw_qr(surface: &mut Surface<'_>, modules: &Modules) -> Result<(), PdfError> {
    let module = QR_WIDTH / modules.side_with_quiet_zone() as f32;
    let quiet = (modules.side_with_quiet_zone() - modules.side) as f32 / 2.0 * module;
    let (left, top) = (MARGIN, PAGE_HEIGHT - MARGIN - QR_WIDTH);
    let mut path = PathBuilder::new();
    for (column, row, length) in modules.dark_runs() {
        let x = left + quiet + column as f32 * module;
        let y = top + quiet + row as f32 * module;
        path.push_rect(Rect::from_xywh(x, y, length as f32 * module, module).ok_or(PdfError::Geometry)?);
    }
    surface.draw_path(&path.finish().ok_or(PdfError::Geometry)?);
    Ok(())
}

fn draw_code(surface: &mut Surface<'_>, page: &TicketPage<'_>, regular: &Typeface<'_>, bold: &Typeface<'_>) {
    let x = MARGIN + QR_WIDTH + 3.0 * MM;
    let mut pen = Pen { x, y: PAGE_HEIGHT - MARGIN - QR_WIDTH + 8.0 * MM, width: PAGE_WIDTH - MARGIN - x };
    pen.write(surface, regular, 9.0, 1, "Code");
    let size = bold.size_that_fits(page.short_code, pen.width, 30.0);
    pen.write(surface, bold, size, 1, page.short_code);
    if let Some(reference) = page.order_reference {
        pen.skip(4.0 * MM);
        pen.write(surface, regular, 9.0, 1, "Order");
        pen.write(surface, regular, 10.5, 1, reference);
    }
}

impl Pen {
    /// Writes `text` in at most `lines_max` lines of `size` points and moves below them.
    fn write(&mut self, surface: &mut Surface<'_>, face: &Typeface<'_>, size: f32, lines_max: usize, text: &str) {
        for line in face.lines(text, size, self.width, lines_max) {
            let baseline = Point::from_xy(self.x, self.y + size);
            surface.draw_text(baseline, face.font.clone(), size, &line, false, TextDirection::Auto);
            self.skip(size * 1.3);
        }
    }

    fn skip(&mut self, points: f32) {
        self.y += points;
    }
}
