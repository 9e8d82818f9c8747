//! The part of a table of runs that is in sight: a heading, the rows, the first column always there. Only what is in
//! sight is written out, so that a table of ten thousand rows is drawn as fast as one of ten.

use ratatui::text::{Line, Span};

use super::field::{Field, field};
use crate::compare::runs::{RunTable, Shown, View};
use crate::render::style::{Glyphs, Look, Role};
use crate::render::width::{self, Spans};

/// Between two columns.
const GAP: usize = 2;
/// Rows out of sight that are looked at for how wide a column is, so that columns hardly move while one scrolls.
const SAMPLE: usize = 48;
/// Widest that words in a column stand; numbers are never cut.
const WIDEST: usize = 24;

/// A table to be drawn.
#[derive(Clone, Copy)]
pub struct Grid<'a> {
    /// The runs.
    pub table: &'a RunTable,
    /// Which of them, and what of each.
    pub view: &'a View,
    /// What the terminal can show.
    pub look: Look,
}

/// What of it is in sight.
pub struct Sight<'a> {
    /// The first row.
    pub top: usize,
    /// So many rows.
    pub height: usize,
    /// The first column beside the one that always stands there.
    pub left: usize,
    /// Columns of the terminal.
    pub width: usize,
    /// The row and the column under the cursor, if there is a cursor.
    pub cursor: Option<(usize, usize)>,
    /// Whether a row is marked.
    pub marked: &'a dyn Fn(usize) -> bool,
}

/// A column as it is drawn.
struct Laid<'a> {
    index: usize,
    shown: &'a Shown,
    width: usize,
    /// Whether it holds numbers.
    right: bool,
    /// Columns after the point of the longest fraction, the point too: points stand below each other.
    fraction: usize,
}

