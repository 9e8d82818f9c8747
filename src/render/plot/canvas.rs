//! A grid of dots finer than characters: eight to one in braille, four in blocks, one in ASCII.

use ratatui::symbols::braille::BRAILLE;
use ratatui::symbols::pixel::QUADRANTS;
use ratatui::text::Line;

use crate::render::style::{Glyphs, Look, Role};
use crate::render::width;

/// What dots are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Marker {
    /// Two by four to a character.
    #[default]
    Braille,
    /// Two by two: for fonts whose braille is faint.
    Blocks,
    /// The letter of each line.
    Ascii,
}

impl Marker {
    /// Dots of a character, across and down.
    pub fn dots(self) -> (usize, usize) {
        match self {
            Self::Braille => (2, 4),
            Self::Blocks => (2, 2),
            Self::Ascii => (1, 1),
        }
    }

    /// The next one.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Braille => Self::Blocks,
            Self::Blocks => Self::Ascii,
            Self::Ascii => Self::Braille,
        }
    }

    /// What a message names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Braille => "braille",
            Self::Blocks => "blocks",
            Self::Ascii => "letters",
        }
    }

    /// The same, or what is left of it where there is nothing but ASCII.
    #[must_use]
    pub fn in_look(self, look: Look) -> Self {
        if look.glyphs == Glyphs::Ascii { Self::Ascii } else { self }
    }
}

/// One character of the canvas.
#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    /// Its dots, row by row.
    dots: u8,
    /// The line that drew last into it.
    line: Option<usize>,
    /// Dots of a band.
    shade: u8,
    /// The line whose band it is.
    band: Option<usize>,
    /// A character over everything, and whose it is.
    sign: Option<(char, Option<usize>)>,
}

/// A grid of dots; rows are counted from the foot.
#[derive(Clone, Debug)]
pub struct Canvas {
    marker: Marker,
    columns: usize,
    rows: usize,
    cells: Vec<Cell>,
}

/// The letter of a line: `a`, `b` … then `A` …; `+` for what comes after.
pub fn letter(line: usize) -> char {
    const LETTERS: &[u8; 52] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    LETTERS.get(line).map_or('+', |letter| char::from(*letter))
}

/// The colour of a line; that repeats after four, and says nothing that its letter does not.
pub fn role(line: usize) -> Role {
    [Role::Curve, Role::SecondCurve, Role::ThirdCurve, Role::FourthCurve][line % 4]
}

impl Canvas {
    /// An empty one of so many characters.
    pub fn new(marker: Marker, columns: usize, rows: usize) -> Self {
        Self { marker, columns, rows, cells: vec![Cell::default(); columns * rows] }
    }

    /// Dots from foot to top.
    pub fn height(&self) -> usize {
        self.rows * self.marker.dots().1
    }

    /// Draws a dot of a line; what lies outside is not drawn.
    pub fn dot(&mut self, x: usize, y: usize, line: usize) {
        if let Some((cell, bit)) = self.place(x, y) {
            cell.dots |= bit;
            cell.line = Some(line);
        }
    }

    /// Draws a dot of a line's band, below all lines.
    pub fn shade(&mut self, x: usize, y: usize, line: usize) {
        if let Some((cell, bit)) = self.place(x, y) {
            cell.shade |= bit;
            cell.band = Some(line);
        }
    }

    /// Writes a character over a cell.
    pub fn sign(&mut self, column: usize, row: usize, sign: char, line: Option<usize>) {
        if column < self.columns
            && let Some(cell) = self.cells.get_mut(row * self.columns + column)
        {
            cell.sign = Some((sign, line));
        }
    }

    /// Whether nothing is written over a cell, and whether nothing is drawn in it either.
    pub fn is_free(&self, column: usize, row: usize) -> (bool, bool) {
        let cell = (column < self.columns).then(|| self.cells.get(row * self.columns + column)).flatten();
        cell.map_or((false, false), |cell| (cell.sign.is_none(), cell.sign.is_none() && cell.dots == 0))
    }

    fn place(&mut self, x: usize, y: usize) -> Option<(&mut Cell, u8)> {
        let (across, down) = self.marker.dots();
        let (column, row) = (x / across, y / down);
        let bit = 1_u8 << ((down - 1 - y % down) * across + x % across);
        if column >= self.columns || row >= self.rows {
            return None;
        }
        Some((self.cells.get_mut(row * self.columns + column)?, bit))
    }

    /// The rows as lines of text, the top one first.
    pub fn lines(&self, look: Look) -> Vec<Line<'static>> {
        let rows = self.cells.chunks(self.columns.max(1)).rev();
        rows.map(|row| {
            let mut spans = Vec::new();
            for cell in row {
                let (character, role) = self.drawn(cell);
                width::push(&mut spans, &look.text(character.encode_utf8(&mut [0; 4])), look.style(role));
            }
            Line::from(spans)
        })
        .collect()
    }

    fn drawn(&self, cell: &Cell) -> (char, Role) {
        match (cell.sign, cell.line, cell.band) {
            (Some((sign, line)), ..) => (sign, line.map_or(Role::Dim, role)),
            (None, Some(line), _) => (self.dotted(cell.dots, line), role(line)),
            (None, None, Some(line)) => match self.marker {
                Marker::Braille => (self.dotted(cell.shade, line), role(line)),
                Marker::Blocks | Marker::Ascii => ('░', Role::Dim),
            },
            _ => (' ', Role::Text),
        }
    }

    fn dotted(&self, dots: u8, line: usize) -> char {
        match self.marker {
            Marker::Braille => BRAILLE[usize::from(dots)],
            Marker::Blocks => QUADRANTS[usize::from(dots) % QUADRANTS.len()],
            Marker::Ascii => letter(line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::plain::to_plain;

    fn drawn(marker: Marker, dots: &[(usize, usize)]) -> String {
        let mut canvas = Canvas::new(marker, 2, 1);
        for (x, y) in dots {
            canvas.dot(*x, *y, 1);
        }
        to_plain(&canvas.lines(Look::PLAIN))
    }

    #[test]
    fn dots_stand_where_they_are_put_and_nothing_leaves_the_grid() {
        for (marker, dots, expected) in [
            (Marker::Braille, &[(0, 0), (3, 3)][..], "⡀⠈\n"),
            (Marker::Braille, &[(0, 0), (1, 1), (2, 2), (3, 3)], "⡠⠊\n"),
            (Marker::Blocks, &[(0, 0), (3, 1)], "▖▝\n"),
            (Marker::Ascii, &[(1, 0)], " b\n"),
            (Marker::Braille, &[(4, 0), (0, 4), (99, 99)], "\n"),
        ] {
            assert_eq!(drawn(marker, dots), expected, "{marker:?} {dots:?}");
        }
    }

    #[test]
    fn lines_lie_over_bands_and_signs_over_lines() {
        let mut canvas = Canvas::new(Marker::Blocks, 3, 1);
        (0..6).for_each(|x| canvas.shade(x, 0, 0));
        (2..6).for_each(|x| canvas.dot(x, 1, 0));
        canvas.sign(2, 0, 'a', Some(0));
        assert_eq!(to_plain(&canvas.lines(Look::PLAIN)), "░▀a\n");
        assert_eq!(
            (canvas.is_free(0, 0), canvas.is_free(1, 0), canvas.is_free(2, 0)),
            ((true, true), (true, false), (false, false))
        );
        assert_eq!(letter(0), 'a');
        assert_eq!((letter(26), letter(99)), ('A', '+'));
    }
}
