//! What is minimised, as a function of the outputs: its value, its first derivative and its second applied to a
//! direction. For cross-entropy the rows of y are distributions over classes (one-hot where there are labels), for the
//! logistic loss and the perceptron's they are ±1.

use pulp::{Simd, WithSimd};

use super::Real;
use super::panels::{View, ViewMut};
use super::real::vectorized;
use super::sums::Sum;
use super::transpose::{WIDEST, columns};
use crate::spec::Loss;

/// Rows whose losses are summed up in the number type of the outputs before they are added to the rest in f64.
const ROWS: usize = 32;

/// Loss summed over the rows of `outputs`.
#[inline]
pub fn sum<T: Real>(loss: Loss, outputs: View<'_, T>, y: View<'_, T>) -> f64 {
    derive(loss, outputs, y, T::ZERO, None)
}

/// Fills `delta` with `scale · ∂(sum of losses)/∂outputs` and returns that sum, unscaled.
#[inline]
pub fn derivative<T: Real>(
    loss: Loss,
    outputs: View<'_, T>,
    y: View<'_, T>,
    scale: T,
    delta: ViewMut<'_, T>,
) -> f64 {
    derive(loss, outputs, y, scale, Some(delta))
}

/// Fills `out` with `scale · ∂²(sum of losses)/∂outputs² · direction`; the matrix is block-diagonal, one block
/// per row: the identity, diag(p) − p pᵀ with p the softmax, σ(f)σ(−f), which knows no y since y² = 1, or zero.
pub fn second_derivative<T: Real>(
    loss: Loss,
    outputs: View<'_, T>,
    direction: View<'_, T>,
    scale: T,
    out: ViewMut<'_, T>,
) {
    match loss {
        Loss::Squared => vectorized(Scaled { direction, scale, out }),
        Loss::CrossEntropy => vectorized(SoftmaxBlock { outputs, direction, scale, out }),
        Loss::Logistic => vectorized(LogisticBend { outputs, direction, scale, out }),
        Loss::Perceptron => vectorized(Scaled { direction, scale: T::ZERO, out }),
    }
}

#[inline]
fn derive<T: Real>(
    loss: Loss,
    outputs: View<'_, T>,
    y: View<'_, T>,
    scale: T,
    delta: Option<ViewMut<'_, T>>,
) -> f64 {
    match loss {
        Loss::Squared => vectorized(Squared { outputs, y, scale, delta }),
        Loss::CrossEntropy => vectorized(CrossEntropy { outputs, y, scale, delta }),
        Loss::Logistic => vectorized(Logistic { outputs, y, scale, delta }),
        Loss::Perceptron => perceptron(outputs, y, scale, delta),
    }
}

/// −y f where that is not negative, and −y there. It is the loss of single neurons: nothing is gained by vectors.
fn perceptron<T: Real>(
    outputs: View<'_, T>,
    y: View<'_, T>,
    scale: T,
    mut delta: Option<ViewMut<'_, T>>,
) -> f64 {
    let mut total = 0.0;
    for p in 0..outputs.panels() {
        let columns = T::WIDTH.min(outputs.columns() - p * T::WIDTH);
        for (row, (f, y)) in outputs.panel(p).iter().zip(y.panel(p)).enumerate() {
            let mut line = T::Line::default();
            for ((f, y), slot) in f.as_ref().iter().zip(y.as_ref()).zip(line.as_mut()).take(columns) {
                let margin = *y * *f;
                // Written so that NaN is told.
                if margin > T::ZERO {
                    continue;
                }
                total -= margin.wide();
                *slot = -(scale * *y);
            }
            if let Some(delta) = &mut delta {
                delta.panel_mut(p)[row] = line;
            }
        }
    }
    total
}

struct Squared<'a, T: Real> {
    outputs: View<'a, T>,
    y: View<'a, T>,
    scale: T,
    delta: Option<ViewMut<'a, T>>,
}

