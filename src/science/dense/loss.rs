//! What is minimised, as a function of the outputs: its value, its first derivative and its second applied to a
//! direction.

use super::Real;
use crate::spec::Loss;

/// Loss summed over the rows of `outputs` (`rows × width`, as `y`). For cross-entropy the rows of `y` are
/// distributions over classes (one-hot where there are labels).
pub fn sum<T: Real>(loss: Loss, outputs: &[T], y: &[T], width: usize) -> f64 {
    let rows = outputs.chunks_exact(width).zip(y.chunks_exact(width));
    match loss {
        Loss::Squared => rows.map(|(f, y)| squared(f, y)).sum(),
        Loss::CrossEntropy => rows.map(|(f, y)| cross_entropy(f, y, log_sum_exp(f))).sum(),
    }
}

/// Fills `delta` with `scale · ∂(sum of losses)/∂outputs` and returns that sum, unscaled.
pub fn derivative<T: Real>(
    loss: Loss,
    outputs: &[T],
    y: &[T],
    width: usize,
    scale: T,
    delta: &mut [T],
) -> f64 {
    let rows = outputs.chunks_exact(width).zip(y.chunks_exact(width)).zip(delta.chunks_exact_mut(width));
    rows.map(|((f, y), delta)| match loss {
        Loss::Squared => {
            for ((delta, f), y) in delta.iter_mut().zip(f).zip(y) {
                *delta = scale * (*f - *y);
            }
            squared(f, y)
        }
        Loss::CrossEntropy => {
            let total = log_sum_exp(f);
            for ((delta, f), y) in delta.iter_mut().zip(f).zip(y) {
                *delta = scale * ((*f - total).exp() - *y);
            }
            cross_entropy(f, y, total)
        }
    })
    .sum()
}

/// Fills `out` with `scale · ∂²(sum of losses)/∂outputs² · direction`; the matrix is block-diagonal, one block
/// per row: the identity, or diag(p) − p pᵀ with p the softmax.
pub fn second_derivative<T: Real>(
    loss: Loss,
    outputs: &[T],
    direction: &[T],
    width: usize,
    scale: T,
    out: &mut [T],
) {
    match loss {
        Loss::Squared => out.iter_mut().zip(direction).for_each(|(out, d)| *out = scale * *d),
        Loss::CrossEntropy => {
            let rows = outputs.chunks_exact(width).zip(direction.chunks_exact(width));
            for ((f, direction), out) in rows.zip(out.chunks_exact_mut(width)) {
                softmax_block(f, direction, scale, out);
            }
        }
    }
}

fn softmax_block<T: Real>(f: &[T], direction: &[T], scale: T, out: &mut [T]) {
    let total = log_sum_exp(f);
    let mut mean = T::ZERO;
    for ((p, f), d) in out.iter_mut().zip(f).zip(direction) {
        *p = (*f - total).exp();
        mean += *p * *d;
    }
    for (out, d) in out.iter_mut().zip(direction) {
        *out = scale * *out * (*d - mean);
    }
}

fn squared<T: Real>(f: &[T], y: &[T]) -> f64 {
    let sum = f.iter().zip(y).fold(T::ZERO, |sum, (f, y)| sum + (*f - *y) * (*f - *y));
    0.5 * sum.wide()
}

/// −Σ y log softmax(f), given log Σ exp f.
fn cross_entropy<T: Real>(f: &[T], y: &[T], total: T) -> f64 {
    f.iter().zip(y).fold(T::ZERO, |sum, (f, y)| sum + *y * (total - *f)).wide()
}

/// log Σ exp f, shifted by the maximum so that nothing overflows.
fn log_sum_exp<T: Real>(f: &[T]) -> T {
    let largest = f.iter().fold(f[0], |largest, f| if *f > largest { *f } else { largest });
    largest + f.iter().fold(T::ZERO, |sum, f| sum + (*f - largest).exp()).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn huge_outputs_neither_overflow_nor_lose_the_loss() {
        let (f, y) = ([1e4_f32, 0.0, -1e4], [0.0, 1.0, 0.0]);
        let mut delta = [f32::NAN; 3];
        assert_eq!(derivative(Loss::CrossEntropy, &f, &y, 3, 1.0, &mut delta), 1e4);
        assert_eq!(delta, [1.0, -1.0, 0.0]);
        assert_eq!(sum(Loss::CrossEntropy, &f, &y, 3), 1e4);
    }

    #[test]
    fn derivatives_are_those_of_the_sum() {
        let (f, y, d) = ([0.3_f64, -1.2, 0.8, 2.0], [0.0, 1.0, 1.0, 0.0], [0.5_f64, -0.25, 1.0, 0.75]);
        let h = 1e-5;
        let moved = |sign: f64| -> Vec<f64> { f.iter().zip(&d).map(|(f, d)| f + sign * h * d).collect() };
        for loss in [Loss::Squared, Loss::CrossEntropy] {
            let (mut at, mut below, mut above, mut second) = ([0.0; 4], [0.0; 4], [0.0; 4], [0.0; 4]);
            derivative(loss, &f, &y, 2, 2.0, &mut at);
            let low = derivative(loss, &moved(-1.0), &y, 2, 2.0, &mut below);
            let high = derivative(loss, &moved(1.0), &y, 2, 2.0, &mut above);
            let along: f64 = at.iter().zip(&d).map(|(g, d)| g * d).sum();
            assert!((along - (high - low) / h).abs() < 1e-8, "{loss:?}");
            second_derivative(loss, &f, &d, 2, 2.0, &mut second);
            for ((second, below), above) in second.iter().zip(&below).zip(&above) {
                assert!((second - (above - below) / (2.0 * h)).abs() < 1e-8, "{loss:?}");
            }
        }
    }

    #[test]
    fn nan_reaches_the_loss() {
        for loss in [Loss::Squared, Loss::CrossEntropy] {
            for f in [[f64::NAN, 0.0], [0.0, f64::NAN]] {
                assert!(sum(loss, &f, &[1.0, 0.0], 2).is_nan(), "{loss:?}");
            }
        }
    }
}
