//! One quantity of a comparison: its chart, and a line for each arm that is its legend and has its numbers.

use ratatui::text::{Line, Span};

use super::traced::Traced;
use super::view::View;
use super::{along, full, names, seeds};
use crate::base::number::interval;
use crate::base::text::counted;
use crate::compare::{Base, Series, Trace};
use crate::render::number::significant;
use crate::render::plot;
use crate::render::style::{Look, Role};
use crate::render::width::{self, Spans};

/// Widest chart; beyond this it says nothing more.
const WIDEST: usize = 160;
/// Most histograms of one quantity.
const HISTOGRAMS: usize = 12;

/// One quantity, and how it is to be drawn.
pub(super) struct Block<'a> {
    /// Its numbers.
    pub series: &'a Series,
    /// Its curves.
    pub traced: &'a Traced,
    /// What the groups are called, padded.
    pub names: &'a [String],
    /// What is said of each group in numbers.
    pub numbers: &'a [Spans],
    /// How it is looked at.
    pub view: &'a View,
    /// Whether the keys are about it.
    pub selected: bool,
    /// Columns there are.
    pub columns: usize,
    /// Rows of the chart.
    pub rows: usize,
    /// Most lines for groups; of more it is said that there are.
    pub most: usize,
    /// What the terminal can show.
    pub look: Look,
}