impl<T: Real> WithSimd for Squared<'_, T> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) -> f64 {
        let scale = T::splat(simd, self.scale);
        let mut total = 0.0;
        for p in 0..self.outputs.panels() {
            let (outputs, y) = (self.outputs.panel(p), self.y.panel(p));
            for start in (0..outputs.len()).step_by(ROWS) {
                let end = (start + ROWS).min(outputs.len());
                let mut squares = Sum::<T>::default();
                for row in start..end {
                    let (f, y) = (T::lanes::<S>(&outputs[row]), T::lanes::<S>(&y[row]));
                    let mut off = T::Line::default();
                    for v in 0..f.len() {
                        let off = &mut T::lanes_mut::<S>(&mut off)[v];
                        *off = T::minus(simd, f[v], y[v]);
                        if let Some(delta) = &mut self.delta {
                            T::lanes_mut::<S>(&mut delta.panel_mut(p)[row])[v] = T::times(simd, scale, *off);
                        }
                    }
                    squares.add(simd, &off, &off);
                }
                total += squares.total().wide();
            }
        }
        0.5 * total
    }
}

struct CrossEntropy<'a, T: Real> {
    outputs: View<'a, T>,
    y: View<'a, T>,
    scale: T,
    delta: Option<ViewMut<'a, T>>,
}

impl<T: Real> WithSimd for CrossEntropy<'_, T> {
    type Output = f64;

    /// As many rows at a time as a line has numbers, and those turned: the largest output of each, and the sum of its
    /// exponentials, are then found for all of them side by side.
    ///
    /// With m the largest output of a row and s = Σ exp(f − m), its loss is Σ y (m − f) + ln s.
    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) -> f64 {
        let (mut total, mut square) = (0.0, [T::Line::default(); WIDEST]);
        for start in (0..self.outputs.rows()).step_by(T::WIDTH) {
            let (y, rows) = (self.y.slice(start, T::WIDTH), self.outputs.slice(start, T::WIDTH));
            let block = Block::new(simd, rows, &mut self.delta, start, &mut square);
            // The logarithms of some rows are that of their product; padding counts 1.
            let product: f64 = block.sums.as_ref()[..rows.rows()].iter().map(|sum| sum.wide()).product();
            let mut shares = T::Line::default();
            for (v, sum) in T::lanes::<S>(&block.sums).iter().enumerate() {
                T::lanes_mut::<S>(&mut shares)[v] = T::over(simd, T::splat(simd, self.scale), *sum);
            }
            let mut linear = Sum::<T>::default();
            for row in 0..rows.rows() {
                let largest = T::splat(simd, block.largest.as_ref()[row]);
                let share = T::splat(simd, shares.as_ref()[row]);
                let minus = T::splat(simd, -self.scale);
                for p in 0..rows.panels() {
                    let (targets, f) = (&y.panel(p)[row], T::lanes::<S>(&rows.panel(p)[row]));
                    let (y, mut below) = (T::lanes::<S>(targets), T::Line::default());
                    for v in 0..y.len() {
                        T::lanes_mut::<S>(&mut below)[v] = T::minus(simd, largest, f[v]);
                    }
                    linear.add(simd, targets, &below);
                    if let Some(delta) = &mut self.delta {
                        // From exponentials to scale · (softmax − y).
                        let delta = T::lanes_mut::<S>(&mut delta.panel_mut(p)[start + row]);
                        for v in 0..y.len() {
                            delta[v] = T::times_plus(simd, delta[v], share, T::times(simd, minus, y[v]));
                        }
                    }
                }
            }
            total += linear.total().wide() + product.ln();
        }
        total
    }
}

/// The largest outputs and the sums of exponentials of some rows.
struct Block<T: Real> {
    largest: T::Line,
    sums: T::Line,
}

