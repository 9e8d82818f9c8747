//! What is done number by number, a line at a time, and sums of columns.

use pulp::{Simd, WithSimd};

use super::Real;
use super::panels::{View, ViewMut};
use super::product::Update;
use super::real::vectorized;

/// Multiplies `numbers` by `factors`.
#[inline]
pub fn multiply_into<T: Real>(numbers: ViewMut<'_, T>, factors: View<'_, T>) {
    vectorized(Combine { numbers, with: factors, how: How::Multiply });
}

/// Adds `terms` to `numbers`.
#[inline]
pub fn add_into<T: Real>(numbers: ViewMut<'_, T>, terms: View<'_, T>) {
    vectorized(Combine { numbers, with: terms, how: How::Add });
}

/// Keeps those of `numbers` whose `tests` are positive; the rest becomes 0.
#[inline]
pub fn keep_where_positive<T: Real>(numbers: ViewMut<'_, T>, tests: View<'_, T>) {
    vectorized(Combine { numbers, with: tests, how: How::KeepWherePositive });
}

/// `numbers = keep · numbers + scale · terms`.
#[inline]
pub fn add_scaled<T: Real>(numbers: ViewMut<'_, T>, update: Update<T>, terms: View<'_, T>) {
    vectorized(Combine { numbers, with: terms, how: How::AddScaled(update) });
}

/// `out = x · y`.
pub fn product_into<T: Real>(mut out: ViewMut<'_, T>, x: View<'_, T>, y: View<'_, T>) {
    for p in 0..out.panels() {
        out.panel_mut(p).copy_from_slice(x.panel(p));
    }
    multiply_into(out, y);
}

/// Adds a bias, one line per panel, to every row.
#[inline]
pub fn add_bias<T: Real>(numbers: ViewMut<'_, T>, bias: &[T::Line]) {
    vectorized(AddBias { numbers, bias });
}

/// `out = keep · out + scale · column sums of numbers`, one line per panel.
#[inline]
pub fn add_columns<T: Real>(out: &mut [T::Line], update: Update<T>, numbers: View<'_, T>) {
    vectorized(Columns { out, update, numbers });
}

#[derive(Clone, Copy)]
enum How<T> {
    Multiply,
    Add,
    AddScaled(Update<T>),
    KeepWherePositive,
}

struct Combine<'a, T: Real> {
    numbers: ViewMut<'a, T>,
    with: View<'a, T>,
    how: How<T>,
}

impl<T: Real> WithSimd for Combine<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match self.how {
            How::Multiply => self.each::<S>(|x, y| T::times(simd, x, y)),
            How::Add => self.each::<S>(|x, y| T::plus(simd, x, y)),
            How::AddScaled(Update { keep, scale }) => {
                let (keep, scale) = (T::splat(simd, keep), T::splat(simd, scale));
                self.each::<S>(|x, y| T::times_plus(simd, scale, y, T::times(simd, keep, x)));
            }
            How::KeepWherePositive => self.each::<S>(|x, y| where_positive::<S, T>(simd, x, y)),
        }
    }
}

/// x where `test` is positive, x · 0 elsewhere. By a factor, and not by a choice between x and 0: that would be compiled to a
/// store under a mask, which takes some processors (Zen) tens of cycles.
#[inline(always)]
pub fn where_positive<S: Simd, T: Real>(simd: S, x: T::Lanes<S>, test: T::Lanes<S>) -> T::Lanes<S> {
    let (zero, one) = (T::splat(simd, T::ZERO), T::splat(simd, T::ONE));
    T::times(simd, x, T::if_greater(simd, test, zero, one, zero))
}

impl<T: Real> Combine<'_, T> {
    #[inline(always)]
    fn each<S: Simd>(mut self, combine: impl Fn(T::Lanes<S>, T::Lanes<S>) -> T::Lanes<S>) {
        for p in 0..self.numbers.panels() {
            let (numbers, with) = (self.numbers.panel_mut(p), self.with.panel(p));
            let with = &with[..numbers.len()];
            for row in 0..numbers.len() {
                let (line, with) = (T::lanes_mut::<S>(&mut numbers[row]), T::lanes::<S>(&with[row]));
                for v in 0..line.len() {
                    line[v] = combine(line[v], with[v]);
                }
            }
        }
    }
}

struct AddBias<'a, T: Real> {
    numbers: ViewMut<'a, T>,
    bias: &'a [T::Line],
}

impl<T: Real> WithSimd for AddBias<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        for p in 0..self.numbers.panels() {
            let bias = T::lanes::<S>(&self.bias[p]);
            for line in self.numbers.panel_mut(p) {
                let line = T::lanes_mut::<S>(line);
                for v in 0..line.len() {
                    line[v] = T::plus(simd, line[v], bias[v]);
                }
            }
        }
    }
}

/// Rows that are summed up side by side: one sum would wait for itself.
const SIDE_BY_SIDE: usize = 4;

struct Columns<'a, T: Real> {
    out: &'a mut [T::Line],
    update: Update<T>,
    numbers: View<'a, T>,
}

impl<T: Real> WithSimd for Columns<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { out, update, numbers } = self;
        let (keep, scale) = (T::splat(simd, update.keep), T::splat(simd, update.scale));
        for p in 0..out.len() {
            let out = T::lanes_mut::<S>(&mut out[p]);
            for v in 0..out.len() {
                let sum = T::times(simd, scale, column::<S, T>(simd, numbers.panel(p), v));
                out[v] = if update.keep == T::ZERO { sum } else { T::times_plus(simd, keep, out[v], sum) };
            }
        }
    }
}

/// The sum of the v-th vectors of all lines. Which sum a line is added to is known when it is compiled: else the sums
/// would be kept in memory.
#[inline(always)]
fn column<S: Simd, T: Real>(simd: S, panel: &[T::Line], v: usize) -> T::Lanes<S> {
    let mut sums = [T::splat(simd, T::ZERO); SIDE_BY_SIDE];
    let (fours, rest) = panel.as_chunks::<SIDE_BY_SIDE>();
    for four in fours {
        for k in 0..SIDE_BY_SIDE {
            sums[k] = T::plus(simd, sums[k], T::lanes::<S>(&four[k])[v]);
        }
    }
    for k in 0..SIDE_BY_SIDE - 1 {
        if k < rest.len() {
            sums[k] = T::plus(simd, sums[k], T::lanes::<S>(&rest[k])[v]);
        }
    }
    let [a, b, c, d] = sums;
    T::plus(simd, T::plus(simd, a, b), T::plus(simd, c, d))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::science::dense::panels::Panels;

    #[test]
    fn sums_are_those_of_the_columns() {
        for rows in [1, 4, 7, 30] {
            let numbers = Panels::<f32>::from_fn(rows, 20, |row, column| (row * 20 + column) as f32);
            let mut out = [<f32 as Real>::Line::default(); 2];
            add_columns(&mut out, Update::replace(1.0), numbers.view());
            add_columns(&mut out, Update { keep: 3.0, scale: -0.5 }, numbers.view());
            let sum = |column: usize| (0..rows).map(|row| (row * 20 + column) as f32).sum::<f32>();
            for column in 0..20 {
                assert_eq!(out[column / 16].as_ref()[column % 16], 2.5 * sum(column));
            }
            assert_eq!(out[1].as_ref()[4..], [0.0; 12]);
        }
    }
}