impl Grid<'_> {
    /// The heading, and a line per row.
    pub fn lines(&self, sight: &Sight<'_>) -> Vec<Line<'static>> {
        let columns = self.laid_out(sight);
        let more = columns.last().is_some_and(|last| last.index + 1 < self.view.columns.len());
        let mut lines = vec![self.heading(&columns, sight, more)];
        let end = self.view.len().min(sight.top.saturating_add(sight.height));
        lines.extend((sight.top..end).map(|row| self.row(row, &columns, sight)));
        lines
    }

    /// The columns, beside the first, that are in sight from `left` on.
    pub fn in_sight(&self, sight: &Sight<'_>) -> usize {
        self.laid_out(sight).len().saturating_sub(1)
    }

    /// The titles of the columns for which there is no room.
    pub fn left_out(&self, sight: &Sight<'_>) -> Vec<String> {
        let shown: Vec<usize> = self.laid_out(sight).iter().map(|column| column.index).collect();
        let columns = self.view.columns.iter().enumerate();
        columns.filter(|(index, _)| !shown.contains(index)).map(|(_, column)| column.title.clone()).collect()
    }

    fn laid_out(&self, sight: &Sight<'_>) -> Vec<Laid<'_>> {
        let end = self.view.len().min(sight.top.saturating_add(sight.height));
        let stride = (self.view.len() / SAMPLE).max(1);
        let rows: Vec<usize> = (sight.top..end).chain((0..self.view.len()).step_by(stride)).collect();
        let mut laid: Vec<Laid<'_>> = Vec::new();
        let mut used = 2;
        let scrolled = self.view.columns.iter().enumerate().skip(1).skip(sight.left);
        for (index, shown) in self.view.columns.iter().enumerate().take(1).chain(scrolled) {
            let mut column = self.measured(index, shown, &rows);
            if laid.is_empty() {
                column.width = column.width.min((sight.width / 3).max(8));
            }
            let room = sight.width.saturating_sub(used + if laid.is_empty() { 0 } else { GAP });
            // The first that is scrolled to is always shown, cut if need be.
            if column.width > room && laid.len() > 1 {
                break;
            }
            column.width = column.width.min(room);
            used += column.width + if laid.is_empty() { 0 } else { GAP };
            laid.push(column);
        }
        laid
    }

    fn measured<'a>(&self, index: usize, shown: &'a Shown, rows: &[usize]) -> Laid<'a> {
        let fields: Vec<Field> = rows.iter().map(|&row| self.field(row, shown)).collect();
        let numbers = fields.iter().filter(|field| field.number && field.role != Role::Dim).count();
        let words = fields.iter().filter(|field| !field.number).count();
        let right = numbers >= words && (numbers > 0 || words == 0);
        let fraction = if right { fields.iter().filter_map(fraction).max().unwrap_or(0) } else { 0 };
        let widest = fields.iter().map(|field| width::width(&field.text) + behind(field, fraction)).max();
        let widest = widest.unwrap_or(0);
        let widest = if right || index == 0 { widest } else { widest.min(WIDEST) };
        let sort = usize::from(self.view.sorted.is_some_and(|(sorted, _)| sorted == index));
        let title = width::width(&self.look.text(&shown.title)) + sort;
        Laid { index, shown, width: widest.max(title), right, fraction }
    }

    fn field(&self, row: usize, shown: &Shown) -> Field {
        let runs = self.view.runs(row);
        let count = runs.iter().filter(|&&run| self.table.state(run).counts()).count();
        field(&self.view.value(self.table, row, shown), count, self.look)
    }

    fn heading(&self, columns: &[Laid<'_>], sight: &Sight<'_>, more: bool) -> Line<'static> {
        let mut spans: Spans = vec![Span::raw(" ")];
        for column in columns {
            let sorted = self.view.sorted.filter(|(sorted, _)| *sorted == column.index);
            let arrow = sorted.map_or("", |(_, descending)| if descending { "▼" } else { "▲" });
            let title = self.look.text(&format!("{}{arrow}", column.shown.title));
            let chosen = sight.cursor.is_some_and(|(_, at)| at == column.index);
            // The sign stands where the gap is, so that nothing moves when another column is chosen.
            let gap = if column.index == 0 { 0 } else { GAP - 1 };
            let sign = if chosen { self.look.text("▸") } else { " ".to_owned() };
            let title = aligned(&title, column, self.look);
            let blank = title.len() - title.trim_start().len();
            let (blank, title) = title.split_at(blank);
            spans.push(Span::raw(" ".repeat(gap) + blank));
            spans.push(self.look.span(&sign, Role::Heading));
            spans.push(Span::styled(title.to_owned(), self.look.style(Role::Strong)));
        }
        if more && width::spans_width(&spans) + 2 <= sight.width {
            spans.push(self.look.span(" …", Role::Dim));
        }
        Line::from(width::crop(spans, sight.width, self.look))
    }

    fn row(&self, row: usize, columns: &[Laid<'_>], sight: &Sight<'_>) -> Line<'static> {
        let here = sight.cursor.is_some_and(|(at, _)| at == row);
        let bar = match (here, self.look.glyphs) {
            (false, _) => " ",
            (true, Glyphs::Unicode) => "▌",
            (true, Glyphs::Ascii) => ">",
        };
        let mark = match ((sight.marked)(row), self.view.baseline == Some(row)) {
            (true, _) => "*",
            (false, true) => "◆",
            (false, false) => " ",
        };
        let mut spans: Spans = vec![Span::raw(bar), self.look.span(mark, Role::Accent)];
        for column in columns {
            if column.index > 0 {
                spans.push(Span::raw(" ".repeat(GAP)));
            }
            let field = self.field(row, column.shown);
            let role = if here && column.index == 0 { Role::Selected } else { field.role };
            let behind = if column.right { behind(&field, column.fraction) } else { 0 };
            let text = match column.index {
                0 => end(&field.text, column.width, self.look),
                _ => field.text + &" ".repeat(behind),
            };
            spans.push(Span::styled(aligned(&text, column, self.look), self.look.style(role)));
        }
        Line::from(width::crop(spans, sight.width, self.look))
    }
}

/// Columns after the point of a number, the point too; nothing where there is no single point to go by.
fn fraction(field: &Field) -> Option<usize> {
    let is_plain = |character: char| character.is_ascii_digit() || matches!(character, '.' | '−' | '-' | '+');
    let is_number = field.number && field.role != Role::Dim && field.text.chars().all(is_plain);
    is_number.then(|| field.text.find('.').map_or(0, |point| field.text.len() - point))
}

/// Blanks behind a number, so that its point stands below the others.
fn behind(field: &Field, most: usize) -> usize {
    fraction(field).map_or(0, |own| most.saturating_sub(own))
}

/// Text in the width of its column.
fn aligned(text: &str, column: &Laid<'_>, look: Look) -> String {
    let text = width::truncate(text, column.width, look);
    if column.right && column.index > 0 {
        let blank = column.width.saturating_sub(width::width(&text));
        format!("{}{text}", " ".repeat(blank))
    } else {
        width::pad(&text, column.width)
    }
}

/// The end of a text that is too long: what tells the rows apart stands there, the arm.
fn end(text: &str, columns: usize, look: Look) -> String {
    if width::width(text) <= columns || columns == 0 {
        return text.to_owned();
    }
    let sign = look.text("…");
    let room = columns.saturating_sub(width::width(&sign));
    let starts = text.char_indices().map(|(at, _)| at);
    let fits = |at: &usize| text.get(*at..).is_some_and(|rest| width::width(rest) <= room);
    let start = starts.into_iter().find(fits).unwrap_or(text.len());
    format!("{sign}{}", text.get(start..).unwrap_or_default())
}
