//! The bytes that a worker needs for a run, besides those that every process of the program has.

use super::Outline;
use crate::data::Shape;
use crate::science::dense::batch::chunk;
use crate::science::dense::hessian::KEPT_BYTES;
use crate::science::dense::{Network, Real};
use crate::spec::{Activation, Engine, MeasureSpec};

/// Bytes of a number in training and of one in curvature.
const SINGLE: f64 = 4.0;
const DOUBLE: f64 = 8.0;

/// What reads files: its code comes into memory when it is first used.
const DECODER: f64 = 7e6;

/// Examples are gathered into vectors that grow, and not all of what they have outgrown is given back at once.
const GROWN: f64 = 1.5;

/// Tensors that autograd holds at the end of its forward half, per unit and row, and per parameter.
const AUTOGRAD_UNIT: f64 = 8.0;
const AUTOGRAD_PARAMETER: f64 = 4.0;

impl Outline {
    /// Bytes at the most, on a dataset of this shape.
    pub fn bytes(&self, shape: Shape, measured: &[MeasureSpec]) -> f64 {
        let stored = (shape.rows * shape.inputs) as f64;
        let all = (self.train + self.test) as f64;
        let drawn = GROWN * SINGLE * all * self.example();
        let exact = self.exact.map_or(0.0, |exact| exact.bytes as f64);
        let run =
            drawn + all * self.example_bytes::<f32>() + self.training() + self.curvature(measured) + exact;
        if shape.bytes == 0 {
            // Made up in f64 for every run, and gone before it is trained.
            return run.max(drawn + (SINGLE + DOUBLE) * stored);
        }
        // A picture is one byte a number in its file; a table has few enough numbers not to matter.
        DECODER + SINGLE * stored + run.max(stored + shape.bytes as f64)
    }

    /// What the loop holds: parameters and what goes with them, batches, tapes.
    fn training(&self) -> f64 {
        let (batch, most) = (self.batch as f64, self.train.max(self.test));
        // Weights, those of them that are turned; at the end the weights are copied twice on their way into their file.
        let copies = 4.0 + f64::from(self.optimizer.vectors);
        let batches = if self.batch < self.train {
            batch * self.example_bytes::<f32>() + 8.0 * self.train as f64
        } else {
            0.0
        };
        let engine = match self.engine {
            // A product with the Hessian has a tape of its own, and tangents.
            Engine::Dense if self.optimizer.gradients > 2 => {
                let tapes = [Halves::Both, Halves::Both, Halves::Twice];
                let row: f64 = tapes.into_iter().map(|halves| self.tape_bytes::<f32>(halves)).sum();
                self.portion::<f32>(self.batch) * row
            }
            // Passes are what the exact procedures look at networks with, too.
            Engine::Dense | Engine::Exact => {
                self.portion::<f32>(self.batch) * self.tape_bytes::<f32>(Halves::Both)
            }
            Engine::Autograd => {
                SINGLE * (AUTOGRAD_UNIT * self.units() * batch + AUTOGRAD_PARAMETER * self.parameters())
            }
        };
        let looks = self.portion::<f32>(most) * self.tape_bytes::<f32>(Halves::Forward);
        let targets =
            self.widths.last().map_or(0.0, |&width| SINGLE * width as f64 + line_bytes::<f32>(width));
        let noise = if self.noise { batch * targets } else { 0.0 };
        let wired = SINGLE * (self.held(self.batch) + self.held(most));
        SINGLE * copies * self.parameters() + batches + engine + looks + noise + wired
    }

    /// What is held while anything of second order is measured: everything again in f64, and the basis of Lanczos.
    fn curvature(&self, measured: &[MeasureSpec]) -> f64 {
        let asked = || measured.iter().filter(|measure| !measure.quantity.info().always);
        if asked().next().is_none() {
            return 0.0;
        }
        let (train, portion) = (self.train as f64, self.portion::<f64>(self.train));
        let kept = Network::kept_bytes::<f64>(self.train, self.widths.iter().skip(1).copied());
        let rows = if kept <= KEPT_BYTES { train } else { portion };
        let tapes = rows * self.tape_bytes::<f64>(Halves::Twice);
        let tangents = portion * self.tape_bytes::<f64>(Halves::Both);
        // Weights, gradient, direction and product, each also in panels, the initial weights, and what the measures themselves hold.
        let vectors = 9.0 + asked().map(|measure| self.tally(measure).vectors).fold(0.0, f64::max);
        // Dual numbers are two.
        let wired = 2.0 * DOUBLE * self.held(self.train);
        train * self.example_bytes::<f64>() + tapes + tangents + wired + DOUBLE * vectors * self.parameters()
    }

    /// An example in panels.
    fn example_bytes<T: Real>(&self) -> f64 {
        let ends = [self.widths.first(), self.widths.last()];
        ends.into_iter().flatten().map(|&width| line_bytes::<T>(width)).sum()
    }

    /// A row of a tape.
    fn tape_bytes<T: Real>(&self, halves: Halves) -> f64 {
        let hidden =
            || self.widths[1..self.widths.len().max(2) - 1].iter().map(|&width| line_bytes::<T>(width));
        let outputs = self.widths.last().map_or(0.0, |&width| line_bytes::<T>(width));
        let bent = !matches!(self.activation, Activation::Relu | Activation::Linear);
        let values = hidden().sum::<f64>() + outputs;
        // Of the first layer there is one panel of deltas at a time.
        let deltas = hidden().skip(1).sum::<f64>() + outputs + line_bytes::<T>(1);
        let derivatives = if bent { hidden().sum() } else { 0.0 };
        match halves {
            Halves::Forward => values,
            Halves::Both => values + deltas + derivatives,
            Halves::Twice => values + deltas + 2.0 * derivatives,
        }
    }

    /// The rows that a pass takes at once.
    fn portion<T: Real>(&self, rows: usize) -> f64 {
        rows.min(self.chunk::<T>()) as f64
    }

    /// The same, of as many rows as there may be.
    pub(super) fn chunk<T: Real>(&self) -> usize {
        let bytes: f64 = self.widths.iter().skip(1).map(|&width| line_bytes::<T>(width)).sum();
        chunk(bytes as usize)
    }
}

/// What a tape is kept for.
#[derive(Clone, Copy)]
enum Halves {
    Forward,
    Both,
    /// Second derivatives too.
    Twice,
}

/// Numbers of a row, with what fills their last line.
fn line_bytes<T: Real>(numbers: usize) -> f64 {
    (numbers.div_ceil(T::WIDTH) * size_of::<T::Line>()) as f64
}
