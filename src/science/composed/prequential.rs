//! How many bits the labels take, each block coded by what was trained on those before it (Dawid 1984; Blier & Ollivier
//! 2018, eq. 4).

use super::Stop;
use super::trainings::{Trainings, on};
use crate::base::rng::Stream;
use crate::data::{Part, Problem};
use crate::science::dense::{Parameters, Pass};
use crate::science::measures::put;
use crate::science::train::{Outcome, Start, examples, network};
use crate::spec::{MeasureSpec, Quantity, RunSpec};

/// The code length of the training labels, in an order of its own, and the run on all examples.
pub fn run(
    spec: &RunSpec,
    measures: &[MeasureSpec],
    first: usize,
    trainings: &mut Trainings<'_>,
) -> Result<Outcome, Stop> {
    let whole = trainings.problem(spec)?;
    let n = whole.train.n;
    let mut order: Vec<usize> = (0..n).collect();
    Stream::new(spec.order_seed(), "prequential").shuffle(&mut order);
    let classes = if whole.outputs == 1 { 2 } else { whole.outputs };
    let mut bits = first.min(n) as f64 * (classes as f64).log2();
    let mut known = first.min(n);
    while known < n {
        let next = (2 * known).min(n);
        let part = on(spec, known);
        // Inputs stay as they are scaled: they are given to both ends.
        let problem = Problem {
            train: rows(&whole.train, &order[..known], &whole),
            test: rows(&whole.train, &order[known..next], &whole),
            clean: Vec::new(),
            truth: None,
            ..*whole
        };
        let weights = trainings.train(&part, &problem, Start::default())?.weights;
        bits += code(&part, &problem, &weights)?;
        known = next;
    }
    let plain = on(spec, n);
    let mut outcome = trainings.last(&plain, &whole, measures, Start::default())?;
    put(&mut outcome.measures, Quantity::CodeLength, bits);
    Ok(outcome)
}

/// Some rows of a part.
fn rows(part: &Part, chosen: &[usize], problem: &Problem) -> Part {
    let of = |numbers: &[f32], width: usize| {
        chosen.iter().flat_map(|&row| &numbers[row * width..(row + 1) * width]).copied().collect()
    };
    let labels = chosen.iter().filter_map(|&row| part.labels.get(row)).copied().collect();
    Part { x: of(&part.x, problem.inputs), y: of(&part.y, problem.outputs), labels, n: chosen.len() }
}

/// −Σ log₂ p of the labels of the test part.
fn code(spec: &RunSpec, problem: &Problem, weights: &[f32]) -> Result<f64, String> {
    let network = network(spec, problem)?;
    let [train, next] = examples(&network, problem).map(|examples| examples.cast::<f64>());
    let wide: Vec<f64> = weights.iter().map(|weight| f64::from(*weight)).collect();
    let mut pass = Pass::forward(&network, problem.test.n.max(problem.train.n));
    let mut nats = 0.0;
    pass.outputs_by(&Parameters::new(&network, &wide), next.rows(), Some(train.rows()), |rows, outputs| {
        nats += network.loss_sum(outputs, rows.y);
    });
    Ok(nats / std::f64::consts::LN_2)
}
