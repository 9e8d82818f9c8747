//! The screen as a function of the model: one file per panel, nothing is decided here.

pub mod compare;
pub mod conflict;
pub mod edit;
pub mod entry;
pub mod help;
pub mod highlight;
pub mod list;
pub mod log;
pub mod picker;
pub mod problems;
pub mod runs;
pub mod status;
pub mod theme;
pub mod workers;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::layout::Panes;
use super::model::{Focus, Model};
use super::overlay::{Overlay, Sheet};
use crate::render::style::Role;
use crate::render::width::width;

/// Draws the whole screen into a frame of ratatui's.
pub fn render(frame: &mut Frame<'_>, model: &Model) {
    paint(frame.buffer_mut(), model);
}

/// The areas of the screen, what the person looks at first: over a slow line they are sent in this order.
pub fn areas(model: &Model) -> [Rect; 4] {
    let panes = model.panes();
    match (model.overlays.is_empty(), model.focus) {
        (false, _) => [panes.status, panes.body, Rect::ZERO, Rect::ZERO],
        (true, Focus::Log) => [panes.status, panes.log, panes.entry, panes.separator],
        (true, Focus::Entry) => [panes.status, panes.entry, panes.log, panes.separator],
    }
}

/// Draws the whole screen.
pub fn paint(buffer: &mut Buffer, model: &Model) {
    let panes = model.panes();
    // A question stands in the status line: what it is about stays in sight above it.
    match model.overlays.iter().rev().find(|overlay| !matches!(overlay, Overlay::Confirm(_))) {
        Some(Overlay::Sheet(sheet)) => render_sheet(buffer, panes.body, model, sheet),
        Some(Overlay::Comparison(comparison)) => compare::render(buffer, panes.body, model, comparison),
        Some(Overlay::Arms(arms)) => picker::render(buffer, panes.body, model, arms),
        Some(Overlay::Runs(panel)) => runs::render(buffer, panes.body, model, panel),
        Some(Overlay::Workers(at)) => workers::render(buffer, panes.body, model, *at),
        Some(Overlay::List(items)) => list::render(buffer, panes.body, model, items),
        Some(Overlay::Confirm(_)) | None if is_empty(model) => entry::render_hint(buffer, panes.body, model),
        Some(Overlay::Confirm(_)) | None => render_panes(buffer, &panes, model),
    }
    status::render(buffer, panes.status, model);
}

/// Whether the notebook was read and has no entries.
fn is_empty(model: &Model) -> bool {
    model.snapshot.as_ref().is_some_and(|snapshot| snapshot.entries.is_empty())
}

fn render_panes(buffer: &mut Buffer, panes: &Panes, model: &Model) {
    log::render(buffer, panes.log, model);
    let line = theme::glyphs(model.look).vertical;
    for y in panes.separator.top()..panes.separator.bottom() {
        put(
            buffer,
            Rect { y, height: 1, ..panes.separator },
            &Line::styled(line, model.look.style(Role::Dim)),
        );
    }
    match &model.editor {
        Some(editor) => edit::render(buffer, panes.entry, model, editor),
        None => entry::render(buffer, panes.entry, model),
    }
}

fn render_sheet(buffer: &mut Buffer, area: Rect, model: &Model, sheet: &Sheet) {
    put(buffer, area, &heading(&sheet.title, area.width, true, model));
    put_lines(buffer, below_heading(area), sheet.lines.get(sheet.top..).unwrap_or_default());
}

/// The heading of a panel: its title and a rule. The panel with the keys has an arrow before it.
fn heading(title: &str, columns: u16, focused: bool, model: &Model) -> Line<'static> {
    let glyphs = theme::glyphs(model.look);
    let style = if focused { model.look.style(Role::Heading) } else { model.look.style(Role::Dim) };
    let mark = if focused { glyphs.pointer } else { " " };
    let title = format!("{mark}{} ", model.look.text(title));
    let rest = usize::from(columns).saturating_sub(width(&title));
    let rule = Span::styled(glyphs.horizontal.repeat(rest), model.look.style(Role::Dim));
    Line::from(vec![Span::styled(title, style), rule])
}

/// The same area without its first row.
fn below_heading(area: Rect) -> Rect {
    let height = area.height.saturating_sub(1);
    Rect { y: area.y + (area.height - height), height, ..area }
}

/// Draws a line at the top of `area`, cut where it does not fit; nothing where there is no room.
fn put(buffer: &mut Buffer, area: Rect, line: &Line<'_>) {
    if area.height > 0 {
        line.render(Rect { height: 1, ..area }.intersection(buffer.area), buffer);
    }
}

/// Draws as many of `lines` as fit.
fn put_lines(buffer: &mut Buffer, area: Rect, lines: &[Line<'_>]) {
    for (y, line) in (area.top()..area.bottom()).zip(lines) {
        put(buffer, Rect { y, height: 1, ..area }, line);
    }
}
