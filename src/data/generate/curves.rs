//! Functions of one input or few, at points that are chosen or spread evenly.

use super::{classes, targets};
use crate::base::rng::Stream;
use crate::data::Dataset;

/// The Chebyshev polynomial of the first kind, T of `degree`, at [`spaced`] points.
pub fn chebyshev(degree: u32, n: usize) -> Dataset {
    spaced(n, |x| polynomial(degree, x))
}

/// sin(2π `frequency` x) at [`spaced`] points.
pub fn sine(frequency: f64, n: usize) -> Dataset {
    spaced(n, |x| (std::f64::consts::TAU * frequency * x).sin())
}

/// `f` at `n` equally spaced points on [-1, 1] to train on, and at the `n` − 1 points midway between them to test on.
fn spaced(n: usize, f: impl Fn(f64) -> f64) -> Dataset {
    let step = 2.0 / (n.max(2) - 1) as f64;
    let train = (0..n).map(|place| -1.0 + step * place as f64);
    let test = (1..n).map(|place| -1.0 + step * (place as f64 - 0.5));
    let x: Vec<f64> = train.chain(test).collect();
    let y = x.iter().map(|&at| f(at)).collect();
    targets(&x, 1, n, (y, 1))
}

/// T₀ = 1, T₁ = x, Tₖ₊₁ = 2x Tₖ − Tₖ₋₁.
fn polynomial(degree: u32, x: f64) -> f64 {
    let (mut this, mut next) = (1.0, x);
    for _ in 0..degree {
        (this, next) = (next, 2.0 * x * next - this);
    }
    this
}

/// The sign of the first of `inputs` coordinates, which are uniform on [-1, 1].
pub fn step(inputs: usize, train: usize, test: usize, seed: u64) -> Dataset {
    let uniform = |name: &str, n: usize| {
        let mut stream = Stream::new(seed, name);
        (0..n * inputs).map(|_| 2.0 * stream.uniform() - 1.0).collect::<Vec<_>>()
    };
    let mut x = uniform("data", train);
    x.extend(uniform("data.test", test));
    let y = x.chunks(inputs.max(1)).map(|row| 1.0_f64.copysign(row[0])).collect();
    targets(&x, inputs, train, (y, 1))
}

/// As many arms of a spiral as there are classes, each winding `turns` times around the origin out to radius 1.
pub fn spirals(arms: usize, turns: f64, train: usize, test: usize, seed: u64) -> Dataset {
    let (mut x, mut labels) = (Vec::new(), Vec::new());
    for (name, n) in [("data", train), ("data.test", test)] {
        let mut stream = Stream::new(seed, name);
        for place in 0..n {
            // Even in area, and each class in its turn: the same number of each but for one.
            let (radius, class) = (stream.uniform().sqrt(), place % arms.max(1));
            let angle = std::f64::consts::TAU * (turns * radius + class as f64 / arms as f64);
            x.extend([radius * angle.cos(), radius * angle.sin()]);
            labels.push(class as u32);
        }
    }
    classes(&x, 2, train, (labels, arms))
}

/// Points as they are given, all to train on.
pub fn points(x: &[Vec<f64>], y: &[f64]) -> Dataset {
    let inputs = x.first().map_or(0, Vec::len);
    targets(&x.concat(), inputs, x.len(), (y.to_vec(), 1))
}
