//! Who is at which run, how far and how fast, and what waits.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::model::Model;
use super::super::workers::{Row, RowState, rows};
use super::{below_heading, heading, put, put_lines, theme};
use crate::base::clock;
use crate::base::number::significant;
use crate::base::text::counted;
use crate::notebook::Flight;
use crate::render::style::{Glyphs, Look, Role};
use crate::render::width;

/// Cells of the bar that shows how far a run is.
const BAR: usize = 16;

/// Draws the rows, that at `at` chosen.
pub fn render(buffer: &mut Buffer, area: Rect, model: &Model, at: usize) {
    put(buffer, area, &heading(&title(model), area.width, true, model));
    let body = below_heading(area);
    let rows = rows(model);
    let columns = usize::from(area.width);
    if rows.is_empty() {
        let text =
            "nothing is going and nothing waits: r runs the selected cell, R what is stale in the entry";
        return put_lines(buffer, body, &theme::wrapped(&format!(" {text}"), columns, model.look));
    }
    let mut lines = Vec::new();
    let mut chosen_ends = 0;
    for (index, row) in rows.iter().enumerate() {
        lines.extend(row_lines(model, row, index == at, columns));
        if index == at {
            chosen_ends = lines.len();
        }
    }
    let top = chosen_ends.saturating_sub(usize::from(body.height));
    put_lines(buffer, body, lines.get(top..).unwrap_or_default());
}

/// `3 running · 12 queued · eta 0:41 · 14 runs/min`.
fn title(model: &Model) -> String {
    let dot = theme::glyphs(model.look).dot;
    let going = model.progress.line(model.now, dot);
    let rate =
        model.progress.runs_per_minute(model.now).map(|rate| format!("{} runs/min", significant(rate, 2)));
    let parts: Vec<String> = std::iter::once("workers".to_owned()).chain(going).chain(rate).collect();
    parts.join(&format!(" {dot} "))
}

fn row_lines(model: &Model, row: &Row, chosen: bool, columns: usize) -> Vec<Line<'static>> {
    let look = model.look;
    let bar = if chosen { theme::glyphs(look).bar } else { " " };
    let role = if chosen { Role::Selected } else { Role::Text };
    let for_long = clock::duration(model.now.saturating_sub(row.since).as_secs_f64());
    let line = |text: &str, role| {
        let text = width::truncate(&look.text(text), columns.saturating_sub(1), look);
        Line::from(vec![Span::raw(bar), look.span(&text, role)])
    };
    match &row.state {
        RowState::Waiting => {
            let what = format!(
                "  {} for {for_long}",
                if row.runs.len() == 1 {
                    "waits".to_owned()
                } else {
                    format!("{} wait", counted(row.runs.len(), "run"))
                }
            );
            let room = columns.saturating_sub(1 + width::width(&what));
            let mut line = line(&name(row, room, look), role);
            line.push_span(look.span(&what, Role::Dim));
            vec![line]
        }
        RowState::Running(flight) => {
            let far = flight.as_ref().map_or_else(|| "begins".to_owned(), |flight| how_far(model, flight));
            vec![
                line(&name(row, columns.saturating_sub(1), look), role),
                line(&format!("  {far}  {for_long}"), Role::Dim),
            ]
        }
    }
}

/// Where the runs of a row stand, in `room` columns. What tells rows apart, arm and seeds, stands at the end: of what is too
/// long the beginning gives way.
fn name(row: &Row, room: usize, look: Look) -> String {
    let seeds = width::truncate(&look.text(&row.seeds), room / 2, look);
    let left = room.saturating_sub(width::width(&seeds) + usize::from(!seeds.is_empty()));
    let place = width::truncate_start(&look.text(&row.place), left, look);
    if seeds.is_empty() { place } else { format!("{place} {seeds}") }
}

/// `43% ━━━━━━━─────────  1290 of 3000 steps  5200/s  0:07 to go  loss 0.12  process 4711`.
fn how_far(model: &Model, flight: &Flight) -> String {
    let (done, left) = if model.look.glyphs == Glyphs::Unicode { ("━", "─") } else { ("=", "-") };
    let filled = (flight.fraction() * BAR as f64).round() as usize;
    let bar = format!("{}{}", done.repeat(filled), left.repeat(BAR.saturating_sub(filled)));
    let mut parts = vec![
        format!("{:3.0}% {bar}", 100.0 * flight.fraction()),
        format!("{} of {} steps", flight.steps, flight.total),
    ];
    if let Some(rate) = flight.rate() {
        parts.push(format!("{rate:.0}/s"));
        let to_go = flight.total.saturating_sub(flight.steps) as f64 / rate;
        parts.push(format!("{} to go", clock::duration(to_go)));
    }
    parts.push(format!("pid {}", flight.pid));
    parts.join("  ")
}
