//! Matrix products on plain slices: the one place that speaks to the `gemm` crate, and the only one in the room
//! with `unsafe`. Every view is checked against its slice when it is made, so the product itself cannot stray.
//!
//! Always on one thread: a sweep fills the cores with runs, and a sum split over threads would not be the same
//! sum on another machine.

#![allow(unsafe_code)]

use gemm::Parallelism;

use super::Real;

/// A row-major matrix in a slice, or its transpose; nothing is copied.
#[derive(Clone, Copy)]
pub struct View<'a, T> {
    data: &'a [T],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a, T> View<'a, T> {
    /// The first `rows × columns` numbers of `data` as a row-major matrix. `data` must hold that many.
    pub fn new(data: &'a [T], rows: usize, columns: usize) -> Self {
        assert!(data.len() >= rows * columns, "a {rows} × {columns} matrix needs more than {}", data.len());
        Self { data, rows, columns, row_stride: columns, column_stride: 1 }
    }

    /// Its transpose.
    #[must_use]
    pub fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }
}

/// What a product does to what stands in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// Replaces it.
    Overwrite,
    /// Is added to it.
    Add,
}

/// `out = scale · lhs · rhs`, or `out += …`; `out` is row-major, `lhs.rows × rhs.columns`.
pub fn multiply<T: Real>(out: &mut [T], into: Store, scale: T, lhs: View<'_, T>, rhs: View<'_, T>) {
    let (rows, columns, depth) = (lhs.rows, rhs.columns, lhs.columns);
    assert!(depth == rhs.rows && out.len() >= rows * columns, "shapes of a product do not fit");
    // SAFETY: a view's strides stay within its slice (`View::new` checks its length, `transposed` only swaps), and
    // `out` was just checked; `out` is borrowed mutably, so it overlaps neither operand. T is f32 or f64, for
    // which `gemm` dispatches by type.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            depth,
            out.as_mut_ptr(),
            1,
            columns as isize,
            into == Store::Add,
            lhs.data.as_ptr(),
            lhs.column_stride as isize,
            lhs.row_stride as isize,
            rhs.data.as_ptr(),
            rhs.column_stride as isize,
            rhs.row_stride as isize,
            T::ONE,
            scale,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, in the order of the indices.
    fn naive(lhs: View<'_, f64>, rhs: View<'_, f64>) -> Vec<f64> {
        let at = |view: &View<'_, f64>, row: usize, column: usize| {
            view.data[row * view.row_stride + column * view.column_stride]
        };
        let mut out = Vec::new();
        for row in 0..lhs.rows {
            for column in 0..rhs.columns {
                out.push((0..lhs.columns).map(|k| at(&lhs, row, k) * at(&rhs, k, column)).sum());
            }
        }
        out
    }

    #[test]
    fn products_of_all_orientations_are_the_definition() {
        let numbers: Vec<f64> = (0..2000_u32).map(|i| f64::from(i * 7919 % 101) - 50.0).collect();
        for (rows, depth, columns) in [(1, 1, 1), (4, 64, 10), (5, 2, 3), (33, 17, 1), (1, 30, 20)] {
            let (a, b) = (&numbers[..rows * depth], &numbers[100..100 + depth * columns]);
            let lhs = [View::new(a, rows, depth), View::new(a, depth, rows).transposed()];
            let rhs = [View::new(b, depth, columns), View::new(b, columns, depth).transposed()];
            for (lhs, rhs) in lhs.iter().flat_map(|lhs| rhs.iter().map(move |rhs| (*lhs, *rhs))) {
                let expected = naive(lhs, rhs);
                let mut out = vec![f64::NAN; rows * columns];
                multiply(&mut out, Store::Overwrite, 1.0, lhs, rhs);
                assert_eq!(out, expected, "{rows} × {depth} × {columns}");
                multiply(&mut out, Store::Add, 0.5, lhs, rhs);
                assert_eq!(out, expected.iter().map(|x| 1.5 * x).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn where_the_numbers_lie_in_memory_does_not_matter() {
        // What every re-run's bits rest on: allocators of different processes align differently.
        let numbers: Vec<f32> = (0..20_000_u16).map(|i| (f32::from(i) * 0.7).sin()).collect();
        for (rows, depth, columns) in [(4, 64, 10), (33, 17, 65), (64, 100, 64)] {
            let at = |offset: usize| {
                let mut data = vec![0.0; offset];
                data.extend_from_slice(&numbers);
                let lhs = View::new(&data[offset..], rows, depth);
                let rhs = View::new(&data[offset + rows * depth..], columns, depth).transposed();
                let mut out = vec![f32::NAN; offset + rows * columns];
                multiply(&mut out[offset..], Store::Overwrite, 1.0, lhs, rhs);
                out[offset..].iter().map(|x| x.to_bits()).collect::<Vec<_>>()
            };
            let aligned = at(0);
            assert!((1..16).all(|offset| at(offset) == aligned), "{rows} × {depth} × {columns}");
        }
    }

    #[test]
    #[should_panic(expected = "shapes of a product")]
    fn shapes_that_do_not_fit_are_refused() {
        let data = [1.0; 6];
        multiply(&mut [0.0; 4], Store::Overwrite, 1.0, View::new(&data, 2, 3), View::new(&data, 2, 3));
    }
}
