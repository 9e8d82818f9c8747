//! Every procedure but training: closed forms, integrators and searches, in f64 and without an optimiser. None of them
//! is so long that it could not be begun anew: there are no checkpoints.
//!
//! ```text
//! subject                     a network on its examples: what is measured of it, what falls along its gradient
//! diagonal                    the model u² − v², likewise
//! dynamics  dormand_prince    gradient descent, gradient flow, the flow of the modified loss
//! marquardt  guess            least squares of a network step by step; weights drawn until they fit
//! solved                      least squares where the outputs are linear in the weights
//! features  kernel            what they are linear in
//! predictor                   what is measured of a model that is no network
//! ```

mod diagonal;
mod dormand_prince;
mod dynamics;
mod features;
mod guess;
mod kernel;
mod marquardt;
mod predictor;
mod solved;
mod subject;
#[cfg(test)]
mod tests;

use super::Observer;
use super::pulse::Pulse;
use super::train::{Halt, Outcome, TrainError, check};
use crate::data::Problem;
use crate::spec::{MeasureSpec, Procedure, RunSpec};

/// Carries out the procedure of `spec` on `problem`, measuring `measures` (and what is always measured) at its end.
pub fn run(
    spec: &RunSpec,
    problem: &Problem,
    measures: &[MeasureSpec],
    observer: &mut dyn Observer,
) -> Result<Outcome, TrainError> {
    check(spec, problem)?;
    let mut pulse = Pulse::new(observer, 0);
    let order = Order { spec, problem, measures };
    let found = match spec.procedure {
        Procedure::Solve { ridge } => solved::solve(&order, ridge, &mut pulse),
        Procedure::Gd { .. } | Procedure::GradientFlow { .. } | Procedure::ModifiedFlow { .. } => {
            dynamics::follow(&order, &mut pulse)
        }
        Procedure::LevenbergMarquardt { steps, tries } => marquardt::fit(&order, steps, tries, &mut pulse),
        Procedure::Guess { draws, train_accuracy } => guess::guess(&order, draws, train_accuracy, &mut pulse),
        _ => Err(Halt::Failed("training takes steps of an optimiser".to_owned())),
    };
    match found {
        Ok(outcome) => Ok(outcome),
        Err(Halt::Failed(message)) => Err(TrainError::Run(message)),
        Err(Halt::Interrupted) => Ok(Outcome::interrupted(0)),
    }
}

/// What is to be done.
struct Order<'a> {
    spec: &'a RunSpec,
    problem: &'a Problem,
    measures: &'a [MeasureSpec],
}
