//! Products of matrices in panels, where all the time of a training step goes.
//!
//! A product is made tile by tile: a few rows of the result times one panel, summed up in registers over the shared
//! dimension, with one broadcast number of the left operand and one line of the right operand at a time. On AVX2 a tile
//! of six rows and two vectors fills the sixteen registers, and there are three multiply-adds for every two loads,
//! so the two units that multiply are what it waits for. Both operands already lie as they are read, so nothing is packed.
//!
//! What happens to a product next, a bias, a cut-off at zero, the mask of one, happens while its sums are in registers. A
//! last panel that is filled by half or less is made with vectors of half a line: longer ones would compute padding.
//!
//! Long sums are cut into blocks of which both operands stay in the first-level cache. The order in which numbers are
//! added depends on the shapes alone: the same product has the same bits in every process.
//!
//! Always on one thread: a sweep fills the cores with runs, and a sum split over threads would not be the same sum on
//! another machine.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::Real;
use super::elementwise::where_positive;
use super::panels::{View, ViewMut};
use super::real::{vectorized, vectorized_by_halves};

/// What a product does with what stands in its place: `out = keep · out + scale · product`. With `keep` 0 it is not read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Update<T> {
    /// Factor of what stands there.
    pub keep: T,
    /// Factor of the product.
    pub scale: T,
}

impl<T: Real> Update<T> {
    /// Replaces what stands there.
    #[inline]
    pub fn replace(scale: T) -> Self {
        Self { keep: T::ZERO, scale }
    }

    /// Is added to what stands there.
    #[inline]
    pub fn add(scale: T) -> Self {
        Self { keep: T::ONE, scale }
    }

    /// The same, block after block of the sum.
    #[inline]
    fn of_block(self, block: usize) -> Self {
        if block == 0 { self } else { Self::add(self.scale) }
    }
}

/// What becomes of a product that is complete, before it is written.
#[derive(Clone, Copy, Debug)]
pub enum Then<'a, T: Real> {
    /// Nothing.
    Nothing,
    /// A bias is added to each row, and what is then less than `least` becomes that; NaN stays.
    Bias {
        /// That of the panel.
        bias: &'a T::Line,
        /// −∞ to cut nothing off.
        least: T,
    },
    /// It is multiplied by 1 where these are positive, by 0 elsewhere.
    Mask(View<'a, T>),
}

/// Lines of the right operand in a block of [`multiply`]: 16 KiB, half of a first-level cache.
const BLOCK: usize = 256;

/// Lines of either operand in a block of [`multiply_transposed`].
const BLOCK_TRANSPOSED: usize = 128;

/// Rows of a tile, and where a row is a single vector, which would leave registers unused.
const ROWS: usize = 6;
const ROWS_OF_ONE: usize = 12;

/// `a · b`, into `out`.
#[inline]
pub fn multiply<T: Real>(out: ViewMut<'_, T>, update: Update<T>, a: View<'_, T>, b: View<'_, T>) {
    straight(Straight { out, update, a, b, then: Then::Nothing });
}

/// The same of a single panel, and `then`.
#[inline]
pub fn multiply_then<T: Real>(
    out: ViewMut<'_, T>,
    update: Update<T>,
    a: View<'_, T>,
    b: View<'_, T>,
    then: Then<'_, T>,
) {
    assert!(out.panels() == 1, "one panel at a time");
    straight(Straight { out, update, a, b, then });
}

#[inline]
fn straight<T: Real>(product: Straight<'_, T>) {
    let Straight { out, a, b, .. } = &product;
    assert!(
        out.rows() == a.rows() && out.columns() == b.columns() && a.columns() == b.rows(),
        "shapes of a product do not fit"
    );
    make::<T>(out.columns(), product);
}

/// `aᵀ · b`, into `out`.
#[inline]
pub fn multiply_transposed<T: Real>(out: ViewMut<'_, T>, update: Update<T>, a: View<'_, T>, b: View<'_, T>) {
    assert!(
        out.rows() == a.columns() && out.columns() == b.columns() && a.rows() == b.rows(),
        "shapes of a product do not fit"
    );
    make::<T>(out.columns(), Transposed { out, update, a, b });
}

/// A product that is made panel by panel.
trait Product {
    /// Makes some of the panels.
    fn make<S: Simd>(&mut self, simd: S, panels: Range<usize>);
}

/// Some panels of a product.
struct Share<'a, P>(&'a mut P, Range<usize>);

