//! Gradient descent, alone, with a heavy ball (Polyak 1964) or looking ahead (Nesterov 1983).

use super::super::checkpoint::{Checkpoint, Misfit};
use super::super::dense::parameters::Target;
use super::super::dense::product::Update;
use super::super::dense::{Network, Parameters, Real};
use super::restore_array;
use crate::spec::OptimizerSpec;

/// v ← μv + g, w ← w − ηv; looking ahead, w ← w − η(g + μv).
#[derive(Debug)]
pub struct Descent<T: Real> {
    momentum: T,
    nesterov: bool,
    /// v; without momentum it is not kept.
    velocity: Option<Parameters<T>>,
}

/// Name of the velocity in a checkpoint.
const VELOCITY: &str = "velocity";

impl<T: Real> Descent<T> {
    /// At rest, for the parameters of `network`.
    pub fn new(spec: &OptimizerSpec, network: &Network) -> Self {
        Self {
            momentum: T::of(spec.momentum),
            nesterov: spec.nesterov,
            velocity: (spec.momentum != 0.0).then(|| Parameters::zeros(network)),
        }
    }

    /// One step of learning rate `rate` along `gradient`.
    pub fn step(&mut self, weights: &mut Parameters<T>, gradient: &Parameters<T>, rate: T) {
        let Some(velocity) = self.velocity.as_mut().filter(|_| self.nesterov) else {
            return self.step_straight(weights, rate, T::ZERO, |mut target, update| {
                target.out().combine(update, gradient);
            });
        };
        velocity.combine(Update { keep: self.momentum, scale: T::ONE }, gradient);
        weights.combine(Update::add(-rate * self.momentum), velocity);
        weights.combine(Update::add(-rate), gradient);
    }

    /// The same with a gradient that is nowhere yet, and decay λ: `add_gradient(target, update)` sets
    /// `out = keep · out + scale · g`. The velocity gets it as it is made, and without one the weights do.
    pub fn step_straight(
        &mut self,
        weights: &mut Parameters<T>,
        rate: T,
        decay: T,
        add_gradient: impl FnOnce(Target<'_, T>, Update<T>),
    ) {
        let Some(velocity) = &mut self.velocity else {
            let update = Update { keep: T::ONE - rate * decay, scale: -rate };
            return add_gradient(Target::There(weights), update);
        };
        add_gradient(Target::Beside(weights, velocity), Update { keep: self.momentum, scale: T::ONE });
        if decay != T::ZERO {
            velocity.combine(Update::add(decay), weights);
        }
        weights.combine(Update::add(-rate), velocity);
    }
}

impl Descent<f32> {
    /// Keeps the velocity.
    pub fn save(&self, into: &mut Checkpoint) {
        let velocity = self.velocity.as_ref().map(Parameters::flat);
        into.put_array(VELOCITY, &velocity.unwrap_or_default());
    }

    /// Takes it back.
    pub fn restore(&mut self, from: &Checkpoint) -> Result<(), Misfit> {
        match &mut self.velocity {
            Some(velocity) => restore_array(from, VELOCITY, velocity),
            None => from.fill(VELOCITY, &mut []),
        }
    }
}
