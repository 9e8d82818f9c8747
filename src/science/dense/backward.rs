//! From the loss back to what the parameters have to do with it.

use super::activation::{pull, pull_of_product};
use super::batch::Rows;
use super::elementwise::{add_columns, multiply_into};
use super::panels::{Panels, View, ViewMut};
use super::parameters::{Parameters, Target};
use super::product::{Update, multiply, multiply_then, multiply_transposed};
use super::tape::Tape;
use super::{Network, Real, loss};

impl Network {
    /// The deltas of all layers but the first, after the forward half; returns the summed, unscaled loss.
    pub(super) fn backward<T: Real>(
        &self,
        parameters: &Parameters<T>,
        chunk: Rows<'_, T>,
        scale: T,
        tape: &mut Tape<T>,
    ) -> f64 {
        let n = chunk.n();
        let (Some(outputs), Some(delta)) = (tape.values.last(), tape.deltas.last_mut()) else { return 0.0 };
        let sum = loss::derivative(self.loss, outputs.top(n), chunk.y, scale, delta.top_mut(n));
        for index in (2..self.layers.len()).rev() {
            let (lower, upper) = tape.deltas.split_at_mut(index);
            let (Some(below), Some(delta)) = (lower.last_mut(), upper.first()) else { continue };
            let mut below = below.top_mut(n);
            let (values, slopes) = (&tape.values, &tape.slopes);
            let mut halves = Halves { values, slopes, bends: &mut tape.bends };
            for p in 0..below.panels() {
                self.pull_back(parameters, index, p, delta.top(n), &mut halves, below.one(p));
            }
        }
        sum
    }

    /// Columns of that panel of the first layer's outputs.
    #[inline]
    pub(super) fn columns<T: Real>(&self, p: usize) -> usize {
        self.layers.first().map_or(0, |layer| layer.outputs - p * T::WIDTH)
    }

    /// One panel of the deltas of the layer below `index`, from those of `index`. Panel by panel: what a product has written
    /// is still in the cache when it is multiplied by the slope.
    #[inline]
    fn pull_back<T: Real>(
        &self,
        parameters: &Parameters<T>,
        index: usize,
        p: usize,
        delta: View<'_, T>,
        halves: &mut Halves<'_, T>,
        mut below: ViewMut<'_, T>,
    ) {
        let n = delta.rows();
        let update = Update::replace(T::of(self.layers[index].scale));
        let (weight, values) = (parameters.weight(index).one(p), halves.values[index - 1].top(n).one(p));
        if let Some(then) = pull_of_product(self.activation, values) {
            multiply_then(below, update, delta, weight, then);
            return;
        }
        multiply(below.again(), update, delta, weight);
        if let Some(bends) = halves.bends.get_mut(index - 1) {
            multiply_into(bends.top_mut(n).one(p), below.view());
        }
        let slopes = halves.slopes.get(index - 1).map(|slopes| slopes.top(n).one(p));
        pull(self.activation, below, values, slopes);
    }

    /// The gradient of one chunk, after both halves, to `target`: for each layer the sum over its rows of all products of
    /// a delta and an input, and the sum of the deltas. What is left of the backward half, the deltas of the first
    /// layer, is done by the way, panel by panel.
    pub(super) fn collect<T: Real>(
        &self,
        chunk: Rows<'_, T>,
        tape: &mut Tape<T>,
        update: Update<T>,
        target: &mut Target<'_, T>,
    ) {
        let n = chunk.n();
        let Tape { values, slopes, bends, deltas } = tape;
        let Some((first, deltas)) = deltas.split_first_mut() else { return };
        let mut halves = Halves { values, slopes, bends };
        if let Some(delta) = deltas.first() {
            for p in 0..halves.values[0].view().panels() {
                let mut first = first.top_mut(n).narrow(self.columns::<T>(p));
                self.pull_back(target.at(), 1, p, delta.top(n), &mut halves, first.again());
                self.collect_first(chunk.x, first.view(), p, update, target.out());
            }
        } else {
            for p in 0..first.view().panels() {
                self.collect_first(chunk.x, first.top(n).one(p), p, update, target.out());
            }
        }
        for (index, delta) in (1..).zip(&*deltas) {
            self.collect_layer(index, delta.top(n), halves.values[index - 1].top(n), update, target.out());
        }
    }

    /// What [`Self::collect`] does to the bends, alone.
    pub(super) fn finish_bends<T: Real>(
        &self,
        parameters: &Parameters<T>,
        chunk: Rows<'_, T>,
        tape: &mut Tape<T>,
    ) {
        let Tape { values, slopes, bends, deltas } = tape;
        let mut halves = Halves { values, slopes, bends };
        if let [first, delta, ..] = &mut deltas[..]
            && !halves.bends.is_empty()
        {
            for p in 0..halves.values[0].view().panels() {
                let first = first.top_mut(chunk.n()).narrow(self.columns::<T>(p));
                self.pull_back(parameters, 1, p, delta.top(chunk.n()), &mut halves, first);
            }
        }
    }

    /// The gradient of one panel of the first layer, whose weights stand `inputs × outputs`.
    #[inline]
    pub(super) fn collect_first<T: Real>(
        &self,
        x: View<'_, T>,
        delta: View<'_, T>,
        p: usize,
        update: Update<T>,
        out: &mut Parameters<T>,
    ) {
        let (mut weight, bias) = out.layer_mut(0);
        let scaled = Update { scale: update.scale * T::of(self.layers[0].scale), ..update };
        multiply_transposed(weight.one(p), scaled, x, delta);
        if let Some(bias) = bias {
            add_columns(&mut bias[p..=p], update, delta);
        }
    }

    /// The gradient of another layer.
    #[inline]
    pub(super) fn collect_layer<T: Real>(
        &self,
        index: usize,
        delta: View<'_, T>,
        x: View<'_, T>,
        update: Update<T>,
        out: &mut Parameters<T>,
    ) {
        self.outer_product(index, delta, x, update, out);
        if let (_, Some(bias)) = out.layer_mut(index) {
            add_columns(bias, update, delta);
        }
    }

    /// δᵀ x of any layer but the first, to its weights.
    #[inline]
    pub(super) fn outer_product<T: Real>(
        &self,
        index: usize,
        delta: View<'_, T>,
        x: View<'_, T>,
        update: Update<T>,
        out: &mut Parameters<T>,
    ) {
        let update = Update { scale: update.scale * T::of(self.layers[index].scale), ..update };
        multiply_transposed(out.layer_mut(index).0, update, delta, x);
    }
}

/// What the forward half has left behind.
struct Halves<'a, T: Real> {
    values: &'a [Panels<T>],
    slopes: &'a [Panels<T>],
    bends: &'a mut [Panels<T>],
}
