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
/// The same within a spec.
const TRAIN_POINTER: &str = "/dataset/train";

/// The thresholds along an axis.
pub(super) fn thresholds(results: &Results, axis: usize) -> Vec<Rule> {
    let path = results.axes.get(axis).map_or("", String::as_str);
    let rule = match path {
        FEATURES => {
            the_same(results, TRAIN_POINTER).map(|at| Rule { at, says: "features = examples".to_owned() })
        }
        TRAIN => {
            the_same(results, "/model/features").map(|at| Rule { at, says: "examples = features".to_owned() })
        }
        _ => None,
    };
    rule.map_or_else(|| by_parameters(results, axis), |rule| vec![rule])
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

/// Places nearer to each other than this share are one to the eye.
const NEAR: f64 = 0.01;

/// Where the parameters are as many as the numbers to fit, examples times outputs: once where that is the same for all arms,
/// else for each of them.
fn by_parameters(results: &Results, axis: usize) -> Vec<Rule> {
    let mut arms: Vec<&str> = Vec::new();
    for group in &results.groups {
        if !arms.contains(&group.arm.as_str()) {
            arms.push(&group.arm);
        }
    }
    let found: Vec<(&str, Rule)> = arms
        .into_iter()
        .filter_map(|arm| {
            let own: Vec<&Group> = results.groups.iter().filter(|group| group.arm == arm).collect();
            Some((arm, Rule { at: crossing(&own, axis)?, says: says(&own) }))
        })
        .collect();
    let Some((_, first)) = found.first() else { return Vec::new() };
    let same = |rule: &Rule| (rule.at / first.at).ln().abs() < NEAR && rule.says == first.says;
    if found.iter().all(|(_, rule)| same(rule)) {
        return vec![first.clone()];
    }
    found.into_iter().map(|(arm, rule)| Rule { says: format!("{arm}: {}", rule.says), ..rule }).collect()
}

/// Where along an axis the parameters of some groups are as many as what they are to fit: between two places on a straight
/// line of their logarithms. A linear model of features has as many for each output, so that this is where features are as
/// many as examples.
fn crossing(groups: &[&Group], axis: usize) -> Option<f64> {
    let place = |group: &&Group| {
        let x = number(group.point.get(axis)?)?;
        let counted = group.finals(Quantity::Parameters.name()).first().map(|(_, parameters)| *parameters);
        let size = group.size?;
        let excess = (counted.or(size.parameters)? / size.targets).ln();
        (x > 0.0 && excess.is_finite()).then_some((x.ln(), excess))
    };
    let mut places: Vec<(f64, f64)> = groups.iter().filter_map(place).collect();
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    places.dedup_by(|a, b| a.0 == b.0);
    // Widths make a model larger, and examples what it is to fit.
    let crosses = |pair: &&[(f64, f64)]| pair[0].1 != pair[1].1 && pair[0].1 * pair[1].1 <= 0.0;
    let crossing = places.windows(2).find(crosses)?;
    let ((from, before), (to, after)) = (crossing[0], crossing[1]);
    Some((from - (to - from) * before / (after - before)).exp())
}

/// `parameters = examples × 10 outputs`, where all have as many.
fn says(groups: &[&Group]) -> String {
    let outputs = |group: &&Group| Some((group.size?.targets / setting(group, TRAIN_POINTER)?).round());
    let mut all = groups.iter().filter_map(outputs);
    match all.next() {
        Some(1.0) if all.all(|other| other == 1.0) => "parameters = examples".to_owned(),
        Some(first) if all.all(|other| other == first) => format!("parameters = examples × {first} outputs"),
        _ => "parameters = examples × outputs".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::base::RunId;
    use crate::compare::{Member, Size};
    use crate::store::RunRecord;

    /// A group at a place, of so many examples and features, whose model has so many parameters and is to fit so much.
    fn group(place: f64, (train, features): (f64, f64), parameters: Option<f64>, targets: f64) -> Group {
        let record = RunRecord {
            run: RunId::of(&[&place.to_le_bytes()]),
            spec: json!({"dataset": {"train": train}, "model": {"features": Some(features).filter(|_| features > 0.0)}})
                .into(),
            ..RunRecord::blank()
        };
        let member = Member { seed: 0, record: Some(Arc::new(record)), curve: None };
        let size = Some(Size { parameters, targets });
        Group { point: vec![json!(place)], members: vec![member], size, ..Group::default() }
    }

    /// An axis, the groups along it, where the rule stands and what it says.
    type Table<'a> = Vec<(&'a str, Vec<Group>, Option<(f64, &'a str)>)>;

    #[test]
    fn a_model_can_fit_from_where_it_has_as_many_parameters_as_numbers_to_fit() {
        let widths = [2.0, 4.0, 8.0, 16.0, 32.0];
        let wide =
            |outputs: f64| move |h: f64| group(h, (40.0, 0.0), Some(h * 10.0 * outputs), 40.0 * outputs);
        let train = |n: f64| group(n, (n, 0.0), Some(80.0), n * 10.0);
        let features = |p: f64| group(p, (8.0, p), None, 80.0);
        let examples = |n: f64| group(n, (n, 4.0), None, n * 10.0);
        let never = |h: f64| group(h, (40.0, 0.0), Some(h), 4e4);
        let even = |h: f64| group(h, (40.0, 0.0), Some(40.0), 40.0);
        let table: Table<'_> = vec![
            ("model.hidden", widths.map(wide(1.0)).into(), Some((4.0, "parameters = examples"))),
            (
                "model.hidden",
                widths.map(wide(10.0)).into(),
                Some((4.0, "parameters = examples × 10 outputs")),
            ),
            ("dataset.train", widths.map(train).into(), Some((8.0, "parameters = examples × 10 outputs"))),
            ("model.features", widths.map(features).into(), Some((8.0, "features = examples"))),
            ("dataset.train", widths.map(examples).into(), Some((4.0, "examples = features"))),
            ("model.hidden", widths.map(never).into(), None),
            ("optimizer.learning_rate", widths.map(even).into(), None),
        ];
        for (axis, groups, expected) in table {
            let found = thresholds(&Results { axes: vec![axis.to_owned()], groups }, 0);
            assert!(found.len() < 2, "{axis}");
            let found = found.first().map(|rule| (rule.at.round(), rule.says.as_str()));
            assert_eq!(found, expected, "{axis}");
        }
    }

    #[test]
    fn arms_with_thresholds_of_their_own_have_a_rule_each() {
        let of = |arm: &str, outputs: f64| {
            let arm = arm.to_owned();
            [2.0, 4.0, 8.0, 16.0]
                .map(|h| Group { arm: arm.clone(), ..group(h, (40.0, 0.0), Some(h * 10.0), 40.0 * outputs) })
        };
        let groups = [of("one", 1.0), of("two", 2.0), of("again", 1.0)].concat();
        let rules = |groups: Vec<Group>| {
            let found = thresholds(&Results { axes: vec!["model.hidden".to_owned()], groups }, 0);
            found.into_iter().map(|rule| (rule.at.round(), rule.says)).collect::<Vec<_>>()
        };
        let says = |words: &str| words.to_owned();
        assert_eq!(
            rules(groups),
            [
                (4.0, says("one: parameters = examples")),
                (8.0, says("two: parameters = examples × 2 outputs")),
                (4.0, says("again: parameters = examples"))
            ]
        );
        assert_eq!(
            rules([of("one", 1.0), of("again", 1.0)].concat()),
            [(4.0, says("parameters = examples"))]
        );
    }
}
