//! The list of entries: verdict, day, title.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::log::{Row, month_of};
use super::super::model::{Focus, Model};
use super::super::prompt::{Prompt, Purpose};
use super::{below_heading, heading, put, put_lines, theme};
use crate::notebook::{Entry, EntryMark};
use crate::render::style::Role;
use crate::render::{marks, width};

/// Draws the log.
pub fn render(buffer: &mut Buffer, area: Rect, model: &Model) {
    put(buffer, area, &heading(&title(model), area.width, model.focus == Focus::Log, model));
    let rows = model.log.rows(model.entries());
    let body = below_heading(area);
    let lines: Vec<Line<'_>> = rows
        .iter()
        .skip(model.log.top)
        .take(usize::from(body.height))
        .map(|row| line(*row, usize::from(area.width), model))
        .collect();
    put_lines(buffer, body, &lines);
}

fn title(model: &Model) -> String {
    let cursor = theme::glyphs(model.look).cursor;
    match &model.prompt {
        Some(Prompt { purpose: Purpose::Filter, text, .. }) => format!("/{text}{cursor}"),
        _ if model.log.filter.is_empty() => "log".to_owned(),
        _ => format!("log /{}", model.log.filter),
    }
}

fn line(row: Row, width: usize, model: &Model) -> Line<'static> {
    let (Row::Month(index) | Row::Entry(index)) = row;
    match (model.entries().get(index), row) {
        (Some(entry), Row::Month(_)) => {
            Line::styled(format!("  {}", month_of(&entry.date)), model.look.style(Role::Dim))
        }
        (Some(entry), Row::Entry(_)) => entry_line(entry, width, model),
        (None, _) => Line::default(),
    }
}

fn entry_line(entry: &Entry, width: usize, model: &Model) -> Line<'static> {
    let glyphs = theme::glyphs(model.look);
    let selected = model.log.is_selected(entry);
    let bar = if selected { glyphs.bar } else { " " };
    let (glyph, role) = marks::entry(entry.mark, model.look);
    let mut tail = match entry.mark {
        EntryMark::Running(share) => format!(" {:.0}%", share.clamp(0.0, 1.0) * 100.0),
        _ => String::new(),
    };
    if model.marks.any_of(&entry.slug) {
        tail.push_str(" *");
    }
    let day = entry.date.get(8..).unwrap_or("  ");
    let room = width.saturating_sub(6 + tail.len());
    let title = width::truncate(&model.look.text(&entry.title), room, model.look);
    let padding = " ".repeat(room.saturating_sub(width::width(&title)));
    let title_style = if selected { model.look.style(Role::Selected) } else { Style::new() };
    Line::from(vec![
        Span::raw(bar),
        Span::styled(glyph, model.look.style(role)),
        Span::styled(format!(" {day} "), model.look.style(Role::Dim)),
        Span::styled(title, title_style),
        Span::raw(padding),
        Span::styled(tail, model.look.style(Role::Dim)),
    ])
}
