//! Dense networks, and what is made of the same products: shapes and the layout of all parameters in one flat vector,
//! layer by layer, the weights `outputs × inputs` row-major, then the biases; behind them all the gains of normalised units. That is how everybody else knows them. The passes keep their matrices
//! in [`panels`], with [`Parameters`] and [`Examples`] between the two:
//!
//! ```text
//! real  panels            numbers in vectors, matrices in lines of the cache
//! product  elementwise    what is done with them
//! sums                    … along a line
//! transpose  exp  tanh  cos
//! parameters  batch       weights and examples in panels
//! activation  loss        what a network consists of
//! forward  backward       the halves of a pass, over the buffers of a tape
//! pass                    losses and gradients: what trains
//! hessian                 exact products with the Hessian and the Gauss–Newton matrix
//! wired                   convolutions, normalised units, dropout
//! ```
//!
//! The loss is always the mean over the examples of the batch. Weight decay is no part of it: it belongs to the
//! step of the optimiser, and neither to the reported loss nor to the Hessian.
//!
//! Everything is generic over [`Real`]: training runs in f32, curvature in f64 on the same weights. Buffers are made
//! once; no pass allocates.

#![allow(
    clippy::inline_always,
    clippy::manual_memcpy,
    clippy::needless_range_loop,
    reason = "what works on vectors must become one function with loops of known lengths: see `product`"
)]

use std::ops::Range;

use thiserror::Error;

use crate::spec::{Activation, InitKind, Loss, ModelSpec};

pub mod activation;
mod backward;
pub mod batch;
mod cos;
mod elementwise;
mod exp;
mod forward;
pub mod hessian;
pub mod loss;
pub mod panels;
pub mod parameters;
pub mod pass;
pub mod product;
mod real;
mod sums;
mod tanh;
mod tape;
mod transpose;
pub mod wired;

pub use batch::{Batch, Examples, Rows};
pub use cos::waves;
pub use hessian::{Curvature, Products};
pub use parameters::Parameters;
pub use pass::Pass;
#[cfg(test)]
pub use real::shorter;
pub use real::{Real, vectorized};

use wired::{Entry, Image, Wire, Wiring};

/// Why a network cannot be made.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ShapeError {
    /// A layer would have no units.
    #[error("a network needs at least one input, one output and one unit in each hidden layer: {0:?}")]
    EmptyLayer(Vec<usize>),
    /// A product has one input and one output.
    #[error("a product of weights has one input and one output, and the data have {0} and {1}")]
    Product(usize, usize),
    /// Images are too small for the squares that are averaged.
    #[error("an image of {0} × {1} pixels has no square of {2} to average: fewer `channels`, or `pool: 1`")]
    Pool(usize, usize, usize),
    /// It is another kind of model.
    #[error("`{0}` is no network")]
    NoNetwork(&'static str),
}

/// What a model says of its network.
pub struct Form {
    /// Widths of the hidden layers.
    pub hidden: Vec<usize>,
    /// The nonlinearity between layers.
    pub activation: Activation,
    /// Whether layers have biases.
    pub bias: bool,
    /// Whether hidden units are normalised.
    pub batch_norm: bool,
    /// What comes before all of that.
    pub convolutions: Option<Convolutions>,
    /// Whether each layer divides by √inputs.
    ntk: bool,
}

/// Convolutions, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Convolutions {
    /// Channels of each.
    pub channels: Vec<usize>,
    /// Side of the kernels.
    pub kernel: usize,
    /// Side of the squares that are averaged after each.
    pub pool: usize,
}

/// One of them.
pub struct Convolution {
    /// What it sees.
    pub image: Image,
    /// Its kernel.
    pub kernel: [usize; 2],
    /// What is averaged behind it.
    pub pool: Option<[usize; 2]>,
    /// What comes of it.
    pub result: Image,
}

impl Convolutions {
    /// Each of them on an image of so many inputs.
    pub fn over(&self, inputs: usize) -> Result<Vec<Convolution>, ShapeError> {
        let mut image = Image::of_inputs(inputs);
        let one = |&channels: &usize| {
            let by = image.square(self.pool);
            let wide = Image { channels, ..image };
            // A row of pixels has a kernel that is a row.
            let kernel = [image.height, image.width].map(|side| if side == 1 { 1 } else { self.kernel });
            let result = wide.pooled(by);
            if by.contains(&0) || result.pixels() == 0 || (self.pool > 1 && by == [1, 1]) {
                return Err(ShapeError::Pool(image.height, image.width, self.pool));
            }
            let pool = (by != [1, 1]).then_some(by);
            let convolution = Convolution { image, kernel, pool, result };
            image = result;
            Ok(convolution)
        };
        self.channels.iter().map(one).collect()
    }
}

