//! Verdicts as tables: an expression, numbers seed by seed, and what they come to, computed by hand.

mod collapse;
mod kinds;
mod missing;
mod properties;

use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::base::RunId;
use crate::compare::{Group, Member};
use crate::spec::Constant;
use crate::spec::expr::{parse, parse_number};
use crate::store::{Curve, Origin, RunRecord, Status};

/// A run that diverged and one that is not run, as they stand among the numbers of a table.
const DIVERGED: f64 = f64::NAN;
const NOT_RUN: f64 = f64::INFINITY;

fn record(arm: &str, seed: u64, measures: &[(&str, f64)], spec: Value) -> RunRecord {
    let diverged = measures.iter().any(|(_, value)| value.is_nan());
    RunRecord {
        run: RunId::of(&[arm.as_bytes(), &seed.to_le_bytes()]),
        origin: Origin { entry: "e".into(), cell: "c".into(), arm: arm.into(), point: Vec::new() },
        seed,
        spec: spec.into(),
        status: if diverged { Status::Diverged } else { Status::Done },
        reason: "train_loss".into(),
        measures: measures.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect(),
        steps: 100,
        ..RunRecord::blank()
    }
}

fn spec(learning_rate: f64) -> Value {
    json!({"dataset": {"train": 100}, "optimizer": {"learning_rate": learning_rate}, "stop": {"train_loss": null}})
}

/// The runs of one arm at one point: `test_error` by seed, seeds from `first` on.
fn group(arm: &str, point: Vec<Value>, first: u64, values: &[f64]) -> Group {
    let learning_rate = point.first().and_then(Value::as_f64).unwrap_or(0.1);
    let member = |(seed, &value): (u64, &f64)| {
        let result = || Arc::new(record(arm, seed, &[("test_error", value)], spec(learning_rate)));
        Member { seed, record: (value != NOT_RUN).then(result), curve: None }
    };
    Group { arm: arm.into(), point, members: (first..).zip(values).map(member).collect(), ..Group::default() }
}

fn constant(name: &str, value: &str) -> Constant {
    Constant { name: name.into(), value: parse_number(value).unwrap(), at: 0 }
}

fn claim(kind: ClaimKind, expect: &str) -> Claim {
    Claim {
        id: "c".into(),
        says: String::new(),
        source: Vec::new(),
        kind,
        from: vec!["x".into()],
        constants: vec![constant("N", "1e6"), constant("c", "3"), constant("M", "7473")],
        expect: Some(parse(expect).unwrap_or_else(|error| panic!("{expect}: {error}"))),
        expect_text: expect.into(),
        expect_at: 0,
        smallest_effect: 0.0,
        must: None,
    }
}

fn judged(claim: &Claim, axes: &[&str], groups: Vec<Group>) -> Verdict {
    let axes = axes.iter().map(|axis| (*axis).to_owned()).collect();
    let results = BTreeMap::from([("x".to_owned(), Results { axes, groups })]);
    judge(claim, &results).unwrap_or_else(|error| panic!("{}: {error}", claim.expect_text))
}

/// Arms `a` and `b` with the same seeds.
fn two(claim: &Claim, a: &[f64], b: &[f64]) -> Verdict {
    judged(claim, &[], vec![group("a", vec![], 0, a), group("b", vec![], 0, b)])
}

fn close(found: Option<f64>, expected: f64) -> bool {
    found.is_some_and(|found| (found - expected).abs() <= 1e-4 * expected.abs().max(1.0))
}

use Outcome::{Inconclusive, NotRun, Refuted, Supported};

/// Differences −2 −3 −1 −2 −2: mean −2, sd 0.70711, t(4) = 2.776445, half-width 0.87799.
const LOW: &[f64] = &[1.0, 2.0, 3.0, 4.0, 5.0];
const HIGH: &[f64] = &[3.0, 5.0, 4.0, 6.0, 7.0];

fn swept(values: &[(f64, &[f64])]) -> Vec<Group> {
    values.iter().map(|(at, values)| group("base", vec![json!(at)], 0, values)).collect()
}
