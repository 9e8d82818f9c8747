//! Curves of one quantity as they are drawn: made once when what is looked at or how changes, and not for every key.

use super::view::View;
use crate::compare::traces::{of_sweep, traces};
use crate::compare::{Base, Compared, Row, Series, Trace};
use crate::render::plot::{Chart, Sign, Stroke};
use crate::render::sparkline::{Scale, ScaleKind};

/// Decades of a log scale at the most, below what is highest.
const DECADES: f64 = 12.0;

/// The curves of one quantity.
#[derive(Clone, Debug, PartialEq)]
pub struct Traced {
    /// Along what.
    pub base: Base,
    /// What the level axis is called.
    pub along: String,
    /// Whether the upright scale is logarithmic.
    pub log: bool,
    /// One per group; along a sweep, one per arm and point of the other axes.
    pub traces: Vec<Trace>,
    /// What each is called; empty where they are the groups.
    pub names: Vec<String>,
    /// What is drawn, without a cursor.
    pub chart: Chart,
    /// What the upright rules are.
    pub rules: Vec<String>,
}

/// The curves of every quantity of a comparison.
pub fn traced(compared: &Compared, view: &View) -> Vec<Traced> {
    compared.summary.series.iter().map(|series| of_series(compared, series, view)).collect()
}

fn of_series(compared: &Compared, series: &Series, view: &View) -> Traced {
    let sweep = compared.summary.along.iter().find(|sweep| sweep.quantity == series.quantity);
    let log = view.y.is_log(series.log);
    let (base, along, traces, names, rules) = match (view.base.unwrap_or(Base::Axis), sweep) {
        (Base::Axis, Some(sweep)) => {
            let names = sweep.rows.iter().map(|row| super::along::name(sweep, row)).collect();
            (Base::Axis, sweep.axis.clone(), of_sweep(sweep), names, sweep.rules.clone())
        }
        (base, _) => {
            let base = if base == Base::Axis { Base::Step } else { base };
            let geometric = log && series.log;
            let traces = traces(&compared.results, series.quantity.name(), base, geometric);
            (base, base.name().to_owned(), traces, Vec::new(), Vec::new())
        }
    };
    let log = log && traces.iter().flat_map(|trace| &trace.mean).any(|mean| *mean > 0.0);
    let log_x = view.x.is_log(base == Base::Axis && sweep.is_some_and(|sweep| sweep.log));
    let mut chart = drawn(&traces, [log_x, log], view, base);
    chart.rules = rules.iter().map(|rule| rule.at).collect();
    let rules = rules.into_iter().map(|rule| rule.says).collect();
    Traced { base, along, log, traces, names, chart, rules }
}

/// The chart of some traces. Points of sweeps are few, and are not smoothed.
fn drawn(traces: &[Trace], [log_x, log]: [bool; 2], view: &View, base: Base) -> Chart {
    let kind = |log: bool| if log { ScaleKind::Log } else { ScaleKind::Linear };
    let smoothing = view.smoothing.strength().filter(|_| base != Base::Axis);
    let shown: Vec<Trace> = traces
        .iter()
        .map(|trace| smoothing.map_or_else(|| trace.clone(), |strength| trace.smoothed(strength, log)))
        .collect();
    let x = Scale::over(
        traces.iter().flat_map(|trace| [trace.x.as_slice(), trace.broke.as_slice()]),
        kind(log_x),
    );
    let mut signs: Vec<Sign> = Vec::new();
    for (line, trace) in traces.iter().enumerate() {
        let broken = |at: &f64| Sign { x: *at, y: None, sign: '✗', line: Some(line) };
        signs.extend(trace.broke.iter().map(broken));
        if base == Base::Axis {
            let places = trace.x.iter().zip(&trace.mean);
            signs.extend(places.map(|(x, mean)| Sign { x: *x, y: Some(*mean), sign: '●', line: Some(line) }));
        }
    }
    let strokes = shown.into_iter().enumerate().map(|(line, trace)| stroke(line, trace, x));
    Chart {
        x,
        y: upright(traces, kind(log)),
        signs,
        strokes: strokes.collect(),
        rules: Vec::new(),
        cursor: None,
    }
}

/// Buckets along the level axis, more than any terminal has dots.
const BUCKETS: usize = 2048;

/// A trace as it is drawn. Of tens of thousands of places each bucket keeps the first, the lowest, the highest and the last:
/// every extreme, in the column it belongs to.
fn stroke(line: usize, trace: Trace, scale: Scale) -> Stroke {
    let Trace { x, mean, low, high, .. } = trace;
    if x.len() <= 4 * BUCKETS {
        return Stroke { line, x, mean, low, high };
    }
    let bucket = |x: f64| (scale.height(x) * BUCKETS as f64) as usize;
    let mut thin = Stroke { line, ..Stroke::default() };
    let mut start = 0;
    while start < x.len() {
        let own = bucket(x[start]);
        let length = x[start..].iter().take_while(|x| bucket(**x) == own).count().max(1);
        let range = start..start + length;
        let by_mean = |a: &usize, b: &usize| mean[*a].total_cmp(&mean[*b]);
        let extremes = [range.clone().min_by(by_mean), range.clone().max_by(by_mean)];
        let mut kept: Vec<usize> =
            [start, start + length - 1].into_iter().chain(extremes.into_iter().flatten()).collect();
        kept.sort_unstable();
        kept.dedup();
        let least = low[range.clone()].iter().copied().fold(f64::NAN, f64::min);
        let most = high[range].iter().copied().fold(f64::NAN, f64::max);
        for at in kept {
            thin.x.push(x[at]);
            thin.mean.push(mean[at]);
            thin.low.push(least);
            thin.high.push(most);
        }
        start += length;
    }
    thin
}

