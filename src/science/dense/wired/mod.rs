//! Networks whose layers are more than a product of matrices: convolutions, layers whose units are normalised over the
//! batch, units that drop out. The products are those of all networks. What comes between them is written here once, for
//! any [`Number`]: over plain numbers it computes losses and gradients, over [`Dual`] ones their exact derivatives along a
//! direction, which are the products with the Hessian.
//!
//! ```text
//! number  matrix    what is computed in
//! image             patches, pooling, flattening
//! through           forward and back through all layers
//! look              losses, gradients and products of a batch
//! ```
//!
//! A layer that normalises takes mean and variance over the examples at hand (Ioffe & Szegedy 2015, §3): in a step those of the
//! mini-batch, in whatever is measured those of all training examples, also where test examples are looked at. So
//! there are no running averages: a function is told by its weights and the training examples alone, and the loss that is
//! measured is the one that full-batch descent minimises.

mod image;
mod look;
mod matrix;
mod number;
#[cfg(test)]
mod tests;
mod through;

use std::ops::Range;

use super::{Network, Real, Rows};
pub use image::Image;
pub(super) use look::Look;
pub(super) use through::Dropout;

/// The root of the mean square of all hidden units of a wired network over `rows`.
pub fn activity<T: Real>(network: &Network, weights: &[T], rows: Rows<'_, T>) -> f64 {
    Look::at(network, weights).map_or(f64::NAN, |look| look.activity(rows))
}

/// What surrounds the products of a network, layer by layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Wiring {
    /// One for each layer.
    pub(super) wires: Vec<Wire>,
    /// Whether some layer normalises its units.
    pub(super) normalizes: bool,
}

/// What surrounds one product.
#[derive(Clone, Debug, PartialEq)]
pub struct Wire {
    /// How its inputs are made of what the layer below puts out.
    pub entry: Entry,
    /// What becomes of its outputs: an image that is averaged over squares of so many pixels.
    pub pool: Option<(Image, [usize; 2])>,
    /// Where the gains of its normalised units lie among the parameters; empty where they are not normalised.
    pub gain: Range<usize>,
}

/// How the inputs of a product are made.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// They are what is there.
    Same,
    /// A row for each pixel: those around it, of all channels.
    Patches(Image, [usize; 2]),
    /// The pixels of all channels in one row, channel by channel.
    Flat(Image),
}

impl Wiring {
    /// Of plain layers, so many.
    pub(super) fn plain(layers: usize) -> Self {
        Self { wires: vec![Wire::same(); layers], normalizes: false }
    }

    /// Whether there are images in it.
    pub fn convolves(&self) -> bool {
        self.wires.iter().any(|wire| matches!(wire.entry, Entry::Patches(..)))
    }

    /// One for each layer.
    pub fn wires(&self) -> &[Wire] {
        &self.wires
    }

    /// Rows that an example has in the product of that layer.
    pub fn rows(&self, layer: usize) -> usize {
        match self.wires.get(layer).map(|wire| &wire.entry) {
            Some(Entry::Patches(image, _)) => image.pixels(),
            _ => 1,
        }
    }

    /// Channels, height and width of a kernel of that layer, if it is a convolution.
    pub fn kernel(&self, layer: usize) -> Option<[usize; 3]> {
        match self.wires.get(layer)?.entry {
            Entry::Patches(image, [height, width]) => Some([image.channels, height, width]),
            _ => None,
        }
    }

    /// The gains of all layers.
    pub fn gains(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        self.wires.iter().map(|wire| wire.gain.clone()).filter(|gain| !gain.is_empty())
    }
}