impl<T: Real> Block<T> {
    /// Of `rows`; their exponentials are left in `delta`, from row `start` on. `square` is room for a panel of them.
    #[inline(always)]
    fn new<S: Simd>(
        simd: S,
        rows: View<'_, T>,
        delta: &mut Option<ViewMut<'_, T>>,
        start: usize,
        square: &mut [T::Line; WIDEST],
    ) -> Self {
        let mut block = Self { largest: T::Line::default(), sums: T::Line::default() };
        block.largest.as_mut().fill(T::LEAST);
        for p in 0..rows.panels() {
            let classes = columns(rows, p, square);
            for class in &square[..classes] {
                let (largest, f) = (T::lanes_mut::<S>(&mut block.largest), T::lanes::<S>(class));
                for v in 0..f.len() {
                    largest[v] = T::max(simd, f[v], largest[v]);
                }
            }
        }
        for p in 0..rows.panels() {
            // A single panel is still there.
            let classes = if rows.panels() == 1 { rows.columns() } else { columns(rows, p, square) };
            for class in &mut square[..classes] {
                let f = T::lanes_mut::<S>(class);
                let (largest, sums) = (T::lanes::<S>(&block.largest), T::lanes_mut::<S>(&mut block.sums));
                for v in 0..f.len() {
                    f[v] = T::exp(simd, T::minus(simd, f[v], largest[v]));
                    sums[v] = T::plus(simd, sums[v], f[v]);
                }
            }
            if let Some(delta) = delta {
                T::transpose(&square[..classes], &mut delta.panel_mut(p)[start..start + rows.rows()]);
            }
        }
        block
    }
}

struct Logistic<'a, T: Real> {
    outputs: View<'a, T>,
    y: View<'a, T>,
    scale: T,
    delta: Option<ViewMut<'a, T>>,
}

impl<T: Real> WithSimd for Logistic<'_, T> {
    type Output = f64;

    /// With the margin m = y f and e = exp(−|m|), the loss is (|m| − m)/2 + ln(1 + e), and its derivative −y σ(−m) with
    /// σ(−m) = e/(1 + e) for m > 0 and 1/(1 + e) elsewhere: nothing overflows, and a small loss keeps its digits.
    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) -> f64 {
        let (zero, one) = (T::splat(simd, T::ZERO), T::splat(simd, T::ONE));
        let minus = T::splat(simd, -self.scale);
        let mut total = 0.0;
        for p in 0..self.outputs.panels() {
            let (outputs, y) = (self.outputs.one(p), self.y.panel(p));
            let columns = outputs.columns();
            for row in 0..outputs.rows() {
                let (f, y) = (T::lanes::<S>(&outputs.panel(0)[row]), T::lanes::<S>(&y[row]));
                let (mut margins, mut small) = (T::Line::default(), T::Line::default());
                let delta = self.delta.as_mut().map(|delta| &mut delta.panel_mut(p)[row]);
                let mut delta = delta.map(|line| T::lanes_mut::<S>(line));
                for v in 0..f.len() {
                    let m = T::times(simd, y[v], f[v]);
                    let e = T::exp(simd, minus_magnitude::<S, T>(simd, m));
                    T::lanes_mut::<S>(&mut margins)[v] = m;
                    T::lanes_mut::<S>(&mut small)[v] = e;
                    if let Some(delta) = &mut delta {
                        let share =
                            T::over(simd, T::if_greater(simd, m, zero, e, one), T::plus(simd, one, e));
                        // Padding has y = 0, and so none.
                        delta[v] = T::times(simd, T::times(simd, minus, y[v]), share);
                    }
                }
                for (m, e) in margins.as_ref().iter().zip(small.as_ref()).take(columns) {
                    let (m, e) = (m.wide(), e.wide());
                    total += 0.5 * (m.abs() - m) + e.ln_1p();
                }
            }
        }
        total
    }
}

/// −|x|.
#[inline(always)]
fn minus_magnitude<S: Simd, T: Real>(simd: S, x: T::Lanes<S>) -> T::Lanes<S> {
    let zero = T::splat(simd, T::ZERO);
    T::if_greater(simd, x, zero, T::minus(simd, zero, x), x)
}

struct LogisticBend<'a, T: Real> {
    outputs: View<'a, T>,
    direction: View<'a, T>,
    scale: T,
    out: ViewMut<'a, T>,
}

