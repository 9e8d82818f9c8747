//! One number for many: location, spread, quantiles. All are `None` where a value is missing or not finite.

/// n!, by Γ(n + 1) where n is no whole number; exact up to 22!, NaN below −1.
pub fn factorial(n: f64) -> f64 {
    if n.fract() == 0.0 && (0.0..=170.0).contains(&n) {
        return (1..=n as u32).map(f64::from).product();
    }
    if n < -1.0 { f64::NAN } else { statrs::function::gamma::gamma(n + 1.0) }
}

/// Arithmetic mean.
///
/// Summed as deviations from the first value, so that the mean of equal values is that value to the last bit: else
/// seeds that agree exactly would get a tiny spread, and a zero difference would look significant.
pub fn mean(values: &[f64]) -> Option<f64> {
    let &first = values.first()?;
    let mean = first + values.iter().map(|value| value - first).sum::<f64>() / values.len() as f64;
    mean.is_finite().then_some(mean)
}

/// Sample standard deviation (n − 1 below the line); needs two values.
pub fn sd(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let mean = mean(values)?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let sd = (squares / (values.len() - 1) as f64).sqrt();
    sd.is_finite().then_some(sd)
}

/// The middle value, or the mean of the two middle ones.
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// The value below which a fraction `p` in [0, 1] lies, linear between neighbours (Hyndman & Fan's type 7, the
/// default of R and numpy).
pub fn quantile(values: &[f64], p: f64) -> Option<f64> {
    if values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    quantile_sorted(&sorted, p)
}

/// [`quantile`] of values already in ascending order.
pub(super) fn quantile_sorted(sorted: &[f64], p: f64) -> Option<f64> {
    if sorted.is_empty() || !(0.0..=1.0).contains(&p) {
        return None;
    }
    let position = p * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[position.floor() as usize], sorted[position.ceil() as usize]);
    Some(below + (above - below) * position.fract())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // numpy 2: v = [7, 1, 5, 3, 9, 11, 2.5]; np.quantile(v, p); np.mean(v); np.std(v, ddof=1)
    const VALUES: [f64; 7] = [7.0, 1.0, 5.0, 3.0, 9.0, 11.0, 2.5];

    #[test]
    fn quantiles_are_those_of_numpy() {
        for (p, expected) in [(0.0, 1.0), (0.1, 1.9), (0.25, 2.75), (0.5, 5.0), (0.9, 9.8), (1.0, 11.0)] {
            let found = quantile(&VALUES, p).unwrap();
            assert!((found - expected).abs() < 1e-14, "{p}: {found}");
        }
        assert_eq!(median(&[1.0, 2.0]), Some(1.5));
    }

    #[test]
    fn mean_and_spread_are_those_of_numpy() {
        assert_eq!(mean(&VALUES), Some(5.5));
        assert!((sd(&VALUES).unwrap() - 3.662_876_829_305_985).abs() < 1e-14);
    }

    #[test]
    fn equal_values_have_no_spread_at_all() {
        assert_eq!(mean(&[0.1; 3]), Some(0.1));
        assert_eq!(sd(&[0.1; 3]), Some(0.0));
    }

    #[test]
    fn what_is_not_a_number_is_no_summary() {
        for bad in [&[][..], &[1.0, f64::NAN], &[f64::INFINITY, 1.0]] {
            assert_eq!((mean(bad), median(bad), sd(bad)), (None, None, None), "{bad:?}");
        }
        assert_eq!(sd(&[1.0]), None);
        assert_eq!(quantile(&VALUES, 1.1), None);
    }

    proptest! {
        #[test]
        fn location_follows_shift_and_scale(
            values in prop::collection::vec(-1e3..1e3, 2..20), shift in -1e3..1e3_f64, scale in 0.1..10.0_f64,
        ) {
            let moved: Vec<f64> = values.iter().map(|value| value * scale + shift).collect();
            for statistic in [mean, median] {
                let expected = statistic(&values).unwrap() * scale + shift;
                prop_assert!((statistic(&moved).unwrap() - expected).abs() < 1e-8);
            }
            prop_assert!((sd(&moved).unwrap() - scale * sd(&values).unwrap()).abs() < 1e-8);
        }

        #[test]
        fn quantiles_ascend(values in prop::collection::vec(-1e3..1e3, 1..20), p in 0.0..1.0, q in 0.0..1.0) {
            prop_assert!(quantile(&values, f64::min(p, q)) <= quantile(&values, f64::max(p, q)));
        }
    }
}
