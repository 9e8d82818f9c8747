//! Update rules.

use super::checkpoint::{Checkpoint, Misfit};
use super::dense::parameters::Target;
use super::dense::product::Update;
use super::dense::{Network, Parameters};
use crate::spec::OptimizerSpec;

/// Gradient descent with heavy-ball momentum (Polyak 1964) and weight decay:
/// v ← momentum·v + (g + λw), w ← w − learning rate·v. Decay acts on weights and biases alike.
#[derive(Clone, Debug)]
pub struct Sgd {
    learning_rate: f32,
    momentum: f32,
    weight_decay: f32,
    /// v; without momentum it is not kept, and the gradient goes straight into the weights.
    velocity: Option<Parameters<f32>>,
}

/// Name of the velocity in a checkpoint.
const VELOCITY: &str = "velocity";

impl Sgd {
    /// At rest, for the parameters of `network`.
    pub fn new(spec: &OptimizerSpec, network: &Network) -> Self {
        Self {
            learning_rate: spec.learning_rate as f32,
            momentum: spec.momentum as f32,
            weight_decay: spec.weight_decay as f32,
            velocity: (spec.momentum != 0.0).then(|| Parameters::zeros(network)),
        }
    }

    /// One step. `add_gradient(target, update)` sets `out = keep · out + scale · g` for the gradient g of the loss alone.
    pub fn step(
        &mut self,
        weights: &mut Parameters<f32>,
        add_gradient: impl FnOnce(Target<'_, f32>, Update<f32>),
    ) {
        let (rate, decay) = (self.learning_rate, self.weight_decay);
        let Some(velocity) = &mut self.velocity else {
            let update = Update { keep: 1.0 - rate * decay, scale: -rate };
            return add_gradient(Target::There(weights), update);
        };
        add_gradient(Target::Beside(weights, velocity), Update { keep: self.momentum, scale: 1.0 });
        if decay != 0.0 {
            velocity.combine(Update::add(decay), weights);
        }
        weights.combine(Update::add(-rate), velocity);
    }

    /// Keeps what the next step needs of the last ones.
    pub fn save(&self, into: &mut Checkpoint) {
        let velocity = self.velocity.as_ref().map(Parameters::flat);
        into.put_array(VELOCITY, &velocity.unwrap_or_default());
    }

    /// Takes it back.
    pub fn restore(&mut self, from: &Checkpoint) -> Result<(), Misfit> {
        let mut flat = self.velocity.as_ref().map(Parameters::flat).unwrap_or_default();
        from.fill(VELOCITY, &mut flat)?;
        if let Some(velocity) = &mut self.velocity {
            velocity.set(&flat);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::science::fixtures::{HE, mlp};
    use crate::spec::{Activation, Loss, OptimizerKind};

    #[test]
    fn two_steps_by_hand() {
        let network = Network::new(&mlp(&[], Activation::Linear, HE), 1, 1, Loss::Squared).unwrap();
        let ones = Parameters::new(&network, &[1.0, 1.0]);
        // (momentum, decay) → weight after two steps from 1 with gradient 1 and rate ½.
        for (momentum, weight_decay, expected) in
            [(0.0, 0.0, 0.0), (0.5, 0.0, -0.25), (0.0, 1.0, -0.5), (0.5, 1.0, -1.0)]
        {
            let kind = OptimizerKind::Sgd;
            let spec = OptimizerSpec { kind, learning_rate: 0.5, batch_size: 1, momentum, weight_decay };
            let mut weights = ones.clone();
            let mut sgd = Sgd::new(&spec, &network);
            for _ in 0..2 {
                sgd.step(&mut weights, |mut target, update| target.out().combine(update, &ones));
            }
            assert_eq!(weights.flat(), [expected; 2], "momentum {momentum}, decay {weight_decay}");
        }
    }
}
