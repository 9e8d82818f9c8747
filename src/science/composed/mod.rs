//! Procedures that are made of several trainings: one after the other, pruned in between, beside each other, or until a
//! question is answered.
//!
//! ```text
//! trainings               one training after the other, each done once: what a run goes on from
//! before                  where a run begins that goes on from another, with which of its weights
//! prune                   which weights are left
//! ensemble  components    many runs that differ in their streams; what makes their predictions differ
//! pair                    two runs, and what lies between them
//! complexity              how many examples are fitted
//! prequential             how many bits the labels take
//! ```
//!
//! The trainings that a run is made of are runs themselves, and often stored as such: a pruned network in its tenth round
//! goes on from that of its ninth. [`Supply`] is asked for their final weights before any of them is trained; since a run
//! comes to the same bits wherever it is trained, nothing depends on the answer.

mod before;
mod complexity;
mod components;
mod ensemble;
mod pair;
mod prequential;
mod prune;
#[cfg(test)]
mod tests;
mod trainings;

use super::checkpoint::Checkpoint;
use super::train::{Halt, Outcome, TrainError};
use super::{Observer, train};
use crate::data::Problem;
use crate::spec::{MeasureSpec, Procedure, RunSpec};
use trainings::Trainings;

/// An array of weights: name, shape, values.
type Array = (String, Vec<usize>, Vec<f32>);

/// Where a run gets what other runs are made of.
pub trait Supply {
    /// The examples of a run.
    fn problem(&mut self, spec: &RunSpec) -> Result<Problem, String>;

    /// The final weights of a run that has been done, if they are at hand, and the steps that it took.
    fn weights(&mut self, spec: &RunSpec) -> Option<(Vec<Array>, u64)>;
}

/// Carries out `spec` on `problem`, measuring `measures` (and what is always measured): from the start, or from where an
/// earlier call with the same arguments stood.
pub fn run(
    spec: &RunSpec,
    problem: &Problem,
    measures: &[MeasureSpec],
    from: Option<&Checkpoint>,
    supply: &mut dyn Supply,
    observer: &mut dyn Observer,
) -> Result<Outcome, TrainError> {
    train::check(spec, problem)?;
    let mut trainings = Trainings::new(spec, problem, supply, observer);
    if let Some(from) = from {
        trainings.restore(from)?;
    }
    let done = match spec.procedure {
        Procedure::Ensemble { init, data, noise } => {
            ensemble::run(spec, measures, [init, data, noise], &mut trainings)
        }
        Procedure::Pair { ref one, ref other, .. } => {
            pair::run(spec, [one, other], problem, measures, &mut trainings)
        }
        Procedure::EffectiveComplexity { train_error } => {
            complexity::run(spec, measures, train_error, &mut trainings)
        }
        Procedure::Prequential { first } => prequential::run(spec, measures, first, &mut trainings),
        _ => before::start(spec, &mut trainings)
            .and_then(|start| trainings.last(spec, problem, measures, start)),
    };
    match done {
        Ok(outcome) => Ok(outcome),
        Err(Stop::Halt(Halt::Interrupted)) => Ok(Outcome::interrupted(trainings.steps())),
        Err(Stop::Halt(Halt::Failed(message))) => Err(TrainError::Run(message)),
        Err(Stop::Train(error)) => Err(error),
        Err(Stop::Diverged(steps)) => Ok(Outcome::diverged(steps)),
    }
}

/// Why a run ends before its last training.
enum Stop {
    Halt(Halt),
    Train(TrainError),
    /// A training that it goes on from diverged.
    Diverged(u64),
}

impl From<String> for Stop {
    fn from(message: String) -> Self {
        Self::Halt(Halt::Failed(message))
    }
}

impl From<TrainError> for Stop {
    fn from(error: TrainError) -> Self {
        Self::Train(error)
    }
}
