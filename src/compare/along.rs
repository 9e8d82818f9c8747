//! A sweep as a curve: what a quantity comes to along an axis of numbers, for each arm and each point of all other axes.

use serde::Serialize;
use serde_json::Value;

use super::point::{digits, point_in_words};
use super::summary::Series;
use super::threshold::thresholds;
use super::{Group, Results};
use crate::spec::Quantity;

/// Fewest places that make a curve.
const FEWEST: usize = 5;
/// Numbers that span more than this are drawn on a log scale.
const WIDE: f64 = 20.0;

/// A quantity along an axis.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Along {
    /// The quantity.
    pub quantity: Quantity,
    /// The axis, by the last word of its path.
    pub axis: String,
    /// Whether places are best drawn by their logarithms.
    pub log: bool,
    /// One curve for each arm and point of the other axes.
    pub rows: Vec<AlongRow>,
    /// Places that theory marks.
    pub rules: Vec<Rule>,
}

/// A place on the axis that theory marks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rule {
    /// Where.
    pub at: f64,
    /// What is so there: `features = examples`.
    pub says: String,
}

/// One curve.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AlongRow {
    /// The arm.
    pub arm: String,
    /// The point of the other axes, in words.
    pub point: String,
    /// Places along the axis, ascending.
    pub x: Vec<f64>,
    /// Mean over seeds at each; NaN where there is none.
    pub mean: Vec<f64>,
    /// Lower ends of its intervals; those of a single seed are the mean.
    pub low: Vec<f64>,
    /// Upper ends.
    pub high: Vec<f64>,
    /// Runs that each mean is over.
    pub n: Vec<usize>,
}

/// Every one of `series` along the longest axis of numbers, if one is long enough.
pub fn along(results: &Results, series: &[Series]) -> Vec<Along> {
    let Some(axis) = longest(results) else { return Vec::new() };
    series.iter().filter_map(|series| of_series(results, series, axis)).collect()
}

/// The axis with the most places, all of them numbers.
fn longest(results: &Results) -> Option<usize> {
    let places = |axis: usize| {
        let values = results.groups.iter().map(|group| number(group.point.get(axis)?));
        let mut values: Vec<f64> = values.collect::<Option<_>>()?;
        values.sort_by(f64::total_cmp);
        values.dedup();
        Some(values.len())
    };
    let axes = (0..results.axes.len()).filter_map(|axis| Some((places(axis)?, axis)));
    // Of equally long ones the first.
    let (places, axis) = axes.max_by_key(|(places, axis)| (*places, std::cmp::Reverse(*axis)))?;
    (places >= FEWEST).then_some(axis)
}

/// A number, or the one of a list of one, as widths are written.
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Array(items) if items.len() == 1 => items.first()?.as_f64(),
        value => value.as_f64(),
    }
}

/// A place, its mean and the ends of its interval, and how many runs they are over.
type Place = ([f64; 4], usize);

fn of_series(results: &Results, series: &Series, axis: usize) -> Option<Along> {
    let digits = digits(results);
    let others = |group: &Group| {
        let rest = |list: &[Value]| -> Vec<Value> {
            list.iter().enumerate().filter(|(at, _)| *at != axis).map(|(_, value)| value.clone()).collect()
        };
        let axes = results.axes.iter().enumerate().filter(|(at, _)| *at != axis);
        let axes: Vec<String> = axes.map(|(_, path)| path.clone()).collect();
        point_in_words(&axes, &rest(&group.point), digits)
    };
    let mut rows: Vec<(AlongRow, Vec<Place>)> = Vec::new();
    for (group, row) in results.groups.iter().zip(&series.rows) {
        let Some(x) = group.point.get(axis).and_then(number) else { continue };
        let point = others(group);
        let place = match &row.last {
            Some(last) if last.n > 1 => [x, last.mean, last.low, last.high],
            Some(last) => [x, last.mean, last.mean, last.mean],
            None => [x, f64::NAN, f64::NAN, f64::NAN],
        };
        let place = (place, row.last.as_ref().map_or(0, |last| last.n));
        let known = rows.iter_mut().find(|(known, _)| known.arm == group.arm && known.point == point);
        if let Some((_, places)) = known {
            places.push(place);
        } else {
            let (x, mean, low, high, n) = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
            rows.push((AlongRow { arm: group.arm.clone(), point, x, mean, low, high, n }, vec![place]));
        }
    }
    let rows: Vec<AlongRow> = rows.into_iter().map(|(row, places)| filled(row, places)).collect();
    if rows.iter().flat_map(|row| &row.mean).filter(|mean| mean.is_finite()).count() < FEWEST {
        return None;
    }
    let places = || rows.iter().flat_map(|row| &row.x).copied();
    let (low, high) = (places().fold(f64::INFINITY, f64::min), places().fold(f64::NEG_INFINITY, f64::max));
    let name = results.axes.get(axis).and_then(|path| path.rsplit('.').next()).unwrap_or_default();
    let log = low > 0.0 && high > WIDE * low;
    let rules =
        thresholds(results, axis).into_iter().filter(|rule| (low..=high).contains(&rule.at)).collect();
    Some(Along { quantity: series.quantity, axis: name.to_owned(), log, rows, rules })
}

fn filled(mut row: AlongRow, mut places: Vec<Place>) -> AlongRow {
    places.sort_by(|(a, _), (b, _)| a[0].total_cmp(&b[0]));
    for ([x, mean, low, high], n) in places {
        row.n.push(n);
        row.x.push(x);
        row.mean.push(mean);
        row.low.push(low);
        row.high.push(high);
    }
    row
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::compare::summarise;

    fn results(axes: &[&str], points: &[Value]) -> Results {
        let group = |point: &Value| Group {
            arm: "a".into(),
            point: point.as_array().cloned().unwrap_or_default(),
            ..Group::default()
        };
        Results {
            axes: axes.iter().map(|axis| (*axis).to_owned()).collect(),
            groups: points.iter().map(group).collect(),
        }
    }

    #[test]
    fn the_longest_axis_of_numbers_is_drawn_along() {
        let wide: Vec<Value> = [1, 2, 4, 8, 16].map(|h| json!([[h], 0.1])).to_vec();
        assert_eq!(longest(&results(&["model.hidden", "optimizer.learning_rate"], &wide)), Some(0));
        assert_eq!(longest(&results(&["model.hidden", "x"], &wide[..4])), None, "too short");
        let words: Vec<Value> = ["a", "b", "c", "d", "e"].map(|name| json!([name])).to_vec();
        assert_eq!(longest(&results(&["dataset.name"], &words)), None);
        let lists: Vec<Value> = (1..7).map(|h| json!([[h, h]])).collect();
        assert_eq!(longest(&results(&["model.hidden"], &lists)), None, "not one number");
        assert!(
            summarise(&results(&["model.hidden", "x"], &wide), &[], None).along.is_empty(),
            "nothing ran"
        );
    }
}
