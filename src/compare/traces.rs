//! Curves of arms on an axis that a person reads: steps, epochs, seconds, or the share of each run's own training.
//!
//! Nothing is thinned here: the mean over seeds is taken at every place at which any of them was measured, so that whoever
//! draws it decides what a column of dots shows, and no spike is lost on the way.

use super::along::Along;
use super::{Group, Member, Results};
use crate::stats::Estimate;
use crate::store::Status;

/// Along what curves are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Base {
    /// The axis of the sweep, where there is one that makes a curve.
    Axis,
    /// Steps taken.
    #[default]
    Step,
    /// Epochs.
    Epoch,
    /// Seconds of training.
    Time,
    /// The share of each run's own training.
    Share,
}

impl Base {
    /// The next one.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Axis => Self::Step,
            Self::Step => Self::Epoch,
            Self::Epoch => Self::Time,
            Self::Time => Self::Share,
            Self::Share => Self::Axis,
        }
    }

    /// What an axis is called by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Axis => "sweep",
            Self::Step => "step",
            Self::Epoch => "epoch",
            Self::Time => "seconds",
            Self::Share => "share of training",
        }
    }
}

/// The mean curve of a group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// Places, ascending.
    pub x: Vec<f64>,
    /// Mean over the runs that have come so far; geometric on a log scale.
    pub mean: Vec<f64>,
    /// Lower end of its 95 % interval; NaN where fewer than two runs have a value.
    pub low: Vec<f64>,
    /// Upper end.
    pub high: Vec<f64>,
    /// Runs that the mean is over.
    pub n: Vec<usize>,
    /// Runs that are drawn.
    pub runs: usize,
    /// Where runs diverged.
    pub broke: Vec<f64>,
    /// Runs that have no place on this axis.
    pub left_out: usize,
}

/// What a trace says at a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// The mean.
    pub mean: f64,
    /// Lower end of its interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Runs that it is over.
    pub n: usize,
}

/// The traces of quantity `name`, one for each group, in their order.
pub fn traces(results: &Results, name: &str, base: Base, log: bool) -> Vec<Trace> {
    results.groups.iter().map(|group| trace(group, name, base, log)).collect()
}

/// The curves of a sweep as traces, one for each of its rows.
pub fn of_sweep(sweep: &Along) -> Vec<Trace> {
    let trace = |row: &super::along::AlongRow| {
        let known = (0..row.x.len()).filter(|at| row.mean.get(*at).is_some_and(|mean| mean.is_finite()));
        let mut trace = Trace { runs: 1, ..Trace::default() };
        for at in known {
            let end = |ends: &[f64]| ends.get(at).copied().unwrap_or(f64::NAN);
            trace.x.push(row.x[at]);
            trace.mean.push(row.mean[at]);
            trace.low.push(end(&row.low));
            trace.high.push(end(&row.high));
            trace.n.push(row.n.get(at).copied().unwrap_or(0));
        }
        trace
    };
    sweep.rows.iter().map(trace).collect()
}

fn trace(group: &Group, name: &str, base: Base, log: bool) -> Trace {
    let Some((places, columns)) = abreast(group, name, base) else { return joined(group, name, base, log) };
    let mut trace = Trace { broke: broke(group, base), runs: columns.len(), ..Trace::default() };
    let mut values = Vec::with_capacity(columns.len());
    for (row, x) in places.into_iter().enumerate() {
        values.clear();
        values.extend(columns.iter().map(|column| column[row]));
        trace.push(x, &mut values, log);
    }
    trace
}