impl<T: Real> WithSimd for LogisticBend<'_, T> {
    type Output = ();

    /// scale · e/(1 + e)² · d with e = exp(−|f|). Padding has d = 0.
    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let (one, scale) = (T::splat(simd, T::ONE), T::splat(simd, self.scale));
        for p in 0..self.out.panels() {
            let (outputs, direction) = (self.outputs.panel(p), self.direction.panel(p));
            for (row, out) in self.out.panel_mut(p).iter_mut().enumerate() {
                let (f, d) = (T::lanes::<S>(&outputs[row]), T::lanes::<S>(&direction[row]));
                let out = T::lanes_mut::<S>(out);
                for v in 0..out.len() {
                    let e = T::exp(simd, minus_magnitude::<S, T>(simd, f[v]));
                    let sum = T::plus(simd, one, e);
                    let bend = T::over(simd, T::over(simd, e, sum), sum);
                    out[v] = T::times(simd, T::times(simd, scale, bend), d[v]);
                }
            }
        }
    }
}

struct Scaled<'a, T: Real> {
    direction: View<'a, T>,
    scale: T,
    out: ViewMut<'a, T>,
}

impl<T: Real> WithSimd for Scaled<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let scale = T::splat(simd, self.scale);
        for p in 0..self.out.panels() {
            let (out, direction) = (self.out.panel_mut(p), self.direction.panel(p));
            let direction = &direction[..out.len()];
            for row in 0..out.len() {
                let (out, d) = (T::lanes_mut::<S>(&mut out[row]), T::lanes::<S>(&direction[row]));
                for v in 0..out.len() {
                    out[v] = T::times(simd, scale, d[v]);
                }
            }
        }
    }
}

struct SoftmaxBlock<'a, T: Real> {
    outputs: View<'a, T>,
    direction: View<'a, T>,
    scale: T,
    out: ViewMut<'a, T>,
}

