//! Whether a measure goes along with how badly something generalizes: every run as a point, and Kendall's τ.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Results;
use super::sharpness::is_sharpness;
use crate::spec::Quantity;
use crate::stats::{Estimate, kendall};

/// Fewest runs that are worth a picture.
const FEWEST: usize = 8;
/// Fewest groups over which a τ is taken for each seed.
pub const FEWEST_GROUPS: usize = 5;
/// Measures at the most: one of every family is among the first.
const MOST: usize = 12;

/// A measure against the generalization gap.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scatter {
    /// The measure.
    pub quantity: Quantity,
    /// Arm, measure and gap of every run.
    pub points: Vec<Point>,
    /// The arms, in the order of the cell.
    pub arms: Vec<String>,
    /// Arms and sweep points that the runs are of.
    pub groups: usize,
    /// Kendall's τ-b with its 95 % interval.
    pub tau: Option<Tau>,
}

/// One run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Point {
    /// Which of the arms.
    pub arm: usize,
    /// The measure.
    pub x: f64,
    /// The gap.
    pub y: f64,
}

/// A rank correlation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Tau {
    /// τ-b.
    pub tau: f64,
    /// Lower end of its interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// What it is over.
    pub over: Over,
    /// How many of those.
    pub n: usize,
}

/// What a rank correlation is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// One τ for each seed, over all arms and sweep points: a mean with Student's t.
    Seeds,
    /// All runs pooled, as if each told as much as any other (Fieller, Hartley & Pearson 1957). Runs of one arm resemble
    /// each other, so the interval is narrower than it should be.
    Runs,
}

/// Every measure of curvature and sharpness of `present` against the gap; none where runs are few.
pub(super) fn scatters(results: &Results, present: &[Quantity]) -> Vec<Scatter> {
    if results.groups.len() < 2 || !present.contains(&Quantity::GeneralizationGap) {
        return Vec::new();
    }
    let measures = present.iter().copied().filter(|quantity| is_sharpness(*quantity)).take(MOST);
    measures.filter_map(|quantity| of_measure(results, quantity)).collect()
}

/// One run: its seed, its group, its arm, and where it lies.
type Run = (u64, usize, Point);

fn of_measure(results: &Results, quantity: Quantity) -> Option<Scatter> {
    let mut arms: Vec<String> = Vec::new();
    let mut runs: Vec<Run> = Vec::new();
    for (index, group) in results.groups.iter().enumerate() {
        let arm = arms.iter().position(|arm| *arm == group.arm).unwrap_or_else(|| {
            arms.push(group.arm.clone());
            arms.len() - 1
        });
        let gaps = group.finals(Quantity::GeneralizationGap.name());
        for (seed, x) in group.finals(quantity.name()) {
            let gap = gaps.iter().find(|(other, _)| *other == seed);
            runs.extend(gap.map(|(_, y)| (seed, index, Point { arm, x, y: *y })));
        }
    }
    let groups = runs.iter().map(|(_, group, _)| group).collect::<BTreeSet<_>>().len();
    let points: Vec<Point> = runs.iter().map(|(.., point)| *point).collect();
    (points.len() >= FEWEST).then(|| Scatter { quantity, tau: tau(&runs), points, arms, groups })
}

/// For each seed where there are groups enough, over all runs otherwise.
fn tau(runs: &[Run]) -> Option<Tau> {
    let of = |runs: &[&Run]| {
        let side = |of: fn(&Point) -> f64| runs.iter().map(|(.., point)| of(point)).collect::<Vec<_>>();
        kendall(&side(|point| point.x), &side(|point| point.y))
    };
    let seeds: BTreeSet<u64> = runs.iter().map(|(seed, ..)| *seed).collect();
    let each: Vec<f64> = seeds
        .iter()
        .filter_map(|seed| {
            let own: Vec<&Run> = runs.iter().filter(|(other, ..)| other == seed).collect();
            (own.len() >= FEWEST_GROUPS).then(|| of(&own)).flatten()
        })
        .collect();
    if let Some(mean) = Estimate::of(&each).filter(|mean| mean.n > 1) {
        let (low, high) = (mean.low.max(-1.0), mean.high.min(1.0));
        return Some(Tau { tau: mean.mean, low, high, over: Over::Seeds, n: mean.n });
    }
    let (n, found) = (runs.len(), of(&runs.iter().collect::<Vec<_>>())?);
    // Where τ is ±1 the transform has no end, and neither has what could be said.
    let half = 1.96 * (0.437 / (n as f64 - 4.0)).sqrt();
    let (low, high) = if found.abs() < 1.0 {
        ((found.atanh() - half).tanh(), (found.atanh() + half).tanh())
    } else {
        (found, found)
    };
    Some(Tau { tau: found, low, high, over: Over::Runs, n })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(seed: u64, group: usize, x: f64, y: f64) -> Run {
        (seed, group, Point { arm: group, x, y })
    }

    #[test]
    fn a_tau_is_of_seeds_where_there_are_groups_enough() {
        let by_seed: Vec<Run> = (0..3)
            .flat_map(|seed| {
                (0..5).map(move |group| {
                    let x = f64::from(group);
                    run(seed, group as usize, x, x + if seed == 0 && group == 4 { -1.5 } else { 0.0 })
                })
            })
            .collect();
        let found = tau(&by_seed).unwrap();
        // The first seed has one pair of ten the other way round: (0.8 + 1 + 1) / 3.
        assert!(
            (found.tau - 2.8 / 3.0).abs() < 1e-12 && found.over == Over::Seeds && found.n == 3,
            "{found:?}"
        );
        let pooled: Vec<Run> =
            (0..10).map(|at| run(at, 0, at as f64, if at == 9 { 0.5 } else { at as f64 })).collect();
        let found = tau(&pooled).unwrap();
        assert!(found.over == Over::Runs && found.low < found.tau && found.tau < found.high, "{found:?}");
        assert_eq!(tau(&pooled[..3]).map(|tau| (tau.low, tau.high)), Some((1.0, 1.0)));
    }
}
