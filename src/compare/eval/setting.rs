//! Settings as numbers: of a run by the last word of their path, of an axis by its value.

use serde_json::Value;

use super::table::Axis;
use crate::store::RunRecord;

/// A setting as a number. A list of equal numbers counts as that number: `hidden: [64, 64]` is a width of 64.
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::Array(items) => {
            let first = number(items.first()?)?;
            items.iter().all(|item| number(item) == Some(first)).then_some(first)
        }
        _ => None,
    }
}

/// The setting of that name in a spec; of several the first in the order of their paths that is a number.
pub(super) fn setting(spec: &Value, name: &str) -> Option<f64> {
    let map = spec.as_object()?;
    let mut keys: Vec<&String> = map.keys().collect();
    keys.sort_unstable();
    keys.into_iter().find_map(|key| {
        let inner = &map[key];
        if key == name { number(inner) } else { setting(inner, name) }
    })
}

/// The value of an axis in a run. What the run resolved it to (`batch_size: full` is a number there) comes first;
/// an axis like `stop.epochs`, which a run knows under another name, counts as it was written.
pub(super) fn axis_number(axis: &Axis<'_>, place: usize, record: Option<&RunRecord>) -> Option<f64> {
    let pointer = format!("/{}", axis.path.replace('.', "/"));
    let resolved = record.and_then(|record| record.spec.pointer(&pointer)).and_then(number);
    resolved.or_else(|| axis.values.get(place).and_then(|value| number(value)))
}