impl<T: Real> WithSimd for SoftmaxBlock<'_, T> {
    type Output = ();

    /// scale · p (d − Σ p d), with the exponentials in the place of p until their sum is known. Padding has no
    /// exponential.
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (mut out, mut square) = (Some(self.out), [T::Line::default(); WIDEST]);
        for start in (0..self.outputs.rows()).step_by(T::WIDTH) {
            let rows = self.outputs.slice(start, T::WIDTH);
            let block = Block::new(simd, rows, &mut out, start, &mut square);
            let Some(out) = &mut out else { return };
            let directions = self.direction.slice(start, T::WIDTH);
            for row in 0..rows.rows() {
                let sum = block.sums.as_ref()[row];
                let mut along = Sum::<T>::default();
                for p in 0..rows.panels() {
                    along.add(simd, &out.panel_mut(p)[start + row], &directions.panel(p)[row]);
                }
                let mean = T::splat(simd, along.total() / sum);
                let share = T::splat(simd, self.scale / sum);
                for p in 0..rows.panels() {
                    let d = T::lanes::<S>(&directions.panel(p)[row]);
                    let out = T::lanes_mut::<S>(&mut out.panel_mut(p)[start + row]);
                    for v in 0..d.len() {
                        out[v] = T::times(simd, T::times(simd, share, out[v]), T::minus(simd, d[v], mean));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::science::dense::panels::Panels;

    fn rows<T: Real>(numbers: &[T], columns: usize) -> Panels<T> {
        Panels::from_rows(numbers, numbers.len() / columns, columns)
    }

    #[test]
    fn huge_outputs_neither_overflow_nor_lose_the_loss() {
        let (f, y) = (rows(&[1e4_f32, 0.0, -1e4], 3), rows(&[0.0, 1.0, 0.0], 3));
        let mut delta = rows(&[f32::NAN; 3], 3);
        let loss = derivative(Loss::CrossEntropy, f.view(), y.view(), 1.0, delta.view_mut());
        assert_eq!(loss, 1e4);
        assert_eq!(delta, rows(&[1.0, -1.0, 0.0], 3));
        assert_eq!(sum(Loss::CrossEntropy, f.view(), y.view()), 1e4);
    }

    #[test]
    fn the_logistic_loss_neither_overflows_nor_loses_what_is_small() {
        // (f, y, loss, derivative)
        let cases = [
            (1e4_f32, 1.0_f32, 0.0, 0.0),
            (1e4, -1.0, 1e4, 1.0),
            (-1e4, 1.0, 1e4, -1.0),
            (0.0, 1.0, 2.0_f64.ln(), -0.5),
            (40.0, 1.0, (-40.0_f64).exp(), -(-40.0_f64).exp()),
            (3.0, -1.0, 3.0 + (-3.0_f64).exp().ln_1p(), 1.0 / (1.0 + (-3.0_f64).exp())),
        ];
        for (f, y, expected, slope) in cases {
            let mut delta = rows(&[f32::NAN], 1);
            let loss =
                derivative(Loss::Logistic, rows(&[f], 1).view(), rows(&[y], 1).view(), 1.0, delta.view_mut());
            assert!((loss - expected).abs() <= 1e-6 * expected, "{f} {y}: {loss}");
            let found = f64::from(delta.view().panel(0)[0].as_ref()[0]);
            assert!((found - slope).abs() <= 1e-6 * slope.abs(), "{f} {y}: {found}");
            let padding = &delta.view().panel(0)[0].as_ref()[1..];
            assert!(padding.iter().all(|number| *number == 0.0), "{padding:?}");
        }
    }

    #[test]
    fn cross_entropy_is_its_definition_in_any_number_of_classes_and_rows() {
        for (count, classes) in [(1, 2), (70, 10), (33, 16), (5, 40)] {
            let at = |row: usize, class: usize| ((row * 7 + class * 13) % 11) as f64 - 5.0;
            let label = |row: usize| row * 3 % classes;
            let f = Panels::<f32>::from_fn(count, classes, |row, class| at(row, class) as f32);
            let y = Panels::from_fn(count, classes, |row, class| f32::from(u8::from(class == label(row))));
            let one = |row: usize| {
                let sum: f64 = (0..classes).map(|class| at(row, class).exp()).sum();
                sum.ln() - at(row, label(row))
            };
            let expected: f64 = (0..count).map(one).sum();
            let found = sum(Loss::CrossEntropy, f.view(), y.view());
            assert!((found - expected).abs() < 1e-6 * expected, "{count} × {classes}: {found}, {expected}");
        }
    }

    #[test]
    fn derivatives_are_those_of_the_sum() {
        let (f, y, d) = ([0.3_f64, -1.2, 0.8, 2.0], [0.0, 1.0, 1.0, 0.0], [0.5_f64, -0.25, 1.0, 0.75]);
        let h = 1e-5;
        let (y, signs) = (rows(&y, 2), rows(&[1.0, -1.0, -1.0, 1.0], 2));
        let moved = |sign: f64| -> Panels<f64> {
            rows(&f.iter().zip(&d).map(|(f, d)| f + sign * h * d).collect::<Vec<_>>(), 2)
        };
        let numbers =
            |panels: &Panels<f64>| -> Vec<f64> { (0..2).flat_map(|row| panels.view().row(row)).collect() };
        for loss in [Loss::Squared, Loss::CrossEntropy, Loss::Logistic] {
            // Signs where signs are wanted, else a one-hot row.
            let y = if loss == Loss::Logistic { &signs } else { &y };
            let slope = |f: &Panels<f64>| {
                let mut at = Panels::new(2, 2);
                let sum = derivative(loss, f.view(), y.view(), 2.0, at.view_mut());
                (sum, numbers(&at))
            };
            let ((_, at), (low, below), (high, above)) =
                (slope(&rows(&f, 2)), slope(&moved(-1.0)), slope(&moved(1.0)));
            let along: f64 = at.iter().zip(&d).map(|(g, d)| g * d).sum();
            assert!((along - (high - low) / h).abs() < 1e-8, "{loss:?}");
            let mut second = Panels::new(2, 2);
            second_derivative(loss, rows(&f, 2).view(), rows(&d, 2).view(), 2.0, second.view_mut());
            for ((second, below), above) in numbers(&second).iter().zip(&below).zip(&above) {
                assert!((second - (above - below) / (2.0 * h)).abs() < 1e-8, "{loss:?}");
            }
        }
    }

    #[test]
    fn nan_reaches_the_loss() {
        for loss in [Loss::Squared, Loss::CrossEntropy, Loss::Logistic] {
            for f in [[f64::NAN, 0.0], [0.0, f64::NAN]] {
                assert!(sum(loss, rows(&f, 2).view(), rows(&[1.0, 0.0], 2).view()).is_nan(), "{loss:?}");
            }
        }
    }
}
