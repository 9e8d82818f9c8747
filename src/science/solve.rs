//! Dense linear algebra that is solved exactly: the few functions through which this room knows `faer`. All in f64, on
//! one core: runs are spread over cores, and the same run has the same bits on any number of them.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt;
use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::linalg::triangular_solve::solve_lower_triangular_in_place;
use faer::prelude::{Reborrow, ReborrowMut};
use faer::{Accum, Mat, MatMut, MatRef, Par, Side};

/// Below this many rows or columns a least-squares problem is solved by its singular values; above it by factoring its
/// smaller Gram matrix, which takes a tenth of the time.
pub const SMALL: usize = 600;

/// Most steps of the power method, and the relative change of a step at which it has settled.
const POWERS: usize = 60;
const SETTLED: f64 = 1e-4;

/// Columns that are factored at once.
const CHOLESKY: usize = 256;

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

/// Singular values of a matrix, largest first; `None` where it is not finite.
pub fn singular_values(matrix: MatRef<'_, f64>) -> Option<Vec<f64>> {
    if !is_finite(matrix) {
        return None;
    }
    matrix.singular_values().ok()
}

fn is_finite(matrix: MatRef<'_, f64>) -> bool {
    matrix.col_iter().all(|column| column.iter().all(|entry| entry.is_finite()))
}

/// What a least-squares problem comes to.
#[derive(Clone, Debug)]
pub struct LeastSquares {
    /// The coefficients, `columns × outputs`.
    pub coefficients: Mat<f64>,
    /// How the matrix is conditioned.
    pub rank: Rank,
}

/// How many directions a matrix has, and how unequal they are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rank {
    /// Singular values that are not zero but for rounding.
    pub rank: usize,
    /// The largest singular value over the least of those.
    pub condition: f64,
}

/// The W of least ‖Y − X W‖² + `ridge`·‖W‖², of all such that of least norm; by singular values, which squares no
/// condition number. Those below max(n, p)·ε times the largest count as zero. `None` where there are no finite ones.
pub fn least_squares(x: MatRef<'_, f64>, y: MatRef<'_, f64>, ridge: f64) -> Option<LeastSquares> {
    if !is_finite(x) || !is_finite(y) {
        return None;
    }
    let svd = x.thin_svd().ok()?;
    let values: Vec<f64> = svd.S().column_vector().iter().copied().collect();
    let rank = rank(&values, x.nrows().max(x.ncols()));
    let mut turned = svd.U().transpose() * y;
    for (row, value) in values.iter().enumerate() {
        let factor = if row < rank.rank { value / (value * value + ridge) } else { 0.0 };
        turned.row_mut(row).iter_mut().for_each(|entry| *entry *= factor);
    }
    Some(LeastSquares { coefficients: svd.V() * turned, rank })
}

/// The rank that singular values (largest first) tell of a matrix with so many rows or columns.
pub fn rank(values: &[f64], size: usize) -> Rank {
    let most = values.first().copied().unwrap_or(0.0);
    let rank = values.iter().take_while(|value| **value > size as f64 * f64::EPSILON * most).count();
    let least = rank.checked_sub(1).and_then(|last| values.get(last)).copied().unwrap_or(f64::NAN);
    Rank { rank, condition: most / least }
}

/// A symmetric positive semidefinite matrix that is summed up, then factored in its own place, then solved with.
///
/// The factor fills the lower triangle; the matrix itself stays in the upper one, so that solutions can be refined
/// without a second copy of what may be the largest thing in memory.
pub struct Gram {
    matrix: Mat<f64>,
    diagonal: Vec<f64>,
    factor: Factor,
}

/// How it is solved with.
enum Factor {
    /// Not yet.
    None,
    /// Its Cholesky factor stands in the lower triangle.
    Cholesky,
    /// It is singular: eigenvectors, and the inverses of those eigenvalues that are not zero but for rounding.
    Eigen { vectors: Mat<f64>, inverse: Vec<f64>, rank: Rank },
}