impl<P: Product> WithSimd for Share<'_, P> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.0.make(simd, self.1);
    }
}

/// Makes all panels of a product that is so many columns wide.
#[inline]
fn make<T: Real>(columns: usize, mut product: impl Product) {
    let (filled, all) = ((columns + T::WIDTH / 2 - 1) / T::WIDTH, columns.div_ceil(T::WIDTH));
    if filled > 0 {
        vectorized(Share(&mut product, 0..filled));
    }
    if filled < all {
        vectorized_by_halves(Share(&mut product, filled..all));
    }
}

/// Calls `$tile::<S, rows, vectors>` for that many rows: a tile is code of its own for each number of rows.
macro_rules! tile_of {
    ($rows:expr, $call:ident::<$simd:ty, $vectors:ident>($($argument:expr),*)) => {
        match $rows {
            1 => Self::$call::<$simd, 1, $vectors>($($argument),*),
            2 => Self::$call::<$simd, 2, $vectors>($($argument),*),
            3 => Self::$call::<$simd, 3, $vectors>($($argument),*),
            4 => Self::$call::<$simd, 4, $vectors>($($argument),*),
            5 => Self::$call::<$simd, 5, $vectors>($($argument),*),
            6 => Self::$call::<$simd, 6, $vectors>($($argument),*),
            rows if $vectors == 1 => match rows {
                7 => Self::$call::<$simd, 7, 1>($($argument),*),
                8 => Self::$call::<$simd, 8, 1>($($argument),*),
                9 => Self::$call::<$simd, 9, 1>($($argument),*),
                10 => Self::$call::<$simd, 10, 1>($($argument),*),
                11 => Self::$call::<$simd, 11, 1>($($argument),*),
                _ => Self::$call::<$simd, 12, 1>($($argument),*),
            },
            _ => {}
        }
    };
}

/// Calls `$self.panel::<S, vectors>` for so many vectors of a line: those of the last panel that are padding are left out.
macro_rules! panel_of {
    ($self:ident, $simd:ident, $columns:expr, ($($argument:expr),*)) => {
        match vectors::<S, T>($columns) {
            1 => $self.panel::<S, 1>($simd, $($argument),*),
            2 => $self.panel::<S, 2>($simd, $($argument),*),
            4 => $self.panel::<S, 4>($simd, $($argument),*),
            8 => $self.panel::<S, 8>($simd, $($argument),*),
            _ => $self.panel::<S, 16>($simd, $($argument),*),
        }
    };
}

/// Vectors that so many numbers of a line need, rounded up to a power of two.
#[inline(always)]
fn vectors<S: Simd, T: Real>(columns: usize) -> usize {
    let lanes = size_of::<T::Lanes<S>>() / size_of::<T>();
    columns.min(T::WIDTH).div_ceil(lanes).next_power_of_two()
}

/// Whether a line has so many vectors at all: code for more is never called, and need not be made.
#[inline(always)]
fn exists<S: Simd, T: Real, const V: usize>() -> bool {
    V * size_of::<T::Lanes<S>>() <= size_of::<T::Line>()
}

/// Cuts `len` rows into pieces of at most `most`, all about as long: a last piece of one row would leave most of the
/// registers idle. Each as where it starts and how long it is.
#[inline(always)]
pub(super) fn pieces(len: usize, most: usize) -> impl Iterator<Item = (usize, usize)> {
    let count = len.div_ceil(most).max(1);
    let (least, longer) = (len / count, len % count);
    let mut start = 0;
    (0..count.min(len)).map(move |piece| {
        let rows = least + usize::from(piece < longer);
        start += rows;
        (start - rows, rows)
    })
}

/// The sums of a tile of R rows and V vectors.
type Sums<S, T, const R: usize, const V: usize> = [[<T as Real>::Lanes<S>; V]; R];

/// Adds `factors[r] · b` to each row r. With loops over numbers that are known when it is compiled, and nothing else: it
/// must come to multiply-adds on registers, and an iterator that is not taken apart would keep the sums in memory.
#[inline(always)]
fn add<S: Simd, T: Real, const R: usize, const V: usize>(
    simd: S,
    sums: &mut Sums<S, T, R, V>,
    factors: [T; R],
    b: &T::Line,
) {
    let b = T::lanes::<S>(b);
    for r in 0..R {
        let factor = T::splat(simd, factors[r]);
        for v in 0..V {
            sums[r][v] = T::times_plus(simd, factor, b[v], sums[r][v]);
        }
    }
}

