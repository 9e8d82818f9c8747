//! Two accounts of one run, alike but for one thing.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::agreement::{Account, Agreement, Comparison, agreement};
use crate::store::tests::record;
use crate::store::{Curve, RunRecord, Status, Weights};

/// One account, owned.
#[derive(Clone)]
struct Run {
    record: RunRecord,
    curve: Curve,
    weights: Option<Weights>,
}

impl Run {
    /// 40 steps, a row each ten.
    fn new() -> Self {
        let mut record = record("a", Status::Done);
        record.steps = 40;
        record.measured =
            ["lambda_max(tolerance=0.1)@every20", "hessian_trace(probes=4)"].map(str::to_owned).to_vec();
        let finals = [("train_loss", 0.5), ("hessian_trace", 40.0), ("hessian_trace_se", 2.0)];
        record.measures = finals.map(|(name, value)| (name.to_owned(), value)).into();
        record.measures.insert("lambda_max".to_owned(), f64::NAN);
        let mut curve = Curve::default();
        for step in [0, 10, 20, 30, 40] {
            let mut values = BTreeMap::from([("train_loss".to_owned(), 1.0 / (step + 1) as f64)]);
            if step % 20 == 0 {
                values.insert("lambda_max".to_owned(), 8.0 + step as f64);
            }
            curve.push(step, step as f64 / 10.0, &values);
        }
        let weights = vec![("layer.0.weight".to_owned(), vec![2], vec![0.5, -2.0])];
        Self { record, curve, weights: Some(weights) }
    }

    fn with(change: impl FnOnce(&mut Self)) -> Self {
        let mut run = Self::new();
        change(&mut run);
        run
    }

    /// Sets a value of the curve.
    fn set(&mut self, name: &str, row: usize, value: f64) {
        self.curve.columns.get_mut(name).unwrap()[row] = value;
    }

    fn account(&self) -> Account<'_> {
        Account { record: &self.record, curve: &self.curve, weights: self.weights.as_ref() }
    }
}

fn compared(stored: &Run, now: &Run) -> Comparison {
    agreement(stored.account(), now.account(), 1e-6)
}

/// What is said of a run that came out with one change, and of one that is stored with it.
fn words(change: impl Fn(&mut Run)) -> [String; 2] {
    let (plain, changed) = (Run::new(), Run::with(change));
    [compared(&plain, &changed), compared(&changed, &plain)].map(|comparison| match comparison.agreement {
        Agreement::Identical => "identical".to_owned(),
        Agreement::Within(off) => format!("within: {} at {}", off.quantity, off.step),
        Agreement::Differs(difference) => difference.to_string(),
    })
}

#[test]
fn the_same_is_identical_and_nothing_is_left_out() {
    let comparison = compared(&Run::new(), &Run::new());
    assert_eq!(comparison, Comparison { agreement: Agreement::Identical, left_out: Vec::new() });
    // When, where and how long decide nothing.
    let elsewhere = |run: &mut Run| {
        run.record.seconds = 9.0;
        "there".clone_into(&mut run.record.host);
        "later".clone_into(&mut run.record.finished);
        run.curve.columns.insert("nothing".to_owned(), vec![f64::NAN; 5]);
    };
    assert_eq!(words(elsewhere), ["identical", "identical"]);
}

#[test]
fn the_first_step_and_there_the_first_quantity_is_named() {
    type Change = fn(&mut Run);
    let cases: [(Change, &str, &str); 12] = [
        (
            |run| run.set("train_loss", 2, 0.25),
            "differs from step 20 in train_loss: 0.047619047619047616 stored, 0.25 now",
            "differs from step 20 in train_loss: 0.25 stored, 0.047619047619047616 now",
        ),
        (
            |run| {
                run.set("lambda_max", 2, 28.5);
                run.set("train_loss", 3, 0.5);
            },
            "differs from step 20 in lambda_max: 28.0 stored, 28.5 now",
            "differs from step 20 in lambda_max: 28.5 stored, 28.0 now",
        ),
        (
            |run| run.set("lambda_max", 0, f64::NAN),
            "differs from step 0 in lambda_max: 8.0 stored, nothing now",
            "differs from step 0 in lambda_max: nothing stored, 8.0 now",
        ),
        (
            |run| run.curve.epochs[1] = 1.5,
            "differs from step 10 in epoch: 1.0 stored, 1.5 now",
            "differs from step 10 in epoch: 1.5 stored, 1.0 now",
        ),
        (
            |run| {
                run.record.steps = 50;
                run.curve.push(50, 5.0, &BTreeMap::from([("train_loss".to_owned(), 0.1)]));
            },
            "differs from step 40 in steps: 40 stored, 50 now",
            "differs from step 40 in steps: 50 stored, 40 now",
        ),
        (
            |run| run.record.status = Status::Diverged,
            "differs from step 40 in status: done stored, diverged now",
            "differs from step 40 in status: diverged stored, done now",
        ),
        (
            |run| run.set("train_loss", 4, f64::INFINITY),
            "differs from step 40 in train_loss: 0.024390243902439025 stored, inf now",
            "differs from step 40 in train_loss: inf stored, 0.024390243902439025 now",
        ),
        (
            |run| *run.record.measures.get_mut("lambda_max").unwrap() = 1.0,
            "differs from step 40 in lambda_max: NaN stored, 1.0 now",
            "differs from step 40 in lambda_max: 1.0 stored, NaN now",
        ),
        (
            |run| run.weights.as_mut().unwrap()[0].2[1] = -2.5,
            "differs from step 40 in weights layer.0.weight[1]: -2.0 stored, -2.5 now",
            "differs from step 40 in weights layer.0.weight[1]: -2.5 stored, -2.0 now",
        ),
        (
            |run| run.weights.as_mut().unwrap()[0].1 = vec![1, 2],
            "differs from step 40 in weights: layer.0.weight [2] stored, layer.0.weight [1, 2] now",
            "differs from step 40 in weights: layer.0.weight [1, 2] stored, layer.0.weight [2] now",
        ),
        (
            |run| {
                let mut spec = Value::clone(&run.record.spec);
                spec["optimizer"]["learning_rate"] = json!(0.5);
                run.record.spec = spec.into();
            },
            "differs from step 0 in optimizer.learning_rate: 0.05 stored, 0.5 now",
            "differs from step 0 in optimizer.learning_rate: 0.5 stored, 0.05 now",
        ),
        (
            |run| run.record.spec = json!({"seed": 3}).into(),
            "differs from step 0 in dataset.kind: \"file\" stored, nothing now",
            "differs from step 0 in dataset.kind: nothing stored, \"file\" now",
        ),
    ];
    for (change, there, back) in cases {
        assert_eq!(words(change), [there, back]);
    }
}

