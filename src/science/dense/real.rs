//! The two number types of the engine, f32 for training and f64 for curvature, one number at a time and in vectors.
//!
//! The vectors are those of `pulp`: the passes are written once, and the processor that the program finds itself on
//! (AVX-512, AVX2, NEON or none of them) decides at run time which of the compiled forms is used. Numbers lie in
//! [`Real::Line`]s of 64 bytes, as long as a line of the cache, so no vector ever straddles two.

use std::fmt::Debug;
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

use pulp::{Arch, Simd, WithSimd};

use super::{exp, tanh, transpose};

/// Numbers side by side that fill a line of the cache.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub struct Line<T, const N: usize>([T; N]);

impl<T: Default + Copy, const N: usize> Default for Line<T, N> {
    #[inline(always)]
    fn default() -> Self {
        Self([T::default(); N])
    }
}

impl<T, const N: usize> AsRef<[T]> for Line<T, N> {
    #[inline(always)]
    fn as_ref(&self) -> &[T] {
        &self.0
    }
}

impl<T, const N: usize> AsMut<[T]> for Line<T, N> {
    #[inline(always)]
    fn as_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

/// A floating-point type that networks are computed in.
///
/// What takes a `simd` must be inlined into a function that was compiled for it: call it from a [`WithSimd`] only.
pub trait Real:
    Copy
    + Default
    + Debug
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + Send
    + Sync
    + 'static
{
    /// Numbers in a line.
    const WIDTH: usize;
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// ½.
    const HALF: Self;
    /// −∞.
    const LEAST: Self;

    /// 64 bytes of numbers.
    type Line: Copy + Default + Debug + PartialEq + AsRef<[Self]> + AsMut<[Self]> + Send + Sync;
    /// As many numbers as a register of the processor holds.
    type Lanes<S: Simd>: Copy;

    /// The nearest number of this type.
    fn of(value: f64) -> Self;
    /// The same number in f64.
    fn wide(self) -> f64;
    /// The square root.
    #[must_use]
    fn root(self) -> Self;
    /// x · y + z, rounded once.
    #[cfg(test)]
    #[must_use]
    fn fused(x: Self, y: Self, z: Self) -> Self;

    /// Exchanges rows and columns of a square of [`Self::WIDTH`] lines. Where some of `from` are missing there come zeros,
    /// and no more lines are made than `to` has.
    fn transpose(from: &[Self::Line], to: &mut [Self::Line]);

    /// A line as vectors.
    fn lanes<S: Simd>(line: &Self::Line) -> &[Self::Lanes<S>];
    /// A line as vectors.
    fn lanes_mut<S: Simd>(line: &mut Self::Line) -> &mut [Self::Lanes<S>];
    /// The same number in every place.
    fn splat<S: Simd>(simd: S, x: Self) -> Self::Lanes<S>;
    /// x + y.
    fn plus<S: Simd>(simd: S, x: Self::Lanes<S>, y: Self::Lanes<S>) -> Self::Lanes<S>;
    /// x − y.
    fn minus<S: Simd>(simd: S, x: Self::Lanes<S>, y: Self::Lanes<S>) -> Self::Lanes<S>;
    /// x · y.
    fn times<S: Simd>(simd: S, x: Self::Lanes<S>, y: Self::Lanes<S>) -> Self::Lanes<S>;
    /// x / y.
    fn over<S: Simd>(simd: S, x: Self::Lanes<S>, y: Self::Lanes<S>) -> Self::Lanes<S>;
    /// x · y + z, rounded once where the processor can.
    fn times_plus<S: Simd>(
        simd: S,
        x: Self::Lanes<S>,
        y: Self::Lanes<S>,
        z: Self::Lanes<S>,
    ) -> Self::Lanes<S>;
    /// The larger of two numbers; y where one of them is NaN.
    fn max<S: Simd>(simd: S, x: Self::Lanes<S>, y: Self::Lanes<S>) -> Self::Lanes<S>;
    /// x, or `least` where that is larger; NaN stays NaN.
    fn at_least<S: Simd>(simd: S, x: Self::Lanes<S>, least: Self::Lanes<S>) -> Self::Lanes<S>;
    /// `then` where x > y, `otherwise` elsewhere, also for NaN.
    fn if_greater<S: Simd>(
        simd: S,
        x: Self::Lanes<S>,
        y: Self::Lanes<S>,
        then: Self::Lanes<S>,
        otherwise: Self::Lanes<S>,
    ) -> Self::Lanes<S>;
    /// The first half and the second exchanged, of a vector that fills a line.
    fn swapped<S: Simd>(simd: S, x: Self::Lanes<S>) -> Self::Lanes<S>;
    /// The square root.
    fn roots<S: Simd>(simd: S, x: Self::Lanes<S>) -> Self::Lanes<S>;
    /// eˣ for x ≤ 0.
    fn exp<S: Simd>(simd: S, x: Self::Lanes<S>) -> Self::Lanes<S>;
    /// Hyperbolic tangent.
    fn tanh<S: Simd>(simd: S, x: Self::Lanes<S>) -> Self::Lanes<S>;
}

/// Does `op` with the widest vectors of this processor.
#[inline]
pub fn vectorized<Op: WithSimd>(op: Op) -> Op::Output {
    arch().dispatch(op)
}

/// The same with vectors of half a line at the most, for what fills no more than that of its lines: longer ones would
/// compute padding.
#[inline]
pub fn vectorized_by_halves<Op: WithSimd>(op: Op) -> Op::Output {
    match arch() {
        #[cfg(target_arch = "x86_64")]
        Arch::V4(v4) => Arch::V3(*v4).dispatch(op),
        arch => arch.dispatch(op),
    }
}

#[inline(always)]
fn arch() -> Arch {
    #[cfg(not(test))]
    return Arch::new();
    #[cfg(test)]
    shorter::chosen()
}

/// For tests: that shorter vectors give the same bits.
#[cfg(test)]
pub mod shorter {
    use std::cell::Cell;

