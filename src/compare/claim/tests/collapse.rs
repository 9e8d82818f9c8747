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
