//! Matrices row by row. For their products they are laid out in panels.

use super::super::Real;
use super::super::panels::{Panels, View};
use super::super::product::{Update, multiply, multiply_transposed};
use super::number::Number;

/// Numbers row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix<N> {
    /// How many rows.
    pub rows: usize,
    /// How long they are.
    pub columns: usize,
    /// Row by row.
    pub numbers: Vec<N>,
}

/// Which product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// a · b.
    Straight,
    /// a · bᵀ.
    Right,
    /// aᵀ · b.
    Left,
}

impl<N: Copy> Matrix<N> {
    /// With the same number everywhere.
    pub fn filled(rows: usize, columns: usize, number: N) -> Self {
        Self { rows, columns, numbers: vec![number; rows * columns] }
    }

    /// The rows, one after the other.
    pub fn lines(&self) -> impl Iterator<Item = &[N]> {
        self.numbers.chunks(self.columns.max(1))
    }

    /// The same, to be changed.
    pub fn lines_mut(&mut self) -> impl Iterator<Item = &mut [N]> {
        self.numbers.chunks_mut(self.columns.max(1))
    }

    /// What `f` makes of each number.
    pub fn map<M>(&self, f: impl Fn(N) -> M) -> Matrix<M> {
        let numbers = self.numbers.iter().map(|&number| f(number)).collect();
        Matrix { rows: self.rows, columns: self.columns, numbers }
    }
}

impl<N: Number> Matrix<N> {
    /// The numbers of a view.
    pub fn of_view(view: View<'_, N::Real>) -> Self {
        let numbers = (0..view.rows()).flat_map(|row| view.row(row).map(N::constant)).collect();
        Self { rows: view.rows(), columns: view.columns(), numbers }
    }

    /// The sum of each column.
    pub fn sums(&self) -> Vec<N> {
        let mut sums = vec![N::zero(); self.columns];
        for line in self.lines() {
            sums.iter_mut().zip(line).for_each(|(sum, number)| *sum += *number);
        }
        sums
    }
}

impl<T: Real> Matrix<T> {
    /// The same in panels.
    pub fn panels(&self) -> Panels<T> {
        Panels::from_rows(&self.numbers, self.rows, self.columns)
    }
}

/// A product of matrices of real numbers.
pub fn of_reals<T: Real>(kind: Kind, a: &Matrix<T>, b: &Matrix<T>) -> Matrix<T> {
    let left = a.panels();
    let replace = Update::replace(T::ONE);
    let out = match kind {
        Kind::Straight => {
            let mut out = Panels::new(a.rows, b.columns);
            multiply(out.view_mut(), replace, left.view(), b.panels().view());
            out
        }
        Kind::Right => {
            let turned =
                Panels::from_fn(b.columns, b.rows, |row, column| b.numbers[column * b.columns + row]);
            let mut out = Panels::new(a.rows, b.rows);
            multiply(out.view_mut(), replace, left.view(), turned.view());
            out
        }
        Kind::Left => {
            let mut out = Panels::new(a.columns, b.columns);
            multiply_transposed(out.view_mut(), replace, left.view(), b.panels().view());
            out
        }
    };
    Matrix::of_view(out.view())
}
