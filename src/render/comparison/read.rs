//! What spectra and slices say under the cursor. It stands at the same share of every level axis, as in charts of curves.

use super::pictures::short;
use crate::base::number::interval;
use crate::compare::pictures::{PictureRow, Shape};
use crate::render::number::significant;
use crate::render::sparkline::Scale;

/// The measured place nearest to that share of `axis`, over all rows that are lines.
pub(super) fn place(rows: &[PictureRow], axis: Scale, share: f64) -> Option<f64> {
    let places = rows.iter().flat_map(|row| match &row.shape {
        Shape::Lines { x, .. } => x.as_slice(),
        _ => &[],
    });
    nearest(places.copied(), |place| axis.height(place), share.clamp(0.0, 1.0))
}

fn nearest(places: impl Iterator<Item = f64>, height: impl Fn(f64) -> f64, wanted: f64) -> Option<f64> {
    let distance = |place: &f64| (height(*place) - wanted).abs();
    places.filter(|place| place.is_finite()).min_by(|a, b| distance(a).total_cmp(&distance(b)))
}

/// `at 0.4: 0.31, lines from 0.29 to 0.33`: the nearest of its own places.
pub(super) fn line(row: &PictureRow, at: f64) -> Option<String> {
    let Shape::Lines { x, mean, low, high, lines } = &row.shape else { return None };
    let own = nearest(x.iter().copied(), |place| place, at)?;
    let index = x.iter().position(|place| *place == own)?;
    let [mean, low, high] = [mean, low, high].map(|values| values.get(index).copied().unwrap_or(f64::NAN));
    if !mean.is_finite() {
        return Some(format!("at {}: not a number", significant(own, 3)));
    }
    let value = if *lines > 1 && low.is_finite() && high.is_finite() {
        format!("{} over {lines} lines", interval(mean, low, high, &[]))
    } else {
        significant(mean, 4)
    };
    Some(format!("at {}: {value}", significant(own, 3)))
}

/// The place of a density at that share of its axis.
pub(super) fn bin(places: usize, share: f64) -> usize {
    (share.clamp(0.0, 1.0) * places.saturating_sub(1) as f64).round() as usize
}

/// `at 3.2: 0.4 % of the eigenvalues, 12 % above`.
pub(super) fn density(row: &PictureRow, share: f64) -> Option<String> {
    let Shape::Density { low, high, mass, .. } = &row.shape else { return None };
    let bin = bin(mass.len(), share);
    let place = low + (high - low) * bin as f64 / mass.len().saturating_sub(1).max(1) as f64;
    let here = mass.get(bin).copied().unwrap_or(0.0);
    let above: f64 = mass.iter().skip(bin + 1).sum();
    Some(format!("at {}: {} of the eigenvalues, {} above", short(place), percent(here), percent(above)))
}

fn percent(share: f64) -> String {
    // What rounding leaves of a sum is nothing.
    if share < 1e-12 { "none".to_owned() } else { format!("{} %", significant(100.0 * share, 2)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sparkline::ScaleKind;

    fn row(shape: Shape) -> PictureRow {
        PictureRow { arm: "flat".to_owned(), point: String::new(), runs: 3, examples: 9, shape }
    }

    #[test]
    fn a_slice_is_read_where_it_was_measured() {
        let lines = |lines| {
            let (mean, low, high) = (vec![3.0, 1.0, f64::NAN], vec![2.0, 0.5, 0.0], vec![4.0, 1.5, 0.0]);
            row(Shape::Lines { x: vec![-1.0, 0.0, 1.0], mean, low, high, lines })
        };
        let axis = Scale { low: -1.0, high: 1.0, kind: ScaleKind::Linear };
        for (share, several, single) in [
            (0.0, "at -1: 3.0 [2.0, 4.0] over 5 lines", "at -1: 3"),
            (0.6, "at 0: 1.0 [0.5, 1.5] over 5 lines", "at 0: 1"),
            (1.0, "at 1: not a number", "at 1: not a number"),
        ] {
            let read = |count| {
                let row = lines(count);
                line(&row, place(std::slice::from_ref(&row), axis, share).unwrap()).unwrap()
            };
            assert_eq!(
                (read(5).replace('−', "-").as_str(), read(1).replace('−', "-").as_str()),
                (several, single)
            );
        }
    }

    #[test]
    fn a_density_is_read_in_shares() {
        let density_of =
            |mass: &[f64]| row(Shape::Density { low: 0.0, high: 4.0, mass: mass.to_vec(), ends: [0.0, 4.0] });
        let row = density_of(&[0.9, 0.0, 0.06, 0.0, 0.04]);
        let read = |share| density(&row, share).unwrap();
        assert_eq!(read(0.0), "at 0: 90 % of the eigenvalues, 10 % above");
        assert_eq!(read(0.5), "at 2: 6 % of the eigenvalues, 4 % above");
        assert_eq!(read(1.0), "at 4: 4 % of the eigenvalues, none above");
    }
}
