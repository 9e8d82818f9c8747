//! The bytes that a worker needs for a run, besides those that every process of the program has.

use super::Outline;
use crate::data::Shape;
use crate::science::dense::batch::CHUNK;
use crate::science::dense::hessian::KEPT_BYTES;
use crate::spec::{Activation, Engine, MeasureSpec, Quantity};

/// Bytes of a number in training and of one in curvature.
const SINGLE: f64 = 4.0;
const DOUBLE: f64 = 8.0;

/// What reads files: its code comes into memory when it is first used.
const DECODER: f64 = 7e6;

/// Examples are gathered into vectors that grow, and not all of what they have outgrown is given back at once.
const GROWN: f64 = 1.5;

/// Buffers of a tape, per unit of a layer and row: values, slopes, deltas.
const TAPE: f64 = 3.0;

/// Tensors that autograd holds at the end of its forward half, per unit and row, and per parameter.
const AUTOGRAD_UNIT: f64 = 8.0;
const AUTOGRAD_PARAMETER: f64 = 4.0;

impl Outline {
    /// Bytes at the most, on a dataset of this shape.
    pub fn bytes(&self, shape: Shape, measured: &[MeasureSpec]) -> f64 {
        let stored = (shape.rows * shape.inputs) as f64;
        let (train, test) = (self.train as f64, self.test as f64);
        let examples = GROWN * SINGLE * (train + test) * self.example();
        let run = examples + self.training() + self.curvature(measured);
        if shape.bytes == 0 {
            // Made up in f64 for every run, and gone before it is trained.
            return run.max(examples + (SINGLE + DOUBLE) * stored);
        }
        // A picture is one byte a number in its file; a table has few enough numbers not to matter.
        DECODER + SINGLE * stored + run.max(stored + shape.bytes as f64)
    }

    /// What the loop holds: parameters and what goes with them, batches, tapes.
    fn training(&self) -> f64 {
        let (batch, most) = (self.batch as f64, self.train.max(self.test));
        // Weights and gradient; at the end the weights are copied twice on their way into their file.
        let copies = if self.momentum { 5.0 } else { 4.0 };
        let batches = if self.batch < self.train {
            SINGLE * batch * self.example() + 8.0 * self.train as f64
        } else {
            0.0
        };
        let engine = match self.engine {
            Engine::Dense => SINGLE * TAPE * self.units() * portion(self.batch),
            Engine::Autograd => {
                SINGLE * (AUTOGRAD_UNIT * self.units() * batch + AUTOGRAD_PARAMETER * self.parameters())
            }
        };
        SINGLE * copies * self.parameters() + batches + engine + SINGLE * TAPE * self.units() * portion(most)
    }

    /// What is held while anything of second order is measured: everything again in f64, and the basis of Lanczos.
    fn curvature(&self, measured: &[MeasureSpec]) -> f64 {
        let asked = || measured.iter().filter(|measure| !measure.quantity.info().always);
        if asked().next().is_none() {
            return 0.0;
        }
        let train = self.train as f64;
        let kept = train * self.units() * 4.0 * DOUBLE <= KEPT_BYTES as f64;
        let rows = if kept { train } else { portion(self.train) };
        let bends = if matches!(self.activation, Activation::Relu | Activation::Linear) { 0.0 } else { 1.0 };
        let tapes = (TAPE + bends) * self.units() * rows + TAPE * self.units() * portion(self.train);
        // Weights and gradient, besides what the measures themselves hold.
        let vectors = 2.0 + asked().map(|measure| self.vectors(measure)).fold(0.0, f64::max);
        DOUBLE * (train * self.example() + tapes + vectors * self.parameters())
    }

    /// Vectors as long as the parameters that a measurement holds.
    fn vectors(&self, measure: &MeasureSpec) -> f64 {
        match measure.quantity {
            // The basis, the vector and its image.
            Quantity::LambdaMax => self.products(measure) + 2.0,
            // Probe and image.
            Quantity::HessianTrace => 2.0,
            Quantity::SamSharpness => 1.0,
            _ => 0.0,
        }
    }
}

/// The rows that a pass takes at once.
fn portion(rows: usize) -> f64 {
    rows.min(CHUNK) as f64
}
