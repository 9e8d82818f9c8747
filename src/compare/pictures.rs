//! Spectra and slices of the runs of an experiment, brought together by arm and sweep point: of each run what was measured
//! last, over all of its seeds.

use serde::Serialize;

use super::point::{digits, point_in_words};
use super::{Group, Member, Results};
use crate::science::measures::details::{Details, Slice, Spectrum};
use crate::spec::{CATALOGUE, Picture as Kind, Quantity};

/// Places of a density.
pub const BINS: usize = 64;
/// Standard deviation with which each node is drawn, as a share of the whole width.
const BLUR: f64 = 1.0 / 128.0;

/// One quantity over all groups that have it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Picture {
    /// The quantity.
    pub quantity: Quantity,
    /// Which way a slice goes; empty for spectra.
    pub path: String,
    /// One per group that has it.
    pub rows: Vec<PictureRow>,
}

/// One quantity of one group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PictureRow {
    /// The arm.
    pub arm: String,
    /// The sweep point in words.
    pub point: String,
    /// Runs that it is over.
    pub runs: usize,
    /// Training examples that each of them is over.
    pub examples: u64,
    /// What is drawn.
    pub shape: Shape,
}

/// What is drawn.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// A density of eigenvalues, the mean over runs, at [`BINS`] evenly spaced places.
    Density {
        /// The first place.
        low: f64,
        /// The last place.
        high: f64,
        /// Share of the eigenvalues around each place.
        mass: Vec<f64>,
        /// The smallest and the largest node of this group.
        ends: [f64; 2],
    },
    /// Single eigenvalues with what else is told of each, means over runs.
    Values {
        /// Eigenvalue, its companion, and the largest residual.
        values: Vec<[f64; 3]>,
    },
    /// Losses along lines.
    Lines {
        /// Places along them.
        x: Vec<f64>,
        /// Mean over all lines.
        mean: Vec<f64>,
        /// The lowest of all lines.
        low: Vec<f64>,
        /// The highest of all lines.
        high: Vec<f64>,
        /// How many lines there are.
        lines: usize,
    },
    /// Losses over a square of the first run, row by row: the planes of two runs have nothing in common.
    Plane {
        /// Places along each side.
        side: usize,
        /// Half of its length.
        span: f64,
        /// The losses.
        loss: Vec<f64>,
    },
}

/// Every picture there is of `results`, in the order of the catalogue; of the quantities `show`, if any are named.
pub fn pictures(results: &Results, show: &[Quantity]) -> Vec<Picture> {
    let drawn = CATALOGUE.iter().filter(|info| info.picture != Kind::None);
    let wanted = drawn.filter(|info| show.is_empty() || show.contains(&info.quantity));
    wanted.flat_map(|info| of_quantity(results, info.quantity)).collect()
}

/// What a group has: the spectra or slices of its runs.
struct Found<'a> {
    group: &'a Group,
    details: Vec<&'a Details>,
}

fn of_quantity(results: &Results, quantity: Quantity) -> Vec<Picture> {
    let found = || {
        results.groups.iter().map(|group| {
            let details = group.drawn().filter_map(|member| Some(&member.curve.as_ref()?.details));
            Found { group, details: details.filter(|details| !details.is_empty()).collect() }
        })
    };
    let digits = digits(results);
    let row = |group: &Group, runs: usize, examples: u64, shape: Shape| PictureRow {
        arm: group.arm.clone(),
        point: point_in_words(&results.axes, &group.point, digits),
        runs,
        examples,
        shape,
    };
    if quantity.info().picture == Kind::Spectrum {
        let spectra: Vec<(&Group, Vec<&Spectrum>)> = found()
            .map(|found| {
                (found.group, found.details.iter().filter_map(|one| last_spectrum(one, quantity)).collect())
            })
            .filter(|(_, spectra): &(_, Vec<_>)| !spectra.is_empty())
            .collect();
        let scale = scale(spectra.iter().flat_map(|(_, spectra)| spectra));
        let rows = spectra.iter().map(|(group, spectra)| {
            let shape = if is_density(quantity) { density(spectra, scale) } else { values(spectra) };
            row(group, spectra.len(), spectra[0].examples, shape)
        });
        let rows: Vec<_> = rows.collect();
        return if rows.is_empty() { vec![] } else { vec![Picture { quantity, path: String::new(), rows }] };
    }
    let mut pictures: Vec<Picture> = Vec::new();
    for found in found() {
        let slices: Vec<&Slice> = found.details.iter().flat_map(|one| last_slices(one, quantity)).collect();
        let way = |slice: &Slice| way(slice, results);
        for path in paths(&slices, &way) {
            let slices: Vec<&Slice> = slices.iter().filter(|slice| way(slice) == path).copied().collect();
            let shape = match quantity.info().picture {
                Kind::Planes => plane(slices[0]),
                _ => lines(&slices),
            };
            let row = row(found.group, slices.len(), slices[0].examples, shape);
            match pictures.iter_mut().find(|picture| picture.path == path) {
                Some(picture) => picture.rows.push(row),
                None => pictures.push(Picture { quantity, path, rows: vec![row] }),
            }
        }
    }
    pictures
}