/// The mean at every place of any run.
fn joined(group: &Group, name: &str, base: Base, log: bool) -> Trace {
    let mut trace = Trace { broke: broke(group, base), ..Trace::default() };
    let mut curves: Vec<Vec<(f64, f64)>> = Vec::new();
    for member in group.drawn().filter(|member| member.curve.is_some()) {
        match points(member, name, base) {
            Some(points) => curves.push(points),
            None => trace.left_out += 1,
        }
    }
    // Measured once, and at its end, a run has no curve; joined with other runs' ends it would look like one.
    curves.retain(|curve| curve.len() > 1);
    trace.runs = curves.len();
    if let [only] = curves.as_slice() {
        // A single run is its own mean; there are curves of fifty thousand points.
        let usable = only.iter().filter(|(_, value)| scaled(*value, log).is_finite());
        (trace.x, trace.mean) = usable.copied().unzip();
        trace.low = vec![f64::NAN; trace.x.len()];
        (trace.high, trace.n) = (trace.low.clone(), vec![1; trace.x.len()]);
        return trace;
    }
    let mut cursors: Vec<usize> = vec![0; curves.len()];
    let mut values = Vec::with_capacity(curves.len());
    for x in places(&curves) {
        values.clear();
        for (curve, cursor) in curves.iter().zip(&mut cursors) {
            values.extend(value_at(curve, cursor, x));
        }
        trace.push(x, &mut values, log);
    }
    trace
}

fn scaled(value: f64, log: bool) -> f64 {
    if log { value.ln() } else { value }
}

/// The places and columns of runs that were all measured at the same steps, and to their ends; `None` where a place must be
/// looked for between others. So are most: of twenty curves of fifty thousand points nothing need be copied.
fn abreast<'a>(group: &'a Group, name: &str, base: Base) -> Option<(Vec<f64>, Vec<&'a [f64]>)> {
    let members: Vec<&Member> = group.drawn().filter(|member| member.curve.is_some()).collect();
    let [first, _, ..] = members.as_slice() else { return None };
    let (curve, place) = (first.curve.as_ref()?, placing(first, base)?);
    let column = |member: &&'a Member| {
        let own = member.curve.as_ref()?;
        let ended = |member: &Member| member.record.as_ref().map(|record| record.steps);
        let same = match base {
            Base::Axis | Base::Step => true,
            Base::Epoch => own.epochs == curve.epochs,
            // Each run has its own clock.
            Base::Time => false,
            Base::Share => ended(member) == ended(first),
        };
        let is_whole = ended(member).is_none_or(|steps| own.steps.last().is_some_and(|last| *last >= steps));
        let column = own.columns.get(name)?;
        let is_full = column.len() == own.steps.len() && column.iter().all(|value| value.is_finite());
        (same && is_whole && is_full && own.steps == curve.steps).then_some(column.as_slice())
    };
    let columns: Vec<&[f64]> = members.iter().map(column).collect::<Option<_>>()?;
    let places: Vec<f64> =
        curve.steps.iter().zip(&curve.epochs).map(|(step, epoch)| place(*step, *epoch)).collect();
    (places.len() > 1 && places.is_sorted_by(|a, b| a < b)).then_some((places, columns))
}

/// Every place of any curve, ascending, each once.
fn places(curves: &[Vec<(f64, f64)>]) -> Vec<f64> {
    let Some((first, others)) = curves.split_first() else { return Vec::new() };
    let same = |curve: &Vec<(f64, f64)>| {
        curve.len() == first.len() && curve.iter().zip(first).all(|(a, b)| a.0.to_bits() == b.0.to_bits())
    };
    let mut places: Vec<f64> = first.iter().map(|(x, _)| *x).collect();
    // Runs of one experiment are mostly measured at the same steps.
    if !others.iter().all(same) {
        places.extend(others.iter().flatten().map(|(x, _)| *x));
        places.sort_by(f64::total_cmp);
    }
    places.dedup();
    places
}

/// The value of a curve at `x`, on a straight line between points; `None` beyond its ends. `cursor` goes along with x.
fn value_at(curve: &[(f64, f64)], cursor: &mut usize, x: f64) -> Option<f64> {
    while curve.get(*cursor + 1).is_some_and(|next| next.0 <= x) {
        *cursor += 1;
    }
    let here = curve.get(*cursor).filter(|here| here.0 <= x)?;
    match curve.get(*cursor + 1) {
        _ if here.0 == x => Some(here.1),
        Some(next) => Some(here.1 + (next.1 - here.1) * (x - here.0) / (next.0 - here.0)),
        None => None,
    }
}

