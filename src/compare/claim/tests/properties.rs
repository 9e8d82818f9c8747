//! What holds of all verdicts, and of several together.

use proptest::prelude::*;

use super::*;

#[test]
fn holm_takes_back_what_was_found_by_looking_often() {
    let verdict = |p: f64, outcome| {
        let base = two(&claim(ClaimKind::Direction, "a.test_error < b.test_error"), LOW, HIGH);
        Verdict { outcome, p: Some(p), notes: Vec::new(), ..base }
    };
    let mut verdicts = vec![
        (ClaimKind::Direction, verdict(0.04, Supported)),
        (ClaimKind::Direction, verdict(0.001, Refuted)),
        (ClaimKind::Law, verdict(0.04, Supported)),
        (ClaimKind::Direction, verdict(0.8, Inconclusive)),
    ];
    holm(&mut verdicts);
    let outcomes: Vec<_> = verdicts.iter().map(|(_, verdict)| verdict.outcome).collect();
    assert_eq!(outcomes, [Inconclusive, Refuted, Supported, Inconclusive]);
    assert_eq!(
        verdicts[0].1.notes,
        ["supported by itself, but not as one of 3 directional claims (Holm, p = 0.080)"]
    );
}

fn samples() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    (2..9_usize).prop_flat_map(|n| {
        let values = || prop::collection::vec(0.01..100.0_f64, n);
        (values(), values())
    })
}

proptest! {
    #[test]
    fn a_verdict_turns_with_its_sides((a, b) in samples()) {
        let less = two(&claim(ClaimKind::Direction, "a.test_error < b.test_error"), &a, &b);
        let more = two(&claim(ClaimKind::Direction, "b.test_error < a.test_error"), &a, &b);
        let turned = match less.outcome { Supported => Refuted, Refuted => Supported, other => other };
        prop_assert_eq!(more.outcome, turned);
        prop_assert_eq!(more.estimate.map(|x| -x), less.estimate);
    }

    #[test]
    fn ratios_do_not_depend_on_the_unit((a, b) in samples(), power in -20..20_i32) {
        let claim = claim(ClaimKind::Law, "a.test_error < 0.5 * b.test_error");
        let unit = 2_f64.powi(power);
        let scaled = |values: &[f64]| values.iter().map(|value| value * unit).collect::<Vec<_>>();
        let (here, there) = (two(&claim, &a, &b), two(&claim, &scaled(&a), &scaled(&b)));
        let relative = |x: Option<f64>, y: Option<f64>| match (x, y) {
            (Some(x), Some(y)) => (x / y - 1.0).abs() < 1e-9,
            (x, y) => x.is_none() && y.is_none(),
        };
        prop_assert!(relative(here.estimate, there.estimate) && relative(here.high, there.high));
        prop_assert_eq!(here.outcome, there.outcome);
    }

    #[test]
    fn the_shown_interval_is_the_one_that_decided((a, b) in samples(), factor in 0.01..10.0_f64) {
        let claim = claim(ClaimKind::Law, &format!("a.test_error < {factor} * b.test_error"));
        let verdict = two(&claim, &a, &b);
        let (low, estimate) = (verdict.low.unwrap_or(f64::NEG_INFINITY), verdict.estimate.unwrap());
        let high = verdict.high.unwrap_or(f64::INFINITY);
        prop_assert!(low <= estimate * (1.0 + 1e-12) && estimate <= high * (1.0 + 1e-12), "{:?}", verdict);
        let expected = if high < factor { Supported } else if low >= factor { Refuted } else { Inconclusive };
        prop_assert_eq!(verdict.outcome, expected);
    }
}
