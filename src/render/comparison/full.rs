//! A block per quantity, a line per arm: curve, final value with its interval, difference to the baseline.

use ratatui::text::{Line, Span};

use super::names::{self, Names, legend};
use super::view::View;
use super::{label, mark, notes, scale, value};
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
    let mut lines = legend(summary, columns, look);
    let names = summary.series.first().map(|series| Names::of(&series.rows).fitted(columns, look));
    let names = names.unwrap_or_default();
    let table = Table::fitting(summary, &names, columns, look);
    for (series, numbers) in summary.series.iter().zip(&table.numbers) {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.push(Line::from(width::crop(heading(series, series.log, look), columns, look)));
        let sweep = summary.along.iter().find(|sweep| sweep.quantity == series.quantity);
        lines.extend(
            sweep
                .into_iter()
                .flat_map(|sweep| super::along::charts(sweep, columns, super::pictures::HEIGHT, look)),
        );
        lines.extend(
            rows(series, &names, numbers, table.curve, look)
                .map(|line| width::crop_line(line, columns, look)),
        );
    }
    lines.extend(super::pictures::full(&summary.pictures, columns, &View::default(), look));
    lines.extend(notes(summary, columns, look));
    lines
}

/// `λmax  lambda_max  loss/w²  log scale`: what it is, its unit where its name does not say it, its scale.
pub(super) fn heading(series: &Series, log: bool, look: Look) -> Spans {
    let info = series.quantity.info();
    let label = label(series.quantity, look);
    let name = if label == info.name { "" } else { info.name };
    let unit = if info.unit == "1" || info.name.contains(info.unit) { "" } else { info.unit };
    let scale = if log { "log scale" } else { "" };
    let parts: Vec<_> = [name, unit, scale].into_iter().filter(|part| !part.is_empty()).collect();
    let dim = if parts.is_empty() { String::new() } else { format!("  {}", parts.join("  ")) };
    vec![look.span(&label, Role::Heading), look.span(&dim, Role::Dim)]
}

/// What all quantities have in common, so that their columns stand under each other: decided once.
pub(super) struct Table {
    /// Columns of every curve; 0 where there is room for none.
    curve: usize,
    /// The numbers of each quantity by row, all of the same width.
    pub(super) numbers: Vec<Vec<Spans>>,
}

impl Table {
    /// The richest numbers that fit, without curves.
    pub(super) fn without_curves(summary: &Summary, names: &[String], columns: usize, look: Look) -> Self {
        let room = columns.saturating_sub(names.first().map_or(0, |name| width::width(name)));
        let mut plainest = Vec::new();
        for numbers in Numbers::ALL {
            plainest = numbered(summary, numbers, look);
            let widest = plainest.iter().flatten().map(|spans| width::spans_width(spans)).max().unwrap_or(0);
            if widest <= room {
                break;
            }
        }
        Self { curve: 0, numbers: plainest }
    }

    /// The richest numbers that leave room for a curve; failing that, the plainest without one.
    fn fitting(summary: &Summary, names: &[String], columns: usize, look: Look) -> Self {
        let before = 2 + names.first().map_or(0, |name| width::width(name));
        let room = columns.saturating_sub(before);
        let mut plainest = Vec::new();
        for numbers in Numbers::ALL {
            let numbers = numbered(summary, numbers, look);
            let widest = numbers.iter().flatten().map(|spans| width::spans_width(spans)).max().unwrap_or(0);
            if widest + 2 + NARROWEST <= room {
                return Self { curve: (room - widest - 2).min(WIDEST), numbers };
            }
            plainest = numbers;
        }
        Self { curve: 0, numbers: plainest }
    }
}

fn rows(
    series: &Series,
    names: &[String],
    numbers: &[Spans],
    curve: usize,
    look: Look,
) -> impl Iterator<Item = Line<'static>> {
    let scale = scale(series);
    series.rows.iter().zip(names).zip(numbers).map(move |((row, name), numbers)| {
        let mut line = names::spans(name, look);
        if curve > 0 {
            line.push(look.span("  ", Role::Text));
            line.push(look.span(&sparkline(&row.curve, curve, scale), Role::Curve));
        }
        line.extend(numbers.iter().cloned());
        Line::from(line)
    })
}

/// How much is said in numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbers {
    /// The value, its n, the difference with its interval, the mark.
    Interval,
    /// The value, the difference with its interval, the mark.
    Difference,
    /// The value, its n, the mark.
    Count,
    /// The value and the mark.
    Value,
}

impl Numbers {
    /// The richest first.
    const ALL: [Self; 4] = [Self::Interval, Self::Difference, Self::Count, Self::Value];
}

/// The numbers of all rows of all quantities, aligned.
fn numbered(summary: &Summary, numbers: Numbers, look: Look) -> Vec<Vec<Spans>> {
    let column = |text: &dyn Fn(&Row) -> String| {
        let texts = summary.series.iter().map(|series| series.rows.iter().map(text).collect::<Vec<_>>());
        aligned(texts.collect())
    };
    let values = column(&|row| value(row, look));
    let counts = column(&|row| count(row, numbers));
    let baseline = summary.baseline.as_deref();
    let differences = column(&|row| look.text(&difference(row, baseline, numbers)));
    let columns = values.into_iter().zip(counts).zip(differences);
    summary
        .series
        .iter()
        .zip(columns)
        .map(|(series, ((values, counts), differences))| {
            let rows = series.rows.iter().zip(values).zip(counts).zip(differences);
            rows.map(|(((row, value), count), difference)| {
                spans(row, series.quantity, [value, count, difference], look)
            })
            .collect()
        })
        .collect()
}

/// All texts padded to the longest.
fn aligned(texts: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let longest = texts.iter().flatten().map(|text| width::width(text)).max().unwrap_or(0);
    let pad = |texts: Vec<String>| texts.iter().map(|text| width::pad(text, longest)).collect();
    texts.into_iter().map(pad).collect()
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
    if matches!(numbers, Numbers::Value | Numbers::Difference) {
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
        _ if matches!(numbers, Numbers::Value | Numbers::Count) => String::new(),
        Some(difference) if difference.n > 1 => {
            format!("Δ {}", signed_interval(difference.mean, difference.low, difference.high))
        }
        None if row.is_baseline(baseline) => "baseline".to_owned(),
        Some(_) | None => String::new(),
    }
}
