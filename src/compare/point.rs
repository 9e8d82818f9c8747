//! Sweep points as a reader sees them: `hidden 64 64, learning_rate 0.0316`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Results;
use crate::base::number::significant;

/// Significant digits of a setting that tell enough, unless two points would be called the same.
const FEWEST: usize = 3;
/// Digits that tell any two doubles apart.
const ALL: usize = 17;

/// A sweep point in words, its numbers to so many significant digits; whole numbers stand as they are.
pub fn point_in_words(axes: &[String], point: &[Value], digits: usize) -> String {
    let name = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let settings =
        axes.iter().zip(point).map(|(axis, value)| format!("{} {}", name(axis), in_words(value, digits)));
    settings.collect::<Vec<_>>().join(", ")
}

/// The fewest significant digits, three or more, at which values that differ are called differently.
pub fn digits(results: &Results) -> usize {
    let called = |digits: usize| -> BTreeSet<String> {
        results.groups.iter().flat_map(|group| &group.point).map(|value| in_words(value, digits)).collect()
    };
    let different = called(ALL).len();
    (FEWEST..ALL).find(|&digits| called(digits).len() == different).unwrap_or(ALL)
}

fn in_words(value: &Value, digits: usize) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(|item| in_words(item, digits)).collect::<Vec<_>>().join(" "),
        Value::Number(number) if number.is_f64() => {
            number.as_f64().map_or_else(|| number.to_string(), |number| significant(number, digits))
        }
        // What it is comes first; what the rest of its values are of is said in the cell.
        Value::Object(entries) => {
            let what = ["kind", "name"].into_iter().find(|key| entries.contains_key(*key));
            let rest = entries.iter().filter(|(key, _)| Some(key.as_str()) != what).map(|(_, value)| value);
            let all = what.and_then(|key| entries.get(key)).into_iter().chain(rest);
            all.map(|value| in_words(value, digits)).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::compare::Group;

    #[test]
    fn points_read_as_words() {
        let axes =
            ["model.hidden", "optimizer.learning_rate", "dataset.name", "dataset.train"].map(str::to_owned);
        let point = [json!([64, 64]), json!(0.031_622_776_6), json!("digits"), json!(123_456)];
        assert_eq!(
            point_in_words(&axes, &point, 3),
            "hidden 64 64, learning_rate 0.0316, name digits, train 123456"
        );
        assert_eq!(point_in_words(&[], &[], 3), "");
        let maps =
            [json!({"batch_size": 4, "kind": "sam", "learning_rate": 0.05}), json!({"name": "digits"})];
        assert_eq!(
            point_in_words(&["optimizer", "dataset"].map(str::to_owned), &maps, 3),
            "optimizer sam 4 0.05, dataset digits"
        );
    }

    #[test]
    fn values_keep_the_digits_that_tell_them_apart() {
        for (values, needed) in [(&[0.1, 0.031_622_776_6, 0.1][..], 3), (&[0.1234, 0.1235], 4), (&[], 3)] {
            let group = |value: &f64| Group {
                arm: "a".into(),
                point: vec![json!(value)],
                members: vec![],
                ..Group::default()
            };
            let groups = values.iter().map(group).collect();
            assert_eq!(digits(&Results { axes: vec!["x".into()], groups }), needed, "{values:?}");
        }
    }
}