/// Whether it is a density, and no list of eigenvalues.
fn is_density(quantity: Quantity) -> bool {
    matches!(quantity, Quantity::Spectrum | Quantity::GgnSpectrum | Quantity::FullSpectrum)
}

fn last_spectrum(details: &Details, quantity: Quantity) -> Option<&Spectrum> {
    let own = details.spectra.iter().filter(|one| one.quantity == quantity.name() && !one.value.is_empty());
    own.max_by_key(|one| one.step)
}

fn last_slices(details: &Details, quantity: Quantity) -> Vec<&Slice> {
    let own = || details.slices.iter().filter(|one| one.quantity == quantity.name() && !one.loss.is_empty());
    let last = own().map(|one| one.step).max();
    own().filter(|one| Some(one.step) == last).collect()
}

/// The ways there are, each once, the straight one first.
fn paths(slices: &[&Slice], way: &dyn Fn(&Slice) -> String) -> Vec<String> {
    const ORDER: [&str; 4] = ["random", "line", "aligned", "curve"];
    let place = |slice: &Slice| ORDER.iter().position(|path| slice.path == *path);
    let mut ways: Vec<_> = slices.iter().map(|slice| (place(slice), way(slice))).collect();
    ways.sort();
    ways.dedup();
    ways.into_iter().map(|(_, way)| way).collect()
}

/// `line to sharp`: which way, and to which arm if that is one of these.
fn way(slice: &Slice, results: &Results) -> String {
    let is_other =
        |member: &Member| member.record.as_ref().is_some_and(|record| record.run.as_str() == slice.other);
    let arm = results.groups.iter().find(|group| group.members.iter().any(is_other)).map(|group| &group.arm);
    arm.map_or_else(|| slice.path.clone(), |arm| format!("{} to {arm}", slice.path))
}

/// The smallest and the largest of all finite nodes.
fn scale<'a>(spectra: impl Iterator<Item = &'a &'a Spectrum>) -> [f64; 2] {
    let values = spectra.flat_map(|spectrum| &spectrum.value).copied().filter(|value| value.is_finite());
    values.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| [low.min(value), high.max(value)])
}

fn density(spectra: &[&Spectrum], [low, high]: [f64; 2]) -> Shape {
    let blur = ((high - low) * BLUR).max(f64::MIN_POSITIVE);
    let place = |bin: usize| low + (high - low) * bin as f64 / (BINS - 1) as f64;
    let mut mass = vec![0.0; BINS];
    for spectrum in spectra {
        let all: f64 = spectrum.weight.iter().sum();
        for (value, weight) in spectrum.value.iter().zip(&spectrum.weight) {
            let bell = |bin: usize| (-0.5 * ((value - place(bin)) / blur).powi(2)).exp();
            let bells: Vec<f64> = (0..BINS).map(bell).collect();
            let sum: f64 = bells.iter().sum();
            let share = weight / all / spectra.len() as f64;
            if sum > 0.0 {
                mass.iter_mut().zip(bells).for_each(|(mass, bell)| *mass += share * bell / sum);
            }
        }
    }
    Shape::Density { low, high, mass, ends: scale(spectra.iter()) }
}

fn values(spectra: &[&Spectrum]) -> Shape {
    let most = spectra.iter().map(|one| one.value.len()).min().unwrap_or(0);
    let n = spectra.len() as f64;
    let mean = |of: &dyn Fn(&Spectrum) -> f64| spectra.iter().map(|one| of(one)).sum::<f64>() / n;
    let row = |at: usize| {
        let residual = spectra.iter().map(|one| one.residual[at]).fold(0.0, f64::max);
        [mean(&|one| one.value[at]), mean(&|one| one.weight[at]), residual]
    };
    Shape::Values { values: (0..most).map(row).collect() }
}

fn lines(slices: &[&Slice]) -> Shape {
    let first: Vec<f64> = stretch(slices[0], 0).map_or_else(Vec::new, |(x, _)| x.to_vec());
    let parts = |slice: &&Slice| slice.part.iter().max().map_or(0, |most| *most as usize + 1);
    let all: Vec<&[f64]> = slices
        .iter()
        .flat_map(|slice| (0..parts(slice)).filter_map(|part| stretch(slice, part)))
        .filter(|(x, _)| *x == first)
        .map(|(_, loss)| loss)
        .collect();
    let over = |f: &dyn Fn(&mut dyn Iterator<Item = f64>) -> f64| -> Vec<f64> {
        (0..first.len()).map(|at| f(&mut all.iter().map(|loss| loss[at]))).collect()
    };
    let n = all.len() as f64;
    Shape::Lines {
        mean: over(&|losses| losses.sum::<f64>() / n),
        low: over(&|losses| losses.fold(f64::INFINITY, f64::min)),
        high: over(&|losses| losses.fold(f64::NEG_INFINITY, f64::max)),
        lines: all.len(),
        x: first,
    }
}

