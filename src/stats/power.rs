//! How many more seeds would settle a question.

use super::Estimate;
use super::estimate::upper_quantile;

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
    upper_quantile(degrees_of_freedom) * estimate.standard_error() * (now / then).sqrt()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn estimate(mean: f64, sd: f64, n: usize) -> Estimate {
        Estimate::from_parts(mean, sd / (n as f64).sqrt(), (n - 1) as f64, n, sd)
    }

    // scipy 1.17: next(k for k in range(10001) if t.ppf(.975, n+k-1) * sd / sqrt(n+k) < abs(mean - threshold))
    #[test]
    fn the_number_of_seeds_is_the_least_that_decides() {
        let table = [
            (1.4, 2.0, 5, Some(6)),
            (-1.4, 2.0, 5, Some(6)),
            (1.0, 1.0, 3, Some(4)),
            (0.014, 0.02, 3, Some(8)),
            (0.5, 2.0, 5, Some(59)),
            (3.0, 1.0, 5, Some(0)),
            (0.001, 1.0, 5, None),
            (0.0, 1.0, 5, None),
            (1.0, 0.0, 5, Some(0)),
        ];
        for (mean, sd, n, expected) in table {
            assert_eq!(seeds_to_decide(&estimate(mean, sd, n), 0.0), expected, "{mean} {sd} {n}");
        }
    }

    #[test]
    fn one_seed_foresees_nothing() {
        assert_eq!(seeds_to_decide(&Estimate::of(&[1.0]).unwrap(), 0.0), None);
    }

    proptest! {
        #[test]
        fn zero_more_are_needed_exactly_where_the_interval_excludes(mean in -3.0..3.0, sd in 0.1..3.0, n in 2usize..9) {
            let now = estimate(mean, sd, n);
            prop_assert_eq!(seeds_to_decide(&now, 0.0) == Some(0), !now.contains(0.0));
        }
    }
}
