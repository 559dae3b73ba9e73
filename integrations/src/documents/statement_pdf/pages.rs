//! Where everything of a statement goes: its lines and rules, page by page.

use super::super::{pdf::MM, typeface::Typeface};
use super::{Column, Statement, Table};

pub(super) const PAGE_WIDTH: f32 = 210.0 * MM;
pub(super) const PAGE_HEIGHT: f32 = 297.0 * MM;
const MARGIN: f32 = 17.0 * MM;
const TEXT_WIDTH: f32 = PAGE_WIDTH - 2.0 * MARGIN;
/// Below it is the foot.
const BOTTOM: f32 = PAGE_HEIGHT - MARGIN - 8.0 * MM;

const BODY: f32 = 9.0;
const LEADING: f32 = 1.35;
/// Between two columns.
const GAP: f32 = 2.2 * MM;
/// Sizes of a table's letters, the largest that fits.
const TABLE_SIZES: [f32; 7] = [8.5, 8.0, 7.5, 7.0, 6.5, 6.0, 5.0];
/// What a column of texts has at least, where a smaller size can give it.
const TEXT_COLUMN_MIN: f32 = 24.0 * MM;
/// Lines of a text in a cell.
const CELL_LINES_MAX: usize = 3;
const HAIRLINE: f32 = 0.4;
const RULE: f32 = 0.9;

/// Something that is drawn.
pub(super) enum Ink {
    Text { x: f32, baseline: f32, size: f32, is_bold: bool, text: String },
    Rule { x: f32, y: f32, width: f32, thickness: f32 },
}

/// The pages so far.
pub(super) struct Pages<'a> {
    regular: &'a Typeface<'a>,
    bold: &'a Typeface<'a>,
    pages: Vec<Vec<Ink>>,
    y: f32,
}

/// Columns of a table, measured.
#[derive(Clone)]
struct Grid {
    size: f32,
    widths: Vec<f32>,
}

impl<'a> Pages<'a> {
    /// All of them, with what is drawn on each.
    pub fn of(statement: &Statement, regular: &'a Typeface<'a>, bold: &'a Typeface<'a>) -> Vec<Vec<Ink>> {
        let mut pages = Self { regular, bold, pages: vec![Vec::new()], y: MARGIN };
        pages.head(statement);
        for table in &statement.tables {
            pages.table(table);
        }
        for (heading, text) in &statement.notes {
            pages.note(heading, text);
        }
        pages.signatures(&statement.signatures);
        pages.feet(statement);
        pages.pages
    }

    fn head(&mut self, statement: &Statement) {
        let mark_width = statement.mark.as_ref().map_or(0.0, |mark| {
            let width = self.bold.width(mark, 11.0);
            let x = PAGE_WIDTH - MARGIN - width - 3.0 * MM;
            self.put(x, self.y + 11.0, 11.0, true, mark.clone());
            let (left, top, height) = (x - 3.0 * MM, self.y - 3.0, 18.0);
            for (x, y, width, height) in [
                (left, top, width + 6.0 * MM, RULE),
                (left, top + height, width + 6.0 * MM, RULE),
                (left, top, RULE, height + RULE),
                (left + width + 6.0 * MM, top, RULE, height + RULE),
            ] {
                self.ink(Ink::Rule { x, y, width, thickness: height });
            }
            width + 10.0 * MM
        });
        self.write(true, 11.0, MARGIN, TEXT_WIDTH - mark_width, 1, &statement.title);
        self.y += 1.5 * MM;
        self.write(true, 17.0, MARGIN, TEXT_WIDTH, 2, &statement.heading);
        self.y += 2.0 * MM;
        let names = statement.facts.iter().map(|(name, _)| self.regular.width(name, BODY)).fold(0.0, f32::max);
        let x = MARGIN + names + 5.0 * MM;
        for (name, fact) in &statement.facts {
            self.room_for(BODY * LEADING);
            let top = self.y;
            self.write(false, BODY, MARGIN, names + 1.0, 1, name);
            let below = self.y;
            self.y = top;
            self.write(false, BODY, x, PAGE_WIDTH - MARGIN - x, 3, fact);
            self.y = self.y.max(below);
        }
    }

