//! Sweeps, curves and several experiments in one expression.

use super::*;

#[test]
fn sweeps_collapse_within_a_seed() {
    // Per seed: values at learning rates 0.1, 0.2, 0.4.
    let groups = || swept(&[(0.1, &[1.0, 2.0]), (0.2, &[2.0, 8.0]), (0.4, &[4.0, 2.0])]);
    for (expect, estimate) in [
        ("max(test_error over learning_rate) < 100", 6.0),
        ("min(test_error over learning_rate) < 100", 1.5),
        ("mean(test_error over learning_rate) < 100", 19.0 / 6.0),
        ("last(test_error over learning_rate) < 100", 3.0),
        ("argmax(test_error over learning_rate) < 100", 0.3),
        ("argmax(test_error over 10 * learning_rate) < 100", 3.0),
        ("spread(test_error over learning_rate) < 100", f64::midpoint(9.0 / 7.0, 1.5)),
        ("kendall(test_error, learning_rate) < 100", 0.5),
        ("slope(log(test_error) over log(learning_rate)) < 100", 0.5),
        ("max(test_error over learning_rate) / N < 100", 6e-6),
        ("max(min(test_error over learning_rate), 1.5) < 100", 1.75),
    ] {
        let verdict = judged(&claim(ClaimKind::Law, expect), &["optimizer.learning_rate"], groups());
        assert!(close(verdict.estimate, estimate), "{expect}: {verdict:?}");
    }
}

#[test]
fn curves_collapse_along_training() {
    let mut group = group("base", vec![json!(0.4)], 0, &[1.0, 2.0]);
    for (member, factor) in group.members.iter_mut().zip([1.0, 3.0]) {
        let mut curve = Curve::default();
        for step in [0_u64, 25, 50, 75, 100] {
            let mut row = BTreeMap::from([("train_loss".to_owned(), factor * (100.0 - step as f64))]);
            if step % 50 == 0 {
                row.insert("lambda_max".to_owned(), factor * step as f64);
            }
            curve.push(step, 0.0, &row);
        }
        member.curve = Some(Arc::new(curve));
    }
    for (expect, estimate) in [
        ("mean(lambda_max, after: 0.5) < 1", 150.0),
        ("mean(lambda_max * learning_rate / 2, after: 0.5) < 1", 30.0),
        ("mean(train_loss, after: 0.5) < 1", 50.0),
        ("mean(lambda_max * train_loss, after: 0) < 1", 2500.0 * 10.0 / 2.0 / 3.0),
        ("peak(lambda_max) < 1", 200.0),
        ("last(train_loss) < 1", 0.0),
        ("slope(train_loss, after: 0) < 1", -2.0),
        ("argmax(lambda_max, after: 0.2) < 1", 100.0),
        ("max(train_loss - last(train_loss), after: 0.5) < 1", 100.0),
    ] {
        let claim = claim(ClaimKind::Existence, expect);
        let verdict = judged(&claim, &["optimizer.learning_rate"], vec![group.clone()]);
        assert!(close(verdict.estimate, estimate), "{expect}: {verdict:?}");
    }
    let claim = claim(ClaimKind::Existence, "mean(sam_sharpness, after: 0.5) < 1");
    let verdict = judged(&claim, &["optimizer.learning_rate"], vec![group]);
    assert_eq!(verdict.outcome, Inconclusive);
    let note = "no curve of `sam_sharpness` was recorded: base, learning_rate 0.4, seed 0; base, learning_rate 0.4, seed 1";
    assert_eq!(verdict.notes, [note]);
}

#[test]
fn arms_of_two_experiments_meet_by_seed() {
    let mut claim = claim(ClaimKind::Direction, "mean(a.test_error over learning_rate) < b.test_error");
    claim.from.push("y".into());
    let swept = |at: f64| group("a", vec![json!(at)], 0, LOW);
    let results = |other: &str| {
        let x =
            Results { axes: vec!["optimizer.learning_rate".into()], groups: vec![swept(0.1), swept(0.2)] };
        let y = Results { axes: Vec::new(), groups: vec![group(other, vec![], 0, HIGH)] };
        BTreeMap::from([("x".to_owned(), x), ("y".to_owned(), y)])
    };
    let verdict = judge(&claim, &results("b")).unwrap();
    assert_eq!((verdict.outcome, verdict.n), (Supported, 5), "{verdict:?}");
    assert!(close(verdict.estimate, -2.0));
    let error = judge(&claim, &results("a")).unwrap_err();
    assert!(error.to_string().contains("two of the experiments have an arm `a`"), "{error}");
}

#[test]
fn the_longest_claim_fits_the_stack() {
    let long = format!("a.test_error{} < b.test_error", " + a.test_error - a.test_error".repeat(120));
    let verdict = two(&claim(ClaimKind::Direction, &long), LOW, HIGH);
    assert_eq!(verdict.outcome, Supported);
}

