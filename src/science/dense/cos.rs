//! The cosine in f64 vectors, of whole columns: random Fourier features are hundreds of millions of them.
//!
//! The vectors may be of any length, the numbers stay: one number takes the same way in every lane and in the rest of
//! a column that fills no vector. Only whether the processor rounds x · y + z once or twice shows, in the last digit; so
//! all processes on one machine agree, and two machines that both have fma.

use pulp::{Simd, WithSimd};

use super::Real;
use super::real::{Line, vectorized};

/// Up to here in size; beyond, and where it is not finite, the C library's: features come nowhere near.
const FURTHEST: f64 = 1e5;
/// 1.5 · 2⁵²: added to a number below 2⁵¹ in size and taken away again, it leaves the nearest integer.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// π/2 in three parts, the first two of 33 bits: their products with an integer below 2²⁰ are exact, with fma or without
/// (Cody & Waite 1980; the parts are those of Sun's fdlibm).
const HALF_PI: [f64; 3] = [1.570_796_326_734_125_6, 6.077_100_506_303_966e-11, 2.022_266_248_795_950_6e-21];
/// Of the polynomial for (sin r / r − 1) / r² on |r| ≤ π/2, highest first: minimax for the error of sin r relative to it,
/// 2⁻⁶¹, by Remez' exchange (Muller, Elementary Functions, 2016, chapter 3).
const TERMS: [f64; 8] = [
    2.721_156_961_746_683e-15,
    -7.642_989_814_702_835e-13,
    1.605_893_964_294_564e-10,
    -2.505_210_687_157_888e-8,
    2.755_731_921_112_424_4e-6,
    -1.984_126_984_120_914_5e-4,
    8.333_333_333_333_194e-3,
    -0.166_666_666_666_666_66,
];

/// Puts `scale` cos(x + `phase`) in the place of every x.
pub fn waves(column: &mut [f64], phase: f64, scale: f64) {
    vectorized(Waves { column, phase, scale });
}

/// What [`waves`] does.
struct Waves<'a> {
    column: &'a mut [f64],
    phase: f64,
    scale: f64,
}

impl WithSimd for Waves<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (vectors, rest) = S::as_mut_simd_f64s(self.column);
        for x in vectors {
            *x = wave(simd, *x, self.phase, self.scale);
        }
        let mut last = Line::<f64, 8>::default();
        last.as_mut()[..rest.len()].copy_from_slice(rest);
        let first = &mut f64::lanes_mut::<S>(&mut last)[0];
        *first = wave(simd, *first, self.phase, self.scale);
        rest.copy_from_slice(&last.as_ref()[..rest.len()]);
    }
}

/// `scale` cos(x + `phase`). Functions here and no closures: those would not be compiled for the processor's vectors.
#[inline(always)]
fn wave<S: Simd>(simd: S, x: S::f64s, phase: f64, scale: f64) -> S::f64s {
    let angle = f64::plus(simd, x, simd.splat_f64s(phase));
    f64::times(simd, simd.splat_f64s(scale), cos(simd, angle))
}

/// cos x to within two units in the last place, on both sides of zero the same.
#[inline(always)]
fn cos<S: Simd>(simd: S, x: S::f64s) -> S::f64s {
    let size = simd.abs_f64s(x);
    // Asked in this way NaN is outside.
    let inside = simd.less_than_or_equal_f64s(size, simd.splat_f64s(FURTHEST));
    let value = reduced(simd, size);
    let all = simd.equal_f64s(simd.splat_f64s(0.0), simd.splat_f64s(0.0));
    if simd.first_true_m64s(simd.xor_m64s(inside, all)) == S::F64_LANES {
        value
    } else {
        simd.select_f64s(inside, value, library::<S>(x))
    }
}

/// cos x for 0 ≤ x ≤ [`FURTHEST`]: with x = (2k + 1) π/2 + r it is −(−1)ᵏ sin r, which keeps its digits where it is zero.
#[inline(always)]
fn reduced<S: Simd>(simd: S, x: S::f64s) -> S::f64s {
    let one = simd.splat_f64s(1.0);
    let halves =
        f64::times_plus(simd, x, simd.splat_f64s(std::f64::consts::FRAC_1_PI), simd.splat_f64s(-0.5));
    let k = nearest(simd, halves);
    let odd = f64::times_plus(simd, k, simd.splat_f64s(2.0), one);
    // r is high + low: one f64 alone would be off by half a unit of its own, which may be two of the sine's.
    let near = f64::times_plus(simd, odd, simd.splat_f64s(-HALF_PI[0]), x);
    let high = f64::times_plus(simd, odd, simd.splat_f64s(-HALF_PI[1]), near);
    let lost = f64::times_plus(simd, odd, simd.splat_f64s(-HALF_PI[1]), f64::minus(simd, near, high));
    let low = f64::times_plus(simd, odd, simd.splat_f64s(-HALF_PI[2]), lost);
    let square = f64::times(simd, high, high);
    let mut series = simd.splat_f64s(TERMS[0]);
    for term in 1..TERMS.len() {
        series = f64::times_plus(simd, series, square, simd.splat_f64s(TERMS[term]));
    }
    let cube = f64::times(simd, f64::times(simd, series, square), high);
    // Times cos r, or as much of it as `low` is worth.
    let slope = f64::times_plus(simd, square, simd.splat_f64s(-0.5), one);
    let sine = f64::plus(simd, high, f64::times_plus(simd, low, slope, cube));
    f64::times(simd, sine, sign(simd, k))
}

