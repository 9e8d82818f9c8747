//! Linear targets of Gaussian inputs: the problems whose risk is known in closed form.

use super::{normals, targets};
use crate::base::rng::Stream;
use crate::data::{Dataset, Truth};
use crate::spec::run::Direction;

/// y = ⟨β, x⟩ with x ~ N(0, diag(λ)).
pub struct Linear {
    /// λ, largest first.
    pub variances: Vec<f64>,
    /// Where β points.
    pub target: Direction,
    /// √(βᵀ diag(λ) β), the standard deviation of y: of isotropic inputs ‖β‖.
    pub norm: f64,
}

impl Linear {
    /// λᵢ ∝ i^−`decay`, with mean 1.
    pub fn power_law(inputs: usize, decay: f64) -> Vec<f64> {
        let raw: Vec<f64> = (1..=inputs).map(|i| (i as f64).powf(-decay)).collect();
        let mean = raw.iter().sum::<f64>() / inputs.max(1) as f64;
        raw.into_iter().map(|value| value / mean).collect()
    }

    /// 1 for the first half of the inputs and 1/`ratio`² for the rest.
    pub fn two_scale(inputs: usize, ratio: f64) -> Vec<f64> {
        let first = inputs.div_ceil(2);
        (0..inputs).map(|i| if i < first { 1.0 } else { 1.0 / (ratio * ratio) }).collect()
    }

    /// β, from the stream `teacher`.
    fn coefficients(&self, seed: u64) -> Vec<f64> {
        let inputs = self.variances.len();
        let mut stream = Stream::new(seed, "teacher");
        let mut raw = vec![0.0; inputs];
        match self.target {
            Direction::Random => raw = normals(&mut stream, inputs),
            Direction::Sparse { sparsity } => {
                for place in stream.choose(inputs, sparsity.min(inputs)) {
                    raw[place] = stream.sign();
                }
            }
            Direction::Aligned => raw[0] = stream.sign(),
            Direction::Misaligned => raw[inputs - 1] = stream.sign(),
        }
        let power = raw.iter().zip(&self.variances).map(|(b, variance)| b * b * variance).sum::<f64>();
        raw.into_iter().map(|b| b * self.norm / power.sqrt()).collect()
    }

    /// `train` + `test` examples.
    pub fn examples(&self, train: usize, test: usize, seed: u64) -> Dataset {
        let inputs = self.variances.len();
        let deviations: Vec<f64> = self.variances.iter().map(|variance| variance.sqrt()).collect();
        let mut x = super::teachers::gaussian(train, test, inputs, seed);
        for row in x.chunks_mut(inputs) {
            row.iter_mut().zip(&deviations).for_each(|(x, deviation)| *x *= deviation);
        }
        let coefficients = self.coefficients(seed);
        let output = |row: &[f64]| row.iter().zip(&coefficients).map(|(x, b)| x * b).sum();
        let y = x.chunks(inputs).map(output).collect();
        let dataset = targets(&x, inputs, train, (y, 1));
        Dataset { truth: Some(Truth { coefficients, variances: self.variances.clone() }), ..dataset }
    }
}
