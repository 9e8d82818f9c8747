//! The editor: the text with its colours, the cursor, what is wrong at the cursor, what could stand there.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;

use super::super::edit::regions::{RegionKind, at};
use super::super::edit::{Editor, wrap};
use super::super::layout::GUTTER;
use super::super::model::Model;
use super::{below_heading, heading, highlight, put, put_lines};
use crate::render::code;
use crate::render::style::{Look, Role};
use crate::render::width::{self, width};

/// Lines under the text for what is wrong, by those that there are.
fn trouble_lines(height: u16) -> u16 {
    match height {
        0..5 => 0,
        5..13 => 2,
        _ => 3,
    }
}

/// The part of the pane that shows text.
pub fn text_area(pane: Rect) -> Rect {
    let body = below_heading(pane);
    let footer = trouble_lines(body.height);
    let gutter = GUTTER.min(body.width);
    Rect { x: body.x + gutter, width: body.width - gutter, height: body.height - footer, ..body }
}

/// Draws the editor.
pub fn render(buffer: &mut Buffer, pane: Rect, model: &Model, editor: &Editor) {
    put(buffer, pane, &heading(&title(editor, usize::from(pane.width), model.look), pane.width, true, model));
    let area = text_area(pane);
    let found = found(editor);
    for (y, row) in (area.top()..area.bottom()).zip(editor.visible()) {
        let line = row_line(editor, &row, &found, model.look);
        let columns = usize::from(area.width);
        put(buffer, Rect { y, height: 1, ..area }, &Line::from(width::crop(line, columns, model.look)));
        cursor(buffer, Rect { y, height: 1, ..area }, editor, &row, model.look);
        mark(buffer, Rect { x: pane.x, y, width: area.x - pane.x, height: 1 }, editor, &row, model.look);
    }
    trouble(
        buffer,
        Rect { y: area.bottom(), height: pane.bottom() - area.bottom(), ..area },
        editor,
        model.look,
    );
    offer(buffer, area, editor, model.look);
}

/// The file, and how it stands with it, which a long name must not push out.
fn title(editor: &Editor, columns: usize, look: Look) -> String {
    let changed = if editor.is_changed() { " *" } else { "" };
    let overtaken = if editor.overtaken { "  changed on disk" } else { "" };
    // Before the title stands a mark, after it a space.
    let room = columns.saturating_sub(2 + width(changed) + width(overtaken));
    format!("{}{changed}{overtaken}", width::truncate_start(&look.text(&editor.file), room, look))
}

/// The places on the screen of what is searched for.
fn found(editor: &Editor) -> Vec<Range<usize>> {
    let rows = editor.visible();
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Vec::new() };
    let text = editor.buffer.text().get(first.start..last.end).unwrap_or_default();
    let places = highlight::matches(text, &editor.needle).into_iter();
    places.map(|range| first.start + range.start..first.start + range.end).collect()
}

/// The spans of a row: each grapheme in the style of the piece of source that it belongs to.
fn row_line(editor: &Editor, row: &Range<usize>, found: &[Range<usize>], look: Look) -> Vec<Span<'static>> {
    let text = editor.buffer.text();
    let (start, end) = (editor.buffer.line_start(row.start), editor.buffer.line_end(row.start));
    let pieces = pieces(editor, start, text.get(start..end).unwrap_or_default());
    let problem = problem_span(editor);
    let mut spans = Vec::new();
    let mut column = 0;
    for (offset, grapheme) in text.get(row.clone()).unwrap_or_default().grapheme_indices(true) {
        let byte = row.start + offset;
        let piece = pieces.iter().find(|(range, _)| range.contains(&(byte - start)));
        let mut style = piece.map_or(Style::new(), |(_, role)| look.style(*role));
        if problem.as_ref().is_some_and(|span| span.contains(&byte)) {
            style = style.patch(look.style(Role::Bad)).add_modifier(Modifier::UNDERLINED);
        }
        if found.iter().any(|range| range.contains(&byte)) {
            style = style.add_modifier(Modifier::REVERSED);
        }
        let shown = wrap::shown(grapheme, column, look);
        column += width(&shown);
        width::push(&mut spans, &shown, style);
    }
    spans
}

/// The pieces of a line of the source, by the language that it is in.
fn pieces(editor: &Editor, start: usize, line: &str) -> code::Pieces {
    match at(&editor.regions, start).filter(|region| start < region.text.end).map(|region| &region.kind) {
        None => code::markdown(line),
        Some(RegionKind::Front | RegionKind::Cell(_)) => code::yaml(line),
        Some(RegionKind::Code(language)) => code::pieces(language, line),
    }
}