impl Gram {
    /// Zero.
    pub fn zero(n: usize) -> Self {
        Self::of(Mat::zeros(n, n))
    }

    /// One that is there already; its lower triangle is read.
    pub fn of(matrix: Mat<f64>) -> Self {
        Self { diagonal: vec![0.0; matrix.ncols()], matrix, factor: Factor::None }
    }

    /// Adds A Aᵀ.
    pub fn add(&mut self, a: MatRef<'_, f64>) {
        triangular::matmul(
            self.matrix.as_mut(),
            BlockStructure::TriangularLower,
            Accum::Add,
            a,
            BlockStructure::Rectangular,
            a.transpose(),
            BlockStructure::Rectangular,
            1.0,
            Par::Seq,
        );
    }

    /// Rows and columns.
    pub fn size(&self) -> usize {
        self.diagonal.len()
    }

    /// Adds `ridge` to the diagonal and factors.
    pub fn factor(&mut self, ridge: f64) {
        let n = self.size();
        for column in 0..n {
            self.matrix[(column, column)] += ridge;
            self.diagonal[column] = self.matrix[(column, column)];
        }
        self.mirror(|below, above| *above = *below);
        self.factor =
            if self.cholesky() && self.pivots_are_sound() { Factor::Cholesky } else { self.eigen() };
    }

    /// Overwrites the lower triangle with the Cholesky factor, block by block to the right, and leaves the upper one
    /// alone (faer's own factors in place, too, and uses all of the square for it). Whether there is one.
    fn cholesky(&mut self) -> bool {
        let n = self.size();
        for start in (0..n).step_by(CHOLESKY) {
            let size = CHOLESKY.min(n - start);
            let end = start + size;
            let Ok(corner) = self.matrix.submatrix(start, start, size, size).llt(Side::Lower) else {
                return false;
            };
            let factor = corner.L();
            for column in 0..size {
                for row in column..size {
                    self.matrix[(start + row, start + column)] = factor[(row, column)];
                }
            }
            let (left, right) = self.matrix.as_mut().split_at_col_mut(end);
            let mut below = left.submatrix_mut(end, start, n - end, size);
            solve_lower_triangular_in_place(factor, below.rb_mut().transpose_mut(), Par::Seq);
            triangular::matmul(
                right.subrows_mut(end, n - end),
                BlockStructure::TriangularLower,
                Accum::Add,
                below.rb(),
                BlockStructure::Rectangular,
                below.rb().transpose(),
                BlockStructure::Rectangular,
                -1.0,
                Par::Seq,
            );
        }
        true
    }

    /// Whether no pivot is so small against its diagonal that only rounding can have left it.
    fn pivots_are_sound(&self) -> bool {
        let n = self.size();
        let largest = self.diagonal.iter().copied().fold(0.0, f64::max);
        (0..n).all(|at| self.matrix[(at, at)].powi(2) > n as f64 * f64::EPSILON * largest)
    }

    fn eigen(&mut self) -> Factor {
        let n = self.size();
        self.mirror(|below, above| *below = *above);
        for at in 0..n {
            self.matrix[(at, at)] = self.diagonal[at];
        }
        let Ok(eigen) = self.matrix.self_adjoint_eigen(Side::Lower) else { return Factor::None };
        let values: Vec<f64> = eigen.S().column_vector().iter().copied().collect();
        let most = values.iter().copied().fold(0.0, f64::max);
        let counts = |value: f64| value > n as f64 * f64::EPSILON * most;
        let least = values.iter().copied().filter(|value| counts(*value)).fold(f64::INFINITY, f64::min);
        let rank = Rank {
            rank: values.iter().filter(|value| counts(**value)).count(),
            condition: (most / least).sqrt(),
        };
        let inverse = values.iter().map(|&value| if counts(value) { 1.0 / value } else { 0.0 }).collect();
        Factor::Eigen { vectors: eigen.U().to_owned(), inverse, rank }
    }

