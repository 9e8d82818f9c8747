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
        Self { rows: view.rows(), columns: view.columns(), numbers: view.to_rows(N::constant) }
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

/// The operands of a product in panels, by what `of` makes of each number.
pub struct Operands<T: Real> {
    kind: Kind,
    left: Panels<T>,
    right: Panels<T>,
}

impl<T: Real> Operands<T> {
    /// Of these matrices.
    pub fn new<N: Copy>(kind: Kind, a: &Matrix<N>, b: &Matrix<N>, of: impl Fn(N) -> T) -> Self {
        let left = Panels::from_rows_by(&a.numbers, a.rows, a.columns, &of);
        let right = match kind {
            Kind::Right => Panels::turned_by(&b.numbers, b.rows, b.columns, of),
            Kind::Straight | Kind::Left => Panels::from_rows_by(&b.numbers, b.rows, b.columns, of),
        };
        Self { kind, left, right }
    }

    /// Room for their product.
    pub fn room(&self) -> Panels<T> {
        let rows = if self.kind == Kind::Left { self.left.view().columns() } else { self.left.view().rows() };
        Panels::new(rows, self.right.view().columns())
    }

    /// The left one of these times the right one of `other`, into `out`.
    pub fn times(&self, other: &Self, update: Update<T>, out: &mut Panels<T>) {
        let product = if self.kind == Kind::Left { multiply_transposed } else { multiply };
        product(out.view_mut(), update, self.left.view(), other.right.view());
    }
}

/// A product of matrices of real numbers.
pub fn of_reals<T: Real>(kind: Kind, a: &Matrix<T>, b: &Matrix<T>) -> Matrix<T> {
    let operands = Operands::new(kind, a, b, |number| number);
    let mut out = operands.room();
    operands.times(&operands, Update::replace(T::ONE), &mut out);
    Matrix::of_view(out.view())
}
