//! A number with its uncertainty: Student's t.

use std::sync::LazyLock;

use serde::Serialize;
use statrs::distribution::{Continuous, ContinuousCDF, Normal, StudentsT};

use super::describe;

/// Probability below the upper end of a two-sided 95 % interval.
const UPPER: f64 = 0.975;

/// A mean with its two-sided 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Lower end of the interval (−∞ where n = 1).
    pub low: f64,
    /// Upper end of the interval (∞ where n = 1).
    pub high: f64,
    /// Sample standard deviation (NaN where n = 1).
    pub sd: f64,
    /// Sample size; of two samples the smaller one's.
    pub n: usize,
    /// Degrees of freedom of the t-interval (fractional for Welch's, 0 where n = 1): without them an interval
    /// tells no p-value and no number of seeds that would decide.
    pub degrees_of_freedom: f64,
}

impl Estimate {
    /// The mean of a sample; `None` for an empty one or one with numbers that are not finite.
    pub fn of(values: &[f64]) -> Option<Self> {
        let (mean, n) = (describe::mean(values)?, values.len());
        let sd = if n == 1 { f64::NAN } else { describe::sd(values)? };
        Some(Self::from_parts(mean, sd / (n as f64).sqrt(), (n - 1) as f64, n, sd))
    }

    /// An estimate whose standard error is known some other way. Without degrees of freedom, or without a
    /// standard error (NaN), the interval is the whole line.
    pub fn from_parts(mean: f64, standard_error: f64, degrees_of_freedom: f64, n: usize, sd: f64) -> Self {
        let known = degrees_of_freedom > 0.0 && !standard_error.is_nan();
        let half = if known { upper_quantile(degrees_of_freedom) * standard_error } else { f64::INFINITY };
        Self { mean, low: mean - half, high: mean + half, sd, n, degrees_of_freedom }
    }

    /// Half the width of the interval: the number after the ±.
    pub fn half_width(&self) -> f64 {
        (self.high - self.low) / 2.0
    }

    /// Whether the interval contains `x`, its ends included.
    pub fn contains(&self, x: f64) -> bool {
        self.low <= x && x <= self.high
    }

    /// Standard error of the mean; infinite where n = 1.
    pub fn standard_error(&self) -> f64 {
        if self.degrees_of_freedom > 0.0 {
            self.half_width() / upper_quantile(self.degrees_of_freedom)
        } else {
            f64::INFINITY
        }
    }
}

/// The value below which Student's t with `df` degrees of freedom (real, infinite for the normal) falls with
/// probability `p`; NaN where there is none.
pub fn t_quantile(p: f64, df: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if df == f64::INFINITY {
        return Normal::standard().inverse_cdf(p);
    }
    let Ok(student) = StudentsT::new(0.0, 1.0, df) else { return f64::NAN };
    // statrs loses digits with growing df (four are left at 10⁶): two Newton steps bring them back.
    let better = |quantile: f64| {
        let next = quantile - (student.cdf(quantile) - p) / student.pdf(quantile);
        if next.is_finite() { next } else { quantile }
    };
    better(better(student.inverse_cdf(p)))
}

/// [`t_quantile`] at the upper end of a 95 % interval. Bands of curves ask for the same few thousands of times, so
/// those of small samples are worked out once.
pub(super) fn upper_quantile(df: f64) -> f64 {
    static WHOLE: LazyLock<Vec<f64>> =
        LazyLock::new(|| (0..64).map(|df| t_quantile(UPPER, f64::from(df))).collect());
    let known = if df.fract() == 0.0 { WHOLE.get(df as usize) } else { None };
    known.copied().unwrap_or_else(|| t_quantile(UPPER, df))
}

