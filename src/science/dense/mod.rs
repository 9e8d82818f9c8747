//! Dense networks: shapes and the layout of all parameters in one flat vector, layer by layer, the weights
//! `outputs × inputs` row-major, then the biases. That is how everybody else knows them. The passes keep their matrices
//! in [`panels`], with [`Parameters`] and [`Examples`] between the two:
//!
//! ```text
//! real  panels            numbers in vectors, matrices in lines of the cache
//! product  elementwise    what is done with them
//! transpose  exp  tanh
//! parameters  batch       weights and examples in panels
//! activation  loss        what a network consists of
//! forward  backward       the halves of a pass, over the buffers of a tape
//! pass                    losses and gradients: what trains
//! hessian                 exact products with the Hessian and the Gauss–Newton matrix
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
mod tanh;
mod tape;
mod transpose;

pub use batch::{Batch, Examples, Rows};
pub use hessian::{Curvature, Products};
pub use parameters::Parameters;
pub use pass::Pass;
pub use real::{Real, vectorized};

/// Why a network cannot be made.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ShapeError {
    /// A layer would have no units.
    #[error("a network needs at least one input, one output and one unit in each hidden layer: {0:?}")]
    EmptyLayer(Vec<usize>),
    /// A product has one input and one output.
    #[error("a product of weights has one input and one output, and the data have {0} and {1}")]
    Product(usize, usize),
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
    /// Whether each layer divides by √inputs.
    ntk: bool,
}

impl Form {
    /// Of a model that is a network.
    pub fn of(model: &ModelSpec) -> Result<Self, ShapeError> {
        let activation = Activation::Linear;
        Ok(match model {
            ModelSpec::Mlp { hidden, activation, bias, init } => Self {
                hidden: hidden.clone(),
                activation: *activation,
                bias: *bias,
                ntk: init.kind == InitKind::Ntk,
            },
            ModelSpec::Linear { bias, init } => {
                Self { hidden: Vec::new(), activation, bias: *bias, ntk: init.kind == InitKind::Ntk }
            }
            ModelSpec::Product { init } => {
                Self { hidden: vec![1; init.len().saturating_sub(1)], activation, bias: false, ntk: false }
            }
            other => return Err(ShapeError::NoNetwork(other.word())),
        })
    }
}

/// A dense network: widths, nonlinearity, loss, and where each layer's parameters lie. It holds no parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    layers: Vec<Layer>,
    activation: Activation,
    loss: Loss,
    parameters: usize,
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

impl Network {
    /// The network that `model` describes between `inputs` and `outputs`.
    pub fn new(model: &ModelSpec, inputs: usize, outputs: usize, loss: Loss) -> Result<Self, ShapeError> {
        let Form { hidden, activation, bias, ntk } = Form::of(model)?;
        let widths: Vec<usize> = [inputs].into_iter().chain(hidden).chain([outputs]).collect();
        if widths.contains(&0) {
            return Err(ShapeError::EmptyLayer(widths));
        }
        if matches!(model, ModelSpec::Product { .. }) && (inputs, outputs) != (1, 1) {
            return Err(ShapeError::Product(inputs, outputs));
        }
        let mut parameters = 0;
        let mut take = |count: usize| {
            parameters += count;
            parameters - count..parameters
        };
        let layers = widths.iter().zip(&widths[1..]).map(|(&inputs, &outputs)| Layer {
            inputs,
            outputs,
            weight: take(inputs * outputs),
            bias: take(if bias { outputs } else { 0 }),
            scale: if ntk { 1.0 / (inputs as f64).sqrt() } else { 1.0 },
        });
        Ok(Self { layers: layers.collect(), activation, loss, parameters })
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
    pub fn activation(&self) -> Activation {
        self.activation
    }

    /// What is minimised.
    pub fn loss_kind(&self) -> Loss {
        self.loss
    }

    /// Input dimension.
    pub fn inputs(&self) -> usize {
        self.layers.first().map_or(0, |layer| layer.inputs)
    }

    /// Output dimension.
    pub fn outputs(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.outputs)
    }

    /// Rows that a pass takes at once.
    fn chunk<T: Real>(&self) -> usize {
        let lines = self.layers.iter().map(|layer| layer.outputs.div_ceil(T::WIDTH));
        batch::chunk(lines.sum::<usize>() * size_of::<T::Line>())
    }

    /// Parameters by name, with shape: `layer.0.weight` `[outputs, inputs]`, `layer.0.bias` `[outputs]`, … In the
    /// NTK parametrisation these are the raw W, before the factor 1/√inputs.
    pub fn named(&self, parameters: &[f32]) -> Vec<(String, Vec<usize>, Vec<f32>)> {
        let mut named = Vec::new();
        for (index, layer) in self.layers.iter().enumerate() {
            let weight = parameters[layer.weight.clone()].to_vec();
            named.push((format!("layer.{index}.weight"), vec![layer.outputs, layer.inputs], weight));
            if !layer.bias.is_empty() {
                let bias = parameters[layer.bias.clone()].to_vec();
                named.push((format!("layer.{index}.bias"), vec![layer.outputs], bias));
            }
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
        ModelSpec::Mlp { hidden: hidden.to_vec(), activation: Activation::Tanh, bias, init }
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
