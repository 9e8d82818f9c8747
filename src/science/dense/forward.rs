//! From inputs to outputs and loss.

use super::activation::{Derivatives, activate};
use super::matmul::{Store, View, multiply};
use super::{Batch, Network, Real, Tape, loss};

/// How much the forward half leaves on the tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// Values alone.
    Values,
    /// Whatever derivatives the tape has buffers for.
    Derivatives,
}

impl Network {
    /// Mean loss over `batch`.
    pub fn loss<T: Real>(&self, parameters: &[T], batch: Batch<'_, T>, tape: &mut Tape<T>) -> f64 {
        let mut sum = 0.0;
        self.for_outputs(parameters, batch, tape, |chunk, outputs| {
            sum += self.loss_sum(outputs, chunk.y);
        });
        sum / batch.n as f64
    }

    /// Loss summed over the rows of `outputs` against those of `y`.
    pub fn loss_sum<T: Real>(&self, outputs: &[T], y: &[T]) -> f64 {
        loss::sum(self.loss, outputs, y, self.outputs())
    }

    /// Hands the outputs (`n × outputs`, row-major) of consecutive parts of `batch` to `see`, in order.
    pub fn for_outputs<T: Real>(
        &self,
        parameters: &[T],
        batch: Batch<'_, T>,
        tape: &mut Tape<T>,
        mut see: impl FnMut(Batch<'_, T>, &[T]),
    ) {
        for chunk in batch.chunks() {
            self.forward(parameters, chunk, tape, Keep::Values);
            if let Some(outputs) = tape.values.last() {
                see(chunk, &outputs[..chunk.n * self.outputs()]);
            }
        }
    }

    /// Fills `tape.values`, and derivatives if asked, for one chunk.
    pub(super) fn forward<T: Real>(
        &self,
        parameters: &[T],
        chunk: Batch<'_, T>,
        tape: &mut Tape<T>,
        keep: Keep,
    ) {
        for (index, layer) in self.layers.iter().enumerate() {
            let size = chunk.n * layer.outputs;
            let (before, rest) = tape.values.split_at_mut(index);
            let Some(z) = rest.first_mut() else { return };
            let z = &mut z[..size];
            let x = before.last().map_or(chunk.x, Vec::as_slice);
            let (x, weight) = (View::new(x, chunk.n, layer.inputs), layer.weight_view(parameters));
            multiply(z, Store::Overwrite, T::of(layer.scale), x, weight.transposed());
            let bias = &parameters[layer.bias.clone()];
            let bias = if bias.is_empty() { &tape.zeros[..layer.outputs] } else { bias };
            let slopes = tape.slopes.get_mut(index);
            let derivatives = match (slopes, tape.bends.get_mut(index)) {
                (None, _) => {
                    add_bias(z, bias);
                    continue;
                }
                _ if keep == Keep::Values => Derivatives::None,
                (Some(slopes), None) => Derivatives::First(&mut slopes[..size]),
                (Some(slopes), Some(bends)) => Derivatives::Second(&mut slopes[..size], &mut bends[..size]),
            };
            activate(self.activation, z, bias, derivatives);
        }
    }
}

impl super::Layer {
    /// W, `outputs × inputs`.
    pub(super) fn weight_view<'a, T>(&self, parameters: &'a [T]) -> View<'a, T> {
        View::new(&parameters[self.weight.clone()], self.outputs, self.inputs)
    }
}

/// Adds `bias` to every row of `z`.
pub(super) fn add_bias<T: Real>(z: &mut [T], bias: &[T]) {
    for row in z.chunks_exact_mut(bias.len()) {
        for (z, b) in row.iter_mut().zip(bias) {
            *z += *b;
        }
    }
}
