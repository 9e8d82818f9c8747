//! Where a run begins that goes on from another.

use super::Stop;
use super::prune;
use super::trainings::Trainings;
use crate::base::rng::Stream;
use crate::science::dense::Network;
use crate::science::init;
use crate::science::train::{Start, network};
use crate::spec::{Growing, Mask, ModelSpec, Procedure, Rewind, RunSpec, Stop as Until};

/// What the last training of `spec` begins with.
pub fn start(spec: &RunSpec, trainings: &mut Trainings<'_>) -> Result<Start, Stop> {
    match &spec.procedure {
        Procedure::Continue { after } => {
            let weights = trainings.weights(after)?.weights;
            Ok(Start { weights: Some(weights), mask: None })
        }
        Procedure::WarmStart { over, through } => {
            let Some(smaller) = smaller(spec, *over, through) else { return Ok(Start::default()) };
            let weights = trainings.weights(&smaller)?.weights;
            let problem = trainings.problem(spec)?;
            let (from, to) = (network(&smaller, &problem)?, network(spec, &problem)?);
            Ok(Start { weights: Some(grown(spec, &from, &to, &weights)), mask: None })
        }
        Procedure::Prune { rounds, fraction, rewind, mask } => {
            pruned(spec, (*rounds, *fraction), *rewind, *mask, trainings)
        }
        _ => Ok(Start::default()),
    }
}

/// The run before: the same at the largest of the sizes before this one.
fn smaller(spec: &RunSpec, over: Growing, through: &[usize]) -> Option<RunSpec> {
    let (size, through) = through.split_last()?;
    let mut smaller = spec.clone();
    match (over, &mut smaller.model) {
        (Growing::Hidden, ModelSpec::Mlp { hidden, .. }) => *hidden = vec![*size],
        (Growing::Hidden, _) => return None,
        (Growing::Train, _) => smaller.dataset.train = *size,
    }
    smaller.procedure = match through {
        [] => Procedure::Train,
        through => Procedure::WarmStart { over, through: through.to_vec() },
    };
    Some(smaller)
}

/// The weights of a network in a larger one, whose other weights begin as they would anyway.
fn grown(spec: &RunSpec, from: &Network, to: &Network, weights: &[f32]) -> Vec<f32> {
    let mut grown = init::weights(to, &spec.model, spec.init_seed());
    for (small, large) in from.layers().iter().zip(to.layers()) {
        let (inputs, outputs) = (small.inputs.min(large.inputs), small.outputs.min(large.outputs));
        for output in 0..outputs {
            let (from, to) =
                (small.weight.start + output * small.inputs, large.weight.start + output * large.inputs);
            grown[to..to + inputs].copy_from_slice(&weights[from..from + inputs]);
        }
        let biases = small.bias.len().min(large.bias.len());
        grown[large.bias.start..large.bias.start + biases]
            .copy_from_slice(&weights[small.bias.start..small.bias.start + biases]);
    }
    for (small, large) in from.gains().zip(to.gains()) {
        let gains = small.len().min(large.len());
        grown[large.start..large.start + gains].copy_from_slice(&weights[small.start..small.start + gains]);
    }
    grown
}

/// The weights that a round of pruning begins with, and which of them are left.
fn pruned(
    spec: &RunSpec,
    (rounds, fraction): (u64, f64),
    rewind: Rewind,
    mask: Mask,
    trainings: &mut Trainings<'_>,
) -> Result<Start, Stop> {
    // A mask is found by trainings that begin where they are to begin; the control that begins elsewhere takes theirs.
    let finding = if rewind == Rewind::Fresh { Rewind::Init } else { rewind };
    let earlier = |rounds: u64| RunSpec {
        procedure: match rounds {
            0 => Procedure::Train,
            rounds => Procedure::Prune { rounds, fraction, rewind: finding, mask },
        },
        ..spec.clone()
    };
    let problem = trainings.problem(spec)?;
    let network = network(spec, &problem)?;
    let before = match (mask, rewind) {
        // Which weights a random mask leaves depends on no training.
        (Mask::Random, Rewind::Init | Rewind::Fresh | Rewind::Step(_)) => None,
        _ => Some(trainings.weights(&earlier(rounds - 1))?.weights),
    };
    let left = match (&before, mask) {
        (Some(before), Mask::Magnitude) => prune::largest(&network, before, fraction),
        _ => prune::random(&network, fraction, rounds, &mut Stream::new(spec.init_seed(), "mask")),
    };
    let weights = match rewind {
        Rewind::Init => None,
        Rewind::Fresh => Some(init::next(&network, &spec.model, &mut Stream::new(spec.init_seed(), "fresh"))),
        Rewind::Last => before,
        Rewind::Step(steps) => {
            let dense = RunSpec {
                procedure: Procedure::Train,
                stop: Until::after(steps.min(spec.stop.steps)),
                ..spec.clone()
            };
            Some(trainings.weights(&dense)?.weights)
        }
    };
    Ok(Start { weights, mask: Some(left) })
}