    use pulp::Arch;

    thread_local!(static CHOSEN: Cell<Option<Arch>> = const { Cell::new(None) });

    /// What is used: the widest vectors, unless others were asked for.
    pub fn chosen() -> Arch {
        CHOSEN.get().unwrap_or_default()
    }

    /// What `work` comes to with vectors of 32 bytes; `None` where there are none to choose.
    pub fn with<R>(work: impl FnOnce() -> R) -> Option<R> {
        CHOSEN.set(Some(of_32_bytes()?));
        let result = work();
        CHOSEN.set(None);
        Some(result)
    }

    #[cfg(target_arch = "x86_64")]
    fn of_32_bytes() -> Option<Arch> {
        pulp::x86::V3::try_new().map(Arch::V3)
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn of_32_bytes() -> Option<Arch> {
        None
    }
}

/// Bytes of a vector that only x86 has.
const X86: usize = 32;

macro_rules! real {
    ($type:ident, $width:literal, $lanes:ident, $exp:path, $tanh:path, $transpose:expr, [
        $as:ident, $as_mut:ident, $splat:ident, $add:ident, $sub:ident, $mul:ident, $div:ident, $mul_add:ident,
        $max:ident, $greater:ident, $select:ident, $rotate:ident, $sqrt:ident
    ]) => {
        impl Real for $type {
            const WIDTH: usize = $width;
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const HALF: Self = 0.5;
            const LEAST: Self = $type::NEG_INFINITY;

            type Line = Line<$type, $width>;
            type Lanes<S: Simd> = S::$lanes;

            #[inline(always)]
            fn of(value: f64) -> Self {
                value as $type
            }

            #[inline(always)]
            fn wide(self) -> f64 {
                f64::from(self)
            }

            #[inline(always)]
            fn root(self) -> Self {
                self.sqrt()
            }

            #[cfg(test)]
            fn fused(x: Self, y: Self, z: Self) -> Self {
                x.mul_add(y, z)
            }

            #[inline(always)]
            fn transpose(from: &[Self::Line], to: &mut [Self::Line]) {
                ($transpose)(from, to);
            }

            #[inline(always)]
            fn lanes<S: Simd>(line: &Self::Line) -> &[S::$lanes] {
                S::$as(&line.0).0
            }

            #[inline(always)]
            fn lanes_mut<S: Simd>(line: &mut Self::Line) -> &mut [S::$lanes] {
                S::$as_mut(&mut line.0).0
            }

            #[inline(always)]
            fn splat<S: Simd>(simd: S, x: Self) -> S::$lanes {
                simd.$splat(x)
            }

            #[inline(always)]
            fn plus<S: Simd>(simd: S, x: S::$lanes, y: S::$lanes) -> S::$lanes {
                simd.$add(x, y)
            }

            #[inline(always)]
            fn minus<S: Simd>(simd: S, x: S::$lanes, y: S::$lanes) -> S::$lanes {
                simd.$sub(x, y)
            }

            #[inline(always)]
            fn times<S: Simd>(simd: S, x: S::$lanes, y: S::$lanes) -> S::$lanes {
                simd.$mul(x, y)
            }

            #[inline(always)]
            fn over<S: Simd>(simd: S, x: S::$lanes, y: S::$lanes) -> S::$lanes {
                simd.$div(x, y)
            }

            #[inline(always)]
            fn times_plus<S: Simd>(simd: S, x: S::$lanes, y: S::$lanes, z: S::$lanes) -> S::$lanes {
                simd.$mul_add(x, y, z)
            }

            #[inline(always)]
            fn max<S: Simd>(simd: S, x: S::$lanes, y: S::$lanes) -> S::$lanes {
                simd.$max(x, y)
            }

            #[inline(always)]
            fn at_least<S: Simd>(simd: S, x: S::$lanes, least: S::$lanes) -> S::$lanes {
                // The maximum of x86 is just this in one instruction; those of others know NaN and −0 otherwise.
                if size_of::<S::$lanes>() >= X86 {
                    simd.$max(least, x)
                } else {
                    Self::if_greater(simd, least, x, least, x)
                }
            }

            #[inline(always)]
            fn if_greater<S: Simd>(
                simd: S,
                x: S::$lanes,
                y: S::$lanes,
                then: S::$lanes,
                otherwise: S::$lanes,
            ) -> S::$lanes {
                simd.$select(simd.$greater(x, y), then, otherwise)
            }

            #[inline(always)]
            fn swapped<S: Simd>(simd: S, x: S::$lanes) -> S::$lanes {
                simd.$rotate(x, Self::WIDTH / 2)
            }

            #[inline(always)]
            fn roots<S: Simd>(simd: S, x: S::$lanes) -> S::$lanes {
                simd.$sqrt(x)
            }

            #[inline(always)]
            fn exp<S: Simd>(simd: S, x: S::$lanes) -> S::$lanes {
                $exp(simd, x)
            }

            #[inline(always)]
            fn tanh<S: Simd>(simd: S, x: S::$lanes) -> S::$lanes {
                $tanh(simd, x)
            }
        }
    };
}

real!(
    f32,
    16,
    f32s,
    exp::exp,
    tanh::tanh,
    transpose::square,
    [
        as_simd_f32s,
        as_mut_simd_f32s,
        splat_f32s,
        add_f32s,
        sub_f32s,
        mul_f32s,
        div_f32s,
        mul_add_e_f32s,
        max_f32s,
        greater_than_f32s,
        select_f32s,
        rotate_right_f32s,
        sqrt_f32s
    ]
);
real!(
    f64,
    8,
    f64s,
    one_by_one::exp,
    one_by_one::tanh,
    transpose::number_by_number::<f64>,
    [
        as_simd_f64s,
        as_mut_simd_f64s,
        splat_f64s,
        add_f64s,
        sub_f64s,
        mul_f64s,
        div_f64s,
        mul_add_e_f64s,
        max_f64s,
        greater_than_f64s,
        select_f64s,
        rotate_right_f64s,
        sqrt_f64s
    ]
);

/// Functions of f64 by the C library: curvature is measured at few points, and asks for every digit.
mod one_by_one {
    use super::{Line, Real};
    use pulp::Simd;

