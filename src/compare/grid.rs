//! A sweep over two axes of numbers as a map: what a quantity comes to at every pair of places.

use serde::Serialize;

use super::along::number;
use super::{Results, Series};
use crate::spec::Quantity;

/// Fewest places along each axis that make a map.
const FEWEST: usize = 3;

/// A quantity over two axes, for one arm.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Grid {
    /// The quantity.
    pub quantity: Quantity,
    /// The arm.
    pub arm: String,
    /// The axes by the last words of their paths: the first goes down, the second across.
    pub axes: [String; 2],
    /// Places down, ascending.
    pub down: Vec<f64>,
    /// Places across, ascending.
    pub across: Vec<f64>,
    /// Mean over seeds, row by row; NaN where there is none.
    pub mean: Vec<f64>,
    /// Whether values are best shaded by their logarithms.
    pub log: bool,
}

/// The maps of all of `series`; none where the sweep is not over two axes of numbers.
pub(super) fn grids(results: &Results, series: &[Series]) -> Vec<Grid> {
    let [down, across] = results.axes.as_slice() else { return Vec::new() };
    let Some(places) = [0, 1].map(|axis| places(results, axis)).into_iter().collect::<Option<Vec<_>>>()
    else {
        return Vec::new();
    };
    let name = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let mut arms: Vec<&str> = Vec::new();
    for group in &results.groups {
        if !arms.contains(&group.arm.as_str()) {
            arms.push(&group.arm);
        }
    }
    let of = |series: &Series, arm: &str| {
        let mut mean = vec![f64::NAN; places[0].len() * places[1].len()];
        for (group, row) in results.groups.iter().zip(&series.rows).filter(|(group, _)| group.arm == arm) {
            let at = |axis: usize| {
                let x = group.point.get(axis).and_then(number)?;
                places[axis].iter().position(|place| *place == x)
            };
            if let (Some(down), Some(across), Some(last)) = (at(0), at(1), &row.last)
                && let Some(slot) = mean.get_mut(down * places[1].len() + across)
            {
                *slot = last.mean;
            }
        }
        Grid {
            quantity: series.quantity,
            arm: arm.to_owned(),
            axes: [name(down), name(across)],
            down: places[0].clone(),
            across: places[1].clone(),
            mean,
            log: series.log,
        }
    };
    let maps = series.iter().flat_map(|series| arms.iter().map(|arm| of(series, arm)).collect::<Vec<_>>());
    maps.filter(|map| map.mean.iter().any(|mean| mean.is_finite())).collect()
}

/// The places of an axis, ascending; `None` if one is no number, or they are few.
fn places(results: &Results, axis: usize) -> Option<Vec<f64>> {
    let values = results.groups.iter().map(|group| number(group.point.get(axis)?));
    let mut values: Vec<f64> = values.collect::<Option<_>>()?;
    values.sort_by(f64::total_cmp);
    values.dedup();
    (values.len() >= FEWEST).then_some(values)
}
