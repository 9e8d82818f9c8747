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

#[test]
fn what_has_no_spread_survives_any_correction() {
    let verdict = |expect, a: &[f64], b: &[f64]| {
        (ClaimKind::Direction, two(&claim(ClaimKind::Direction, expect), a, b))
    };
    let same = &[0.0; 5];
    let mut verdicts = vec![
        verdict("a.test_error <= b.test_error", same, same),
        verdict("a.test_error < b.test_error", same, same),
        verdict("a.test_error < b.test_error", HIGH, &[3.1, 4.0, 6.0, 5.0, 7.1]),
    ];
    holm(&mut verdicts);
    let outcomes: Vec<_> = verdicts.iter().map(|(_, verdict)| verdict.outcome).collect();
    assert_eq!(outcomes, [Supported, Refuted, Inconclusive]);
    assert!(verdicts.iter().all(|(_, verdict)| verdict.notes.is_empty()));
}

#[test]
fn a_single_direction_is_not_corrected() {
    let base = two(&claim(ClaimKind::Direction, "a.test_error < b.test_error"), LOW, HIGH);
    let edge = Verdict { outcome: Supported, p: Some(0.050_000_1), ..base.clone() };
    let mut verdicts = vec![(ClaimKind::Direction, edge), (ClaimKind::Law, base)];
    holm(&mut verdicts);
    assert_eq!(verdicts[0].1.outcome, Supported);
}

/// Mean 2.12, sd 0.084853, t(4) = 2.776445: [2.015, 2.225], which violates `< 2` with p = 0.034.
const ABOVE: &[f64] = &[2.0, 2.12, 2.12, 2.12, 2.24];

#[test]
fn one_of_many_points_is_held_to_having_looked_at_many() {
    let (below, far) = (&[1.0, 1.1, 1.2, 1.1, 1.1][..], &[5.0, 5.1, 5.2, 5.1, 5.1][..]);
    let refuted = "refuted at one of 20 points by itself, but not for having looked at 20 (p = 0.";
    let supported = "supported at one of 20 groups by itself, but not for having looked at 20 (p = 0.";
    for (kind, expect, count, others, outcome, note) in [
        (ClaimKind::Law, "test_error < 2", 1, below, Refuted, None),
        (ClaimKind::Law, "test_error < 2", 20, below, Inconclusive, Some(refuted)),
        (ClaimKind::Law, "test_error < 2", 20, far, Refuted, None),
        (ClaimKind::Existence, "test_error > 2", 1, below, Supported, None),
        (ClaimKind::Existence, "test_error > 2", 20, below, Inconclusive, Some(supported)),
        (ClaimKind::Existence, "test_error > 2", 20, far, Supported, None),
    ] {
        let at = |place: u32| (f64::from(place), if place == 0 { ABOVE } else { others });
        let groups = swept(&(0..count).map(at).collect::<Vec<_>>());
        let verdict = judged(&claim(kind, expect), &["optimizer.learning_rate"], groups);
        assert_eq!(verdict.outcome, outcome, "{kind:?} {count}: {verdict:?}");
        assert_eq!(verdict.notes.len(), usize::from(note.is_some()), "{verdict:?}");
        assert!(note.is_none_or(|note| verdict.notes[0].starts_with(note)), "{verdict:?}");
    }
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
