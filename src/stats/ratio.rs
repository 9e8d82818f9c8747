//! How many times one sample is another.

use super::{Estimate, difference};

/// The geometric mean of a / b with its interval, from the difference of their logarithms, paired as in [`difference`]: so
/// a and b are exchangeable, and the interval holds no impossible ratio. `sd` is that of the logarithm. `None` where a sample
/// is empty or has a number that is not positive.
pub fn ratio(a: &[(u64, f64)], b: &[(u64, f64)]) -> Option<Estimate> {
    let logs = |sample: &[(u64, f64)]| -> Option<Vec<(u64, f64)>> {
        let log = |&(seed, value): &(u64, f64)| (value > 0.0).then(|| (seed, value.ln()));
        sample.iter().map(log).collect()
    };
    let logs = difference(&logs(a)?, &logs(b)?)?;
    Some(Estimate { mean: logs.mean.exp(), low: logs.low.exp(), high: logs.high.exp(), ..logs })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_that_of_the_logarithms() {
        let a = [(0, 2.0), (1, 8.0)];
        let b = [(0, 1.0), (1, 2.0)];
        let found = ratio(&a, &b).unwrap();
        // The logarithms to base 2 differ by 1 and 2: mean 1.5, standard error 1/2, t = 12.7062047.
        assert!((found.mean.log2() - 1.5).abs() < 1e-12);
        assert!((found.high.log2() - (1.5 + 12.706_204_736 / 2.0)).abs() < 1e-8);
        let other = ratio(&b, &a).unwrap();
        assert!((found.mean * other.mean - 1.0).abs() < 1e-12 && (found.low * other.high - 1.0).abs() < 1e-9);
        assert_eq!((ratio(&a, &[(0, 0.0)]), ratio(&[], &b)), (None, None));
        assert_eq!(ratio(&a[..1], &b[..1]).map(|single| single.high), Some(f64::INFINITY));
    }
}
