//! Where along a sweep a model begins to be able to fit its examples: the peak of a double descent is looked for there.
//! Only what the specs of the runs or a measure of theirs say is marked.

use serde_json::Value;

use super::along::{Rule, number};
use super::{Group, Results};
use crate::spec::Quantity;

/// What a setting of the model must be as large as, if it makes a linear model of so many features.
const FEATURES: &str = "model.features";
/// The number of examples.
const TRAIN: &str = "dataset.train";

/// The thresholds along an axis.
pub(super) fn thresholds(results: &Results, axis: usize) -> Vec<Rule> {
    let path = results.axes.get(axis).map_or("", String::as_str);
    let rule =
        match path {
            FEATURES => the_same(results, "/dataset/train")
                .map(|at| Rule { at, says: "features = examples".to_owned() }),
            TRAIN => the_same(results, "/model/features")
                .map(|at| Rule { at, says: "examples = features".to_owned() }),
            _ => None,
        };
    rule.or_else(|| by_parameters(results, axis)).into_iter().collect()
}

/// A setting that is the same number in every run that is stored.
fn the_same(results: &Results, pointer: &str) -> Option<f64> {
    let mut values = results.groups.iter().filter_map(|group| setting(group, pointer));
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}

fn setting(group: &Group, pointer: &str) -> Option<f64> {
    let record = group.members.iter().find_map(|member| member.record.as_ref())?;
    record.spec.pointer(pointer).and_then(Value::as_f64)
}

/// Where the parameters, if they were counted, are as many as the examples: between two places on a straight line of their
/// logarithms.
fn by_parameters(results: &Results, axis: usize) -> Option<Rule> {
    let place = |group: &Group| {
        let x = number(group.point.get(axis)?)?;
        let (_, parameters) = group.finals(Quantity::Parameters.name()).into_iter().next()?;
        let excess = (parameters / setting(group, "/dataset/train")?).ln();
        (x > 0.0 && excess.is_finite()).then_some((x.ln(), excess))
    };
    let mut places: Vec<(f64, f64)> = results.groups.iter().filter_map(place).collect();
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    places.dedup_by(|a, b| a.0 == b.0);
    let crossing = places.windows(2).find(|pair| pair[0].1 <= 0.0 && pair[1].1 >= 0.0)?;
    let ((from, below), (to, above)) = (crossing[0], crossing[1]);
    let share = if above > below { -below / (above - below) } else { 0.0 };
    Some(Rule { at: (from + (to - from) * share).exp(), says: "parameters = examples".to_owned() })
}
