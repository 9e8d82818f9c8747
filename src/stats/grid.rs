//! Statistics of values on a full grid: one value for each crossing of some axes, the last axis varying fastest.

use super::{describe, kendall};

/// Lines of a grid along one of its axes: for each crossing of the others the indices of its points.
fn lines(sizes: &[usize], axis: usize) -> Vec<Vec<usize>> {
    let step: usize = sizes[axis + 1..].iter().product();
    let size = sizes[axis];
    let all: usize = sizes.iter().product();
    let starts = (0..all).filter(|index| index / step % size == 0);
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
/// τ-b over all crossings of the other axes, and the mean of these. A line on which one side does not vary has no τ and
/// is left out, an axis of which every line is left out likewise; `None` where nothing is left.
pub fn granulated_kendall(x: &[f64], y: &[f64], sizes: &[usize], along: &[usize]) -> Option<f64> {
    if !fits(sizes, &[x.len(), y.len()]) {
        return None;
    }
    let of_axis = |axis: usize| {
        let taus =
            lines(sizes, axis).into_iter().filter_map(|line| kendall(&pick(x, &line), &pick(y, &line)));
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
pub fn eta_squared(y: &[f64], sizes: &[usize], factors: &[usize]) -> Option<f64> {
    if !fits(sizes, &[y.len()]) {
        return None;
    }
    let mean = describe::mean(y)?;
    let total: f64 = y.iter().map(|y| (y - mean).powi(2)).sum();
    // By inclusion and exclusion: of each subset of the factors the squares that its crossing explains.
    let subsets = (0..1_usize << factors.len()).map(|subset| {
        let chosen: Vec<usize> = factors
            .iter()
            .enumerate()
            .filter(|(bit, _)| subset >> bit & 1 == 1)
            .map(|(_, axis)| *axis)
            .collect();
        let sign = if (factors.len() - chosen.len()).is_multiple_of(2) { 1.0 } else { -1.0 };
        sign * explained(y, sizes, &chosen, mean)
    });
    let share = subsets.sum::<f64>() / total;
    share.is_finite().then(|| share.clamp(0.0, 1.0))
}

/// Σ (mean of the points that agree along `axes` − mean)² over all points.
fn explained(y: &[f64], sizes: &[usize], axes: &[usize], mean: f64) -> f64 {
    let mut cells = std::collections::BTreeMap::<Vec<usize>, (f64, f64)>::new();
    for (index, y) in y.iter().enumerate() {
        let place = |axis: &usize| index / sizes[axis + 1..].iter().product::<usize>() % sizes[*axis];
        let (sum, count) = cells.entry(axes.iter().map(place).collect()).or_default();
        *sum += y;
        *count += 1.0;
    }
    cells.values().map(|(sum, count)| count * (sum / count - mean).powi(2)).sum()
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
        // Along b both rows agree: τ = 1. Along a x does not vary: no line, so b alone counts.
        assert_eq!(granulated_kendall(&x, &y, &sizes, &[0, 1]), Some(1.0));
        assert_eq!(granulated_kendall(&x, &y, &sizes, &[0]), None);
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
            assert!((eta_squared(&y, &sizes, factors).unwrap() - share).abs() < 1e-12);
        }
        assert_eq!(eta_squared(&[1.0, -1.0, -1.0, 1.0], &sizes, &[0, 1]), Some(1.0));
        assert_eq!(eta_squared(&[2.0; 4], &sizes, &[0]), None);
    }

    proptest! {
        #[test]
        fn shares_of_all_effects_sum_to_one(y in proptest::collection::vec(-10.0..10.0_f64, 24)) {
            let sizes = [2, 3, 4];
            let all = [&[0][..], &[1], &[2], &[0, 1], &[0, 2], &[1, 2], &[0, 1, 2]];
            let sum: f64 = all.iter().map(|factors| eta_squared(&y, &sizes, factors).unwrap()).sum();
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
