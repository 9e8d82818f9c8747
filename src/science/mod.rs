//! Training and measuring: everything that decides a number. No files, no clock, no environment, no global
//! random state; the same [`crate::spec::RunSpec`] on the same data gives the same bits in every process.
//!
//! [`run`] carries out one spec and tells an [`Observer`] what happens along the way: by the training loop ([`train`]),
//! by several trainings ([`composed`]), or by one of the procedures that take no steps of an optimiser ([`exact`]). Between any two steps of training a run
//! can be kept as a [`Checkpoint`] and gone on with in another process, to the same bits.

use std::collections::BTreeMap;

pub mod after;
pub mod autograd;
pub mod batches;
pub mod checkpoint;
pub mod composed;
pub mod cost;
pub mod dense;
pub mod exact;
pub mod gradient;
pub mod init;
pub mod jacobian;
pub mod measures;
pub mod optimizer;
pub mod pulse;
pub mod schedule;
mod solve;
pub mod target;
pub mod train;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod ground_truth;
#[cfg(test)]
mod resume_tests;
#[cfg(test)]
mod train_tests;

pub use checkpoint::Checkpoint;
pub use composed::Supply;
pub use train::{Outcome, TrainError, train};

use crate::data::Problem;
use crate::spec::{MeasureSpec, RunSpec};

/// Carries out `spec` on `problem`, measuring `measures` (and what is always measured): from the start, or from where an
/// earlier call with the same arguments stood. `supply` is asked for what other runs are made of.
pub fn run(
    spec: &RunSpec,
    problem: &Problem,
    measures: &[MeasureSpec],
    from: Option<&Checkpoint>,
    supply: &mut dyn Supply,
    observer: &mut dyn Observer,
) -> Result<Outcome, TrainError> {
    if spec.procedure.is_train() {
        train(spec, problem, measures, from, observer)
    } else if spec.procedure.uses_optimizer() {
        composed::run(spec, problem, measures, from, supply, observer)
    } else {
        exact::run(spec, problem, measures, observer)
    }
}

/// What a run is to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Go {
    /// Go on.
    On,
    /// Hand over a checkpoint before the next step, and go on.
    Save,
    /// Stop, as [`train::Ending::Interrupted`], after a last checkpoint.
    Stop,
}

/// Who watches a run.
pub trait Observer {
    /// A row of the curve: quantities measured after `step` steps.
    fn row(&mut self, step: u64, epoch: f64, values: &BTreeMap<String, f64>);

    /// Called often with the steps taken and the loss of the latest of them: what the run is to do.
    fn tick(&mut self, step: u64, last_loss: f64) -> Go;

    /// Where the run stands, after a tick asked for it. Every row handed over so far belongs to it, and a run that goes
    /// on from it hands over all others.
    fn checkpoint(&mut self, checkpoint: &Checkpoint);

    /// Multiply-adds between two ticks: a few milliseconds.
    fn beat(&self) -> f64 {
        2e7
    }
}
