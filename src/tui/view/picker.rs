//! The arms of a cell, to mark some of them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::model::Model;
use super::super::overlay::ArmPicker;
use super::{below_heading, heading, put, put_lines, theme};
use crate::render::style::Role;

/// Draws the list.
pub fn render(buffer: &mut Buffer, area: Rect, model: &Model, picker: &ArmPicker) {
    put(buffer, area, &heading(&format!("arms of {}", picker.cell), area.width, true, model));
    let body = below_heading(area);
    let top = (picker.at + 1).saturating_sub(usize::from(body.height));
    let lines: Vec<Line<'_>> =
        (0..picker.arms.len()).skip(top).map(|index| line(model, picker, index)).collect();
    put_lines(buffer, body, &lines);
}

fn line<'a>(model: &Model, picker: &'a ArmPicker, index: usize) -> Line<'a> {
    let arm = picker.arms.get(index).map_or("", String::as_str);
    let marked = model.marks.has(&picker.entry, &picker.cell, arm);
    let here = index == picker.at;
    let bar = if here { theme::glyphs(model.look).bar } else { " " };
    let style = if here { model.look.style(Role::Selected) } else { Style::new() };
    Line::from(vec![
        Span::raw(bar),
        Span::raw(if marked { " [x] " } else { " [ ] " }),
        Span::styled(arm, style),
    ])
}
