//! Where the training loop gets its gradients from.

use super::autograd::{Autograd, AutogradError};
use super::dense::{Batch, Network, Tape};
use crate::spec::Engine;

/// Something that differentiates the mean loss of a batch. Both engines run under the same loop, on the same random
/// streams and are measured by the same code.
pub trait Gradient {
    /// The loss; its gradient replaces what stands in `gradient`.
    fn loss_and_gradient(
        &mut self,
        weights: &[f32],
        batch: Batch<'_, f32>,
        gradient: &mut [f32],
    ) -> Result<f64, AutogradError>;
}

/// The engine of that kind, for batches of up to `rows` examples.
pub fn engine<'a>(kind: Engine, network: &'a Network, rows: usize) -> Box<dyn Gradient + 'a> {
    match kind {
        Engine::Dense => Box::new(Dense { network, tape: Tape::new(network, rows) }),
        Engine::Autograd => Box::new(Autograd::new(network)),
    }
}

/// The hand-written pass with its buffers.
struct Dense<'a> {
    network: &'a Network,
    tape: Tape<f32>,
}

impl Gradient for Dense<'_> {
    fn loss_and_gradient(
        &mut self,
        weights: &[f32],
        batch: Batch<'_, f32>,
        gradient: &mut [f32],
    ) -> Result<f64, AutogradError> {
        Ok(self.network.loss_and_gradient(weights, batch, &mut self.tape, gradient))
    }
}

impl Gradient for Autograd<'_> {
    fn loss_and_gradient(
        &mut self,
        weights: &[f32],
        batch: Batch<'_, f32>,
        gradient: &mut [f32],
    ) -> Result<f64, AutogradError> {
        Autograd::loss_and_gradient(self, weights, batch, gradient)
    }
}
