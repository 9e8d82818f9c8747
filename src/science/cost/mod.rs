//! What a run costs, counted before it is begun: its work in multiply-adds, and the bytes it needs.
//!
//! A run has four parts: getting ready (drawing examples and weights), steps, rows of what is always measured, and
//! products with the Hessian. How often each comes follows from the spec (`counts`); what one of each takes follows
//! from the shape of the network and the batch alone (`work`). Seconds are no business of this room: whoever has
//! timed some runs multiplies.

use std::ops::{Add, Mul};

use serde::{Deserialize, Serialize};

use super::optimizer::Demand;
use crate::data::Shape;
use crate::science::dense::Form;
use crate::spec::{Activation, Engine, Loss, RunSpec};

mod counts;
mod exact;
pub mod memory;
mod tally;
mod wired;
mod work;

pub use counts::Counts;
pub use exact::Exact;
pub use wired::Wired;

/// Everything that decides what a part of a run costs, and nothing that decides how often it comes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outline {
    /// Widths of the layers, inputs first, outputs last.
    pub widths: Vec<usize>,
    /// Whether layers have biases.
    pub bias: bool,
    /// The nonlinearity.
    pub activation: Activation,
    /// What is minimised.
    pub loss: Loss,
    /// What differentiates.
    pub engine: Engine,
    /// What a step takes besides a gradient.
    pub optimizer: Demand,
    /// Whether every step draws noise on its targets.
    pub noise: bool,
    /// Examples per step.
    pub batch: usize,
    /// Examples to train on.
    pub train: usize,
    /// Examples to test on.
    pub test: usize,
    /// What its passes take, if it is more than dense layers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wired: Option<Wired>,
    /// What else it takes, if it is not trained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exact: Option<Exact>,
}

impl Outline {
    /// Of a run on a dataset of this shape.
    pub fn of(spec: &RunSpec, shape: Shape) -> Self {
        let (train, test) = (spec.dataset.train, spec.dataset.test);
        let (hidden, activation, bias) = match Form::of(&spec.model) {
            Ok(Form { hidden, activation, bias, .. }) => (hidden, activation, bias),
            // What is no network takes what stands in `exact`.
            Err(_) => (Vec::new(), Activation::Linear, false),
        };
        // Two classes are one sign.
        let outputs = if spec.loss.is_of_signs() { 1 } else { shape.outputs };
        let outline = Self {
            widths: [shape.inputs].into_iter().chain(hidden).chain([outputs]).collect(),
            bias,
            activation,
            loss: spec.loss,
            engine: spec.engine,
            optimizer: Demand::of(&spec.optimizer),
            noise: spec.optimizer.label_noise != 0.0,
            batch: spec.optimizer.batch_size.clamp(1, train.max(1)),
            train,
            test,
            wired: Wired::of(spec, shape),
            exact: None,
        };
        Self { exact: Exact::of(spec, shape, &outline), ..outline }
    }

    /// The same with at most so many examples of each part: cheaper to try, and its steps on full batches and its
    /// products are as fast per example.
    #[must_use]
    pub fn cut(&self, rows: usize) -> Self {
        let rows = rows.max(1);
        let (train, test) = (self.train.min(rows), self.test.min(rows));
        Self { train, test, batch: self.batch.min(rows), ..self.clone() }
    }

    /// Number of weights and biases.
    pub fn parameters(&self) -> f64 {
        if let Some(wired) = self.wired {
            return wired.parameters as f64;
        }
        let biases = if self.bias { self.units() } else { 0.0 };
        self.layers().map(|(inputs, outputs)| inputs * outputs).sum::<f64>() + biases
    }

    /// Inputs and outputs of each layer.
    fn layers(&self) -> impl Iterator<Item = (f64, f64)> {
        self.widths
            .iter()
            .zip(self.widths.iter().skip(1))
            .map(|(&inputs, &outputs)| (inputs as f64, outputs as f64))
    }

    /// Units of all layers, the inputs not counted.
    fn units(&self) -> f64 {
        self.layers().map(|(_, outputs)| outputs).sum()
    }

    /// Outputs.
    fn outputs(&self) -> f64 {
        self.widths.last().map_or(0.0, |&outputs| outputs as f64)
    }

    /// Numbers in an example.
    fn example(&self) -> f64 {
        (self.widths.first().unwrap_or(&0) + self.widths.last().unwrap_or(&0)) as f64
    }

    /// Steps per epoch.
    fn steps_per_epoch(&self) -> u64 {
        self.train.div_ceil(self.batch.max(1)).max(1) as u64
    }
}

/// One number for each part of a run: how often it comes, what one of it takes, or what all of it takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parts {
    /// Getting ready.
    pub ready: f64,
    /// Steps.
    pub steps: f64,
    /// Rows of what is always measured.
    pub rows: f64,
    /// Products with the Hessian; a gradient in f64 is half of one.
    pub products: f64,
}

impl Parts {
    /// Of all parts together.
    pub fn sum(self) -> f64 {
        self.ready + self.steps + self.rows + self.products
    }

    /// The numbers that `f` makes of these.
    #[must_use]
    pub fn map(self, f: impl Fn(f64) -> f64) -> Self {
        Self { ready: f(self.ready), steps: f(self.steps), rows: f(self.rows), products: f(self.products) }
    }
}

/// Part by part.
impl Mul for Parts {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self {
            ready: self.ready * other.ready,
            steps: self.steps * other.steps,
            rows: self.rows * other.rows,
            products: self.products * other.products,
        }
    }
}

/// Part by part.
impl Add for Parts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            ready: self.ready + other.ready,
            steps: self.steps + other.steps,
            rows: self.rows + other.rows,
            products: self.products + other.products,
        }
    }
}

#[cfg(test)]
mod tests;
