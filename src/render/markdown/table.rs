//! Tables: as columns while they fit, with the widest wrapped; where not even that fits, a card per row.

use ratatui::text::Span;

use super::super::spot::SpotKind;
use super::inline::Target;
use crate::entry::syntax::Alignment;
use crate::render::style::{Look, Role};
use crate::render::width::{self, Spans, spans_width};

/// Between two columns.
const GAP: usize = 2;
/// A column is not made narrower than this, unless its content is.
const NARROWEST: usize = 6;

/// A table in the making: the head is its first row.
pub(super) struct Table {
    alignments: Vec<Alignment>,
    rows: Vec<Vec<Spans>>,
    row: Vec<Spans>,
    /// What leads elsewhere, with the row that it stands in.
    targets: Vec<(usize, SpotKind)>,
}

impl Table {
    pub(super) fn new(alignments: Vec<Alignment>) -> Self {
        Self { alignments, rows: Vec::new(), row: Vec::new(), targets: Vec::new() }
    }

    pub(super) fn cell(&mut self, spans: Spans, targets: Vec<Target>) {
        let row = self.rows.len();
        self.targets.extend(targets.into_iter().map(|target| (row, target.kind)));
        self.row.push(spans);
    }

    pub(super) fn end_row(&mut self) {
        self.rows.push(std::mem::take(&mut self.row));
    }

    /// The table in lines of at most `columns`, and what leads elsewhere, each with its line.
    pub(super) fn lines(mut self, columns: usize, look: Look) -> (Vec<Spans>, Vec<(usize, SpotKind)>) {
        if let Some(head) = self.rows.first_mut() {
            let strong = look.style(Role::Strong);
            head.iter_mut().flatten().for_each(|span| span.style = span.style.patch(strong));
        }
        let (lines, starts) = match fitted(&self.natural_widths(), columns) {
            Some(widths) => self.columns(&widths, look),
            None => self.cards(columns, look),
        };
        let line = |row: usize| starts.get(row).copied().unwrap_or(0);
        let targets = self.targets.into_iter().map(|(row, kind)| (line(row), kind)).collect();
        (lines, targets)
    }

    fn natural_widths(&self) -> Vec<usize> {
        let of_column = |index: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(index));
            cells.map(|cell| spans_width(cell)).max().unwrap_or(0).max(1)
        };
        (0..self.alignments.len()).map(of_column).collect()
    }

    /// The lines, and the first line of each row.
    fn columns(&self, widths: &[usize], look: Look) -> (Vec<Spans>, Vec<usize>) {
        let (mut lines, mut starts) = (Vec::new(), Vec::new());
        for (index, row) in self.rows.iter().enumerate() {
            starts.push(lines.len());
            lines.extend(self.row_lines(row, widths));
            if index == 0 {
                lines.push(underline(widths, look));
            }
        }
        (lines, starts)
    }

    /// One row, as many lines high as its highest cell.
    fn row_lines(&self, row: &[Spans], widths: &[usize]) -> Vec<Spans> {
        let cells: Vec<Vec<Spans>> =
            row.iter().zip(widths).map(|(cell, columns)| width::wrap(cell, *columns)).collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0).max(1);
        (0..height).map(|line| self.row_line(&cells, line, widths)).collect()
    }

    fn row_line(&self, cells: &[Vec<Spans>], line: usize, widths: &[usize]) -> Spans {
        let mut spans = Spans::new();
        for (index, (columns, alignment)) in widths.iter().zip(&self.alignments).enumerate() {
            let cell = cells.get(index).and_then(|lines| lines.get(line)).cloned().unwrap_or_default();
            let spare = columns.saturating_sub(spans_width(&cell));
            let before = match alignment {
                Alignment::None | Alignment::Left => 0,
                Alignment::Center => spare / 2,
                Alignment::Right => spare,
            };
            let gap = if index == 0 { 0 } else { GAP };
            spans.push(Span::raw(" ".repeat(gap + before)));
            spans.extend(cell);
            spans.push(Span::raw(" ".repeat(spare - before)));
        }
        spans
    }

    /// Each row as `head: value` lines, with a blank line between rows; and the first line of each row.
    fn cards(&self, columns: usize, look: Look) -> (Vec<Spans>, Vec<usize>) {
        let Some((head, rows)) = self.rows.split_first() else { return Default::default() };
        if rows.is_empty() {
            return (head.iter().flat_map(|key| width::wrap(key, columns)).collect(), vec![0]);
        }
        let (mut lines, mut starts) = (Vec::new(), vec![0]);
        for row in rows {
            if !lines.is_empty() {
                lines.push(Spans::new());
            }
            starts.push(lines.len());
            for (key, value) in head.iter().zip(row).filter(|(_, value)| !value.is_empty()) {
                let pair = [key.clone(), vec![look.span(": ", Role::Dim)], value.clone()].concat();
                lines.extend(width::wrap(&pair, columns));
            }
        }
        (lines, starts)
    }
}

fn underline(widths: &[usize], look: Look) -> Spans {
    let rules: Vec<_> = widths.iter().map(|columns| "─".repeat(*columns)).collect();
    vec![look.span(&rules.join(&" ".repeat(GAP)), Role::Dim)]
}

/// Widths of columns that fit: the natural ones, or with the widest cut down to a common width. `None` if that
/// would be too narrow to read.
fn fitted(natural: &[usize], columns: usize) -> Option<Vec<usize>> {
    let gaps = GAP * natural.len().saturating_sub(1);
    let room = columns.checked_sub(gaps)?;
    if natural.iter().sum::<usize>() <= room {
        return Some(natural.to_vec());
    }
    let capped = |cap: usize| natural.iter().map(move |width| (*width).min(cap));
    let widest = natural.iter().copied().max().unwrap_or(0);
    // The largest cap that fits; the sum grows with the cap.
    let cap = partition(NARROWEST, widest, |cap| capped(cap).sum::<usize>() <= room)?;
    let mut widths: Vec<usize> = capped(cap).collect();
    let mut spare = room - widths.iter().sum::<usize>();
    // What the cap leaves over goes to the first columns that it cut.
    for (width, natural) in widths.iter_mut().zip(natural) {
        let more = usize::from(*width < *natural && spare > 0);
        *width += more;
        spare -= more;
    }
    Some(widths)
}

/// The largest number in `from..=to` for which `holds`, which must not hold again after it failed.
fn partition(from: usize, to: usize, holds: impl Fn(usize) -> bool) -> Option<usize> {
    (from..=to).rev().find(|number| holds(*number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_fit_or_are_given_up() {
        for (natural, columns, expected) in [
            (&[3, 4][..], 20, Some(vec![3, 4])),
            (&[3, 40], 20, Some(vec![3, 15])),
            (&[30, 40], 21, Some(vec![10, 9])),
            (&[30, 40], 13, None),
            (&[], 5, Some(vec![])),
        ] {
            assert_eq!(fitted(natural, columns), expected, "{natural:?} {columns}");
        }
    }
}
