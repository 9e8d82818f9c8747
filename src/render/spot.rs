//! The places of an entry on which something can be done: headings and cells fold, tasks are toggled, links lead
//! elsewhere.

use std::ops::Range;

use ratatui::text::Span;
use unicode_segmentation::UnicodeSegmentation;

use super::markdown::{Target, is_letter};
use super::width::width;

/// Such a place, in the lines of a rendered entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// What it is.
    pub kind: SpotKind,
    /// Where it begins.
    pub from: Point,
    /// Where it ends, in its last line.
    pub to: Point,
}

/// A line, and a column in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    /// The line, from 0.
    pub line: usize,
    /// The column, from 0.
    pub column: usize,
}

/// What a place is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpotKind {
    /// A cell, by its index.
    Cell(usize),
    /// A heading of this level.
    Heading {
        /// From 1.
        level: u8,
        /// Its words, with a number where an earlier heading has the same: what tells it from all others.
        name: String,
    },
    /// An item of a task list.
    Task {
        /// The byte of the entry between its brackets.
        at: usize,
        /// Whether it is done.
        done: bool,
    },
    /// A link to another entry, by whatever part of its name.
    Entry(String),
    /// A link elsewhere.
    Link(String),
    /// A picture, by its address.
    Image(String),
    /// A reference to a footnote.
    Footnote(String),
    /// The text of a footnote.
    Note(String),
}

impl Spot {
    /// Whole lines.
    pub fn lines(kind: SpotKind, lines: Range<usize>) -> Self {
        let from = Point { line: lines.start, column: 0 };
        Self { kind, from, to: Point { line: lines.end.max(lines.start + 1) - 1, column: usize::MAX } }
    }

    /// Its lines.
    pub fn range(&self) -> Range<usize> {
        self.from.line..self.to.line + 1
    }

    /// The columns of `line` that are its own.
    pub fn columns(&self, line: usize) -> Range<usize> {
        let from = if line == self.from.line { self.from.column } else { 0 };
        let to = if line == self.to.line { self.to.column } else { usize::MAX };
        from..to
    }
}

/// Finds targets, which are counted in letters, in the lines that wrapping made of their block. The first of the
/// lines is line `first` of the entry; each has `indent` columns before it.
pub(in crate::render) fn locate(
    targets: Vec<Target>,
    lines: &[Vec<Span<'_>>],
    first: usize,
    indent: usize,
) -> Vec<Spot> {
    if targets.is_empty() {
        return Vec::new();
    }
    let ends = targets
        .iter()
        .flat_map(|Target { letters, .. }| [(letters.start, Side::Before), (letters.end, Side::After)]);
    let ends = points(&ends.collect::<Vec<_>>(), lines);
    let moved = |point: Point| Point { line: first + point.line, column: indent + point.column };
    let pairs = ends.chunks_exact(2);
    let spot = |(target, ends): (Target, &[Point])| {
        Some(Spot { kind: target.kind, from: moved(*ends.first()?), to: moved(*ends.last()?) })
    };
    targets.into_iter().zip(pairs).filter_map(spot).collect()
}

/// Which side of a letter is meant: where a line is broken they are far apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    /// After the letters that were counted.
    After,
    /// Before the letter that follows them.
    Before,
}

/// The places of numbers of letters, in one walk over the lines.
fn points(wanted: &[(usize, Side)], lines: &[Vec<Span<'_>>]) -> Vec<Point> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by_key(|&index| wanted.get(index));
    let mut order = order.into_iter().peekable();
    let end = Point { line: lines.len().saturating_sub(1), column: 0 };
    let mut found = vec![end; wanted.len()];
    let mut take = |count: usize, side: Side, point: Point| {
        let due = |index: &usize| wanted.get(*index).is_some_and(|(at, of)| (*at, *of) <= (count, side));
        while let Some(index) = order.next_if(due) {
            if let Some(slot) = found.get_mut(index) {
                *slot = point;
            }
        }
    };
    let mut seen = 0;
    for (line, spans) in lines.iter().enumerate() {
        let mut column = 0;
        for grapheme in spans.iter().flat_map(|span| span.content.graphemes(true)) {
            let letters = grapheme.chars().filter(|character| is_letter(*character)).count();
            if letters > 0 {
                take(seen, Side::Before, Point { line, column });
            }
            column += width(grapheme);
            seen += letters;
            if letters > 0 {
                take(seen, Side::After, Point { line, column });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::width::wrap;

    #[test]
    fn a_link_is_found_wherever_its_line_was_broken() {
        let words = "see the long name of 日本 a link, and on";
        let start = "seethe".chars().count();
        let target = Target { kind: SpotKind::Link("x".to_owned()), letters: start..start + 8 };
        let lines = wrap(&[Span::raw(words)], 10);
        let spots = locate(vec![target], &lines, 5, 2);
        let [spot] = spots.as_slice() else { panic!("{spots:?}") };
        assert_eq!(spot.from, Point { line: 6, column: 2 }, "{lines:?}");
        assert_eq!(spot.to, Point { line: 6, column: 11 });
        assert_eq!(spot.columns(6), 2..11);
    }
}