/// The nearest integer.
#[inline(always)]
fn nearest<S: Simd>(simd: S, x: S::f64s) -> S::f64s {
    let round = simd.splat_f64s(ROUND);
    f64::minus(simd, f64::plus(simd, x, round), round)
}

/// −(−1)ᵏ: k less twice the nearest integer to its half is 0 or ±1.
#[inline(always)]
fn sign<S: Simd>(simd: S, k: S::f64s) -> S::f64s {
    let half = nearest(simd, f64::times(simd, k, simd.splat_f64s(0.5)));
    let parity = f64::times_plus(simd, half, simd.splat_f64s(-2.0), k);
    let square = f64::times(simd, parity, parity);
    f64::times_plus(simd, square, simd.splat_f64s(2.0), simd.splat_f64s(-1.0))
}

/// cos x by the C library.
#[cold]
#[inline(never)]
fn library<S: Simd>(x: S::f64s) -> S::f64s {
    let mut line = Line::<f64, 8>::default();
    f64::lanes_mut::<S>(&mut line)[0] = x;
    line.as_mut().iter_mut().for_each(|x| *x = x.cos());
    f64::lanes::<S>(&line)[0]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(x: f64) -> f64 {
        let mut column = [x];
        waves(&mut column, 0.0, 1.0);
        column[0]
    }

    /// How many numbers there are from one to the other.
    fn ulps(a: f64, b: f64) -> u64 {
        let rank = |x: f64| if x < 0.0 { -((x.to_bits() << 1 >> 1) as i64) } else { x.to_bits() as i64 };
        rank(a).abs_diff(rank(b))
    }

    #[test]
    fn it_is_the_cosine_on_a_grid() {
        let mut column: Vec<f64> = (0..2_000_000).map(|k| (f64::from(k) / 2e6).powi(3) * 1e5).collect();
        let x = column.clone();
        waves(&mut column, 0.0, 1.0);
        let off = x.iter().zip(&column).map(|(x, fast)| ulps(*fast, x.cos())).max();
        assert!(off <= Some(2), "{off:?}");
    }

    #[test]
    fn it_keeps_its_digits_where_it_is_zero_or_one() {
        for k in 0..60_000 {
            let zero = f64::from(k) * std::f64::consts::FRAC_PI_2;
            for x in [zero.next_down(), zero, zero.next_up()] {
                assert!(ulps(at(x), x.cos()) <= 2, "{x}: {}, expected {}", at(x), x.cos());
                assert!(at(x).abs() <= 1.0, "{x}");
            }
        }
    }

    #[test]
    fn the_ends() {
        for (x, expected) in [
            (0.0, 1.0),
            (-0.0, 1.0),
            (f64::MIN_POSITIVE, 1.0),
            (1e5, 1e5_f64.cos()),
            (100_000.1, 100_000.1_f64.cos()),
            (-1e22, 1e22_f64.cos()),
            (f64::MAX, f64::MAX.cos()),
        ] {
            assert!(ulps(at(x), expected) <= 2, "{x}: {}, expected {expected}", at(x));
        }
        assert!([f64::NAN, f64::INFINITY, f64::NEG_INFINITY].into_iter().all(|x| at(x).is_nan()));
    }

    #[test]
    fn one_number_comes_out_the_same_wherever_it_stands_and_in_whatever_company() {
        for length in 1..40 {
            let numbers: Vec<f64> = (0..length).map(|k| f64::from(k) * 1.7 - 20.0).collect();
            for company in [None, Some(f64::NAN), Some(1e300)] {
                let mut column = numbers.clone();
                column.extend(company);
                waves(&mut column, 0.3, 2.0);
                for (x, value) in numbers.iter().zip(&column) {
                    assert_eq!(value.to_bits(), (2.0 * at(x + 0.3)).to_bits());
                }
            }
        }
    }

    #[test]
    fn vectors_of_every_length_give_the_same_numbers_where_sums_are_rounded_the_same() {
        // Without vectors x · y + z is rounded twice: two units more at most, and of most numbers none.
        let mut column: Vec<f64> = (0..10_000).map(|k| f64::from(k) * 0.37 - 2000.0).collect();
        let mut single = column.clone();
        waves(&mut column, 0.1, 1.0);
        Waves { column: &mut single, phase: 0.1, scale: 1.0 }.with_simd(pulp::Scalar::new());
        assert!(column.iter().zip(&single).all(|(a, b)| ulps(*a, *b) <= 2));
        #[cfg(target_arch = "x86_64")]
        if let Some(simd) = pulp::x86::V3::try_new() {
            let mut four: Vec<f64> = (0..10_000).map(|k| f64::from(k) * 0.37 - 2000.0).collect();
            pulp::Simd::vectorize(simd, Waves { column: &mut four, phase: 0.1, scale: 1.0 });
            assert_eq!(column, four);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn it_is_the_cosine_anywhere(x in prop_oneof![-10.0..10.0, -1e3..1e3, -1e5..1e5, any::<f64>()]) {
            prop_assert!(ulps(at(x), x.cos()) <= 2 || x.is_infinite() || x.is_nan());
            prop_assert_eq!(at(x).to_bits(), at(-x).to_bits());
        }
    }
}
