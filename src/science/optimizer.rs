//! Update rules.

use super::checkpoint::{Checkpoint, Misfit};
use crate::spec::OptimizerSpec;

/// Gradient descent with heavy-ball momentum (Polyak 1964) and weight decay:
/// v ← momentum·v + (g + λw), w ← w − learning rate·v. Decay acts on weights and biases alike.
#[derive(Clone, Debug)]
pub struct Sgd {
    learning_rate: f32,
    momentum: f32,
    weight_decay: f32,
    velocity: Vec<f32>,
}

/// Name of the velocity in a checkpoint.
const VELOCITY: &str = "velocity";

impl Sgd {
    /// At rest, for `parameters` parameters.
    pub fn new(spec: &OptimizerSpec, parameters: usize) -> Self {
        Self {
            learning_rate: spec.learning_rate as f32,
            momentum: spec.momentum as f32,
            weight_decay: spec.weight_decay as f32,
            velocity: vec![0.0; if spec.momentum == 0.0 { 0 } else { parameters }],
        }
    }

    /// One step along `gradient`, that of the loss alone.
    pub fn step(&mut self, weights: &mut [f32], gradient: &[f32]) {
        let (rate, decay) = (self.learning_rate, self.weight_decay);
        // Without momentum v = g + λw: not keeping it saves a third of the memory traffic of small batches.
        if self.velocity.is_empty() {
            for (w, g) in weights.iter_mut().zip(gradient) {
                *w -= rate * (*g + decay * *w);
            }
        } else {
            for ((w, g), v) in weights.iter_mut().zip(gradient).zip(&mut self.velocity) {
                *v = self.momentum * *v + (*g + decay * *w);
                *w -= rate * *v;
            }
        }
    }

    /// Keeps what the next step needs of the last ones.
    pub fn save(&self, into: &mut Checkpoint) {
        into.put_array(VELOCITY, &self.velocity);
    }

    /// Takes it back.
    pub fn restore(&mut self, from: &Checkpoint) -> Result<(), Misfit> {
        from.fill(VELOCITY, &mut self.velocity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::OptimizerKind;

    #[test]
    fn two_steps_by_hand() {
        // (momentum, decay) → weight after two steps from 1 with gradient 1 and rate ½.
        for (momentum, weight_decay, expected) in
            [(0.0, 0.0, 0.0), (0.5, 0.0, -0.25), (0.0, 1.0, -0.5), (0.5, 1.0, -1.0)]
        {
            let kind = OptimizerKind::Sgd;
            let spec = OptimizerSpec { kind, learning_rate: 0.5, batch_size: 1, momentum, weight_decay };
            let mut weights = [1.0];
            let mut sgd = Sgd::new(&spec, 1);
            sgd.step(&mut weights, &[1.0]);
            sgd.step(&mut weights, &[1.0]);
            assert_eq!(weights, [expected], "momentum {momentum}, decay {weight_decay}");
        }
    }
}