/// The upright scale: of the means, and of as much of the bands as does not press them together. An interval of few seeds
/// may reach far, and is cut off then.
pub(super) fn upright(traces: &[Trace], kind: ScaleKind) -> Scale {
    let means = Scale::over(traces.iter().map(|trace| trace.mean.as_slice()), kind);
    if means.kind == ScaleKind::Log {
        return Scale { low: means.low.max(means.high * 10.0_f64.powf(-DECADES)), ..means };
    }
    let bands = Scale::over(
        traces.iter().flat_map(|trace| [trace.mean.as_slice(), trace.low.as_slice(), trace.high.as_slice()]),
        kind,
    );
    let extent = means.high - means.low;
    if !extent.is_finite() || extent == 0.0 {
        return bands;
    }
    Scale {
        low: bands.low.max(means.low - extent / 2.0),
        high: bands.high.min(means.high + extent / 2.0),
        ..means
    }
}

impl Traced {
    /// The curves of a summary, which are over the share of each run's own training.
    pub(super) fn of_rows(series: &Series) -> Self {
        let trace = |row: &Row| {
            let last = row.curve.len().saturating_sub(1).max(1) as f64;
            let runs = row.last.as_ref().map_or(0, |last| last.n);
            Trace {
                x: (0..row.curve.len()).map(|at| at as f64 / last).collect(),
                mean: row.curve.clone(),
                low: row.low.clone(),
                high: row.high.clone(),
                n: vec![runs; row.curve.len()],
                runs,
                ..Trace::default()
            }
        };
        let traces: Vec<Trace> = series.rows.iter().map(trace).collect();
        let chart = drawn(&traces, [false, series.log], &View::default(), Base::Share);
        let along = Base::Share.name().to_owned();
        Self {
            base: Base::Share,
            along,
            log: series.log,
            traces,
            names: Vec::new(),
            chart,
            rules: Vec::new(),
        }
    }

    /// The place of the cursor: the measured one that is nearest to that share of the axis.
    pub fn place(&self, share: f64) -> Option<f64> {
        let wanted = share.clamp(0.0, 1.0);
        let distance = |x: &f64| (self.chart.x.height(*x) - wanted).abs();
        let of_trace = |trace: &Trace| {
            // Places ascend, and so do their shares.
            let after = trace.x.partition_point(|x| self.chart.x.height(*x) < wanted);
            let around = [after.checked_sub(1), Some(after)].into_iter().flatten();
            around.filter_map(|at| trace.x.get(at).copied()).collect::<Vec<f64>>()
        };
        let near = self.traces.iter().flat_map(of_trace);
        near.filter(|x| x.is_finite()).min_by(|a, b| distance(a).total_cmp(&distance(b)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_curve_is_thinned_and_keeps_every_extreme() {
        let x: Vec<f64> = (0..50_000).map(f64::from).collect();
        let mut mean: Vec<f64> = x.iter().map(|x| (x / 9_000.0).sin()).collect();
        (mean[31_415], mean[40_001]) = (9.0, -9.0);
        let (low, high) = (mean.iter().map(|y| y - 1.0).collect(), mean.iter().map(|y| y + 1.0).collect());
        let scale = Scale::over([x.as_slice()], ScaleKind::Linear);
        let trace = Trace { x, mean, low, high, runs: 1, ..Trace::default() };
        let thin = stroke(0, trace, scale);
        assert!(thin.x.len() <= 4 * BUCKETS + 4 && thin.x.is_sorted(), "{}", thin.x.len());
        for (value, at) in [(9.0, 31_415.0), (-9.0, 40_001.0)] {
            let found = thin.mean.iter().position(|mean| *mean == value).unwrap();
            assert_eq!(thin.x[found], at);
        }
        assert!(thin.high.contains(&10.0) && thin.low.contains(&-10.0));
        assert_eq!((thin.x.first(), thin.x.last()), (Some(&0.0), Some(&49_999.0)));
    }

    #[test]
    fn the_cursor_stands_on_a_place_that_was_measured() {
        let trace = Trace { x: vec![0.0, 10.0, 100.0], mean: vec![1.0, 2.0, 3.0], ..Trace::default() };
        let chart = drawn(std::slice::from_ref(&trace), [false, false], &View::default(), Base::Step);
        let traced = Traced {
            base: Base::Step,
            along: "step".to_owned(),
            log: false,
            traces: vec![trace],
            names: vec![],
            chart,
            rules: vec![],
        };
        for (share, expected) in
            [(0.0, 0.0), (0.04, 0.0), (0.06, 10.0), (0.5, 10.0), (0.6, 100.0), (7.0, 100.0)]
        {
            assert_eq!(traced.place(share), Some(expected), "{share}");
        }
    }
}
