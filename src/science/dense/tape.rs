//! The buffers of a pass: what the forward half leaves behind for the backward half.

use super::panels::Panels;
use super::{Network, Real, activation};

/// Buffers for up to `rows` examples: one matrix per layer, `rows × outputs of the layer`.
#[derive(Clone, Debug)]
pub(super) struct Tape<T: Real> {
    /// φ(z) of each hidden layer, and the outputs of the last.
    pub values: Vec<Panels<T>>,
    /// φ′(z) of each hidden layer; none where φ tells it.
    pub slopes: Vec<Panels<T>>,
    /// φ″(z) of each hidden layer after the forward half, φ″(z) · ∂L/∂φ after the backward half; none
    /// where no curvature is asked for or φ″ = 0.
    pub bends: Vec<Panels<T>>,
    /// ∂L/∂z of each layer; none where no gradient is asked for. Of the first layer, where there are others, there is one
    /// panel at a time: nothing below it asks for all of it at once.
    pub deltas: Vec<Panels<T>>,
}

/// What a tape is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// Values alone.
    Values,
    /// Gradients.
    First,
    /// Curvature.
    Second,
}

impl<T: Real> Tape<T> {
    /// Buffers for batches of up to `rows` examples, a chunk at a time.
    pub fn new(network: &Network, rows: usize, keep: Keep) -> Self {
        let bent = !activation::is_piecewise_linear(network.activation);
        let layers = network.layers.len();
        // What is wired has buffers of its own.
        let rows = if network.wiring().is_some() { 0 } else { rows.min(network.chunk::<T>()) };
        let only = |count: usize| buffers(network, rows, count);
        Self {
            values: only(layers),
            slopes: only(if bent && keep != Keep::Values { layers - 1 } else { 0 }),
            bends: only(if bent && keep == Keep::Second { layers - 1 } else { 0 }),
            deltas: if keep == Keep::Values { Vec::new() } else { deltas(network, rows) },
        }
    }
}

/// One buffer for each of the first `count` layers.
pub(super) fn buffers<T: Real>(network: &Network, rows: usize, count: usize) -> Vec<Panels<T>> {
    network.layers.iter().take(count).map(|layer| Panels::new(rows, layer.outputs)).collect()
}

/// Buffers for derivatives with respect to what each layer puts out.
pub(super) fn deltas<T: Real>(network: &Network, rows: usize) -> Vec<Panels<T>> {
    let mut deltas = buffers(network, rows, network.layers.len());
    if network.layers.len() > 1
        && let Some(first) = deltas.first_mut()
    {
        *first = Panels::new(rows, T::WIDTH);
    }
    deltas
}
