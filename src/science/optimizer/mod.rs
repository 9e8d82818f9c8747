//! Update rules, one file per family:
//!
//! ```text
//! rate                   how large a step is
//! slope                  which gradient it follows: that of the batch, uphill of it, with a penalty, clipped
//! descent  adam  geometry    where it goes from there
//! noise                  what is drawn anew on the targets of every step
//! ```
//!
//! Plain and heavy-ball descent need no gradient beside the weights or the velocity: the engine adds it right there. All
//! others find it first, in a buffer of its own. No step allocates, and nothing that a step needs of the last ones is
//! kept outside a checkpoint.
//!
//! Rules are generic over [`Real`]: training runs in f32, and the rules themselves are held to what is known of them in
//! f64.

mod adam;
mod descent;
mod geometry;
pub mod noise;
mod rate;
mod slope;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use self::adam::Adam;
use self::descent::Descent;
use self::rate::Rate;
use self::slope::Slope;
use super::autograd::AutogradError;
use super::checkpoint::{Checkpoint, Misfit};
use super::dense::{Network, Parameters, Real};
use super::gradient::Gradient;
use crate::spec::{OptimizerKind, OptimizerSpec};

/// An update rule with all that it keeps from step to step.
#[derive(Debug)]
pub struct Optimizer<T: Real> {
    rate: Rate,
    way: Way<T>,
}

/// How a gradient comes to the weights.
#[derive(Debug)]
enum Way<T: Real> {
    /// From the engine to where it is added, with decay λ.
    Straight(Descent<T>, T),
    /// By way of a buffer.
    Found(Slope<T>, Rule<T>),
}

/// Where a step goes from a gradient.
#[derive(Debug)]
enum Rule<T: Real> {
    Descent(Descent<T>),
    Adam(Adam<T>),
    Sign,
    Mirror { beta: f64 },
}

/// What a step takes besides a gradient and the update of the weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Demand {
    /// Gradients of each example.
    pub gradients: u32,
    /// Arrays as long as the weights, and passes over them.
    pub vectors: u32,
}

impl Demand {
    /// Of steps by `spec`.
    pub fn of(spec: &OptimizerSpec) -> Self {
        let kept = match spec.kind {
            OptimizerKind::Adam(_) | OptimizerKind::Adamw(_) => 2,
            _ => u32::from(spec.momentum != 0.0),
        };
        if is_straight(spec) {
            return Self { gradients: 1, vectors: kept };
        }
        let (gradients, found) = match spec.kind {
            OptimizerKind::Sam { .. } | OptimizerKind::Asam { .. } => (2, 2),
            // The passes of the gradient once more, and a product, which is two.
            _ if spec.gradient_penalty != 0.0 => (4, 4),
            _ => (1, 1),
        };
        Self { gradients, vectors: kept + found }
    }
}

/// Whether the gradient need not be found first.
fn is_straight(spec: &OptimizerSpec) -> bool {
    spec.kind == OptimizerKind::Sgd && !spec.nesterov && spec.clip.is_none() && spec.gradient_penalty == 0.0
}

impl<T: Real> Optimizer<T> {
    /// At rest, for the parameters of `network`, in a training of up to `steps`.
    pub fn new(spec: &OptimizerSpec, network: &Network, steps: u64, steps_per_epoch: u64) -> Self {
        let rate = Rate::new(spec, steps, steps_per_epoch);
        let way = if is_straight(spec) {
            Way::Straight(Descent::new(spec, network), T::of(spec.weight_decay))
        } else {
            Way::Found(Slope::new(spec, network), Rule::new(spec, network))
        };
        Self { rate, way }
    }

    /// The step after `step` others. `engine` has just looked at the loss of its batch at `weights`.
    pub fn step(
        &mut self,
        step: u64,
        weights: &mut Parameters<T>,
        engine: &mut dyn Gradient<T>,
    ) -> Result<(), AutogradError> {
        let rate = self.rate.at(step);
        match &mut self.way {
            Way::Straight(descent, decay) => {
                descent.step_straight(weights, T::of(rate), *decay, |target, update| {
                    engine.add_to(target, update);
                });
            }
            Way::Found(slope, rule) => {
                let gradient = slope.find(weights, engine)?;
                rule.step(step, weights, gradient, rate);
            }
        }
        Ok(())
    }
}

impl Optimizer<f32> {
    /// Keeps what the next step needs of the last ones.
    pub fn save(&self, into: &mut Checkpoint) {
        match &self.way {
            Way::Straight(descent, _) | Way::Found(_, Rule::Descent(descent)) => descent.save(into),
            Way::Found(_, Rule::Adam(adam)) => adam.save(into),
            Way::Found(_, Rule::Sign | Rule::Mirror { .. }) => {}
        }
    }

    /// Takes it back.
    pub fn restore(&mut self, from: &Checkpoint) -> Result<(), Misfit> {
        match &mut self.way {
            Way::Straight(descent, _) | Way::Found(_, Rule::Descent(descent)) => descent.restore(from),
            Way::Found(_, Rule::Adam(adam)) => adam.restore(from),
            Way::Found(_, Rule::Sign | Rule::Mirror { .. }) => Ok(()),
        }
    }
}

impl<T: Real> Rule<T> {
    fn new(spec: &OptimizerSpec, network: &Network) -> Self {
        match spec.kind {
            OptimizerKind::Sgd | OptimizerKind::Sam { .. } | OptimizerKind::Asam { .. } => {
                Self::Descent(Descent::new(spec, network))
            }
            OptimizerKind::Adam(moments) => Self::Adam(Adam::new(moments, 0.0, network)),
            OptimizerKind::Adamw(moments) => Self::Adam(Adam::new(moments, spec.weight_decay, network)),
            OptimizerKind::SignGd => Self::Sign,
            OptimizerKind::Mirror { beta } => Self::Mirror { beta },
        }
    }

    fn step(&mut self, step: u64, weights: &mut Parameters<T>, gradient: &Parameters<T>, rate: f64) {
        match self {
            Self::Descent(descent) => descent.step(weights, gradient, T::of(rate)),
            Self::Adam(adam) => adam.step(step, weights, gradient, rate),
            Self::Sign => geometry::sign(weights, gradient, T::of(rate)),
            Self::Mirror { beta } => geometry::hypentropy(weights, gradient, rate, *beta),
        }
    }
}

/// Writes an array of a checkpoint over `parameters`.
fn restore_array(from: &Checkpoint, name: &str, parameters: &mut Parameters<f32>) -> Result<(), Misfit> {
    let mut flat = parameters.flat();
    from.fill(name, &mut flat)?;
    parameters.set(&flat);
    Ok(())
}