/// How the sums of a block go out.
#[derive(Clone, Copy)]
struct End<'a, T: Real> {
    update: Update<T>,
    then: Then<'a, T>,
}

/// Sums into the lines of a tile, which begins at `row`. What is replaced is so whole lines long: a buffer may hold what it
/// was last used for where there is padding now.
#[inline(always)]
fn finish<S: Simd, T: Real, const R: usize, const V: usize>(
    simd: S,
    lines: &mut [T::Line],
    End { update, then }: End<'_, T>,
    sums: &mut Sums<S, T, R, V>,
    row: usize,
) {
    let Some(lines) = lines.first_chunk_mut::<R>() else { return };
    let (keep, scale) = (T::splat(simd, update.keep), T::splat(simd, update.scale));
    for r in 0..R {
        let line = T::lanes::<S>(&lines[r]);
        for v in 0..V {
            sums[r][v] = if update.keep == T::ZERO {
                T::times(simd, scale, sums[r][v])
            } else {
                T::times_plus(simd, scale, sums[r][v], T::times(simd, keep, line[v]))
            };
        }
    }
    match then {
        Then::Nothing => {}
        Then::Bias { bias, least } => {
            let (bias, least) = (T::lanes::<S>(bias), T::splat(simd, least));
            for r in 0..R {
                for v in 0..V {
                    sums[r][v] = T::at_least(simd, T::plus(simd, sums[r][v], bias[v]), least);
                }
            }
        }
        Then::Mask(values) => {
            let Some(values) = values.panel(0)[row..].first_chunk::<R>() else { return };
            for r in 0..R {
                let values = T::lanes::<S>(&values[r]);
                for v in 0..V {
                    sums[r][v] = where_positive::<S, T>(simd, sums[r][v], values[v]);
                }
            }
        }
    }
    for r in 0..R {
        let line = T::lanes_mut::<S>(&mut lines[r]);
        for v in 0..V {
            line[v] = sums[r][v];
        }
        if update.keep == T::ZERO {
            for v in V..line.len() {
                line[v] = T::splat(simd, T::ZERO);
            }
        }
    }
}

/// `a · b`: row r of the result is the sum of the rows of b, each times its number in row r of a.
struct Straight<'a, T: Real> {
    out: ViewMut<'a, T>,
    update: Update<T>,
    a: View<'a, T>,
    b: View<'a, T>,
    then: Then<'a, T>,
}

impl<T: Real> Product for Straight<'_, T> {
    #[inline(always)]
    fn make<S: Simd>(&mut self, simd: S, panels: Range<usize>) {
        for p in panels {
            panel_of!(self, simd, self.out.columns() - p * T::WIDTH, (p));
        }
    }
}

impl<T: Real> Straight<'_, T> {
    #[inline(always)]
    fn panel<S: Simd, const V: usize>(&mut self, simd: S, p: usize) {
        if !exists::<S, T, V>() {
            return;
        }
        let (a, b) = (self.a, self.b.panel(p));
        let out = self.out.panel_mut(p);
        let most = if V == 1 { ROWS_OF_ONE } else { ROWS };
        for (block, (q, count)) in pieces(a.panels(), BLOCK / T::WIDTH).enumerate() {
            let then = if q + count == a.panels() { self.then } else { Then::Nothing };
            let end = End { update: self.update.of_block(block), then };
            for (row, rows) in pieces(a.rows(), most) {
                let out = &mut out[row..][..rows];
                tile_of!(rows, tile::<S, V>(simd, out, end, a, row, b, q..q + count));
            }
        }
    }

    /// Rows from `row` on, over the `shared` panels of a.
    #[inline(always)]
    fn tile<S: Simd, const R: usize, const V: usize>(
        simd: S,
        out: &mut [T::Line],
        end: End<'_, T>,
        a: View<'_, T>,
        row: usize,
        b: &[T::Line],
        shared: Range<usize>,
    ) {
        let mut sums = [[T::splat(simd, T::ZERO); V]; R];
        for q in shared {
            let Some(a) = a.panel(q)[row..].first_chunk::<R>() else { return };
            let b = &b[q * T::WIDTH..];
            let b = &b[..b.len().min(T::WIDTH)];
            for k in 0..b.len() {
                let mut factors = [T::ZERO; R];
                for r in 0..R {
                    factors[r] = a[r].as_ref()[k];
                }
                add::<S, T, R, V>(simd, &mut sums, factors, &b[k]);
            }
        }
        finish::<S, T, R, V>(simd, out, end, &mut sums, row);
    }
}

