//! The comparison of arms: per quantity and group a curve with its band, a final value with its interval, and
//! the paired difference to the baseline.

use serde::Serialize;

use super::along::{Along, along};
pub use super::curves::CURVE_POINTS;
use super::curves::{Band, log_drawable, mean_curve};
use super::grid::{Grid, grids};
use super::notes::notes;
use super::pictures::{Picture, pictures};
use super::point::{digits, point_in_words};
use super::reference::Reference;
use super::scatter::{Scatter, scatters};
use super::sentence::sentence;
use super::sharpness::{Sharpness, sharpness};
use super::{Group, Results};
use crate::spec::{CATALOGUE, Quantity};
use crate::stats::{Estimate, difference, ratio};
use crate::store::Status;

/// A comparison, ready to be drawn or printed.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// What differences are taken to, if there is more than one group: an arm, at the same sweep point each; with a
    /// single arm its first sweep point, in the words of [`Row::point`]. Which rows it is, [`Row::is_baseline`] tells.
    pub baseline: Option<String>,
    /// One per quantity, in the order asked.
    pub series: Vec<Series>,
    /// The same quantities along the longest axis of numbers, where there is one.
    pub along: Vec<Along>,
    /// What it comes to, in one sentence; nothing where there is nothing to compare.
    pub sentence: Option<String>,
    /// Every measure of curvature and sharpness that was taken, whatever is shown, as multiples of the baseline.
    pub sharpness: Vec<Sharpness>,
    /// The quantities over two axes of numbers, where the sweep has just those.
    pub grids: Vec<Grid>,
    /// The same measures against the generalization gap, run by run.
    pub scatters: Vec<Scatter>,
    /// Spectra and slices, in the order of the catalogue.
    pub pictures: Vec<Picture>,
    /// What a reader must know to trust it: missing runs, divergence, single seeds, arms that missed their target.
    pub notes: Vec<String>,
}

/// One quantity over all groups.
#[derive(Clone, Debug, Serialize)]
pub struct Series {
    /// The quantity.
    pub quantity: Quantity,
    /// Whether it is drawn on a log scale: curves are then geometric means, final values arithmetic ones still.
    pub log: bool,
    /// One per group.
    pub rows: Vec<Row>,
}

/// One quantity of one group.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The arm.
    pub arm: String,
    /// The sweep point in words: `hidden 64 64, learning_rate 0.0316`; empty without a sweep.
    pub point: String,
    /// Mean over seeds at [`CURVE_POINTS`] evenly spaced fractions of each run's own training, over the runs that are
    /// done or in flight; NaN where nothing was measured; empty where nothing was measured along the way, and where
    /// every run diverged.
    pub curve: Vec<f64>,
    /// 95 % band of that mean: low; NaN where fewer than two seeds have a value.
    pub low: Vec<f64>,
    /// 95 % band of that mean: high; NaN where fewer than two seeds have a value.
    pub high: Vec<f64>,
    /// Final values by seed.
    pub finals: Vec<(u64, f64)>,
    /// Final value: mean over seeds with its interval.
    pub last: Option<Estimate>,
    /// Difference to the baseline, paired by seed where seeds match; `None` for the baseline itself.
    pub difference: Option<Estimate>,
    /// How many times the baseline it is, where both are positive; likewise.
    pub ratio: Option<Estimate>,
    /// What the difference comes to.
    pub mark: Mark,
    /// Runs that diverged, counted and not dropped.
    pub diverged: usize,
    /// Runs that are stored, of those planned.
    pub stored: usize,
    /// Runs that are planned.
    pub planned: usize,
}

/// What a difference comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Clearly above the baseline.
    Above,
    /// Clearly below.
    Below,
    /// The interval contains zero.
    Overlapping,
    /// One seed: nothing can be said of the spread.
    Single,
    /// The baseline itself, or nothing to compare.
    None,
}

/// Compares the groups of `results` in the quantities `show` (empty: those that say most), with differences to the
/// arm `baseline` (the first one if none is named).
pub fn summarise(results: &Results, show: &[Quantity], baseline: Option<&str>) -> Summary {
    let present = quantities_present(results);
    let shown = if show.is_empty() { worth_showing(&present) } else { show.to_vec() };
    let reference = Reference::choose(results, baseline);
    let mut notes = notes(results);
    let is_drawn = |quantity: &Quantity| {
        !matches!(quantity.info().picture, crate::spec::Picture::None | crate::spec::Picture::Vector)
    };
    let missing = shown
        .iter()
        .filter(|quantity| !present.contains(quantity) && !present.is_empty() && !is_drawn(quantity));
    notes.extend(missing.map(|quantity| format!("{} was not measured", quantity.name())));
    let stranger = baseline.filter(|arm| results.groups.iter().all(|group| group.arm != *arm));
    notes.extend(stranger.map(|arm| format!("no arm is called {arm}: no differences")));
    let series: Vec<Series> = shown
        .iter()
        .filter(|quantity| !is_drawn(quantity) || present.contains(quantity))
        .map(|&quantity| series(results, quantity, &reference))
        .collect();
    Summary {
        baseline: reference.in_words(results),
        along: along(results, &series),
        sentence: sentence(results, &present, &reference),
        sharpness: sharpness(results, &present, &reference),
        grids: grids(results, &series),
        scatters: scatters(results, &present),
        series,
        pictures: pictures(results, show),
        notes,
    }
}

