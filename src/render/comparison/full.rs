//! A block per quantity, a line per arm: curve, final value with its interval, difference to the baseline.

use ratatui::text::{Line, Span};

use super::{label, mark, names, notes, scale, value};
use crate::compare::{Row, Series, Summary};
use crate::render::number::signed_interval;
use crate::render::sparkline::sparkline;
use crate::render::style::{Look, Role};
use crate::render::width::{self, Spans};
use crate::spec::Quantity;

/// Fewest columns in which a curve still shows its shape.
const NARROWEST: usize = 6;
/// A summarised curve has no more points than this.
const WIDEST: usize = crate::compare::summary::CURVE_POINTS;

/// The comparison in lines of at most `columns`.
pub fn full(summary: &Summary, columns: usize, look: Look) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for series in &summary.series {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.push(Line::from(width::crop(heading(series, look), columns, look)));
        lines.extend(rows(series, summary.baseline.as_deref(), columns, look));
    }
    lines.extend(notes(summary, columns, look));
    lines
}

/// `λmax  lambda_max  largest eigenvalue …`
fn heading(series: &Series, look: Look) -> Spans {
    let info = series.quantity.info();
    let scale = if series.log { "log scale · " } else { "" };
    let label = label(series.quantity, look);
    let name = if label == info.name { String::new() } else { format!("  {}", info.name) };
    vec![look.span(&label, Role::Heading), look.span(&format!("{name}  {scale}{}", info.about), Role::Dim)]
}

fn rows(series: &Series, baseline: Option<&str>, columns: usize, look: Look) -> Vec<Line<'static>> {
    let names = names(series.rows.iter(), columns, look);
    let name_width = 2 + names.first().map_or(0, |name| width::width(name));
    let room = columns.saturating_sub(name_width);
    let parts = [Numbers::Interval, Numbers::Count, Numbers::Value]
        .map(|numbers| numbered(series, baseline, numbers, look));
    // The richest numbers that leave room for a curve; failing that, the plainest without one.
    let chosen = parts.iter().find(|part| widest(part) + 2 + NARROWEST <= room);
    let curve = chosen.map_or(0, |part| (room - widest(part) - 2).min(WIDEST));
    let plainest = parts.last();
    let numbers = chosen.or(plainest).map(Vec::as_slice).unwrap_or_default();
    let scale = scale(series);
    series
        .rows
        .iter()
        .zip(names)
        .zip(numbers)
        .map(|((row, name), numbers)| {
            let mut line = vec![look.span(&format!("  {name}"), Role::Strong)];
            if curve > 0 {
                line.push(look.span("  ", Role::Text));
                line.push(look.span(&sparkline(&row.curve, curve, scale), Role::Curve));
            }
            line.extend(numbers.iter().cloned());
            Line::from(width::crop(line, columns, look))
        })
        .collect()
}

fn widest(lines: &[Spans]) -> usize {
    lines.iter().map(|spans| width::spans_width(spans)).max().unwrap_or(0)
}

/// How much is said in numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbers {
    /// The value, its n, the difference with its interval, the mark.
    Interval,
    /// The value, its n, the mark.
    Count,
    /// The value and the mark.
    Value,
}

/// The numbers of all rows, aligned.
fn numbered(series: &Series, baseline: Option<&str>, numbers: Numbers, look: Look) -> Vec<Spans> {
    let column = |text: &dyn Fn(&Row) -> String| {
        let texts: Vec<_> = series.rows.iter().map(text).collect();
        let longest = texts.iter().map(|text| width::width(text)).max().unwrap_or(0);
        texts.into_iter().map(|text| width::pad(&text, longest)).collect::<Vec<_>>()
    };
    let values = column(&|row| value(row, look));
    let counts = column(&|row| count(row, numbers));
    let differences = column(&|row| look.text(&difference(row, baseline, numbers)));
    let rows = series.rows.iter().zip(values).zip(counts).zip(differences);
    rows.map(|(((row, value), count), difference)| {
        spans(row, series.quantity, [value, count, difference], look)
    })
    .collect()
}

fn spans(row: &Row, quantity: Quantity, [value, count, difference]: [String; 3], look: Look) -> Spans {
    let separated = |text: &str, role| -> Option<Span<'static>> {
        (!text.trim().is_empty()).then(|| look.span(&format!("  {text}"), role))
    };
    let padded =
        |text: String, role| separated(&text, role).unwrap_or_else(|| look.span(&blank(&text), role));
    let mut spans = vec![look.span(&format!("  {value}"), Role::Text)];
    spans.push(padded(count, Role::Dim));
    spans.push(padded(difference, Role::Text));
    spans.push(look.span(" ", Role::Text));
    spans.push(mark(row, quantity, look));
    spans
}

/// As wide as `text` would be with its gap; nothing where the whole column is empty.
fn blank(text: &str) -> String {
    if text.is_empty() { String::new() } else { " ".repeat(2 + width::width(text)) }
}

/// `(n=5)`, or `(n=3 of 5)` while runs are missing, with those that diverged.
fn count(row: &Row, numbers: Numbers) -> String {
    if numbers == Numbers::Value {
        return String::new();
    }
    let n = row.last.as_ref().map_or(0, |last| last.n);
    let of = if n == row.planned { String::new() } else { format!(" of {}", row.planned) };
    let diverged = if row.diverged > 0 { format!(", {} diverged", row.diverged) } else { String::new() };
    format!("(n={n}{of}{diverged})")
}

/// `Δ −33 [−41, −25]`, or that the row is what differences are taken to.
fn difference(row: &Row, baseline: Option<&str>, numbers: Numbers) -> String {
    match &row.difference {
        _ if numbers != Numbers::Interval => String::new(),
        Some(difference) if difference.n > 1 => {
            format!("Δ {}", signed_interval(difference.mean, difference.low, difference.high))
        }
        None if baseline == Some(row.arm.as_str()) => "baseline".to_owned(),
        Some(_) | None => String::new(),
    }
}
