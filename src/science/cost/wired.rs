//! What a pass takes through a network that is more than dense layers.

use serde::{Deserialize, Serialize};

use super::Outline;
use crate::data::Shape;
use crate::science::dense::{Form, Network};
use crate::spec::RunSpec;

/// Multiply-adds of what is done with a number besides products, forward and back.
const NUMBER: f64 = 25.0;

/// Numbers that are kept at once for each that a pass makes: itself, its slope, in panels.
const KEPT: f64 = 4.0;

/// Most examples at a time, where they can be taken apart.
const PORTION: f64 = 256.0;

/// Per example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wired {
    /// Multiply-adds of the products of a forward pass.
    pub work: u64,
    /// Numbers that go into products and come out of them.
    pub numbers: u64,
    /// Number of weights and biases, of all examples together.
    pub parameters: u64,
    /// Whether all examples are taken at once.
    pub whole: bool,
}

impl Wired {
    /// Of a run on a dataset of this shape; `None` where its layers are plain.
    pub(super) fn of(spec: &RunSpec, shape: Shape) -> Option<Self> {
        let form = Form::of(&spec.model).ok()?;
        if form.convolutions.is_none() && !form.batch_norm && spec.model.dropout() == 0.0 {
            return None;
        }
        let outputs = if spec.loss.is_of_signs() { 1 } else { shape.outputs };
        let network = Network::new(&spec.model, shape.inputs, outputs, spec.loss).ok()?.wired();
        let rows = network.rows();
        let layers = || network.layers().iter().zip(&rows);
        let work: usize = layers().map(|(layer, rows)| rows * layer.inputs * layer.outputs).sum();
        let numbers: usize = layers().map(|(layer, rows)| rows * (layer.inputs + layer.outputs)).sum();
        let (work, numbers, parameters) = (work as u64, numbers as u64, network.parameters() as u64);
        Some(Self { work, numbers, parameters, whole: form.batch_norm })
    }

    /// Multiply-adds of so many passes forward over an example, each with what is done besides.
    pub(super) fn passes(self, count: f64) -> f64 {
        count * (self.work as f64 + NUMBER * self.numbers as f64)
    }

    /// Numbers that are held while a pass goes over so many rows.
    pub(super) fn held(self, rows: f64) -> f64 {
        KEPT * self.numbers as f64 * if self.whole { rows } else { rows.min(PORTION) }
    }
}

impl Outline {
    /// Numbers that passes hold besides those of dense layers.
    pub(super) fn held(&self, rows: usize) -> f64 {
        self.wired.map_or(0.0, |wired| wired.held(rows as f64))
    }
}
