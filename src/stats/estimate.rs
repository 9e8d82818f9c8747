//! A number with its uncertainty: Student's t.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

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
        let half = if known { t_quantile(UPPER, degrees_of_freedom) * standard_error } else { f64::INFINITY };
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
            self.half_width() / t_quantile(UPPER, self.degrees_of_freedom)
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
    StudentsT::new(0.0, 1.0, df).map_or(f64::NAN, |t| t.inverse_cdf(p))
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