    fn table(&mut self, table: &Table) {
        let grid = self.grid(table);
        let row = grid.size * LEADING;
        // A heading stays with the head of its table and two rows.
        self.room_for(8.0 * MM + BODY + 5.0 * row);
        self.y += 6.0 * MM;
        self.write(true, 10.5, MARGIN, TEXT_WIDTH, 1, &table.heading);
        self.y += 0.5 * MM;
        self.columns(table, &grid);
        for cells in &table.rows {
            let lines = self.cells(table, &grid, cells, false);
            self.row(table, &grid, lines, false);
        }
        if !table.sums.is_empty() {
            // Sums are not alone at the head of a page: the line above them says what they are of.
            self.room_for(row * 1.5 * table.sums.len() as f32);
            self.rule(RULE);
            for cells in &table.sums {
                let lines = self.cells(table, &grid, cells, true);
                self.row(table, &grid, lines, true);
            }
        }
        self.rule(RULE);
    }

    /// The head of a table: as many lines as its words need.
    fn columns(&mut self, table: &Table, grid: &Grid) {
        let lines: Vec<Vec<String>> = table
            .columns
            .iter()
            .zip(&grid.widths)
            .map(|(column, width)| self.bold.lines(&column.heading, grid.size, *width + 0.1, 3))
            .collect();
        let most = lines.iter().map(Vec::len).max().unwrap_or(0);
        self.rule(RULE);
        // Words stand above their figures, at the bottom.
        let lines = lines
            .into_iter()
            .map(|lines| std::iter::repeat_n(String::new(), most - lines.len()).chain(lines).collect())
            .collect();
        self.lay(table, grid, lines, true);
        self.rule(HAIRLINE);
    }

    fn cells(&self, table: &Table, grid: &Grid, cells: &[String], is_bold: bool) -> Vec<Vec<String>> {
        let face = if is_bold { self.bold } else { self.regular };
        table
            .columns
            .iter()
            .zip(cells)
            .zip(&grid.widths)
            .map(|((column, cell), width)| match column.figures {
                true => vec![cell.clone()],
                false => face.lines(cell, grid.size, *width, CELL_LINES_MAX),
            })
            .collect()
    }

    fn row(&mut self, table: &Table, grid: &Grid, lines: Vec<Vec<String>>, is_bold: bool) {
        let most = lines.iter().map(Vec::len).max().unwrap_or(0);
        if self.y + most as f32 * grid.size * LEADING + 2.0 > BOTTOM {
            self.rule(HAIRLINE);
            self.turn();
            self.columns(table, grid);
        }
        self.lay(table, grid, lines, is_bold);
    }

    /// Puts the cells of a row, each in its lines.
    fn lay(&mut self, table: &Table, grid: &Grid, lines: Vec<Vec<String>>, is_bold: bool) {
        let face = if is_bold { self.bold } else { self.regular };
        let top = self.y + 1.5;
        let mut x = MARGIN;
        let mut below = top;
        for ((column, lines), width) in table.columns.iter().zip(lines).zip(&grid.widths) {
            let mut baseline = top + grid.size;
            for line in lines {
                let shift = if column.figures { width - face.width(&line, grid.size) } else { 0.0 };
                if !line.is_empty() {
                    self.put(x + shift, baseline, grid.size, is_bold, line);
                }
                below = below.max(baseline + grid.size * (LEADING - 1.0));
                baseline += grid.size * LEADING;
            }
            x += width + GAP;
        }
        self.y = below + 0.5;
    }

    /// Figures get the room that they need, texts share the rest by what they need. Heads are broken into lines only where there is
    /// no room for them.
    fn grid(&self, table: &Table) -> Grid {
        let whole = self.measured(table, TABLE_SIZES[0], true);
        let broken = TABLE_SIZES.map(|size| self.measured(table, size, false));
        let gaps = GAP * table.columns.len().saturating_sub(1) as f32;
        let texts = table.columns.iter().filter(|column| !column.figures).count();
        let sum = |grid: &Grid, figures: bool| -> f32 {
            table.columns.iter().zip(&grid.widths).filter(|(c, _)| c.figures == figures).map(|(_, w)| w).sum()
        };
        let left = |grid: &Grid| TEXT_WIDTH - gaps - sum(grid, true);
        let fits = |grid: &Grid| left(grid) >= sum(grid, false).min(TEXT_COLUMN_MIN * texts as f32);
        let [.., smallest] = &broken;
        let smallest = smallest.clone();
        let mut grid = std::iter::once(whole).chain(broken).find(fits).unwrap_or(smallest);
        let (left, wanted) = (left(&grid), sum(&grid, false));
        for (column, width) in table.columns.iter().zip(&mut grid.widths) {
            if !column.figures && wanted > 0.0 {
                *width = (left * *width / wanted).max(1.0);
            }
        }
        grid
    }