    /// Visits every entry below the diagonal with its mirror image.
    fn mirror(&mut self, visit: impl Fn(&mut f64, &mut f64)) {
        // In tiles, or every entry above the diagonal would be a miss of the cache.
        const TILE: usize = 32;
        let n = self.size();
        for left in (0..n).step_by(TILE) {
            for top in (left..n).step_by(TILE) {
                for column in left..(left + TILE).min(n) {
                    for row in top.max(column + 1)..(top + TILE).min(n) {
                        let (mut below, mut above) = (self.matrix[(row, column)], self.matrix[(column, row)]);
                        visit(&mut below, &mut above);
                        (self.matrix[(row, column)], self.matrix[(column, row)]) = (below, above);
                    }
                }
            }
        }
    }

    /// The X of G X = B, once refined; where G is singular that of least norm.
    pub fn solve(&self, b: MatRef<'_, f64>) -> Mat<f64> {
        let mut x = self.once(b);
        if matches!(self.factor, Factor::Cholesky) {
            let residual = b - self.times(x.as_ref());
            x += self.once(residual.as_ref());
        }
        x
    }

    fn once(&self, b: MatRef<'_, f64>) -> Mat<f64> {
        match &self.factor {
            Factor::None => Mat::full(b.nrows(), b.ncols(), f64::NAN),
            Factor::Cholesky => {
                let mut x = b.to_owned();
                let mut memory = MemBuffer::new(llt::solve::solve_in_place_scratch::<f64>(
                    self.size(),
                    b.ncols(),
                    Par::Seq,
                ));
                llt::solve::solve_in_place(
                    self.matrix.as_ref(),
                    x.as_mut(),
                    Par::Seq,
                    MemStack::new(&mut memory),
                );
                x
            }
            Factor::Eigen { vectors, inverse, .. } => {
                let mut turned = vectors.transpose() * b;
                for (row, factor) in inverse.iter().enumerate() {
                    turned.row_mut(row).iter_mut().for_each(|entry| *entry *= factor);
                }
                vectors * turned
            }
        }
    }

    /// G X, by what is left of G above the diagonal. Only after [`Self::factor`].
    pub fn times(&self, x: MatRef<'_, f64>) -> Mat<f64> {
        let mut out = Mat::zeros(self.size(), x.ncols());
        for (structure, matrix) in [
            (BlockStructure::StrictTriangularUpper, self.matrix.as_ref()),
            (BlockStructure::StrictTriangularLower, self.matrix.transpose()),
        ] {
            triangular::matmul(
                out.as_mut(),
                BlockStructure::Rectangular,
                Accum::Add,
                matrix,
                structure,
                x,
                BlockStructure::Rectangular,
                1.0,
                Par::Seq,
            );
        }
        for column in 0..x.ncols() {
            for (row, entry) in self.diagonal.iter().enumerate() {
                out[(row, column)] += entry * x[(row, column)];
            }
        }
        out
    }

    /// The rank of the A whose A Aᵀ (or Aᵀ A) this is, and its condition number: the extreme eigenvalues by the power method
    /// on the matrix and on its inverse, to a thousandth.
    pub fn rank(&self) -> Rank {
        if let Factor::Eigen { rank, .. } = &self.factor {
            return *rank;
        }
        let largest = self.growth(|v| self.times(v));
        let least = 1.0 / self.growth(|v| self.once(v));
        Rank { rank: self.size(), condition: (largest / least).sqrt() }
    }

