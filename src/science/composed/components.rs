//! What makes predictions differ: analysis of variance in a crossed design of random effects, each value of a factor taken
//! once with every value of the others (Searle, Casella and `McCulloch` 1992, ch. 4).
//!
//! The mean square of a set S of factors has the expectation Σ σ²(T) n(not T), summed over all sets T that contain S, with
//! n(not T) the product of the sizes of all other factors. Solved from the largest set down, that gives an unbiased estimate
//! of each σ²(S). They add up to the variance of the prediction of one member; and with the squared bias, less what of them
//! is in the mean, to the mean squared error of the members, exactly.

/// Sums over all coordinates of a prediction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Components {
    /// ‖mean − y‖², less the variance of the mean.
    pub bias: f64,
    /// σ²(S) of every set of factors, the bits of its place telling which: place 5 is that of the first and the third.
    pub variances: Vec<f64>,
    /// Mean of ‖f − y‖² over members.
    pub error: f64,
}

impl Components {
    /// The variance of one member's prediction.
    pub fn variance(&self) -> f64 {
        self.variances.iter().sum()
    }
}

/// Of the predictions of members in the order of their factors' values, the last factor varying fastest, around `y`. Factors
/// of a single value have no part in it.
pub fn components(sizes: &[usize], predictions: &[Vec<f64>], y: &[f64]) -> Components {
    let sets = 1_usize << sizes.len();
    let mut found = Components { variances: vec![0.0; sets], ..Components::default() };
    let members = predictions.len() as f64;
    let mut column = vec![0.0; predictions.len()];
    let mut mean_squares = vec![0.0; sets];
    let mut off_mean = 0.0;
    let tables: Vec<Table> = (0..sets).map(|set| Table::new(sizes, set)).collect();
    for (place, y) in y.iter().enumerate() {
        for (slot, prediction) in column.iter_mut().zip(predictions) {
            *slot = prediction[place] - y;
        }
        found.error += column.iter().map(|off| off * off).sum::<f64>() / members;
        off_mean += (column.iter().sum::<f64>() / members).powi(2);
        // Uncorrected sums of squares of the means over everything but a set, and from them those of the set alone.
        let raw: Vec<f64> = tables.iter().map(|table| table.of_means(&column)).collect();
        for (set, square) in mean_squares.iter_mut().enumerate() {
            *square += subsets(set)
                .map(|part| {
                    if (set.count_ones() - part.count_ones()).is_multiple_of(2) {
                        raw[part]
                    } else {
                        -raw[part]
                    }
                })
                .sum::<f64>();
        }
    }
    let count = |set: usize, of: fn(usize) -> f64| -> f64 {
        (0..sizes.len()).filter(|factor| set >> factor & 1 == 1).map(|factor| of(sizes[factor])).product()
    };
    for set in (1..sets).rev() {
        let freedom = count(set, |size| size as f64 - 1.0);
        if freedom == 0.0 {
            continue;
        }
        let outside = |set: usize| members / count(set, |size| size as f64);
        let larger = (set + 1..sets).filter(|other| other & set == set);
        let explained: f64 = larger.map(|other| outside(other) * found.variances[other]).sum();
        found.variances[set] = (mean_squares[set] / freedom - explained) / outside(set);
    }
    let of_mean: f64 = (1..sets).map(|set| found.variances[set] / count(set, |size| size as f64)).sum();
    found.bias = off_mean - of_mean;
    found
}

/// The members by the values of some of the factors.
struct Table {
    /// The cell of each member.
    cells: Vec<usize>,
    /// How many cells there are.
    count: usize,
}

impl Table {
    /// By the factors of a set.
    fn new(sizes: &[usize], set: usize) -> Self {
        let (mut cells, mut count) = (vec![0], 1);
        for (factor, &size) in sizes.iter().enumerate() {
            let within = set >> factor & 1 == 1;
            let crossed = |cell: &usize| {
                let cell = *cell;
                (0..size).map(move |at| if within { cell * size + at } else { cell })
            };
            cells = cells.iter().flat_map(crossed).collect();
            count *= if within { size } else { 1 };
        }
        Self { cells, count }
    }

    /// Σ over cells of (sum over their members)² / how many.
    fn of_means(&self, column: &[f64]) -> f64 {
        let mut sums = vec![0.0; self.count];
        self.cells.iter().zip(column).for_each(|(cell, value)| sums[*cell] += value);
        let members = column.len() as f64 / self.count as f64;
        sums.iter().map(|sum| sum * sum / members).sum()
    }
}

/// All subsets of a set, itself and the empty one among them.
fn subsets(set: usize) -> impl Iterator<Item = usize> {
    (0..=set).filter(move |part| part & set == *part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Stream;
    use proptest::prelude::*;

    #[test]
    fn of_one_factor_it_is_the_variance_with_ddof_one() {
        let predictions = [1.0, 2.0, 6.0].map(|value| vec![value]);
        let found = components(&[3], &predictions, &[1.0]);
        // Mean 3, variance (4 + 1 + 9)/2 = 7; bias² = 4 − 7/3.
        assert!((found.variance() - 7.0).abs() < 1e-12 && (found.bias - (4.0 - 7.0 / 3.0)).abs() < 1e-12);
        assert!((found.error - (0.0 + 1.0 + 25.0) / 3.0).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn bias_and_variance_add_up_to_the_error(
            sizes in prop::collection::vec(1_usize..5, 1..4),
            seed in 0_u64..1_000,
        ) {
            prop_assume!(sizes.iter().product::<usize>() > 1);
            let mut stream = Stream::new(seed, "members");
            let predictions: Vec<Vec<f64>> = (0..sizes.iter().product())
                .map(|_| (0..3).map(|_| stream.normal()).collect())
                .collect();
            let found = components(&sizes, &predictions, &[0.5, -1.0, 2.0]);
            prop_assert!((found.bias + found.variance() - found.error).abs() < 1e-9 * found.error.max(1.0));
        }
    }

    /// f = a + b + ab with a, b, ab drawn with variances 4, 1 and ¼.
    #[test]
    fn effects_are_found_where_they_were_put_without_bias() {
        let mut stream = Stream::new(3, "effects");
        let mut mean = [0.0; 4];
        let tables = 400;
        for _ in 0..tables {
            let a: Vec<f64> = (0..4).map(|_| 2.0 * stream.normal()).collect();
            let b: Vec<f64> = (0..5).map(|_| stream.normal()).collect();
            let members: Vec<Vec<f64>> = a
                .iter()
                .flat_map(|a| b.iter().map(move |b| (a, b)))
                .map(|(a, b)| vec![a + b + 0.5 * stream.normal()])
                .collect();
            let found = components(&[4, 5], &members, &[0.0]);
            for (sum, part) in mean.iter_mut().zip(&found.variances) {
                *sum += part / f64::from(tables);
            }
        }
        // Four standard errors or so: of σ²_a √(2/3)·(4 + …)/√400.
        assert!((mean[1] - 4.0).abs() < 0.7 && (mean[2] - 1.0).abs() < 0.2, "{mean:?}");
        assert!((mean[3] - 0.25).abs() < 0.03 && mean[0] == 0.0, "{mean:?}");
    }
}
