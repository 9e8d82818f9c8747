//! Data made up on the spot, from the run's seed alone: `data` and `data.test` draw inputs, `teacher` what is to be
//! learned. Examples to test on have a stream of their own, so that two runs that differ in how many they train on are
//! tested on the same ones; and more to train on contain fewer.

mod boolean;
mod curves;
mod linear;
mod teachers;
#[cfg(test)]
pub mod tests;

use self::linear::Linear;
use self::teachers::{Regression, Teacher};
use super::{Dataset, Labels};
use crate::base::rng::Stream;
use crate::spec::{DatasetSpec, Source};

/// The examples that `spec` describes; `None` where it names a file.
pub fn examples(spec: &DatasetSpec, seed: u64) -> Option<Dataset> {
    let (train, test) = (spec.drawn(), spec.test);
    let linear =
        |variances, target, norm: f64| Linear { variances, target, norm }.examples(train, test, seed);
    Some(match &spec.source {
        Source::File { .. } => return None,
        &Source::Teacher { inputs, hidden, classes } => {
            Teacher { inputs, hidden, classes }.examples(train, test, seed)
        }
        &Source::Chebyshev { degree } => curves::chebyshev(degree, train),
        &Source::Sine { frequency } => curves::sine(frequency, train),
        &Source::LinearTeacher { inputs, norm, decay, target } => {
            linear(Linear::power_law(inputs, decay), target, norm)
        }
        &Source::TwoScale { inputs, ratio, norm } => {
            linear(Linear::two_scale(inputs, ratio), crate::spec::run::Direction::Random, norm)
        }
        &Source::NetworkTeacher { inputs, hidden, activation, outputs } => {
            Regression { inputs, hidden, activation, outputs }.examples(train, test, seed)
        }
        &Source::Gaussian { inputs, outputs } => teachers::noise(inputs, outputs, train, test, seed),
        &Source::Step { inputs } => curves::step(inputs, train, test, seed),
        &Source::Staircase { inputs, degree } => boolean::staircase(inputs, degree, train, test, seed),
        &Source::Boolean { bits, function } => boolean::all(bits, function, train, seed),
        &Source::Parity { inputs, degree } => boolean::parity(inputs, degree, train, test, seed),
        &Source::Spirals { classes, turns } => curves::spirals(classes, turns, train, test, seed),
        Source::Points { x, y } => curves::points(x, y),
    })
}

/// Examples with real targets, `outputs` of them for each row.
fn targets(x: &[f64], inputs: usize, train_rows: usize, (y, outputs): (Vec<f64>, usize)) -> Dataset {
    let targets = y.into_iter().map(|y| y as f32).collect();
    dataset(x, inputs, train_rows, Labels::Targets { targets, outputs })
}

/// Examples in classes.
fn classes(x: &[f64], inputs: usize, train_rows: usize, (labels, classes): (Vec<u32>, usize)) -> Dataset {
    dataset(x, inputs, train_rows, Labels::Classes { labels, classes })
}

fn dataset(x: &[f64], inputs: usize, train_rows: usize, y: Labels) -> Dataset {
    let x = x.iter().map(|&x| x as f32).collect();
    Dataset { x, y, inputs, train_rows, pixel_max: None, truth: None }
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
