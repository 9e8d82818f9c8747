//! From inputs to outputs and loss.

use super::activation::{Derivatives, activate, of_product};
use super::batch::Rows;
use super::parameters::{Parameters, Turned};
use super::product::{Update, multiply, multiply_then};
use super::tape::Tape;
use super::{Network, Real};
use crate::spec::Activation;

impl Network {
    /// Fills `tape.values`, and the derivatives that it has buffers for, for one chunk. Panel by panel: what a product has
    /// written is still in the cache when φ reads it; a φ that only cuts off is part of the product.
    pub(super) fn forward<T: Real>(
        &self,
        parameters: &Parameters<T>,
        turned: &Turned<T>,
        chunk: Rows<'_, T>,
        tape: &mut Tape<T>,
    ) {
        let n = chunk.n();
        for (index, layer) in self.layers.iter().enumerate() {
            let (before, rest) = tape.values.split_at_mut(index);
            let Some(z) = rest.first_mut() else { return };
            let x = before.last().map_or(chunk.x, |values| values.top(n));
            let (weight, bias) = (turned.weight(parameters, index), parameters.bias(index));
            let update = Update::replace(T::of(layer.scale));
            let last = index + 1 == self.layers.len();
            let activation = if last { Activation::Linear } else { self.activation };
            let mut z = z.top_mut(n);
            let mut slopes = tape.slopes.get_mut(index).map(|slopes| slopes.top_mut(n));
            let mut bends = tape.bends.get_mut(index).map(|bends| bends.top_mut(n));
            for p in 0..z.panels() {
                let mut z = z.one(p);
                if let Some(then) = of_product(activation, &bias[p]) {
                    multiply_then(z, update, x, weight.one(p), then);
                    continue;
                }
                multiply(z.again(), update, x, weight.one(p));
                let derivatives = match (slopes.as_mut(), bends.as_mut()) {
                    (Some(slopes), Some(bends)) => Derivatives::Second(slopes.one(p), bends.one(p)),
                    (Some(slopes), None) => Derivatives::First(slopes.one(p)),
                    (None, _) => Derivatives::None,
                };
                activate(activation, z, &bias[p..=p], derivatives);
            }
        }
    }
}
