//! How inputs are scaled, by statistics of the training examples alone: the test set stays unseen.

use crate::spec::Normalize;

/// x ← (x − shift) / divisor, per column, or one pair for all pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaling {
    /// (shift, divisor) of each column, cyclically: one pair serves all pixels, none leaves everything as it is.
    columns: Vec<(f64, f64)>,
}

impl Scaling {
    /// The scaling that `normalize` asks for, from training inputs `x` (`n × inputs`); `pixel_max` is the largest
    /// storable value if they are pixels.
    pub fn fit(normalize: Normalize, x: &[f32], inputs: usize, pixel_max: Option<f32>) -> Self {
        let per_column = |fit: fn(&[f64]) -> (f64, f64)| {
            let column = |place| {
                x.iter().skip(place).step_by(inputs).map(|&value| f64::from(value)).collect::<Vec<_>>()
            };
            (0..inputs).map(|place| fit(&column(place))).collect()
        };
        let columns = match (normalize, pixel_max) {
            (Normalize::None, _) => Vec::new(),
            (Normalize::Unit, Some(most)) => vec![(0.0, f64::from(most))],
            (Normalize::Unit, None) => per_column(range),
            (Normalize::Standard, Some(_)) => {
                vec![moments(&x.iter().map(|&value| f64::from(value)).collect::<Vec<_>>())]
            }
            (Normalize::Standard, None) => per_column(moments),
        };
        Self { columns }
    }

    /// Scales inputs in place.
    pub fn apply(&self, x: &mut [f32]) {
        for (value, (shift, divisor)) in x.iter_mut().zip(self.columns.iter().cycle()) {
            *value = ((f64::from(*value) - shift) / divisor) as f32;
        }
    }
}

/// Mean and standard deviation (over n); a constant column is divided by 1.
fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
    // Asked of the values: rounding can leave a constant column with a tiny deviation.
    (mean, if is_constant(values) { 1.0 } else { variance.sqrt() })
}

/// Minimum and width; a constant column is divided by 1.
fn range(values: &[f64]) -> (f64, f64) {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (least, if is_constant(values) { 1.0 } else { most - least })
}

fn is_constant(values: &[f64]) -> bool {
    values.windows(2).all(|pair| pair[0] == pair[1])
}
