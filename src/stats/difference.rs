//! The difference of two samples, paired where it can be.

use std::collections::BTreeMap;

use super::{Estimate, describe};

/// a − b, paired where the samples share at least two seeds and the smaller one has none of its own; Welch's
/// otherwise. Pairing takes out what a seed does to both arms (the data drawn, the initial weights). `None` where a
/// sample is empty or has numbers that are not finite.
pub fn difference(a: &[(u64, f64)], b: &[(u64, f64)]) -> Option<Estimate> {
    let shared = differences(a, b);
    if shared.len() >= 2 && shared.len() == a.len().min(b.len()) {
        return Estimate::of(&shared);
    }
    let values = |sample: &[(u64, f64)]| sample.iter().map(|&(_, value)| value).collect::<Vec<_>>();
    welch(&values(a), &values(b))
}

/// Mean of a − b over the seeds that both have; `None` without any.
pub fn paired(a: &[(u64, f64)], b: &[(u64, f64)]) -> Option<Estimate> {
    Estimate::of(&differences(a, b))
}

/// a − b of each seed that both have, in the order of `a`.
fn differences(a: &[(u64, f64)], b: &[(u64, f64)]) -> Vec<f64> {
    let others: BTreeMap<u64, f64> = b.iter().copied().collect();
    a.iter().filter_map(|(seed, value)| Some(value - others.get(seed)?)).collect()
}

/// mean(a) − mean(b) of independent samples whose variances may differ (Welch 1947). Its `n` is the smaller sample's,
/// its `sd` that of the difference of one value from each. The interval is the whole line where a sample is a single
/// value.
pub fn welch(a: &[f64], b: &[f64]) -> Option<Estimate> {
    let mean = describe::mean(a)? - describe::mean(b)?;
    let n = a.len().min(b.len());
    if n < 2 {
        return Some(Estimate::from_parts(mean, f64::NAN, 0.0, n, f64::NAN));
    }
    let (variance_a, variance_b) = (describe::sd(a)?.powi(2), describe::sd(b)?.powi(2));
    let (part_a, part_b) = (variance_a / a.len() as f64, variance_b / b.len() as f64);
    let sum = part_a + part_b;
    // Neither sample varies: any degrees of freedom give the interval of width 0.
    let degrees_of_freedom = if sum == 0.0 {
        (a.len() + b.len() - 2) as f64
    } else {
        let (a_share, b_share) = (part_a / sum, part_b / sum);
        1.0 / (a_share.powi(2) / (a.len() - 1) as f64 + b_share.powi(2) / (b.len() - 1) as f64)
    };
    Some(Estimate::from_parts(mean, sum.sqrt(), degrees_of_freedom, n, (variance_a + variance_b).sqrt()))
}
