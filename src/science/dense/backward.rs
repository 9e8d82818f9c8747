//! The gradient of the mean loss.

use super::forward::Keep;
use super::matmul::{Store, View, multiply};
use super::{Batch, Layer, Network, Real, Tape, loss};

impl Network {
    /// Mean loss over `batch`; its gradient replaces what stands in `gradient`.
    pub fn loss_and_gradient<T: Real>(
        &self,
        parameters: &[T],
        batch: Batch<'_, T>,
        tape: &mut Tape<T>,
        gradient: &mut [T],
    ) -> f64 {
        let scale = T::of(1.0 / batch.n as f64);
        let (mut sum, mut into) = (0.0, Store::Overwrite);
        for chunk in batch.chunks() {
            self.forward(parameters, chunk, tape, Keep::Derivatives);
            sum += self.backward(parameters, chunk, scale, tape);
            self.gradient_from(chunk, &tape.values, &tape.deltas, into, gradient);
            into = Store::Add;
        }
        sum / batch.n as f64
    }

    /// Fills `tape.deltas` (and finishes `tape.bends`) after the forward half; returns the summed, unscaled loss.
    pub(super) fn backward<T: Real>(
        &self,
        parameters: &[T],
        chunk: Batch<'_, T>,
        scale: T,
        tape: &mut Tape<T>,
    ) -> f64 {
        let (width, n) = (self.outputs(), chunk.n);
        let (Some(outputs), Some(delta)) = (tape.values.last(), tape.deltas.last_mut()) else { return 0.0 };
        let size = n * width;
        let sum = loss::derivative(self.loss, &outputs[..size], chunk.y, width, scale, &mut delta[..size]);
        for (index, layer) in self.layers.iter().enumerate().skip(1).rev() {
            let (lower, upper) = tape.deltas.split_at_mut(index);
            let (Some(below), Some(delta)) = (lower.last_mut(), upper.first()) else { continue };
            let below = &mut below[..n * layer.inputs];
            layer.pull_back(parameters, delta, n, Store::Overwrite, below);
            if let Some(bends) = tape.bends.get_mut(index - 1) {
                multiply_into(&mut bends[..below.len()], below);
            }
            multiply_into(below, &tape.slopes[index - 1]);
        }
        sum
    }

    /// Gradient from the values and deltas of one chunk: δᵀ · (inputs of the layer), and column sums of δ.
    pub(super) fn gradient_from<T: Real>(
        &self,
        chunk: Batch<'_, T>,
        values: &[Vec<T>],
        deltas: &[Vec<T>],
        into: Store,
        gradient: &mut [T],
    ) {
        for (index, (layer, delta)) in self.layers.iter().zip(deltas).enumerate() {
            let x = if index == 0 { chunk.x } else { &values[index - 1] };
            layer.outer_product(delta, x, chunk.n, into, gradient);
            layer.bias_gradient(delta, chunk.n, into, gradient);
        }
    }
}

impl Layer {
    /// ∂L/∂x = scale · δ W for `n` rows.
    pub(super) fn pull_back<T: Real>(
        &self,
        parameters: &[T],
        delta: &[T],
        n: usize,
        into: Store,
        below: &mut [T],
    ) {
        let delta = View::new(delta, n, self.outputs);
        multiply(below, into, T::of(self.scale), delta, self.weight_view(parameters));
    }

    /// ∂L/∂W = scale · δᵀ x over `n` rows, at its place in `gradient`.
    pub(super) fn outer_product<T: Real>(
        &self,
        delta: &[T],
        x: &[T],
        n: usize,
        into: Store,
        gradient: &mut [T],
    ) {
        let (delta, x) = (View::new(delta, n, self.outputs), View::new(x, n, self.inputs));
        multiply(&mut gradient[self.weight.clone()], into, T::of(self.scale), delta.transposed(), x);
    }

    /// ∂L/∂b = column sums of δ, at its place in `gradient`.
    pub(super) fn bias_gradient<T: Real>(&self, delta: &[T], n: usize, into: Store, gradient: &mut [T]) {
        let bias = &mut gradient[self.bias.clone()];
        if bias.is_empty() {
            return;
        }
        if into == Store::Overwrite {
            bias.fill(T::ZERO);
        }
        for row in delta[..n * self.outputs].chunks_exact(self.outputs) {
            for (sum, delta) in bias.iter_mut().zip(row) {
                *sum += *delta;
            }
        }
    }
}

/// Multiplies element by element; `factors` may be longer.
pub(super) fn multiply_into<T: Real>(numbers: &mut [T], factors: &[T]) {
    for (number, factor) in numbers.iter_mut().zip(factors) {
        *number *= *factor;
    }
}
