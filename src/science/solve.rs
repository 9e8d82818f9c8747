//! Dense linear algebra that is solved exactly: the few functions through which this room knows `faer`.

use faer::{MatRef, Side};

/// Eigenvalues of a symmetric matrix, `n` columns of `n` numbers, in rising order; the lower triangle is read. `None`
/// where it is not finite.
pub fn symmetric_eigenvalues(columns: &[f64], n: usize) -> Option<Vec<f64>> {
    if columns.iter().any(|entry| !entry.is_finite()) {
        return None;
    }
    let matrix = MatRef::from_column_major_slice(columns, n, n);
    let mut values = matrix.self_adjoint_eigenvalues(Side::Lower).ok()?;
    values.sort_by(f64::total_cmp);
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_difference_matrix_has_known_eigenvalues() {
        let n = 30;
        let entry = |k: usize| match (k / n).abs_diff(k % n) {
            0 => 2.0,
            1 => -1.0,
            _ => 0.0,
        };
        let values = symmetric_eigenvalues(&(0..n * n).map(entry).collect::<Vec<_>>(), n).unwrap();
        for (k, value) in values.iter().enumerate() {
            let angle = (k + 1) as f64 * std::f64::consts::PI / (n + 1) as f64;
            assert!((value - (2.0 - 2.0 * angle.cos())).abs() < 1e-13);
        }
        assert_eq!(symmetric_eigenvalues(&[f64::NAN], 1), None);
    }
}
