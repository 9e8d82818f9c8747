//! The table of runs over the whole screen.
//!
//! ```text
//! ▸runs of batch-size: 24 of 24 ──────────────────
//!   run    seed  batch_size  train_loss  lambda_max
//! ▌ flat      0           4      0.0262        3.64
//! filter: lr>=0.1 lamda▏
//!                 ^^^^^ no setting or measure is called …
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::super::model::Model;
use super::super::runs::{RunsPanel, TypedLine};
use super::{below_heading, heading, put, put_lines, theme};
use crate::base::text::counted;
use crate::compare::runs::{Difference, RunTable, View};
use crate::notebook::Scope;
use crate::render::runs::{Grid, Sight, difference};
use crate::render::style::{Look, Role};
use crate::render::width::{self, Spans};

/// Draws the table.
pub fn render(buffer: &mut Buffer, area: Rect, model: &Model, panel: &RunsPanel) {
    put(buffer, area, &heading(&title(panel), area.width, true, model));
    let body = below_heading(area);
    if let (Some(table), Some(view)) = (&panel.table, &panel.view) {
        let grid = Grid { table, view, look: model.look };
        let height = panel.height(&model.panes());
        let marked = |row: usize| panel.is_marked(row);
        let sight = Sight { marked: &marked, ..panel.sight(height, usize::from(body.width)) };
        put_lines(buffer, body, &grid.lines(&sight));
        if view.is_empty() {
            let why = if table.is_empty() {
                "no run is known yet: r runs a cell"
            } else {
                "no run passes the filter"
            };
            let line = Line::from(model.look.span(&format!("  {why}"), Role::Dim));
            put(buffer, below_heading(body), &line);
        }
    } else {
        put(buffer, body, &Line::from(model.look.span("  the runs are being read", Role::Dim)));
    }
    if let Some(line) = &panel.line {
        let rows = typed(model, line, usize::from(area.width));
        let top = area.bottom().saturating_sub(2).max(body.top());
        let below = Rect { y: top, height: area.bottom() - top, ..area };
        put_lines(buffer, below, &rows);
    }
}

/// What two runs differ in: title and lines.
pub fn sheet(model: &Model, told: &Difference, columns: u16) -> (String, Vec<Line<'static>>) {
    ("what differs".to_owned(), difference(told, usize::from(columns), model.look))
}

fn title(panel: &RunsPanel) -> String {
    let whose = match &panel.scope {
        Scope::Notebook => "runs of the notebook".to_owned(),
        Scope::Entry(entry) => format!("runs of {entry}"),
        Scope::Cell(_, cell) => format!("runs of {cell}"),
    };
    let (Some(table), Some(view)) = (&panel.table, &panel.view) else { return whose };
    format!("{whose}: {}", details(panel, table, view).join(" · "))
}

/// How many there are, which, and what they are compared to.
fn details(panel: &RunsPanel, table: &RunTable, view: &View) -> Vec<String> {
    let mut parts = Vec::new();
    let filter = &panel.query.filter;
    parts.push(if filter.is_everything() {
        table.len().to_string()
    } else {
        format!("{} of {}", view.passing, table.len())
    });
    if view.grouped {
        parts.push(format!("{} over seeds", counted(view.len(), "mean")));
    }
    if panel.line.is_none() && !filter.is_everything() {
        parts.push(filter.to_string());
    }
    parts.extend(view.baseline_label(table).map(|label| format!("against {label}")));
    if !panel.marked.is_empty() {
        parts.push(format!("{} marked", panel.marked.len()));
    }
    parts
}

/// The line that is typed, and below it what is wrong with it or what is offered. What is wrong is underlined, and
/// pointed at where there is room.
fn typed(model: &Model, line: &TypedLine, columns: usize) -> Vec<Line<'static>> {
    let look = model.look;
    let label = line.purpose.label();
    let room = columns.saturating_sub(width::width(label) + 1);
    // Of a long line the end is seen, where it is typed.
    let hidden = width::width(&look.text(&line.text)).saturating_sub(room);
    let mut first = vec![look.span(label, Role::Heading)];
    first.extend(beyond(pieces(model, line), hidden));
    first.push(Span::raw(theme::glyphs(look).cursor));
    let second = match &line.wrong {
        Some(error) => {
            let before = look.text(line.text.get(..error.span.start).unwrap_or_default());
            let indent = (width::width(label) + width::width(&before)).saturating_sub(hidden);
            let length = line.text.get(error.span.clone()).map_or(1, |wrong| width::width(wrong).max(1));
            let help = error.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
            told(&format!("{}{help}", error.message), indent, length, columns, look)
        }
        None => offered(model, line),
    };
    vec![Line::from(first), Line::from(width::crop(second, columns, look))]
}

/// What is wrong, behind marks below its place; at the start of the line where there is no room for that.
fn told(message: &str, indent: usize, length: usize, columns: usize, look: Look) -> Spans {
    if indent + length + 1 + width::width(message) > columns {
        return vec![look.span(message, Role::Bad)];
    }
    vec![Span::raw(" ".repeat(indent)), look.span(&format!("{} {message}", "^".repeat(length)), Role::Bad)]
}

/// What was typed, with what is wrong in it underlined.
fn pieces(model: &Model, line: &TypedLine) -> Spans {
    let (text, look) = (&line.text, model.look);
    let span = line.wrong.as_ref().map_or(text.len()..text.len(), |error| error.span.clone());
    let part = |range: std::ops::Range<usize>| look.text(text.get(range).unwrap_or_default());
    vec![
        Span::raw(part(0..span.start)),
        Span::styled(part(span.clone()), look.style(Role::Bad).add_modifier(Modifier::UNDERLINED)),
        Span::raw(part(span.end..text.len())),
    ]
}

/// Spans without their first columns.
fn beyond(spans: Spans, mut hidden: usize) -> Spans {
    let cut = |span: Span<'static>| {
        let head = width::head(&span.content, hidden).len();
        hidden = hidden.saturating_sub(width::width(&span.content));
        Span::styled(span.content.get(head..).unwrap_or_default().to_owned(), span.style)
    };
    spans.into_iter().map(cut).collect()
}

fn offered(model: &Model, line: &TypedLine) -> Vec<Span<'static>> {
    let look = model.look;
    if line.offers.is_empty() {
        let hint = "names, signs, values: lr>=0.01 model~mlp NOT tag:old has:lambda_max";
        return vec![look.span(if line.text.is_empty() { hint } else { "" }, Role::Dim)];
    }
    let mut spans = vec![look.span("Tab ", Role::Dim)];
    for (index, offer) in line.offers.iter().enumerate().skip(line.chosen.saturating_sub(3)) {
        let role = if index == line.chosen { Role::Selected } else { Role::Dim };
        spans.extend([look.span(offer, role), Span::raw("  ")]);
    }
    spans
}
