//! The selected entry: its heading, its prose, its cells with what they come to.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::super::layout::GUTTER;
use super::super::model::Model;
use super::{highlight, put, put_lines, theme};
use crate::render::SpotKind;
use crate::render::style::Role;

/// What a notebook without entries says: all one needs for the first one.
const FIRST_RUN: [&str; 6] = [
    "This notebook has no entries yet: o begins the first one, here and now.",
    "An entry is a Markdown file, entries/2026-11-22-first-look.md, for any editor.",
    "In it a fenced block `yaml experiment` trains, `yaml compare` draws results,",
    "`yaml claim` is judged by them. Prose goes between them.",
    "r runs a cell, c compares, i edits in place, / filters and searches.",
    "? lists the keys, q leaves; runs go on. `lowland help cells` has the language.",
];

/// Draws the entry, or what is to be said where there is none.
pub fn render(buffer: &mut Buffer, area: Rect, model: &Model) {
    let text = Rect { x: area.x + GUTTER.min(area.width), width: area.width.saturating_sub(GUTTER), ..area };
    match (&model.snapshot, model.entry()) {
        (None, _) => put(buffer, text, &Line::raw("reading the notebook")),
        (Some(_), None) => put(buffer, text, &Line::raw("no entry matches")),
        (Some(_), Some(_)) => {
            visible(buffer, text, model);
            bar(buffer, area, model);
            marks(buffer, area, model);
        }
    }
}

/// A star beside the first line of every cell that is marked.
fn marks(buffer: &mut Buffer, area: Rect, model: &Model) {
    let Some(entry) = model.entry() else { return };
    for (cell, lines) in entry.cells.iter().zip(model.page.cells()) {
        let marked = cell.id().is_some_and(|id| model.marks.any_of_cell(&entry.slug, id));
        if let (true, Some(row)) = (marked, lines.start.checked_sub(model.page.top))
            && row < usize::from(area.height)
        {
            put(buffer, Rect { x: area.x + 1, y: area.y + row as u16, width: 1, height: 1 }, &Line::raw("*"));
        }
    }
}

/// Draws what to do in a notebook without entries.
pub fn render_hint(buffer: &mut Buffer, area: Rect, model: &Model) {
    let lines: Vec<Line<'_>> =
        FIRST_RUN.iter().flat_map(|text| theme::wrapped(text, usize::from(area.width), model.look)).collect();
    put_lines(buffer, area, &lines);
}

fn visible(buffer: &mut Buffer, area: Rect, model: &Model) {
    let page = &model.page;
    let spot = page.spot().filter(|spot| !matches!(spot.kind, SpotKind::Cell(_) | SpotKind::Heading { .. }));
    let lines = page.lines().iter().enumerate().skip(page.top).take(usize::from(area.height));
    for (y, (index, line)) in (area.top()..).zip(lines) {
        let area = Rect { y, height: 1, ..area };
        let selected = spot.filter(|spot| spot.range().contains(&index)).map(|spot| spot.columns(index));
        match selected {
            Some(columns) if columns != (0..usize::MAX) => {
                put(buffer, area, &highlight::columns(line, &columns));
            }
            _ if page.needle.is_empty() => put(buffer, area, line),
            _ => put(buffer, area, &highlight::line(line, &page.needle)),
        }
    }
}

/// The bar beside the selected cell: a glyph, for colour alone says nothing to some.
fn bar(buffer: &mut Buffer, area: Rect, model: &Model) {
    let Some(range) = model.page.selected_lines() else { return };
    let glyph = Line::styled(theme::glyphs(model.look).bar, model.look.style(Role::Heading));
    let rows = (area.top()..area.bottom()).zip(model.page.top..);
    for (y, _) in rows.filter(|(_, line)| range.contains(line)) {
        put(buffer, Rect { y, height: 1, ..area }, &glyph);
    }
}
