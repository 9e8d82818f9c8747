//! How one quantity goes with another: slope and rank correlation.

use super::{Estimate, describe};

/// Least-squares slope of `y` over `x` with its t-interval (n − 2 degrees of freedom); `sd` is that of the
/// residuals. `None` where lengths differ, a number is not finite, or `x` does not vary.
pub fn slope(x: &[f64], y: &[f64]) -> Option<Estimate> {
    if x.len() != y.len() {
        return None;
    }
    let (mean_x, mean_y) = (describe::mean(x)?, describe::mean(y)?);
    let centred = || x.iter().zip(y).map(|(x, y)| (x - mean_x, y - mean_y));
    let spread: f64 = centred().map(|(x, _)| x * x).sum();
    let slope = centred().map(|(x, y)| x * y).sum::<f64>() / spread;
    if !slope.is_finite() {
        return None;
    }
    let degrees_of_freedom = x.len() as f64 - 2.0;
    let residuals: f64 = centred().map(|(x, y)| (y - slope * x).powi(2)).sum();
    let sd = if degrees_of_freedom > 0.0 { (residuals / degrees_of_freedom).sqrt() } else { f64::NAN };
    Some(Estimate::from_parts(slope, sd / spread.sqrt(), degrees_of_freedom, x.len(), sd))
}

/// Kendall's rank correlation with ties, τ-b (Kendall 1945), in [−1, 1]. `None` where lengths differ, a number is
/// NaN, or one side does not vary.
pub fn kendall(x: &[f64], y: &[f64]) -> Option<f64> {
    if x.len() != y.len() {
        return None;
    }
    let (mut balance, mut untied_x, mut untied_y) = (0_i64, 0_i64, 0_i64);
    for (i, (x_i, y_i)) in x.iter().zip(y).enumerate() {
        for (x_j, y_j) in x.iter().zip(y).take(i) {
            let (by_x, by_y) = (x_i.partial_cmp(x_j)? as i64, y_i.partial_cmp(y_j)? as i64);
            balance += by_x * by_y;
            untied_x += by_x.abs();
            untied_y += by_y.abs();
        }
    }
    if untied_x == 0 || untied_y == 0 {
        return None;
    }
    // The square roots are taken apart so that the product of two large counts cannot overflow.
    Some((balance as f64 / ((untied_x as f64).sqrt() * (untied_y as f64).sqrt())).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::p_value;

    const X: [f64; 6] = [1.0, 2.0, 3.0, 4.0, 6.0, 8.5];
    const Y: [f64; 6] = [2.1, 2.9, 4.2, 4.8, 7.5, 8.9];

    // scipy 1.17: r = scipy.stats.linregress(x, y); r.slope; r.slope -+ r.stderr * t.ppf(.975, 4); r.pvalue
    #[test]
    fn slope_is_that_of_scipy() {
        let found = slope(&X, &Y).unwrap();
        let table = [
            (found.mean, 0.947_873_500_545_256_3),
            (found.low, 0.773_257_720_065_579_7),
            (found.high, 1.122_489_281_024_933),
            (p_value(&found, 0.0), 1.129_503_116_447_649_2e-4),
        ];
        assert!(
            table.iter().all(|(found, expected)| (found - expected).abs() < 1e-9 * expected),
            "{table:?}"
        );
    }

    #[test]
    fn two_points_have_a_slope_without_an_interval() {
        let found = slope(&[1.0, 3.0], &[1.0, 5.0]).unwrap();
        assert_eq!((found.mean, found.low, found.high), (2.0, f64::NEG_INFINITY, f64::INFINITY));
        assert_eq!(slope(&[1.0, 1.0], &[1.0, 5.0]), None);
        assert_eq!(slope(&[1.0], &[1.0]), None);
        assert_eq!(slope(&X, &Y[1..]), None);
    }

    // Ground truth GT-17, and scipy 1.17: scipy.stats.kendalltau(x, y).statistic
    #[test]
    fn tau_is_that_of_scipy() {
        let table: [(&[f64], &[f64], f64); 6] = [
            (&[1.0, 2.0, 2.0, 3.0, 4.0], &[1.0, 1.0, 2.0, 4.0, 3.0], 0.666_666_666_666_666_6),
            (&[1.0, 2.0, 3.0, 4.0, 5.0], &[5.0, 4.0, 3.0, 2.0, 1.0], -1.0),
            (&X, &Y, 1.0),
            (&[12.0, 2.0, 1.0, 12.0, 2.0], &[1.0, 4.0, 7.0, 1.0, 0.0], -0.471_404_520_791_031_6),
            (&[1.0, 1.0, 2.0, 2.0], &[1.0, 2.0, 1.0, 2.0], 0.0),
            (
                &[3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0, 5.0, 3.0],
                &[2.0, 7.0, 1.0, 8.0, 2.0, 8.0, 1.0, 8.0, 2.0, 8.0],
                0.130_410_132_739_325_25,
            ),
        ];
        for (x, y, expected) in table {
            let found = kendall(x, y).unwrap();
            assert!((found - expected).abs() < 1e-12, "{x:?} {y:?}: {found}");
        }
    }

    #[test]
    fn without_variation_there_is_no_correlation() {
        assert_eq!(kendall(&[1.0, 1.0], &[1.0, 2.0]), None);
        assert_eq!(kendall(&[1.0, f64::NAN], &[1.0, 2.0]), None);
        assert_eq!(kendall(&[], &[]), None);
    }

    proptest! {
        #[test]
        fn tau_is_bounded_symmetric_and_knows_only_ranks(pairs in prop::collection::vec((-5i32..5, -5i32..5), 2..20)) {
            let (x, y): (Vec<f64>, Vec<f64>) = pairs.iter().map(|&(x, y)| (f64::from(x), f64::from(y))).unzip();
            let stretched: Vec<f64> = y.iter().map(|y| y.exp()).collect();
            let tau = kendall(&x, &y);
            prop_assert!(tau.is_none_or(|tau| (-1.0..=1.0).contains(&tau)));
            prop_assert_eq!(kendall(&y, &x), tau);
            prop_assert_eq!(kendall(&x, &stretched), tau);
        }

        #[test]
        fn a_straight_line_has_its_own_slope(
            x in prop::collection::vec(-1e2..1e2, 3..12), gradient in -10.0..10.0_f64, offset in -10.0..10.0_f64,
        ) {
            let spread = crate::stats::sd(&x).unwrap();
            prop_assume!(spread > 1e-3);
            let y: Vec<f64> = x.iter().map(|x| gradient * x + offset).collect();
            prop_assert!((slope(&x, &y).unwrap().mean - gradient).abs() < 1e-7);
        }
    }
}
