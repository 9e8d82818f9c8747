//! Statistics of values on a full grid: one value for each crossing of some axes, the last axis varying fastest.

use std::collections::BTreeMap;

use super::{describe, kendall};

/// Lines of a grid along one of its axes: for each crossing of the others the indices of its points.
fn lines(sizes: &[usize], axis: usize) -> Vec<Vec<usize>> {
    let step: usize = sizes[axis + 1..].iter().product();
    let size = sizes[axis];
    let all: usize = sizes.iter().product();
    let starts = (0..all).filter(|index| (index / step).is_multiple_of(size));
    starts.map(|start| (0..size).map(|place| start + place * step).collect()).collect()
}

fn pick(values: &[f64], indices: &[usize]) -> Vec<f64> {
    indices.iter().map(|&index| values[index]).collect()
}

/// Whether values are those of a grid of these sizes.
fn fits(sizes: &[usize], lengths: &[usize]) -> bool {
    let all: usize = sizes.iter().product();
    all > 0 && lengths.iter().all(|length| *length == all)
}

/// The granulated Kendall coefficient ψ (Jiang et al. 2020, arXiv:1912.02178, eq. 7): along each of `along` the mean of
/// τ-b over all crossings of the other axes, and the mean of these. Where x does not vary it says nothing of a y that
/// does: τ is 0. A line on which y does not vary asks nothing and is left out, an axis of which every line is left out
/// likewise; `None` where nothing is left.
pub fn granulated_kendall(x: &[f64], y: &[f64], sizes: &[usize], along: &[usize]) -> Option<f64> {
    if !fits(sizes, &[x.len(), y.len()]) {
        return None;
    }
    let of_axis = |axis: usize| {
        let taus = lines(sizes, axis).into_iter().filter_map(|line| {
            let (x, y) = (pick(x, &line), pick(y, &line));
            let varies = y.iter().any(|value| *value != y[0]);
            varies.then(|| kendall(&x, &y).unwrap_or(0.0))
        });
        describe::mean(&taus.collect::<Vec<_>>())
    };
    describe::mean(&along.iter().filter_map(|&axis| of_axis(axis)).collect::<Vec<_>>())
}

/// The sign error (Dziugaite et al. 2020, arXiv:2010.11924): of all pairs of points that differ along one of `along`
/// alone, the share in which x does not move as y does. Pairs with equal y say nothing and are left out; equal x is half
/// an error. `None` where no pair is left.
pub fn sign_error(x: &[f64], y: &[f64], sizes: &[usize], along: &[usize]) -> Option<f64> {
    if !fits(sizes, &[x.len(), y.len()]) {
        return None;
    }
    let (mut errors, mut pairs) = (0.0, 0.0);
    for line in along.iter().flat_map(|&axis| lines(sizes, axis)) {
        for (place, &a) in line.iter().enumerate() {
            for &b in &line[..place] {
                let (by_x, by_y) = (x[a].partial_cmp(&x[b])? as i8, y[a].partial_cmp(&y[b])? as i8);
                if by_y != 0 {
                    pairs += 1.0;
                    errors += f64::from((by_y - by_x * by_y.abs()).abs()) / 2.0;
                }
            }
        }
    }
    (pairs > 0.0).then(|| errors / pairs)
}

/// η² of a main effect or an interaction: the share of the sum of squares around the mean that belongs to the crossing
/// of `factors` and to no fewer of them (Fisher 1925; the design is balanced, so the shares of all effects sum to 1).
/// `None` where nothing varies.
///
/// `again` is the same grid measured independently of `y` (the mean of other seeds). Effects are then multiplied with
/// those found there: in the square of an effect its noise counts, and a grid of pure noise would be all interaction; in
/// the product of two independent findings it averages to nothing. Such a share may be negative. Without a second
/// measurement pass `y` itself.
pub fn eta_squared(y: &[f64], again: &[f64], sizes: &[usize], factors: &[usize]) -> Option<f64> {
    if !fits(sizes, &[y.len(), again.len()]) {
        return None;
    }
    let means = [describe::mean(y)?, describe::mean(again)?];
    let total: f64 = y.iter().map(|y| (y - means[0]).powi(2)).sum();
    // By inclusion and exclusion: of each subset of the factors the squares that its crossing explains.
    let subsets = (0..1_usize << factors.len()).map(|subset| {
        let chosen: Vec<usize> = factors
            .iter()
            .enumerate()
            .filter(|(bit, _)| subset >> bit & 1 == 1)
            .map(|(_, axis)| *axis)
            .collect();
        let sign = if (factors.len() - chosen.len()).is_multiple_of(2) { 1.0 } else { -1.0 };
        sign * explained([y, again], sizes, &chosen, means)
    });
    let share = subsets.sum::<f64>() / total;
    share.is_finite().then_some(share)
}

