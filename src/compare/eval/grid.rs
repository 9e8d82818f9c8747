//! Statistics of the grid of all sweep points, with the arms as one more of its axes where they are a factor.

use super::names::{arms, collapsed_by, is_by_arms};
use super::scene::{Scene, Seeds, undefined};
use super::{Arm, Gap};
use crate::spec::expr::{ARM, Along, Expr, Function};
use crate::stats;

/// The axes of a grid, the last varying fastest.
struct Grid<'t> {
    /// Whether the arms are its first axis.
    by_arms: bool,
    /// Places in the table of its other axes.
    axes: Vec<usize>,
    /// What each axis is called.
    names: Vec<&'t str>,
    /// How many values each has.
    sizes: Vec<usize>,
}

impl<'a> Scene<'a> {
    /// A statistic of the grid of all sweep points. A scene is one seed, so seeds are blocks: what differs between them
    /// alone is no part of any share, and the interval over seeds is that of the statistic itself. Shares of variance are
    /// taken with the mean of all other seeds beside it, or noise would count as interaction.
    pub(super) fn on_the_grid(
        &self,
        expr: &Expr,
        function: Function,
        arguments: &[Expr],
        along: &Along,
    ) -> Result<f64, Gap> {
        let grid = self.grid(expr);
        let [first, second] = arguments else { return Err(undefined(expr)) };
        let y = self.across(&grid, first)?;
        if function == Function::Eta2 {
            if grid.by_arms && !matches!(self.seeds, Seeds::Shared(_)) {
                let why = "arms are a factor only where they have seeds in common";
                return Err(Gap::Undefined(why.to_owned()));
            }
            let others = self.elsewhere(first, &grid);
            let again = others.as_ref().unwrap_or(&y);
            return stats::eta_squared(&y, again, &grid.sizes, &grid.places(second))
                .ok_or_else(|| undefined(expr));
        }
        let along = match along {
            Along::Axes(over) if !grid.places(over).is_empty() => grid.places(over),
            // `over parameters` names a quantity that varies along all of them.
            _ => (0..grid.sizes.len()).collect(),
        };
        let statistic =
            if function == Function::SignError { stats::sign_error } else { stats::granulated_kendall };
        statistic(&y, &self.across(&grid, second)?, &grid.sizes, &along).ok_or_else(|| undefined(expr))
    }

    fn grid(&self, expr: &Expr) -> Grid<'a> {
        let table = self.table;
        let (by_arms, axes) = (is_by_arms(expr, table), collapsed_by(expr, table));
        let arms = by_arms.then_some((ARM, table.arms.len()));
        let swept = axes.iter().filter_map(|&axis| table.axes.get(axis));
        let swept = swept.map(|axis| (axis.name(), axis.values.len()));
        let (names, sizes) = arms.into_iter().chain(swept).unzip();
        Grid { by_arms, axes, names, sizes }
    }

    /// A number at every point of the grid.
    fn across(&self, grid: &Grid<'_>, expr: &Expr) -> Result<Vec<f64>, Gap> {
        let of_arm = |arm: &Arm<'a>| Self { arm: Some(arm.name), ..self.clone() };
        let layers =
            if grid.by_arms { self.table.arms.iter().map(of_arm).collect() } else { vec![self.clone()] };
        let points = layers.iter().flat_map(|layer| layer.points(&grid.axes));
        points.map(|point| point.number(expr)).collect()
    }

    /// The mean over all other seeds of a number at every point of the grid; `None` where no other has all of it.
    fn elsewhere(&self, expr: &Expr, grid: &Grid<'_>) -> Option<Vec<f64>> {
        let Seeds::Shared(own) = self.seeds else { return None };
        let named = arms(expr, self.table, self.arm).first().and_then(|name| self.table.arm(name));
        let arm = named.or(self.table.arms.first())?;
        let whole = arm.seeds().into_iter().filter(|seed| *seed != own).filter_map(|seed| {
            let scene = Self { seeds: Seeds::Shared(seed), ..self.clone() };
            scene.across(grid, expr).ok()
        });
        let whole: Vec<Vec<f64>> = whole.collect();
        let count = whole.len() as f64;
        let sum = whole.into_iter().reduce(|mut sum, column| {
            sum.iter_mut().zip(column).for_each(|(sum, value)| *sum += value);
            sum
        })?;
        Some(sum.into_iter().map(|sum| sum / count).collect())
    }
}

impl Grid<'_> {
    /// Which of its axes an expression names.
    fn places(&self, named: &Expr) -> Vec<usize> {
        let named = named.names();
        let is_named = |axis: &str| named.iter().any(|(reference, _)| reference.name == axis);
        let places = self.names.iter().enumerate().filter(|(_, name)| is_named(name));
        places.map(|(place, _)| place).collect()
    }
}
