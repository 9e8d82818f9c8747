//! Networks with random weights, and what they say of Gaussian inputs.

use super::{argmax, classes, matvec, normals, targets};
use crate::base::rng::Stream;
use crate::data::Dataset;
use crate::spec::Activation;

/// A random tanh network that labels Gaussian inputs.
#[derive(Clone, Copy, Debug)]
pub struct Teacher {
    /// Input dimension.
    pub inputs: usize,
    /// Hidden units.
    pub hidden: usize,
    /// Number of classes.
    pub classes: usize,
}

impl Teacher {
    /// `train` + `test` examples with N(0, 1) inputs. Test examples have a stream of their own, so that two runs
    /// that differ in `train` alone are tested on the same ones.
    pub fn examples(self, train: usize, test: usize, seed: u64) -> Dataset {
        let mut x = normals(&mut Stream::new(seed, "data"), train * self.inputs);
        x.extend(normals(&mut Stream::new(seed, "data.test"), test * self.inputs));
        let (first, second) = self.weights(seed);
        let label = |row: &[f64]| {
            let hidden: Vec<_> = matvec(&first, row).map(f64::tanh).collect();
            argmax(matvec(&second, &hidden))
        };
        let labels = x.chunks(self.inputs.max(1)).map(label).collect();
        classes(&x, self.inputs, train, (labels, self.classes))
    }

    /// Rows of both layers. Entries are N(0, 1 / fan-in); rows of the second are then brought to length 1, or the
    /// classes with the longest rows would win far more than their share of inputs.
    fn weights(self, seed: u64) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
        let mut stream = Stream::new(seed, "teacher");
        let mut layer = |rows: usize, fan_in: usize| -> Vec<Vec<f64>> {
            let scale = 1.0 / (fan_in.max(1) as f64).sqrt();
            (0..rows).map(|_| (0..fan_in).map(|_| scale * stream.normal()).collect()).collect()
        };
        let first = layer(self.hidden, self.inputs);
        let mut second = layer(self.classes, self.hidden);
        for row in &mut second {
            let length = row.iter().map(|weight| weight * weight).sum::<f64>().sqrt();
            for weight in row {
                *weight /= length;
            }
        }
        (first, second)
    }
}

/// y = A φ(W x) with Gaussian inputs: a network of one hidden layer, or as much a linear model on random features.
#[derive(Clone, Copy, Debug)]
pub struct Regression {
    /// Input dimension.
    pub inputs: usize,
    /// Hidden units.
    pub hidden: usize,
    /// φ.
    pub activation: Activation,
    /// Outputs.
    pub outputs: usize,
}

impl Regression {
    /// `train` + `test` examples. Entries of W are N(0, 1 / inputs), those of A N(0, 1 / hidden).
    pub fn examples(self, train: usize, test: usize, seed: u64) -> Dataset {
        let x = gaussian(train, test, self.inputs, seed);
        let mut stream = Stream::new(seed, "teacher");
        let first = rows(&mut stream, self.hidden, self.inputs);
        let second = rows(&mut stream, self.outputs, self.hidden);
        let bend = |z: f64| match self.activation {
            Activation::Relu => z.max(0.0),
            Activation::Tanh => z.tanh(),
            Activation::Gelu => {
                let inner = (2.0 / std::f64::consts::PI).sqrt() * (z + 0.044_715 * z.powi(3));
                0.5 * z * (1.0 + inner.tanh())
            }
            Activation::Linear => z,
        };
        let y = x.chunks(self.inputs.max(1)).flat_map(|row| {
            let hidden: Vec<f64> = matvec(&first, row).map(bend).collect();
            matvec(&second, &hidden).collect::<Vec<_>>()
        });
        targets(&x, self.inputs, train, (y.collect(), self.outputs))
    }
}

/// Gaussian inputs with targets that have nothing to do with them: N(0, 1), too.
pub fn noise(inputs: usize, outputs: usize, train: usize, test: usize, seed: u64) -> Dataset {
    let x = gaussian(train, test, inputs, seed);
    let mut y = normals(&mut Stream::new(seed, "targets"), train * outputs);
    y.extend(normals(&mut Stream::new(seed, "targets.test"), test * outputs));
    targets(&x, inputs, train, (y, outputs))
}

/// N(0, 1) inputs, those to test on from a stream of their own.
pub fn gaussian(train: usize, test: usize, inputs: usize, seed: u64) -> Vec<f64> {
    let mut x = normals(&mut Stream::new(seed, "data"), train * inputs);
    x.extend(normals(&mut Stream::new(seed, "data.test"), test * inputs));
    x
}

/// Rows with entries N(0, 1 / fan-in).
fn rows(stream: &mut Stream, rows: usize, fan_in: usize) -> Vec<Vec<f64>> {
    let scale = 1.0 / (fan_in.max(1) as f64).sqrt();
    (0..rows).map(|_| (0..fan_in).map(|_| scale * stream.normal()).collect()).collect()
}
