//! How many more seeds would settle a question.

use super::Estimate;
use super::estimate::t_quantile;

/// More than this is no plan.
const MOST: usize = 10_000;

/// About how many more seeds would make the 95 % interval exclude `threshold`, if mean and spread stayed as they
/// are; 0 where it does already. `None` where that cannot be foreseen: one seed, a mean on the threshold, or more
/// than ten thousand.
pub fn seeds_to_decide(estimate: &Estimate, threshold: f64) -> Option<usize> {
    let distance = (estimate.mean - threshold).abs();
    if estimate.n < 2 || estimate.degrees_of_freedom <= 0.0 || distance == 0.0 {
        return None;
    }
    let decides = |more: usize| half_width_with(estimate, more) < distance;
    if !decides(MOST) {
        return None;
    }
    // The interval narrows with every seed, so the answer can be bisected: `undecided` < answer ≤ `decided`.
    if decides(0) {
        return Some(0);
    }
    let (mut undecided, mut decided) = (0, MOST);
    while decided - undecided > 1 {
        let middle = usize::midpoint(undecided, decided);
        if decides(middle) { decided = middle } else { undecided = middle }
    }
    Some(decided)
}

/// Half-width of the interval with `more` seeds: the standard error falls as 1/√n, degrees of freedom grow as n − 1.
fn half_width_with(estimate: &Estimate, more: usize) -> f64 {
    let (now, then) = (estimate.n as f64, (estimate.n + more) as f64);
    let degrees_of_freedom = estimate.degrees_of_freedom * (then - 1.0) / (now - 1.0);
    t_quantile(0.975, degrees_of_freedom) * estimate.standard_error() * (now / then).sqrt()
}