/// The measured points of a run, its final value included; `None` if it has no place on this axis.
fn points(member: &Member, name: &str, base: Base) -> Option<Vec<(f64, f64)>> {
    let curve = member.curve.as_ref()?;
    let place = placing(member, base)?;
    let column = curve.columns.get(name).map_or(&[][..], Vec::as_slice);
    let rows = curve.steps.iter().zip(&curve.epochs).zip(column);
    let mut points: Vec<(f64, f64)> = rows
        .filter(|(_, value)| value.is_finite())
        .map(|((step, epoch), value)| (place(*step, *epoch), *value))
        .collect();
    let end =
        member.record.as_ref().filter(|record| curve.steps.last().is_none_or(|last| *last < record.steps));
    let last = end.and_then(|record| {
        let epochs = curve.steps.last().zip(curve.epochs.last()).filter(|(steps, _)| **steps > 0);
        let epoch = epochs.map_or(f64::NAN, |(steps, epochs)| record.steps as f64 * epochs / *steps as f64);
        Some((place(record.steps, epoch), *record.measures.get(name)?))
    });
    points.extend(last.filter(|(x, value)| x.is_finite() && value.is_finite()));
    Some(points)
}

/// Where a step of a run stands on an axis; `None` where the run does not tell.
fn placing(member: &Member, base: Base) -> Option<Box<dyn Fn(u64, f64) -> f64>> {
    let record = member.record.as_ref();
    let end = record.map(|record| record.steps).max(member.curve.as_ref()?.steps.last().copied());
    let end = end.filter(|end| *end > 0)? as f64;
    Some(match base {
        Base::Axis | Base::Step => Box::new(|step, _| step as f64),
        Base::Epoch => Box::new(|_, epoch| epoch),
        // Only the whole time of a run is stored; its steps are taken to be equally long.
        Base::Time => {
            let seconds = record.map(|record| record.seconds).filter(|seconds| seconds.is_finite())?;
            Box::new(move |step, _| seconds * step as f64 / end)
        }
        Base::Share => Box::new(move |step, _| step as f64 / end),
    })
}

/// Where the runs of a group diverged.
fn broke(group: &Group, base: Base) -> Vec<f64> {
    let broken = group
        .members
        .iter()
        .filter(|member| member.record.as_ref().is_some_and(|record| record.status == Status::Diverged));
    let place = |member: &Member| {
        let (curve, record) = (member.curve.as_ref()?, member.record.as_ref()?);
        let epoch = curve.epochs.last().copied().unwrap_or(f64::NAN);
        Some(placing(member, base)?(record.steps, epoch)).filter(|x| x.is_finite())
    };
    broken.filter_map(place).collect()
}

impl Trace {
    /// Adds the mean of what runs say at `x`, unless none of it has a place on the scale; `values` are left in its terms.
    fn push(&mut self, x: f64, values: &mut Vec<f64>, log: bool) {
        for value in values.iter_mut() {
            *value = scaled(*value, log);
        }
        values.retain(|value| value.is_finite());
        let Some(estimate) = Estimate::of(values) else { return };
        let unscale = |value: f64| if log { value.exp() } else { value };
        let [low, high] = if estimate.n < 2 { [f64::NAN; 2] } else { [estimate.low, estimate.high] };
        self.x.push(x);
        self.mean.push(unscale(estimate.mean));
        self.low.push(unscale(low));
        self.high.push(unscale(high));
        self.n.push(estimate.n);
    }

    /// What it says at `x`, on a straight line between places; `None` beyond its ends.
    pub fn at(&self, x: f64) -> Option<Reading> {
        let after = self.x.partition_point(|place| *place < x);
        let reading = |at: usize| {
            Some(Reading {
                mean: *self.mean.get(at)?,
                low: *self.low.get(at)?,
                high: *self.high.get(at)?,
                n: *self.n.get(at)?,
            })
        };
        if self.x.get(after).is_some_and(|place| *place == x) {
            return reading(after);
        }
        let (a, b) = (reading(after.checked_sub(1)?)?, reading(after)?);
        let share = (x - self.x[after - 1]) / (self.x[after] - self.x[after - 1]);
        let between = |a: f64, b: f64| a + (b - a) * share;
        Some(Reading {
            mean: between(a.mean, b.mean),
            low: between(a.low, b.low),
            high: between(a.high, b.high),
            n: a.n.min(b.n),
        })
    }

