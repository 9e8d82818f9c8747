//! Several tests in one entry: Holm's step-down correction (Holm 1979), which bounds the chance of any false
//! rejection whatever the dependence between the tests.

/// p-values adjusted for being `p_values.len()` tests, in the order given: a test is rejected at level α where its
/// adjusted value is at most α. A p-value that is not a number counts as 1.
pub fn holm_adjusted(p_values: &[f64]) -> Vec<f64> {
    let clean = |index: usize| if p_values[index].is_nan() { 1.0 } else { p_values[index].clamp(0.0, 1.0) };
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| clean(a).total_cmp(&clean(b)));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut largest: f64 = 0.0;
    for (rank, &index) in order.iter().enumerate() {
        // A test can only be rejected if all with smaller p-values are: hence the running maximum.
        largest = largest.max(clean(index) * (p_values.len() - rank) as f64).min(1.0);
        adjusted[index] = largest;
    }
    adjusted
}

/// Which tests are rejected with a chance of at most `alpha` that any of them is rejected wrongly.
pub fn holm_rejects(p_values: &[f64], alpha: f64) -> Vec<bool> {
    holm_adjusted(p_values).into_iter().map(|p| p <= alpha).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // statsmodels 0.15: statsmodels.stats.multitest.multipletests(p, method='holm')[1]
    #[test]
    fn adjusted_values_are_those_of_statsmodels() {
        let table = [
            (&[0.01, 0.04, 0.03, 0.005, 0.5][..], &[0.04, 0.09, 0.09, 0.025, 0.5][..]),
            (&[0.02, 0.02, 0.02], &[0.06, 0.06, 0.06]),
            (&[0.9, 0.8, 0.001, 0.6], &[1.0, 1.0, 0.004, 1.0]),
            (&[f64::NAN, 0.01], &[1.0, 0.02]),
            (&[], &[]),
        ];
        for (p_values, expected) in table {
            let found = holm_adjusted(p_values);
            assert_eq!(found.len(), expected.len());
            assert!(
                found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-15),
                "{p_values:?}: {found:?}"
            );
        }
        assert_eq!(holm_rejects(&[0.01, 0.04, 0.03, 0.005, 0.5], 0.05), [true, false, false, true, false]);
    }

    proptest! {
        #[test]
        fn correction_keeps_the_order_and_never_makes_a_test_easier(
            p_values in prop::collection::vec(0.0..=1.0, 1..12),
        ) {
            let adjusted = holm_adjusted(&p_values);
            let bonferroni = |p: f64| (p * p_values.len() as f64).min(1.0);
            for (i, (&p, &a)) in p_values.iter().zip(&adjusted).enumerate() {
                prop_assert!(p <= a && a <= 1.0 && a <= bonferroni(p_values.iter().copied().fold(p, f64::max)));
                prop_assert!((0..i).all(|j| (p_values[j] >= p || adjusted[j] <= a) && (p_values[j] <= p || adjusted[j] >= a)));
            }
            let smallest = p_values.iter().copied().fold(f64::INFINITY, f64::min);
            prop_assert!(adjusted.contains(&bonferroni(smallest)));
        }
    }
}