#[test]
fn a_little_off_is_off_by_a_share_of_the_largest_value() {
    type Change = fn(&mut Run);
    let within: [(Change, &str); 6] = [
        (|run| run.set("train_loss", 4, 1.0 / 41.0 + 9e-7), "within: train_loss at 40"),
        (|run| run.set("lambda_max", 0, 8.0 + 4e-5), "within: lambda_max at 0"),
        (
            |run| *run.record.measures.get_mut("hessian_trace_se").unwrap() = 2.0 + 3e-5,
            "within: hessian_trace_se at 40",
        ),
        (|run| run.weights.as_mut().unwrap()[0].2[0] = 0.500_001, "within: weights layer.0.weight[0] at 40"),
        // The furthest of several.
        (
            |run| {
                run.set("train_loss", 1, 1.0 / 11.0 + 1e-8);
                run.set("lambda_max", 2, 28.0 + 1e-5);
                run.set("lambda_max", 4, 48.0 + 1e-7);
            },
            "within: lambda_max at 20",
        ),
        (|run| *run.record.measures.get_mut("train_loss").unwrap() = 0.5 - 1e-12, "within: train_loss at 40"),
    ];
    for (change, said) in within {
        assert_eq!(words(change), [said, said]);
    }
    assert!(words(|run| run.set("train_loss", 4, 1.0 / 41.0 + 2e-6))[0].contains("differs from step 40"));
    // Where everything is zero anything else is infinitely far off, but a zero of the other sign is not.
    let mut zero = Run::with(|run| run.curve.columns.get_mut("train_loss").unwrap().fill(0.0));
    zero.record.measures.insert("train_loss".to_owned(), 0.0);
    let mut other = zero.clone();
    other.set("train_loss", 2, -0.0);
    assert!(matches!(compared(&zero, &other).agreement, Agreement::Within(off) if off.relative == 0.0));
    other.set("train_loss", 2, 1e-300);
    assert!(matches!(compared(&zero, &other).agreement, Agreement::Differs(_)));
}

#[test]
fn only_what_both_have_is_compared_and_the_rest_is_named() {
    // One more measure was taken then; another only at the end, where it was taken along the way too.
    let mut stored = Run::new();
    stored.record.measured.push("sam_sharpness(rho=0.05)".to_owned());
    stored.record.measures.insert("sam_sharpness".to_owned(), 1.0);
    let mut now = Run::new();
    "lambda_max(tolerance=0.1)".clone_into(&mut now.record.measured[0]);
    for row in [0, 2] {
        now.set("lambda_max", row, f64::NAN);
    }
    let comparison = compared(&stored, &now);
    assert_eq!(comparison.agreement, Agreement::Identical);
    assert_eq!(comparison.left_out, ["sam_sharpness", "lambda_max"]);
    now.set("lambda_max", 4, 1.0);
    assert!(matches!(compared(&stored, &now).agreement, Agreement::Differs(_)), "both have the last");
    // Taken with other settings it is another number.
    "lambda_max(tolerance=0.5)".clone_into(&mut now.record.measured[0]);
    assert_eq!(compared(&stored, &now).agreement, Agreement::Identical);

    // More rows of what is always measured, since somebody asked for one of them more often.
    let mut stored = Run::new();
    stored.record.measured.push("test_loss()@every5".to_owned());
    stored.curve.push(45, 4.5, &BTreeMap::from([("train_loss".to_owned(), 3.0)]));
    let comparison = compared(&stored, &Run::new());
    assert_eq!(
        (comparison.agreement, comparison.left_out),
        (Agreement::Identical, vec!["train_loss".to_owned()])
    );
}

#[test]
fn weights_that_were_not_kept_are_said_and_a_curve_that_is_lost_is_a_difference() {
    let bare = Run::with(|run| run.weights = None);
    let comparison = compared(&bare, &Run::new());
    assert_eq!(
        (comparison.agreement, comparison.left_out),
        (Agreement::Identical, vec!["weights".to_owned()])
    );
    let [there, back] = words(|run| run.curve = Curve::default());
    assert_eq!(there, "differs from step 0 in train_loss: 1.0 stored, nothing now");
    assert_eq!(back, "differs from step 0 in train_loss: nothing stored, 1.0 now");
}
