//! Two versions of one file, place by place: what is in the editor, and what somebody else put on the disk.

use std::ops::Range;

use ratatui::text::{Line, Span};

use super::super::edit::conflict::{Conflict, Part, Side};
use super::super::model::Model;
use super::theme;
use crate::base::text::counted;
use crate::render::style::{Look, Role};
use crate::render::width;

/// Lines of what both have that are shown around a difference.
const AROUND: usize = 2;

/// Columns before a line: the bar, and what tells the sides apart.
const MARGIN: usize = 4;

/// The differences, and what can be done: title and lines.
pub fn sheet(model: &Model, columns: u16) -> (String, Vec<Line<'static>>) {
    let Some(conflict) = &model.conflict else { return (String::new(), Vec::new()) };
    let open = match conflict.open() {
        0 => "all decided".to_owned(),
        open => format!("{open} to decide"),
    };
    let title =
        format!("changed by somebody else meanwhile: {}, {open}", counted(conflict.count(), "difference"));
    (title, laid(conflict, usize::from(columns), model.look).0)
}

/// The lines of the selected difference.
pub fn selected(model: &Model, columns: u16) -> Range<usize> {
    let laid = model.conflict.as_ref().map(|conflict| laid(conflict, usize::from(columns), model.look).1);
    laid.unwrap_or_default()
}

/// All lines, and which of them are of the selected difference.
fn laid(conflict: &Conflict, columns: usize, look: Look) -> (Vec<Line<'static>>, Range<usize>) {
    let mut sheet = Sheet { lines: Vec::new(), bar: " ", columns, look };
    let (mut selected, mut line) = (0..0, 1);
    let parts: Vec<Part<'_>> = conflict.parts().collect();
    for (place, part) in parts.iter().enumerate() {
        match part {
            Part::Agreed(text) => line += text.matches('\n').count(),
            Part::Split { index, mine, theirs, taken } => {
                let chosen = *index == conflict.at();
                sheet.bar = if chosen { theme::glyphs(look).bar } else { " " };
                let start = sheet.lines.len();
                sheet.head(*index + 1, line, *taken);
                sheet.around(place.checked_sub(1).and_then(|before| parts.get(before)), Side::Mine);
                sheet.side(mine, Side::Mine, *taken);
                sheet.side(theirs, Side::Theirs, *taken);
                sheet.around(parts.get(place + 1), Side::Theirs);
                if chosen {
                    selected = start..sheet.lines.len();
                }
                sheet.lines.push(Line::default());
                line += mine.matches('\n').count();
            }
        }
    }
    sheet.lines.pop();
    (sheet.lines, selected)
}

/// Lines in the making.
struct Sheet {
    lines: Vec<Line<'static>>,
    /// What stands before each: whether its difference is selected.
    bar: &'static str,
    columns: usize,
    look: Look,
}

impl Sheet {
    /// `1, line 14: mine`.
    fn head(&mut self, number: usize, line: usize, taken: Option<Side>) {
        let (word, role) = match taken {
            None => ("< mine or > theirs?", Role::Unsure),
            Some(Side::Mine) => ("mine", Role::Good),
            Some(Side::Theirs) => ("theirs", Role::Good),
            Some(Side::Both) => ("both", Role::Good),
        };
        let line = vec![
            Span::raw(self.bar),
            self.look.span(&format!(" {number}, line {line}: "), Role::Dim),
            self.look.span(word, role),
        ];
        self.lines.push(Line::from(width::crop(line, self.columns, self.look)));
    }

    /// What both have: the lines of it nearest to the difference, which it stands before (its last ones) or after.
    fn around(&mut self, part: Option<&Part<'_>>, beside: Side) {
        let Some(Part::Agreed(text)) = part else { return };
        let lines: Vec<&str> = text.lines().collect();
        let near = match beside {
            Side::Mine => lines.get(lines.len().saturating_sub(AROUND)..),
            _ => lines.get(..lines.len().min(AROUND)),
        };
        for line in near.unwrap_or_default() {
            self.put("", line, Role::Dim);
        }
    }

    /// The lines of one side; of one that is not taken they are dim.
    fn side(&mut self, text: &str, side: Side, taken: Option<Side>) {
        let (sign, name) = if side == Side::Mine { ("<", "mine") } else { (">", "theirs") };
        let role = match taken {
            None | Some(Side::Both) if side == Side::Mine => Role::Good,
            None | Some(Side::Both) => Role::Unsure,
            Some(taken) if taken == side => Role::Strong,
            Some(_) => Role::Dim,
        };
        if text.is_empty() {
            self.put(sign, &format!("(nothing in {name})"), Role::Dim);
        }
        for line in text.lines() {
            self.put(sign, line, role);
        }
    }

    /// A line of the text on as many of the screen as it needs: what differs may stand at its end.
    fn put(&mut self, sign: &str, text: &str, role: Role) {
        let text = text.trim_end();
        let bare = text.trim_start_matches(' ');
        let indent = (text.len() - bare.len()).min(self.columns / 2);
        let room = self.columns.saturating_sub(MARGIN + indent);
        let mut rows = width::wrap(&[self.look.span(bare, role)], room);
        if rows.is_empty() {
            rows.push(Vec::new());
        }
        for (index, row) in rows.into_iter().enumerate() {
            let sign = if index == 0 { sign } else { "" };
            let margin = self.look.span(&format!(" {sign:<2}{}", " ".repeat(indent)), role);
            let line = [vec![Span::raw(self.bar), margin], row].concat();
            self.lines.push(Line::from(width::crop(line, self.columns, self.look)));
        }
    }
}
