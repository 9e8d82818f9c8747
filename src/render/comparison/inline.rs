//! One line per arm: `flat  train ▇▅▃▂▁▁▁▁  test acc ▁▄▆▇▇███ 0.957 ±.006 ▲  λmax ▂▃▃▂▂▁▁▁ 8.1 ±1.2 ▼`.

use ratatui::text::Line;

use super::along::charts;
use super::names::{self, Names, legend};
use super::{full, label, mark, notes, scale, value};
use crate::compare::along::Along;
use crate::compare::{Series, Summary};
use crate::render::cell::indented;
use crate::render::sparkline::sparkline;
use crate::render::style::{Look, Role};
use crate::render::width::{self, Spans};
use crate::spec::Quantity;

/// Fewest columns in which a curve still shows its shape.
const NARROWEST: usize = 6;
/// More columns than this say nothing new at a glance.
const WIDEST: usize = 16;
/// Rows of the chart of a sweep.
const SWEEP_HEIGHT: usize = 6;
/// Between the columns of a line.
const GAP: usize = 2;

/// The comparison in lines of at most `columns`.
pub fn inline(summary: &Summary, columns: usize, look: Look) -> Vec<Line<'static>> {
    let Some(first) = summary.series.first().filter(|series| !series.rows.is_empty()) else {
        return notes(summary, columns, look);
    };
    if let Some(lines) = sweep(summary, columns, look) {
        return lines;
    }
    let names = Names::of(&first.rows).fitted(columns, look);
    let before = GAP + names.first().map_or(0, |name| width::width(name));
    let room = columns.saturating_sub(before);
    let Some(shown) = fitting(&summary.series, room, look) else { return full(summary, columns, look) };
    let spare = room - shown.iter().map(Column::narrowest).sum::<usize>();
    let curve = (NARROWEST + spare / shown.len().max(1)).min(WIDEST);
    let mut lines = legend(summary, columns, look);
    lines.extend((0..first.rows.len()).map(|group| {
        let mut line = names::spans(names.get(group).map_or("", String::as_str), look);
        for column in &shown {
            column.draw(group, curve, &mut line, look);
        }
        Line::from(width::crop(line, columns, look))
    }));
    lines.extend(left_out(&summary.series, &shown, columns, look));
    lines.extend(super::pictures::inline(&summary.pictures, columns, look));
    lines.extend(notes(summary, columns, look));
    lines
}

/// Charts of a sweep, where there is one that makes a curve: of the quantities of the test set, or else of the first.
fn sweep(summary: &Summary, columns: usize, look: Look) -> Option<Vec<Line<'static>>> {
    let fit = |along: &&Along| {
        matches!(along.quantity, Quantity::TestError | Quantity::TestAccuracy | Quantity::TestLoss)
    };
    let shown = summary.along.iter().find(fit).or(summary.along.first())?;
    let drawn = charts(shown, columns, SWEEP_HEIGHT, look);
    let mut lines = vec![Line::from(look.span(&format!("  {}", label(shown.quantity, look)), Role::Heading))];
    lines.extend(drawn);
    let rest: Vec<_> = summary
        .series
        .iter()
        .filter(|one| one.quantity != shown.quantity)
        .map(|one| one.quantity.name())
        .collect();
    if !rest.is_empty() {
        let text = format!("and {}: c draws all", rest.join(", "));
        lines.extend(indented(&text, Role::Dim, columns, look).into_iter().map(Line::from));
    }
    lines.extend(super::pictures::inline(&summary.pictures, columns, look));
    lines.extend(notes(summary, columns, look));
    Some(lines)
}

/// As many quantities as fit. Those of the training set give way first, their final numbers before their curves:
/// training is stopped where those are alike, so that they tell the least. Then the last ones go.
fn fitting(series: &[Series], room: usize, look: Look) -> Option<Vec<Column<'_>>> {
    let with = |numbers, keep: fn(&Series) -> bool| -> Vec<_> {
        series.iter().filter(|series| keep(series)).map(|series| Column::new(series, numbers, look)).collect()
    };
    let fits = |columns: &Vec<Column<'_>>| columns.iter().map(Column::narrowest).sum::<usize>() <= room;
    let choices = [
        with(Numbers::All, |_| true),
        with(Numbers::TestOnly, |_| true),
        with(Numbers::All, |one| !of_training(one)),
    ];
    let [_, whole, test] = &choices;
    let mut rest = if test.is_empty() { whole.clone() } else { test.clone() };
    if let Some(choice) = choices.into_iter().find(|choice| !choice.is_empty() && fits(choice)) {
        return Some(choice);
    }
    while !fits(&rest) {
        rest.pop();
    }
    if rest.is_empty() { None } else { Some(rest) }
}

/// Whether it is measured on the training set.
fn of_training(series: &Series) -> bool {
    matches!(series.quantity, Quantity::TrainLoss | Quantity::TrainAccuracy | Quantity::TrainError)
}

/// Which quantities show their final numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbers {
    All,
    TestOnly,
}

/// One quantity, laid out for all groups.
#[derive(Clone)]
struct Column<'a> {
    series: &'a Series,
    label: String,
    /// Final values by group, padded; empty where they are not shown.
    values: Vec<String>,
}

impl<'a> Column<'a> {
    fn new(series: &'a Series, numbers: Numbers, look: Look) -> Self {
        let hidden = numbers == Numbers::TestOnly && of_training(series);
        let values: Vec<_> =
            if hidden { Vec::new() } else { series.rows.iter().map(|row| value(row, look)).collect() };
        let longest = values.iter().map(|value| width::width(value)).max().unwrap_or(0);
        let values = values.into_iter().map(|value| width::pad(&value, longest)).collect();
        Self { series, label: label(series.quantity, look), values }
    }

    /// Columns it takes with the narrowest curve, its gap included.
    fn narrowest(&self) -> usize {
        let numbers = self.values.first().map_or(0, |value| 1 + width::width(value) + 2);
        GAP + width::width(&self.label) + 1 + NARROWEST + numbers
    }

    fn draw(&self, group: usize, curve: usize, line: &mut Spans, look: Look) {
        let Some(row) = self.series.rows.get(group) else { return };
        line.push(look.span(&format!("{}{} ", " ".repeat(GAP), self.label), Role::Dim));
        line.push(look.span(&sparkline(&row.curve, curve, scale(self.series)), Role::Curve));
        if let Some(value) = self.values.get(group) {
            line.push(look.span(&format!(" {value} "), Role::Text));
            line.push(mark(row, self.series.quantity, look));
        }
    }
}

/// The quantities that did not fit, by name.
fn left_out(series: &[Series], shown: &[Column<'_>], columns: usize, look: Look) -> Vec<Line<'static>> {
    let is_shown = |one: &&Series| shown.iter().any(|column| column.series.quantity == one.quantity);
    let rest: Vec<_> = series.iter().filter(|one| !is_shown(one)).map(|one| one.quantity.name()).collect();
    if rest.is_empty() {
        return Vec::new();
    }
    let text = format!("and {}", rest.join(", "));
    indented(&text, Role::Dim, columns, look).into_iter().map(Line::from).collect()
}