impl Form {
    /// Of a model that is a network.
    pub fn of(model: &ModelSpec) -> Result<Self, ShapeError> {
        let activation = Activation::Linear;
        Ok(match model {
            ModelSpec::Mlp { hidden, activation, bias, init, batch_norm, .. } => Self {
                hidden: hidden.clone(),
                activation: *activation,
                bias: *bias,
                batch_norm: *batch_norm,
                convolutions: None,
                ntk: init.kind == InitKind::Ntk,
            },
            ModelSpec::Convolutional {
                channels,
                kernel,
                pool,
                hidden,
                activation,
                bias,
                init,
                batch_norm,
                ..
            } => Self {
                hidden: hidden.clone(),
                activation: *activation,
                bias: *bias,
                batch_norm: *batch_norm,
                convolutions: Some(Convolutions { channels: channels.clone(), kernel: *kernel, pool: *pool }),
                ntk: init.kind == InitKind::Ntk,
            },
            ModelSpec::Linear { bias, init } => {
                Self { bias: *bias, ntk: init.kind == InitKind::Ntk, ..Self::plain(Vec::new(), activation) }
            }
            ModelSpec::Product { init } => Self::plain(vec![1; init.len().saturating_sub(1)], activation),
            other => return Err(ShapeError::NoNetwork(other.word())),
        })
    }

    /// Without anything but these layers.
    fn plain(hidden: Vec<usize>, activation: Activation) -> Self {
        Self { hidden, activation, bias: false, batch_norm: false, convolutions: None, ntk: false }
    }
}

/// A dense network: widths, nonlinearity, loss, and where each layer's parameters lie. It holds no parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    layers: Vec<Layer>,
    activation: Activation,
    loss: Loss,
    inputs: usize,
    parameters: usize,
    /// What else there is besides products.
    wiring: Option<Wiring>,
}

/// One layer, x ↦ φ(scale · W x + b); the last layer has no φ.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Width of x.
    pub inputs: usize,
    /// Width of the result.
    pub outputs: usize,
    /// Where W lies in the flat parameters.
    pub weight: Range<usize>,
    /// Where b lies; empty if the network has no biases.
    pub bias: Range<usize>,
    /// 1/√inputs in the NTK parametrisation (Jacot et al. 2018), else 1.
    pub scale: f64,
}

/// Inputs and outputs of the products of a network, and what surrounds them, while it is put together.
struct Widths {
    pairs: Vec<(usize, usize)>,
    wires: Vec<Wire>,
    /// What the layers so far put out, and the image that it is.
    reached: usize,
    image: Option<Image>,
}

impl Widths {
    /// Of the convolutions of a network.
    fn of(form: &Form, inputs: usize) -> Result<Self, ShapeError> {
        let mut widths = Self { pairs: Vec::new(), wires: Vec::new(), reached: inputs, image: None };
        let Some(convolutions) = &form.convolutions else { return Ok(widths) };
        for Convolution { image, kernel, pool, result } in convolutions.over(inputs)? {
            let wide = Image { channels: result.channels, ..image };
            widths.pairs.push((kernel[0] * kernel[1] * image.channels, result.channels));
            let (entry, pool) = (Entry::Patches(image, kernel), pool.map(|by| (wide, by)));
            widths.wires.push(Wire { entry, pool, ..Wire::same() });
            (widths.reached, widths.image) = (result.pixels() * result.channels, Some(result));
        }
        Ok(widths)
    }

    /// Of the dense layers behind them.
    fn dense(&mut self, hidden: &[usize], outputs: usize) {
        for &width in hidden.iter().chain([&outputs]) {
            self.pairs.push((self.reached, width));
            let entry = self.image.take().map_or(Entry::Same, Entry::Flat);
            self.wires.push(Wire { entry, ..Wire::same() });
            self.reached = width;
        }
    }
}

impl Network {
    /// The network that `model` describes between `inputs` and `outputs`.
    pub fn new(model: &ModelSpec, inputs: usize, outputs: usize, loss: Loss) -> Result<Self, ShapeError> {
        let form = Form::of(model)?;
        if matches!(model, ModelSpec::Product { .. }) && (inputs, outputs) != (1, 1) {
            return Err(ShapeError::Product(inputs, outputs));
        }
        let mut widths = Widths::of(&form, inputs)?;
        widths.dense(&form.hidden, outputs);
        let all = widths.pairs.iter().flat_map(|&(inputs, outputs)| [inputs, outputs]);
        if all.clone().any(|width| width == 0) {
            return Err(ShapeError::EmptyLayer(all.collect()));
        }
        let mut parameters = 0;
        let mut take = |count: usize| {
            parameters += count;
            parameters - count..parameters
        };
        let layer = |&(inputs, outputs): &(usize, usize)| Layer {
            inputs,
            outputs,
            weight: take(inputs * outputs),
            bias: take(if form.bias { outputs } else { 0 }),
            scale: if form.ntk { 1.0 / (inputs as f64).sqrt() } else { 1.0 },
        };
        let layers: Vec<Layer> = widths.pairs.iter().map(layer).collect();
        if form.batch_norm {
            let hidden = widths.wires.len().saturating_sub(1);
            for (wire, layer) in widths.wires.iter_mut().zip(&layers).take(hidden) {
                wire.gain = take(layer.outputs);
            }
        }
        let wired = form.convolutions.is_some() || form.batch_norm;
        let wiring = wired.then_some(Wiring { wires: widths.wires, normalizes: form.batch_norm });
        Ok(Self { layers, activation: form.activation, loss, inputs, parameters, wiring })
    }