impl Block<'_> {
    /// Its lines.
    pub(super) fn lines(&self) -> Vec<Line<'static>> {
        if self.view.seeds {
            return self.spread();
        }
        let place = self.view.cursor.and_then(|share| self.traced.place(share));
        let mut lines = vec![self.heading(place)];
        let chart = plot::Chart { cursor: place, ..self.traced.chart.clone() };
        let has_points = self.traced.traces.iter().any(|trace| trace.x.len() > 1);
        if has_points {
            let columns = self.columns.min(WIDEST);
            lines.extend(plot::chart(&chart, columns, self.rows, self.view.marker, self.look));
        } else if self.traced.base != Base::Axis {
            lines.push(self.dim("measured at the end alone: no curve"));
        }
        lines.extend(self.remarks().iter().map(|remark| self.dim(remark)));
        lines.extend(self.legend(place, has_points));
        lines.into_iter().map(|line| width::crop_line(line, self.columns, self.look)).collect()
    }

    /// Its lines with histograms of the seeds instead of curves.
    fn spread(&self) -> Vec<Line<'static>> {
        let log = self.view.y.is_log(self.series.log);
        // Their axis says on which scale it is.
        let mut lines = vec![Line::from(self.title(false))];
        let most = if self.most == 0 { HISTOGRAMS } else { self.most.min(HISTOGRAMS) };
        lines.extend(seeds::histograms(self.series, log, most, self.columns, self.look));
        let shown = self.series.rows.len().min(most);
        for line in 0..shown {
            let letter = plot::letter(line);
            let mut spans = vec![self.look.span(&format!("  {letter} "), plot::role(line))];
            spans.extend(self.name(line));
            spans.extend(self.numbers.get(line).cloned().unwrap_or_default());
            lines.push(Line::from(spans));
        }
        let rest = self.series.rows.len() - shown;
        if rest > 0 {
            lines.push(self.dim(&format!("and {rest} more: a sweep of so many is drawn as a curve")));
        }
        lines.into_iter().map(|line| width::crop_line(line, self.columns, self.look)).collect()
    }

    /// `▸ λmax  lambda_max  loss/w²  log scale`.
    fn title(&self, log: bool) -> Spans {
        let mut spans = Vec::new();
        if self.selected {
            spans.push(self.look.span("▸ ", Role::Heading));
        }
        spans.extend(full::heading(self.series, log, self.look));
        spans
    }

    /// What a group is called, without the indent that stands before its swatch.
    fn name(&self, line: usize) -> impl Iterator<Item = Span<'static>> {
        let name = self.names.get(line).map_or("", String::as_str);
        names::spans(name, self.look).into_iter().map(unindented)
    }

    /// The same, and ` · by step · at 420`.
    fn heading(&self, place: Option<f64>) -> Line<'static> {
        let mut spans = self.title(self.traced.log);
        let by = if self.traced.base == Base::Axis { "over" } else { "by" };
        let at = place.map(|place| format!(" · at {}", significant(place, 4))).unwrap_or_default();
        spans.push(self.look.span(&format!(" · {by} {}{at}", self.traced.along), Role::Dim));
        Line::from(spans)
    }

    fn dim(&self, text: &str) -> Line<'static> {
        Line::from(self.look.span(&format!("  {text}"), Role::Dim))
    }

    /// What a reader must know of the curves to trust them.
    fn remarks(&self) -> Vec<String> {
        let traces = || self.traced.traces.iter();
        let mut remarks: Vec<String> = self.traced.rules.iter().map(|rule| format!("┊ {rule}")).collect();
        let foot = self.traced.chart.y.low;
        if self.traced.log && traces().flat_map(|trace| &trace.mean).any(|mean| *mean < foot) {
            remarks.push(format!("what is below {} stands at the foot", significant(foot, 2)));
        }
        let broke: usize = traces().map(|trace| trace.broke.len()).sum();
        if broke > 0 && traces().any(|trace| trace.x.len() > 1) {
            remarks.push(format!("✗ where {} diverged", counted(broke, "run")));
        }
        let thinned = traces().filter_map(Trace::thinned_after).fold(f64::INFINITY, f64::min);
        if thinned.is_finite() && self.traced.base != Base::Axis {
            let beyond = significant(thinned, 3);
            remarks.push(format!("beyond {beyond} not every run goes on: the mean is of those that do"));
        }
        if self.traced.base == Base::Time {
            remarks.push("seconds are those of the whole run, spread evenly over its steps".to_owned());
            let left_out: usize = traces().map(|trace| trace.left_out).sum();
            if left_out > 0 {
                remarks.push(format!("{} without stored seconds left out", counted(left_out, "run")));
            }
        }
        if self.view.smoothing.strength().is_some() && self.traced.base != Base::Axis {
            remarks.push(format!("{}; numbers are as measured", self.view.smoothing.name()));
        }
        if self.traced.chart.x.kind == crate::render::sparkline::ScaleKind::Log
            && traces().any(|trace| trace.x.first().is_some_and(|x| *x <= 0.0))
        {
            remarks.push(format!("{} 0 has no place on a log axis", self.traced.base.name()));
        }
        remarks
    }

    /// A line for each curve; the groups themselves, where the curves are not one of each.
    fn legend(&self, place: Option<f64>, drawn: bool) -> Vec<Line<'static>> {
        let mut lines = Vec::new();
        for (line, name) in self.traced.names.iter().enumerate() {
            let mut spans = self.swatch(line, drawn);
            spans.push(self.look.span(&format!("{name}  "), Role::Strong));
            let said = place.map_or_else(|| self.extremes(line), |place| self.reading(line, place));
            spans.push(self.look.span(&said, Role::Text));
            lines.push(Line::from(spans));
        }
        let by_group = self.traced.names.is_empty();
        let shown = self.series.rows.len().min(self.most);
        for line in 0..shown {
            let mut spans =
                if by_group { self.swatch(line, drawn) } else { vec![self.look.span("  ", Role::Text)] };
            spans.extend(self.name(line));
            match place.filter(|_| by_group) {
                Some(place) => {
                    spans.push(self.look.span(&format!("  {}", self.reading(line, place)), Role::Text));
                }
                None => spans.extend(self.numbers.get(line).cloned().unwrap_or_default()),
            }
            lines.push(Line::from(spans));
        }
        let rest = self.series.rows.len() - shown;
        if rest > 0 && self.most > 0 {
            lines.push(self.dim(&format!("and {rest} more: Enter shows all")));
        } else if rest > 0 {
            lines.push(self.dim(&format!("{rest} points in numbers: Enter")));
        }
        lines
    }

    fn swatch(&self, line: usize, drawn: bool) -> Spans {
        let marker = self.view.marker.in_look(self.look);
        if !drawn {
            return vec![self.look.span("  ", Role::Text)];
        }
        vec![self.look.span(&format!("  {} ", plot::swatch(line, marker)), plot::role(line))]
    }

    fn extremes(&self, line: usize) -> String {
        let Some(trace) = self.traced.traces.get(line) else { return String::new() };
        let row = crate::compare::along::AlongRow {
            arm: String::new(),
            point: String::new(),
            x: trace.x.clone(),
            mean: trace.mean.clone(),
            low: Vec::new(),
            high: Vec::new(),
            n: Vec::new(),
        };
        along::extremes(&row)
    }

    /// `0.31 [0.29, 0.33] (n=12)`: what a curve says under the cursor.
    fn reading(&self, line: usize, place: f64) -> String {
        let Some(trace) = self.traced.traces.get(line) else { return String::new() };
        let Some(reading) = trace.at(place) else {
            let ended = trace.x.last().filter(|end| **end < place);
            return ended.map_or("– not measured here".to_owned(), |end| {
                format!("– ended at {}", significant(*end, 4))
            });
        };
        let value = if reading.low.is_finite() && reading.high.is_finite() {
            interval(reading.mean, reading.low, reading.high, &[])
        } else {
            significant(reading.mean, 4)
        };
        let runs = trace.runs.max(reading.n);
        let of = if reading.n == runs { String::new() } else { format!(" of {runs}") };
        format!("{value} (n={}{of})", reading.n)
    }
}

/// A name without the indent that stands before its swatch.
fn unindented(span: Span<'static>) -> Span<'static> {
    match span.content.strip_prefix("  ") {
        Some(text) => Span::styled(text.to_owned(), span.style),
        None => span,
    }
}