    /// Columns as wide as what stands in them.
    fn measured(&self, table: &Table, size: f32, whole_heads: bool) -> Grid {
        let natural = |(at, column): (usize, &Column)| {
            let cell =
                |face: &Typeface<'_>, cells: &Vec<String>| cells.get(at).map_or(0.0, |cell| face.width(cell, size));
            let rows = table.rows.iter().map(|cells| cell(self.regular, cells));
            let sums = table.sums.iter().map(|cells| cell(self.bold, cells));
            let head = match whole_heads {
                true => self.bold.width(&column.heading, size),
                false => {
                    let words = column.heading.split_whitespace().map(|word| self.bold.width(word, size));
                    words.fold(0.0, f32::max)
                }
            };
            rows.chain(sums).fold(head, f32::max)
        };
        Grid { size, widths: table.columns.iter().enumerate().map(natural).collect() }
    }

    fn note(&mut self, heading: &str, text: &str) {
        self.room_for(6.0 * MM + 3.0 * BODY * LEADING);
        self.y += 5.0 * MM;
        self.write(true, BODY, MARGIN, TEXT_WIDTH, 1, heading);
        for paragraph in text.lines() {
            for line in self.regular.lines(paragraph, 8.0, TEXT_WIDTH, 40) {
                self.room_for(8.0 * LEADING);
                self.put(MARGIN, self.y + 8.0, 8.0, false, line);
                self.y += 8.0 * LEADING;
            }
        }
    }

    fn signatures(&mut self, signatures: &[String]) {
        if signatures.is_empty() {
            return;
        }
        self.room_for(26.0 * MM);
        self.y += 20.0 * MM;
        let gap = 12.0 * MM;
        let width = (TEXT_WIDTH + gap) / signatures.len() as f32 - gap;
        for (at, below) in signatures.iter().enumerate() {
            let x = MARGIN + at as f32 * (width + gap);
            self.ink(Ink::Rule { x, y: self.y, width, thickness: HAIRLINE });
            for line in self.regular.lines(below, 8.0, width, 1) {
                self.put(x, self.y + 11.0, 8.0, false, line);
            }
        }
        self.y += 14.0;
    }

    fn feet(&mut self, statement: &Statement) {
        let count = self.pages.len();
        let [page, of] = &statement.page_words;
        for (at, inks) in self.pages.iter_mut().enumerate() {
            let baseline = PAGE_HEIGHT - MARGIN;
            let number = format!("{page} {} {of} {count}", at + 1);
            let width = self.regular.width(&number, 7.5);
            let foot = self.regular.lines(&statement.foot, 7.5, TEXT_WIDTH - width - 5.0 * MM, 1);
            inks.push(Ink::Rule { x: MARGIN, y: baseline - 11.0, width: TEXT_WIDTH, thickness: HAIRLINE });
            for text in foot {
                inks.push(Ink::Text { x: MARGIN, baseline, size: 7.5, is_bold: false, text });
            }
            let x = PAGE_WIDTH - MARGIN - width;
            inks.push(Ink::Text { x, baseline, size: 7.5, is_bold: false, text: number });
        }
    }

    /// Writes a text in lines from here down.
    fn write(&mut self, is_bold: bool, size: f32, x: f32, width: f32, lines_max: usize, text: &str) {
        let face = if is_bold { self.bold } else { self.regular };
        for line in face.lines(text, size, width, lines_max) {
            self.put(x, self.y + size, size, is_bold, line);
            self.y += size * LEADING;
        }
    }

    fn rule(&mut self, thickness: f32) {
        self.y += 1.0;
        self.ink(Ink::Rule { x: MARGIN, y: self.y, width: TEXT_WIDTH, thickness });
        self.y += 1.0;
    }

    fn put(&mut self, x: f32, baseline: f32, size: f32, is_bold: bool, text: String) {
        self.ink(Ink::Text { x, baseline, size, is_bold, text });
    }

    fn ink(&mut self, ink: Ink) {
        if let Some(page) = self.pages.last_mut() {
            page.push(ink);
        }
    }

    /// Turns the page where so much does not fit any more.
    fn room_for(&mut self, height: f32) {
        if self.y + height > BOTTOM {
            self.turn();
        }
    }

    fn turn(&mut self) {
        self.pages.push(Vec::new());
        self.y = MARGIN;
    }
}
