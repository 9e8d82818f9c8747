//! Lanczos with full reorthogonalisation: the extreme eigenvalues of a symmetric matrix that is known only by its
//! products with vectors.
//!
//! Without reorthogonalisation rounding lets converged directions grow back and appear as copies; with it the
//! quadrature that the tridiagonal matrix defines stays exact for moments up to 2m − 1.

use super::tridiagonal::Eigen;
use super::vector::{add_scaled, dot, norm, rescale};

/// A Krylov space of a matrix, grown one product at a time.
#[derive(Clone, Debug)]
pub struct Lanczos {
    /// Orthonormal; one longer than `alphas` unless the space is exhausted.
    basis: Vec<Vec<f64>>,
    /// Diagonal of the projected matrix.
    pub alphas: Vec<f64>,
    /// Subdiagonal; the last belongs to the step not yet taken.
    pub betas: Vec<f64>,
}

/// The largest Ritz pair so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Ritz {
    /// Approximation to the largest eigenvalue.
    pub value: f64,
    /// ‖A y − value · y‖ as the recurrence tells it, without another product.
    pub residual: f64,
}

impl Lanczos {
    /// The space of `start`, which must not be zero.
    pub fn new(mut start: Vec<f64>) -> Self {
        let length = norm(&start);
        rescale(&mut start, 1.0 / length);
        Self { basis: vec![start], alphas: Vec::new(), betas: Vec::new() }
    }

    /// Whether the space is invariant, so that its Ritz values are eigenvalues and it grows no more.
    pub fn exhausted(&self) -> bool {
        self.basis.len() == self.alphas.len()
    }

    /// One step; `product(v, out)` sets `out = A v`. Does nothing to an exhausted space.
    pub fn extend<E>(&mut self, product: impl FnOnce(&[f64], &mut [f64]) -> Result<(), E>) -> Result<(), E> {
        if self.exhausted() {
            return Ok(());
        }
        let Some(newest) = self.basis.last() else { return Ok(()) };
        let mut next = vec![0.0; newest.len()];
        product(newest, &mut next)?;
        self.alphas.push(dot(newest, &next));
        // Twice is enough (Parlett 1998, §6.9): the first pass contains the three-term recurrence.
        for _ in 0..2 {
            for direction in &self.basis {
                let along = dot(direction, &next);
                add_scaled(&mut next, -along, direction);
            }
        }
        let beta = norm(&next);
        self.betas.push(beta);
        let scale =
            self.alphas.iter().chain(&self.betas).fold(0.0_f64, |scale, entry| scale.max(entry.abs()));
        let full = self.basis.len() == next.len();
        // Written so that NaN ends the growth too.
        if !full && beta > 1e-13 * scale {
            rescale(&mut next, 1.0 / beta);
            self.basis.push(next);
        }
        Ok(())
    }

    /// The `count` largest Ritz pairs, in falling order.
    pub fn largest(&self, count: usize) -> Vec<Ritz> {
        let eigen = self.eigen([self.alphas.len().saturating_sub(1)]);
        let Some(beta) = self.betas.last() else { return Vec::new() };
        let beta = if self.exhausted() { 0.0 } else { *beta };
        let ritz = |at: usize| Ritz { value: eigen.values[at], residual: beta * eigen.rows[0][at].abs() };
        eigen.falling().into_iter().take(count).map(ritz).collect()
    }

    /// The vectors of the `count` largest Ritz pairs, each of length 1, in falling order.
    pub fn largest_vectors(&self, count: usize) -> Vec<Vec<f64>> {
        let eigen = self.eigen(0..self.alphas.len());
        let vector = |at: usize| {
            let mut vector = vec![0.0; self.basis.first().map_or(0, Vec::len)];
            for (row, direction) in eigen.rows.iter().zip(&self.basis) {
                add_scaled(&mut vector, row[at], direction);
            }
            vector
        };
        eigen.falling().into_iter().take(count).map(vector).collect()
    }

    /// The quadrature that the space defines: nodes, and the weights (e₁ᵀy)², which sum to 1.
    pub fn quadrature(&self) -> Vec<(f64, f64)> {
        let eigen = self.eigen([0]);
        let mut nodes: Vec<(f64, f64)> =
            eigen.values.iter().copied().zip(eigen.rows[0].iter().map(|first| first * first)).collect();
        nodes.sort_by(|a, b| a.0.total_cmp(&b.0));
        nodes
    }

    /// The largest Ritz pair.
    pub fn top(&self) -> Ritz {
        let eigen = self.eigen([self.alphas.len().saturating_sub(1)]);
        let (Some(top), Some(beta)) = (eigen.top(), self.betas.last()) else {
            return Ritz { value: f64::NAN, residual: f64::NAN };
        };
        let beta = if self.exhausted() { 0.0 } else { *beta };
        Ritz { value: eigen.values[top], residual: beta * eigen.rows[0][top].abs() }
    }

    /// The vector of the largest Ritz pair, of length 1.
    pub fn top_vector(&self) -> Vec<f64> {
        let eigen = self.eigen(0..self.alphas.len());
        let mut vector = vec![0.0; self.basis.first().map_or(0, Vec::len)];
        if let Some(top) = eigen.top() {
            for (row, direction) in eigen.rows.iter().zip(&self.basis) {
                add_scaled(&mut vector, row[top], direction);
            }
        }
        vector
    }

    fn eigen(&self, rows: impl IntoIterator<Item = usize>) -> Eigen {
        Eigen::new(&self.alphas, &self.betas[..self.alphas.len().saturating_sub(1)], rows)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn diagonal(values: &[f64]) -> impl Fn(&[f64], &mut [f64]) -> Result<(), Infallible> + '_ {
        move |v, out| {
            out.iter_mut().zip(v).zip(values).for_each(|((out, v), value)| *out = v * value);
            Ok(())
        }
    }

    #[test]
    fn the_largest_is_the_algebraic_one_and_the_residual_bounds_its_error() {
        let values: Vec<f64> = (0..60).map(|k| if k == 0 { -100.0 } else { f64::from(k) / 10.0 }).collect();
        let mut lanczos = Lanczos::new(vec![1.0; 60]);
        for _ in 0..30 {
            lanczos.extend(diagonal(&values)).unwrap();
            let Ritz { value, residual } = lanczos.top();
            assert!(values.iter().any(|eigenvalue| (eigenvalue - value).abs() <= residual + 1e-9));
        }
        assert!((lanczos.top().value - 5.9).abs() < 1e-6);
        let (vector, mut image) = (lanczos.top_vector(), vec![0.0; 60]);
        diagonal(&values)(&vector, &mut image).unwrap();
        add_scaled(&mut image, -lanczos.top().value, &vector);
        assert!((norm(&image) - lanczos.top().residual).abs() < 1e-9);
    }

    #[test]
    fn an_invariant_space_ends_the_growth() {
        let mut lanczos = Lanczos::new(vec![1.0, 1.0, 0.0]);
        for _ in 0..5 {
            lanczos.extend(diagonal(&[2.0, 3.0, 9.0])).unwrap();
        }
        assert_eq!(lanczos.alphas.len(), 2);
        assert_eq!(lanczos.top().residual, 0.0);
        assert!((lanczos.top().value - 3.0).abs() < 1e-14);
    }
}