    #[inline(always)]
    fn each<S: Simd>(x: S::f64s, function: impl Fn(f64) -> f64) -> S::f64s {
        let mut line = Line::<f64, 8>::default();
        f64::lanes_mut::<S>(&mut line)[0] = x;
        line.0[..S::F64_LANES].iter_mut().for_each(|x| *x = function(*x));
        f64::lanes::<S>(&line)[0]
    }

    #[inline(always)]
    pub fn exp<S: Simd>(_: S, x: S::f64s) -> S::f64s {
        each::<S>(x, f64::exp)
    }

    #[inline(always)]
    pub fn tanh<S: Simd>(_: S, x: S::f64s) -> S::f64s {
        each::<S>(x, f64::tanh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Cut<T: Real>(T::Line, T);

    impl<T: Real> WithSimd for Cut<T> {
        type Output = T::Line;

        #[inline(always)]
        fn with_simd<S: Simd>(mut self, simd: S) -> T::Line {
            let least = T::splat(simd, self.1);
            for x in T::lanes_mut::<S>(&mut self.0) {
                *x = T::at_least(simd, *x, least);
            }
            self.0
        }
    }

    /// As bits, since 0 and −0 are equal and NaN is not.
    #[test]
    fn what_is_no_less_stays_as_it_is_and_so_does_nan() {
        let x = [-1.0, -0.0, 0.0, 2.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e-40];
        for (least, expected) in
            [(0.0, [0.0, -0.0, 0.0, 2.0, f32::NAN, f32::INFINITY, 0.0, 1e-40]), (f32::NEG_INFINITY, x)]
        {
            let cut = || -> Vec<u32> {
                let mut line = Line::<f32, 16>::default();
                line.as_mut()[..x.len()].copy_from_slice(&x);
                vectorized(Cut(line, least)).as_ref()[..x.len()].iter().map(|x| x.to_bits()).collect()
            };
            let bits: Vec<u32> = expected.iter().map(|x| x.to_bits()).collect();
            let found = cut();
            assert_eq!(found, bits);
            assert_eq!(shorter::with(cut).unwrap_or(bits.clone()), bits);
        }
    }
}
