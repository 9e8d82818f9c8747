//! Curves of runs brought onto one axis: fractions of each run's own training.
//!
//! Arms stop at different numbers of steps (that is often the point of comparing them), and a sparkline has no
//! axis to say so. So every run is stretched to its own length, and the mean over seeds is taken there.
//!
//! A curve is over the runs that the final number beside it is over ([`Member::is_drawn`]): of runs that did not end as
//! they should nothing is drawn, neither in their own row nor into the scale that all rows share.

use super::{Group, Member, Results};
use crate::stats::{Estimate, Interpolation, resample};

/// Points of a summarised curve.
pub const CURVE_POINTS: usize = 64;

/// A mean over seeds with its 95 % band, each [`CURVE_POINTS`] long, or all empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Band {
    /// The mean; NaN where no seed has a value.
    pub mean: Vec<f64>,
    /// Lower end of its pointwise interval; NaN where fewer than two seeds have a value.
    pub low: Vec<f64>,
    /// Upper end, likewise.
    pub high: Vec<f64>,
}

/// The mean curve of quantity `name` over the seeds of `group`, by Student's t at each place. On a `log` scale it is
/// the geometric mean: the arithmetic one would be the largest seed's, drawn where no run ever was.
pub fn mean_curve(group: &Group, name: &str, log: bool) -> Band {
    let scale = |value: f64| if log { value.ln() } else { value };
    let unscale = |value: f64| if log { value.exp() } else { value };
    let curves: Vec<Vec<f64>> = group.drawn().filter_map(|member| aligned(member, name, scale)).collect();
    let mut band = Band::default();
    if curves.is_empty() {
        return band;
    }
    for place in 0..CURVE_POINTS {
        let column =
            curves.iter().filter_map(|curve| curve.get(place).copied().filter(|value| value.is_finite()));
        let estimate = Estimate::of(&column.collect::<Vec<_>>());
        let (mean, low, high) = match estimate {
            None => (f64::NAN, f64::NAN, f64::NAN),
            Some(single) if single.n < 2 => (single.mean, f64::NAN, f64::NAN),
            Some(several) => (several.mean, several.low, several.high),
        };
        band.mean.push(unscale(mean));
        band.low.push(unscale(low));
        band.high.push(unscale(high));
    }
    band
}

/// Whether every number that is drawn of a quantity is positive, so that a log scale can show them all.
pub fn log_drawable(results: &Results, name: &str) -> bool {
    let mut members = results.groups.iter().flat_map(Group::drawn);
    members.all(|member| {
        let last = member.record.as_ref().and_then(|record| record.measures.get(name).copied());
        let along = member.curve.iter().flat_map(|curve| curve.points(name).map(|(_, value)| value));
        along.chain(last).all(|value| value > 0.0 || value.is_nan())
    })
}

/// The curve of one run at evenly spaced fractions of its training, after `scale`; `None` where it passes fewer than
/// two of them, so that there is no line to draw.
fn aligned(member: &Member, name: &str, scale: impl Fn(f64) -> f64) -> Option<Vec<f64>> {
    let (curve, record) = (member.curve.as_ref()?, member.record.as_ref());
    // Of a run in flight only what it has done is known: it is drawn up to where it is.
    let end = record.map(|record| record.steps).max(curve.steps.last().copied()).filter(|&end| end > 0)?;
    let last = record.and_then(|record| Some((end, *record.measures.get(name)?)));
    let finite = curve.points(name).chain(last).filter(|(_, value)| value.is_finite());
    let points = finite.map(|(step, value)| (step as f64, value));
    let values = resample(points, &places(end), Interpolation::Linear, scale);
    (values.iter().filter(|value| !value.is_nan()).count() > 1).then_some(values)
}

/// [`CURVE_POINTS`] evenly spaced places from step 0 to step `end`.
fn places(end: u64) -> Vec<f64> {
    (0..CURVE_POINTS).map(|i| end as f64 * i as f64 / (CURVE_POINTS - 1) as f64).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::store::Curve;

    fn in_flight(points: &[(u64, f64)]) -> Member {
        let mut curve = Curve::default();
        for &(step, value) in points {
            curve.push(step, 0.0, &[("train_loss".to_owned(), value)].into());
        }
        Member { seed: 0, record: None, curve: Some(Arc::new(curve)) }
    }

    fn mean_of(runs: &[&[(u64, f64)]], log: bool) -> Band {
        let members = runs.iter().map(|points| in_flight(points)).collect();
        mean_curve(
            &Group { arm: "base".to_owned(), point: vec![], members, ..Group::default() },
            "train_loss",
            log,
        )
    }

    fn ends_and_middle(curve: &[f64]) -> [f64; 3] {
        // 64 places have no middle: 21/63 is one third.
        [curve[0], curve[21], curve[63]]
    }

    fn assert_close(found: [f64; 3], expected: [f64; 3]) {
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9), "{found:?} {expected:?}");
    }

    #[test]
    fn runs_of_different_length_meet_at_the_same_fraction() {
        let band = mean_of(&[&[(0, 9.0), (30, 0.0)], &[(0, 9.0), (3000, 6.0)]], false);
        assert_close(ends_and_middle(&band.mean), [9.0, 7.0, 3.0]);
        assert_eq!((band.low[0], band.high[0]), (9.0, 9.0));
        // t.975 with one degree of freedom is 12.7062047; the two values 0 and 6 have standard error 3.
        assert!((band.high[63] - (3.0 + 3.0 * 12.706_204_736)).abs() < 1e-6);
    }

    #[test]
    fn on_a_log_scale_the_mean_is_geometric() {
        let band = mean_of(&[&[(0, 1.0), (3, 1e-6)], &[(0, 100.0), (3, 1e-6)]], true);
        assert_close(ends_and_middle(&band.mean), [10.0, 10f64.powf(1.0 / 3.0 * -6.0 + 2.0 / 3.0), 1e-6]);
        assert!(band.low[0] > 0.0);
    }

    #[test]
    fn where_nothing_was_measured_nothing_is_drawn() {
        let band = mean_of(&[&[(0, f64::NAN), (1, 4.0), (2, 2.0), (3, f64::INFINITY)]], false);
        assert!(band.mean[20].is_nan() && band.mean[43].is_nan());
        assert!((band.mean[21] - 4.0).abs() < 1e-9 && (band.mean[42] - 2.0).abs() < 1e-9);
        assert!(band.low.iter().chain(&band.high).all(|end| end.is_nan()), "one seed has no band");
    }

    #[test]
    fn one_point_is_no_curve() {
        assert_eq!(mean_of(&[&[(0, 1.0)], &[]], false), Band::default());
    }
}
