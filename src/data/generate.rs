//! Data made up on the spot, from the run's seed alone.

use super::{Dataset, Labels};
use crate::base::rng::Stream;

/// The shape of a teacher: a random tanh network that labels Gaussian inputs.
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
        Dataset {
            x: x.iter().map(|&value| value as f32).collect(),
            y: Labels::Classes { labels, classes: self.classes },
            inputs: self.inputs,
            train_rows: train,
            pixel_max: None,
        }
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

/// The Chebyshev polynomial of the first kind, T of `degree`, at `n` equally spaced points on [-1, 1] to train on, and at
/// the `n` − 1 points midway between them to test on.
pub fn chebyshev(degree: u32, n: usize) -> Dataset {
    let step = 2.0 / (n.max(2) - 1) as f64;
    let train = (0..n).map(|place| -1.0 + step * place as f64);
    let test = (1..n).map(|place| -1.0 + step * (place as f64 - 0.5));
    let x: Vec<f64> = train.chain(test).collect();
    Dataset {
        y: Labels::Targets {
            targets: x.iter().map(|&at| polynomial(degree, at) as f32).collect(),
            outputs: 1,
        },
        x: x.iter().map(|&at| at as f32).collect(),
        inputs: 1,
        train_rows: n,
        pixel_max: None,
    }
}

/// T₀ = 1, T₁ = x, Tₖ₊₁ = 2x Tₖ − Tₖ₋₁.
fn polynomial(degree: u32, x: f64) -> f64 {
    let (mut this, mut next) = (1.0, x);
    for _ in 0..degree {
        (this, next) = (next, 2.0 * x * next - this);
    }
    this
}

fn normals(stream: &mut Stream, count: usize) -> Vec<f64> {
    (0..count).map(|_| stream.normal()).collect()
}

fn matvec<'a>(rows: &'a [Vec<f64>], vector: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
    rows.iter().map(move |row| row.iter().zip(vector).map(|(weight, value)| weight * value).sum())
}

/// The first index of the largest value.
fn argmax(values: impl Iterator<Item = f64>) -> u32 {
    let mut best = (0, f64::NEG_INFINITY);
    for (index, value) in values.enumerate() {
        if value > best.1 {
            best = (index as u32, value);
        }
    }
    best.0
}
