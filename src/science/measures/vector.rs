//! Vectors of f64.

use crate::science::dense::Real;

/// Partial sums kept side by side: a single running sum cannot be vectorised without changing its rounding.
const LANES: usize = 8;

/// ⟨a, b⟩.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    let (a_lanes, b_lanes) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f64 = a_lanes.remainder().iter().zip(b_lanes.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a_lanes.zip(b_lanes) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f64>() + rest
}

/// ‖a‖₂.
pub fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

/// The same of lines of numbers, to the last bit that of all of them in f64, but without a copy.
pub fn norm_of_lines<T: Real>(lines: &[T::Line]) -> f64 {
    let mut sums = [0.0; LANES];
    for eight in lines.iter().flat_map(|line| line.as_ref().as_chunks::<LANES>().0) {
        for k in 0..LANES {
            sums[k] += eight[k].wide() * eight[k].wide();
        }
    }
    sums.iter().sum::<f64>().sqrt()
}

/// `y += scale · x`.
pub fn add_scaled(y: &mut [f64], scale: f64, x: &[f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += scale * x;
    }
}

/// `x *= scale`.
pub fn rescale(x: &mut [f64], scale: f64) {
    for x in x {
        *x *= scale;
    }
}

/// The same numbers in f64.
pub fn widened(x: impl IntoIterator<Item = f32>) -> Vec<f64> {
    x.into_iter().map(f64::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::science::dense::panels::Panels;

    #[test]
    fn the_norm_of_lines_is_that_of_their_numbers() {
        let numbers = Panels::<f32>::from_fn(37, 40, |row, column| ((row * 40 + column) as f32).sin());
        let lines: Vec<_> = (0..3).flat_map(|p| numbers.view().panel(p).to_vec()).collect();
        let wide = widened(lines.iter().flat_map(|line| line.as_ref().iter().copied()));
        assert_eq!(norm_of_lines::<f32>(&lines), norm(&wide));
    }
}
