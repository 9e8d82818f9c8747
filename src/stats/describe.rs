//! One number for many: location, spread, quantiles. All are `None` where a value is missing or not finite.

/// Arithmetic mean.
///
/// Summed as deviations from the first value, so that the mean of equal values is that value to the last bit: else
/// seeds that agree exactly would get a tiny spread, and a zero difference would look significant.
pub fn mean(values: &[f64]) -> Option<f64> {
    let &first = values.first()?;
    let mean = first + values.iter().map(|value| value - first).sum::<f64>() / values.len() as f64;
    mean.is_finite().then_some(mean)
}

/// Sample standard deviation (n − 1 below the line); needs two values.
pub fn sd(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let mean = mean(values)?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let sd = (squares / (values.len() - 1) as f64).sqrt();
    sd.is_finite().then_some(sd)
}

/// The middle value, or the mean of the two middle ones.
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// The value below which a fraction `p` in [0, 1] lies, linear between neighbours (Hyndman & Fan's type 7, the
/// default of R and numpy).
pub fn quantile(values: &[f64], p: f64) -> Option<f64> {
    if values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    quantile_sorted(&sorted, p)
}

/// [`quantile`] of values already in ascending order.
pub(super) fn quantile_sorted(sorted: &[f64], p: f64) -> Option<f64> {
    if sorted.is_empty() || !(0.0..=1.0).contains(&p) {
        return None;
    }
    let position = p * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[position.floor() as usize], sorted[position.ceil() as usize]);
    Some(below + (above - below) * position.fract())
}
