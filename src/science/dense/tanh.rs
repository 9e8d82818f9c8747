//! The hyperbolic tangent in f32 vectors.

use pulp::Simd;

use super::Real;

/// Beyond this tanh rounds to ±1.
const SATURATED: f32 = 9.02;

/// tanh to within 4·10⁻⁷, a few units in the last place, and exactly ±1 where it saturates: a call of the C library's
/// would take longer than all the rest of a training step.
///
/// Lambert's continued fraction to depth 7 (the [7/6] Padé approximant) at x/4, then twice tanh 2u = 2t / (1 + t²),
/// which does not magnify errors. Written with comparisons, so that NaN passes.
#[inline(always)]
pub fn tanh<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let (high, low) = (simd.splat_f32s(SATURATED), simd.splat_f32s(-SATURATED));
    let x = f32::if_greater(simd, x, high, high, x);
    let x = f32::if_greater(simd, low, x, low, x);
    let u = f32::times(simd, simd.splat_f32s(0.25), x);
    let s = f32::times(simd, u, u);
    let numerator = cubic(simd, s, [1.0, 378.0, 17_325.0, 135_135.0]);
    let denominator = cubic(simd, s, [28.0, 3150.0, 62_370.0, 135_135.0]);
    let t = f32::over(simd, f32::times(simd, u, numerator), denominator);
    twice(simd, twice(simd, t))
}

/// A polynomial of s, highest term first.
#[inline(always)]
fn cubic<S: Simd>(simd: S, s: S::f32s, terms: [f32; 4]) -> S::f32s {
    let mut sum = simd.splat_f32s(terms[0]);
    for term in 1..4 {
        sum = f32::times_plus(simd, sum, s, simd.splat_f32s(terms[term]));
    }
    sum
}

/// tanh 2u of tanh u.
#[inline(always)]
fn twice<S: Simd>(simd: S, t: S::f32s) -> S::f32s {
    f32::over(simd, f32::plus(simd, t, t), f32::times_plus(simd, t, t, simd.splat_f32s(1.0)))
}

#[cfg(test)]
mod tests {
    use pulp::WithSimd;

    use crate::science::dense::real::{Line, Real, vectorized};

    struct Tanh(Line<f32, 16>);

    impl WithSimd for Tanh {
        type Output = Line<f32, 16>;

        #[inline(always)]
        fn with_simd<S: pulp::Simd>(mut self, simd: S) -> Self::Output {
            for x in f32::lanes_mut::<S>(&mut self.0) {
                *x = super::tanh(simd, *x);
            }
            self.0
        }
    }

    fn at(x: f32) -> f32 {
        let mut line = Line::default();
        line.as_mut()[5] = x;
        vectorized(Tanh(line)).as_ref()[5]
    }

    #[test]
    fn it_is_tanh() {
        for index in -400_000_i32..=400_000 {
            // Dense near zero and through saturation.
            let x = (f64::from(index) / 400_000.0).powi(3) as f32 * 20.0;
            let (fast, exact) = (f64::from(at(x)), f64::from(x).tanh());
            assert!((fast - exact).abs() <= 4e-7 * exact.abs(), "{x}: {fast}, expected {exact}");
            assert!(fast.abs() <= 1.0 && at(-x) == -at(x));
        }
        assert!(at(f32::NAN).is_nan());
        assert_eq!([9.1, f32::INFINITY, f32::NEG_INFINITY].map(at), [1.0, 1.0, -1.0]);
    }
}