    /// The last place at which all of its runs were there, if not all were to its end.
    pub fn thinned_after(&self) -> Option<f64> {
        let whole = self.n.iter().rposition(|n| *n == self.runs)?;
        (whole + 1 < self.n.len()).then(|| self.x.get(whole).copied()).flatten()
    }

    /// The same with an exponential moving average of the mean and its band over the places before (its start unbiased, as
    /// in Adam); on a log scale of the logarithms.
    #[must_use]
    pub fn smoothed(&self, strength: f64, log: bool) -> Self {
        let smooth = |values: &[f64]| averaged(values, strength, log);
        Self { mean: smooth(&self.mean), low: smooth(&self.low), high: smooth(&self.high), ..self.clone() }
    }
}

fn averaged(values: &[f64], strength: f64, log: bool) -> Vec<f64> {
    let (mut sum, mut weight) = (0.0, 0.0);
    let next = |value: &f64| {
        let scaled = if log { value.ln() } else { *value };
        if scaled.is_finite() {
            sum = strength * sum + (1.0 - strength) * scaled;
            weight = strength * weight + (1.0 - strength);
        }
        let mean = sum / weight;
        if value.is_nan() {
            f64::NAN
        } else if log {
            mean.exp()
        } else {
            mean
        }
    };
    values.iter().map(next).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::store::{Curve, RunRecord};

    fn record(status: Status, steps: u64, seconds: f64) -> Arc<RunRecord> {
        let measures = [("loss".to_owned(), 0.5)].into();
        Arc::new(RunRecord { status, measures, steps, seconds, ..RunRecord::blank() })
    }

    fn member(points: &[(u64, f64)], record: Option<Arc<RunRecord>>) -> Member {
        let mut curve = Curve::default();
        for &(step, value) in points {
            curve.push(step, step as f64 / 10.0, &[("loss".to_owned(), value)].into());
        }
        Member { seed: 0, record, curve: Some(Arc::new(curve)) }
    }

    fn traced(members: Vec<Member>, base: Base) -> Trace {
        trace(&Group { arm: "a".to_owned(), point: vec![], members, ..Group::default() }, "loss", base, false)
    }

    #[test]
    fn every_axis_has_its_places() {
        let done = || member(&[(0, 4.0), (10, 2.0)], Some(record(Status::Done, 20, 5.0)));
        for (base, expected) in [
            (Base::Step, vec![0.0, 10.0, 20.0]),
            (Base::Epoch, vec![0.0, 1.0, 2.0]),
            (Base::Time, vec![0.0, 2.5, 5.0]),
            (Base::Share, vec![0.0, 0.5, 1.0]),
        ] {
            let trace = traced(vec![done()], base);
            assert_eq!((trace.x, trace.mean), (expected, vec![4.0, 2.0, 0.5]), "{base:?}");
        }
        let in_flight = traced(vec![member(&[(0, 4.0), (10, 2.0)], None)], Base::Time);
        assert_eq!((in_flight.left_out, in_flight.runs), (1, 0), "its seconds are not stored yet");
    }

    #[test]
    fn a_mean_is_over_the_runs_that_have_come_so_far_and_says_so() {
        let trace = traced(
            vec![member(&[(0, 4.0), (10, 2.0)], None), member(&[(0, 2.0), (4, 2.0)], None)],
            Base::Step,
        );
        assert_eq!(trace.x, [0.0, 4.0, 10.0]);
        assert_eq!((&trace.mean[..], &trace.n[..]), (&[3.0, 2.6, 2.0][..], &[2, 2, 1][..]));
        assert_eq!((trace.thinned_after(), trace.low[2].is_nan()), (Some(4.0), true));
        let half = trace.at(2.0).unwrap();
        assert!((half.mean - 2.8).abs() < 1e-12 && half.n == 2);
        assert_eq!((trace.at(-1.0), trace.at(11.0)), (None, None));
    }

    #[test]
    fn a_run_that_diverged_is_marked_and_not_drawn() {
        let broken = member(&[(0, 4.0), (7, 1e30)], Some(record(Status::Diverged, 8, 1.0)));
        let trace = traced(vec![member(&[(0, 4.0), (10, 2.0)], None), broken], Base::Step);
        assert_eq!((trace.runs, trace.broke, trace.mean), (1, vec![8.0], vec![4.0, 2.0]));
    }

    #[test]
    fn smoothing_begins_at_the_first_value_and_leaves_a_constant_alone() {
        let trace = Trace { mean: vec![4.0, 0.0, f64::NAN, 0.0], ..Trace::default() };
        let smoothed = trace.smoothed(0.5, false).mean;
        assert_eq!(smoothed[0], 4.0);
        assert!((smoothed[1] - 4.0 / 3.0).abs() < 1e-12 && smoothed[2].is_nan());
        let constant = Trace { mean: vec![0.3; 5], ..Trace::default() };
        assert!(constant.smoothed(0.97, true).mean.iter().all(|value| (value - 0.3).abs() < 1e-12));
    }

    proptest! {
        #[test]
        fn no_extreme_of_a_single_run_is_lost(values in prop::collection::vec(-1e3..1e3_f64, 2..200)) {
            let points: Vec<(u64, f64)> = (0..).zip(values.iter().copied()).collect();
            let trace = traced(vec![member(&points, None)], Base::Share);
            prop_assert_eq!(&trace.mean, &values);
        }

        /// Runs that were measured at the same steps have the mean that they have wherever they were measured.
        #[test]
        fn side_by_side_runs_mean_the_same(
            rows in prop::collection::vec((1..9_u64, -1.0..9.0_f64, -1.0..9.0_f64, 1e-3..9.0_f64), 2..40),
            gap in prop::option::of(0..40_usize), log: bool, ends: bool,
        ) {
            let steps: Vec<u64> = rows.iter().scan(0, |at, row| { *at += row.0; Some(*at) }).collect();
            let end = steps.last().copied().filter(|_| ends).unwrap_or(1_000);
            let of = |values: Vec<f64>| {
                let values = values.into_iter().enumerate();
                let values = values.map(|(at, value)| if Some(at) == gap { f64::NAN } else { value });
                let points: Vec<_> = steps.iter().copied().zip(values).collect();
                member(&points, Some(record(Status::Done, end, 5.0)))
            };
            let members = vec![
                of(rows.iter().map(|row| row.1).collect()),
                of(rows.iter().map(|row| row.2).collect()),
                of(rows.iter().map(|row| row.3).collect()),
            ];
            let group = Group { arm: "a".to_owned(), point: vec![], members, ..Group::default() };
            for base in [Base::Step, Base::Epoch, Base::Time, Base::Share] {
                let [found, expected] =
                    [trace, joined].map(|way| format!("{:?}", way(&group, "loss", base, log)));
                prop_assert_eq!(found, expected);
            }
            prop_assert_eq!(abreast(&group, "loss", Base::Step).is_some(), ends && gap.is_none_or(|at| at >= rows.len()));
        }

        #[test]
        fn smoothing_stays_within_what_it_smooths(
            values in prop::collection::vec(-1e3..1e3_f64, 1..200), strength in 0.0..0.99_f64,
        ) {
            let smoothed = averaged(&values, strength, false);
            let (low, high) = (values.iter().copied().fold(f64::INFINITY, f64::min), values.iter().copied().fold(f64::NEG_INFINITY, f64::max));
            prop_assert!(smoothed.iter().all(|value| (low - 1e-6..=high + 1e-6).contains(value)));
        }
    }
}
