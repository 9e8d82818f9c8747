//! The two number types of the engine: f32 trains, f64 measures curvature.

use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

/// A floating-point type that networks are computed in.
pub trait Real:
    Copy
    + Default
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + 'static
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// ½.
    const HALF: Self;

    /// The nearest number of this type.
    fn of(value: f64) -> Self;
    /// The same number in f64.
    fn wide(self) -> f64;
    /// eˣ.
    #[must_use]
    fn exp(self) -> Self;
    /// Natural logarithm.
    #[must_use]
    fn ln(self) -> Self;
    /// Hyperbolic tangent.
    #[must_use]
    fn tanh(self) -> Self;
}

macro_rules! real {
    ($type:ident, $tanh:expr) => {
        impl Real for $type {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const HALF: Self = 0.5;

            #[inline]
            fn of(value: f64) -> Self {
                value as $type
            }

            #[inline]
            fn wide(self) -> f64 {
                f64::from(self)
            }

            #[inline]
            fn exp(self) -> Self {
                self.exp()
            }

            #[inline]
            fn ln(self) -> Self {
                self.ln()
            }

            #[inline]
            fn tanh(self) -> Self {
                $tanh(self)
            }
        }
    };
}

real!(f32, fast_tanh);
real!(f64, f64::tanh);

/// Beyond this tanh rounds to ±1.
const SATURATED: f32 = 9.02;

/// tanh to within 4·10⁻⁷, a few units in the last place, and exactly ±1 where it saturates. Without a branch or a call:
/// a call of the C library's tanh cannot be vectorised, and takes longer than all the rest of a training step.
///
/// Lambert's continued fraction to depth 7 (the [7/6] Padé approximant) at x/4, then twice tanh 2u = 2t / (1 + t²),
/// which does not magnify errors.
#[inline]
fn fast_tanh(x: f32) -> f32 {
    // Comparisons and not `clamp`: NaN must pass, and does.
    let x = if x > SATURATED { SATURATED } else { x };
    let x = if x < -SATURATED { -SATURATED } else { x };
    let u = 0.25 * x;
    let s = u * u;
    let numerator = ((s + 378.0) * s + 17_325.0) * s + 135_135.0;
    let denominator = ((28.0 * s + 3150.0) * s + 62_370.0) * s + 135_135.0;
    let t = u * numerator / denominator;
    let t = (t + t) / (1.0 + t * t);
    (t + t) / (1.0 + t * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fast_tanh_is_tanh() {
        for index in -400_000_i32..=400_000 {
            // Dense near zero and through saturation.
            let x = (f64::from(index) / 400_000.0).powi(3) as f32 * 20.0;
            let (fast, exact) = (f64::from(fast_tanh(x)), f64::from(x).tanh());
            assert!((fast - exact).abs() <= 4e-7 * exact.abs(), "{x}: {fast}, expected {exact}");
            assert!(fast.abs() <= 1.0 && fast_tanh(-x) == -fast_tanh(x));
        }
        assert!(fast_tanh(f32::NAN).is_nan());
        assert_eq!([9.1, f32::INFINITY, f32::NEG_INFINITY].map(fast_tanh), [1.0, 1.0, -1.0]);
    }
}