/// Places and losses of one line of a slice.
fn stretch(slice: &Slice, part: usize) -> Option<(&[f64], &[f64])> {
    let start = slice.part.iter().position(|own| *own as usize == part)?;
    let length = slice.part[start..].iter().take_while(|own| **own as usize == part).count();
    Some((slice.x.get(start..start + length)?, slice.loss.get(start..start + length)?))
}

fn plane(slice: &Slice) -> Shape {
    let count = slice.part.iter().take_while(|part| **part == slice.part[0]).count();
    let side = (count as f64).sqrt().round() as usize;
    let span = slice.x.iter().copied().fold(0.0, f64::max);
    Shape::Plane { side, span, loss: slice.loss[..side * side].to_vec() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::store::Curve;

    fn group(arm: &str, runs: Vec<Details>) -> Group {
        let member = |details| Member {
            seed: 0,
            record: None,
            curve: Some(Arc::new(Curve { details, ..Curve::default() })),
        };
        Group {
            arm: arm.to_owned(),
            point: vec![],
            members: runs.into_iter().map(member).collect(),
            ..Group::default()
        }
    }

    fn spectrum(quantity: &str, step: u64, values: &[f64]) -> Details {
        let mut spectrum = Spectrum { step, ..Spectrum::of(quantity, 9) };
        for value in values {
            spectrum.push(0, *value, 1.0, 1e-9);
        }
        Details { spectra: vec![spectrum], slices: vec![] }
    }

    fn shapes(groups: Vec<Group>, quantity: Quantity) -> Vec<PictureRow> {
        let results = Results { axes: vec![], groups };
        pictures(&results, &[quantity]).into_iter().flat_map(|picture| picture.rows).collect()
    }

    #[test]
    fn a_density_has_all_of_its_mass_on_the_scale_of_all_arms() {
        let mut twice = spectrum("spectrum", 0, &[100.0]);
        twice.append(spectrum("spectrum", 5, &[0.0, 0.0, 0.0, 4.0]));
        let rows = shapes(
            vec![group("a", vec![twice]), group("b", vec![spectrum("spectrum", 5, &[-4.0, 2.0])])],
            Quantity::Spectrum,
        );
        for (row, ends) in rows.iter().zip([[0.0, 4.0], [-4.0, 2.0]]) {
            let Shape::Density { low, high, mass, ends: own } = &row.shape else { panic!("{row:?}") };
            assert_eq!(([*low, *high], *own), ([-4.0, 4.0], ends));
            assert!((mass.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
        let Shape::Density { mass, .. } = &rows[0].shape else { panic!() };
        assert!((mass[60..].iter().sum::<f64>() - 0.25).abs() < 1e-9, "the outlier is one of four");
        assert!(shapes(vec![group("a", vec![Details::default()])], Quantity::Spectrum).is_empty());
    }

    #[test]
    fn eigenvalues_are_means_and_residuals_the_worst() {
        let runs = vec![spectrum("eigenvalues", 1, &[4.0, 1.0]), spectrum("eigenvalues", 1, &[2.0, 1.0])];
        let rows = shapes(vec![group("a", runs)], Quantity::Eigenvalues);
        assert_eq!(rows[0].shape, Shape::Values { values: vec![[3.0, 1.0, 1e-9], [1.0, 1.0, 1e-9]] });
        assert_eq!((rows[0].runs, rows[0].examples), (2, 9));
    }

    #[test]
    fn lines_keep_the_spread_of_all_directions_and_ways_stay_apart() {
        let slice = |path: &str, quantity: &str, losses: [f64; 4]| {
            let mut slice = Slice::of(quantity, path, 9);
            for (at, loss) in losses.into_iter().enumerate() {
                slice.push(at / 2, [(at % 2) as f64, 0.0], (loss, f64::NAN));
            }
            Details { spectra: vec![], slices: vec![slice] }
        };
        let mut both = slice("line", "barrier", [1.0, 2.0, 3.0, 6.0]);
        both.append(slice("aligned", "barrier", [1.0, 1.0, 1.0, 1.0]));
        let results = Results { axes: vec![], groups: vec![group("a", vec![both])] };
        let found = pictures(&results, &[]);
        assert_eq!(
            found.iter().map(|picture| picture.path.as_str()).collect::<Vec<_>>(),
            ["line", "aligned"]
        );
        let (x, mean, low, high) = (vec![0.0, 1.0], vec![2.0, 4.0], vec![1.0, 2.0], vec![3.0, 6.0]);
        assert_eq!(found[0].rows[0].shape, Shape::Lines { x, mean, low, high, lines: 2 });
        let mut plane = slice("random", "plane", [1.0, 2.0, 3.0, 4.0]);
        plane.slices[0].part = vec![0; 4];
        let rows = shapes(vec![group("a", vec![plane])], Quantity::Plane);
        assert_eq!(rows[0].shape, Shape::Plane { side: 2, span: 1.0, loss: vec![1.0, 2.0, 3.0, 4.0] });
    }
}
