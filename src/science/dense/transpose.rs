//! Rows for columns. Of a layer that has another one below it the forward half of a pass reads the weights down the
//! columns, the backward half along the rows; so they are turned once per step, a square of lines at a time.

use super::Real;
use super::panels::{View, ViewMut};
use super::real::Line;

/// `out = aᵀ`. What pads the last columns of `out` is what pads the last rows of its squares: zero.
#[inline]
pub fn transpose<T: Real>(out: &mut ViewMut<'_, T>, a: View<'_, T>) {
    debug_assert!(out.rows() == a.columns() && out.columns() == a.rows(), "shapes of a transpose");
    for p in 0..a.panels() {
        let columns = T::WIDTH.min(a.columns() - p * T::WIDTH);
        for (q, rows) in a.panel(p).chunks(T::WIDTH).enumerate() {
            T::transpose(rows, &mut out.panel_mut(q)[p * T::WIDTH..][..columns]);
        }
    }
}

/// Most lines of a square.
pub const WIDEST: usize = 16;

/// The columns of a panel of `rows`, which are no more than a square has, a line each; how many there are.
#[inline(always)]
pub fn columns<T: Real>(rows: View<'_, T>, p: usize, square: &mut [T::Line; WIDEST]) -> usize {
    let columns = T::WIDTH.min(rows.columns() - p * T::WIDTH);
    T::transpose(rows.panel(p), &mut square[..columns]);
    columns
}

/// A square, number by number; at the edge of a matrix rows or columns of it are missing.
pub fn number_by_number<T: Real>(from: &[T::Line], to: &mut [T::Line]) {
    for (column, to) in to.iter_mut().enumerate() {
        for (row, number) in to.as_mut().iter_mut().enumerate() {
            *number = from.get(row).map_or(T::ZERO, |from| from.as_ref()[column]);
        }
    }
}

/// One of 16 lines, with the shuffles of AVX where there are any: ten times as fast.
#[inline]
pub fn square(from: &[Line<f32, 16>], to: &mut [Line<f32, 16>]) {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    if let Some(v3) = pulp::x86::V3::try_new() {
        return v3.vectorize(avx::Square { v3, from, to });
    }
    number_by_number::<f32>(from, to);
}

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
mod avx {
    #[cfg(target_arch = "x86")]
    use std::arch::x86::__m256;
    #[cfg(target_arch = "x86_64")]
    use std::arch::x86_64::__m256;

    use pulp::NullaryFnOnce;
    use pulp::x86::V3;

    use super::Line;

    /// Of two vectors, the first or the second pairs of each half.
    const FIRST: i32 = 0b01_00_01_00;
    const SECOND: i32 = 0b11_10_11_10;
    /// Their lower or their upper halves.
    const LOW: i32 = 0x20;
    const HIGH: i32 = 0x31;

    pub struct Square<'a> {
        pub v3: V3,
        pub from: &'a [Line<f32, 16>],
        pub to: &'a mut [Line<f32, 16>],
    }

    impl NullaryFnOnce for Square<'_> {
        type Output = ();

        #[inline(always)]
        fn call(self) {
            let Self { v3, from, to } = self;
            put(to, 0, 0, quarter(v3, from, 0, 0));
            put(to, 0, 8, quarter(v3, from, 8, 0));
            if to.len() > 8 {
                put(to, 8, 0, quarter(v3, from, 0, 8));
                put(to, 8, 8, quarter(v3, from, 8, 8));
            }
        }
    }

    /// Zeros where there is no such row.
    #[inline(always)]
    fn eight(lines: &[Line<f32, 16>], row: usize, column: usize) -> __m256 {
        let eight = lines.get(row).and_then(|line| line.as_ref()[column..].first_chunk::<8>());
        pulp::cast(*eight.unwrap_or(&[0.0; 8]))
    }

    #[inline(always)]
    fn put(lines: &mut [Line<f32, 16>], row: usize, column: usize, rows: [__m256; 8]) {
        for i in 0..8 {
            if let Some(line) = lines.get_mut(row + i)
                && let Some(place) = line.as_mut()[column..].first_chunk_mut::<8>()
            {
                *place = pulp::cast(rows[i]);
            }
        }
    }

    /// The 8 × 8 numbers from there on, turned: pairs, then pairs of pairs, then halves. Spelled out, since a closure is
    /// no part of a function that was compiled for AVX.
    #[inline(always)]
    fn quarter(v3: V3, lines: &[Line<f32, 16>], row: usize, column: usize) -> [__m256; 8] {
        let avx = v3.avx;
        let (a, b) = (eight(lines, row, column), eight(lines, row + 1, column));
        let (low_ab, high_ab) = (avx._mm256_unpacklo_ps(a, b), avx._mm256_unpackhi_ps(a, b));
        let (c, d) = (eight(lines, row + 2, column), eight(lines, row + 3, column));
        let (low_cd, high_cd) = (avx._mm256_unpacklo_ps(c, d), avx._mm256_unpackhi_ps(c, d));
        let (e, f) = (eight(lines, row + 4, column), eight(lines, row + 5, column));
        let (low_ef, high_ef) = (avx._mm256_unpacklo_ps(e, f), avx._mm256_unpackhi_ps(e, f));
        let (g, h) = (eight(lines, row + 6, column), eight(lines, row + 7, column));
        let (low_gh, high_gh) = (avx._mm256_unpacklo_ps(g, h), avx._mm256_unpackhi_ps(g, h));
        let upper = [
            avx._mm256_shuffle_ps::<FIRST>(low_ab, low_cd),
            avx._mm256_shuffle_ps::<SECOND>(low_ab, low_cd),
            avx._mm256_shuffle_ps::<FIRST>(high_ab, high_cd),
            avx._mm256_shuffle_ps::<SECOND>(high_ab, high_cd),
        ];
        let lower = [
            avx._mm256_shuffle_ps::<FIRST>(low_ef, low_gh),
            avx._mm256_shuffle_ps::<SECOND>(low_ef, low_gh),
            avx._mm256_shuffle_ps::<FIRST>(high_ef, high_gh),
            avx._mm256_shuffle_ps::<SECOND>(high_ef, high_gh),
        ];
        [
            avx._mm256_permute2f128_ps::<LOW>(upper[0], lower[0]),
            avx._mm256_permute2f128_ps::<LOW>(upper[1], lower[1]),
            avx._mm256_permute2f128_ps::<LOW>(upper[2], lower[2]),
            avx._mm256_permute2f128_ps::<LOW>(upper[3], lower[3]),
            avx._mm256_permute2f128_ps::<HIGH>(upper[0], lower[0]),
            avx._mm256_permute2f128_ps::<HIGH>(upper[1], lower[1]),
            avx._mm256_permute2f128_ps::<HIGH>(upper[2], lower[2]),
            avx._mm256_permute2f128_ps::<HIGH>(upper[3], lower[3]),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::science::dense::panels::Panels;

    fn check<T: Real>() {
        for (rows, columns) in [(1, 1), (16, 16), (10, 40), (33, 5), (64, 10), (17, 33)] {
            let from =
                Panels::<T>::from_fn(rows, columns, |row, column| T::of((100 * row + column + 1) as f64));
            let mut to = Panels::<T>::new(columns, rows);
            transpose(&mut to.view_mut(), from.view());
            let expected =
                Panels::<T>::from_fn(columns, rows, |row, column| T::of((100 * column + row + 1) as f64));
            assert_eq!(to, expected, "{rows} × {columns}");
        }
    }

    #[test]
    fn rows_become_columns_and_padding_stays_zero() {
        check::<f32>();
        check::<f64>();
    }
}
