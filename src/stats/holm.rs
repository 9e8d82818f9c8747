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