/// Σ over all points of the effects of the points that agree along `axes`: mean less the mean of all, in the one grid times
/// in the other.
fn explained([y, again]: [&[f64]; 2], sizes: &[usize], axes: &[usize], means: [f64; 2]) -> f64 {
    let mut cells = BTreeMap::<Vec<usize>, [f64; 3]>::new();
    for (index, (y, again)) in y.iter().zip(again).enumerate() {
        let place = |axis: &usize| index / sizes[axis + 1..].iter().product::<usize>() % sizes[*axis];
        let cell = cells.entry(axes.iter().map(place).collect()).or_default();
        *cell = [cell[0] + y, cell[1] + again, cell[2] + 1.0];
    }
    let product = |[y, again, n]: &[f64; 3]| n * (y / n - means[0]) * (again / n - means[1]);
    cells.values().map(product).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn by_hand() {
        // Rows a, columns b: y rises along b, and along a in one column only.
        let (sizes, y) = ([2, 3], [1.0, 2.0, 3.0, 1.5, 1.9, 3.0]);
        let x = [0.0, 1.0, 2.0, 0.0, 1.0, 2.0];
        // Along b both rows agree: τ = 1. Along a x does not vary where y does: τ = 0.
        assert_eq!(granulated_kendall(&x, &y, &sizes, &[0, 1]), Some(0.5));
        assert_eq!(granulated_kendall(&x, &y, &sizes, &[0]), Some(0.0));
        assert_eq!(granulated_kendall(&x, &x, &sizes, &[0]), None, "nothing is asked");
        // Along a two pairs have unequal y, x equal: half an error each; along b six, none wrong.
        assert_eq!(sign_error(&x, &y, &sizes, &[0]), Some(0.5));
        assert_eq!(sign_error(&x, &y, &sizes, &[1]), Some(0.0));
        assert_eq!(sign_error(&x, &y, &sizes, &[0, 1]), Some(1.0 / 8.0));
        let minus: Vec<f64> = x.iter().map(|x| -x).collect();
        assert_eq!(sign_error(&minus, &y, &sizes, &[1]), Some(1.0));
        assert_eq!(granulated_kendall(&x, &y[1..], &sizes, &[1]), None);
    }

    #[test]
    fn effects_by_hand() {
        // y = 3 a + b on {0, 1}²: squares 9 and 1, no interaction; then a pure interaction.
        let sizes = [2, 2];
        let y = [0.0, 1.0, 3.0, 4.0];
        for (factors, share) in [(&[0][..], 0.9), (&[1], 0.1), (&[0, 1], 0.0)] {
            assert!((eta_squared(&y, &y, &sizes, factors).unwrap() - share).abs() < 1e-12);
        }
        let crossed = [1.0, -1.0, -1.0, 1.0];
        assert_eq!(eta_squared(&crossed, &crossed, &sizes, &[0, 1]), Some(1.0));
        assert_eq!(eta_squared(&[2.0; 4], &crossed, &sizes, &[0]), None);
    }

    #[test]
    fn noise_has_no_effect_on_average() {
        let mut stream = crate::base::rng::Stream::new(1, "noise");
        let sizes = [4, 4];
        let mut grid = || (0..16).map(|_| stream.normal()).collect::<Vec<_>>();
        let (mut once, mut crossed) = (Vec::new(), Vec::new());
        for _ in 0..2_000 {
            let (y, again) = (grid(), grid());
            once.push(eta_squared(&y, &y, &sizes, &[0, 1]).unwrap());
            crossed.push(eta_squared(&y, &again, &sizes, &[0, 1]).unwrap());
        }
        // Nine of fifteen degrees of freedom are those of the interaction.
        assert!((describe::mean(&once).unwrap() - 0.6).abs() < 0.02);
        assert!(describe::mean(&crossed).unwrap().abs() < 0.03);
    }

    proptest! {
        #[test]
        fn shares_of_all_effects_sum_to_one(y in proptest::collection::vec(-10.0..10.0_f64, 24)) {
            let sizes = [2, 3, 4];
            let all = [&[0][..], &[1], &[2], &[0, 1], &[0, 2], &[1, 2], &[0, 1, 2]];
            let sum: f64 = all.iter().map(|factors| eta_squared(&y, &y, &sizes, factors).unwrap()).sum();
            prop_assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        }

        #[test]
        fn order_is_all_that_counts(x in proptest::collection::vec(-3.0..3.0_f64, 12), y in proptest::collection::vec(-3.0..3.0_f64, 12)) {
            let sizes = [3, 4];
            let bent: Vec<f64> = x.iter().map(|x| x.exp() + 5.0).collect();
            for along in [&[0][..], &[1], &[0, 1]] {
                prop_assert_eq!(granulated_kendall(&x, &y, &sizes, along), granulated_kendall(&bent, &y, &sizes, along));
                let error = sign_error(&x, &y, &sizes, along).unwrap();
                prop_assert_eq!(Some(error), sign_error(&bent, &y, &sizes, along));
                let minus: Vec<f64> = x.iter().map(|x| -x).collect();
                prop_assert!((error + sign_error(&minus, &y, &sizes, along).unwrap() - 1.0).abs() < 1e-12);
            }
            prop_assert_eq!(granulated_kendall(&x, &y, &[12], &[0]), kendall(&x, &y));
        }
    }
}
