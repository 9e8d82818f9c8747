//! A list over the panes: what is typed, and what there is to choose from.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::list::{Item, List};
use super::super::model::Model;
use super::{below_heading, heading, put, theme};
use crate::render::style::Role;
use crate::render::width;

/// Draws the list.
pub fn render(buffer: &mut Buffer, area: Rect, model: &Model, list: &List) {
    let cursor = theme::glyphs(model.look).cursor;
    let title = format!("{}: {}{cursor}  {}", list.title(), list.query, list.count());
    put(buffer, area, &heading(&title, area.width, true, model));
    let body = below_heading(area);
    let labels = list.items.iter().map(|item| width::width(&item.label)).max().unwrap_or(0);
    let room = labels.min(usize::from(body.width) * 2 / 5);
    let rows = (body.top()..body.bottom()).zip(list.items.iter().enumerate().skip(list.top));
    for (y, (index, item)) in rows {
        put(
            buffer,
            Rect { y, height: 1, ..body },
            &line(model, item, index == list.at, room, usize::from(body.width)),
        );
    }
}

fn line(model: &Model, item: &Item, chosen: bool, room: usize, columns: usize) -> Line<'static> {
    let look = model.look;
    let bar = if chosen { theme::glyphs(look).bar } else { " " };
    let label = width::pad(&width::truncate(&look.text(&item.label), room, look), room);
    let role = if chosen { Role::Selected } else { Role::Text };
    let mut spans = vec![Span::raw(bar), look.span(&label, role), Span::raw("  ")];
    let part = |range: std::ops::Range<usize>| item.detail.get(range).unwrap_or_default();
    // What was found stays on the screen: of a long line the beginning gives way.
    let beyond = (room + 3 + width::width(part(0..item.found.end))).saturating_sub(columns.saturating_sub(4));
    let before = part(0..item.found.start);
    let skipped = before.char_indices().map(|(at, _)| at).find(|at| width::width(&before[..*at]) >= beyond);
    let before = before.get(skipped.unwrap_or(0)..).unwrap_or_default();
    spans.push(look.span(before, Role::Dim));
    spans.push(look.span(part(item.found.clone()), Role::Strong));
    spans.push(look.span(part(item.found.end..item.detail.len()), Role::Dim));
    Line::from(width::crop(spans, columns, look))
}