/// `aᵀ · b`: the sum over their rows of all products of a number of a and a line of b.
struct Transposed<'a, T: Real> {
    out: ViewMut<'a, T>,
    update: Update<T>,
    a: View<'a, T>,
    b: View<'a, T>,
}

impl<T: Real> Product for Transposed<'_, T> {
    #[inline(always)]
    fn make<S: Simd>(&mut self, simd: S, panels: Range<usize>) {
        for (block, (start, rows)) in pieces(self.a.rows(), BLOCK_TRANSPOSED).enumerate() {
            let end = End { update: self.update.of_block(block), then: Then::Nothing };
            let (a, b) = (self.a.slice(start, rows), self.b.slice(start, rows));
            for p in panels.clone() {
                panel_of!(self, simd, self.out.columns() - p * T::WIDTH, (p, end, a, b));
            }
        }
    }
}

impl<T: Real> Transposed<'_, T> {
    #[inline(always)]
    fn panel<S: Simd, const V: usize>(
        &mut self,
        simd: S,
        p: usize,
        end: End<'_, T>,
        a: View<'_, T>,
        b: View<'_, T>,
    ) {
        if !exists::<S, T, V>() {
            return;
        }
        let b = b.panel(p);
        let out = self.out.panel_mut(p);
        let most = if V == 1 { ROWS_OF_ONE } else { ROWS };
        for (q, out) in out.chunks_mut(T::WIDTH).enumerate() {
            let a = a.panel(q);
            for (row, rows) in pieces(out.len(), most) {
                let out = &mut out[row..][..rows];
                tile_of!(rows, tile::<S, V>(simd, out, end, a, row, b));
            }
        }
    }

    /// Rows from `first` of a panel on, which are columns of a.
    #[inline(always)]
    fn tile<S: Simd, const R: usize, const V: usize>(
        simd: S,
        out: &mut [T::Line],
        end: End<'_, T>,
        a: &[T::Line],
        first: usize,
        b: &[T::Line],
    ) {
        let mut sums = [[T::splat(simd, T::ZERO); V]; R];
        let b = &b[..a.len()];
        for k in 0..a.len() {
            let Some(factors) = a[k].as_ref()[first..].first_chunk::<R>() else { return };
            add::<S, T, R, V>(simd, &mut sums, *factors, &b[k]);
        }
        finish::<S, T, R, V>(simd, out, end, &mut sums, first);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::science::dense::panels::Panels;

    /// Small integers, so that every order of summation has the same result.
    fn numbers<T: Real>(rows: usize, columns: usize, seed: usize) -> Panels<T> {
        Panels::from_fn(rows, columns, |row, column| {
            T::of(((row * 31 + column * 17 + seed * 7) % 19) as f64 - 9.0)
        })
    }

    fn at<T: Real>(view: View<'_, T>, row: usize, column: usize) -> f64 {
        view.panel(column / T::WIDTH)[row].as_ref()[column % T::WIDTH].wide()
    }

    /// The definition.
    fn check<T: Real>(rows: usize, shared: usize, columns: usize) {
        let (a, b) = (numbers::<T>(rows, shared, 1), numbers::<T>(shared, columns, 2));
        let across = Panels::from_fn(shared, rows, |k, row| T::of(at(a.view(), row, k)));
        let before = numbers::<T>(rows, columns, 3);
        let expected = |keep: f64, scale: f64| {
            Panels::<T>::from_fn(rows, columns, |row, column| {
                let sum: f64 = (0..shared).map(|k| at(a.view(), row, k) * at(b.view(), k, column)).sum();
                T::of(keep * at(before.view(), row, column) + scale * sum)
            })
        };
        for (keep, scale) in [(0.0, 1.0), (1.0, 0.5), (-2.0, -1.0)] {
            let update = Update { keep: T::of(keep), scale: T::of(scale) };
            let mut out = before.clone();
            multiply(out.view_mut(), update, a.view(), b.view());
            assert_eq!(out, expected(keep, scale), "{rows} × {shared} × {columns}");
            let mut out = before.clone();
            multiply_transposed(out.view_mut(), update, across.view(), b.view());
            assert_eq!(out, expected(keep, scale), "{rows} × {shared} × {columns}, transposed");
        }
    }

    proptest! {
        #[test]
        fn products_are_the_definition(rows in 1_usize..40, shared in 1_usize..40, columns in 1_usize..40) {
            check::<f32>(rows, shared, columns);
            check::<f64>(rows, shared, columns);
        }
    }

    /// What is done then is what could be done afterwards, to the last bit.
    fn check_then<T: Real>(rows: usize, shared: usize, columns: usize) {
        let (a, b) = (numbers::<T>(rows, shared, 1), numbers::<T>(shared, columns, 2));
        let (bias, values) = (numbers::<T>(1, columns, 4), numbers::<T>(rows, columns, 5));
        let update = Update { keep: T::of(0.3), scale: T::of(0.7) };
        let made = |then: Option<Then<'_, T>>| {
            let mut out = numbers::<T>(rows, columns, 3);
            match then {
                Some(then) => multiply_then(out.view_mut(), update, a.view(), b.view(), then),
                None => multiply(out.view_mut(), update, a.view(), b.view()),
            }
            out.view().to_rows(|number| number)
        };
        let plain = made(None);
        let line = &bias.view().panel(0)[0];
        let with_bias = |index: usize| plain[index] + line.as_ref()[index % columns];
        for least in [T::ZERO, T::LEAST] {
            let cut = |index: usize| if with_bias(index) < least { least } else { with_bias(index) };
            let expected: Vec<T> = (0..plain.len()).map(cut).collect();
            assert_eq!(
                made(Some(Then::Bias { bias: line, least })),
                expected,
                "{rows} × {shared} × {columns}"
            );
        }
        let tests = values.view().to_rows(|number| number);
        let slope = |test: T| if test > T::ZERO { T::ONE } else { T::ZERO };
        let expected: Vec<T> = plain.iter().zip(tests).map(|(number, test)| *number * slope(test)).collect();
        assert_eq!(made(Some(Then::Mask(values.view()))), expected, "{rows} × {shared} × {columns}, mask");
        assert_eq!(made(Some(Then::Nothing)), plain);
    }

    #[test]
    fn what_is_done_then_could_be_done_afterwards() {
        let all = || {
            for (rows, shared, columns) in [(1, 1, 1), (7, 20, 5), (13, 300, 8), (30, 40, 10), (32, 600, 16)]
            {
                check_then::<f32>(rows, shared, columns);
                check_then::<f64>(rows, shared, columns.min(8));
            }
        };
        all();
        crate::science::dense::shorter::with(all);
    }

    #[test]
    fn long_sums_are_cut_and_put_together() {
        for (rows, shared, columns) in [(7, 300, 20), (3, 784, 50), (130, 515, 3)] {
            check::<f32>(rows, shared, columns);
            check::<f64>(rows, shared, columns);
        }
    }

    #[test]
    fn pieces_cover_everything_and_are_about_as_long() {
        for (len, most) in [(0, 6), (1, 6), (6, 6), (7, 6), (32, 6), (512, 128), (513, 128)] {
            let all: Vec<_> = pieces(len, most).collect();
            let ends = all.iter().map(|(start, rows)| start + rows);
            assert!(
                ends.clone().eq(all.iter().skip(1).map(|(start, _)| *start).chain((len > 0).then_some(len)))
            );
            let rows = || all.iter().map(|(_, rows)| *rows);
            assert!(
                rows().all(|rows| rows <= most) && rows().max().unwrap_or(0) <= rows().min().unwrap_or(0) + 1
            );
            assert_eq!(all.len(), len.div_ceil(most));
        }
    }

    #[test]
    fn what_is_replaced_is_not_read() {
        let (a, b) = (numbers::<f32>(3, 4, 1), numbers::<f32>(4, 5, 2));
        let replaced = || {
            let mut out = Panels::from_fn(3, 16, |_, _| f32::NAN);
            multiply(out.view_mut().narrow(5), Update::replace(1.0), a.view(), b.view());
            out.view().panel(0).iter().flat_map(AsRef::as_ref).all(|number| number.is_finite())
        };
        assert!(replaced(), "nor is what stands beside it left");
        assert!(crate::science::dense::shorter::with(replaced).unwrap_or(true));
    }

    #[test]
    #[should_panic(expected = "shapes of a product")]
    fn shapes_that_do_not_fit_are_refused() {
        let (a, b) = (numbers::<f32>(2, 3, 1), numbers::<f32>(2, 3, 2));
        multiply(Panels::new(2, 3).view_mut(), Update::replace(1.0), a.view(), b.view());
    }
}