#[test]
fn what_leaves_a_sweep_open_is_claimed_at_every_point() {
    use Outcome::{Inconclusive, NotRun, Refuted, Supported};
    let sure: &[f64] = &[1.0, 1.1, 0.9, 1.0];
    let high: &[f64] = &[5.0, 5.1, 4.9, 5.0];
    let loose: &[f64] = &[0.0, 4.0, 1.0, 3.5];
    for (points, outcome, says) in [
        ([sure, sure], Supported, "at all 2 points; weakest learning_rate 0."),
        ([sure, loose], Inconclusive, "learning_rate 0.2: "),
        ([sure, high], Refuted, "(1 of 2 points)"),
        ([loose, high], Refuted, "learning_rate 0.2: "),
        ([&[], &[]], NotRun, "not run"),
    ] {
        let groups = swept(&[(0.1, points[0]), (0.2, points[1])]);
        for expect in ["test_error < 2", "test_error * learning_rate < 2 * learning_rate"] {
            let verdict =
                judged(&claim(ClaimKind::Law, expect), &["optimizer.learning_rate"], groups.clone());
            assert_eq!(verdict.outcome, outcome, "{expect}: {verdict:?}");
            assert!(verdict.says.contains(says), "{expect}: {verdict:?}");
        }
    }
}

/// `test_error` of arms `a` and `b` at two learning rates: `[a at 0.1, a at 0.2, b at 0.1, b at 0.2]` for each seed.
fn crossed(seeds: &[[f64; 4]]) -> Vec<Group> {
    let at = |place: usize| seeds.iter().map(|values| values[place]).collect::<Vec<_>>();
    let cells = [("a", 0.1), ("a", 0.2), ("b", 0.1), ("b", 0.2)];
    cells
        .iter()
        .enumerate()
        .map(|(place, (arm, rate))| group(arm, vec![json!(rate)], 0, &at(place)))
        .collect()
}

#[test]
fn arms_are_a_factor_of_the_analysis_of_variance() {
    // An effect of 3 of the arm and of 1 of the axis: squares 9 and 1. Seeds are blocks: what one adds to all is no effect.
    let additive = [[0.0, 1.0, 3.0, 4.0], [10.0, 11.0, 13.0, 14.0], [5.0, 6.0, 8.0, 9.0]];
    let interaction = [[1.0, -1.0, -1.0, 1.0]; 3];
    // Either seed says the opposite of the other: what one finds the other does not bear out.
    let contradicted = [[0.0, 0.0, 1.0, 1.0], [1.0, 1.0, 0.0, 0.0]];
    for (seeds, arm, both) in [
        (&additive[..], 0.9, 0.0),
        (&additive[..1], 0.9, 0.0),
        (&interaction[..], 0.0, 1.0),
        (&contradicted[..], -1.0, 0.0),
    ] {
        for (factors, share) in
            [("arm", arm), ("arm * learning_rate", both), ("learning_rate * arm", both), ("arm * arm", arm)]
        {
            for kind in [ClaimKind::Law, ClaimKind::Existence] {
                let claim = claim(kind, &format!("eta2(test_error, {factors}) < 100"));
                let verdict = judged(&claim, &["optimizer.learning_rate"], crossed(seeds));
                let close = verdict.estimate.is_some_and(|found| (found - share).abs() < 1e-9);
                assert!(close && verdict.n == seeds.len(), "{factors}: {share}: {verdict:?}");
            }
        }
    }
}

#[test]
fn arms_are_a_factor_without_a_sweep_and_run_by_run() {
    let claims = [ClaimKind::Law, ClaimKind::Universal, ClaimKind::Identity];
    for claim in claims.map(|kind| claim(kind, "eta2(log(test_error), arm) == 1")) {
        let verdict = two(&claim, &[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]);
        assert_eq!((verdict.outcome, verdict.n), (Supported, 3), "{verdict:?}");
    }
}

#[test]
fn what_an_arm_lacks_is_no_effect_of_it() {
    let claim = claim(ClaimKind::Law, "eta2(test_error, arm) == 1");
    // A seed that diverged in one arm is left out in all.
    let verdict = two(&claim, &[1.0, DIVERGED, 3.0], &[2.0, 3.0, 4.0]);
    assert_eq!((verdict.outcome, verdict.n), (Supported, 2), "{verdict:?}");
    assert!(verdict.notes.iter().any(|note| note.contains("diverged")), "{verdict:?}");
    let apart = vec![group("a", vec![], 0, &[1.0, 1.5]), group("b", vec![], 7, &[2.0, 2.5])];
    let verdict = judged(&claim, &[], apart);
    assert_eq!(verdict.outcome, Inconclusive);
    assert!(verdict.says.contains("seeds in common"), "{verdict:?}");
}
