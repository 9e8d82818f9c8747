//! Rows in the order of one of their values. Rows that have none come last whichever way it is sorted, and rows that are
//! equal stay in the order of the log.

use std::cmp::Ordering;

use super::value::Key;

/// The order of the rows with these keys.
pub(super) fn order(keys: &[Key], descending: bool) -> Vec<usize> {
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by(|&a, &b| match (keys.get(a), keys.get(b)) {
        (Some(a), Some(b)) => compare(a, b, descending),
        _ => Ordering::Equal,
    });
    order
}

fn compare(a: &Key, b: &Key, descending: bool) -> Ordering {
    let way = |ordering: Ordering| if descending { ordering.reverse() } else { ordering };
    match (a, b) {
        (Key::Nothing, Key::Nothing) => Ordering::Equal,
        (Key::Nothing, _) => Ordering::Greater,
        (_, Key::Nothing) => Ordering::Less,
        (Key::Number(a), Key::Number(b)) => way(a.total_cmp(b)),
        (Key::Text(a), Key::Text(b)) => way(a.cmp(b)),
        (Key::Number(_), Key::Text(_)) => way(Ordering::Less),
        (Key::Text(_), Key::Number(_)) => way(Ordering::Greater),
    }
}