    /// The same network, passed through as those are that are more than products.
    #[must_use]
    pub fn wired(&self) -> Self {
        let wiring = self.wiring.clone().unwrap_or_else(|| Wiring::plain(self.layers.len()));
        Self { wiring: Some(wiring), ..self.clone() }
    }

    /// What else there is besides products, if there is anything.
    #[inline]
    pub fn wiring(&self) -> Option<&Wiring> {
        self.wiring.as_ref()
    }

    /// Rows that each example has in the product of each layer: as many as its image has pixels.
    pub fn rows(&self) -> Vec<usize> {
        let rows = |index: usize| self.wiring.as_ref().map_or(1, |wiring| wiring.rows(index));
        (0..self.layers.len()).map(rows).collect()
    }

    /// Whether units are normalised over the examples at hand.
    pub fn normalizes(&self) -> bool {
        self.wiring.as_ref().is_some_and(|wiring| wiring.normalizes)
    }

    /// Where the gains of normalised units lie among the parameters, layer by layer.
    pub fn gains(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        self.wiring.iter().flat_map(Wiring::gains)
    }

    /// Number of weights and biases.
    pub fn parameters(&self) -> usize {
        self.parameters
    }

    /// The layers, first to last.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The nonlinearity between layers.
    #[inline]
    pub fn activation(&self) -> Activation {
        self.activation
    }

    /// What is minimised.
    pub fn loss_kind(&self) -> Loss {
        self.loss
    }

    /// Input dimension.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Output dimension.
    pub fn outputs(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.outputs)
    }

    /// Rows that a pass takes at once.
    #[inline]
    fn chunk<T: Real>(&self) -> usize {
        let lines = self.layers.iter().map(|layer| layer.outputs.div_ceil(T::WIDTH));
        batch::chunk(lines.sum::<usize>() * size_of::<T::Line>())
    }

    /// Parameters by name, with shape: `layer.0.weight` `[outputs, inputs]` (of a convolution `[outputs, channels, height,
    /// width]`), `layer.0.bias` `[outputs]`, …, and `layer.0.gain` `[outputs]` of normalised units. In the
    /// NTK parametrisation these are the raw W, before the factor 1/√inputs.
    pub fn named(&self, parameters: &[f32]) -> Vec<(String, Vec<usize>, Vec<f32>)> {
        let mut named = Vec::new();
        for (index, layer) in self.layers.iter().enumerate() {
            let weight = parameters[layer.weight.clone()].to_vec();
            let shape = match self.wiring.as_ref().and_then(|wiring| wiring.kernel(index)) {
                Some(kernel) => [layer.outputs].into_iter().chain(kernel).collect(),
                None => vec![layer.outputs, layer.inputs],
            };
            named.push((format!("layer.{index}.weight"), shape, weight));
            if !layer.bias.is_empty() {
                let bias = parameters[layer.bias.clone()].to_vec();
                named.push((format!("layer.{index}.bias"), vec![layer.outputs], bias));
            }
        }
        for (index, gain) in self.gains().enumerate() {
            named.push((format!("layer.{index}.gain"), vec![gain.len()], parameters[gain].to_vec()));
        }
        named
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Init;

    fn model(hidden: &[usize], bias: bool, kind: InitKind) -> ModelSpec {
        let init = Init { kind, scale: 1.0 };
        ModelSpec::Mlp {
            hidden: hidden.to_vec(),
            activation: Activation::Tanh,
            bias,
            init,
            batch_norm: false,
            dropout: 0.0,
        }
    }

    #[test]
    fn layers_tile_the_parameters_in_order() {
        for (hidden, bias, count) in [(&[5, 4][..], true, 20 + 24 + 15), (&[], true, 12), (&[2], false, 12)] {
            let network = Network::new(&model(hidden, bias, InitKind::He), 3, 3, Loss::Squared).unwrap();
            assert_eq!(network.parameters(), count);
            let parameters: Vec<f32> = (0..count as u16).map(f32::from).collect();
            let named = network.named(&parameters);
            assert!(named.iter().all(|(_, shape, values)| shape.iter().product::<usize>() == values.len()));
            let flat: Vec<f32> = named.into_iter().flat_map(|(_, _, values)| values).collect();
            assert_eq!(flat, parameters);
        }
    }

    #[test]
    fn a_layer_without_units_is_refused() {
        for (hidden, inputs, outputs) in [(&[4, 0][..], 3, 2), (&[], 0, 2), (&[], 3, 0)] {
            let made = Network::new(&model(hidden, true, InitKind::He), inputs, outputs, Loss::Squared);
            assert!(matches!(made, Err(ShapeError::EmptyLayer(_))));
        }
    }

    #[test]
    fn only_the_ntk_parametrisation_scales() {
        let scale =
            |kind| Network::new(&model(&[], true, kind), 16, 1, Loss::Squared).unwrap().layers[0].scale;
        assert_eq!([InitKind::He, InitKind::Lecun, InitKind::Normal].map(scale), [1.0; 3]);
        assert_eq!(scale(InitKind::Ntk), 0.25);
    }
}
