//! The training loop.

use std::collections::BTreeMap;

use super::Observer;
use crate::data::Problem;
use crate::spec::{MeasureSpec, RunSpec};

/// How training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The training loss reached the target.
    TrainLoss,
    /// The last step was taken.
    Steps,
    /// The loss or a weight left the finite numbers.
    Diverged,
    /// The observer asked for a stop.
    Interrupted,
}

/// What a run comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// Steps taken.
    pub steps: u64,
    /// Final value of every measure, by column name.
    pub measures: BTreeMap<String, f64>,
    /// Final weights, as (`layer.0.weight`, shape, values), in order.
    pub weights: Vec<(String, Vec<usize>, Vec<f32>)>,
}

/// Trains `spec` on `problem`, measuring `measures` (and what is always measured).
pub fn train(
    spec: &RunSpec,
    problem: &Problem,
    measures: &[MeasureSpec],
    observer: &mut dyn Observer,
) -> Result<Outcome, String> {
    let _ = (spec, problem, measures, observer);
    Err("not built yet".to_owned())
}
