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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::p_value;

    const A: [f64; 5] = [8.1, 7.4, 9.3, 8.8, 7.9];
    const B: [f64; 5] = [41.0, 35.2, 47.1, 39.9, 44.6];
    const C: [f64; 7] = [3.2, 2.9, 3.8, 3.1, 4.4, 2.2, 3.5];

    fn seeded(values: &[f64]) -> Vec<(u64, f64)> {
        (0..).zip(values.iter().copied()).collect()
    }

    fn close(found: f64, expected: f64) -> bool {
        (found - expected).abs() <= 1e-9 * expected.abs()
    }

    // scipy 1.17: r = scipy.stats.ttest_ind(x, y, equal_var=False); r.confidence_interval(); r.df; r.pvalue
    #[test]
    fn welch_is_that_of_scipy() {
        let table = [
            (
                &B[..],
                [
                    -33.26,
                    -38.893_174_437_228_43,
                    -27.626_825_562_771_58,
                    4.216_492_711_621_54,
                    6.085_587_970_854_508e-5,
                ],
            ),
            (
                &C[..],
                [
                    5.0,
                    4.021_625_744_633_202,
                    5.978_374_255_366_799,
                    8.333_228_228_163_643,
                    1.845_692_603_889_392_3e-6,
                ],
            ),
        ];
        for (other, [mean, low, high, df, p]) in table {
            let found = welch(&A, other).unwrap();
            assert!(close(found.mean, mean) && close(found.low, low) && close(found.high, high), "{found:?}");
            assert!(close(found.degrees_of_freedom, df) && close(p_value(&found, 0.0), p), "{found:?}");
        }
    }

    // scipy 1.17: r = scipy.stats.ttest_rel(a, b); r.confidence_interval(); r.pvalue
    #[test]
    fn pairing_is_that_of_scipy() {
        let found = paired(&seeded(&A), &seeded(&B)).unwrap();
        assert!(
            close(found.low, -38.343_700_556_444_09) && close(found.high, -28.176_299_443_555_923),
            "{found:?}"
        );
        assert!(close(p_value(&found, 0.0), 5.401_341_811_348_51e-5));
    }

    #[test]
    fn seeds_decide_whether_pairs_are_made() {
        let (a, b) = (seeded(&A), seeded(&B));
        let strangers: Vec<_> = b.iter().map(|&(seed, value)| (seed + 100, value)).collect();
        let one_stranger = [&b[..4], &strangers[4..]].concat();
        assert_eq!(difference(&a, &b), paired(&a, &b));
        assert_eq!(difference(&a[..3], &b), paired(&a[..3], &b));
        assert_eq!(difference(&a, &strangers), welch(&A, &B));
        assert_eq!(difference(&a, &one_stranger), welch(&A, &B));
        assert_eq!(paired(&a, &strangers), None);
        assert_eq!(difference(&a, &[]), None);
    }

    #[test]
    fn without_spread_the_interval_has_no_width() {
        let found = welch(&[2.0, 2.0], &[1.0, 1.0, 1.0]).unwrap();
        assert_eq!((found.low, found.high, p_value(&found, 0.0)), (1.0, 1.0, 0.0));
        let found = paired(&seeded(&[2.0, 3.0]), &seeded(&[1.0, 2.0])).unwrap();
        assert_eq!((found.low, found.high), (1.0, 1.0));
    }

    #[test]
    fn a_single_value_leaves_the_difference_open() {
        let found = difference(&seeded(&A[..1]), &seeded(&B)).unwrap();
        assert_eq!((found.n, found.low, found.high), (1, f64::NEG_INFINITY, f64::INFINITY));
    }

    proptest! {
        #[test]
        fn pairs_are_found_whatever_the_order(
            pairs in prop::collection::vec((-1e3..1e3, -1e3..1e3), 2..12), turn in 0usize..12,
        ) {
            let (a, b): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
            let mut turned = seeded(&b);
            turned.rotate_left(turn % b.len());
            let differences: Vec<f64> = pairs.iter().map(|(a, b)| a - b).collect();
            prop_assert_eq!(difference(&seeded(&a), &turned), Estimate::of(&differences));
        }

        #[test]
        fn turning_the_question_round_turns_the_answer_round(
            a in prop::collection::vec(-1e3..1e3, 2..12), b in prop::collection::vec(-1e3..1e3, 2..12),
        ) {
            let (forth, back) = (welch(&a, &b).unwrap(), welch(&b, &a).unwrap());
            let tolerance = 1e-9 * (1.0 + forth.half_width());
            prop_assert!((forth.low + back.high).abs() < tolerance && (forth.high + back.low).abs() < tolerance);
            let least = (a.len().min(b.len()) - 1) as f64;
            prop_assert!(forth.degrees_of_freedom >= least - 1e-9);
            prop_assert!(forth.degrees_of_freedom <= (a.len() + b.len() - 2) as f64 + 1e-9);
        }
    }
}
