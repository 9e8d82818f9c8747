//! Sums over numbers that stand side by side, in an order that does not depend on how long the processor's vectors are.
//!
//! Everything else that is summed up is summed number by number down a column, and has the same bits on every processor
//! that rounds x · y + z once. A sum *along* a line has not, unless it is told where the partial sums lie: here they are
//! as many as half a line has numbers. What falls to one of them is added to it one after the other.

use pulp::Simd;

use super::Real;

/// Partial sums, of which the first half of the line is used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sum<T: Real>(T::Line);

impl<T: Real> Sum<T> {
    /// Adds the products of numbers that stand in the same place.
    #[inline(always)]
    pub fn add<S: Simd>(&mut self, simd: S, x: &T::Line, y: &T::Line) {
        if size_of::<T::Lanes<S>>() < size_of::<T::Line>() {
            let (x, y, sums) = (T::lanes::<S>(x), T::lanes::<S>(y), T::lanes_mut::<S>(&mut self.0));
            for v in 0..x.len() {
                let sum = &mut sums[v % (x.len() / 2)];
                *sum = T::times_plus(simd, x[v], y[v], *sum);
            }
        } else {
            // What comes to stand in the second half is of no use.
            let (x, y, sum) =
                (T::lanes::<S>(x)[0], T::lanes::<S>(y)[0], &mut T::lanes_mut::<S>(&mut self.0)[0]);
            *sum = T::times_plus(simd, x, y, *sum);
            *sum = T::times_plus(simd, T::swapped(simd, x), T::swapped(simd, y), *sum);
        }
    }

    /// All of it.
    #[inline(always)]
    pub fn total(mut self) -> T {
        let sums = self.0.as_mut();
        let mut left = T::WIDTH / 2;
        while left > 1 {
            left /= 2;
            for k in 0..left {
                let other = sums[k + left];
                sums[k] += other;
            }
        }
        sums[0]
    }
}

#[cfg(test)]
mod tests {
    use pulp::WithSimd;

    use super::*;
    use crate::science::dense::panels::Panels;
    use crate::science::dense::real::vectorized;

    struct Dot<'a, T: Real>(&'a [T::Line], &'a [T::Line]);

    impl<T: Real> WithSimd for Dot<'_, T> {
        type Output = T;

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) -> T {
            let mut sum = Sum::<T>::default();
            for (x, y) in self.0.iter().zip(self.1) {
                sum.add(simd, x, y);
            }
            sum.total()
        }
    }

    /// One after the other falls to the next of the partial sums, and these are added in pairs.
    fn definition<T: Real>(x: &[T], y: &[T]) -> T {
        let mut sums = vec![T::ZERO; T::WIDTH / 2];
        for (k, (x, y)) in x.iter().zip(y).enumerate() {
            let sum = &mut sums[k % (T::WIDTH / 2)];
            *sum = T::fused(*x, *y, *sum);
        }
        while sums.len() > 1 {
            let upper = sums.split_off(sums.len() / 2);
            sums.iter_mut().zip(upper).for_each(|(sum, other)| *sum += other);
        }
        sums[0]
    }

    fn check<T: Real>() {
        let numbers = |phase: f64| {
            Panels::from_fn(5, T::WIDTH, |row, k| T::of(((row * T::WIDTH + k) as f64 * 0.7 + phase).sin()))
        };
        let (x, y) = (numbers(0.0), numbers(1.0));
        let expected = definition(&x.view().to_rows(|x| x), &y.view().to_rows(|y| y));
        assert_eq!(vectorized(Dot::<T>(x.view().panel(0), y.view().panel(0))), expected);
    }

    #[test]
    fn the_order_is_the_same_for_all_vectors() {
        check::<f32>();
        check::<f64>();
        crate::science::dense::shorter::with(|| (check::<f32>(), check::<f64>()));
    }
}
