//! The exponential in f32 vectors, for arguments that are not positive: those of a softmax.

use pulp::Simd;

use super::Real;

/// Below this eˣ is no normal number, and taken for zero.
const LOWEST: f32 = -87.0;
/// 1.5 · 2²³: added to a number below 2²² in size, it leaves the nearest integer in the lowest bits.
const ROUND: f32 = 12_582_912.0;
/// ln 2 in two parts, the first so short that its product with a small integer is exact (Cody & Waite 1980).
const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
/// Of the polynomial for (eʳ − 1 − r) / r² on |r| ≤ ½ ln 2, highest first (Moshier, Cephes `expf`).
const TERMS: [f32; 6] = [1.987_569_1e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_65, 0.5];

/// eˣ for x ≤ 0 to within 2·10⁻⁷ of itself; 0 below −87. NaN stays NaN.
#[inline(always)]
pub fn exp<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let lowest = simd.splat_f32s(LOWEST);
    let inside = f32::if_greater(simd, lowest, x, lowest, x);
    // x = k ln 2 + r with an integer k.
    let round = simd.splat_f32s(ROUND);
    let shifted = f32::times_plus(simd, inside, simd.splat_f32s(std::f32::consts::LOG2_E), round);
    let k = f32::minus(simd, shifted, round);
    let r = f32::times_plus(simd, k, simd.splat_f32s(-LN_2[0]), inside);
    let r = f32::times_plus(simd, k, simd.splat_f32s(-LN_2[1]), r);
    let mut series = simd.splat_f32s(TERMS[0]);
    for term in 1..TERMS.len() {
        series = f32::times_plus(simd, series, r, simd.splat_f32s(TERMS[term]));
    }
    let linear = f32::plus(simd, r, simd.splat_f32s(1.0));
    let mantissa = f32::times_plus(simd, f32::times(simd, series, r), r, linear);
    // The lowest bits of `shifted` are k; moved to the exponent they are 2ᵏ but for the bias. Its other bits fall out.
    let bits = simd.wrapping_dyn_shl_u32s(simd.transmute_u32s_f32s(shifted), simd.splat_u32s(23));
    let power = simd.transmute_f32s_u32s(simd.add_u32s(bits, simd.splat_u32s(127 << 23)));
    let value = f32::times(simd, mantissa, power);
    f32::if_greater(simd, lowest, x, simd.splat_f32s(0.0), value)
}

#[cfg(test)]
mod tests {
    use pulp::WithSimd;

    use crate::science::dense::real::{Line, Real, vectorized};

    struct Exp(Line<f32, 16>);

    impl WithSimd for Exp {
        type Output = Line<f32, 16>;

        #[inline(always)]
        fn with_simd<S: pulp::Simd>(mut self, simd: S) -> Self::Output {
            for x in f32::lanes_mut::<S>(&mut self.0) {
                *x = super::exp(simd, *x);
            }
            self.0
        }
    }

    fn at(x: f32) -> f32 {
        let mut line = Line::default();
        line.as_mut()[3] = x;
        vectorized(Exp(line)).as_ref()[3]
    }

    #[test]
    fn it_is_the_exponential() {
        for index in 0..=870_000_u32 {
            let x = -f64::from(index) as f32 * 1e-4;
            let (fast, exact) = (f64::from(at(x)), f64::from(x).exp());
            assert!((fast - exact).abs() <= 2e-7 * exact, "{x}: {fast}, expected {exact}");
        }
        assert_eq!([0.0, -0.0, -87.1, -1e9, f32::NEG_INFINITY].map(at), [1.0, 1.0, 0.0, 0.0, 0.0]);
        assert!(at(f32::NAN).is_nan());
    }
}
