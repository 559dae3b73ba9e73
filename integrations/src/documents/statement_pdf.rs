//! A statement of figures, to print and sign: A4, as many pages as it takes, in PDF.
//!
//! From top to bottom: what it is and of what, facts beside their names, tables with their figures to the right, notes, and lines to
//! sign on; at the foot of each page what it belongs to and its number. A table that goes on has its head again. Figures are never
//! cut: a table with long ones is set smaller. All texts come from outside, in whichever language.

mod pages;

use krilla::Document;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::text::TextDirection;

use self::pages::{Ink, PAGE_HEIGHT, PAGE_WIDTH, Pages};
use super::{pdf::PdfError, typeface::Typeface};

/// What a statement says.
#[derive(Clone, Debug, Default)]
pub struct Statement {
    /// The language of its texts, such as `en`.
    pub language: String,
    /// What it is, such as `Settlement`.
    pub title: String,
    /// Of what.
    pub heading: String,
    /// What has to be seen first, such as `Provisional`.
    pub mark: Option<String>,
    /// Facts, by their names.
    pub facts: Vec<(String, String)>,
    /// Its figures.
    pub tables: Vec<Table>,
    /// What else there is to know: a heading and a text each.
    pub notes: Vec<(String, String)>,
    /// Who signs: what stands below each line.
    pub signatures: Vec<String>,
    /// What stands at the foot of each page.
    pub foot: String,
    /// The words of page numbers, such as `Page` and `of`.
    pub page_words: [String; 2],
}

/// A table of a statement. Every row has a cell for each column.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// What it shows.
    pub heading: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
    /// The last rows, set apart as sums.
    pub sums: Vec<Vec<String>>,
}

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its head.
    pub heading: String,
    /// Whether it holds figures, which stand to the right and are never cut.
    pub figures: bool,
}

impl Column {
    /// A column of texts.
    #[must_use]
    pub fn text(heading: &str) -> Self {
        Self { heading: heading.to_owned(), figures: false }
    }

    /// A column of figures.
    #[must_use]
    pub fn figures(heading: &str) -> Self {
        Self { heading: heading.to_owned(), figures: true }
    }
}

/// The statement, `application/pdf`; the same statement always gives the same bytes.
///
/// # Errors
/// All of [`PdfError`] are bugs here.
pub fn statement_pdf(statement: &Statement) -> Result<Vec<u8>, PdfError> {
    let regular = Typeface::read(dejavu::sans::regular()).ok_or(PdfError::Font)?;
    let bold = Typeface::read(dejavu::sans::bold()).ok_or(PdfError::Font)?;
    let pages = Pages::of(statement, &regular, &bold);
    let mut document = Document::new();
    let title = format!("{}: {}", statement.title, statement.heading);
    document.set_metadata(Metadata::new().title(title).language(statement.language.clone()));
    for inks in pages {
        let settings = PageSettings::from_wh(PAGE_WIDTH, PAGE_HEIGHT).ok_or(PdfError::Geometry)?;
        let mut sheet = document.start_page_with(settings);
        let mut surface = sheet.surface();
        surface.set_fill(Some(Fill::default()));
        for ink in inks {
            draw(&mut surface, &ink, &regular, &bold)?;
        }
        surface.finish();
        sheet.finish();
    }
    document.finish().map_err(PdfError::Krilla)
}

fn draw(surface: &mut Surface<'_>, ink: &Ink, regular: &Typeface<'_>, bold: &Typeface<'_>) -> Result<(), PdfError> {
    match ink {
        Ink::Text { x, baseline, size, is_bold, text } => {
            let face = if *is_bold { bold } else { regular };
            let at = Point::from_xy(*x, *baseline);
            surface.draw_text(at, face.font.clone(), *size, text, false, TextDirection::Auto);
        }
        Ink::Rule { x, y, width, thickness } => {
            let mut path = PathBuilder::new();
            path.push_rect(Rect::from_xywh(*x, *y, *width, *thickness).ok_or(PdfError::Geometry)?);
            surface.draw_path(&path.finish().ok_or(PdfError::Geometry)?);
        }
    }
    Ok(())
}
