//! Eigenvalues of small symmetric tridiagonal matrices, with chosen rows of the matrix of eigenvectors: implicit QR
//! steps with Wilkinson's shift (Golub & Van Loan, *Matrix Computations*, 4th ed., §8.3).
//!
//! Lanczos asks for the first and last rows after every step, and for these the cost is quadratic.

/// Eigenvalues, and rows of the orthogonal matrix whose columns are the eigenvectors, in the same order.
#[derive(Clone, Debug, PartialEq)]
pub struct Eigen {
    /// Eigenvalues, in no particular order.
    pub values: Vec<f64>,
    /// One per row asked for: that component of every eigenvector.
    pub rows: Vec<Vec<f64>>,
}

/// QR steps allowed per eigenvalue; two or three are usual, so running out means that the matrix is not finite.
const STEPS_PER_VALUE: usize = 50;

impl Eigen {
    /// Of the matrix with this diagonal and subdiagonal (one shorter). NaN throughout if it is not finite.
    pub fn new(diagonal: &[f64], subdiagonal: &[f64], rows: impl IntoIterator<Item = usize>) -> Self {
        let size = diagonal.len();
        let unit = |row: usize| (0..size).map(|column| f64::from(u8::from(column == row))).collect();
        let mut eigen = Self { values: diagonal.to_vec(), rows: rows.into_iter().map(unit).collect() };
        let mut off = subdiagonal[..size.saturating_sub(1)].to_vec();
        let mut high = size.saturating_sub(1);
        for _ in 0..STEPS_PER_VALUE * size {
            eigen.drop_negligible(&mut off);
            while high > 0 && off[high - 1] == 0.0 {
                high -= 1;
            }
            if high == 0 {
                return eigen;
            }
            let low = (0..high).rev().find(|&index| index == 0 || off[index - 1] == 0.0).unwrap_or(0);
            eigen.qr_step(&mut off, low, high);
        }
        eigen.values.fill(f64::NAN);
        eigen.rows.iter_mut().for_each(|row| row.fill(f64::NAN));
        eigen
    }

    /// Index of the largest eigenvalue.
    pub fn top(&self) -> Option<usize> {
        (0..self.values.len()).max_by(|&a, &b| self.values[a].total_cmp(&self.values[b]))
    }

    /// Indices of the eigenvalues, the largest first.
    pub fn falling(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.values.len()).collect();
        order.sort_by(|&a, &b| self.values[b].total_cmp(&self.values[a]));
        order
    }

    /// Sets to zero what rounding cannot tell from zero, which splits the matrix.
    fn drop_negligible(&self, off: &mut [f64]) {
        for (off, pair) in off.iter_mut().zip(self.values.windows(2)) {
            if off.abs() <= f64::EPSILON * (pair[0].abs() + pair[1].abs()) {
                *off = 0.0;
            }
        }
    }

    /// One implicit step on the unreduced block `low ..= high`.
    fn qr_step(&mut self, off: &mut [f64], low: usize, high: usize) {
        let shift = wilkinson_shift(self.values[high - 1], off[high - 1], self.values[high]);
        let (mut x, mut bulge) = (self.values[low] - shift, off[low]);
        for k in low..high {
            let length = x.hypot(bulge);
            let (c, s) = if length == 0.0 { (1.0, 0.0) } else { (x / length, bulge / length) };
            if k > low {
                off[k - 1] = length;
            }
            let (a, b, d) = (self.values[k], off[k], self.values[k + 1]);
            self.values[k] = c * c * a + 2.0 * c * s * b + s * s * d;
            self.values[k + 1] = s * s * a - 2.0 * c * s * b + c * c * d;
            off[k] = c * s * (d - a) + (c * c - s * s) * b;
            if k + 1 < high {
                (x, bulge) = (off[k], s * off[k + 1]);
                off[k + 1] *= c;
            }
            for row in &mut self.rows {
                (row[k], row[k + 1]) = (c * row[k] + s * row[k + 1], c * row[k + 1] - s * row[k]);
            }
        }
    }
}

/// The eigenvalue of [[a, b], [b, d]] nearer to d.
fn wilkinson_shift(a: f64, b: f64, d: f64) -> f64 {
    let half = 0.5 * (a - d);
    d - b * b / (half + half.hypot(b).copysign(half))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_second_difference_matrix_has_known_eigenvalues() {
        // 2 − 2 cos(k π / (n + 1)), k = 1 … n.
        let n = 40;
        let mut values = Eigen::new(&vec![2.0; n], &vec![-1.0; n - 1], []).values;
        values.sort_by(f64::total_cmp);
        for (k, value) in values.iter().enumerate() {
            let angle = (k + 1) as f64 * std::f64::consts::PI / (n + 1) as f64;
            assert!((value - (2.0 - 2.0 * angle.cos())).abs() < 1e-13);
        }
    }

    #[test]
    fn what_is_not_finite_ends_as_nan() {
        let eigen = Eigen::new(&[1.0, f64::NAN, 2.0], &[0.5, 0.5], [0]);
        assert!(eigen.values.iter().all(|value| value.is_nan()));
    }

    proptest! {
        #[test]
        fn vectors_are_orthonormal_and_rebuild_the_matrix(
            entries in prop::collection::vec((-10.0..10.0_f64, prop_oneof![Just(0.0), -10.0..10.0_f64]), 1..12),
        ) {
            let (diagonal, off): (Vec<f64>, Vec<f64>) = entries.into_iter().unzip();
            let n = diagonal.len();
            let eigen = Eigen::new(&diagonal, &off, 0..n);
            for i in 0..n {
                for j in 0..n {
                    let weighted = |power: i32| -> f64 {
                        (0..n).map(|k| eigen.rows[i][k] * eigen.rows[j][k] * eigen.values[k].powi(power)).sum()
                    };
                    let expected = match i.abs_diff(j) { 0 => diagonal[i], 1 => off[i.min(j)], _ => 0.0 };
                    prop_assert!((weighted(0) - f64::from(u8::from(i == j))).abs() < 1e-12);
                    prop_assert!((weighted(1) - expected).abs() < 1e-12);
                }
            }
        }
    }
}
