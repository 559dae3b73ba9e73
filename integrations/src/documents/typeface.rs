//! A font with its measures, to break and cut text to a width.
//!
//! Widths are sums of the glyphs' advances: kerning only makes lines shorter, so nothing runs over. Shaping is left to
//! the PDF writer.

use krilla::text::Font;
use ttf_parser::Face;

const ELLIPSIS: char = '…';

/// A font and its measures.
pub(super) struct Typeface<'data> {
    /// For drawing.
    pub(super) font: Font,
    face: Face<'data>,
}

impl Typeface<'static> {
    /// The font in `data`, or nothing when that is none.
    pub(super) fn read(data: &'static [u8]) -> Option<Self> {
        Some(Self { font: Font::new(data.into(), 0)?, face: Face::parse(data, 0).ok()? })
    }
}

impl Typeface<'_> {
    /// `text` in lines no wider than `width` points, at most `lines_max` of them, the last one cut where needed.
    /// White space of any kind counts as a space.
    pub(super) fn lines(&self, text: &str, size: f32, width: f32, lines_max: usize) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text.split_whitespace() {
            let joined = lines.last().map(|line| format!("{line} {word}"));
            match (joined, lines.last_mut()) {
                (Some(joined), Some(line)) if self.width(&joined, size) <= width => *line = joined,
                _ => lines.push(word.to_owned()),
            }
        }
        if lines.len() > lines_max {
            // What is too much goes behind the last line, to be cut there.
            let rest = lines.split_off(lines_max.saturating_sub(1));
            lines.push(rest.join(" "));
        }
        lines.into_iter().map(|line| self.cut(line, size, width)).collect()
    }

    /// The largest size up to `size_max` at which `text` fits `width` points.
    pub(super) fn size_that_fits(&self, text: &str, width: f32, size_max: f32) -> f32 {
        let at_one = self.width(text, 1.0);
        if at_one * size_max <= width { size_max } else { width / at_one }
    }

    fn cut(&self, mut line: String, size: f32, width: f32) -> String {
        if self.width(&line, size) <= width {
            return line;
        }
        while !line.is_empty() && self.width(&format!("{line}{ELLIPSIS}"), size) > width {
            line.pop();
        }
        line.truncate(line.trim_end().len());
        line.push(ELLIPSIS);
        line
    }

    /// How wide `text` is at most, in points.
    pub(super) fn width(&self, text: &str, size: f32) -> f32 {
        let units: u32 = text
            .chars()
            .map(|character| self.face.glyph_index(character).unwrap_or_default())
            .map(|glyph| u32::from(self.face.glyph_hor_advance(glyph).unwrap_or_default()))
            .sum();
        units as f32 * size / f32::from(self.face.units_per_em())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face() -> Typeface<'static> {
        Typeface::read(dejavu::sans::regular()).unwrap()
    }

    #[test]
    fn text_is_broken_between_words_and_cut_at_the_end() {
        let face = face();
        let width = face.width("one two three", 10.0);
        assert_eq!(face.lines("one two three", 10.0, width, 2), ["one two three"]);
        assert_eq!(face.lines("one two three four five", 10.0, width, 2), ["one two three", "four five"]);
        let cut = face.lines("one two three four five six seven", 10.0, width, 2);
        assert_eq!(cut.len(), 2);
        assert!(cut[1].starts_with("four five") && cut[1].ends_with(ELLIPSIS), "{cut:?}");
        assert!(cut.iter().all(|line| face.width(line, 10.0) <= width));
    }

    #[test]
    fn one_endless_word_is_cut_and_nothing_is_no_line() {
        let face = face();
        let lines = face.lines(&"ä".repeat(500), 10.0, 100.0, 1);
        assert!(lines.len() == 1 && lines[0].ends_with(ELLIPSIS));
        assert!(face.lines(" \n ", 10.0, 100.0, 2).is_empty());
    }

    #[test]
    fn a_long_code_is_set_smaller() {
        let face = face();
        assert!((face.size_that_fits("123", 100.0, 30.0) - 30.0).abs() < 0.01);
        let size = face.size_that_fits("1234567890", 100.0, 30.0);
        assert!(size < 30.0 && face.width("1234567890", size) <= 100.01);
    }
}
