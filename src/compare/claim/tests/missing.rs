//! Runs that diverged, are not run, or do not match; claims that speak of what there is not.

use super::*;

#[test]
fn what_is_missing_is_said() {
    let claim = claim(ClaimKind::Direction, "a.test_error < b.test_error");
    let with = |at: &[usize], what: f64| {
        let mut values = LOW.to_vec();
        for &index in at {
            values[index] = what;
        }
        values
    };
    for (a, outcome, n, says, note) in [
        (with(&[1], DIVERGED), Supported, 4, "difference", "1 diverged, left out: a, seed 1"),
        (
            with(&[1, 2, 3], DIVERGED),
            Inconclusive,
            2,
            "3 of 5 seeds diverged",
            "3 diverged, left out: a, seed 1; a, seed 2; a, seed 3",
        ),
        (with(&[0, 1, 2, 3, 4], DIVERGED), Inconclusive, 0, "5 of 5 seeds diverged", "a, seed 3; and 1 more"),
        (with(&[0, 4], NOT_RUN), Inconclusive, 3, "difference", "2 of 10 runs are not run"),
        (with(&[0, 1, 2, 4], NOT_RUN), Inconclusive, 1, "(n=1)", "4 of 10 runs are not run"),
        (with(&[0, 1, 2, 3, 4], NOT_RUN), NotRun, 0, "not run", "5 of 10 runs are not run"),
    ] {
        let verdict = two(&claim, &a, HIGH);
        assert_eq!((verdict.outcome, verdict.n), (outcome, n), "{verdict:?}");
        assert!(verdict.says.contains(says), "{}", verdict.says);
        assert!(verdict.notes.iter().any(|found| found.contains(note)), "{:?}", verdict.notes);
    }
}

#[test]
fn arms_that_miss_their_training_loss_are_named() {
    let mut groups = vec![group("a", vec![], 0, LOW), group("b", vec![], 0, HIGH)];
    for member in groups[1].members.iter_mut().take(2) {
        let mut record =
            record("b", member.seed, &[("test_error", 9.0)], json!({"stop": {"train_loss": 0.01}}));
        record.reason = "steps".into();
        member.record = Some(Arc::new(record));
    }
    let verdict = judged(&claim(ClaimKind::Direction, "a.test_error < b.test_error"), &[], groups);
    assert_eq!(verdict.notes, ["b: 2 of 2 runs ran out of steps before train_loss 0.01"]);
}

/// An ensemble ends when all its members have, each perhaps at its loss.
#[test]
fn what_is_made_of_trainings_is_told_by_its_loss() {
    let mut groups = vec![group("a", vec![], 0, LOW), group("b", vec![], 0, HIGH)];
    for (member, loss) in groups[1].members.iter_mut().zip([0.010_01, 0.02, 0.009]) {
        let spec = json!({"stop": {"train_loss": 0.01}, "procedure": {"kind": "ensemble"}});
        let mut record = record("b", member.seed, &[("test_error", 9.0), ("train_loss", loss)], spec);
        record.reason = "steps".into();
        member.record = Some(Arc::new(record));
    }
    let verdict = judged(&claim(ClaimKind::Direction, "a.test_error < b.test_error"), &[], groups);
    assert_eq!(verdict.notes, ["b: 1 of 3 runs ran out of steps before train_loss 0.01"]);
}

#[test]
fn arms_without_common_seeds_are_independent_samples() {
    let claim = claim(ClaimKind::Direction, "a.test_error < b.test_error");
    let verdict =
        judged(&claim, &[], vec![group("a", vec![], 0, LOW), group("b", vec![], 50, &[5.0, 7.0, 9.0])]);
    let welch = stats_welch(LOW, &[5.0, 7.0, 9.0]);
    assert!(close(verdict.low, welch.low) && close(verdict.high, welch.high), "{verdict:?} {welch:?}");
    assert_eq!(verdict.notes, ["the arms share 0 seeds, too few to pair them"]);
    // A run that diverged takes only itself along.
    let verdict = judged(
        &claim,
        &[],
        vec![group("a", vec![], 0, &[1.0, 2.0, DIVERGED, 3.0]), group("b", vec![], 50, &[5.0, 7.0, 9.0])],
    );
    let welch = stats_welch(&[1.0, 2.0, 3.0], &[5.0, 7.0, 9.0]);
    assert!(close(verdict.low, welch.low) && close(verdict.high, welch.high), "{verdict:?} {welch:?}");
}

#[test]
fn nothing_run_is_no_error_even_where_settings_are_named() {
    let nothing = vec![group("a", vec![], 0, &[NOT_RUN; 3])];
    let verdict = judged(&claim(ClaimKind::Law, "a.test_error < 1 / train"), &[], nothing);
    assert_eq!(
        (verdict.outcome, verdict.notes.as_slice()),
        (NotRun, &["3 of 3 runs are not run".to_owned()][..])
    );
}

fn stats_welch(a: &[f64], b: &[f64]) -> crate::stats::Estimate {
    crate::stats::welch(a, b).unwrap()
}

#[test]
fn what_cannot_be_judged_is_an_error() {
    for (expect, words) in [
        ("test_error < 1", "of which arm?"),
        ("a.test_eror < 1", "did you mean `test_error`?"),
        ("max(a.test_error over learning_rate) < 1", "no setting is swept"),
    ] {
        let found = Results {
            axes: Vec::new(),
            groups: vec![group("a", vec![], 0, LOW), group("b", vec![], 0, LOW)],
        };
        let results = BTreeMap::from([("x".to_owned(), found)]);
        let error = judge(&claim(ClaimKind::Direction, expect), &results).unwrap_err();
        assert!(error.to_string().contains(words), "{expect}: {error}");
    }
    let claim_of_two =
        Claim { from: vec!["x".into(), "y".into()], ..claim(ClaimKind::Direction, "a.test_error < 1") };
    let found = || Results { axes: Vec::new(), groups: vec![group("a", vec![], 0, LOW)] };
    let results = BTreeMap::from(["x", "y"].map(|name| (name.to_owned(), found())));
    let error = judge(&claim_of_two, &results).unwrap_err();
    assert!(error.to_string().contains("name the arms of each experiment differently"), "{error}");
    let error = judge(&claim(ClaimKind::Direction, "a.test_error < 1"), &BTreeMap::new()).unwrap_err();
    assert_eq!(error.to_string(), "there is no experiment `x`");
}
