//! Histograms of several samples on the same bins.

use super::describe::quantile;

/// Even bins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bins {
    /// Where the first begins.
    pub low: f64,
    /// Where the last ends.
    pub high: f64,
    /// How many there are.
    pub count: usize,
}

impl Bins {
    /// Bins over all finite values of these samples, at most so many: as wide as suits the sample that varies least by
    /// the rule of Freedman and Diaconis (1981), so that none of them is a single bar where there is room for more.
    /// `None` where there is no value.
    pub fn over(samples: &[Vec<f64>], most: usize) -> Option<Self> {
        let finite = || samples.iter().flatten().copied().filter(|value| value.is_finite());
        let low = finite().reduce(f64::min)?;
        let high = finite().reduce(f64::max)?;
        if low == high {
            // A single value stands in the middle of what is seen.
            let half = if low == 0.0 { 0.5 } else { low.abs() / 2.0 };
            return Some(Self { low: low - half, high: high + half, count: 1 });
        }
        let wide = samples.iter().filter_map(|sample| width(sample)).reduce(f64::min);
        let count = wide.map_or(1.0, |wide| ((high - low) / wide).ceil());
        Some(Self { low, high, count: (count.max(FEWEST as f64) as usize).min(most.max(1)) })
    }

    /// How many of these values each bin has. Those beyond the ends are in none.
    pub fn counts(&self, sample: &[f64]) -> Vec<usize> {
        let mut counts = vec![0; self.count];
        for value in sample.iter().filter(|value| (self.low..=self.high).contains(*value)) {
            let share = (value - self.low) / (self.high - self.low);
            let at = ((share * self.count as f64) as usize).min(self.count.saturating_sub(1));
            if let Some(count) = counts.get_mut(at) {
                *count += 1;
            }
        }
        counts
    }

    /// How wide each is.
    pub fn width(&self) -> f64 {
        (self.high - self.low) / self.count as f64
    }
}

/// Fewest bins that show a shape.
const FEWEST: usize = 5;

/// Twice the range of the middle half by the cube root of how many there are; `None` where that is nothing.
fn width(sample: &[f64]) -> Option<f64> {
    let finite: Vec<f64> = sample.iter().copied().filter(|value| value.is_finite()).collect();
    if finite.len() < 2 {
        return None;
    }
    let [quarter, most] = [quantile(&finite, 0.25)?, quantile(&finite, 0.75)?];
    let wide = 2.0 * (most - quarter) / (finite.len() as f64).cbrt();
    Some(wide).filter(|wide| *wide > 0.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bins_suit_what_varies_least() {
        let narrow: Vec<f64> = (0..8).map(|at| 4.0 + f64::from(at) * 0.1).collect();
        let wide: Vec<f64> = (0..8).map(|at| 10.0 + f64::from(at)).collect();
        let bins = Bins::over(&[narrow.clone(), wide], 200).unwrap();
        // Twice an interquartile range of 0.35 by 2.
        assert_eq!((bins.low, bins.high, bins.count), (4.0, 17.0, 38));
        assert_eq!(bins.counts(&narrow)[..4], [4, 3, 1, 0]);
        assert_eq!(Bins::over(&[vec![f64::NAN]], 9), None);
        let one = Bins::over(&[vec![3.0, 3.0]], 9).unwrap();
        assert_eq!((one.count, one.counts(&[3.0, 3.0])), (1, vec![2]));
    }

    proptest! {
        #[test]
        fn every_finite_value_is_in_one_bin_and_the_extremes_are_in_the_outermost(
            sample in prop::collection::vec(-1e6..1e6_f64, 1..40), other in prop::collection::vec(-1e3..1e3_f64, 0..9),
            most in 1_usize..60,
        ) {
            let bins = Bins::over(&[sample.clone(), other.clone()], most).unwrap();
            let counts = bins.counts(&sample);
            prop_assert!(counts.len() <= most.max(1));
            prop_assert_eq!(counts.iter().sum::<usize>(), sample.len());
            let all: Vec<usize> = counts.iter().zip(bins.counts(&other)).map(|(a, b)| a + b).collect();
            prop_assert!(all[0] > 0 && all[all.len() - 1] > 0);
        }
    }
}
