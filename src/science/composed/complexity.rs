//! How many examples a training fits (Nakkiran et al. 2020, def. 1), by bisection.

use super::Stop;
use super::trainings::{Trainings, on};
use crate::data::Problem;
use crate::science::dense::{Parameters, Pass};
use crate::science::measures::{fit::Fit, put};
use crate::science::train::{Outcome, Start, examples, network};
use crate::spec::{MeasureSpec, Quantity, RunSpec};

/// The most examples, between none and all, that are fitted up to this error, and the run on as many. Should more of them
/// be fitted where fewer are not, it is one such border.
pub fn run(
    spec: &RunSpec,
    measures: &[MeasureSpec],
    most_error: f64,
    trainings: &mut Trainings<'_>,
) -> Result<Outcome, Stop> {
    let fits = |n: usize, trainings: &mut Trainings<'_>| -> Result<bool, Stop> {
        let part = on(spec, n);
        let weights = match trainings.weights(&part) {
            Ok(done) => done.weights,
            // What is thrown out of its way fits nothing.
            Err(Stop::Diverged(_)) => return Ok(false),
            Err(stop) => return Err(stop),
        };
        let problem = trainings.problem(&part)?;
        Ok(train_error(&part, &problem, &weights)? <= most_error)
    };
    let all = spec.dataset.train;
    let (mut fitted, mut beyond) = (0, all + 1);
    // All of them first: where they are fitted there is nothing to look for.
    let mut next = all;
    while beyond - fitted > 1 {
        if fits(next, trainings)? {
            fitted = next;
        } else {
            beyond = next;
        }
        next = usize::midpoint(fitted, beyond);
    }
    let last = on(spec, fitted.max(1));
    let problem = trainings.problem(&last)?;
    let mut outcome = trainings.last(&last, &problem, measures, Start::default())?;
    put(&mut outcome.measures, Quantity::EffectiveComplexity, fitted as f64);
    Ok(outcome)
}

/// The fraction of the training examples classified otherwise than labelled.
fn train_error(spec: &RunSpec, problem: &Problem, weights: &[f32]) -> Result<f64, String> {
    let network = network(spec, problem)?;
    let [train, _] = examples(&network, problem);
    let mut pass = Pass::forward(&network, problem.train.n);
    let fit = Fit::of(&mut pass, &Parameters::new(&network, weights), &problem.train, train.rows(), None);
    Ok(1.0 - fit.accuracy.unwrap_or(f64::NAN))
}
