//! Random features, made a block at a time: the widest models have more of them than fit into memory.

use faer::{Mat, MatRef};

use crate::base::rng::Stream;
use crate::science::dense::waves;
use crate::spec::FeatureMap;

/// The features of a model, in their order.
#[derive(Clone)]
pub struct Features {
    map: FeatureMap,
    inputs: usize,
    left: usize,
    stream: Stream,
}

/// Some features, one after the other.
pub struct Block {
    map: FeatureMap,
    /// `inputs × features`.
    directions: Mat<f64>,
    /// One for each of Fourier's.
    phases: Vec<f64>,
}

impl Features {
    /// All features of a model. Those of a `nested` one are the first of an endless row that the seed decides, so that a
    /// wider model has all those of a narrower one.
    pub fn new(map: FeatureMap, count: usize, nested: bool, inputs: usize, seed: u64) -> Self {
        let name = if nested { "features".to_owned() } else { format!("features.{count}") };
        Self { map, inputs, left: count, stream: Stream::new(seed, &name) }
    }

    /// The next features, at most so many; `None` behind the last.
    pub fn next(&mut self, most: usize) -> Option<Block> {
        let count = self.left.min(most);
        if count == 0 {
            return None;
        }
        self.left -= count;
        let deviation = match self.map {
            FeatureMap::Fourier { bandwidth } => 1.0 / bandwidth,
            FeatureMap::Relu => 1.0 / (self.inputs as f64).sqrt(),
        };
        let mut directions = Mat::zeros(self.inputs, count);
        let mut phases = Vec::new();
        for feature in 0..count {
            // Feature by feature, or a wider block would hold others.
            for input in 0..self.inputs {
                directions[(input, feature)] = deviation * self.stream.normal();
            }
            if let FeatureMap::Fourier { .. } = self.map {
                phases.push(std::f64::consts::TAU * self.stream.uniform());
            }
        }
        Some(Block { map: self.map, directions, phases })
    }
}

impl Block {
    /// The features of examples `x` (`n × inputs`): `n × features`.
    pub fn of(&self, x: MatRef<'_, f64>) -> Mat<f64> {
        let mut values = x * &self.directions;
        for feature in 0..values.ncols() {
            let column = values.col_as_slice_mut(feature);
            match self.map {
                FeatureMap::Fourier { .. } => waves(column, self.phases[feature], std::f64::consts::SQRT_2),
                FeatureMap::Relu => column.iter_mut().for_each(|z| *z = z.max(0.0)),
            }
        }
        values
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.directions.ncols()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOURIER: FeatureMap = FeatureMap::Fourier { bandwidth: 2.0 };

    #[test]
    fn a_wider_model_has_all_features_of_a_narrower_one_in_blocks_of_any_size() {
        let x = Mat::from_fn(3, 4, |row, column| (row * 4 + column) as f64 / 10.0);
        for map in [FOURIER, FeatureMap::Relu] {
            let all = |count, nested, most| {
                let mut features = Features::new(map, count, nested, 4, 7);
                let mut columns: Vec<Vec<f64>> = Vec::new();
                while let Some(block) = features.next(most) {
                    let values = block.of(x.as_ref());
                    columns.extend(values.col_iter().map(|column| column.iter().copied().collect()));
                }
                columns
            };
            let wide = all(20, true, 20);
            assert_eq!(wide, all(20, true, 3));
            assert_eq!(wide[..7], all(7, true, 5)[..]);
            assert_ne!(wide[..7], all(7, false, 7)[..]);
        }
    }

    #[test]
    fn fourier_features_come_to_the_gaussian_kernel_and_relu_features_to_that_of_cho_and_saul() {
        let x = Mat::from_fn(2, 3, |row, column| [[1.0, 0.5, -0.2], [0.3, -0.4, 0.8]][row][column]);
        let mean = |map| {
            let values = Features::new(map, 40_000, true, 3, 1).next(40_000).unwrap().of(x.as_ref());
            (0..40_000).map(|k| values[(0, k)] * values[(1, k)]).sum::<f64>() / 40_000.0
        };
        let distance: f64 = (0..3).map(|k| (x[(0, k)] - x[(1, k)]).powi(2)).sum();
        // Four standard errors: the variance of a product of two is below 1 for Fourier's, below ¼ for these relus.
        assert!((mean(FOURIER) - (-distance / 8.0).exp()).abs() < 0.02);
        let [a, b, ab] = [(0, 0), (1, 1), (0, 1)]
            .map(|(i, j): (usize, usize)| (0..3).map(|k| x[(i, k)] * x[(j, k)]).sum::<f64>() / 3.0);
        let known = super::super::kernel::kappa1(ab / (a * b).sqrt()) * (a * b).sqrt() / 2.0;
        assert!((mean(FeatureMap::Relu) - known).abs() < 0.01);
    }
}