    /// ‖M v‖ / ‖v‖ at the end of the power method.
    fn growth(&self, multiply: impl Fn(MatRef<'_, f64>) -> Mat<f64>) -> f64 {
        let n = self.size();
        let mut v = Mat::from_fn(n, 1, |row, _| 1.0 + (row as f64 * 0.618_034).fract());
        let mut growth = f64::NAN;
        for _ in 0..POWERS {
            let norm = v.norm_l2();
            v.as_mut().col_mut(0).iter_mut().for_each(|entry| *entry /= norm);
            v = multiply(v.as_ref());
            let last = growth;
            growth = v.norm_l2();
            if (growth - last).abs() <= SETTLED * growth {
                break;
            }
        }
        growth
    }
}

/// `out` += A B.
pub fn add_product(out: MatMut<'_, f64>, a: MatRef<'_, f64>, b: MatRef<'_, f64>) {
    let mut out = out;
    matmul(out.rb_mut(), Accum::Add, a, b, 1.0, Par::Seq);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Stream;

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

    fn normals(rows: usize, columns: usize, name: &str) -> Mat<f64> {
        let mut stream = Stream::new(3, name);
        Mat::from_fn(rows, columns, |_, _| stream.normal())
    }

    fn off(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> f64 {
        (a - b).norm_max() / b.norm_max()
    }

    #[test]
    fn the_least_squares_fit_leaves_a_residual_that_no_column_sees_and_no_part_in_the_null_space() {
        for (n, p) in [(30, 7), (7, 30), (12, 12)] {
            let (x, y) = (normals(n, p, "x"), normals(n, 2, "y"));
            let fit = least_squares(x.as_ref(), y.as_ref(), 0.0).unwrap();
            let residual = &y - &x * &fit.coefficients;
            assert!((x.transpose() * &residual).norm_max() < 1e-12);
            // In the span of the rows: X⁺X w = w.
            let again = least_squares(x.as_ref(), (&x * &fit.coefficients).as_ref(), 0.0).unwrap();
            assert!(off(again.coefficients.as_ref(), fit.coefficients.as_ref()) < 1e-12);
            assert_eq!(fit.rank.rank, n.min(p));
        }
    }

    #[test]
    fn a_ridge_solves_its_normal_equations() {
        let (x, y) = (normals(9, 20, "x"), normals(9, 3, "y"));
        let fit = least_squares(x.as_ref(), y.as_ref(), 0.7).unwrap();
        let left = x.transpose() * (&x * &fit.coefficients) + 0.7 * &fit.coefficients;
        assert!(off(left.as_ref(), (x.transpose() * &y).as_ref()) < 1e-12);
    }

    #[test]
    fn a_gram_matrix_summed_in_parts_solves_what_the_whole_does() {
        // More than one block of the factor.
        let n = CHOLESKY + 50;
        let (x, y) = (normals(n, 500, "x"), normals(n, 3, "y"));
        for ridge in [0.0, 0.5] {
            let mut gram = Gram::zero(n);
            gram.add(x.subcols(0, 50));
            gram.add(x.subcols(50, 450));
            gram.factor(ridge);
            let fit = x.transpose() * gram.solve(y.as_ref());
            let known = least_squares(x.as_ref(), y.as_ref(), ridge).unwrap();
            assert!(off(fit.as_ref(), known.coefficients.as_ref()) < 1e-11, "ridge {ridge}");
            if ridge == 0.0 {
                let condition = gram.rank().condition;
                assert!((condition / known.rank.condition - 1.0).abs() < 1e-2, "{condition}");
            }
        }
    }

    #[test]
    fn a_singular_gram_matrix_has_the_solution_of_least_norm() {
        let (x, y) = (normals(20, 12, "x"), normals(20, 2, "y"));
        let mut gram = Gram::zero(20);
        gram.add(x.as_ref());
        gram.factor(0.0);
        assert_eq!(gram.rank().rank, 12);
        // Xᵀ (X Xᵀ)⁺ y is X⁺ y.
        let fit = x.transpose() * gram.solve(y.as_ref());
        let known = least_squares(x.as_ref(), y.as_ref(), 0.0).unwrap();
        assert!(off(fit.as_ref(), known.coefficients.as_ref()) < 1e-10);
    }

    #[test]
    fn what_is_not_finite_is_no_problem_to_solve() {
        let x = Mat::from_fn(2, 2, |_, _| f64::NAN);
        assert!(least_squares(x.as_ref(), x.as_ref(), 0.0).is_none());
        assert!(singular_values(x.as_ref()).is_none());
    }
}