/// The quantities that any run has a number of, at its end or along the way, in the order of the catalogue.
pub fn quantities_present(results: &Results) -> Vec<Quantity> {
    let members = || results.groups.iter().flat_map(|group| &group.members);
    let has = |name: &str| {
        members().any(|member| {
            let last = member.record.as_ref().and_then(|record| record.measures.get(name));
            last.is_some_and(|value| !value.is_nan())
                || member.curve.as_ref().is_some_and(|curve| curve.points(name).next().is_some())
        })
    };
    CATALOGUE.iter().filter(|info| has(info.name)).map(|info| info.quantity).collect()
}

/// What a comparison shows unless told: how well it fits, how well it generalizes, whatever else was asked for, how large
/// the weights are.
fn worth_showing(present: &[Quantity]) -> Vec<Quantity> {
    use Quantity::{TestAccuracy, TestLoss, TrainLoss, WeightNorm};
    let test = if present.contains(&TestAccuracy) { TestAccuracy } else { TestLoss };
    let first = [TrainLoss, test].into_iter().filter(|quantity| present.contains(quantity));
    let asked = present.iter().copied().filter(|quantity| !quantity.info().always);
    let last = Some(WeightNorm).filter(|quantity| present.contains(quantity));
    first.chain(asked).chain(last).collect()
}

fn series(results: &Results, quantity: Quantity, reference: &Reference) -> Series {
    let log = quantity.info().log && log_drawable(results, quantity.name());
    let digits = digits(results);
    let row = |group: &Group| {
        let finals = reference.of(group, results).map(|other| {
            let name = quantity.name();
            (group.finals(name), other.finals(name))
        });
        let point = point_in_words(&results.axes, &group.point, digits);
        let against =
            [difference, ratio].map(|against| finals.as_ref().and_then(|(own, other)| against(own, other)));
        row(group, point, quantity, log, against)
    };
    Series { quantity, log, rows: results.groups.iter().map(row).collect() }
}

fn row(
    group: &Group,
    point: String,
    quantity: Quantity,
    log: bool,
    [difference, ratio]: [Option<Estimate>; 2],
) -> Row {
    let Band { mean, low, high } = mean_curve(group, quantity.name(), log);
    let finals = group.finals(quantity.name());
    let values: Vec<f64> = finals.iter().map(|(_, value)| *value).collect();
    Row {
        arm: group.arm.clone(),
        point,
        curve: mean,
        low,
        high,
        finals,
        last: Estimate::of(&values),
        difference,
        ratio,
        mark: Mark::of(difference.as_ref()),
        diverged: group.count(|status| status == Status::Diverged),
        stored: group.count(Status::is_result),
        planned: group.members.len(),
    }
}

impl Summary {
    /// Whether more than one arm is compared, so that rows must say which they are of.
    pub fn has_several_arms(&self) -> bool {
        let mut arms = self.series.iter().flat_map(|series| &series.rows).map(|row| &row.arm);
        arms.next().is_some_and(|first| arms.any(|arm| arm != first))
    }
}

impl Row {
    /// What it is called: `flat · hidden 64 64`; without the arm where there are not `several_arms`, unless that is
    /// all there is to say.
    pub fn label(&self, several_arms: bool) -> String {
        let named = several_arms || self.point.is_empty();
        let arm = named.then_some(self.arm.as_str());
        let point = Some(self.point.as_str()).filter(|point| !point.is_empty());
        arm.into_iter().chain(point).collect::<Vec<_>>().join(" · ")
    }

    /// Whether it is what the differences of other rows are taken to, given [`Summary::baseline`].
    pub fn is_baseline(&self, baseline: Option<&str>) -> bool {
        baseline.is_some_and(|name| name == self.arm || name == self.point)
    }
}

impl Mark {
    /// What `difference` comes to.
    pub fn of(difference: Option<&Estimate>) -> Self {
        match difference {
            None => Self::None,
            Some(difference) if difference.n < 2 => Self::Single,
            Some(difference) if difference.low > 0.0 => Self::Above,
            Some(difference) if difference.high < 0.0 => Self::Below,
            Some(_) => Self::Overlapping,
        }
    }
}
