//! A comparison over the whole screen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::comparison::Comparison;
use super::super::model::Model;
use super::{below_heading, heading, put, put_lines};

/// Draws it.
pub fn render(buffer: &mut Buffer, area: Rect, model: &Model, comparison: &Comparison) {
    put(buffer, area, &heading(&comparison.title, area.width, true, model));
    let lines = comparison.lines.get(comparison.top..).unwrap_or_default();
    put_lines(buffer, below_heading(area), lines);
}
