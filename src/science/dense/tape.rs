//! The buffers of a pass: what the forward half leaves behind for the backward half.

use super::batch::CHUNK;
use super::{Network, Real, activation};

/// Buffers for up to `rows` examples. One vector per layer, row-major, `rows × outputs of the layer`.
#[derive(Clone, Debug)]
pub struct Tape<T> {
    /// φ(z) of each hidden layer, and the outputs of the last.
    pub(super) values: Vec<Vec<T>>,
    /// φ′(z) of each hidden layer.
    pub(super) slopes: Vec<Vec<T>>,
    /// φ″(z) of each hidden layer after the forward half, φ″(z) · ∂L/∂φ after the backward half; no buffers
    /// where no curvature is asked for or φ″ = 0.
    pub(super) bends: Vec<Vec<T>>,
    /// ∂L/∂z of each layer.
    pub(super) deltas: Vec<Vec<T>>,
    /// A bias for layers that have none, as wide as the widest.
    pub(super) zeros: Vec<T>,
}

impl<T: Real> Tape<T> {
    /// Buffers for gradients over batches of up to `rows` examples.
    pub fn new(network: &Network, rows: usize) -> Self {
        let per_layer = buffers(network, rows);
        Self {
            slopes: hidden(&per_layer),
            bends: Vec::new(),
            deltas: per_layer.clone(),
            values: per_layer,
            zeros: vec![T::ZERO; network.layers.iter().map(|layer| layer.outputs).max().unwrap_or(0)],
        }
    }

    /// Buffers that keep second derivatives too.
    pub(super) fn with_bends(network: &Network, rows: usize) -> Self {
        let mut tape = Self::new(network, rows);
        if !activation::is_piecewise_linear(network.activation) {
            tape.bends = hidden(&tape.values);
        }
        tape
    }
}

/// One buffer per layer for the chunks of a batch of `rows` examples.
pub(super) fn buffers<T: Real>(network: &Network, rows: usize) -> Vec<Vec<T>> {
    let rows = rows.min(CHUNK);
    network.layers.iter().map(|layer| vec![T::ZERO; rows * layer.outputs]).collect()
}

/// The same without the last layer's.
fn hidden<T: Clone>(buffers: &[Vec<T>]) -> Vec<Vec<T>> {
    buffers[..buffers.len().saturating_sub(1)].to_vec()
}