/// What is underlined: the bytes that are wrong, at least one.
fn problem_span(editor: &Editor) -> Option<Range<usize>> {
    let place = editor.problem.as_ref()?.place.as_ref()?;
    Some(place.span.start..place.span.end.max(place.span.start + 1))
}

/// The cursor is drawn, not asked of the terminal: it shows where it is without colour, too.
fn cursor(buffer: &mut Buffer, area: Rect, editor: &Editor, row: &Range<usize>, look: Look) {
    let at = editor.buffer.cursor();
    let rows = editor.rows(at);
    if rows.get(wrap::row_of(&rows, at)) != Some(row) {
        return;
    }
    let text = editor.buffer.text().get(row.clone()).unwrap_or_default();
    let column = wrap::column_of(text, at - row.start, look) as u16;
    let x = area.x + column.min(area.width.saturating_sub(1));
    if area.width > 0 && buffer.area.contains((x, area.y).into()) {
        buffer[(x, area.y)].modifier |= Modifier::REVERSED;
    }
}

/// A sign beside the row with what is wrong: underlining is lost on some terminals.
fn mark(buffer: &mut Buffer, gutter: Rect, editor: &Editor, row: &Range<usize>, look: Look) {
    let wrong = problem_span(editor)
        .is_some_and(|span| row.contains(&span.start) || span.start == row.end && row.is_empty());
    if wrong {
        put(buffer, gutter, &Line::from(look.span("!", Role::Bad)));
    }
}

/// What is wrong with the cell at the cursor.
fn trouble(buffer: &mut Buffer, area: Rect, editor: &Editor, look: Look) {
    let Some(problem) = &editor.problem else { return };
    let columns = usize::from(area.width);
    let line =
        problem.place.as_ref().map_or(String::new(), |place| format!("{}:{} ", place.line, place.column));
    let message = [look.span(&line, Role::Dim), look.span(&problem.message, Role::Bad)];
    let help = problem.help.iter().map(|help| [look.span("→ ", Role::Good), look.span(help, Role::Text)]);
    let all = std::iter::once(message).chain(help).flat_map(|spans| width::wrap(&spans, columns));
    let mut lines: Vec<width::Spans> = all.collect();
    // What there is no room for is cut off as any line is.
    let rest = lines.split_off(lines.len().min(usize::from(area.height)));
    if let Some(last) = lines.last_mut() {
        for row in rest {
            last.push(Span::raw(" "));
            last.extend(row);
        }
    }
    let lines: Vec<_> = lines.into_iter().map(|line| Line::from(width::crop(line, columns, look))).collect();
    put_lines(buffer, area, &lines);
}

/// What could stand at the cursor, under it or, at the end of the screen, above it.
fn offer(buffer: &mut Buffer, area: Rect, editor: &Editor, look: Look) {
    let Some(offer) = &editor.completion else { return };
    let rows = editor.visible();
    let at = editor.buffer.cursor();
    let Some(row) = rows.iter().rposition(|row| row.start <= at) else { return };
    let columns = offer.words.iter().map(|word| width(word)).max().unwrap_or(0) + 2;
    let columns = (columns as u16).min(area.width);
    let text = editor.buffer.text().get(rows.get(row).cloned().unwrap_or_default()).unwrap_or_default();
    let start = rows.get(row).map_or(0, |row| row.start);
    let column = wrap::column_of(text, offer.from.saturating_sub(start), look) as u16;
    let x = area.x + column.min(area.width - columns);
    let height = (offer.words.len() as u16).min(area.height);
    let below = area.y + row as u16 + 1;
    let y =
        if below + height <= area.bottom() { below } else { (below - 1).saturating_sub(height).max(area.y) };
    for (index, word) in offer.words.iter().enumerate().take(usize::from(height)) {
        let chosen = index == offer.at;
        let mark = if chosen { "▸" } else { " " };
        let style = if chosen {
            look.style(Role::Selected)
        } else {
            look.style(Role::Accent).add_modifier(Modifier::REVERSED)
        };
        let text = width::pad(&look.text(&format!("{mark}{word}")), usize::from(columns));
        put(buffer, Rect { x, y: y + index as u16, width: columns, height: 1 }, &Line::styled(text, style));
    }
}