/// Two-sided p-value of the t-test that the true value is `threshold`; 1 where one value says nothing of the spread.
pub fn p_value(estimate: &Estimate, threshold: f64) -> f64 {
    let distance = (estimate.mean - threshold).abs();
    if distance == 0.0 || estimate.degrees_of_freedom <= 0.0 {
        return 1.0;
    }
    let t = distance / estimate.standard_error();
    StudentsT::new(0.0, 1.0, estimate.degrees_of_freedom).map_or(1.0, |student| 2.0 * student.sf(t))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::rng::Stream;

    fn close(found: f64, expected: f64) -> bool {
        (found - expected).abs() <= 1e-9 * expected.abs()
    }

    // scipy 1.17: scipy.stats.t.ppf(p, df)
    #[test]
    fn quantiles_are_those_of_scipy() {
        let table = [
            (0.975, 1.0, 12.706_204_736_174_694),
            (0.975, 2.0, 4.302_652_729_749_462),
            (0.975, 4.0, 2.776_445_105_197_793_4),
            (0.975, 9.0, 2.262_157_162_798_205),
            (0.975, 2.5, 3.574_654_842_003_681_7),
            (0.975, 30.7, 2.040_321_537_812_142),
            (0.975, 1e3, 1.962_339_080_826_408_3),
            (0.975, 2e4, 1.960_082_605_158_134_8),
            (0.975, 1e6, 1.959_966_356_814_107),
            (0.975, f64::INFINITY, 1.959_963_984_540_054),
            (0.9, 4.0, 1.533_206_274_058_944),
            (0.1, 4.0, -1.533_206_274_058_944),
        ];
        for (p, df, expected) in table {
            assert!(close(t_quantile(p, df), expected), "{p} {df}: {}", t_quantile(p, df));
        }
        assert!([(1.5, 4.0), (0.9, -1.0), (0.9, 0.0)].iter().all(|&(p, df)| t_quantile(p, df).is_nan()));
    }

    // scipy 1.17: r = scipy.stats.ttest_1samp([8.1, 7.4, 9.3, 8.8, 7.9], 8); r.confidence_interval(); r.pvalue
    #[test]
    fn a_sample_is_estimated_as_by_scipy() {
        let found = Estimate::of(&[8.1, 7.4, 9.3, 8.8, 7.9]).unwrap();
        assert!(close(found.mean, 8.3) && close(found.sd, 0.751_664_818_918_645_6), "{found:?}");
        assert!(
            close(found.low, 7.366_684_855_632_367) && close(found.high, 9.233_315_144_367_635),
            "{found:?}"
        );
        assert!(close(p_value(&found, 8.0), 0.422_591_005_246_656_46), "{}", p_value(&found, 8.0));
        assert_eq!((found.n, found.degrees_of_freedom), (5, 4.0));
    }

    #[test]
    fn one_value_says_nothing_of_the_spread() {
        let found = Estimate::of(&[3.0]).unwrap();
        assert_eq!((found.mean, found.low, found.high), (3.0, f64::NEG_INFINITY, f64::INFINITY));
        assert!(found.sd.is_nan() && found.contains(1e300));
        assert_eq!(p_value(&found, 0.0), 1.0);
    }

    #[test]
    fn values_that_agree_have_an_interval_of_no_width() {
        let found = Estimate::of(&[0.1; 4]).unwrap();
        assert_eq!((found.low, found.high, found.half_width()), (0.1, 0.1, 0.0));
        assert_eq!((p_value(&found, 0.1), p_value(&found, 0.2)), (1.0, 0.0));
    }

    #[test]
    fn nothing_and_what_is_not_finite_have_no_estimate() {
        for bad in [&[][..], &[f64::NAN], &[1.0, f64::INFINITY]] {
            assert_eq!(Estimate::of(bad), None);
        }
    }

    /// Ground truth GT-17: of intervals on five normal values t covers 95.0 ± 0.3 %, z 87.8 %.
    #[test]
    fn t_covers_what_it_promises_and_z_does_not() {
        let (mut stream, trials) = (Stream::new(17, "coverage"), 200_000);
        let (mut by_t, mut by_z) = (0, 0);
        for _ in 0..trials {
            let values: [f64; 5] = std::array::from_fn(|_| stream.normal());
            let found = Estimate::of(&values).unwrap();
            by_t += i32::from(found.contains(0.0));
            by_z += i32::from(found.mean.abs() <= 1.959_964 * found.sd / 5f64.sqrt());
        }
        let percent = |covered: i32| 100.0 * f64::from(covered) / f64::from(trials);
        assert!((percent(by_t) - 95.0).abs() < 0.3, "t {}", percent(by_t));
        assert!((percent(by_z) - 87.8).abs() < 0.3, "z {}", percent(by_z));
    }

    proptest! {
        #[test]
        fn intervals_follow_shift_and_scale(
            values in prop::collection::vec(-1e3..1e3, 2..12), shift in -1e3..1e3_f64, scale in 0.1..10.0_f64,
        ) {
            let moved: Vec<f64> = values.iter().map(|value| value * scale + shift).collect();
            let (before, after) = (Estimate::of(&values).unwrap(), Estimate::of(&moved).unwrap());
            let tolerance = 1e-9 * (1.0 + after.half_width() + shift.abs() + after.mean.abs());
            prop_assert!((after.low - (before.low * scale + shift)).abs() < tolerance);
            prop_assert!((after.high - (before.high * scale + shift)).abs() < tolerance);
        }

        #[test]
        fn p_is_below_five_percent_exactly_where_the_interval_excludes(
            values in prop::collection::vec(-1.0..1.0, 2..12), threshold in -1.0..1.0,
        ) {
            let found = Estimate::of(&values).unwrap();
            let p = p_value(&found, threshold);
            prop_assume!((p - 0.05).abs() > 1e-9);
            prop_assert_eq!(p > 0.05, found.contains(threshold));
        }
    }
}
