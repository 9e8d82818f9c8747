//! How one quantity goes with another: slope and rank correlation.

use super::{Estimate, describe};

/// Least-squares slope of `y` over `x` with its t-interval (n − 2 degrees of freedom); `sd` is that of the
/// residuals. `None` where lengths differ, a number is not finite, or `x` does not vary.
pub fn slope(x: &[f64], y: &[f64]) -> Option<Estimate> {
    if x.len() != y.len() {
        return None;
    }
    let (mean_x, mean_y) = (describe::mean(x)?, describe::mean(y)?);
    let centred = || x.iter().zip(y).map(|(x, y)| (x - mean_x, y - mean_y));
    let spread: f64 = centred().map(|(x, _)| x * x).sum();
    let slope = centred().map(|(x, y)| x * y).sum::<f64>() / spread;
    if !slope.is_finite() {
        return None;
    }
    let degrees_of_freedom = x.len() as f64 - 2.0;
    let residuals: f64 = centred().map(|(x, y)| (y - slope * x).powi(2)).sum();
    let sd = if degrees_of_freedom > 0.0 { (residuals / degrees_of_freedom).sqrt() } else { f64::NAN };
    Some(Estimate::from_parts(slope, sd / spread.sqrt(), degrees_of_freedom, x.len(), sd))
}

/// Kendall's rank correlation with ties, τ-b (Kendall 1945), in [−1, 1]. `None` where lengths differ, a number is
/// NaN, or one side does not vary.
pub fn kendall(x: &[f64], y: &[f64]) -> Option<f64> {
    if x.len() != y.len() {
        return None;
    }
    let (mut balance, mut untied_x, mut untied_y) = (0_i64, 0_i64, 0_i64);
    for (i, (x_i, y_i)) in x.iter().zip(y).enumerate() {
        for (x_j, y_j) in x.iter().zip(y).take(i) {
            let (by_x, by_y) = (x_i.partial_cmp(x_j)? as i64, y_i.partial_cmp(y_j)? as i64);
            balance += by_x * by_y;
            untied_x += by_x.abs();
            untied_y += by_y.abs();
        }
    }
    if untied_x == 0 || untied_y == 0 {
        return None;
    }
    // The square roots are taken apart so that the product of two large counts cannot overflow.
    Some((balance as f64 / ((untied_x as f64).sqrt() * (untied_y as f64).sqrt())).clamp(-1.0, 1.0))
}
