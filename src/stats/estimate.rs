//! A number with its uncertainty.

use serde::Serialize;

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
    /// Sample size.
    pub n: usize,
}
